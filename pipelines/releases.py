"""Releases: immutable folders, the pointer to the one being served, and the proof that nothing in them has changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.errors import PipelineError
from pipelines.folders import BUILDING, Folders, whole_file
from pipelines.hashes import sha256_of

MANIFEST = "manifest.json"
#: In a release's folder: which of its files the retention rules took away, when and by which rule.
PRUNED = "pruned.json"
STORE = "protected.duckdb"
REMEDY = "restore it from a backup, or send its submission again as a higher version"
NEEDED = {"files", "lake", "recipe", "created_at", "is_synthetic"}


@dataclass(frozen=True)
class Release:
    """One release folder and what its manifest says."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def release_id(self) -> str:
        """UTC time of the build and the first characters of the hash of everything that went into it."""
        return self.folder.name


def releases(folders: Folders) -> list[Release]:
    """Every whole release, oldest first; a folder without a readable manifest is left out."""
    return [release for folder in _release_folders(folders) if (release := _release(folder)) is not None]


def unreadable(folders: Folders) -> list[str]:
    """Names of release folders whose manifest is missing or cannot be read; nothing is served from them."""
    return [folder.name for folder in _release_folders(folders) if _release(folder) is None]


def current(folders: Folders) -> Release | None:
    """The release being served, or None before the first is published."""
    try:
        name = folders.current.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except (UnicodeDecodeError, IsADirectoryError) as error:
        raise PipelineError("releases/current cannot be read; `python -m pipelines publish` writes it again") from error
    return next((release for release in releases(folders) if release.release_id == name), None)


def seal(folders: Folders, building: Path, release_id: str, manifest: dict[str, Any]) -> Release:
    """Write the manifest with the hash of every file, and give the folder its final name at once."""
    files = sorted(path for path in building.rglob("*") if path.is_file())
    if any(path.suffix == ".wal" for path in files):
        raise PipelineError("build: a database was not closed cleanly; run the build again")
    hashes = {path.relative_to(building).as_posix(): sha256_of(path) for path in files}
    with whole_file(building / MANIFEST) as path:
        path.write_text(json.dumps(manifest | {"release_id": release_id, "files": hashes}, indent=2), encoding="utf-8")
    final = folders.releases / release_id
    if final.exists():
        raise PipelineError(f"build: release {release_id} exists already; a release is never written twice")
    building.replace(final)
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

    Raises PipelineError for a release that does not exist or whose files have changed; what is served stays.
    """
    found = releases(folders)
    chosen = next((r for r in reversed(found) if release_id in (None, r.release_id)), None)
    if chosen is None:
        what = f"no release {release_id}" if release_id else "there is no release yet"
        raise PipelineError(f"publish: {what}; `python -m pipelines build` makes one")
    if wrong := problems(chosen):
        raise PipelineError("\n".join(wrong))
    _note_as_published(folders, chosen)
    with whole_file(folders.current) as path:
        path.write_text(f"{chosen.release_id}\n", encoding="utf-8")
    return chosen


def published(folders: Folders) -> list[str]:
    """Ids of every release that was ever served."""
    return folders.published.read_text(encoding="utf-8").split() if folders.published.exists() else []


def _note_as_published(folders: Folders, release: Release) -> None:
    """Put a release on the list of those whose figures may be cited; noted before it is served, so none is missed."""
    with whole_file(folders.published) as path:
        path.write_text("\n".join(dict.fromkeys([*published(folders), release.release_id])) + "\n", encoding="utf-8")


def roll_back(folders: Folders) -> Release:
    """Serve the release before the one being served; PipelineError where there is none."""
    serving = current(folders)
    if serving is None:
        raise PipelineError("rollback: nothing is published yet")
    older = [release for release in releases(folders) if release.release_id < serving.release_id]
    if not older:
        raise PipelineError(f"rollback: there is no release before {serving.release_id}")
    return publish(folders, older[-1].release_id)


def sweep(folders: Folders) -> None:
    """Remove what builds that did not finish left behind."""
    for place in (folders.releases, folders.build):
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
