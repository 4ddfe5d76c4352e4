"""Makes a backup of the data folder, or of one user's part of it, while the app serves and records."""

from __future__ import annotations

import datetime as dt
import errno
import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipelines import releases
from pipelines.disclosure.secret import fingerprint_in, secret_file
from pipelines.errors import PipelineError
from pipelines.folders import BUILDING, Folders
from pipelines.hashes import code_version
from pipelines.ingest.register import Register
from pipelines.keeping import manifest
from pipelines.keeping.destination import ChangingError, Destination, opened
from pipelines.keeping.manifest import KeptFile, Manifest, shown
from pipelines.keeping.places import PARTS, Part, Source, listing
from pipelines.locking import locked
from pipelines.progress import steps

NAME_TIME = "%Y%m%dT%H%M%SZ"
#: Seconds between two looks whether the data folder is free.
PATIENCE = 1.0


@dataclass(frozen=True)
class Made:
    """A finished backup: where it is, the hash of its manifest, and what to tell of it.

    written: bytes that were not there already. left_out: links, names that are no text, and what changed or went while
    it was being read. wrong: what of the releases had changed before it was kept. dropped: older backups removed.
    """

    folder: Path
    manifest: Manifest
    manifest_hash: str
    written: int
    left_out: tuple[str, ...]
    wrong: tuple[str, ...]
    dropped: tuple[str, ...]


def backup(
    folders: Folders, to: Path, part: Part = "all", wait: float = 0.0, keep: int | None = None, quiet: bool = False
) -> Made:
    """Keep a part of the data folder in a new backup in the folder `to`.

    wait: seconds to wait where an ingest or a build holds the data folder. keep: how many backups of this part stay,
    this one included; all of them by default. The new one has its name only when it is whole, and earlier ones are not
    touched before. Raises PipelineError, with nothing changed but bytes that the next backup finds there, where the
    data folder is held for longer, a file cannot be read, the disk is full, or the rounding secret would be kept.
    """
    _insist_on_apart(folders, to)
    with ExitStack() as held:
        try:
            if "releases" in PARTS[part]:
                held.enter_context(_free(folders, wait))
            destination = held.enter_context(opened(to))
            return _made(folders, destination, part, keep, quiet)
        except OSError as error:
            raise _told(error, to) from error


def _made(folders: Folders, destination: Destination, part: Part, keep: int | None, quiet: bool) -> Made:
    found = listing(folders, part)
    guard = _SecretGuard(folders)
    building = destination.folder / f"{BUILDING}{secrets.token_hex(4)}"
    building.mkdir(mode=0o700)
    kept: list[KeptFile] = []
    left_out = list(found.left_out)
    written = 0
    try:
        with steps("Backup", len(found.files), quiet) as progress:
            for source in found.files:
                progress.doing(source.path.partition("/")[0])
                try:
                    guard.look(source)
                    file, size = destination.add(source)
                    kept.append(file)
                    written += size
                except (FileNotFoundError, ChangingError) as error:
                    if not source.may_go:
                        raise PipelineError(
                            f"backup: {shown(source.path)} changed meanwhile; run this again"
                        ) from error
                    left_out.append(source.path)
                progress.done()
        if "register.sqlite" in PARTS[part] and folders.register.exists():
            file, size = destination.add(_register(folders, building))
            kept.append(file)
            written += size
            (building / folders.register.name).unlink()
        if not kept:
            raise PipelineError("backup: there is nothing here to keep; name the data folder with --data")
        described = Manifest(
            part=part,
            made_at=dt.datetime.now(dt.UTC).replace(microsecond=0),
            code_version=code_version(),
            rounding_secret=guard.serving if "releases" in PARTS[part] else None,
            files=tuple(sorted(kept, key=lambda file: file.path)),
        )
        own = manifest.write(building, described)
        folder = _named(destination, building, described)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    dropped = destination.drop_old(part, keep) if keep else []
    wrong = _wrong(folders, kept)
    return Made(folder, described, own, written, tuple(left_out), tuple(wrong), tuple(dropped))


def _named(destination: Destination, building: Path, described: Manifest) -> Path:
    """Give a finished backup its name at once, all of it being on the disk."""
    os.sync()
    while (final := destination.folder / f"{dt.datetime.now(dt.UTC):{NAME_TIME}}-{described.part}").exists():
        time.sleep(0.1)
    building.rename(final)
    os.sync()
    return final


def _register(folders: Folders, building: Path) -> Source:
    """A copy of the register by SQLite's own backup, whole whatever a killed ingest left beside the file."""
    with Register(folders.register):
        pass  # opened for its own check that this is a register
    copy = building / folders.register.name
    with closing(sqlite3.connect(folders.register)) as held, closing(sqlite3.connect(copy)) as new:
        held.backup(new)
        sound = new.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    if not sound:
        raise PipelineError("backup: the register is damaged; restore it from an earlier backup")
    status = folders.register.stat()
    copy.chmod(status.st_mode & 0o777)
    os.utime(copy, ns=(status.st_mtime_ns, status.st_mtime_ns))
    return Source(folders.register.name, copy)


def _wrong(folders: Folders, kept: list[KeptFile]) -> list[str]:
    """Files of releases that were missing, or no longer as they were built, when they were kept."""
    hashes = {file.path: file.sha256 for file in kept}
    found = []
    for release in releases.releases(folders):
        place = f"{folders.releases.name}/{release.release_id}"
        if f"{place}/{releases.MANIFEST}" in hashes:
            gone = releases.pruned(release)
            expected = {f"{place}/{n}": digest for n, digest in release.manifest["files"].items() if n not in gone}
            found += [name for name, digest in expected.items() if hashes.get(name) != digest]
    return found


class _SecretGuard:
    """Knows the rounding secret by its fingerprint, and lets no file be kept that holds it."""

    def __init__(self, folders: Folders) -> None:
        served = releases.current(folders)
        told = [*releases.releases(folders), *([served] if served else [])]
        fingerprints = [release.manifest.get("disclosure", {}).get("rounding_secret") for release in told]
        self._known = {str(one) for one in fingerprints if one}
        self._place = secret_file()
        if os.access(self._place, os.R_OK) and self._place.is_file():
            self._known.add(str(fingerprint_in(self._place)))
        self.serving: str | None = fingerprints[-1] if served else None

    def look(self, source: Source) -> None:
        """PipelineError where a file is the rounding secret, or a copy of it."""
        if source.content is not None or source.place.suffix in (".parquet", ".duckdb"):
            return
        if source.place.resolve() == self._place or fingerprint_in(source.place) in self._known:
            raise PipelineError(
                f"backup: {shown(source.path)} holds the rounding secret; move it away: with the rows and the secret "
                "together, rounding can be undone"
            )


def _insist_on_apart(folders: Folders, to: Path) -> None:
    data, place = folders.data.resolve(), to.resolve()
    if not data.is_dir():
        raise PipelineError(f"backup: there is no data folder {data.name}/; name it with --data")
    if place.is_relative_to(data) or data.is_relative_to(place):
        raise PipelineError("backup: a backup may not lie in the data folder, nor around it; name another place")
    if secret_file().is_relative_to(place):
        raise PipelineError(
            "backup: the rounding secret lies in that folder, and must be kept apart; name another place"
        )


@contextmanager
def _free(folders: Folders, wait: float) -> Iterator[None]:
    """Hold the data folder so that no ingest or build changes it meanwhile."""
    until = time.monotonic() + wait
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(locked(folders))
                break
            except PipelineError:
                if time.monotonic() >= until:
                    raise
                time.sleep(PATIENCE)
        yield


def _told(error: OSError, to: Path) -> Exception:
    """The same in words for who runs a backup."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return PipelineError(
            f"backup: the disk of {to.name}/ is full: free space there, or make room with --keep, and run this again; "
            "the backups before stand"
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        place = Path(str(error.filename))
        if place.absolute().is_relative_to(to.absolute()):
            return PipelineError(f"backup: this user may not write to {to.name}/; name a folder of this user's own")
        name = "the data folder" if place.name == ".lock" else shown(place.name)
        return PipelineError(
            f"backup: this user may not use {name}: run it as the user whose part it is, with --part build or "
            "--part app (docs/keep-and-restore.md)"
        )
    return error
