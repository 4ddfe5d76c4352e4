"""Releases: immutable folders, the pointer to the one being served, and the proof that nothing in them has changed."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.errors import PipelineError
from pipelines.folders import BUILDING, Folders, put_in_place, tree_to_disk, whole_file
from pipelines.hashes import sha256_of
from pipelines.locking import locked

MANIFEST = "manifest.json"
#: In a release's folder: which of its files the retention rules took away, when and by which rule.
PRUNED = "pruned.json"
STORE = "protected.duckdb"
REMEDY = (
    "`python -m pipelines refresh` mends it where the inbox still holds the submission; else restore it from a backup"
)
ID_TIME = "%Y%m%dT%H%M%SZ"
BEGINS_WITH_TIME = re.compile(r"\d{8}T\d{6}Z(?=-)")
NEEDED = {"files", "lake", "recipe", "created_at", "is_synthetic"}


@dataclass(frozen=True)
class Release:
    """One release folder and what its manifest says."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def release_id(self) -> str:
        """UTC time of the build and the first characters of the hash of everything that went into it; see `new_id`."""
        return self.folder.name


def releases(folders: Folders) -> list[Release]:
    """Every whole release, in the order of making; a folder without a readable manifest is left out."""
    return [release for folder in _release_folders(folders) if (release := _release(folder)) is not None]


def unreadable(folders: Folders) -> list[str]:
    """Names of release folders whose manifest is missing or cannot be read; nothing is served from them."""
    return [folder.name for folder in _release_folders(folders) if _release(folder) is None]


def named(folders: Folders) -> str | None:
    """The id that `current` holds; None before the first release is published, PipelineError if it is damaged."""
    try:
        return folders.current.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except (UnicodeDecodeError, IsADirectoryError) as error:
        raise PipelineError("releases/current cannot be read; `python -m pipelines publish` writes it again") from error


def current(folders: Folders) -> Release | None:
    """The release that is to be served; None before the first is published, and where its folder cannot be read."""
    name = named(folders)
    return next((release for release in releases(folders) if release.release_id == name), None)


def last_good(folders: Folders) -> Release | None:
    """The release that is to be served, if its files are as they were built, else the one that stands in for it.

    That is the newest before it that was ever served and is whole: what the app shows meanwhile. A newer one never
    stands in, since it may have been rolled back from. None where there is none.
    """
    name = named(folders)
    if name is None:
        return None
    served = {*published(folders), name}
    known = [release for release in releases(folders) if release.release_id in served and release.release_id <= name]
    return next((release for release in reversed(known) if not problems(release)), None)


def trouble(folders: Folders) -> list[str]:
    """What is wrong with the release that is to be served, what readers see instead, and what to do; empty if it is
    whole or none was ever served."""
    name = named(folders)
    if name is None:
        return []
    serving, good = current(folders), last_good(folders)
    found = problems(serving) if serving else [f"release {name}, which is to be served, is missing or cannot be read"]
    if not found:
        return []
    instead = f"readers are shown {good.release_id} meanwhile" if good else "readers are shown no figures"
    return [*found, f"{instead}; restore {name} from a backup, or `python -m pipelines refresh` makes a new release"]


def new_id(folders: Folders, recipe: str, now: dt.datetime) -> str:
    """The id of a release to be built, never given before: the time and the first characters of the recipe's hash.

    Where the clock was put back, or stands within the second of the id before, the time is a second after that one's.
    So the order of ids is that of making, whatever the clock says, and no path is ever used twice; `created_at` in the
    manifest keeps what the clock said.
    """
    held = [folders.last_id, folders.published, folders.current]
    known = [word for path in held if path.is_file() for word in path.read_text("utf-8", "replace").split()]
    known += [folder.name for folder in _release_folders(folders)]
    times = [found[0] for name in known if (found := BEGINS_WITH_TIME.match(name))]
    at = f"{now.astimezone(dt.UTC):{ID_TIME}}"
    if times and at <= max(times):
        at = f"{dt.datetime.strptime(max(times), ID_TIME) + dt.timedelta(seconds=1):{ID_TIME}}"  # noqa: DTZ007 - UTC
    given = f"{at}-{recipe[:8]}"
    with whole_file(folders.last_id) as path:
        path.write_text(f"{given}\n", encoding="utf-8")
    return given


def seal(folders: Folders, building: Path, release_id: str, manifest: dict[str, Any]) -> Release:
    """Write the manifest with the hash of every file, and give the folder its final name at once.

    Every byte is on the disk before the name is, so that a power cut cannot leave half a release under a name.
    """
    files = sorted(path for path in building.rglob("*") if path.is_file())
    if any(path.suffix == ".wal" for path in files):
        raise PipelineError("build: a database was not closed cleanly; run the build again")
    hashes = {path.relative_to(building).as_posix(): sha256_of(path) for path in files}
    with whole_file(building / MANIFEST) as path:
        path.write_text(json.dumps(manifest | {"release_id": release_id, "files": hashes}, indent=2), encoding="utf-8")
    final = folders.releases / release_id
    if final.exists():
        raise PipelineError(f"build: release {release_id} exists already; a release is never written twice")
    tree_to_disk(building)
    put_in_place(building, final)
    sealed = _release(final)
    if sealed is None:
        raise PipelineError(f"build: release {release_id} cannot be read back; check the disk and build again")
    return sealed


def problems(release: Release, stored: Callable[[str], Path] | None = None) -> list[str]:
    """What no longer matches the release's hashes; empty where everything does.

    What the retention rules took away is not missed; where it is there again, it must be as it was built.
    stored: gives the path of an input by its name in the manifest; without it only the release's own files are checked.
    """
    found = []
    gone = pruned(release)
    for name, expected in release.manifest["files"].items():
        path = release.folder / name
        if not path.exists() and name in gone:
            continue
        if not path.exists():
            found.append(f"release {release.release_id}: {name} is missing; build again")
        elif sha256_of(path) != expected:
            found.append(f"release {release.release_id}: {name} has changed since it was built; build again")
    for name, expected in (release.manifest["lake"] if stored else {}).items():
        path = stored(name) if stored else release.folder
        if not path.exists():
            found.append(f"lake: {name} is missing; {REMEDY}")
        elif sha256_of(path) != expected:
            found.append(f"lake: {name} has changed since it was read; {REMEDY}")
    return found


def pruned(release: Release) -> frozenset[str]:
    """Names of the release's files that the retention rules took away; PipelineError where the note is damaged."""
    try:
        return frozenset(json.loads((release.folder / PRUNED).read_text(encoding="utf-8"))["files"])
    except FileNotFoundError:
        return frozenset()
    except (ValueError, KeyError, TypeError) as error:
        raise PipelineError(f"release {release.release_id}: {PRUNED} is damaged; restore it from a backup") from error


def publish(folders: Folders, release_id: str | None = None) -> Release:
    """Serve a release, the newest by default; readers go on with the one they have open until they ask again.

    Raises PipelineError for a release that does not exist or whose files have changed, and where another command is at
    work; what is served stays.

    The pointer is changed before the list of what was ever served: where this is cut short between the two, the new
    release is served and `published` counts it. The other way round it would look like one that was rolled back from.
    """
    with locked(folders):
        found = releases(folders)
        chosen = next((r for r in reversed(found) if release_id in (None, r.release_id)), None)
        if chosen is None:
            what = f"no release {release_id}" if release_id else "there is no release yet"
            raise PipelineError(f"publish: {what}; `python -m pipelines build` makes one")
        if wrong := problems(chosen):
            raise PipelineError("\n".join(wrong))
        served = dict.fromkeys([*published(folders), *_pointed_to(folders), chosen.release_id])
        with whole_file(folders.published) as listed:
            listed.write_text("\n".join(served) + "\n", encoding="utf-8")
            with whole_file(folders.current) as path:
                path.write_text(f"{chosen.release_id}\n", encoding="utf-8")
        return chosen


def serve_built(folders: Folders, built: Release) -> tuple[Release, bool]:
    """Serve what a build gave, and tell whether that is anything new.

    A release that was served before and is not now was rolled back from, and stays so. PipelineError where the one
    that was rolled back to is no longer whole: then somebody has to choose.
    """
    name = next(iter(_pointed_to(folders)), None)
    if name is None or built.release_id not in {name, *published(folders)}:
        return publish(folders, built.release_id), True
    serving = current(folders)
    if serving is None or problems(serving):
        raise PipelineError(
            "\n".join(
                [
                    *trouble(folders)[:-1],
                    f"release {name} is served since a rollback, and the newer {built.release_id} never takes its "
                    f"place unasked; restore it from a backup, or run `python -m pipelines publish {built.release_id}`",
                ]
            )
        )
    return serving, False


def published(folders: Folders) -> list[str]:
    """Ids of every release that was ever served, whose figures may be cited; empty where no list of them is held.

    The one that `current` names is among them, also where publishing it was cut short before it was listed.
    PipelineError where the list cannot be read.
    """
    try:
        listed = folders.published.read_text(encoding="utf-8").split()
    except FileNotFoundError:
        return []
    except UnicodeDecodeError as error:
        raise PipelineError("releases/published cannot be read; restore it from a backup") from error
    return list(dict.fromkeys([*listed, *_pointed_to(folders)]))


def _pointed_to(folders: Folders) -> list[str]:
    """The id that `current` holds, as a list; empty where there is none, or where it is damaged and what it held is
    lost: publishing writes it again."""
    try:
        name = named(folders)
    except PipelineError:
        return []
    return [name] if name else []


def roll_back(folders: Folders) -> Release:
    """Serve the release before the one being served, by the order of making, of those that readers have had before: one
    that was built and never served is nobody's last good release. PipelineError where there is none."""
    with locked(folders):
        name = named(folders)
        if name is None:
            raise PipelineError("rollback: nothing is published yet")
        served = set(published(folders))
        older = [release for release in releases(folders) if release.release_id < name]
        known = [release for release in older if release.release_id in served]
        if older and not known:
            raise PipelineError(
                f"rollback: no release before {name} was ever served; `python -m pipelines publish <id>` serves one"
            )
        if not known:
            raise PipelineError(f"rollback: there is no release before {name}")
        return publish(folders, known[-1].release_id)


def sweep(folders: Folders) -> None:
    """Remove what builds that did not finish left behind."""
    for place in (folders.releases, folders.build, folders.kept):
        for leftover in place.glob(f"{BUILDING}*") if place.exists() else ():
            if leftover.is_dir():
                shutil.rmtree(leftover)
            else:
                leftover.unlink()


def _release_folders(folders: Folders) -> list[Path]:
    if not folders.releases.exists():
        return []
    held = (path for path in folders.releases.iterdir() if path.is_dir() and not path.name.startswith(BUILDING))
    return sorted(held)


def _release(folder: Path) -> Release | None:
    """The release in a folder; None where its manifest is missing, cannot be read, or is not whole."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError, UnicodeDecodeError):
        return None
    is_whole = isinstance(manifest, dict) and manifest.keys() >= NEEDED
    return Release(folder, manifest) if is_whole else None
