"""Where everything under the data folder lives, and how a file is put there whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

BUILDING = ".building-"


@dataclass(frozen=True)
class Folders:
    """The places under one data folder; nothing else in the code spells them out."""

    data: Path

    @property
    def inbox(self) -> Path:
        """Submissions as they arrived; never altered."""
        return self.data / "inbox"

    @property
    def lake(self) -> Path:
        """Accepted rows as typed Parquet, one folder a submission."""
        return self.data / "lake"

    @property
    def returns(self) -> Path:
        """Rejected rows, one folder a submitter."""
        return self.data / "returns"

    @property
    def register(self) -> Path:
        """The register of submissions."""
        return self.data / "register.sqlite"

    @property
    def build(self) -> Path:
        """Work of the build: the person-level warehouse, never served."""
        return self.data / "build"

    @property
    def kept(self) -> Path:
        """What one build keeps for the next; it may be deleted at any time."""
        return self.build / "kept"

    @property
    def releases(self) -> Path:
        """Immutable releases."""
        return self.data / "releases"

    @property
    def audit(self) -> Path:
        """The app's audit trail; the app alone writes records there."""
        return self.data / "audit"

    @property
    def log(self) -> Path:
        """The build side's log of runs and its metrics."""
        return self.data / "log"

    @property
    def current(self) -> Path:
        """Pointer file that names the release being served."""
        return self.releases / "current"

    @property
    def held_back(self) -> Path:
        """Why newer submissions are in no release, since the last build stopped; not there while none is held back."""
        return self.releases / "held_back.json"

    @property
    def last_id(self) -> Path:
        """The id that was given last to a release being built, whether or not it came to be."""
        return self.releases / "last_id"

    @property
    def published(self) -> Path:
        """Ids of every release that was ever served, one a line: those whose figures may be cited."""
        return self.releases / "published"


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path to write to; on leaving without an error the file takes its place at once, otherwise it is removed.

    What it holds is on the disk before its name is, and the name before the block is left: a power cut gives the old
    file or the new one.
    """
    make_folder(path.parent)
    partial = path.with_name(f"{BUILDING}{secrets.token_hex(4)}-{path.name}")
    try:
        yield partial
        to_disk(partial)
        put_in_place(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, where they are missing, and have their names written out."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for folder in reversed(missing):
        to_disk(folder.parent)


def put_in_place(partial: Path, path: Path) -> None:
    """Give what was written under a passing name its own, at once and for good."""
    partial.replace(path)
    to_disk(path.parent)


def tree_to_disk(folder: Path) -> None:
    """Have every file and folder below a folder, and the folder itself, written out."""
    for path in folder.rglob("*"):
        to_disk(path)
    to_disk(folder)


def to_disk(path: Path) -> None:
    """Have the operating system write a file or a folder's entries out, so that a power cut cannot undo them."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
