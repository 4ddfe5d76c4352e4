"""Scenarios that planners saved in the data folder: a file each, named by the hash of what it holds."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from capacity.scenarios import Scenario, ScenarioError, from_json, to_json
from ui.access import Reader, Role
from ui.data import data_folder

FOLDER = "scenarios"
FILE = re.compile(r"[0-9a-f]{12}\.json")

#: More than these are not kept: whoever wants to save another takes one away first.
MOST = 100

#: No file of a scenario is longer.
LONGEST_FILE = 20_000


class SavingError(RuntimeError):
    """A scenario cannot be saved or taken away; the message says why."""


def saved(folder: Path | None = None) -> list[Scenario]:
    """What was saved, by name; a file that holds no scenario is passed over."""
    place = (folder or data_folder()) / FOLDER
    found = []
    for path in sorted(place.glob("*.json")) if place.is_dir() else []:
        if not FILE.fullmatch(path.name) or path.is_symlink() or path.stat().st_size > LONGEST_FILE:
            continue
        try:
            found.append(from_json(path.read_text(encoding="utf-8")))
        except (ScenarioError, OSError, UnicodeDecodeError):
            continue
    return sorted(found, key=lambda one: (one.name.casefold(), one.hash))


def save(reader: Reader, scenario: Scenario, folder: Path | None = None) -> None:
    """Keeps a scenario, for every planner to open; one of the same suppositions is renamed."""
    reader.insist(Role.PLANNER)
    place = (folder or data_folder()) / FOLDER
    path = place / f"{scenario.hash}.json"
    try:
        place.mkdir(parents=True, exist_ok=True)
        if not path.exists() and len(list(place.glob("*.json"))) >= MOST:
            raise SavingError(f"{MOST} scenarios are saved already. Take one away first.")
        _put(path, to_json(scenario) + "\n")
    except OSError as problem:
        raise SavingError("The data folder cannot be written, so the scenario is not saved.") from problem


def _put(path: Path, text: str) -> None:
    """Writes a file whole or not at all: beside its place first, under a name that no other save has."""
    handle, name = tempfile.mkstemp(".part", path.stem, path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def take_away(reader: Reader, scenario: Scenario, folder: Path | None = None) -> None:
    """Takes a saved scenario away; its link goes on working."""
    reader.insist(Role.PLANNER)
    try:
        ((folder or data_folder()) / FOLDER / f"{scenario.hash}.json").unlink(missing_ok=True)
    except OSError as problem:
        raise SavingError("The data folder cannot be written, so the scenario stays.") from problem
