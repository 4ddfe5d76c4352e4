"""What of the data folder is kept in a backup, by whose it is, and its files as they stand at one moment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipelines import audit_trail
from pipelines.folders import Folders

Part = Literal["build", "app", "all"]

#: Places of the data folder, and whether each is a folder. `build/` is made anew by each build and is not kept.
PLACES = {
    "inbox": True,
    "lake": True,
    "returns": True,
    "register.sqlite": False,
    "releases": True,
    "audit": True,
    "scenarios": True,
}
_OF_THE_BUILD = ("inbox", "lake", "returns", "register.sqlite", "releases")
_OF_THE_APP = ("audit", "scenarios")
#: The places of each part: what the build's user reads, what the app's user reads, and both.
PARTS: dict[Part, tuple[str, ...]] = {
    "build": _OF_THE_BUILD,
    "app": _OF_THE_APP,
    "all": (*_OF_THE_BUILD, *_OF_THE_APP),
}

#: The app's table of who is signed in, and the trail's lock: a lost table only signs everybody out.
_NOT_KEPT = ("audit/sessions.sqlite", "audit/lock")


@dataclass(frozen=True)
class Source:
    """A file to be kept: its path in the data folder, and how much of it; or its content where that was read already.

    may_go: whether others than the build may take the file away at any time, so that its absence is no fault.
    """

    path: str
    place: Path
    size: int | None = None
    content: bytes | None = None
    may_go: bool = False


@dataclass(frozen=True)
class Listing:
    """The files of a part, the register apart, and what is left out: links, and names that are no text (not UTF-8)."""

    files: tuple[Source, ...]
    left_out: tuple[str, ...]


def listing(folders: Folders, part: Part) -> Listing:
    """What is to be kept of a part, in the order in which it must be read.

    The pointer to the release being served comes before the list of those ever served, and that before the releases:
    whoever publishes meanwhile notes a release first and serves it last, so what is named is always there. Raises
    OSError where a folder cannot be read.
    """
    found: list[Source] = []
    left_out: list[str] = []
    if "releases" in PARTS[part]:
        pointers = (folders.current, folders.published)
        found += [Source(_name(folders, path), path) for path in pointers if path.is_file()]
    for place in PARTS[part]:
        if not PLACES[place]:
            continue
        paths, others = _files(folders.data / place)
        left_out += [_name(folders, path) for path in others]
        known = {source.path for source in found}
        sources = [Source(_name(folders, path), path, may_go=place in ("inbox", "scenarios")) for path in paths]
        found += [source for source in sources if source.path not in known]
    if "audit" in PARTS[part]:
        found = _at_one_moment(folders, found)
    return Listing(tuple(found), tuple(left_out))


def _at_one_moment(folders: Folders, found: list[Source]) -> list[Source]:
    """The sources with the trail as it was between two records, to which the app may be adding."""
    head, sizes = audit_trail.moment(folders.audit)
    trail = [Source(_name(folders, path), path, size=size) for path, size in sizes.items()]
    if head is not None:
        trail.append(Source(_name(folders, folders.audit / audit_trail.HEAD), folders.audit, content=head))
    taken = {source.path for source in trail}
    # A month that began since the moment is left to the next backup.
    months = {s.path for s in found if s.place.parent == folders.audit and audit_trail.NAME.fullmatch(s.place.name)}
    return [s for s in found if s.path not in taken | months and not s.path.startswith(_NOT_KEPT)] + trail


def _files(folder: Path) -> tuple[list[Path], list[Path]]:
    """Every file below a folder that is kept, and what is not, by name.

    A name that begins with a dot is work that is not finished, and is neither.
    """
    files: list[Path] = []
    left_out: list[Path] = []
    for path in _below(folder) if folder.is_dir() else ():
        (left_out if path.is_symlink() or not _is_text(path.name) else files).append(path)
    return sorted(files), sorted(left_out)


def _below(folder: Path) -> Iterator[Path]:
    for where, names, files in os.walk(folder, onerror=_raise):
        names[:] = [name for name in names if not name.startswith(".")]
        yield from (Path(where, name) for name in names if Path(where, name).is_symlink())
        for path in (Path(where, name) for name in files if not name.startswith(".")):
            if path.is_symlink() or path.is_file():
                yield path


def _is_text(name: str) -> bool:
    return name.encode("utf-8", "replace").decode() == name


def _raise(error: OSError) -> None:
    raise error


def _name(folders: Folders, path: Path) -> str:
    return path.relative_to(folders.data).as_posix()
