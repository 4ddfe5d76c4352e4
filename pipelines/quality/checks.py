"""Runs the suites of expectations/ on the tables of a warehouse, and says what each check found and whose it is."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import duckdb
import great_expectations as gx
from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults
from sqlalchemy.pool import StaticPool

from expectations.domain import RETURNED
from expectations.suites import suites
from pipelines.duckdb_dialect import Connection
from pipelines.quality.blame import Part, parts_of
from pipelines.statements import read_by

#: Counts only: no value of a failing row is kept, in memory or in a file.
RESULT_FORMAT = {"result_format": "BASIC", "exclude_unexpected_values": True, "partial_unexpected_count": 0}

STATUSES = ("pass", "warn", "fail", "not_applicable", "error")

# The library warns of each custom class that it registers again in a second run of one process.
logging.getLogger("great_expectations").setLevel(logging.ERROR)


@dataclass(frozen=True)
class Check:
    """What one expectation found: exact counts, for the build side only.

    `at_most` is the share that may fail. `counted` says what the counts are of: rows or groups. `parts` says whose the
    failing rows are, where any failed and the table tells. `among` is the condition of the rows that were looked at.
    `nouns` names what is counted, one and many: file, files. `field` is the one field of an extract that is judged
    (`testing.sex`), `same_rows` the name that it shares with checks on which the same rows fail.
    """

    table: str
    name: str
    expectation: str
    column: str | None
    sentence: str
    severity: str
    dimension: str
    owner: str
    why: str
    to_do: str
    affects: tuple[str, ...]
    status: str
    counted: str
    rows_checked: int
    rows_failing: int | None
    at_most: float
    error: str | None
    parts: tuple[Part, ...] = field(default=(), repr=False)
    among: str = "TRUE"
    nouns: tuple[str, str] = ("row", "rows")
    field: str | None = None
    same_rows: str = ""

    @property
    def id(self) -> str:
        """The check's name, unique among all: `table.name`."""
        return f"{self.table}.{self.name}"

    @property
    def share(self) -> float | None:
        """The share of what was checked that failed; None where nothing was."""
        return self.rows_failing / self.rows_checked if self.rows_checked and self.rows_failing is not None else None

    @property
    def tells_of_returned(self) -> bool:
        """Whether it counts rows that were returned, of which the reasons of their return tell already."""
        return self.same_rows == RETURNED

    @property
    def stops_the_build(self) -> bool:
        """Whether nothing may be published while this stands: a critical check failed, or could not be made."""
        return self.severity == "critical" and self.status in ("fail", "error")

    @property
    def is_open(self) -> bool:
        """Whether it tells of something to mend."""
        return self.status in ("warn", "fail", "error")


class Kept(Protocol):
    """What earlier runs found; see `pipelines.kept.checks`."""

    def known(self, table: str, suite: gx.ExpectationSuite) -> list[Check] | None:
        """What a suite would find again."""

    def keep(self, table: str, suite: gx.ExpectationSuite, reads: Iterable[str], checks: Sequence[Check]) -> None:
        """Keep what it found on the tables that it reads."""


def run_suites(
    con: duckdb.DuckDBPyConnection,
    chosen: dict[str, gx.ExpectationSuite] | None = None,
    done: Callable[[str], None] = lambda _: None,
    kept: Kept | None = None,
) -> list[Check]:
    """Every check of every suite, by table and name.

    con: an open connection whose tables are committed; it is only read. chosen: suites by table, all by default. kept:
    what earlier runs found. A check on nothing is not applicable, never passed, unless it asks for rows; a check on a
    table or column that is not there is an error.
    """
    run: list[str] = []
    source = _context().data_sources.add_or_update_sql(
        "warehouse",
        connection_string="duckdb://",
        kwargs={"creator": lambda: Connection(con, run), "poolclass": StaticPool},
    )
    found: list[Check] = []
    for table, suite in (suites() if chosen is None else chosen).items():
        checks = kept.known(table, suite) if kept else None
        if checks is None:
            run.clear()
            checks = _run_suite(con, source, table, suite)
            if kept:
                kept.keep(table, suite, {table, *read_by(con, run)}, checks)
        found += checks
        done(table)
    return sorted(found, key=lambda check: check.id)


def _context() -> Any:
    return gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
            analytics_enabled=False,
            progress_bars={"globally": False},
        ),
    )


def _run_suite(con: duckdb.DuckDBPyConnection, source: Any, table: str, suite: gx.ExpectationSuite) -> list[Check]:
    named = {expectation.meta["name"]: expectation for expectation in suite.expectations}
    if len(named) < len(suite.expectations):
        raise ValueError(f"two checks of {table} have the same name")
    is_there = con.cursor().execute("SELECT 1 FROM information_schema.tables WHERE table_name = ?", [table]).fetchall()
    if not is_there:
        return [_check(con, table, one, None, f"The table {table} is not there.") for one in named.values()]
    batch = source.add_table_asset(table, table_name=table).add_batch_definition_whole_table("all").get_batch()
    results = batch.validate(suite, result_format=RESULT_FORMAT).results
    return [_check(con, table, named[r.expectation_config.meta["name"]], r, _error_in(r)) for r in results]


def _check(con: duckdb.DuckDBPyConnection, table: str, expectation: Any, result: Any, error: str | None) -> Check:
    values = (result.result or {}) if result is not None else {}
    meta, failing = expectation.meta, values.get("unexpected_count")
    asks_for_rows = expectation.expectation_type == "expect_table_row_count_to_be_between"
    checked = int(values.get("observed_value") or 0) if asks_for_rows else int(values.get("element_count") or 0)
    severity = getattr(expectation.severity, "value", expectation.severity)
    if error:
        status = "error"
    elif checked == 0 and not asks_for_rows:
        status = "not_applicable"
    elif result.success:
        status = "pass"
    else:
        status = "fail" if severity == "critical" else "warn"
    return Check(
        table=table,
        name=meta["name"],
        expectation=expectation.expectation_type,
        column=getattr(expectation, "column", None),
        sentence=str(expectation.description or expectation.expectation_type),
        severity=severity,
        dimension=meta["dimension"],
        owner=meta["owner"],
        why=meta["why"],
        to_do=meta.get("to_do", ""),
        affects=tuple(meta.get("affects", ())),
        status=status,
        counted=getattr(expectation, "unit", "rows"),
        rows_checked=checked,
        rows_failing=failing,
        at_most=getattr(expectation, "at_most", 1 - getattr(expectation, "mostly", 1.0)),
        error=error,
        parts=parts_of(con, table, expectation) if failing else (),
        among=getattr(expectation, "looked_at", "TRUE"),
        nouns=getattr(expectation, "nouns", ("row", "rows")),
        field=f"{expectation.extract}.{expectation.field}" if hasattr(expectation, "field") else None,
        same_rows=meta.get("same_rows", ""),
    )


def _error_in(result: Any) -> str | None:
    """Why an expectation could not be checked, or None where it was; the library tells it in two shapes."""
    info = result.exception_info or {}
    errors = [info] if "raised_exception" in info else [part for part in info.values() if isinstance(part, dict)]
    messages = [str(e["exception_message"]).strip() for e in errors if e.get("raised_exception")]
    return messages[0].splitlines()[0] if messages else None
