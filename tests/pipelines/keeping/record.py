"""A small data folder with every place that a backup keeps: made in a moment, whole by its own checks."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from click.testing import CliRunner, Result

from pipelines import releases
from pipelines.cli import main
from pipelines.disclosure.secret import Secret
from pipelines.folders import BUILDING, Folders
from pipelines.hashes import sha256_of
from pipelines.ingest.register import Register, Submission
from pipelines.ingest.sent_file import stamp
from pipelines.lake import lake_file
from pipelines.releases import Release
from ui import trail

#: The secret that the tests' environment names (tests/conftest.py).
FINGERPRINT = Secret.of("7" * 64).fingerprint
#: Seven hex digits of a made-up submission's hash.
SENT = "ab" * 32


def run(data: Path, *arguments: str) -> Result:
    """A command of `python -m pipelines` on a data folder."""
    return CliRunner().invoke(main, ["--quiet", "--data", str(data), *arguments])


def submission(folders: Folders, period: str, version: int, sent: str, state: str = "accepted") -> Submission:
    """A submission of tests from Edinburgh with rows in the lake, entered in the register."""
    stem = f"testing__EDI__{period}__v{version}"
    entry = Submission(
        submission_id=f"{stem}__{SENT[:8]}", file=f"{stem}.csv", extract="testing", submitter="EDI", period=period,
        version=version, sha256=SENT, bytes=10, registered_at=f"{sent}T06:00:00+00:00", state=state, rows_read=1,
        rows_loaded=1, rows_returned=0, reasons={}, refused_because=None, drift=(),
        extracted_on=date.fromisoformat(sent), is_synthetic=True,
    )  # fmt: skip
    rows = lake_file(folders, entry)
    rows.parent.mkdir(parents=True, exist_ok=True)
    rows.write_bytes(f"rows of {stem}".encode())
    folders.inbox.mkdir(parents=True, exist_ok=True)
    (folders.inbox / entry.file).write_text(f"as sent: {stem}")
    with Register(folders.register, create=True) as register:
        register.add(entry, stamp(entry.file, (folders.inbox / entry.file).stat()))
    return entry


def release(folders: Folders, release_id: str, *, publish: bool = True) -> Release:
    """A sealed release with a store, two boards and a page on quality; it names the rows in use."""
    building = folders.releases / f"{BUILDING}{release_id}"
    for name in ("protected.duckdb", "boards/S08000029.duckdb", "boards/S08000024.duckdb", "quality/docs/index.html"):
        path = building / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{name} of {release_id}")
    with Register(folders.register) as register:
        in_use = register.in_use("testing")
    made = release_id[:8]
    about = {
        "created_at": f"{made[:4]}-{made[4:6]}-{made[6:]}T06:00:00+00:00",
        "recipe": release_id,
        "is_synthetic": True,
        "lake": {entry.submission_id: sha256_of(lake_file(folders, entry)) for entry in in_use},
        "disclosure": {"rounding_secret": FINGERPRINT},
    }
    sealed = releases.seal(folders, building, release_id, about)
    return releases.publish(folders, release_id) if publish else sealed


def make_record(data: Path) -> Folders:
    """Two submissions, one of them replaced, two releases, returns, an audit trail over two months, and a scenario."""
    folders = Folders(data)
    submission(folders, "2026-09", 1, "2026-10-10")
    submission(folders, "2026-09", 2, "2026-10-12")
    release(folders, "20261016T060000Z-00000001")
    release(folders, "20261116T060000Z-00000002")
    (folders.returns / "EDI").mkdir(parents=True)
    (folders.returns / "EDI" / "testing__EDI__2026-09__v2__build.csv").write_text("row_number\n7\n")
    trail.append(folders.audit, [{"what": "view", "reader": "r", "where": "home", "release": "r", "detail": {}}] * 3)
    (folders.audit / "revoked.txt").write_text("0123456789abcdef\n")
    (folders.audit / "sessions.sqlite").write_text("who is signed in")
    (data / "scenarios").mkdir()
    (data / "scenarios" / "0123456789ab.json").write_text(json.dumps({"name": "As it is"}))
    (data / "build").mkdir()
    (data / "build" / "warehouse.duckdb").write_text("made anew by each build")
    folders.register.chmod(0o640)
    return folders


def contents(data: Path) -> dict[str, bytes]:
    """Every file of a data folder that is kept as it is, by its place in it."""
    left_out = ("build/", ".lock", "audit/lock", "audit/sessions.sqlite", "register.sqlite")
    found = {path.relative_to(data).as_posix(): path for path in data.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if not name.startswith(left_out)}
