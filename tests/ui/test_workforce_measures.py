"""ui/workforce_measures.py: posts in hours, what rounding leaves open, and quarters with more posts vacant."""

from __future__ import annotations

import datetime as dt
import statistics
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.store import make_store
from tests.ui.workforce_store import POSTS, VACANT, add_workforce
from ui import workforce_measures as measures
from ui.access import demonstration
from ui.capacity_inputs import posts_by_role
from ui.data import Snapshot


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    place: Path = tmp_path_factory.mktemp("workforce")
    add_workforce(make_store(place, "full"))
    return Snapshot(demonstration(), place)


def test_hours_are_posts_times_the_week_of_the_census_day(snapshot):
    cells = measures.whole(measures.figure(snapshot, measures.VACANCY))
    rows = {row["period_end"]: row for row in cells.to_dicts()}
    posts = int(4 * sum(POSTS.values()) + 0.5)
    for day, week in ((dt.date(2024, 3, 31), 37.5), (dt.date(2024, 6, 30), 37.0), (dt.date(2026, 6, 30), 36.0)):
        assert rows[day]["full_time_hours"] == week
        assert rows[day]["hours_a_week"] == pytest.approx(posts * (1 - VACANT) * week)


def test_posts_filled_are_those_of_the_page_capacity(snapshot):
    beside = measures.newest(measures.whole(measures.figure(snapshot, measures.VACANCY, (("site", "GLA"),), "role")))
    staff = posts_by_role(snapshot)
    assert staff is not None
    known = staff.filter(pl.col("period") == pl.col("period").max(), site="GLA")
    shown = beside.filter(state="shown").select("code", "in_post_wte").rows()
    assert dict(shown) == dict(known.select("role", "in_post_wte").rows())


def test_posts_that_a_quarter_does_not_tell_are_not_called_hidden(snapshot):
    found = measures.figure(snapshot, measures.LONG, (), "role")
    assert found is not None
    without = found.cells.filter(
        ~((pl.col("code") == "bioinformatician") & (pl.col("period_start") > dt.date(2026, 1, 1)))
    )
    absent = without.with_columns(state=pl.lit("confidential"), value=pl.lit(None, pl.Float64))
    told = measures.whole(type(found)(**{**found.__dict__, "cells": absent}))
    assert set(told["state"]) == {"not_available"}


def test_what_is_told_of_age_stays_hidden(snapshot):
    found = measures.figure(snapshot, measures.OLDER, (), "role")
    assert found is not None
    absent = found.cells.with_columns(state=pl.lit("confidential"))
    assert set(measures.whole(type(found)(**{**found.__dict__, "cells": absent}))["state"]) == {"confidential"}


@given(
    exact=st.tuples(st.floats(1, 60), st.floats(1, 60)),
    vacant=st.tuples(st.floats(0, 0.5), st.floats(0, 0.5)),
    week=st.tuples(st.sampled_from([36.0, 37.0, 37.5]), st.sampled_from([36.0, 37.0, 37.5])),
)
def test_growth_of_exact_posts_lies_within_what_rounding_leaves_open(exact, vacant, week):
    rows = []
    for posts, rate, hours in zip(exact, vacant, week, strict=True):
        filled = int(posts + 0.5) * (1 - rate)
        rows.append({"value": rate, "full_time_hours": hours, "in_post_wte": filled, "hours_a_week": filled * hours})
    truth = exact[1] * (1 - vacant[1]) / (exact[0] * (1 - vacant[0])) - 1
    _, least, most = measures.grown(rows[0], rows[1], "in_post_wte")
    assert least - 1e-9 <= truth <= most + 1e-9
    _, least, most = measures.grown(rows[0], rows[1], "hours_a_week")
    assert least - 1e-9 <= (1 + truth) * week[1] / week[0] - 1 <= most + 1e-9


RATES = st.lists(st.tuples(st.integers(0, 30), st.integers(40, 100)), min_size=1, max_size=14)


@given(st.dictionaries(st.sampled_from(["ABE", "DUN", "EDI", "GLA"]), RATES, min_size=1))
def test_quarters_with_more_posts_vacant_are_those_above_the_median_of_their_laboratory(series):
    rows = pl.DataFrame(
        [
            {"site": site, "vacancy": vacant / 100, "within": within / 100}
            for site, pairs in series.items()
            for vacant, within in pairs
        ]
    )
    plain = {}
    for site, pairs in series.items():
        middle = statistics.median(vacant / 100 for vacant, _ in pairs)
        more = [within / 100 for vacant, within in pairs if vacant / 100 > middle]
        fewer = [within / 100 for vacant, within in pairs if vacant / 100 <= middle]
        if len(more) >= 3 and len(fewer) >= 3:
            plain[site] = (pytest.approx(sum(more) / len(more)), pytest.approx(sum(fewer) / len(fewer)))
    found = {row["site"]: (row["more"], row["fewer"]) for row in measures.halves(rows).to_dicts()}
    assert found == plain


def test_a_census_stands_beside_the_requests_due_in_its_quarter(snapshot):
    rows = measures.side_by_side(snapshot, "genetic_technologist")
    short = rows.filter(site="DUN").filter(pl.col("vacancy") > 0.5)
    assert short["period_start"].to_list() == [dt.date(2024, 1, 1), dt.date(2024, 4, 1)]
    share = snapshot.cells("reported_within_standard", "quarter", {"performing_lab": "DUN"})
    one = share.filter(period_start=dt.date(2024, 1, 1), statistic="share")
    assert short["within"][0] == one["value"].item()
