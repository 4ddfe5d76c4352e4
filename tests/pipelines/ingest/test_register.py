"""The register of submissions."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pipelines.errors import PipelineError
from pipelines.ingest.register import Register, Submission
from pipelines.ingest.sent_file import Stamp
from pipelines.status import as_status

ENTRY = Submission(
    submission_id="testing__EDI__2026-03__v1__aaaaaaaa",
    file="testing__EDI__2026-03__v1.csv",
    extract="testing",
    submitter="EDI",
    period="2026-03",
    version=1,
    sha256="a" * 64,
    bytes=10,
    registered_at="2026-04-05T10:00:00+00:00",
    state="accepted",
    rows_read=10,
    rows_loaded=8,
    rows_returned=2,
    reasons={"bad_date": 2},
    refused_because=None,
    drift=("lab_comment",),
    extracted_on=date(2026, 4, 3),
    is_synthetic=True,
)
STAMP = Stamp("hash", 10, 1, 1, 1)


def numbered(version: int, **changes: object) -> Submission:
    name = f"testing__EDI__2026-03__v{version}"
    return replace(ENTRY, submission_id=f"{name}__x", file=f"{name}.csv", version=version, **changes)  # type: ignore[arg-type]


def test_what_is_entered_is_read_back(tmp_path: Path) -> None:
    refused = replace(
        ENTRY, file="x", extract=None, submitter=None, period=None, version=None, state="refused", extracted_on=None
    )
    with Register(tmp_path / "register.sqlite", create=True) as register:
        register.add(ENTRY, STAMP)
        register.add(refused, STAMP)
    with Register(tmp_path / "register.sqlite", create=True) as register:
        assert register.all() == [ENTRY, refused]
        assert register.seen() == {"hash": STAMP}


def test_a_higher_version_retires_the_lower_ones_of_its_period_only(tmp_path: Path) -> None:
    other = replace(ENTRY, file="other", submitter="GLA")
    with Register(tmp_path / "register.sqlite", create=True) as register:
        for entry in (numbered(1), other, numbered(3), numbered(2, state="outdated"), numbered(4, state="refused")):
            register.add(entry, STAMP)
        assert [(e.version, e.state) for e in register.all() if e.submitter == "EDI"] == [
            (1, "superseded"),
            (3, "accepted"),
            (2, "outdated"),
            (4, "refused"),
        ]
        assert [(e.submitter, e.version) for e in register.in_use("testing")] == [("EDI", 3), ("GLA", 1)]
        assert register.in_use("outcomes") == []


def test_the_same_file_is_never_entered_twice(tmp_path: Path) -> None:
    with Register(tmp_path / "register.sqlite", create=True) as register:
        register.add(ENTRY, STAMP)
        with pytest.raises(sqlite3.IntegrityError):
            register.add(ENTRY, STAMP)
        assert register.all() == [ENTRY]


def test_build_returns_replace_those_of_the_build_before(tmp_path: Path) -> None:
    with Register(tmp_path / "register.sqlite", create=True) as register:
        register.record_build_returns({"a": {"orphan_key": 3}})
        register.record_build_returns({"b": {"orphan_key": 1, "sent_twice": 2}})
        assert register.build_returns() == {"b": {"orphan_key": 1, "sent_twice": 2}}


def test_status_moves_rows_that_the_build_returned(tmp_path: Path) -> None:
    with Register(tmp_path / "register.sqlite", create=True) as register:
        register.add(ENTRY, STAMP)
        register.record_build_returns({ENTRY.submission_id: {"orphan_key": 3}})
        (row,) = as_status(register)
    assert list(row) == [
        "file",
        "extract",
        "submitter",
        "period",
        "version",
        "sha256",
        "state",
        "rows_read",
        "rows_loaded",
        "rows_returned",
        "reasons",
        "refused_because",
    ]
    assert (row["rows_read"], row["rows_loaded"], row["rows_returned"]) == (10, 5, 5)
    assert row["reasons"] == {"bad_date": 2, "orphan_key": 3}


def test_a_register_that_is_missing_empty_or_damaged_is_told_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "register.sqlite"
    with pytest.raises(PipelineError, match="run ingest"):
        Register(path)
    for content in (b"", b"no database", b"SQLite format 3\x00" + bytes(100)):
        path.write_bytes(content)
        for create in (False, True):
            with pytest.raises(PipelineError, match="restore it from a backup"):
                Register(path, create=create)
        assert path.read_bytes() == content


def test_a_page_that_was_changed_on_the_disk_is_found(tmp_path: Path) -> None:
    path = tmp_path / "register.sqlite"
    with Register(path, create=True) as register:
        for version in range(1, 60):
            register.add(numbered(version), STAMP)
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 4] = bytes(4096)
    path.write_bytes(content)
    with pytest.raises(PipelineError, match="move it and lake/ away"):
        Register(path)


def test_a_disk_that_is_full_is_told_as_such_and_what_was_entered_stands(tmp_path: Path) -> None:
    """SQLite takes the transaction back itself there; taking it back once more would hide what happened."""
    with Register(tmp_path / "register.sqlite", create=True) as register:
        register.add(ENTRY, STAMP)
        [(pages,)] = register._connection.execute("PRAGMA page_count").fetchall()
        register._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(sqlite3.OperationalError, match="disk is full"):
            register.add(numbered(2, refused_because="x" * 100_000), STAMP)
        register._connection.execute("PRAGMA max_page_count = 10000")
        assert register.all() == [ENTRY]
        register.add(numbered(2), STAMP)
        assert len(register.all()) == 2


def test_a_register_that_was_never_finished_never_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kill while it is made leaves no file of its name, which would pass for a damaged one for ever."""
    path = tmp_path / "register.sqlite"
    monkeypatch.setattr("pipelines.folders.put_in_place", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        Register(path, create=True)
    monkeypatch.undo()
    assert list(tmp_path.iterdir()) == []
    with Register(path, create=True) as register:
        assert register.all() == []


def test_hashes_of_rows_are_kept_with_their_entry_and_a_register_of_an_earlier_version_learns_them(
    tmp_path: Path,
) -> None:
    path = tmp_path / "register.sqlite"
    with Register(path, create=True) as register:
        register.add(ENTRY, STAMP)
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE lake_files")
    connection.close()
    with Register(path) as register:
        assert register.lake_files() == {}
    with Register(path, create=True) as register:
        register.add(numbered(2), STAMP, "b" * 64)
        register.note_lake_file(ENTRY.submission_id, "a" * 64)
        assert register.lake_files() == {ENTRY.submission_id: "a" * 64, numbered(2).submission_id: "b" * 64}
