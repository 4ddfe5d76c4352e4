"""From the submissions in use to a release: staging, marts, checks, indicators, protected cells, one sealed folder."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from catalogue.contracts import extract_contracts
from catalogue.disclosure import register, rules
from catalogue.indicators import WITHOUT_SQL, Indicator, indicators
from catalogue.reference import FOLDER
from expectations.suites import checked_tables
from pipelines import calendar, held_back, releases, settings, store, timeliness
from pipelines.beside_cells import beside_cells
from pipelines.board_detail import write_boards
from pipelines.build_returns import record_build_returns
from pipelines.definitions import definition_rows, fingerprints, part_rows
from pipelines.disclosure.secret import Secret, rounding_secret
from pipelines.engine import DUCKDB, Engine
from pipelines.equity.residents import need, residents
from pipelines.errors import PipelineError
from pipelines.figures import protected_cells
from pipelines.folders import BUILDING, Folders, make_folder
from pipelines.hashes import code_version, of_texts, sha256_of
from pipelines.ingest.register import Register, Submission
from pipelines.kept.checks import KeptChecks
from pipelines.kept.tables import KeptTables, begin_from_last, seal
from pipelines.kept.work import KeptWork
from pipelines.lake import damaged, lake_file, lake_views
from pipelines.locking import locked
from pipelines.models import INDICATOR, Models, read_models
from pipelines.programme_items import programme_items
from pipelines.progress import Steps, steps
from pipelines.quality.checks import Check, run_suites
from pipelines.quality.data_docs import write_data_docs
from pipelines.quality.gate import NEEDED, SetAside, StoppedError, gate, used_instead
from pipelines.quality.grades import HOW_GRADES_ARE_MADE, extracts_of, grades, of_indicators
from pipelines.quality.letters import Known, write_letters
from pipelines.quality.profile import load_profile
from pipelines.quality.results import check_history, with_since
from pipelines.quality.results import tables as result_tables
from pipelines.quality.rows_shown import shown_rows
from pipelines.quality.submission_states import submission_rows
from pipelines.reference import load_reference
from pipelines.releases import STORE, Release
from pipelines.stopwatch import counting

WAREHOUSE = "warehouse.duckdb"
DOCS = Path("quality", "docs")


@dataclass(frozen=True)
class Inputs:
    """Everything that decides what a release holds."""

    in_use: tuple[Submission, ...]
    ever_sent: tuple[Submission, ...]
    models: Models
    entries: dict[str, Indicator]
    secret: Secret
    left_out: tuple[SetAside, ...] = ()
    engine: Engine = DUCKDB

    @property
    def recipe(self) -> str:
        """One hash over every submission that was not refused, the code, the reference data, the settings, which secret
        rounds, and the engine where it is not DuckDB.

        What is set aside, and which earlier version takes its place, follows from these.
        """
        sent = sorted(f"{s.submission_id}:{s.sha256}:{s.state}" for s in self.ever_sent if s.state != "refused")
        chosen = json.dumps(settings.as_dict(), sort_keys=True)
        return of_texts([*sent, code_version(), chosen, self.secret.fingerprint, *self.engine.mark])

    @property
    def months(self) -> tuple[dt.date, dt.date]:
        """First days of the first and the newest month received."""
        found = [timeliness.month_of(str(s.period)) for s in self.in_use if s.extract == "testing"]
        return min(found), max(found)

    @property
    def is_synthetic(self) -> bool:
        """Whether every submission in use came from the demonstration generator."""
        return all(s.is_synthetic for s in self.in_use)


def build(folders: Folders, quiet: bool = False, anew: bool = False, engine: Engine = DUCKDB) -> Release:
    """A release of everything accepted so far; the release that already holds exactly this is returned as it is.

    anew: nothing that earlier builds kept is used, it is thrown away, and the release is made even where there is one.
    engine: what runs the SQL of sql/; all else is done by DuckDB and Polars on this machine.
    Raises PipelineError, and leaves every earlier release as it was, where there is nothing to build from or a critical
    check fails that cannot be mended by setting few submissions aside (`pipelines.quality.gate`).
    """
    with locked(folders):
        releases.sweep(folders)
        if anew:
            shutil.rmtree(folders.kept, ignore_errors=True)
        try:
            inputs = replace(_inputs(folders), engine=engine)
            same = [r for r in releases.releases(folders) if r.manifest["recipe"] == inputs.recipe and not anew]
            is_whole = same and not releases.pruned(same[-1]) and not releases.problems(same[-1])
            found = same[-1] if is_whole else _build(folders, inputs, quiet)
        except StoppedError as stop:
            held_back.note(folders, stop)
            _write_letters(folders, stop.checks, stopped=stop.blamed)
            raise
        held_back.clear(folders)
        return found


def is_built(folders: Folders) -> bool:
    """Whether a release holds everything accepted so far, as the code of this process makes it."""
    recipe = _inputs(folders).recipe
    return any(release.manifest["recipe"] == recipe for release in releases.releases(folders))


def _inputs(folders: Folders) -> Inputs:
    with Register(folders.register) as register:
        in_use = tuple(s for extract in extract_contracts() for s in register.in_use(extract))
        ever_sent = tuple(register.all())
    _insist_on_rows(folders, in_use)
    for extract in NEEDED:
        if not any(s.extract == extract for s in in_use):
            reason = f"no {extract} extract has been accepted"
            raise StoppedError(f"build: {reason}; put submissions in the inbox and run ingest", reason)
    secret = rounding_secret(folders.data, is_synthetic=all(s.is_synthetic for s in in_use))
    return Inputs(in_use, ever_sent, Models(read_models()), indicators(), secret)


def _insist_on_rows(folders: Folders, in_use: Sequence[Submission]) -> None:
    with Register(folders.register) as register:
        gone = [s.file for s in damaged(folders, in_use, register.lake_files())]
    if gone:
        raise PipelineError(
            f"build: the rows of {', '.join(gone[:5])}{' and others' if len(gone) > 5 else ''} are missing from the "
            "lake or damaged; ingest reads them again where the inbox still holds them; else restore lake/ from backup"
        )


def _build(folders: Folders, inputs: Inputs, quiet: bool) -> Release:
    make_folder(folders.build)
    make_folder(folders.releases)
    made_at = dt.datetime.now(dt.UTC)
    release_id = releases.new_id(folders, inputs.recipe, made_at)
    warehouse = folders.build / f"{BUILDING}{release_id}.duckdb"
    building = folders.releases / f"{BUILDING}{release_id}"
    building.mkdir()
    try:
        inputs, kept, checks = _checked_warehouse(folders, inputs, warehouse, quiet)
        with _warehouse(folders, warehouse) as con:
            before = KeptWork.of(folders, kept)
            tables, proof = _protected_tables(con, folders, inputs, before, checks, release_id, made_at, quiet)
            with counting("Boards"):
                write_boards(con, building, tables, before.results)
            before.forget_others()
            counts = _row_counts(con)
            record_build_returns(con, folders, inputs.in_use)
        _write_letters(folders, checks, inputs.left_out)
        store.write_store(building / STORE, tables)
        write_data_docs(building / DOCS, tables["checks"], made_at)
        release = releases.seal(
            folders, building, release_id, _manifest(folders, inputs, checks, counts, proof, made_at)
        )
        warehouse.replace(folders.build / WAREHOUSE)
        seal(folders, folders.build / WAREHOUSE)
    finally:
        shutil.rmtree(building, ignore_errors=True)
        for leftover in _files_of(warehouse):
            leftover.unlink(missing_ok=True)
    return release


def _write_letters(
    folders: Folders, checks: Sequence[Check], left_out: Sequence[SetAside] = (), stopped: Sequence[str] = ()
) -> None:
    """Write to every submitter what its submissions in use need; the gate's reasons go to those that it left out, and
    those by whose ids it stopped are told so."""
    with Register(folders.register) as register:
        ever_sent, returned = register.all(), register.build_returns()
    aside = {one.submission.submission_id: one for one in left_out}
    write_letters(folders, Known(ever_sent, returned, checks, aside, frozenset(stopped)))


def _checked_warehouse(
    folders: Folders, inputs: Inputs, path: Path, quiet: bool
) -> tuple[Inputs, KeptTables, list[Check]]:
    """A warehouse in which no critical check fails: what went into it, the keys of its tables, and its checks.

    Tables that would be the same are taken from the warehouse of the build before.
    Where the gate sets submissions aside, the warehouse is made again without them. Each round sets aside one more, and
    the gate allows few, so the rounds end. PipelineError where the gate stops the build.
    """
    while True:
        for leftover in _files_of(path):
            leftover.unlink(missing_ok=True)
        begin_from_last(folders, folders.build / WAREHOUSE, path)
        name = "Build again without what was set aside" if inputs.left_out else "Build"
        total = len(inputs.models) + len(checked_tables())
        with _warehouse(folders, path) as con, steps(name, total, quiet) as progress:
            tables = _tables(con, folders, inputs, progress)
            kept = KeptChecks(folders, tables)
            with counting("Build: check"):
                checks = run_suites(con, done=lambda table: _next(progress, f"checked {table}"), kept=kept)
            kept.write()
        left_out = gate(checks, inputs.in_use, inputs.ever_sent, inputs.left_out)
        if left_out == inputs.left_out:
            return inputs, tables, checks
        inputs = replace(inputs, in_use=used_instead(inputs.in_use, left_out), left_out=left_out)
        _insist_on_rows(folders, inputs.in_use)


def _files_of(warehouse: Path) -> tuple[Path, Path]:
    return warehouse, warehouse.with_name(f"{warehouse.name}.wal")


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


def _tables(con: duckdb.DuckDBPyConnection, folders: Folders, inputs: Inputs, progress: Steps) -> KeptTables:
    """Reference tables, views on the lake, then every model in the order that its FROM clauses give; what they hold."""
    kept = KeptTables(con, inputs.engine.mark)
    frames = {f"ref_{name}": frame for name, frame in load_reference().items()}
    frames |= {"ref_days": calendar.days(), "ref_periods": calendar.periods(*inputs.months)}
    for name, frame in frames.items():
        kept.holds_frame(name, frame)
    with Register(folders.register) as register:
        kept.holds_lake(inputs.in_use, register.lake_files())
    kept.take(inputs.models)
    for name, frame in frames.items():
        con.register("frame", frame)
        con.execute(f'CREATE TABLE "{name}" AS SELECT * FROM frame')
        con.unregister("frame")
    lake_views(con, folders, inputs.in_use)
    with kept.being_made(), inputs.engine.at_work(folders, inputs.in_use) as make:
        for model in inputs.models:
            progress.doing(model.name)
            if not kept.made_before(model):
                make(con, model)
            progress.done()
    for name, frame in load_profile(con, inputs.in_use, inputs.ever_sent).items():
        kept.holds_frame(name, frame)
    return kept


def _protected_tables(
    con: duckdb.DuckDBPyConnection,
    folders: Folders,
    inputs: Inputs,
    kept: KeptWork,
    checks: Sequence[Check],
    release_id: str,
    made_at: dt.datetime,
    quiet: bool,
) -> tuple[dict[str, pl.DataFrame], dict[str, object]]:
    """Every table of the protected store, and how it was proved that no small count can be worked out from them."""
    first, newest = inputs.months
    followed = releases.last_good(folders)
    before = followed.folder / STORE if followed else None
    counted = sum(
        entry.published and entry.kind not in WITHOUT_SQL and entry.counts_people for entry in inputs.entries.values()
    )
    with steps("Protect", counted, quiet) as progress:
        cells, proof = protected_cells(
            con,
            inputs.entries,
            first,
            inputs.secret,
            before,
            lambda name: _next(progress, name),
            progress.doing,
            settings.attack_seconds() if inputs.is_synthetic else None,
            kept=kept,
        )
    exact = dict(result_tables(con, checks, inputs.models, inputs.entries))
    exact["submissions"] = submission_rows(con, inputs.in_use, inputs.ever_sent, inputs.left_out)
    graded = grades(con, inputs.entries, inputs.models, checks, exact["submissions"])
    exact["quality"] = of_indicators(graded, inputs.entries, inputs.models, _rows_behind(con, inputs))
    results = shown_rows(exact, inputs.secret, rules())
    about = {
        "release_id": release_id,
        "created_at": made_at.isoformat(timespec="seconds"),
        "data_from": first.isoformat(),
        "data_to": calendar.month_end(newest).isoformat(),
        "extracted_on": max(s.extracted_on for s in inputs.in_use if s.extracted_on).isoformat(),
        "is_synthetic": str(inputs.is_synthetic).lower(),
        "code_version": code_version(),
        "next_due": timeliness.next_due(newest).isoformat(),
        "how_grades_are_made": HOW_GRADES_ARE_MADE,
        "gaps_need_recorded": str(settings.GAPS_NEED_RECORDED),
        "rounded_to": str(rules().rounded_to),
        "rounding_reach": str(rules().reach),
        "hidden_under": str(rules().hidden_under),
        "rounding_series": inputs.secret.fingerprint,
    }
    cells = _with_status(con, cells, inputs)
    published = [entry for entry in inputs.entries.values() if entry.published]
    beside = beside_cells(con, cells, published, inputs.secret, kept.results)
    return {
        "cells": cells,
        **beside,
        "indicators": store.entry_rows(inputs.entries),
        "definitions": definition_rows(inputs.entries, inputs.models),
        "definition_parts": part_rows(inputs.entries, inputs.models, inputs.secret.fingerprint),
        "dimension_values": store.dimension_rows(),
        "release": pl.DataFrame({"key": list(about), "value": list(about.values())}),
        "submitters": timeliness.submitters(con, inputs.in_use),
        "grades": graded,
        **results,
        "check_parts": with_since(results["check_parts"], made_at, before),
        "check_history": check_history(results["checks"], release_id, made_at, before),
        "events": con.sql("SELECT * FROM ref_events").pl(),
        "standards": con.sql("SELECT * FROM ref_turnaround_standards").pl(),
        "sources": con.sql("SELECT * FROM ref_sources").pl(),
        **residents(con),
        **programme_items(con),
        **need(),
        "spc_baselines": store.baseline_rows(),
    }, proof


def _with_status(con: duckdb.DuckDBPyConnection, cells: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """The cells with their status: each indicator is whole to where every extract that it rests on is; one that rests
    on no monthly extract, to where all are."""
    whole_to = timeliness.whole_to(con)
    _, newest = inputs.months
    found = []
    for (indicator,), own in cells.group_by("indicator", maintain_order=True):
        days = [whole_to[extract] for extract in extracts_of(inputs.entries[str(indicator)], inputs.models)]
        found.append(store.with_status(own, newest, min(days, default=min(whole_to.values()))))
    return pl.concat(found)


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


def _manifest(
    folders: Folders,
    inputs: Inputs,
    checks: Sequence[Check],
    counts: dict[str, int],
    proof: dict[str, object],
    made_at: dt.datetime,
) -> dict[str, Any]:
    statuses = sorted({check.status for check in checks})
    return {
        "created_at": made_at.isoformat(timespec="seconds"),
        "recipe": inputs.recipe,
        "code_version": code_version(),
        "engine": inputs.engine.about,
        "is_synthetic": inputs.is_synthetic,
        "inputs": {s.file: s.sha256 for s in inputs.in_use},
        "lake": {s.submission_id: sha256_of(lake_file(folders, s)) for s in inputs.in_use},
        "reference": {path.name: sha256_of(path) for path in sorted(FOLDER.rglob("*.csv"))},
        "definitions": fingerprints(part_rows(inputs.entries, inputs.models, inputs.secret.fingerprint)),
        "settings": settings.as_dict(),
        "row_counts": counts,
        "checks": {status: sum(check.status == status for check in checks) for status in statuses},
        "set_aside": [one.as_entry for one in inputs.left_out],
        "disclosure": {
            "rules": {name: value for name, value in rules().model_dump().items() if name != "links"},
            "cubes": [asdict(cube) for cube in register(inputs.entries)],
            "rounding_secret": inputs.secret.fingerprint,
            **proof,
        },
    }
