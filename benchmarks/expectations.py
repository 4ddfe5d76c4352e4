"""The expectations on the whole warehouse, against the same checks as hand-written SQL, one query a check."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import duckdb

from benchmarks.measuring import Measure, in_turn, processor
from expectations.suites import suites
from pipelines.build import WAREHOUSE
from pipelines.checks import run_suites
from pipelines.folders import Folders


def measure(folders: Folders) -> Measure:
    """Processor seconds of both, library already imported."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / WAREHOUSE
        shutil.copy(folders.build / WAREHOUSE, copy)
        with duckdb.connect(str(copy)) as con:
            queries = _by_hand()
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


def _by_hand() -> list[str]:
    """One counting query a check."""
    found = []
    for table, suite in suites().items():
        for expectation in suite.expectations:
            kind, column = expectation.expectation_type, getattr(expectation, "column", None)
            if query := getattr(expectation, "unexpected_rows_query", None):
                found.append(f"SELECT count(*) FROM ({query.replace('{batch}', table)})")
            elif kind == "expect_column_values_to_not_be_null":
                found.append(f"SELECT count(*) - count({column}) FROM {table}")
            elif kind == "expect_column_values_to_be_in_set":
                allowed = ", ".join(f"'{value}'" for value in expectation.value_set)
                found.append(f"SELECT count(*) FROM {table} WHERE {column} NOT IN ({allowed})")
            else:
                found.append(f"SELECT count(*) FROM {table}")
    return found
