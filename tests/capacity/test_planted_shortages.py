"""The shortages that the demonstration states are found by the load ratio: laboratory, role and dates."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from capacity import workload
from capacity.assumptions import read_assumptions
from pipelines.demo import truth
from pipelines.demo.days import Months
from pipelines.demo.workforce import send_workforce
from tests.conftest import Published
from ui import capacity_answers, capacity_inputs
from ui.access import demonstration
from ui.data import Snapshot

BASE = read_assumptions()
QUARTER = 0.25

#: Requests a year that the demonstration's laboratories perform, halfway through its record.
REQUESTS = {
    "acute_child": (120, 15, 235, 455), "cancer_lung": (480, 150, 920, 1930),
    "cancer_standard": (1720, 1200, 3490, 7360), "familial_targeted": (330, 160, 450, 900),
    "nipt": (5, 5, 560, 1000), "pharmacogenetic": (620, 340, 830, 1750), "predictive": (370, 180, 505, 1130),
    "prenatal_culture": (35, 25, 80, 115), "prenatal_molecular": (35, 20, 65, 145),
    "prenatal_rapid": (150, 70, 230, 475), "rare_complex": (1390, 420, 2940, 5670),
    "rare_standard": (2210, 950, 3200, 6640), "urgent_array": (240, 105, 390, 745),
    "urgent_haemonc": (145, 95, 200, 470), "urgent_panel": (165, 70, 300, 575), "whole_genome": (0, 0, 635, 1150),
}  # fmt: skip
SITES = ("ABE", "DUN", "EDI", "GLA")
STATED = {
    ("DUN", "genetic_technologist"): truth.VACANCY_DUNDEE_TECHNOLOGISTS,
    ("GLA", "clinical_scientist"): truth.VACANCY_GLASGOW_SCIENTISTS,
}


def loads(seed: int) -> pl.DataFrame:
    """Load by census with the demonstration's exact posts, the requests being the same in every quarter."""
    months = Months(2021 * 12 + 4, 2026 * 12 + 9)
    posts = pl.concat([sending.rows for sending in send_workforce(months, seed)])
    places = ["site_code", "role", "census_date", "full_time_hours"]
    staff = (
        posts.group_by(places, maintain_order=True)
        .agg(pl.col("in_post_wte").sum())
        .rename({"site_code": "site", "census_date": "period"})
        # The shorter week raises every load: it is no shortage of posts.
        .with_columns(full_time_hours=pl.lit(37.0))
    )
    demand = pl.DataFrame(
        [
            (site, category, day, number / 4)
            for day in staff["period"].unique()
            for category, numbers in REQUESTS.items()
            for site, number in zip(SITES, numbers, strict=True)
        ],
        schema=["site", "category", "period", "requests"],
        orient="row",
    )
    return workload.load(demand, staff, BASE, QUARTER)


@pytest.fixture(scope="module", params=[20240401, 11, 5])
def found(request: pytest.FixtureRequest) -> pl.DataFrame:
    return loads(request.param)


@pytest.mark.parametrize("place", STATED, ids=["DUN", "GLA"])
def test_the_role_that_is_short_is_the_bottleneck_of_its_laboratory_at_every_census(found, place):
    site, role = place
    start, end, _ = STATED[place]
    worst = workload.bottlenecks(found).filter(pl.col("period").is_between(start, end), site=site)
    assert set(worst["role"]) == {role}
    assert worst.height == len([day for day in found["period"].unique() if start <= day <= end])


@pytest.mark.parametrize("place", STATED, ids=["DUN", "GLA"])
def test_its_load_is_above_amber_then_and_lower_before_and_after(found, place):
    site, role = place
    start, end, _ = STATED[place]
    own = found.filter(site=site, role=role).sort("period")
    inside = pl.col("period").is_between(start, end)
    near = pl.col("period").is_between(start - dt.timedelta(days=380), end + dt.timedelta(days=380))
    short, usual = (float(own.filter(near, which)["load_ratio"].mean()) for which in (inside, ~inside))
    assert short > BASE.value("load_amber")
    assert short > 1.08 * usual


def test_no_other_role_moves_so_in_those_months(found):
    for start, end, _ in STATED.values():
        inside = pl.col("period").is_between(start, end)
        near = pl.col("period").is_between(start - dt.timedelta(days=380), end + dt.timedelta(days=380))
        # A handful of posts moves by chance alone.
        many = found.filter(near & (pl.col("in_post_wte") >= 10))
        moved = many.group_by("site", "role").agg(
            times=pl.col("load_ratio").filter(inside).mean() / pl.col("load_ratio").filter(~inside).mean()
        )
        others = [row for row in moved.to_dicts() if STATED.get((row["site"], row["role"]), ())[:2] != (start, end)]
        assert others
        assert max(row["times"] for row in others) < 1.08


@pytest.mark.slow
@pytest.mark.xdist_group("full")
def test_a_published_release_tells_them_from_protected_cells_alone(full: Published) -> None:
    inputs = capacity_inputs.read_inputs(Snapshot(demonstration(), full.folders.data))
    assert inputs is not None
    history = capacity_answers.work(inputs, BASE).history
    worst = workload.bottlenecks(history)
    for (site, role), (start, end, _) in STATED.items():
        first = dt.date(start.year, start.month - 2, 1)
        own = worst.filter(pl.col("period").is_between(first, end), site=site)
        assert set(own["role"]) == {role}
        assert float(own["load_ratio"].mean()) > BASE.value("load_amber")


@pytest.mark.slow
@pytest.mark.xdist_group("full")
def test_an_ordinary_role_of_the_demonstration_is_loaded_but_not_beyond_its_hours(full: Published) -> None:
    inputs = capacity_inputs.read_inputs(Snapshot(demonstration(), full.folders.data))
    assert inputs is not None
    now = capacity_answers.work(inputs, BASE).now
    assert now.height == 24
    assert 0.75 < float(now["load_ratio"].median()) < 0.95
    assert now["load_ratio"].max() < 1.0
