"""Runs expectations on a small table made for a test."""

from __future__ import annotations

import duckdb
import great_expectations as gx
import polars as pl

from pipelines.checks import Check, run_suites


def check(rows: pl.DataFrame, *expectations: gx.expectations.Expectation, **others: pl.DataFrame) -> list[Check]:
    """What the expectations find on the rows, as table `checked`; other tables by name."""
    suite = gx.ExpectationSuite("checked", expectations=list(expectations))
    with duckdb.connect() as con:
        for name, frame in {"checked": rows, **others}.items():
            con.register("frame", frame)
            con.execute(f"CREATE TABLE {name} AS SELECT * FROM frame")
            con.unregister("frame")
        return run_suites(con, {"checked": suite})
