"""The capacity model's assumptions: read, checked, overridden by id, and told apart by a hash."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

import polars as pl

from catalogue.reference import FOLDER, codes

MINUTES_FILE, VALUES_FILE = "minutes_per_test.csv", "capacity_assumptions.csv"

Level = Literal["low", "central", "high"]
LEVELS: tuple[Level, ...] = ("low", "central", "high")

#: Steps of the path that staff of the laboratory work in; what comes before and after has none of theirs.
STEPS = ("extraction", "sequencing", "analysis", "authorisation", "reporting")

ALL = "all"

#: The first part of the ids of minutes.
MINUTES = "minutes"

#: A role's minutes may be raised or lowered together, to so many times the table at the most.
TIMES_AT_MOST = 10.0

TEXTS = ("source", "owner", "stated_date", "version", "why")

#: What must be there, by name: what it applies to where that is not `all`. None: every role with minutes.
NEEDED: Mapping[str, tuple[str, ...] | None] = {
    "weeks_a_year": (ALL,),
    "leave_days": (ALL,),
    "study_days": (ALL,),
    "absence": (ALL,),
    "non_case_share": None,
    "trainee_productivity": ("year_1", "year_2", "year_3"),
    "supervision": ("year_1", "year_2", "year_3"),
    "training_years": (ALL,),
    "training_completed": (ALL,),
    "training_kept": (ALL,),
    "growth": (ALL,),
    "leaving": (ALL,),
    "retiring": (ALL,),
    "replaced": (ALL,),
    "work_left": (ALL,),
    "load_amber": (ALL,),
    "load_red": (ALL,),
}

#: The greatest value that makes sense, where there is one; shares of time stay below 1 so that some hours are left.
AT_MOST: Mapping[str, float] = {
    "absence": 0.9,
    "non_case_share": 0.95,
    "trainee_productivity": 1.0,
    "supervision": 1.0,
    "training_completed": 1.0,
    "training_kept": 1.0,
    "leaving": 1.0,
    "retiring": 1.0,
    "replaced": 1.0,
    "work_left": 1.0,
    "growth": 1.0,
    "leave_days": 100.0,
    "study_days": 100.0,
    "weeks_a_year": 53.0,
    "training_years": 10.0,
    "load_amber": 2.0,
    "load_red": 2.0,
}

#: Values that something is divided by, or that nothing is left without.
ABOVE_ZERO = ("weeks_a_year", "training_years", "training_completed", "training_kept", "load_amber", "load_red")


class AssumptionError(ValueError):
    """An assumption cannot be used; the message names file, row and field, or the id."""


@dataclass(frozen=True)
class Assumption:
    """One assumption with its range and who answers for it; `id` is `name/applies_to`, or that of a row of minutes."""

    id: str
    label: str
    low: float
    central: float
    high: float
    unit: str
    source: str
    owner: str
    stated_date: dt.date
    version: int
    why: str

    def at(self, level: Level) -> float:
        """The value at a level."""
        return {"low": self.low, "central": self.central, "high": self.high}[level]


@dataclass(frozen=True)
class Assumptions:
    """Every assumption by id, and the values put in place of some.

    overrides: from an id to a value. `minutes/<role>` is no row: it multiplies every minute of the role. Where the
    minutes of a row are overridden too, they are multiplied with the others. `absence/<role>` and `leaving/<role>` may
    be given where the row says `all`.
    """

    rows: Mapping[str, Assumption]
    minutes_rows: Mapping[str, Assumption]
    overrides: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """Roles with minutes, in the order of the list of roles."""
        held = {key.split("/")[3] for key in self.minutes_rows}
        return tuple(role for role in codes("roles") if role in held)

    @cached_property
    def categories(self) -> tuple[str, ...]:
        """Turnaround categories with minutes."""
        return tuple(dict.fromkeys(key.split("/")[1] for key in self.minutes_rows))

    def value(self, name: str, applies_to: str = ALL, level: Level = "central") -> float:
        """An assumption as overridden, or at a level; KeyError for one that does not exist."""
        for key in (f"{name}/{applies_to}", f"{name}/{ALL}"):
            if key in self.overrides:
                return self.overrides[key]
            if key in self.rows:
                return self.rows[key].at(level)
        raise KeyError(f"no assumption {name}/{applies_to}")

    def is_overridden(self, name: str, applies_to: str = ALL) -> bool:
        """Whether a value was put in place of what is assumed, and so of what the extract says."""
        return f"{name}/{applies_to}" in self.overrides or f"{name}/{ALL}" in self.overrides

    def minutes(self, level: Level = "central") -> pl.DataFrame:
        """Minutes a request: `category`, `step`, `role`, `minutes`; a row's own override stands at every level."""
        lines = []
        for key, row in self.minutes_rows.items():
            _, category, step, role = key.split("/")
            times = self.overrides.get(f"{MINUTES}/{role}", 1.0)
            lines.append((category, step, role, times * self.overrides.get(key, row.at(level))))
        names = dict.fromkeys(("category", "step", "role"), pl.String)
        return pl.DataFrame(lines, schema=names | {"minutes": pl.Float64}, orient="row")

    def overridden(self, overrides: Mapping[str, float]) -> Assumptions:
        """The same with values put in place, beside those that were; AssumptionError names an id that is wrong."""
        for key, number in overrides.items():
            self._check(key, number)
        return replace(self, overrides={**self.overrides, **overrides})

    def at(self, key: str, level: Level) -> Assumptions:
        """The same with one assumption, or all minutes of a role (`minutes/<role>`), at a level of its range."""
        kind, _, what = key.partition("/")
        if kind == MINUTES and "/" not in what:
            own = {row: self.minutes_rows[row].at(level) for row in self.minutes_rows if row.split("/")[3] == what}
            # A row that the planner has set is known: it stays.
            return replace(self, overrides={**own, **self.overrides})
        row = self.rows.get(key) or self.minutes_rows[key]
        return replace(self, overrides={**self.overrides, key: row.at(level)})

    def row(self, key: str) -> Assumption | None:
        """The row of an id; that of `all` where only that exists; None where there is none."""
        name = key.split("/")[0]
        return self.rows.get(key) or self.minutes_rows.get(key) or self.rows.get(f"{name}/{ALL}")

    @cached_property
    def hash(self) -> str:
        """What names these values in a link, a file or a scenario: the same values, the same hash on any machine."""
        told = {key: [row.low, row.central, row.high] for key, row in {**self.rows, **self.minutes_rows}.items()}
        text = json.dumps([told, dict(self.overrides)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def _check(self, key: str, number: float) -> None:
        kind, _, what = key.partition("/")
        is_level = kind == MINUTES and what in self.roles
        is_by_role = kind in ("absence", "leaving") and what in codes("roles")
        if not (is_level or is_by_role or key in self.rows or key in self.minutes_rows):
            raise AssumptionError(f"{key}: there is no such assumption")
        if problem := problem_of(key, number, TIMES_AT_MOST if is_level else None):
            raise AssumptionError(f"{key}: {problem}")


def problem_of(key: str, number: float, most: float | None = None) -> str:
    """What is wrong with a value for an assumption, in words; empty where nothing is."""
    kind = key.split("/")[0]
    most = AT_MOST.get(kind, math.inf) if most is None else most
    if not math.isfinite(number) or number < 0:
        return f"{number} is not a number from 0 up"
    if number > most:
        return f"{number:g} is above {most:g}, the most that makes sense"
    return "must be above 0" if number == 0 and kind in ABOVE_ZERO else ""


def read_assumptions(folder: Path = FOLDER) -> Assumptions:
    """Both tables, checked; AssumptionError names the first file, row and field that is wrong."""
    values, minutes = _read(folder / VALUES_FILE, _id_of_value), _read(folder / MINUTES_FILE, _id_of_minutes)
    found = Assumptions(values, minutes)
    if not minutes:
        raise AssumptionError(f"{MINUTES_FILE}: has no row")
    for key in minutes:
        _, category, step, role = key.split("/")
        known = ((category, "turnaround_categories"), (step, "stages"), (role, "roles"))
        wrong = [code for code, listed in known if code not in codes(listed)] + ([step] if step not in STEPS else [])
        if wrong:
            raise AssumptionError(f"{MINUTES_FILE}, {key}: {wrong[0]!r} is not in its list")
    for name, targets in NEEDED.items():
        missing = [key for key in (f"{name}/{to}" for to in targets or found.roles) if key not in values]
        if missing:
            raise AssumptionError(f"{VALUES_FILE}: has no row {missing[0]}")
    if unknown := sorted({key.split("/")[0] for key in values} - set(NEEDED)):
        raise AssumptionError(f"{VALUES_FILE}: the model knows no assumption {unknown[0]!r}")
    return found


def _id_of_value(row: Mapping[str, str]) -> str:
    return f"{row['name']}/{row['applies_to']}"


def _id_of_minutes(row: Mapping[str, str]) -> str:
    return f"{MINUTES}/{row['turnaround_category']}/{row['step']}/{row['role']}"


def _read(path: Path, name_of: Callable[[Mapping[str, str]], str]) -> dict[str, Assumption]:
    """The rows of one table by id."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.DictReader(file))
    except OSError:
        raise AssumptionError(f"{path.name}: cannot be read") from None
    found: dict[str, Assumption] = {}
    for place, line in enumerate(lines, 2):
        where = f"{path.name}, row {place}"
        key = _id(line, name_of, where)
        if key in found:
            raise AssumptionError(f"{where}: {key} stands twice")
        found[key] = _row(key, line, where)
    return found


def _id(line: Mapping[str, str], name_of: Callable[[Mapping[str, str]], str], where: str) -> str:
    try:
        return name_of(line)
    except KeyError as missing:
        raise AssumptionError(f"{where}: column {missing.args[0]} is missing") from None


def _row(key: str, line: Mapping[str, str], where: str) -> Assumption:
    """One row as an assumption; its values in order and such as make sense, its words all there."""
    numbers = {level: _number(key, line, level, where) for level in LEVELS}
    if not numbers["low"] <= numbers["central"] <= numbers["high"]:
        raise AssumptionError(f"{where}, central: low, central and high are not in this order")
    for name in TEXTS:
        if not (line.get(name) or "").strip():
            raise AssumptionError(f"{where}, {name}: is empty")
    try:
        stated, version = dt.date.fromisoformat(line["stated_date"]), int(line["version"])
    except ValueError:
        raise AssumptionError(f"{where}, stated_date or version: not a date or not a whole number") from None
    label, unit = line.get("label") or line["why"], line.get("unit") or "minutes a request"
    return Assumption(
        id=key,
        label=label,
        low=numbers["low"],
        central=numbers["central"],
        high=numbers["high"],
        unit=unit,
        source=line["source"],
        owner=line["owner"],
        stated_date=stated,
        version=version,
        why=line["why"],
    )


def _number(key: str, line: Mapping[str, str], level: Level, where: str) -> float:
    try:
        number = float(line[level])
    except (KeyError, TypeError, ValueError):
        raise AssumptionError(f"{where}, {level}: {line.get(level)!r} is not a number") from None
    if problem := problem_of(key, number):
        raise AssumptionError(f"{where}, {level}: {problem}")
    return number
