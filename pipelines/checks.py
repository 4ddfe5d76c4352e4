"""Runs the suites of expectations/ on the tables of a warehouse, and says what each check found."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import duckdb
import great_expectations as gx
from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults
from sqlalchemy.pool import StaticPool

from expectations.suites import suites
from pipelines.duckdb_dialect import Connection

#: Counts only: no value of a failing row is kept, in memory or in a file.
RESULT_FORMAT = {"result_format": "BASIC", "exclude_unexpected_values": True, "partial_unexpected_count": 0}

# The library warns of each custom class that it registers again in a second run of one process.
logging.getLogger("great_expectations").setLevel(logging.ERROR)


@dataclass(frozen=True)
class Check:
    """What one expectation found: exact counts, for the build side only."""

    table: str
    expectation: str
    column: str | None
    sentence: str
    severity: str
    dimension: str
    owner: str
    why: str
    status: str
    rows_checked: int
    rows_failing: int | None
    error: str | None
    affects: tuple[str, ...]

    @property
    def stops_the_build(self) -> bool:
        """Whether nothing may be published: a critical check failed, or could not be made."""
        return self.severity == "critical" and self.status in ("fail", "error")


def run_suites(
    con: duckdb.DuckDBPyConnection,
    chosen: dict[str, gx.ExpectationSuite] | None = None,
    done: Callable[[str], None] = lambda _: None,
) -> list[Check]:
    """Every check of every suite, by table.

    con: an open connection whose tables are committed; it is only read. chosen: suites by table, all by default.
    A check on an empty table is not applicable, never passed, unless it asks for rows.
    """
    context = gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
            analytics_enabled=False,
            progress_bars={"globally": False},
        ),
    )
    source = context.data_sources.add_or_update_sql(
        "warehouse",
        connection_string="duckdb://",
        kwargs={"creator": lambda: Connection(con), "poolclass": StaticPool},
    )
    found: list[Check] = []
    for table, suite in (suites() if chosen is None else chosen).items():
        batch = source.add_table_asset(table, table_name=table).add_batch_definition_whole_table("all").get_batch()
        rows = con.cursor().execute(f'SELECT count(*) FROM "{table}"').fetchall()[0][0]
        results = batch.validate(suite, result_format=RESULT_FORMAT).results
        found += [_check(table, rows, result) for result in results]
        done(table)
    return sorted(found, key=lambda check: (check.table, check.expectation, check.column or "", check.sentence))


def _check(table: str, rows: int, result: Any) -> Check:
    config, values = result.expectation_config, result.result or {}
    meta = config.meta or {}
    error = _error_in(result)
    failing = values.get("unexpected_count")
    if failing is None and "unexpected_rows_query" in config.kwargs:
        failing = values.get("observed_value")
    asks_for_rows = config.type == "expect_table_row_count_to_be_between"
    if error:
        status = "error"
    elif rows == 0 and not asks_for_rows:
        status = "not_applicable"
    else:
        status = "pass" if result.success else "fail"
    return Check(
        table=table,
        expectation=config.type,
        column=config.kwargs.get("column"),
        sentence=config.description or config.type,
        severity=getattr(config.severity, "value", config.severity),
        dimension=meta.get("dimension", ""),
        owner=meta.get("owner", ""),
        why=meta.get("why", ""),
        status=status,
        rows_checked=rows,
        rows_failing=failing,
        error=error,
        affects=tuple(meta.get("affects", ())),
    )


def _error_in(result: Any) -> str | None:
    """Why an expectation could not be checked, or None where it was; the library tells it in two shapes."""
    info = result.exception_info or {}
    errors = [info] if "raised_exception" in info else [part for part in info.values() if isinstance(part, dict)]
    messages = [str(e["exception_message"]).strip() for e in errors if e.get("raised_exception")]
    return messages[0].splitlines()[0] if messages else None
