"""`restore` and `verify-backup`: the same again, or nothing; damage, gaps and paths that lead out are found first."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalogue.contracts import ROOT
from pipelines import audit_trail, releases
from pipelines.errors import PipelineError
from pipelines.folders import Folders
from pipelines.ingest.register import Register
from pipelines.keeping.backup import Made, backup
from pipelines.keeping.restore import RESTORING, restore
from tests.pipelines.keeping.record import FINGERPRINT, contents, run


def stored(made: Made, path: str) -> Path:
    """Where the bytes of a file lie in a backup."""
    return made.folder.parent / next(file for file in made.manifest.files if file.path == path).stored


def rewritten(made: Made, change: Callable[[dict[str, Any]], None]) -> None:
    """Change a manifest as somebody would who also writes its hashes anew."""
    told = json.loads((made.folder / "manifest.json").read_text())
    change(told)
    text = json.dumps(told)
    (made.folder / "manifest.json").write_text(text)
    sums = (made.folder / "SHA256SUMS").read_text().splitlines()[1:]
    own = hashlib.sha256(text.encode()).hexdigest()
    (made.folder / "SHA256SUMS").write_text("\n".join([f"{own}  manifest.json", *sums]) + "\n")


def test_what_is_restored_is_the_same_file_by_file(record: Folders, kept: Made, tmp_path: Path) -> None:
    again = Folders(tmp_path / "again")
    result = run(again.data, "restore", str(kept.folder))
    assert (result.exit_code, result.stderr) == (0, "")
    assert contents(again.data) == contents(record.data)
    with Register(record.register) as before, Register(again.register) as after:
        assert after.all() == before.all()
        assert after.seen() == before.seen()
    for name in contents(record.data):
        was, now = (record.data / name).stat(), (again.data / name).stat()
        assert (now.st_mode & 0o777, now.st_mtime_ns) == (was.st_mode & 0o777, was.st_mtime_ns) or "head" in name
    assert releases.current(again).release_id == releases.current(record).release_id
    assert audit_trail.verify(again.audit).end == audit_trail.verify(record.audit).end
    assert run(again.data, "verify").exit_code == 0
    assert not (again.data / RESTORING).exists()


def test_it_says_what_is_served_and_which_secret_to_put_back(
    kept: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = run(tmp_path / "one", "restore", str(kept.folder)).stdout
    assert f"The rounding secret {FINGERPRINT} is in its place" in said
    other = tmp_path / "secret"
    other.write_text("8" * 64)
    monkeypatch.setenv("GENOMICS_ROUNDING_SECRET", str(other))
    said = run(tmp_path / "again", "restore", str(kept.folder)).stdout
    assert "Serving 20261116T060000Z-00000002" in said
    assert "The audit trail is whole: 3 lines" in said
    assert f"put the rounding secret {FINGERPRINT} back" in said


def test_it_says_where_another_version_made_the_backup(kept: Made, tmp_path: Path) -> None:
    assert "another version" not in run(tmp_path / "one", "restore", str(kept.folder)).stdout
    rewritten(kept, lambda told: told.update(code_version="0" * 12))
    assert (
        "Made by another version of this product (code 000000000000; here "
        in run(tmp_path / "two", "restore", str(kept.folder)).stdout
    )


def test_both_parts_make_the_whole_again(record: Folders, tmp_path: Path) -> None:
    parts = [backup(record, tmp_path / part, part, quiet=True).folder for part in ("build", "app")]
    result = run(tmp_path / "again", "restore", *map(str, parts))
    assert (result.exit_code, result.stderr) == (0, "")
    assert contents(tmp_path / "again") == contents(record.data)


def test_one_part_alone_says_what_is_not_in_it(record: Folders, tmp_path: Path) -> None:
    part = backup(record, tmp_path / "kept", "build", quiet=True)
    assert "Not in what was restored: audit, scenarios" in run(tmp_path / "again", "restore", str(part.folder)).stdout


def test_two_of_the_same_part_are_refused(record: Folders, kept: Made, tmp_path: Path) -> None:
    other = backup(record, kept.folder.parent, "app", quiet=True)
    result = run(tmp_path / "again", "restore", str(kept.folder), str(other.folder))
    assert result.exit_code == 1
    assert "both hold" in result.stderr
    assert not (tmp_path / "again").exists()


def test_a_folder_that_holds_anything_is_refused_and_not_touched(record: Folders, kept: Made, tmp_path: Path) -> None:
    before = contents(record.data)
    result = run(record.data, "restore", str(kept.folder))
    assert (result.exit_code, result.stderr) == (
        1, "restore: data/ is not empty, and nothing in it was touched; restore into a new folder\n",
    )  # fmt: skip
    assert contents(record.data) == before
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("mine")
    assert run(tmp_path / "other", "restore", str(kept.folder)).exit_code == 1
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["mine.txt"]


def test_empty_folders_made_beforehand_are_filled(kept: Made, record: Folders, tmp_path: Path) -> None:
    for name in ("inbox", "lake", "build", "releases", "returns", "audit", "scenarios"):
        (tmp_path / "again" / name).mkdir(parents=True)
    assert run(tmp_path / "again", "restore", str(kept.folder)).exit_code == 0
    assert contents(tmp_path / "again") == contents(record.data)


def test_a_folder_that_was_there_is_closed_to_others_when_it_is_filled(kept: Made, tmp_path: Path) -> None:
    again = Folders(tmp_path / "again")
    again.data.mkdir(mode=0o755)
    restore(again, [kept.folder], quiet=True)
    assert again.data.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("file", ["lake/testing/testing__EDI__2026-09__v2__abababab/rows.parquet", "register.sqlite"])
@pytest.mark.parametrize("harm", ["a byte flipped", "cut short", "missing", "a link"])
def test_a_damaged_file_is_named_and_nothing_is_restored(kept: Made, tmp_path: Path, file: str, harm: str) -> None:
    place = stored(kept, file)
    content = place.read_bytes()
    if harm == "a byte flipped":
        place.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    elif harm == "cut short":
        place.write_bytes(content[:-1])
    elif harm == "missing":
        place.unlink()
    else:
        place.rename(tmp_path / "elsewhere")
        place.symlink_to(tmp_path / "elsewhere")
    for done in (
        run(tmp_path, "verify-backup", str(kept.folder)),
        run(tmp_path / "again", "restore", str(kept.folder)),
    ):
        assert done.exit_code == 1
        assert f"{kept.folder.name}: {file}" in done.stderr
        assert done.stderr.count("\n") == 1
    assert not (tmp_path / "again").exists() or [p.name for p in (tmp_path / "again").iterdir()] == [".lock"]


def test_a_whole_backup_is_said_to_be_whole(kept: Made, tmp_path: Path) -> None:
    result = run(tmp_path, "verify-backup", str(kept.folder), "--manifest", kept.manifest_hash)
    assert result.exit_code == 0
    assert f"is whole: {len(kept.manifest.files)} files" in result.stdout


def test_a_manifest_that_was_changed_is_found(kept: Made, tmp_path: Path) -> None:
    path = kept.folder / "manifest.json"
    path.write_text(path.read_text().replace("0640", "0666"))
    for command in ("verify-backup", "restore"):
        result = run(tmp_path / "again", command, str(kept.folder))
        assert result.exit_code == 1
        assert "has changed since the backup was made" in result.stderr


def test_one_that_was_changed_together_with_its_hashes_is_found_by_the_hash_kept_elsewhere(
    kept: Made, tmp_path: Path
) -> None:
    rewritten(kept, lambda told: told["files"].pop())
    assert run(tmp_path, "verify-backup", str(kept.folder)).exit_code == 0
    result = run(tmp_path, "verify-backup", str(kept.folder), "--manifest", kept.manifest_hash)
    assert result.exit_code == 1
    assert "not the one given" in result.stderr


@pytest.mark.parametrize(
    "path",
    ["../outside", "/etc/outside", "inbox/../../outside", "inbox/./a", "inbox//a", "inbox", "register.sqlite/a",
     "build/a", ".lock", "elsewhere/a", "", "inbox/\0", "audit/.."],
)  # fmt: skip
def test_a_path_that_leads_out_or_to_no_known_place_is_refused(kept: Made, tmp_path: Path, path: str) -> None:
    rewritten(kept, lambda told: told["files"][0].update(path=path))
    result = run(tmp_path / "again", "restore", str(kept.folder))
    assert result.exit_code == 1
    assert "is not one of a backup" in result.stderr
    assert not (tmp_path / "again").exists()
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told["files"].append(told["files"][0]),
        lambda told: told["files"].append({**told["files"][0], "path": told["files"][0]["path"] + "/below"}),
        lambda told: told.update(part="app"),
        lambda told: told.update(format=2),
        lambda told: told["files"][0].update(mode="4755"),
        lambda told: told["files"][0].update(sha256="../../../etc/passwd"),
        lambda told: told["files"][0].update(size=-1),
        lambda told: told.pop("files"),
    ],
)
def test_a_manifest_that_no_backup_writes_is_refused(
    kept: Made, tmp_path: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    rewritten(kept, change)
    assert run(tmp_path / "again", "restore", str(kept.folder)).exit_code == 1
    assert not (tmp_path / "again").exists()


def test_the_folder_of_all_backups_names_those_in_it(kept: Made, tmp_path: Path) -> None:
    result = run(tmp_path / "again", "restore", str(kept.folder.parent))
    assert result.exit_code == 1
    assert f"name one of the backups in it: {kept.folder.name}" in result.stderr


def test_one_that_was_never_finished_is_refused(kept: Made, tmp_path: Path) -> None:
    unfinished = kept.folder.rename(kept.folder.with_name(".building-1234"))
    result = run(tmp_path / "again", "restore", str(unfinished))
    assert result.exit_code == 1
    assert "was never finished" in result.stderr


def test_all_backups_can_be_moved_to_another_place(record: Folders, kept: Made, tmp_path: Path) -> None:
    moved = shutil.move(kept.folder.parent, tmp_path / "elsewhere")
    assert run(tmp_path / "again", "restore", str(Path(moved, kept.folder.name))).exit_code == 0
    assert contents(tmp_path / "again") == contents(record.data)


KILLED = """
import os, signal, sys
from pathlib import Path
from pipelines.folders import Folders
from pipelines.keeping import restore

real = {name: getattr(restore, name) for name in ("copy_checked", "_put_in_place")}

def die(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)

def half(folders, staging):
    (staging / "audit").rename(folders.data / "audit")
    die()

setattr(restore, *{"copying": ("copy_checked", die), "putting in place": ("_put_in_place", half)}[sys.argv[3]])
restore.restore(Folders(Path(sys.argv[1])), [Path(sys.argv[2])], quiet=True)
"""


def killed(data: Path, made: Made, when: str) -> None:
    command = [sys.executable, "-c", KILLED, str(data), str(made.folder), when]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    assert done.returncode == -signal.SIGKILL


def test_one_that_was_cut_off_while_copying_is_done_by_running_it_again(
    record: Folders, kept: Made, tmp_path: Path
) -> None:
    killed(tmp_path / "again", kept, "copying")
    assert {path.name for path in (tmp_path / "again").iterdir()} == {".lock", RESTORING}
    assert run(tmp_path / "again", "restore", str(kept.folder)).exit_code == 0
    assert contents(tmp_path / "again") == contents(record.data)


def test_one_that_was_cut_off_while_putting_in_place_serves_nothing_and_says_what_to_do(
    record: Folders, kept: Made, tmp_path: Path
) -> None:
    data = tmp_path / "again"
    killed(data, kept, "putting in place")
    assert releases.current(Folders(data)) is None
    result = run(data, "restore", str(kept.folder))
    assert result.exit_code == 1
    assert "was cut off" in result.stderr
    assert "remove everything in that folder" in result.stderr
    shutil.rmtree(data)
    assert run(data, "restore", str(kept.folder)).exit_code == 0
    assert contents(data) == contents(record.data)


def test_a_full_disk_leaves_nothing_behind(kept: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    result = run(tmp_path / "again", "restore", str(kept.folder))
    assert result.exit_code == 1
    assert "The disk is full" in result.stderr
    assert [path.name for path in (tmp_path / "again").iterdir()] == [".lock"]


def test_too_little_room_is_told_before_anything_is_copied(
    kept: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(PipelineError, match="1 MB are free on the disk of again/"):
        restore(Folders(tmp_path / "again"), [kept.folder], quiet=True)


def test_what_was_damaged_before_it_was_kept_is_restored_and_told(record: Folders, tmp_path: Path) -> None:
    (record.releases / "20261016T060000Z-00000001" / "protected.duckdb").write_text("something else")
    kept = backup(record, tmp_path / "kept", quiet=True)
    result = run(tmp_path / "again", "restore", str(kept.folder))
    assert result.exit_code == 1
    assert "release 20261016T060000Z-00000001: protected.duckdb has changed since it was built" in result.stderr
    assert contents(tmp_path / "again") == contents(record.data)


def test_a_name_that_could_be_a_persons_is_withheld_from_messages(record: Folders, tmp_path: Path) -> None:
    (record.inbox / "0101010024 results.csv").write_text("rows")
    kept = backup(record, tmp_path / "kept", quiet=True)
    stored(kept, "inbox/0101010024 results.csv").unlink()
    result = run(tmp_path, "verify-backup", str(kept.folder))
    assert result.exit_code == 1
    assert "inbox/ (name withheld" in result.stderr
    assert "0101010024" not in result.output
