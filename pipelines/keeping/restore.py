"""Checks backups, and puts them back into an empty data folder: all of it, or nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines import audit_trail, releases
from pipelines.disclosure.secret import fingerprint_in, secret_file
from pipelines.errors import PipelineError
from pipelines.folders import Folders
from pipelines.hashes import code_version
from pipelines.ingest.register import Register
from pipelines.keeping import manifest
from pipelines.keeping.destination import copy_checked, problem_of
from pipelines.keeping.manifest import Backup, KeptFile, shown
from pipelines.keeping.places import PLACES
from pipelines.lake import file_by_id
from pipelines.locking import locked
from pipelines.progress import steps

#: Where files lie until every one of them is known to be right.
RESTORING = ".restoring"
LOCK = ".lock"
#: The order in which places are filled: what the app serves comes last, so that it serves all or nothing.
LAST = "releases"
#: Free bytes that must be left beside what is restored.
ROOM = 16 << 20


@dataclass(frozen=True)
class Restored:
    """What was put back. wrong: what was not right with it already when it was kept; told: lines for who restores."""

    files: int
    size: int
    wrong: tuple[str, ...]
    told: tuple[str, ...]


def check(folder: Path, expected: str = "", quiet: bool = False) -> tuple[Backup, list[str]]:
    """Read every byte of a backup: what it is, and a line for each file that is missing or has changed.

    expected: the manifest's hash as noted elsewhere. PipelineError where it is no backup.
    """
    backup = manifest.read(folder, expected)
    found = []
    with steps("Check", len(backup.manifest.files), quiet) as progress:
        for file in backup.manifest.files:
            if wrong := problem_of(backup.stored(file), file):
                found.append(_line(backup, file, wrong))
            progress.done()
    return backup, found


def restore(folders: Folders, backups: Sequence[Path], quiet: bool = False) -> Restored:
    """Put one backup, or those of both users' parts, into a data folder that is empty.

    Every file is copied and its hash compared before the first takes its place. Raises PipelineError where the folder
    holds anything, a backup is damaged or not whole (naming the file), names places outside, two hold the same, or the
    disk is too small; then the data folder is as it was. Where it is cut off, running it again clears up.
    """
    chosen = [manifest.read(folder) for folder in backups]
    files = [(backup, file) for backup in chosen for file in backup.manifest.files]
    _insist_on_different(chosen)
    _insist_on_empty(folders)
    _insist_on_all_there(files)
    folders.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    _close(folders.data)
    with locked(folders):
        _insist_on_empty(folders)
        staging = folders.data / RESTORING
        if staging.exists():
            shutil.rmtree(staging)
        _insist_on_room(folders, sum(file.size for _, file in files))
        try:
            staging.mkdir(mode=0o700)
            _fill(staging, files, quiet)
            _put_in_place(folders, staging)
        finally:
            if staging.exists() and not _is_begun(folders):
                shutil.rmtree(staging)
    return Restored(len(files), sum(file.size for _, file in files), *_looked_at(folders, chosen))


def _close(folder: Path) -> None:
    """Let nobody else in, also where the folder was there before: files in it keep modes that others may read by."""
    try:
        folder.chmod(0o700)
    except PermissionError as error:
        raise PipelineError(
            f"restore: {folder.name}/ belongs to another user, who could read what is restored; name one of your own"
        ) from error


def _fill(staging: Path, files: Sequence[tuple[Backup, KeptFile]], quiet: bool) -> None:
    with steps("Restore", len(files), quiet) as progress:
        for backup, file in files:
            progress.doing(file.place)
            to = staging / file.path
            _make_folders(staging, to.parent)
            if wrong := problem_of(backup.stored(file), file, read_all=False):
                raise PipelineError(_line(backup, file, wrong))
            if not copy_checked(backup.stored(file), file, to):
                raise PipelineError(_line(backup, file, "has changed since the backup was made"))
            progress.done()


def _make_folders(staging: Path, folder: Path) -> None:
    """Folders that only this user may open; deploy/permissions.sh opens what others need."""
    for place in reversed([folder, *folder.relative_to(staging).parents]):
        (staging / place).mkdir(mode=0o700, exist_ok=True)


def _put_in_place(folders: Folders, staging: Path) -> None:
    """Move what is whole to where it belongs; each place at once, and what is served last."""
    os.sync()
    for name in sorted((path.name for path in staging.iterdir()), key=lambda name: (name == LAST, name)):
        (staging / name).rename(folders.data / name)
    staging.rmdir()
    os.sync()


def _is_begun(folders: Folders) -> bool:
    """Whether something of a restore has taken its place already."""
    return any(path.name not in (LOCK, RESTORING) and not _is_empty(path) for path in folders.data.iterdir())


def _is_empty(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and not any(path.iterdir())


def _insist_on_empty(folders: Folders) -> None:
    """Nothing but empty folders, as deploy/permissions.sh makes them, and what an earlier restore left unfinished."""
    if not folders.data.exists():
        return
    if not folders.data.is_dir():
        raise PipelineError(f"restore: {folders.data.name} is no folder; name an empty or a new one with --data")
    if not _is_begun(folders):
        return
    if (folders.data / RESTORING).exists():
        raise PipelineError(
            f"restore: an earlier restore into {folders.data.name}/ was cut off while it put files in place; remove "
            "everything in that folder, and restore again"
        )
    raise PipelineError(
        f"restore: {folders.data.name}/ is not empty, and nothing in it was touched; restore into a new folder"
    )


def _insist_on_different(chosen: Sequence[Backup]) -> None:
    places: dict[str, str] = {}
    for backup in chosen:
        for place in {file.place for file in backup.manifest.files}:
            if place in places:
                raise PipelineError(
                    f"restore: {places[place]} and {backup.folder.name} both hold {place}; name one backup of each part"
                )
            places[place] = backup.folder.name


def _insist_on_all_there(files: Sequence[tuple[Backup, KeptFile]]) -> None:
    """Every file there, of its size: told before hours go into copying."""
    found = [
        _line(backup, file, wrong)
        for backup, file in files
        if (wrong := problem_of(backup.stored(file), file, read_all=False))
    ]
    if found:
        more = [f"{len(found) - 10:,} more files of the backup are missing or damaged"] if len(found) > 10 else []
        raise PipelineError("\n".join([*found[:10], *more]))


def _insist_on_room(folders: Folders, size: int) -> None:
    free = shutil.disk_usage(folders.data).free
    if free < size + ROOM:
        raise PipelineError(
            f"restore: {size / 1e6:,.0f} MB are needed and {free / 1e6:,.0f} MB are free on the disk of "
            f"{folders.data.name}/; make room, or name a folder on another disk"
        )


def _line(backup: Backup, file: KeptFile, wrong: str) -> str:
    return f"{backup.folder.name}: {shown(file.path)} ({file.sha256[:12]}) {wrong}; use another backup"


def _looked_at(folders: Folders, chosen: Sequence[Backup]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is wrong with what was restored, as it was kept; and what to know before going on."""
    wrong: list[str] = []
    told: list[str] = []
    held = {file.place for backup in chosen for file in backup.manifest.files}
    serving = releases.current(folders)
    for release in releases.releases(folders):
        served = serving is not None and release.release_id == serving.release_id
        wrong += releases.problems(release, (lambda name: file_by_id(folders, name)) if served else None)
    if folders.register.exists():
        with Register(folders.register) as register:
            told.append(f"Register: {len(register.all()):,} submissions")
    if serving is not None:
        told.append(f"Serving {serving.release_id}")
    if "audit" in held:
        verdict = audit_trail.verify(folders.audit)
        wrong += [f"audit: {verdict.problem}"] if verdict.problem else []
        told += [] if verdict.problem else audit_trail.told(verdict)[:1]
    missing = [place for place in PLACES if place not in held]
    if missing:
        told.append(f"Not in what was restored: {', '.join(missing)}")
    if made_by := {b.manifest.code_version for b in chosen} - {code_version()}:
        told.append(
            f"Made by another version of this product (code {', '.join(sorted(made_by))}; here {code_version()}): the "
            "next refresh makes a new release"
        )
    told += [_of_secret(b.manifest.rounding_secret) for b in chosen if b.manifest.rounding_secret]
    return tuple(wrong), tuple(told)


def _of_secret(fingerprint: str) -> str:
    """Whether the rounding secret of what was restored is in its place, and what to do where it is not."""
    place = secret_file()
    if os.access(place, os.R_OK) and fingerprint_in(place) == fingerprint:
        return f"The rounding secret {fingerprint} is in its place"
    return (
        f"Before the next refresh put the rounding secret {fingerprint} back, from where it is kept apart, to {place}: "
        "with another one every figure is rounded anew"
    )
