"""Runs expectations on a small table made for a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import great_expectations as gx
import polars as pl
from great_expectations.render.renderer import ValidationResultsPageRenderer
from great_expectations.render.view import DefaultJinjaPageView
from sqlalchemy.pool import StaticPool

from pipelines.duckdb_dialect import Connection
from pipelines.quality.checks import RESULT_FORMAT, Check, run_suites


def check(rows: pl.DataFrame, *expectations: gx.expectations.Expectation, **others: pl.DataFrame) -> list[Check]:
    """What the expectations find on the rows, as table `checked`; other tables by name."""
    suite = gx.ExpectationSuite("checked", expectations=list(expectations))
    with _tables(checked=rows, **others) as con:
        return run_suites(con, {"checked": suite})


def page(
    rows: pl.DataFrame,
    expectation: gx.expectations.Expectation,
    change: dict[str, Any] | None = None,
    **others: pl.DataFrame,
) -> str:
    """The page of Data Docs that the library itself makes of the result. change: values put into the result before."""
    with _tables(checked=rows, **others) as con:
        source = gx.get_context(mode="ephemeral").data_sources.add_or_update_sql(
            "rows",
            connection_string="duckdb://",
            kwargs={"creator": lambda: Connection(con), "poolclass": StaticPool},
        )
        batch = source.add_table_asset("checked", table_name="checked").add_batch_definition_whole_table("all")
        suite = gx.ExpectationSuite("checked", expectations=[expectation])
        result = batch.get_batch().validate(suite, result_format=RESULT_FORMAT)
    result.meta["run_id"] = None
    for one in result.results:
        one.result |= change or {}
    return str(DefaultJinjaPageView().render(ValidationResultsPageRenderer().render(result)))


@contextmanager
def _tables(**frames: pl.DataFrame) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        for name, frame in frames.items():
            con.register("frame", frame)
            con.execute(f"CREATE TABLE {name} AS SELECT * FROM frame")
            con.unregister("frame")
        yield con
