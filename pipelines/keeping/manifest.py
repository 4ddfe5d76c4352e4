"""What a backup says that it holds: its manifest, read back only where every path in it leads to a known place."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from pipelines.errors import PipelineError
from pipelines.ingest.identifiers import find_in_words
from pipelines.keeping.places import PARTS, PLACES, Part

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
#: Beside the backups, shared by all of them: every file once, under its own hash.
FILES = "files"

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class KeptFile(BaseModel):
    """A file of the data folder as it was: its `path` there, bytes, permissions and when it was last changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str
    sha256: Sha256
    size: int = Field(ge=0)
    mode: str = Field(pattern=r"^0[0-7]{3}$")
    modified_ns: int = Field(ge=0)

    @field_validator("path")
    @classmethod
    def _is_a_place(cls, path: str) -> str:
        """A path leads to a file within one of the data folder's known places, and to nowhere else."""
        parts = PurePosixPath(path).parts
        leads_out = not parts or path.startswith("/") or ".." in parts or "\0" in path or "/".join(parts) != path
        if leads_out or parts[0] not in PLACES or (len(parts) > 1) != PLACES[parts[0]]:
            raise ValueError("no place in a data folder")
        return path

    @property
    def place(self) -> str:
        """The place at the top of the data folder that the file belongs to."""
        return self.path.partition("/")[0]

    @property
    def stored(self) -> Path:
        """Where its bytes lie, below the folder that holds the backups."""
        return Path(FILES, self.sha256[:2], self.sha256)


class Manifest(BaseModel):
    """Everything that a backup holds.

    made_at: UTC. code_version: of the product that made it. rounding_secret: the fingerprint of the secret with which
    the release that was served is rounded, which is not in the backup; None where no release was served.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    part: Part
    made_at: dt.datetime
    code_version: str
    rounding_secret: str | None
    files: tuple[KeptFile, ...]

    @model_validator(mode="after")
    def _agrees(self) -> Manifest:
        """No file stands twice, where a folder must be, or in another part."""
        paths = {file.path for file in self.files}
        folders = {str(folder) for path in paths for folder in PurePosixPath(path).parents}
        if len(paths) != len(self.files) or paths & folders or any(f.place not in PARTS[self.part] for f in self.files):
            raise ValueError("files that cannot stand together")
        return self

    @property
    def size(self) -> int:
        """Bytes of all files once restored."""
        return sum(file.size for file in self.files)


class Backup(BaseModel):
    """A finished backup: its folder, and what its manifest says."""

    model_config = ConfigDict(frozen=True)

    folder: Path
    manifest: Manifest

    def stored(self, file: KeptFile) -> Path:
        """Where the bytes of one of its files lie."""
        return self.folder.parent / file.stored


def write(folder: Path, manifest: Manifest) -> str:
    """Write a manifest, and beside it all hashes as `sha256sum -c` reads them; gives the manifest's own hash."""
    text = manifest.model_dump_json(indent=1).encode()
    (folder / MANIFEST).write_bytes(text)
    own = hashlib.sha256(text).hexdigest()
    stored = sorted({(file.sha256, f"../{file.stored.as_posix()}") for file in manifest.files})
    lines = [f"{digest}  {name}\n" for digest, name in [(own, MANIFEST), *stored]]
    (folder / SUMS).write_text("".join(lines), encoding="ascii")
    return own


def read(folder: Path, expected: str = "") -> Backup:
    """The backup in a folder.

    expected: the manifest's SHA-256 as noted elsewhere, if it is to be compared. Raises PipelineError where there is no
    finished backup, or its manifest has changed or names what no backup can hold.
    """
    name = folder.name
    try:
        text = (folder / MANIFEST).read_bytes()
        sums = (folder / SUMS).read_text(encoding="ascii")
    except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError) as error:
        held = ", ".join(finished(folder)[-3:])
        hint = f"; name one of the backups in it: {held}" if held else "; it is incomplete, or no backup"
        raise PipelineError(f"{name}: no {MANIFEST} and {SUMS} of a finished backup here{hint}") from error
    if name.startswith("."):
        raise PipelineError(f"{name}: this backup was never finished; use another one")
    own = hashlib.sha256(text).hexdigest()
    if sums.splitlines()[:1] != [f"{own}  {MANIFEST}"]:
        raise PipelineError(f"{name}: {MANIFEST} or {SUMS} has changed since the backup was made; use another one")
    if expected and own != expected.strip().lower():
        raise PipelineError(f"{name}: {MANIFEST} has SHA-256 {own}, which is not the one given")
    try:
        return Backup(folder=folder, manifest=Manifest.model_validate_json(text))
    except ValidationError as error:
        told = "; ".join(sorted({str(problem["msg"]) for problem in error.errors(include_input=False)}))
        raise PipelineError(f"{name}: {MANIFEST} is not one of a backup ({told}); nothing was used of it") from None


def finished(destination: Path) -> list[str]:
    """Names of the finished backups in a folder, oldest first."""
    if not destination.is_dir():
        return []
    return sorted(
        path.parent.name for path in destination.glob(f"*/{MANIFEST}") if not path.parent.name.startswith(".")
    )


def shown(path: str) -> str:
    """A file's path for a message: withheld where its name itself could identify a person, as ingest does."""
    if path.isprintable() and not find_in_words(path):
        return path
    place = path.partition("/")[0]
    return f"{place}/ (name withheld {hashlib.sha256(path.encode('utf-8', 'surrogateescape')).hexdigest()[:8]})"


def shown_all(paths: Iterable[str], most: int = 5) -> str:
    """Some paths in a line, and how many more there are."""
    found = [shown(path) for path in paths]
    more = len(found) - most
    return ", ".join(found[:most]) + (f" and {more:,} more" if more > 0 else "")
