"""The expectations on the whole warehouse, against the same checks as hand-written SQL, one query a check."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import great_expectations as gx

from benchmarks.measuring import Measure, in_turn, processor
from expectations.domain import CountingExpectation
from expectations.suites import suites
from pipelines.build import WAREHOUSE
from pipelines.folders import Folders
from pipelines.quality.checks import run_suites


def measure(folders: Folders) -> Measure:
    """Processor seconds of both, library already imported."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / WAREHOUSE
        shutil.copy(folders.build / WAREHOUSE, copy)
        with duckdb.connect(str(copy)) as con:
            queries = by_hand(suites())
            seconds, floor = in_turn(
                lambda: run_suites(con),
                lambda: [con.cursor().execute(q).fetchall() for q in queries],
                processor,
                runs=5,
            )
    return Measure(
        f"expectations on the warehouse, {len(queries)} checks, processor time",
        "the same checks as hand-written SQL",
        "at most 1.2",
        seconds,
        floor,
    )


def by_hand(chosen: dict[str, gx.ExpectationSuite]) -> list[str]:
    """One counting query a check."""
    return [_query(table, expectation) for table, suite in chosen.items() for expectation in suite.expectations]


def _query(table: str, expectation: Any) -> str:
    """The query that counts what one expectation checks and what fails it."""
    if isinstance(expectation, CountingExpectation):
        return str(expectation.counts(expectation.filled(dict(expectation)))).format(batch=f'"{table}"')
    column = getattr(expectation, "column", None)
    if expectation.expectation_type == "expect_column_values_to_not_be_null":
        return f"SELECT count(*), count(*) - count({column}) FROM {table}"
    if expectation.expectation_type == "expect_column_values_to_be_in_set":
        allowed = ", ".join(f"'{value}'" for value in expectation.value_set)
        return f"SELECT count(*), count(*) FILTER (WHERE {column} NOT IN ({allowed})) FROM {table}"
    if expectation.expectation_type == "expect_table_row_count_to_be_between":
        return f"SELECT count(*) FROM {table}"
    raise ValueError(f"no query is written for {expectation.expectation_type}")
