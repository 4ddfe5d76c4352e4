"""Plants a fault in the rows sent, makes again what depends on them, and says what the checks tell of it."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from catalogue.contracts import extract_contracts
from expectations.suites import suites
from pipelines import calendar
from pipelines.folders import Folders
from pipelines.ingest.register import Register, Submission
from pipelines.lake import lake_views
from pipelines.models import INDICATOR, Model, create_table, read_models
from pipelines.quality.checks import Check, run_suites
from pipelines.quality.grades import read_by
from pipelines.quality.profile import TABLES, load_profile
from pipelines.reference import load_reference
from pipelines.timeliness import month_of

#: What the profile reads of what the models make.
BEHIND_PROFILE = ("ranked_testing", "ranked_turnaround", "ranked_outcomes", "ranked_workforce", "ranked_programme")


@dataclass(frozen=True)
class Sent:
    """A submission by what its name says; period: YYYY-MM."""

    extract: str
    submitter: str
    period: str


@dataclass(frozen=True)
class Change:
    """What is changed of one submission.

    statements: SQL on `lake_<extract>`, with $here for the submission's id where that alone is changed. extracted_on:
    the day of its extract, as the register tells it. returned: the share of the rows read that ingest returned.
    is_missing: it was never sent.
    """

    sent: Sent
    statements: tuple[str, ...] = ()
    extracted_on: str = ""
    returned: float | None = None
    is_missing: bool = False


#: Whom a check blames: extract, submitter, period, board; None where it does not tell.
Blamed = tuple[str | None, str | None, str | None, str | None]


@dataclass(frozen=True)
class Fault:
    """One planted fault: what it changes, the check meant for it, whom that is to blame, and whether it must alarm.

    also: other checks of the same tables that may tell of it too.
    """

    name: str
    dimension: str
    check: str
    changes: tuple[Change, ...]
    alarms: bool
    blames: frozenset[Blamed]
    also: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Warehouse:
    """A database made once from sound submissions, and what the checks find in them."""

    path: Path
    in_use: tuple[Submission, ...]
    register: tuple[Submission, ...]
    models: tuple[Model, ...]
    sound: tuple[Check, ...] = field(repr=False)


def make_warehouse(folders: Folders, path: Path) -> Warehouse:
    """Reference tables, the lake's rows as tables, all models but the indicators, and the profile."""
    with Register(folders.register) as register:
        in_use = tuple(s for extract in extract_contracts() for s in register.in_use(extract))
        ever_sent = tuple(register.all())
    models = tuple(model for model in read_models() if not model.name.startswith(INDICATOR))
    months = [month_of(str(s.period)) for s in in_use if s.extract == "testing"]
    with _open(path) as con:
        frames = {f"ref_{name}": frame for name, frame in load_reference().items()}
        frames |= {"ref_days": calendar.days(), "ref_periods": calendar.periods(min(months), max(months))}
        for name, frame in frames.items():
            con.register("frame", frame)
            con.execute(f'CREATE TABLE "{name}" AS SELECT * FROM frame')
            con.unregister("frame")
        lake_views(con, folders, in_use)
        for extract in extract_contracts():
            con.execute(f"CREATE TABLE rows_of_{extract} AS SELECT * FROM lake_{extract}")
            con.execute(f"DROP VIEW lake_{extract}")
            con.execute(f"ALTER TABLE rows_of_{extract} RENAME TO lake_{extract}")
        for model in models:
            create_table(con, model)
        load_profile(con, in_use, ever_sent)
        sound = tuple(run_suites(con))
    return Warehouse(path, in_use, ever_sent, models, sound)


def told_of(warehouse: Warehouse, fault: Fault, place: Path) -> dict[str, frozenset[Blamed]]:
    """Whom each open check blames for the fault: those of whom it counts more failing than in the sound submissions."""
    copy = Path(shutil.copy(warehouse.path, place / "faulty.duckdb"))
    with _open(copy) as con:
        in_use, register = warehouse.in_use, warehouse.register
        for change in fault.changes:
            _change_rows(con, change, _id_of(warehouse.in_use, change.sent))
            in_use, register = _changed(in_use, change), _changed(register, change)
        table = fault.check.partition(".")[0]
        of_profile = table in TABLES
        _remake(con, warehouse.models, {f"lake_{c.sent.extract}" for c in fault.changes}, of_profile)
        if of_profile:
            for name in TABLES:
                con.execute(f"DROP TABLE {name}")
            load_profile(con, _counted(con, in_use), register)
        chosen = {name: suite for name, suite in suites().items() if name in (TABLES if of_profile else (table,))}
        found = run_suites(con, chosen)
    before = {check.id: _blamed(check) for check in warehouse.sound}
    news = {check.id: _more(_blamed(check), before.get(check.id, {})) for check in found if check.is_open}
    return {check: blamed for check, blamed in news.items() if blamed}


def _blamed(check: Check) -> dict[Blamed, int]:
    """How many failing a check counts of each that it blames; one that cannot tell blames nobody by name."""
    found: dict[Blamed, int] = {}
    for part in check.parts:
        month = part.period.strftime("%Y-%m") if part.period else None
        whose = part.extract, part.submitter, month, part.board
        found[whose] = found.get(whose, 0) + (part.failing or part.groups or 0)
    return found or ({(None, None, None, None): check.rows_failing or 1} if check.is_open else {})


def _more(found: dict[Blamed, int], before: dict[Blamed, int]) -> frozenset[Blamed]:
    return frozenset(blamed for blamed, failing in found.items() if failing > before.get(blamed, 0))


@contextmanager
def _open(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(path)) as con:
        con.execute("SET threads = 2")
        yield con


def _id_of(in_use: Sequence[Submission], sent: Sent) -> str:
    (found,) = (s.submission_id for s in in_use if _is(s, sent))
    return found


def _is(submission: Submission, sent: Sent) -> bool:
    return (submission.extract, submission.submitter, submission.period) == (sent.extract, sent.submitter, sent.period)


def _change_rows(con: duckdb.DuckDBPyConnection, change: Change, here: str) -> None:
    for statement in change.statements:
        con.execute(statement, {"here": here} if "$here" in statement else None)
    if change.is_missing:
        con.execute(f"DELETE FROM lake_{change.sent.extract} WHERE submission_id = $here", {"here": here})


def _changed(submissions: tuple[Submission, ...], change: Change) -> tuple[Submission, ...]:
    """The submissions as the register would tell them with the change."""
    if change.is_missing:
        return tuple(s for s in submissions if not _is(s, change.sent))
    return tuple(_as_told(s, change) if _is(s, change.sent) else s for s in submissions)


def _as_told(submission: Submission, change: Change) -> Submission:
    if change.extracted_on:
        day = change.extracted_on
        submission = replace(submission, extracted_on=dt.date.fromisoformat(day), registered_at=f"{day}T09:00:00+00:00")
    if change.returned is not None:
        returned = round(change.returned * submission.rows_read)
        submission = replace(submission, rows_returned=returned)
    return submission


def _counted(con: duckdb.DuckDBPyConnection, in_use: Sequence[Submission]) -> list[Submission]:
    """The submissions with as many rows loaded as the lake now holds."""
    rows: dict[str, int] = {}
    for extract in extract_contracts():
        rows |= dict(con.execute(f"SELECT submission_id, count(*) FROM lake_{extract} GROUP BY 1").fetchall())
    found = []
    for s in in_use:
        loaded = rows.get(s.submission_id, 0)
        found.append(replace(s, rows_loaded=loaded, rows_read=loaded + s.rows_returned))
    return found


def _remake(con: duckdb.DuckDBPyConnection, models: Sequence[Model], changed: set[str], of_profile: bool) -> None:
    """Make again the models that read a changed table, directly or through others, where they are needed."""
    behind = read_by(models, "stg_returned").union(BEHIND_PROFILE)
    stale = set(changed)
    for model in models:
        if model.needs & stale and (not of_profile or model.name in behind):
            stale.add(model.name)
            con.execute(f'DROP TABLE "{model.name}"')
            create_table(con, model)
