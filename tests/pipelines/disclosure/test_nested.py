"""Nested measures are found in the rows, and only what is few between them is watched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import duckdb
import polars as pl
import pytest

from catalogue.indicators import Indicator, indicators
from pipelines.disclosure.nested import REST, Counted, Nested, between, nested_measures, rows_of, with_rests
from tests.pipelines.disclosure import toy

ENTRIES = indicators()
MEASURES: list[Indicator] = [ENTRIES[name] for name in ("requests_received", "turnaround_days", "failed_samples")]
RECEIVED, TIMED = Counted("requests_received", "count"), Counted("turnaround_days", "requests")
PAIR = Nested(RECEIVED, TIMED, "rest_request_0")


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """Three requests received, of which two are timed and two others have a sample that could fail."""
    with duckdb.connect() as opened:
        opened.execute("""
            CREATE TABLE indicator_requests_received AS
            SELECT unit_id, 'p' || unit_id AS person_id, DATE '2026-03-05' AS period_date
            FROM (VALUES ('a'), ('b'), ('c')) AS rows (unit_id);
            CREATE TABLE indicator_turnaround_days AS
            SELECT *, 3 AS days, 1 AS is_event FROM indicator_requests_received WHERE unit_id <> 'c';
            CREATE TABLE indicator_failed_samples AS
            SELECT *, (unit_id = 'c')::INTEGER AS numerator, 1 AS denominator
            FROM indicator_requests_received WHERE unit_id <> 'a'""")
        yield opened


def test_a_measure_that_counts_only_some_of_another_s_requests_is_found(con: duckdb.DuckDBPyConnection) -> None:
    found = nested_measures(con, MEASURES)
    assert (RECEIVED, TIMED) in {(pair.whole, pair.part) for pair in found}
    assert {pair.part for pair in found if pair.whole == RECEIVED} == {
        TIMED,
        *(Counted("failed_samples", part) for part in ("in", "out", "whole")),
    }
    assert {pair.part for pair in found if pair.whole == TIMED} == {Counted("failed_samples", "out")}


def test_the_same_requests_in_another_month_are_not_nested(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("UPDATE indicator_turnaround_days SET period_date = DATE '2026-04-05' WHERE unit_id = 'b'")
    assert (RECEIVED, TIMED) not in {(pair.whole, pair.part) for pair in nested_measures(con, MEASURES)}


def test_measures_that_count_the_same_are_one_count_and_not_nested(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "INSERT INTO indicator_turnaround_days SELECT *, 3, 1 FROM indicator_requests_received WHERE unit_id = 'c'"
    )
    assert not [pair for pair in nested_measures(con, MEASURES) if {pair.whole, pair.part} == {RECEIVED, TIMED}]


@pytest.mark.parametrize(("inner", "left"), [(40, []), (39, [1]), (31, [9]), (30, [])])
def test_only_a_rest_of_one_to_nine_has_a_row_and_a_tie(inner: int, left: list[int]) -> None:
    cell = {
        "cube": "", "d1": None, "d2": None, "d3": None, "grain": "month", "period_start": dt.date(2026, 3, 1),
        "period_end": dt.date(2026, 3, 31), "draw": 0, "needs": 10, "is_published": True, "is_shown": True,
    }  # fmt: skip
    rows = [(RECEIVED, 40), (TIMED, inner)]
    counts = pl.DataFrame(
        [{**cell, "indicator": of.indicator, "part": of.part, "number": size, "people": size} for of, size in rows],
        schema_overrides=dict.fromkeys(("d1", "d2", "d3"), pl.String),
    ).with_row_index("row")
    found = with_rests(counts, [PAIR], toy.RULES)
    assert found.filter(part=REST)["number"].to_list() == left
    tie = between(found, PAIR)
    assert sorted(tie.rows()) == ([(0, 1), (0, 2)] if left else [])


def test_requests_in_one_stage_are_compared_with_measures_of_requests(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("""
        CREATE TABLE mart_stages AS
        SELECT 'a@analysis' AS stage_id, 'a' AS request_id, 'analysis' AS stage
        UNION ALL SELECT 'a@transport', 'a', 'transport'
        UNION ALL SELECT 'b@transport', 'b', 'transport';
        CREATE TABLE indicator_stage_days AS
        SELECT stage_id AS unit_id, 'p' || request_id AS person_id, DATE '2026-03-05' AS period_date,
            2 AS days, 1 AS is_event
        FROM mart_stages""")
    found = {(pair.whole, pair.part) for pair in nested_measures(con, [*MEASURES, ENTRIES["stage_days"]])}
    analysis, transport = (Counted("stage_days", "requests", "stage", stage) for stage in ("analysis", "transport"))
    assert (TIMED, analysis) in found
    assert (transport, analysis) in found
    # Both timed requests were transported: one count, and not nested.
    assert (TIMED, transport) not in found


def test_rows_at_one_code_are_named_by_their_other_dimensions() -> None:
    cells = pl.DataFrame(
        [
            ("stage_days", "performing_lab+stage", "EDI", "analysis", None, "requests"),
            ("stage_days", "performing_lab+stage", "EDI", "transport", None, "requests"),
            ("stage_days", "stage", "analysis", None, None, "requests"),
            ("stage_days", "performing_lab", "EDI", None, None, "requests"),
        ],
        schema=dict.fromkeys(["indicator", "cube", "d1", "d2", "d3", "part"], pl.String),
        orient="row",
    )
    found = rows_of(cells, Counted("stage_days", "requests", "stage", "analysis"))
    assert sorted(found.select("cube", "d1").rows(), key=str) == [("", None), ("performing_lab", "EDI")]
