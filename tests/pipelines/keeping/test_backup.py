"""`backup`: what is kept and what never is, while others write, when it is cut off, and when the disk is full."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from catalogue.contracts import ROOT
from pipelines import audit_trail
from pipelines.errors import PipelineError
from pipelines.folders import Folders
from pipelines.keeping import backup as backups
from pipelines.keeping import destination, manifest
from pipelines.keeping.backup import Made, backup
from pipelines.keeping.restore import check, restore
from tests.pipelines.another_command import another_command
from tests.pipelines.keeping.record import FINGERPRINT, contents, run
from tests.ui.trails import make_trail
from ui import trail


def paths(made: Made) -> set[str]:
    return {file.path for file in made.manifest.files}


def test_it_keeps_everything_but_what_is_made_anew_and_who_is_signed_in(record: Folders, kept: Made) -> None:
    assert paths(kept) == {*contents(record.data), "register.sqlite"}
    assert not [name for name in paths(kept) if name.startswith(("build", "audit/sessions", "audit/lock", ".lock"))]
    assert kept.manifest.rounding_secret == FINGERPRINT
    assert (kept.wrong, kept.left_out) == ((), ())


def test_its_hashes_can_be_checked_without_the_product(kept: Made) -> None:
    checked = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=kept.folder, capture_output=True, text=True)
    assert checked.returncode == 0
    assert checked.stdout.count(": OK\n") == 1 + len({file.sha256 for file in kept.manifest.files})


def test_nobody_else_may_read_it(kept: Made) -> None:
    place = kept.folder.parent
    opened = [p for p in [place, *place.rglob("*")] if p.stat().st_mode & 0o077 and p.parent != kept.folder]
    assert [path.name for path in opened] == ["README.txt"]


def test_what_is_there_already_is_not_copied_again(record: Folders, kept: Made) -> None:
    stored = {path: path.stat().st_mtime_ns for path in (kept.folder.parent / "files").rglob("*") if path.is_file()}
    (record.inbox / "testing__EDI__2026-10__v1.csv").write_text("new in the inbox")
    again = backup(record, kept.folder.parent, quiet=True)
    assert again.written == len("new in the inbox")
    assert paths(again) - paths(kept) == {"inbox/testing__EDI__2026-10__v1.csv"}
    now = {path: path.stat().st_mtime_ns for path in (kept.folder.parent / "files").rglob("*") if path.is_file()}
    assert stored.items() < now.items()
    for made in (kept, again):
        assert check(made.folder, made.manifest_hash, quiet=True)[1] == []


def test_each_part_holds_what_its_user_may_read(record: Folders, tmp_path: Path) -> None:
    of_build, of_app = (backup(record, tmp_path / part, part, quiet=True) for part in ("build", "app"))
    assert {file.place for file in of_build.manifest.files} == {
        "inbox", "lake", "returns", "register.sqlite", "releases",
    }  # fmt: skip
    assert {file.place for file in of_app.manifest.files} == {"audit", "scenarios"}
    assert of_app.manifest.rounding_secret is None


def test_the_app_part_needs_nothing_of_the_build(record: Folders, tmp_path: Path) -> None:
    with another_command(record):
        assert backup(record, tmp_path / "kept", "app", quiet=True).manifest.part == "app"


def test_while_a_build_is_at_work_it_refuses(record: Folders, tmp_path: Path) -> None:
    with another_command(record):
        result = run(record.data, "backup", str(tmp_path / "kept"))
    assert result.exit_code == 1
    assert "another ingest, build or publish is at work" in result.stderr
    assert not (tmp_path / "kept").exists()


def test_it_waits_for_a_build_as_long_as_it_is_told(
    record: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "PATIENCE", 0.05)
    with another_command(record):
        started = time.monotonic()
        with pytest.raises(PipelineError, match="at work"):
            backup(record, tmp_path / "kept", wait=0.2, quiet=True)
        assert time.monotonic() - started >= 0.2
        held = threading.Timer(0.3, lambda: None)
        held.start()
    held.join()
    assert backup(record, tmp_path / "kept", wait=5, quiet=True).written


def test_a_trail_that_grows_meanwhile_is_kept_whole(
    record: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = {"what": "view", "reader": "r", "where": "home", "release": "r", "detail": {}}
    real = destination.Destination.add

    def adding(self: destination.Destination, source):
        trail.append(record.audit, [line])
        return real(self, source)

    monkeypatch.setattr(destination.Destination, "add", adding)
    made = backup(record, tmp_path / "kept", "app", quiet=True)
    restored = Folders(tmp_path / "restored")
    restore(restored, [made.folder], quiet=True)
    assert audit_trail.verify(record.audit).lines > audit_trail.verify(restored.audit).lines == 3
    assert audit_trail.verify(restored.audit).is_whole


def test_archived_months_and_a_line_cut_off_by_a_crash_are_kept_as_they_are(tmp_path: Path) -> None:
    held, again = Folders(tmp_path / "data"), Folders(tmp_path / "again")
    make_trail(held.audit)
    moved = audit_trail.archive(held.audit, "2026-10")
    with max(held.audit.glob("trail-*.jsonl")).open("ab") as file:
        file.write(b'{"detail":{},"num')
    made = backup(held, tmp_path / "kept", "app", quiet=True)
    restore(again, [made.folder], quiet=True)
    assert contents(again.data) == contents(held.data)
    assert {f"audit/archive/{name}" for name in moved} < paths(made)
    assert not audit_trail.verify(again.audit).is_whole
    trail.append(again.audit, [{"what": "view", "reader": "r", "where": "home", "release": "", "detail": {}}])
    everything = audit_trail.verify(again.audit, archived=again.audit / "archive")
    assert everything.is_whole
    assert everything.mended == {"torn line": 1}


def test_the_register_is_kept_as_it_was_before_a_change_that_was_cut_off(record: Folders, tmp_path: Path) -> None:
    dies = (
        "import os, sqlite3, sys; con = sqlite3.connect(sys.argv[1], isolation_level=None); "
        "con.execute('PRAGMA cache_size = 1'); con.execute('BEGIN IMMEDIATE'); "
        "con.execute('DELETE FROM submissions'); con.execute('CREATE TABLE big AS SELECT hex(randomblob(99999))'); "
        "os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", dies, str(record.register)], check=True)
    assert record.register.with_name("register.sqlite-journal").exists()
    made = backup(record, tmp_path / "kept", quiet=True)
    kept = next(file for file in made.manifest.files if file.path == "register.sqlite")
    with sqlite3.connect(tmp_path / "kept" / kept.stored) as con:
        assert con.execute("SELECT count(*) FROM submissions").fetchone() == (2,)
    assert kept.mode == "0640"


@pytest.mark.parametrize("place", ["inbox/key.txt", "returns/EDI/key.csv", "scenarios/key.json", "releases/key"])
def test_the_rounding_secret_is_never_kept_wherever_it_was_put(record: Folders, tmp_path: Path, place: str) -> None:
    (record.data / place).write_text("7" * 64 + "\n")
    result = run(record.data, "backup", str(tmp_path / "kept"))
    assert result.exit_code == 1
    assert f"{place} holds the rounding secret; move it away" in result.stderr
    assert "7777" not in result.output
    assert manifest.finished(tmp_path / "kept") == []


def test_it_is_not_made_where_the_secret_lies(record: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kept").mkdir()
    monkeypatch.setenv("GENOMICS_ROUNDING_SECRET", str(tmp_path / "kept" / "secret"))
    with pytest.raises(PipelineError, match="must be kept apart"):
        backup(record, tmp_path / "kept", quiet=True)


def test_it_says_that_the_secret_is_kept_apart(record: Folders, tmp_path: Path) -> None:
    said = run(record.data, "backup", str(tmp_path / "kept")).stdout.splitlines()
    assert said[-1] == "The rounding secret is not in it, and must be kept apart: with both, rounding can be undone."


@pytest.mark.parametrize("place", ["data/kept", "data", "."])
def test_it_may_not_lie_in_the_data_folder_or_around_it(record: Folders, tmp_path: Path, place: str) -> None:
    with pytest.raises(PipelineError, match="may not lie in the data folder"):
        backup(record, tmp_path / place, quiet=True)


def test_links_are_not_followed_and_are_told(record: Folders, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("mine")
    (record.inbox / "link.csv").symlink_to(tmp_path / "outside")
    (record.returns / "link").symlink_to(tmp_path)
    result = run(record.data, "backup", str(tmp_path / "kept"))
    assert result.exit_code == 0
    assert "inbox/link.csv, returns/link" in result.stderr
    assert "links" in result.stderr


def test_a_file_still_arriving_under_a_name_with_a_dot_is_left_to_the_next(record: Folders, tmp_path: Path) -> None:
    (record.inbox / ".testing__EDI__2026-10__v1.csv").write_text("half of it")
    assert not [name for name in paths(backup(record, tmp_path / "kept", quiet=True)) if "/." in name]


def test_a_release_that_has_changed_is_kept_and_told(record: Folders, tmp_path: Path) -> None:
    store = record.releases / "20261016T060000Z-00000001" / "protected.duckdb"
    store.write_text("something else")
    result = run(record.data, "backup", str(tmp_path / "kept"))
    assert result.exit_code == 1
    assert "releases/20261016T060000Z-00000001/protected.duckdb" in result.stderr
    assert len(manifest.finished(tmp_path / "kept")) == 1


def test_a_release_published_meanwhile_leaves_the_pointer_whole(record: Folders, tmp_path: Path) -> None:
    found = [file.path for file in backups.listing(record, "build").files]
    assert found[:2] == ["releases/current", "releases/published"]


KILLED = """
import os, signal, sys
from pathlib import Path
from pipelines.folders import Folders
from pipelines.keeping import backup, destination

real = destination.Destination.add
count = 0

def add(self, source):
    global count
    count += 1
    if count == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
    return real(self, source)

destination.Destination.add = add
backup.backup(Folders(Path(sys.argv[1])), Path(sys.argv[2]), quiet=True)
"""


def test_one_that_is_killed_leaves_the_last_good_one_and_the_next_goes_on_from_it(record: Folders, kept: Made) -> None:
    place = kept.folder.parent
    (record.inbox / "new.csv").write_text("new")
    command = [sys.executable, "-c", KILLED, str(record.data), str(place), "12"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    assert done.returncode == -signal.SIGKILL
    assert manifest.finished(place) == [kept.folder.name]
    assert len(list(place.glob(".building-*"))) == 1
    again = backup(record, place, quiet=True)
    assert list(place.rglob(".building-*")) == []
    assert manifest.finished(place) == [kept.folder.name, again.folder.name]
    assert check(again.folder, quiet=True)[1] == []


def test_a_full_disk_is_told_and_the_last_good_one_stands(
    record: Folders, kept: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    (record.inbox / "new.csv").write_text("new")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    result = run(record.data, "backup", str(kept.folder.parent))
    monkeypatch.undo()
    assert result.exit_code == 1
    assert result.stderr.startswith("backup: the disk of kept/ is full: free space there")
    assert result.stderr.count("\n") == 1
    assert manifest.finished(kept.folder.parent) == [kept.folder.name]
    assert list(kept.folder.parent.rglob(".building-*")) == []
    assert check(kept.folder, quiet=True)[1] == []


@pytest.mark.slow
def test_on_a_disk_that_is_really_full_nothing_half_made_is_left(record: Folders, tmp_path: Path) -> None:
    place = tmp_path / "small-disk"
    place.mkdir()
    mounted = shutil.which("mount") and os.geteuid() == 0
    if not mounted or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", place], check=False).returncode:
        pytest.skip("mounting a small disk needs root")
    try:
        (record.inbox / "large.csv").write_bytes(os.urandom(100_000))
        result = run(record.data, "backup", str(place / "kept"))
        assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
        assert "is full" in result.stderr
        assert manifest.finished(place / "kept") == []
    finally:
        subprocess.run(["umount", place], check=True)


def test_where_the_place_for_backups_may_not_be_written_it_says_so(
    record: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(folder: Path) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder / ".lock"))

    monkeypatch.setattr(backups, "opened", closed)
    assert run(record.data, "backup", str(tmp_path / "kept")).stderr == (
        "backup: this user may not write to kept/; name a folder of this user's own\n"
    )


def test_two_backups_at_once_do_not_mix(record: Folders, tmp_path: Path) -> None:
    with destination.opened(tmp_path / "kept"), pytest.raises(PipelineError, match="another backup is being made"):
        backup(record, tmp_path / "kept", "app", quiet=True)


def test_a_folder_that_others_may_write_is_refused(record: Folders, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept").chmod(0o777)
    with pytest.raises(PipelineError, match="others may write"):
        backup(record, tmp_path / "kept", quiet=True)


def test_older_ones_go_by_rule_and_what_the_others_need_stays(record: Folders, kept: Made) -> None:
    place = kept.folder.parent
    (record.inbox / "testing__EDI__2026-09__v1.csv").unlink()
    (record.inbox / "second.csv").write_text("second")
    second = backup(record, place, quiet=True)
    of_app = backup(record, place, "app", quiet=True)
    (record.inbox / "third.csv").write_text("third")
    third = backup(record, place, quiet=True, keep=2)
    assert third.dropped == (kept.folder.name,)
    assert manifest.finished(place) == sorted([second.folder.name, of_app.folder.name, third.folder.name])
    for made in (second, of_app, third):
        assert check(made.folder, quiet=True)[1] == []
    needed = {file.sha256 for made in (second, of_app, third) for file in made.manifest.files}
    assert {path.name for path in (place / "files").glob("*/*")} == needed
    assert {file.sha256 for file in kept.manifest.files} - needed


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = run(tmp_path / "nothing", "backup", str(tmp_path / "kept"))
    assert (result.exit_code, result.stderr) == (1, "backup: there is no data folder nothing/; name it with --data\n")
