"""T6 and T20: linear programming over whole lattices of cells, and a manager who knows the own board exactly."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from tests.attack.attacker import KEY, NO_END, PLACE, WITHIN, Lattice, narrowed, programme, told
from tests.attack.conftest import Victim
from tests.conftest import Published

pytestmark = pytest.mark.slow


def _newest(known: Lattice, indicator: str, grain: str) -> dt.date:
    own = known.counts.filter(indicator=indicator, grain=grain).filter(pl.col("is_shown"))
    found: dt.date = own["period_start"].max()
    return found


def _within(known: Lattice, indicator: str, cubes: list[str], grain: str) -> pl.Expr:
    """The cells of these cubes in the newest period of a grain, with all shorter periods in it."""
    start = _newest(known, indicator, grain)
    end = known.counts.filter(indicator=indicator, grain=grain, period_start=start)["period_end"][0]
    return (
        (pl.col("indicator") == indicator)
        & pl.col("cube").is_in(cubes)
        & (pl.col("period_start") >= start)
        & (pl.col("period_end") <= end)
    )


LATTICES = {
    "ethnic group by board": (
        "people_tested",
        "year",
        ["", "residence_board", "ethnic_category", "residence_board+ethnic_category"],
    ),
    "category by board": (
        "requests_received",
        "year",
        ["", "requesting_board", "turnaround_category", "requesting_board+turnaround_category"],
    ),
    "a quarter with its months": ("requests_received", "quarter", ["", "performing_lab", "turnaround_category"]),
    "open requests three ways": (
        "open_requests",
        "month",
        [
            "",
            "open_age",
            "performing_lab",
            "turnaround_category",
            "performing_lab+open_age",
            "performing_lab+turnaround_category",
            "turnaround_category+open_age",
            "performing_lab+turnaround_category+open_age",
        ],
    ),
    "a share and its parts": (
        "ethnicity_recorded",
        "quarter",
        ["", "residence_board", "receiving_lab", "referrer_specialty"],
    ),
}


@pytest.mark.parametrize("name", LATTICES)
def test_t6_no_programme_over_a_whole_lattice_tells_a_small_count(victim: Victim, name: str) -> None:
    indicator, grain, cubes = LATTICES[name]
    grains = ["quarter", "month"] if grain == "quarter" else [grain]
    inside = _within(victim.known, indicator, cubes, grain) & pl.col("grain").is_in(grains)
    part = victim.known.part_of(inside)
    watched = part.small[:: max(1, part.small.size // 150)]
    assert part.ties.low.size > 10
    assert watched.size >= 1 or part.small.size == 0
    low, high = programme(part, watched)
    assert ((low <= part.number) & (part.number <= high)).all()
    assert told(part, low, high).is_empty()


def test_t6_the_programme_finds_what_is_told_where_a_single_part_is_hidden(victim: Victim) -> None:
    indicator, grain, cubes = LATTICES["category by board"]
    part = victim.known.part_of(_within(victim.known, indicator, cubes, grain) & (pl.col("grain") == grain))
    target = int(part.small[0])
    low, high = part.low, part.high
    others = part.counts["row"].to_numpy() != part.counts["row"][target]
    low[others] = high[others] = part.number[others]
    opened = part.with_limits(low, high)
    found = told(opened, *programme(opened, part.small[:1]))
    assert part.counts["row"][target] in found["row"].to_list()


#: Measures of people reached and of what became of them: managers have no such file (docs/own-board.md).
NOT_THEIRS = (
    "people_tested",
    "rare_people_tested",
    "cancer_people_tested",
    "diagnostic_yield",
    "uncertain_results",
    "uncertain_results_resolved",
    "no_answer",
    "management_changed",
    "care_change_recorded",
    "care_changed_by_180_days",
    "explanation_recorded",
    "research_offered",
    "research_consented",
    "research_offer_recorded",
    "research_consent_recorded",
    "variants_deposited",
)


@pytest.mark.xdist_group("small")
def test_t20_a_board_s_exact_figures_and_the_published_ones_tell_of_no_other_board(
    small: Published, small_victim: Victim
) -> None:
    boards = sorted((small.release.folder / "boards").glob("*.duckdb"))
    assert len(boards) == 14
    known = small_victim.known
    for path in boards:
        own = _known_exactly(path).join(
            known.counts.select("row", "indicator", "cube", *PLACE, "grain", "period_start", "part", "number"),
            on=["indicator", "cube", *PLACE, "grain", "period_start", "part"],
            nulls_equal=True,
        )
        assert own.height > 100
        assert own.filter(pl.col("exact") != pl.col("number")).is_empty()
        # Managers may count whatever they like of their own requests, so every such cell is theirs to know.
        rows = np.union1d(own["row"].to_numpy(), _of_its_own_requests(known, path.stem))
        own = known.counts[rows].select("row", exact="number")
        others = np.setdiff1d(known.small, rows)
        found = _told_to(known.low, known.high, known, own, others)
        if found.size:
            nothing, hidden = np.zeros(known.low.size), ~known.counts["is_shown"].to_numpy()
            found = np.setdiff1d(found, _told_to(nothing, np.where(hidden, known.high, NO_END), known, own, others))
        assert not found.size, (path.stem, known.counts[found].select(*KEY, "number").to_dicts())


def _of_its_own_requests(known: Lattice, board: str) -> NDArray[np.int64]:
    """The rows that count a board's own requests alone, which its managers may know: ethnic group and what became of
    people apart, which no file of theirs holds."""
    of_people = pl.col("indicator").str.starts_with("ethnicity") | pl.col("indicator").is_in(list(NOT_THEIRS))
    places = [
        pl.col("cube").str.split("+").list.get(place, null_on_oob=True).str.ends_with("_board")
        & (pl.col(name) == board)
        for place, name in enumerate(PLACE)
    ]
    own = ~of_people & pl.any_horizontal(each.fill_null(value=False) for each in places)
    found: NDArray[np.int64] = known.counts.select(own.arg_true()).to_series().to_numpy().astype(np.int64)
    return found


def _told_to(
    low: NDArray[np.float64], high: NDArray[np.float64], known: Lattice, own: pl.DataFrame, others: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Which of the others' small counts these limits tell to somebody who knows the own ones exactly."""
    low, high, rows = low.copy(), high.copy(), own["row"].to_numpy()
    low[rows] = high[rows] = own["exact"].to_numpy()
    low, high = narrowed(known.with_limits(low, high))
    found: NDArray[np.int64] = others[high[others] - low[others] < WITHIN]
    return found


def _known_exactly(path: Path) -> pl.DataFrame:
    """The published cells that a board's own file gives exactly: requests received and due, by month and longer."""
    with duckdb.connect(str(path), read_only=True) as con:
        monthly: pl.DataFrame = con.sql("SELECT * FROM monthly WHERE performing_lab IS NULL").pl()
    cubes = {"residence": "residence_board", "requesting": "requesting_board"}
    measures = [
        ("received", "requests_received", "count"),
        ("due", "reported_within_standard", "whole"),
        ("within_standard", "reported_within_standard", "in"),
    ]
    found = []
    for side, dimension in cubes.items():
        own = monthly.filter(side=side)
        for column, indicator, part in measures:
            for has_category in (False, True):
                rows = own.filter(pl.col("turnaround_category").is_not_null() == has_category)
                found.append(
                    rows.select(
                        month="month",
                        indicator=pl.lit(indicator),
                        cube=pl.lit(dimension + ("+turnaround_category" if has_category else "")),
                        d1=pl.lit(path.stem),
                        d2="turnaround_category",
                        d3=pl.lit(None, pl.String),
                        part=pl.lit(part),
                        exact=pl.col(column),
                    )
                )
    months = pl.concat(found).filter(pl.col("exact").is_not_null())
    keys = ["indicator", "cube", *PLACE, "part"]
    quarters = (
        months.group_by(*keys, period_start=pl.col("month").dt.truncate("1q"))
        .agg(pl.col("exact").sum(), pl.len().alias("months"))
        .filter(pl.col("months") == 3)
        .drop("months")
    )
    return pl.concat(
        [
            months.rename({"month": "period_start"})
            .with_columns(grain=pl.lit("month"))
            .select(*keys, "period_start", "exact", "grain"),
            quarters.with_columns(grain=pl.lit("quarter")).select(*keys, "period_start", "exact", "grain"),
        ]
    )
