"""Indicator entries: all words and choices of a measure, read from the .yml beside its .sql.

Charts, captions, tables, downloads and the definitions page read from the entry, so a figure cannot be mislabelled.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator

from catalogue.contracts import ROOT, CatalogueError, Name, Strict, Words, read_yaml
from catalogue.dimensions import dimensions, in_order, margins, strata_names, units
from catalogue.reference import codes

FOLDER = ROOT / "sql" / "indicators"

Kind = Literal["share", "snapshot", "count", "time_to_event", "value", "derived", "awaited"]
Grain = Literal["month", "quarter", "year"]

#: What each status mark means, for the reader.
STATUS = {
    "official": "Named or defined by a Scottish official source",
    "follows_official_wording": "Follows the wording of a Scottish official text",
    "uk": "Named by another UK body",
    "candidate": "Proposed here; no official source names it",
}

#: Columns that an indicator's SQL returns, by kind.
COLUMNS: dict[str, tuple[str, ...]] = {
    "share": ("unit_id", "person_id", "period_date", "numerator", "denominator"),
    "snapshot": ("unit_id", "person_id", "period_date", "numerator", "denominator"),
    "count": ("unit_id", "person_id", "period_date"),
    "time_to_event": ("unit_id", "person_id", "period_date", "days", "is_event"),
    "value": ("unit_id", "period_date", "numerator", "denominator"),
}

#: The fields of an entry that decide its numbers; the others only say what they mean.
DECIDES_NUMBERS = ("kind", "unit", "cubes", "grains", "run_in_months", "interval", "formula")

#: What stands below the line of what has none.
NOT_A_SHARE = "Not a share"

#: Kinds that have no SQL of their own: worked from others, or waiting for a return.
WITHOUT_SQL = ("derived", "awaited")


class Target(Strict):
    """A value aimed at, and who says so."""

    value: float
    unit: Literal["percent", "days"]
    source: str

    @field_validator("source")
    @classmethod
    def _source_exists(cls, source: str) -> str:
        if source not in codes("sources"):
            raise ValueError(f"{source!r} is not in reference/sources.csv")
        return source


class Formula(Strict):
    """How a derived indicator follows from another: its share of a margin, its growth on the year before, or its ratio
    to a third."""

    kind: Literal["share_within", "growth_on_year", "ratio_to"]
    of: Name
    over: Name | None = None
    to: Name | None = None

    @model_validator(mode="after")
    def _share_names_its_margin(self) -> Formula:
        if (self.kind == "share_within") != (self.over is not None):
            raise ValueError("'over' names the dimension that a share is taken over, and only a share has one")
        if (self.kind == "ratio_to") != (self.to is not None):
            raise ValueError("'to' names the indicator below the line, and only a ratio has one")
        return self


class Change(Strict):
    """One line of an entry's change log."""

    date: dt.date
    what: Words


class Indicator(Strict):
    """One entry: what is measured, in words that every chart and table uses.

    `run_in_months`: months at the start of the record in which the measure is not whole yet, because what was received
    before the first extract was never sent; they are not shown.
    `compared_within`: what must be alike in two requests before groups of people are compared on them; empty where
    groups are not compared.
    `awaits`: of an indicator without usable data, the return that would give it.
    """

    id: Name
    number: str = Field(pattern=r"^(E?\d+(\.\d+)?[a-z]?|V\d+[a-z]?)$")
    kind: Kind
    title: Words
    question: Words
    aims: list[int] = Field(min_length=1)
    re_aim: Literal["reach", "effectiveness", "adoption", "implementation", "maintenance", "context"]
    unit: Name
    numerator: Words
    denominator: Words
    better: Literal["higher", "lower", "context"]
    target: Target | None = None
    status: Literal["official", "follows_official_wording", "uk", "candidate"]
    cubes: list[list[Name]] = Field(min_length=1)
    grains: list[Grain] = ["month", "quarter", "year"]
    run_in_months: int = Field(default=0, ge=0, le=12)
    interval: Literal["wilson", "log_log", "none"]
    formula: Formula | None = None
    compared_within: list[Name] = []
    awaits: Words | None = None
    caveats: list[Words] = []
    source: Words
    owner: Words
    reviewed: dt.date
    published: bool
    changes: list[Change] = []

    @field_validator("aims")
    @classmethod
    def _aims_exist(cls, aims: list[int]) -> list[int]:
        if wrong := [aim for aim in aims if str(aim) not in codes("aims")]:
            raise ValueError(f"no aim {wrong}")
        return aims

    @field_validator("unit")
    @classmethod
    def _unit_exists(cls, unit: str) -> str:
        if unit not in units():
            raise ValueError(f"no unit {unit!r} in catalogue/dimensions.yml")
        return unit

    @field_validator("cubes")
    @classmethod
    def _cubes_are_small_and_known(cls, cubes: list[list[str]]) -> list[list[str]]:
        known = set(dimensions())
        for cube in cubes:
            if len(cube) > 3 or len(set(cube)) < len(cube):
                raise ValueError(f"a cube has at most three dimensions, each once: {cube}")
            if unknown := sorted(set(cube) - known):
                raise ValueError(f"no dimension {', '.join(unknown)}")
        return cubes

    @field_validator("compared_within")
    @classmethod
    def _strata_are_known(cls, compared_within: list[str]) -> list[str]:
        if unknown := sorted(set(compared_within) - strata_names().keys()):
            raise ValueError(f"nothing called {', '.join(unknown)} to compare within")
        return compared_within

    @model_validator(mode="after")
    def _derived_says_how(self) -> Indicator:
        if (self.kind == "derived") != (self.formula is not None):
            raise ValueError("a derived indicator has a formula, and only a derived one")
        if (self.kind == "awaited") != (self.awaits is not None):
            raise ValueError("an awaited indicator says what return it awaits, and only an awaited one")
        if self.kind == "value" and self.counts_people:
            raise ValueError("a value is of units that are not people and have none: a share counts people")
        if self.kind == "snapshot" and self.grains != ["month"]:
            raise ValueError("a snapshot is taken at each month's end: grains: [month]")
        if self.kind == "time_to_event" and self.interval != "log_log":
            raise ValueError("a time to event has log-log limits: interval: log_log")
        return self

    @property
    def counts_people(self) -> bool:
        """Whether the units are people, or belong to people, so that every count is protected."""
        return units()[self.unit].counts == "people"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that its SQL returns; what counts no people has none of them."""
        return tuple(name for name in COLUMNS[self.kind] if self.counts_people or name != "person_id")

    @property
    def all_cubes(self) -> list[tuple[str, ...]]:
        """Every cube that the entry registers, with all margins; a derived share keeps those with its own dimension."""
        found = margins(self.cubes)
        if self.formula and self.formula.over:
            found = [cube for cube in found if self.formula.over in cube]
        return found

    def has_cube(self, names: tuple[str, ...]) -> bool:
        """Whether figures over exactly these dimensions exist."""
        return in_order(names) in self.all_cubes


@cache
def indicators(folder: Path = FOLDER) -> dict[str, Indicator]:
    """Every entry by id, in order of number; CatalogueError where an entry, or its place, is wrong."""
    found: dict[str, Indicator] = {}
    for path in sorted(folder.glob("*.yml")):
        entry = read_yaml(path, Indicator, {"id": path.stem})
        if (entry.kind in WITHOUT_SQL) == path.with_suffix(".sql").exists():
            raise CatalogueError(f"{path.name}: a derived or awaited indicator has no .sql, and every other has one")
        found[path.stem] = entry
    if lonely := sorted({path.stem for path in folder.glob("*.sql")} - found.keys()):
        raise CatalogueError(f"no entry (.yml) beside {', '.join(name + '.sql' for name in lonely)}")
    for entry in found.values():
        for name in (entry.formula.of, entry.formula.to) if entry.formula else ():
            if name and name not in found:
                raise CatalogueError(f"{entry.id}.yml: formula: no indicator {name!r}")
    return dict(sorted(found.items(), key=lambda item: _by_number(item[1].number)))


def _by_number(number: str) -> tuple[str, list[int], str]:
    """1.1 before 2.1 before 10.1, then the lettered series: E1, E1a, E2."""
    series = number[0] if number[0] in "EV" else ""
    return series, [int(part) for part in re.findall(r"\d+", number)], number
