"""Scenarios that planners saved in the data folder: a file each, named by the hash of what it holds."""

from __future__ import annotations

import logging
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from capacity.scenarios import Scenario, ScenarioError, from_json, to_json
from ui import audit
from ui.access import Reader, Role
from ui.data import data_folder

LOG = logging.getLogger(__name__)

FOLDER = "scenarios"
FILE = re.compile(r"[0-9a-f]{12}\.json")

#: More than these are not kept: whoever wants to save another takes one away first.
MOST = 100

#: No file of a scenario is longer.
LONGEST_FILE = 20_000


class SavingError(RuntimeError):
    """A scenario cannot be saved or taken away; the message says why."""


@dataclass(frozen=True)
class Saved:
    """What lies in the folder: scenarios by name, and how many files hold none."""

    scenarios: list[Scenario]
    unreadable: int


def saved(folder: Path | None = None) -> Saved:
    """What was saved. A file that holds no scenario, or is not named as one, is counted and logged, never opened."""
    place = (folder or data_folder()) / FOLDER
    found, unreadable = [], 0
    for path in sorted(place.glob("*.json")) if place.is_dir() else []:
        try:
            found.append(_read(path))
        except (ScenarioError, OSError, UnicodeDecodeError) as problem:
            unreadable += 1
            LOG.warning("a file in the folder of scenarios holds none: %s", problem)
    return Saved(sorted(found, key=lambda one: (one.name.casefold(), one.hash)), unreadable)


def _read(path: Path) -> Scenario:
    """The scenario of a file; ScenarioError where it is none, or is not named by what it holds."""
    if not FILE.fullmatch(path.name) or path.is_symlink() or path.stat().st_size > LONGEST_FILE:
        raise ScenarioError("Its name, kind or size is not that of a saved scenario.")
    scenario = from_json(path.read_text(encoding="utf-8"))
    if scenario.hash != path.stem:
        raise ScenarioError("It holds another scenario than its name says.")
    return scenario


def save(reader: Reader, scenario: Scenario, folder: Path | None = None) -> None:
    """Keeps a scenario, for every planner to open; one of the same suppositions is renamed.

    The audit trail has who and when first: NotRecordedError where it cannot, and nothing is saved.
    """
    reader.insist(Role.PLANNER)
    audit.record("save", reader.key, _named(scenario))
    place = (folder or data_folder()) / FOLDER
    path = place / f"{scenario.hash}.json"
    try:
        place.mkdir(parents=True, exist_ok=True)
        if not path.exists() and len(list(place.glob("*.json"))) >= MOST:
            raise SavingError(f"{MOST} scenarios are saved already. Take one away first.")
        _put(path, to_json(scenario) + "\n")
    except OSError as problem:
        raise SavingError("The data folder cannot be written, so the scenario is not saved.") from problem


def _named(scenario: Scenario) -> str:
    """A scenario in the trail: too few characters of its hash to be taken for a health number."""
    return f"{FOLDER}/{scenario.hash[:8]}"


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
    """Takes a saved scenario away; its link goes on working. Recorded first, as saving is."""
    reader.insist(Role.PLANNER)
    audit.record("take_away", reader.key, _named(scenario))
    try:
        ((folder or data_folder()) / FOLDER / f"{scenario.hash}.json").unlink(missing_ok=True)
    except OSError as problem:
        raise SavingError("The data folder cannot be written, so the scenario stays.") from problem
