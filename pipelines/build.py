"""From the submissions in use to a release: staging, marts, checks, indicators, protected cells, one sealed folder."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from catalogue.contracts import extract_contracts
from catalogue.indicators import Indicator, indicators
from catalogue.reference import FOLDER
from expectations.suites import checked_tables
from pipelines import calendar, quality, releases, settings, store, timeliness
from pipelines.build_returns import record_build_returns
from pipelines.checks import Check, run_suites
from pipelines.errors import PipelineError
from pipelines.figures import protected_cells
from pipelines.folders import BUILDING, Folders
from pipelines.hashes import code_version, of_texts, sha256_of
from pipelines.ingest.register import Register, Submission
from pipelines.lake import lake_file, lake_views
from pipelines.locking import locked
from pipelines.models import INDICATOR, Model, create_table, read_models
from pipelines.progress import Steps, steps
from pipelines.reference import load_reference
from pipelines.releases import STORE, Release

WAREHOUSE = "warehouse.duckdb"
RELEASE_TIME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Inputs:
    """Everything that decides what a release holds."""

    in_use: tuple[Submission, ...]
    models: tuple[Model, ...]
    entries: dict[str, Indicator]

    @property
    def recipe(self) -> str:
        """One hash over the submissions in use, the code, the reference data and the settings."""
        used = sorted(f"{s.submission_id}:{s.sha256}" for s in self.in_use)
        return of_texts([*used, code_version(), json.dumps(settings.as_dict(), sort_keys=True)])

    @property
    def months(self) -> tuple[dt.date, dt.date]:
        """First days of the first and the newest month received."""
        found = [timeliness.month_of(str(s.period)) for s in self.in_use if s.extract == "testing"]
        return min(found), max(found)

    @property
    def is_synthetic(self) -> bool:
        """Whether every submission in use came from the demonstration generator."""
        return all(s.is_synthetic for s in self.in_use)


def build(folders: Folders, quiet: bool = False) -> Release:
    """A release of everything accepted so far; the release that already holds exactly this is returned as it is.

    Raises PipelineError, and leaves every earlier release as it was, where there is nothing to build from or a critical
    check fails.
    """
    with locked(folders):
        releases.sweep(folders)
        inputs = _inputs(folders)
        same = [r for r in releases.releases(folders) if r.manifest["recipe"] == inputs.recipe]
        if same and not releases.problems(same[-1]):
            return same[-1]
        return _build(folders, inputs, quiet)


def _inputs(folders: Folders) -> Inputs:
    with Register(folders.register) as register:
        in_use = tuple(s for extract in extract_contracts() for s in register.in_use(extract))
    if gone := [s.file for s in in_use if not lake_file(folders, s).exists()]:
        raise PipelineError(
            f"build: the lake lacks the rows of {', '.join(gone[:5])}{' and others' if len(gone) > 5 else ''}; "
            "restore lake/ from a backup, or send these again as higher versions"
        )
    if not any(s.extract == "testing" for s in in_use):
        raise PipelineError("build: no testing extract has been accepted; put submissions in the inbox and run ingest")
    return Inputs(in_use, tuple(read_models()), indicators())


def _build(folders: Folders, inputs: Inputs, quiet: bool) -> Release:
    folders.build.mkdir(parents=True, exist_ok=True)
    folders.releases.mkdir(parents=True, exist_ok=True)
    made_at = dt.datetime.now(dt.UTC)
    release_id = f"{made_at:{RELEASE_TIME}}-{inputs.recipe[:8]}"
    warehouse = folders.build / f"{BUILDING}{release_id}.duckdb"
    building = folders.releases / f"{BUILDING}{release_id}"
    building.mkdir()
    try:
        published = [entry for entry in inputs.entries.values() if entry.published]
        with _warehouse(folders, warehouse) as con, steps("Build", _steps_of(inputs, published), quiet) as progress:
            _tables(con, folders, inputs, progress)
            checks = run_suites(con, done=lambda table: _next(progress, f"checked {table}"))
            _stop_on_critical(checks)
            tables = _protected_tables(con, inputs, checks, release_id, made_at, progress)
            counts = _row_counts(con)
            record_build_returns(con, folders, inputs.in_use)
        store.write_store(building / STORE, tables)
        _write_quality(building, checks)
        release = releases.seal(folders, building, release_id, _manifest(folders, inputs, checks, counts, made_at))
        warehouse.replace(folders.build / WAREHOUSE)
    finally:
        shutil.rmtree(building, ignore_errors=True)
        for leftover in (warehouse, warehouse.with_name(f"{warehouse.name}.wal")):
            leftover.unlink(missing_ok=True)
    return release


def _steps_of(inputs: Inputs, published: Sequence[Indicator]) -> int:
    return len(inputs.models) + len(checked_tables()) + len(published)


def _next(progress: Steps, what: str) -> None:
    progress.doing(what)
    progress.done()


@contextmanager
def _warehouse(folders: Folders, path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A new database file for person-level work, bounded in memory and spilling beside itself."""
    with duckdb.connect(str(path)) as con:
        con.execute(f"SET memory_limit = '{settings.MEMORY_LIMIT}'")
        con.execute(f"SET threads = {settings.THREADS}")
        con.execute("SET temp_directory = ?", [str(folders.build / f"{BUILDING}spill")])
        con.execute("SET autoinstall_known_extensions = false")
        con.execute("SET autoload_known_extensions = false")
        yield con


def _tables(con: duckdb.DuckDBPyConnection, folders: Folders, inputs: Inputs, progress: Steps) -> None:
    """Reference tables, views on the lake, then every model in the order that its FROM clauses give."""
    frames = {f"ref_{name}": frame for name, frame in load_reference().items()}
    frames |= {"ref_days": calendar.days(), "ref_periods": calendar.periods(*inputs.months)}
    for name, frame in frames.items():
        con.register("frame", frame)
        con.execute(f'CREATE TABLE "{name}" AS SELECT * FROM frame')
        con.unregister("frame")
    lake_views(con, folders, inputs.in_use)
    for model in inputs.models:
        progress.doing(model.name)
        create_table(con, model)
        progress.done()


def _stop_on_critical(checks: Sequence[Check]) -> None:
    failed = [check for check in checks if check.stops_the_build]
    if failed:
        lines = [
            f"build: {check.table}: {check.sentence} "
            + (f"This could not be checked: {check.error}" if check.error else _so_many(check.rows_failing))
            for check in failed
        ]
        raise PipelineError("\n".join([*lines, "build: the last release stays as it is"]))


def _so_many(rows: int | None) -> str:
    if rows is None:
        return "It is not so."
    return f"{rows} row does not." if rows == 1 else f"{rows} rows do not."


def _protected_tables(
    con: duckdb.DuckDBPyConnection,
    inputs: Inputs,
    checks: Sequence[Check],
    release_id: str,
    made_at: dt.datetime,
    progress: Steps,
) -> dict[str, pl.DataFrame]:
    """Every table of the protected store."""
    first, newest = inputs.months
    sent = timeliness.submitters(inputs.in_use, timeliness.stale_periods(con))
    whole = sent["newest_period"].to_list()
    whole_to = calendar.month_end(timeliness.month_of(min(whole))) if None not in whole else dt.date.min
    cells = protected_cells(con, inputs.entries, first, lambda name: _next(progress, f"protected {name}"))
    about = {
        "release_id": release_id,
        "created_at": made_at.isoformat(timespec="seconds"),
        "data_from": first.isoformat(),
        "data_to": calendar.month_end(newest).isoformat(),
        "extracted_on": max(s.extracted_on for s in inputs.in_use if s.extracted_on).isoformat(),
        "is_synthetic": str(inputs.is_synthetic).lower(),
        "code_version": code_version(),
        "next_due": timeliness.next_due(newest).isoformat(),
    }
    return {
        "cells": store.with_status(cells, newest, whole_to),
        "indicators": store.entry_rows(inputs.entries),
        "dimension_values": store.dimension_rows(),
        "release": pl.DataFrame({"key": list(about), "value": list(about.values())}),
        "submitters": sent,
        "quality": quality.grades(inputs.entries, inputs.models, checks, sent, _rows_behind(con, inputs)),
        "checks": store.check_rows(checks, inputs.models, inputs.entries),
        "events": con.sql("SELECT * FROM ref_events").pl(),
        "standards": con.sql("SELECT * FROM ref_turnaround_standards").pl(),
        "sources": con.sql("SELECT * FROM ref_sources").pl(),
    }


def _rows_behind(con: duckdb.DuckDBPyConnection, inputs: Inputs) -> dict[str, tuple[int, int]]:
    """Rows accepted and returned by extract; those that the build returned are no longer accepted."""
    by_build = dict(
        con.execute("SELECT split_part(submission_id, '__', 1), count(*) FROM stg_returned GROUP BY 1").fetchall()
    )
    found = {}
    for extract in extract_contracts():
        used, late = [s for s in inputs.in_use if s.extract == extract], by_build.get(extract, 0)
        found[extract] = (sum(s.rows_loaded for s in used) - late, sum(s.rows_returned for s in used) + late)
    return found


def _row_counts(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Rows of every table that a model made."""
    found = con.execute(
        "SELECT table_name, estimated_size FROM duckdb_tables() "
        "WHERE table_name LIKE 'stg%' OR table_name LIKE 'mart%' OR table_name LIKE ? ORDER BY table_name",
        [f"{INDICATOR}%"],
    ).fetchall()
    return dict(found)


def _write_quality(building: Path, checks: Sequence[Check]) -> None:
    folder = building / "quality"
    folder.mkdir()
    summary = [
        {"table": c.table, "check": c.sentence, "severity": c.severity, "dimension": c.dimension, "status": c.status}
        for c in checks
    ]
    (folder / "checks.json").write_text(json.dumps(summary, indent=2), encoding="utf-8")


def _manifest(
    folders: Folders, inputs: Inputs, checks: Sequence[Check], counts: dict[str, int], made_at: dt.datetime
) -> dict[str, Any]:
    statuses = sorted({check.status for check in checks})
    return {
        "created_at": made_at.isoformat(timespec="seconds"),
        "recipe": inputs.recipe,
        "code_version": code_version(),
        "is_synthetic": inputs.is_synthetic,
        "inputs": {s.file: s.sha256 for s in inputs.in_use},
        "lake": {s.submission_id: sha256_of(lake_file(folders, s)) for s in inputs.in_use},
        "reference": {path.name: sha256_of(path) for path in sorted(FOLDER.glob("*.csv"))},
        "settings": settings.as_dict(),
        "row_counts": counts,
        "checks": {status: sum(check.status == status for check in checks) for status in statuses},
        "disclosure": {
            "rules": "interim: under 10 people hidden, other counts rounded to 5",
            "attack_gate": "not run; it comes with the register of cubes",
        },
    }
