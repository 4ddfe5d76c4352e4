"""The words and bands of the page Outcomes: each rule at its boundaries, numbers against a plain second way."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui import outcomes, outcomes_charts, outcomes_words
from ui.data import Snapshot
from ui.figure import Figure, Query
from ui.figures import ask
from ui.outcomes_filters import Choice
from ui.outcomes_measures import BY_NAME, OUTCOMES, VIEWS, YIELD


def figure(snapshot: Snapshot, name: str) -> Figure:
    found = ask(snapshot, Query(name, "year"))
    assert found is not None
    return found


def row(numerator: int, denominator: int, **more: object) -> dict[str, object]:
    usual = {
        "state": "shown", "statistic": "share", "value": numerator / denominator, "numerator": numerator,
        "denominator": denominator, "period_start": dt.date(2025, 11, 1), "period_end": dt.date(2026, 10, 31),
    }  # fmt: skip
    return usual | more


def test_no_view_compares_laboratories() -> None:
    assert not any("lab" in view for view in VIEWS)


@pytest.mark.parametrize(
    ("recorded", "title"),
    [
        (60, "Care was changed after 20.0% of reports that say; not recorded for 40%"),
        (51, "Care was changed after 20.0% of reports that say; not recorded for 49%"),
        (50, "Cannot be told for 50% of reports 180 days old: whether care changed is not recorded"),
        (20, "Cannot be told for 80% of reports 180 days old: whether care changed is not recorded"),
    ],
)
def test_from_half_not_recorded_the_title_says_that_it_cannot_be_told(
    snapshot: Snapshot, recorded: int, title: str
) -> None:
    care = BY_NAME["care"]
    found, _ = outcomes_words.over_time(care, figure(snapshot, care.indicator), row(recorded, 100))
    assert found == title


def test_an_unshown_number_of_unrecorded_is_told_as_such_and_never_as_none(snapshot: Snapshot) -> None:
    care = BY_NAME["care"]
    hidden = row(5, 100, state="confidential", value=None)
    for recorded, mark in ((hidden, "[c]"), (None, "[x]")):
        title, summary = outcomes_words.over_time(care, figure(snapshot, care.indicator), recorded)
        assert "not recorded" not in title
        assert f"it is not recorded cannot be told {mark}." in summary


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_what_the_unrecorded_could_change_holds_every_way_they_could_be(yes: int, no: int, missing: int) -> None:
    if not yes + no:
        return
    low, high = outcomes_words.could_be(row(yes, yes + no), missing)
    everybody = yes + no + missing
    shares = [(yes + more) / everybody for more in range(missing + 1)]
    assert (low, high) == pytest.approx((min(shares), max(shares)))


def test_bands_are_the_three_shown_counts_and_a_hidden_one_is_no_nought(snapshot: Snapshot) -> None:
    care = BY_NAME["care"]
    shares, recorded = figure(snapshot, care.indicator), figure(snapshot, care.unsaid)
    *_, newest = outcomes.bands_of(care, shares, recorded)
    now, says = (one.cells.sort("period_start").row(-1, named=True) for one in (shares, recorded))
    assert newest["yes"] == now["numerator"]
    assert newest["no"] == now["denominator"] - now["numerator"]
    assert newest["unsaid"] == says["denominator"] - says["numerator"]
    hidden = replace(shares, cells=shares.cells.with_columns(state=pl.lit("confidential")))
    assert outcomes.bands_of(care, hidden, recorded)[-1]["yes"] is None
    chart = outcomes_charts.bands(outcomes.bands_of(care, hidden, recorded), care.bands, alt="")
    assert "[c]" in str(chart.figure.plotly().to_dict())
    assert all(value is None for trace in chart.figure.data[:3] for value in trace.y)


def test_those_without_a_record_are_taken_out_of_the_others_where_they_are_among_them(snapshot: Snapshot) -> None:
    """Of 900 reports 792 are seen the next day and 27 have no day: 81 are seen later."""
    visible = BY_NAME["visible"]
    shares, recorded = figure(snapshot, visible.indicator), figure(snapshot, visible.unsaid)
    for band, now, says in zip(
        outcomes.bands_of(visible, shares, recorded),
        shares.cells.sort("period_start").to_dicts(),
        recorded.cells.sort("period_start").to_dicts(),
        strict=True,
    ):
        assert band["yes"] + band["no"] + band["unsaid"] == now["denominator"]
        assert band["unsaid"] == says["denominator"] - says["numerator"]


@pytest.mark.parametrize(
    ("rows", "title", "says"),
    [
        ([(10, 100), (20, 100)], "Care changed: from 10% to 20% in the 2 boards", "Every 95% interval overlaps"),
        ([(10, 100), (60, 100)], "Care changed: from 10% to 60% in the 2 boards", "this is no ranking"),
    ],
)
def test_side_by_side_says_whether_chance_could_be_all_of_it(
    rows: list[tuple[int, int]], title: str, says: str
) -> None:
    limits = {10: (0.055, 0.174), 20: (0.133, 0.289), 60: (0.502, 0.691)}
    cells = [row(a, n, lower=limits[a][0], upper=limits[a][1]) for a, n in rows]
    found, summary = outcomes_words.side_by_side(BY_NAME["care"], cells, "boards", "12 months to October 2026", {})
    assert found == title
    assert says in summary


def test_side_by_side_with_nothing_shown_says_why() -> None:
    hidden = row(5, 50, state="confidential", value=None)
    title, summary = outcomes_words.side_by_side(YIELD, [hidden], "boards", "12 months", {})
    assert title == "Diagnostic yield: every figure is hidden [c]"
    assert "fewer than 10 people" in summary


def test_the_table_of_the_yield_has_both_counts_and_those_that_do_not_say(snapshot: Snapshot) -> None:
    table = outcomes.yield_table(outcomes.build(snapshot, "yield", Choice()))
    assert table is not None
    assert table.columns == list(outcomes.YIELD_HEADINGS)
    cells = {one["code"]: one for one in figure_by(snapshot, "diagnostic_yield").to_dicts()}
    panel = dict(table.filter(Technology="Large panel").row(0, named=True))
    assert panel["Explained"] == f"{cells['large_panel']['numerator']:,}"
    assert panel["Out of"] == f"{cells['large_panel']['denominator']:,}"
    assert " of " in panel["Does not say"]
    assert "NIPT" not in table["Technology"]


def test_the_only_stratum_shown_is_named_in_the_title() -> None:
    hidden = row(5, 50, state="confidential", value=None, code="wgs")
    title, summary = outcomes_words.side_by_side(
        YIELD, [row(19, 100, code="array"), hidden], "technologies", "12 months", {"array": "Array"}
    )
    assert title == "Array: 19% of results explain the referral"
    assert summary == "The only one shown, in the 12 months. 1 hidden [c]."


def figure_by(snapshot: Snapshot, name: str) -> pl.DataFrame:
    cells = snapshot.cells(name, "year", {}, "technology")
    return cells.filter(pl.col("period_start") == pl.col("period_start").max())


def test_a_series_by_quarter_has_its_control_chart_and_those_without_a_record_below(snapshot: Snapshot) -> None:
    section = outcomes.build(snapshot, "visible", Choice())
    assert section.chart is not None
    names = [trace.name for trace in section.chart.figure.data]
    assert "Limits of chance" in names
    assert "No day recorded" in names
    below = next(trace for trace in section.chart.figure.data if trace.name == "No day recorded")
    assert below.y[-1] == pytest.approx(3, abs=0.5)


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: outcome.name)
def test_every_section_has_a_definition_a_period_and_an_id(snapshot: Snapshot, outcome) -> None:
    section = outcomes.build(snapshot, outcome.name, Choice())
    assert section.chart is not None
    assert section.chart.alt.startswith(section.title)
    assert "2026" in section.subtitle
    assert all(one.id for one in section.figures)
    assert section.figures[0].entry.id == outcome.indicator
