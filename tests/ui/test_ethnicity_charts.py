"""Tests of ui/ethnicity_charts.py and ui/ethnicity_download.py: hidden is drawn as hidden, nothing by colour alone."""

from __future__ import annotations

import csv
import io

import polars as pl
import pytest

from ui import ethnicity_charts as charts
from ui import ethnicity_download
from ui.ethnicity_filters import Choice
from ui.ethnicity_measures import REASONS
from ui.ethnicity_sections import HEEDS, PARTS
from ui.words import amount


def share(value: float | None) -> dict[str, object]:
    state = "shown" if value is not None else "confidential"
    return {"state": state, "value": value, "statistic": "share", "denominator": 1_000}


def test_a_hidden_reason_is_left_out_of_its_bar_and_counted_at_its_end():
    rows = {"a": dict(zip(REASONS, map(share, (0.05, None, 0.10, None)), strict=True))}
    figure = charts.reasons_side_by_side(rows, [("a", "Fife")], REASONS, say=amount, alt="a").figure
    bars = {trace.name: list(trace.x) for trace in figure.data if trace.type == "bar"}
    assert bars == {"Declined": [5.0], "Not known": [], "Not recorded": [10.0], "Code not recognised": []}
    marks = [trace for trace in figure.data if trace.type == "scatter"]
    assert list(marks[0].text) == [" 2 [c]"]
    assert list(marks[0].x) == [15.0]


def test_the_axis_leaves_room_for_the_mark_at_the_end_of_the_longest_bar():
    rows = {"a": dict(zip(REASONS, map(share, (0.15, 0.25, None, None)), strict=True))}
    figure = charts.reasons_side_by_side(rows, [("a", "Western Isles")], REASONS, say=amount, alt="a").figure
    assert figure.layout.xaxis.range[1] >= 1.15 * 40


def test_reasons_differ_in_pattern_or_dash_and_not_in_colour_alone():
    looks = list(charts.LOOK.values())
    assert len({dash for _, _, dash in looks}) == len(looks)
    assert len({colour for colour, _, _ in looks}) == len(looks)


def test_a_change_has_a_mark_by_its_way_and_a_hidden_one_no_number():
    changes = pl.DataFrame(
        {
            "code": ["a", "b", "c"],
            "state": ["shown", "shown", "confidential"],
            "gap": [0.03, 0.01, None],
            "gap_lower": [0.01, -0.01, None],
            "gap_upper": [0.05, 0.03, None],
        }
    )
    labels = [("a", "Fife"), ("b", "Lothian"), ("c", "Orkney")]
    figure = charts.changes_side_by_side(changes, labels, alt="a", highlight=None).figure
    assert list(figure.data[0].marker.symbol) == ["triangle-right", "circle"]
    assert list(figure.data[0].y) == ["Fife", "Lothian"]
    assert [list(trace.text) for trace in figure.data if trace.mode == "text"] == [["[c]"]]


def test_a_hidden_group_has_no_band():
    found = pl.DataFrame(
        {
            "code": ["asian", "other"],
            "state": ["shown", "confidential"],
            "value": [0.04, None],
            "lowest": [0.03, None],
            "highest": [0.23, None],
        }
    )
    figure = charts.bands(found, [("asian", "Asian"), ("other", "Other")], alt="a").figure
    assert list(figure.data[0].y) == ["Asian"]
    assert list(figure.data[0].base) == [3.0]
    assert list(figure.data[0].x) == [20.0]


@pytest.mark.parametrize("name", list(PARTS))
@pytest.mark.parametrize("choice", [Choice(), Choice("S08000025", "directory")], ids=["scotland", "orkney"])
def test_every_row_of_a_download_can_be_cited_and_hides_what_the_page_hides(snapshot, name, choice):
    part = PARTS[name](snapshot, choice)
    if part.table is None:
        pytest.skip("nothing to download where nothing is shown")
    text = ethnicity_download.csv(part, snapshot.facts.labels, snapshot.release).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows
    hidden = {"[c]", "[x]"}
    for row in rows:
        assert "full/" in row["figure_id"]
        assert row["note"] == "synthetic, not for quotation"
        if hidden & set(row.values()) and "value" in row:
            assert row["value"] in hidden


def test_a_section_that_does_not_heed_a_choice_is_the_same_without_it(snapshot):
    chosen = Choice("S08000029", "directory")
    for name, (board, by) in HEEDS.items():
        heeded = Choice(chosen.board if board else None, chosen.by if by else Choice().by)
        assert PARTS[name](snapshot, heeded).summary == PARTS[name](snapshot, chosen).summary
