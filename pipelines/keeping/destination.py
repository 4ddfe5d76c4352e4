"""The folder that holds backups: every file's bytes once, under their hash, however many backups name them."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pipelines.errors import PipelineError
from pipelines.folders import BUILDING
from pipelines.hashes import sha256_of
from pipelines.keeping import manifest
from pipelines.keeping.manifest import FILES, KeptFile
from pipelines.keeping.places import Part, Source

CHUNK = 1 << 20
TRIES = 3
GUIDE = "README.txt"
#: Stands in every destination, for who finds it without knowing the product.
ABOUT = """Backups of the genomic medicine dashboard: a folder each, named by its time in UTC and by what it holds.

manifest.json   every file's path in the data folder, size, permissions and SHA-256
SHA256SUMS      to check a backup without the product: cd <backup> && sha256sum -c SHA256SUMS
../files/       the bytes, once each, under their SHA-256; all backups here share them

Copy or move this folder whole. To check: python -m pipelines verify-backup <backup>. To restore, into an empty data
folder: python -m pipelines restore <backup>. The guide is docs/keep-and-restore.md of the product.
"""


@dataclass(frozen=True)
class Destination:
    """A folder of backups, to which one command writes at a time."""

    folder: Path

    def add(self, source: Source) -> tuple[KeptFile, int]:
        """Keep a file: what the manifest says of it, and how many bytes were written (none where they were there).

        Raises FileNotFoundError where it is gone, and ChangingError where it keeps changing while it is read.
        """
        if source.content is not None:
            return self._put_bytes(source, source.content)
        for _ in range(TRIES):
            with source.place.open("rb") as file:
                status = os.fstat(file.fileno())
                size = status.st_size if source.size is None else source.size
                digest, read = _copied(file, size)
                kept = _kept(source.path, digest, read, status)
                if read == size and self.has(kept):
                    return kept, 0
                file.seek(0)
                if read == size and self._put(file, kept):
                    return kept, kept.size
        raise ChangingError(source.path)

    def has(self, kept: KeptFile) -> bool:
        """Whether bytes of this hash and size are here; the bytes themselves are not read."""
        path = self.folder / kept.stored
        return path.is_file() and not path.is_symlink() and path.stat().st_size == kept.size

    def _put_bytes(self, source: Source, content: bytes) -> tuple[KeptFile, int]:
        kept = _kept(source.path, hashlib.sha256(content).hexdigest(), len(content), source.place.stat(), mode=0o640)
        if self.has(kept):
            return kept, 0
        with self._new(kept) as to:
            to.write(content)
        return kept, kept.size

    def _put(self, file: IO[bytes], kept: KeptFile) -> bool:
        """Copy bytes under their hash; False, and nothing is kept, where they are others than those hashed before."""
        try:
            with self._new(kept) as to:
                if _copied(file, kept.size, to) != (kept.sha256, kept.size):
                    raise _ChangedError
        except _ChangedError:
            return False
        return True

    @contextmanager
    def _new(self, kept: KeptFile) -> Iterator[IO[bytes]]:
        """A file to write to, which nobody else may read; it takes its place when it is on the disk."""
        path = self.folder / kept.stored
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = path.with_name(f"{BUILDING}{secrets.token_hex(4)}")
        try:
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as to:
                yield to
                to.flush()
                os.fsync(to.fileno())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what backups that were killed left half-written; files that they finished serve the next one."""
        for leftover in [*self.folder.glob(f"{BUILDING}*"), *self.folder.glob(f"{FILES}/*/{BUILDING}*")]:
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()

    def drop_old(self, part: Part, keep: int) -> list[str]:
        """Remove all but the newest backups of a part, then the bytes that no backup names any more; names removed.

        Raises PipelineError, and removes no bytes, where a backup that stays cannot be read.
        """
        old = [name for name in manifest.finished(self.folder) if name.endswith(f"-{part}")][:-keep]
        for name in old:
            gone = self.folder / f"{BUILDING}{name}"
            (self.folder / name).rename(gone)
            shutil.rmtree(gone)
        if old:
            stay = [manifest.read(self.folder / name) for name in manifest.finished(self.folder)]
            needed = {file.sha256 for backup in stay for file in backup.manifest.files}
            for path in self.folder.glob(f"{FILES}/*/*"):
                if path.name not in needed:
                    path.unlink()
        return old


class ChangingError(Exception):
    """A file never came to rest while it was read."""


class _ChangedError(Exception):
    """The bytes read are others than those hashed before."""


@contextmanager
def opened(folder: Path) -> Iterator[Destination]:
    """A folder of backups, made where there is none, held against other backups; PipelineError where one is at work."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if stat.S_IMODE(folder.stat().st_mode) & 0o022:
        raise PipelineError(f"backup: others may write to {folder.name}/; `chmod go-w` it, or name another folder")
    with os.fdopen(os.open(folder / ".lock", os.O_WRONLY | os.O_CREAT, 0o600), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PipelineError(f"backup: another backup is being made in {folder.name}/; wait for it") from error
        (folder / FILES).mkdir(mode=0o700, exist_ok=True)
        destination = Destination(folder)
        destination.sweep()
        if not (folder / GUIDE).exists():
            (folder / GUIDE).write_text(ABOUT, encoding="utf-8")
        yield destination


def problem_of(path: Path, kept: KeptFile, read_all: bool = True) -> str:
    """What is wrong with the stored bytes of a file; empty where nothing is. read_all: read them and compare hashes."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        return "is no plain file in the backup"
    if not path.exists():
        return "is missing from the backup"
    if path.stat().st_size != kept.size or (read_all and sha256_of(path) != kept.sha256):
        return "has changed since the backup was made"
    return ""


def copy_checked(path: Path, kept: KeptFile, to: Path) -> bool:
    """Copy stored bytes to a new file with the permissions and time of the original; whether they have their hash.

    path must be no link.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW
    with (
        os.fdopen(os.open(path, flags), "rb") as file,
        os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new,
    ):
        is_same = _copied(file, kept.size + 1, new) == (kept.sha256, kept.size)
        os.fchmod(new.fileno(), int(kept.mode, 8))
        new.flush()
        os.fsync(new.fileno())
    os.utime(to, ns=(kept.modified_ns, kept.modified_ns))
    return is_same


def _copied(file: IO[bytes], size: int, to: IO[bytes] | None = None) -> tuple[str, int]:
    """The SHA-256 and number of the next bytes of a file, up to a size, written to another where one is given."""
    digest, read = hashlib.sha256(), 0
    while read < size and (part := file.read(min(CHUNK, size - read))):
        digest.update(part)
        read += len(part)
        if to is not None:
            to.write(part)
    return digest.hexdigest(), read


def _kept(path: str, digest: str, size: int, status: os.stat_result, mode: int | None = None) -> KeptFile:
    permissions = stat.S_IMODE(status.st_mode) & 0o777 if mode is None else mode
    return KeptFile(path=path, sha256=digest, size=size, mode=f"{permissions:04o}", modified_ns=status.st_mtime_ns)
