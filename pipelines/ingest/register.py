"""The register of submissions: who sent what and when, what became of it and why, in one SQLite file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pipelines.errors import PipelineError
from pipelines.folders import whole_file
from pipelines.ingest.sent_file import Stamp

State = Literal["accepted", "refused", "superseded", "outdated"]

VERSION = 1
#: What SQLite says of a disk or a folder, not of the file.
NOT_DAMAGE = {
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR,
}  # fmt: skip
SCHEMA = """
CREATE TABLE IF NOT EXISTS submissions (
    submission_id TEXT NOT NULL, file TEXT NOT NULL, extract TEXT, submitter TEXT, period TEXT, version INTEGER,
    sha256 TEXT NOT NULL, bytes INTEGER NOT NULL, registered_at TEXT NOT NULL, state TEXT NOT NULL,
    rows_read INTEGER NOT NULL, rows_loaded INTEGER NOT NULL, rows_returned INTEGER NOT NULL, reasons TEXT NOT NULL,
    refused_because TEXT, drift TEXT NOT NULL, extracted_on TEXT, is_synthetic INTEGER NOT NULL,
    PRIMARY KEY (file, sha256)
);
CREATE TABLE IF NOT EXISTS seen (
    name_hash TEXT PRIMARY KEY, bytes INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL,
    inode INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS lake_files (submission_id TEXT PRIMARY KEY, sha256 TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS build_returns (
    submission_id TEXT NOT NULL, reason TEXT NOT NULL, rows INTEGER NOT NULL, PRIMARY KEY (submission_id, reason)
);
"""


@dataclass(frozen=True)
class Submission:
    """One submission as registered.

    Where a refused file's name could not be read, extract, submitter and period are None. rows_read of a refused file
    counts the rows that could be read before it was refused; nothing of it is loaded or returned.
    """

    submission_id: str
    file: str
    extract: str | None
    submitter: str | None
    period: str | None
    version: int | None
    sha256: str
    bytes: int
    registered_at: str
    state: State
    rows_read: int
    rows_loaded: int
    rows_returned: int
    reasons: dict[str, int]
    refused_because: str | None
    drift: tuple[str, ...]
    extracted_on: date | None
    is_synthetic: bool


NAMES = [field.name for field in fields(Submission)]
INSERT = "INSERT INTO submissions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


class Register:
    """The register, opened at a path; every change is one transaction, on the disk before it is told to be done.

    create: make the file where there is none; only ingest does. PipelineError where it is missing otherwise, or where
    it is there and is no register, since an empty one in its place would disown everything in the lake.
    """

    def __init__(self, path: Path, create: bool = False) -> None:
        if not path.exists():
            if not create:
                raise PipelineError(
                    "There is no register of submissions yet: put submissions in the inbox and run ingest."
                )
            with whole_file(path) as partial:
                _make(partial)
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=30)
        try:
            self._connection.execute("PRAGMA synchronous = EXTRA")
            is_register = self._connection.execute("PRAGMA user_version").fetchall() == [(VERSION,)]
            is_register &= self._connection.execute("PRAGMA quick_check(1)").fetchall() == [("ok",)]
            self._connection.execute("SELECT count(*) FROM submissions").fetchall()
            if is_register and create:
                self._connection.executescript(SCHEMA)  # tables that a register made by an earlier version lacks
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF in NOT_DAMAGE:
                self._connection.close()
                raise
            is_register = False
        if not is_register:
            self._connection.close()
            raise PipelineError(
                f"{path.name} is damaged: restore it from a backup, or move it and lake/ away, and ingest reads the "
                "whole inbox anew. Nothing was changed."
            )

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Register:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def all(self) -> list[Submission]:
        """Every submission, in the order of registration."""
        rows = self._connection.execute("SELECT * FROM submissions ORDER BY rowid")
        return [_from_row(row) for row in rows]

    def in_use(self, extract: str) -> list[Submission]:
        """The accepted submissions of an extract, one a submitter and period, sorted by both."""
        found = [entry for entry in self.all() if entry.extract == extract and entry.state == "accepted"]
        return sorted(found, key=lambda entry: (entry.submitter or "", entry.period or ""))

    def seen(self) -> dict[str, Stamp]:
        """The stamp under which each file of an inbox was last read, by the hash of its name."""
        return {row[0]: Stamp(*row) for row in self._connection.execute("SELECT * FROM seen")}

    def note_seen(self, stamp: Stamp) -> None:
        """Remember a file that was read and needs no entry, so that it is not read again."""
        with self._transaction():
            self._note(stamp)

    def add(self, entry: Submission, stamp: Stamp, rows_sha256: str | None = None) -> None:
        """Enter a submission, remember its file, and retire the versions that it replaces, in one transaction.

        rows_sha256: the hash of its file in the lake, where it has one.
        """
        values = [_to_sqlite(value) for value in astuple(entry)]
        with self._transaction():
            self._connection.execute(INSERT, values)
            self._note(stamp)
            if rows_sha256 is not None:
                self._note_rows(entry.submission_id, rows_sha256)
            if entry.state == "accepted":
                self._connection.execute(
                    "UPDATE submissions SET state = 'superseded' WHERE state = 'accepted' AND extract = ?"
                    " AND submitter = ? AND period = ? AND version < ?",
                    (entry.extract, entry.submitter, entry.period, entry.version),
                )

    def lake_files(self) -> dict[str, str]:
        """SHA-256 of the lake's file of each submission, by submission_id; a register made by an earlier version knows
        only of those that were read since."""
        there = self._connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'lake_files'").fetchone()
        return dict(self._connection.execute("SELECT * FROM lake_files").fetchall()) if there else {}

    def note_lake_file(self, submission_id: str, rows_sha256: str) -> None:
        """Remember the hash of a lake's file that was written again."""
        with self._transaction():
            self._note_rows(submission_id, rows_sha256)

    def record_build_returns(self, returned: Mapping[str, Mapping[str, int]]) -> None:
        """Replace what the build returned: rows by reason code for each submission_id."""
        rows = [(entry, reason, count) for entry, by_reason in returned.items() for reason, count in by_reason.items()]
        with self._transaction():
            self._connection.execute("DELETE FROM build_returns")
            self._connection.executemany("INSERT INTO build_returns VALUES (?, ?, ?)", rows)

    def build_returns(self) -> dict[str, dict[str, int]]:
        """What the last build returned: rows by reason code for each submission_id."""
        returned: dict[str, dict[str, int]] = {}
        for entry, reason, count in self._connection.execute("SELECT * FROM build_returns ORDER BY 1, 2"):
            returned.setdefault(entry, {})[reason] = count
        return returned

    def _note_rows(self, submission_id: str, rows_sha256: str) -> None:
        self._connection.execute("INSERT OR REPLACE INTO lake_files VALUES (?, ?)", (submission_id, rows_sha256))

    def _note(self, stamp: Stamp) -> None:
        self._connection.execute("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?)", astuple(stamp))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # SQLite itself takes back what met a full disk
                self._connection.execute("ROLLBACK")
            raise


def _make(path: Path) -> None:
    """An empty register, made under a passing name: a kill while it is made leaves none."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.executescript(f"BEGIN; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")
    finally:
        connection.close()


def _to_sqlite(value: Any) -> Any:
    if isinstance(value, dict | tuple):
        return json.dumps(value)
    return value.isoformat() if isinstance(value, date) else value


def _from_row(row: tuple[Any, ...]) -> Submission:
    held = dict(zip(NAMES, row, strict=True))
    held["reasons"] = json.loads(held["reasons"])
    held["drift"] = tuple(json.loads(held["drift"]))
    held["extracted_on"] = date.fromisoformat(held["extracted_on"]) if held["extracted_on"] else None
    held["is_synthetic"] = bool(held["is_synthetic"])
    return Submission(**held)
