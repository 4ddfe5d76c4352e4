"""Tests of ui/download.py and ui/tables.py: hidden stays hidden in tables and files, and files are safe to open."""

from __future__ import annotations

import csv
import io
import re

import polars as pl
import pytest

from ui import download, tables
from ui.figure import Query
from ui.figures import ask

HIDDEN = Query(
    "reported_within_standard", "month", (("requesting_board", "S08000025"), ("turnaround_category", "nipt"))
)


def rows_of(content: bytes) -> list[dict[str, str]]:
    """The rows of a download."""
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_download_carries_what_is_needed_to_cite_it(snapshot):
    figure = ask(snapshot, Query("reported_within_standard", "month", (("performing_lab", "DUN"),)), "Dundee")
    assert figure is not None
    rows = rows_of(download.csv(figure, snapshot.facts.labels))
    assert len(rows) == 66
    assert rows[-1]["performing_lab"] == "Dundee"
    assert rows[-1]["period"] == "October 2026"
    assert rows[-1]["figure_id"] == figure.id
    assert rows[-1]["note"].startswith("synthetic")
    assert 0 < float(rows[-1]["value"]) < 1
    assert re.fullmatch(r"[a-z0-9-]+\.csv", download.file_name(figure))
    assert download.file_name(figure).startswith("synthetic-reported-within-standard-dundee-2021-05-to-2026-10")


def test_hidden_values_are_shorthand_in_file_and_table_and_no_number_is_left(snapshot):
    figure = ask(snapshot, HIDDEN)
    assert figure is not None
    for row in rows_of(download.csv(figure, snapshot.facts.labels)):
        assert {row[name] for name in ("value", "lower", "upper", "numerator")} <= {"[c]", "[x]"}
    frame = tables.table(figure, {})
    assert set(frame["Share"]) <= {"[c]", "[x]"}
    assert set(frame["Number"]) <= {"[c]", "[x]"}


@pytest.mark.parametrize("text", ["=1+1", "+A1", "-cmd", "@SUM(A1)", "\t=1", "\r=1"])
def test_text_that_a_spreadsheet_would_run_is_neutralised(text):
    assert download.neutral(pl.DataFrame({"a": [text]}))["a"][0] == f"'{text}"


def test_negative_numbers_stay_numbers():
    assert download.neutral(pl.DataFrame({"a": ["-0.25", None], "b": [-1.0, 2.0]})).row(0) == ("-0.25", -1.0)


def test_a_table_has_the_newest_period_first_and_percentiles_side_by_side(snapshot):
    figure = ask(snapshot, Query("turnaround_days", "quarter"))
    assert figure is not None
    frame = tables.table(figure, {})
    assert frame["Period"][1] == "July to September 2026"
    assert [name for name in frame.columns if "percentile" in name] == ["90th percentile", "95th percentile"]
    assert frame["95th percentile"][0] == "[x]"


@pytest.mark.parametrize(
    ("measure", "grain", "heading"),
    [
        ("requests_received", "month", "Requests"),
        ("turnaround_days", "year", "Requests"),
        ("people_tested", "year", "People"),
        ("rare_people_tested", "year", "People"),
    ],
)
def test_a_table_says_what_it_counts(snapshot, measure, grain, heading):
    figure = ask(snapshot, Query(measure, grain))
    assert figure is not None
    counts = {"Requests", "People", "Open requests"}
    assert counts.intersection(tables.table(figure, {}).columns) == {heading}


def test_an_empty_figure_gives_a_file_with_only_its_header(snapshot):
    figure = ask(snapshot, Query("reported_within_standard", "month", (("performing_lab", "nobody"),)))
    assert figure is not None
    assert rows_of(download.csv(figure, snapshot.facts.labels)) == []


def test_every_published_measure_has_a_definition(snapshot):
    for entry in snapshot.facts.indicators.values():
        told = tables.definition(snapshot, entry)
        assert told["Counted"] == entry.numerator
        assert told["Out of"] == entry.denominator
    assert set(tables.standards(snapshot)["Where from"].str.split(":").list.first()) == {
        "Scotland",
        "England (comparator)",
        "UK (comparator)",
    }
