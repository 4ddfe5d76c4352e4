"""The scanner counts what was looked at and what is not shown, keeps the lists' order, and tells no hidden number."""

from __future__ import annotations

import io

import polars as pl
import pytest

from tests.ui.equity_store import SHUFFLES
from ui import gap_scanner, group_gaps_download
from ui.data import Snapshot
from ui.gap_scanner import LISTED, Scan, chosen, in_list_order, scan, summary, title
from ui.group_gaps import Gaps, all_gaps


@pytest.fixture
def gaps(snapshot: Snapshot) -> Gaps:
    found = all_gaps(snapshot)
    assert found is not None
    return found


def test_the_counts_are_those_of_the_tables(snapshot: Snapshot, gaps: Gaps):
    built = snapshot.built_table("gaps")
    assert built is not None
    found = scan(gaps)
    assert found.comparisons == sum(row["state"] == "shown" for row in built.to_dicts())
    assert found.by_chance == SHUFFLES
    assert found.mean == pytest.approx(sum(SHUFFLES) / len(SHUFFLES))
    assert found.hidden + found.withheld > 0
    told = set(gaps.rows["verdict"])
    assert sum((gaps.rows["verdict"] == name).sum() for name in told) == built.height


def test_title_and_summary_say_how_many_were_looked_at_and_what_chance_gave():
    found = Scan(1173, 5, (0, 1, 0), 2045, 198, 1)
    assert title(found) == "5 of 1,173 gaps between groups of people are called different"
    assert "3 shuffles" in summary(found)
    assert "0.3 were called different on average" in summary(found)
    assert "2,045 gaps hidden [c], 198 withheld" in summary(found)
    assert "none was called different" in summary(Scan(12, 0, (0, 0), 0, 0, 0))
    assert title(Scan(12, 0, (0,), 0, 0, 0)).startswith("None of 12 gaps")
    assert title(Scan(0, 0, (), 9, 0, 0)) == "No gap between groups of people is shown in this release"


def test_rows_stand_in_the_order_of_the_lists_whatever_their_size(snapshot: Snapshot, gaps: Gaps):
    shuffled = gaps.rows.sample(fraction=1.0, shuffle=True, seed=1)
    rows = in_list_order(shuffled, snapshot)
    assert rows.equals(in_list_order(gaps.rows, snapshot))
    measures = list(dict.fromkeys(rows["measure"]))
    assert measures == [name for name in snapshot.facts.indicators if name in set(measures)]
    one = rows.filter(measure=measures[0], dimension="simd_quintile", area="scotland")
    assert one["code"].to_list() == ["1", "2", "3", "4", "not_recorded"]


@pytest.mark.parametrize("listed", LISTED)
def test_no_list_holds_a_gap_that_is_withheld_or_hidden(gaps: Gaps, listed):
    rows = chosen(gaps.rows, "", "", "", listed)
    assert not {"withheld", "hidden"} & set(rows["verdict"])


def test_filters_hold_together(gaps: Gaps):
    rows = chosen(gaps.rows, "research_offered", "simd_quintile", "scotland", "Every gap shown")
    assert rows.select("measure", "dimension", "area").unique().rows() == [
        ("research_offered", "simd_quintile", "scotland")
    ]


def test_the_download_has_every_gap_and_no_number_where_one_is_hidden_or_withheld(snapshot: Snapshot, gaps: Gaps):
    withheld = gaps.rows.with_columns(
        verdict=pl.when(pl.col("dimension") == "ethnic_category").then(pl.lit("withheld")).otherwise("verdict")
    )
    frame = pl.read_csv(io.BytesIO(group_gaps_download.csv(snapshot, withheld)), infer_schema=False)
    assert frame.height == gaps.rows.height
    untold = (withheld["state"] != "shown") | (withheld["verdict"] == "withheld")
    numbers = frame.filter(untold).select(*group_gaps_download.NUMBERS, "called_different")
    assert {value for row in numbers.rows() for value in row} <= {"withheld", "[c]", "[x]"}
    told = frame.filter(~untold)
    assert told["gap"].cast(pl.Float64).null_count() == 0
    assert frame["note"].unique().to_list() == ["synthetic, not for quotation"]


def test_the_id_beside_each_gap_is_that_of_the_shares_behind_it(snapshot: Snapshot, gaps: Gaps):
    rows = gaps.rows.filter(measure="no_answer", dimension="simd_quintile", code="1").sort("area")
    ids = group_gaps_download.figure_ids(snapshot, rows)
    for row, figure_id in zip(rows.to_dicts(), ids, strict=True):
        figure = group_gaps_download.figure_of(snapshot, "no_answer", "simd_quintile", row["area"], row["period_start"])
        assert figure is not None
        assert figure.id == figure_id


def test_a_row_names_people_not_codes(snapshot: Snapshot, gaps: Gaps):
    rows = gaps.rows.filter(measure="research_offered", dimension="simd_quintile", area="scotland", code="1")
    line = gap_scanner.table(rows, snapshot.facts.indicators, snapshot.facts.labels).row(0, named=True)
    assert line["Group"] == "Living in SIMD quintile 1 (most deprived)"
    assert line["Place"] == "Scotland"
    assert line["Reads"] == "Lower"
