"""Nested measures are found in the rows, and only what is few between them is watched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import permutations

import duckdb
import numpy as np
import polars as pl
import pytest

from catalogue.indicators import Indicator, indicators
from pipelines.disclosure.nested import (
    REST,
    Counted,
    Nested,
    as_rows,
    at_code,
    between,
    nested_measures,
    of_rows,
    with_rests,
)
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


def test_pairs_written_down_as_rows_are_read_again(con: duckdb.DuckDBPyConnection) -> None:
    found = [*nested_measures(con, MEASURES), Nested(Counted("open_requests", "count", "stage", "analysis"), TIMED, "")]
    assert of_rows(as_rows(found)) == found
    assert of_rows(as_rows([])) == []


def test_the_same_requests_in_another_month_are_not_nested(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("UPDATE indicator_turnaround_days SET period_date = DATE '2026-04-05' WHERE unit_id = 'b'")
    assert (RECEIVED, TIMED) not in {(pair.whole, pair.part) for pair in nested_measures(con, MEASURES)}


def test_measures_that_count_the_same_are_one_count_and_not_nested(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "INSERT INTO indicator_turnaround_days SELECT *, 3, 1 FROM indicator_requests_received WHERE unit_id = 'c'"
    )
    assert not [pair for pair in nested_measures(con, MEASURES) if {pair.whole, pair.part} == {RECEIVED, TIMED}]


def test_hundreds_of_parts_are_nested_as_their_rows_laid_side_by_side_say(con: duckdb.DuckDBPyConnection) -> None:
    draws = np.random.default_rng(5)
    measures, stands = [], {}
    for number in range(70):
        entry = ENTRIES["failed_samples"].model_copy(update={"id": f"measure_{number}"})
        of = frozenset(draws.choice(12, draws.integers(1, 9), replace=False).tolist())
        failed = frozenset(unit for unit in of if draws.random() < 0.3)
        con.execute(
            f"""CREATE TABLE indicator_measure_{number} AS
            SELECT unit_id, unit_id AS person_id, DATE '2026-03-05' AS period_date, numerator, 1 AS denominator
            FROM (SELECT unnest($units) AS unit_id, unnest($failed) AS numerator)""",
            {"units": [str(unit) for unit in of], "failed": [int(unit in failed) for unit in of]},
        )
        measures.append(entry)
        stands |= {(entry.id, "in"): failed, (entry.id, "out"): of - failed, (entry.id, "whole"): of}
    expected = {}
    for (whole, large), (part, small) in permutations(stands.items(), 2):
        theirs = [its for (name, _), its in stands.items() if name in (whole[0], part[0])]
        if small and small < large and whole[0] != part[0] and large - small not in theirs:
            expected[Counted(*whole), Counted(*part)] = large - small
    found = {(pair.whole, pair.part): pair.rest for pair in nested_measures(con, measures)}
    assert found.keys() == expected.keys()
    assert len(found) > 1_000
    # Pairs between which the same units lie have one name for it, and no others have.
    assert len({(name, expected[pair]) for pair, name in found.items()}) == len(set(found.values()))
    assert len(set(found.values())) == len(set(expected.values()))


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
    (tie,) = between(found, [PAIR])
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
    found = at_code(cells, Counted("stage_days", "requests", "stage", "analysis"))
    assert sorted(found.select("cube", "d1").rows(), key=str) == [("", None), ("performing_lab", "EDI")]
