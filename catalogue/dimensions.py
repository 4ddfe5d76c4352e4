"""Dimensions by which figures may be shown, and the units that indicators count."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import combinations
from pathlib import Path

from pydantic import model_validator

from catalogue.contracts import ROOT, Name, Strict, Words, read_yaml
from catalogue.reference import labels

FILE = ROOT / "catalogue" / "dimensions.yml"


class Dimension(Strict):
    """One dimension: a column of the unit's mart whose values come from a reference list."""

    name: Name
    label: Words
    plural: Words
    codes: Name
    extra: dict[str, str] = {}

    @property
    def labels(self) -> dict[str, str]:
        """Code to label of every value that the dimension can take, in display order."""
        return labels(self.codes) | self.extra


class Unit(Strict):
    """What an indicator counts, and the mart that holds one row for each."""

    name: Name
    plural: Words
    mart: Name
    key: Name


class _File(Strict):
    dimensions: list[Dimension]
    units: list[Unit]

    @model_validator(mode="after")
    def _no_repeats(self) -> _File:
        for names in ([d.name for d in self.dimensions], [u.name for u in self.units]):
            if len(set(names)) < len(names):
                raise ValueError("a name stands twice")
        return self


@cache
def _file(path: Path = FILE) -> _File:
    return read_yaml(path, _File)


def dimensions() -> dict[str, Dimension]:
    """Every dimension by name, in canonical order."""
    return {dimension.name: dimension for dimension in _file().dimensions}


def units() -> dict[str, Unit]:
    """Every unit by name."""
    return {unit.name: unit for unit in _file().units}


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Dimension names in canonical order; KeyError for one that does not exist."""
    known = list(dimensions())
    wanted = set(names)
    if unknown := sorted(wanted - set(known)):
        raise KeyError(f"no dimension {', '.join(unknown)}")
    return tuple(name for name in known if name in wanted)


def cube_name(names: Iterable[str]) -> str:
    """The name of the cube over these dimensions: `performing_lab+turnaround_category`; empty for the whole."""
    return "+".join(in_order(names))


def margins(cubes: Iterable[Iterable[str]]) -> list[tuple[str, ...]]:
    """Every cube and all its margins, each once, the whole first: what publishing these cubes publishes."""
    found = {()} | {chosen for cube in cubes for size in range(1, 4) for chosen in combinations(in_order(cube), size)}
    order = {name: place for place, name in enumerate(dimensions())}
    return sorted(found, key=lambda cube: (len(cube), [order[name] for name in cube]))
