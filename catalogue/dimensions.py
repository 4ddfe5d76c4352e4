"""Dimensions by which figures may be shown, and the units that indicators count."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from catalogue.contracts import ROOT, Name, Strict, Words, read_yaml
from catalogue.reference import labels

FILE = ROOT / "catalogue" / "dimensions.yml"


class Merge(Strict):
    """Values of a dimension that are shown together, because apart they stand for few people."""

    code: Name
    label: Words
    of: list[str] = Field(min_length=2)


class Dimension(Strict):
    """One dimension: a column of the unit's mart whose values come from a reference list.

    In a cube with other dimensions, values of a merge stand together only; alone, they stand apart as well.
    compared_with: the value that others are compared with, where they are groups of people. unknown: values that say
    that the group is not known.
    """

    name: Name
    label: Words
    plural: Words
    codes: Name
    extra: dict[str, str] = {}
    merges: list[Merge] = []
    compared_with: str | None = None
    unknown: list[str] = []

    @model_validator(mode="after")
    def _compares_with_a_value(self) -> Dimension:
        named = [*self.unknown, *([self.compared_with] if self.compared_with else [])]
        known = labels(self.codes) | self.extra if named else {}
        if wrong := sorted(set(named) - known.keys()):
            raise ValueError(f"compared_with, unknown: {', '.join(wrong)} is not a code of {self.codes}")
        return self

    @model_validator(mode="after")
    def _merges_known_values_once(self) -> Dimension:
        merged = [code for merge in self.merges for code in merge.of]
        known = {} if not merged else labels(self.codes)
        if wrong := sorted({code for code in merged if code not in known or merged.count(code) > 1}):
            raise ValueError(f"merges: {', '.join(wrong)} is not a code of {self.codes}, or stands twice")
        return self

    @property
    def inline(self) -> str:
        """Its label as it goes on within a sentence."""
        return within_a_sentence(self.label)

    @property
    def labels(self) -> dict[str, str]:
        """Code to label of every value that the dimension can take, in display order, merges included."""
        return labels(self.codes) | {merge.code: merge.label for merge in self.merges} | self.extra

    @property
    def merged_into(self) -> dict[str, str]:
        """Code to the code of the merge that it belongs to, for those that belong to one."""
        return {code: merge.code for merge in self.merges for code in merge.of}


class PartOf(Strict):
    """The unit of which another is one part at each code of a dimension: `key` is its id in the mart of the parts."""

    unit: Name
    key: Name
    by: Name


class Unit(Strict):
    """What an indicator counts, and the mart that holds one row for each.

    of: where at each code of a dimension the rows are units of another kind, as stages of requests are requests: what
    is counted of them at one code is then compared with what other measures count of these.
    counts: what the units are or belong to: people, protected by thresholds and rounding; staff, by the rules of staff;
    or nothing that needs protecting, such as items of a programme.
    """

    name: Name
    plural: Words
    mart: Name
    key: Name
    of: PartOf | None = None
    counts: Literal["people", "staff", "nothing"] = "people"


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


def strata_names() -> dict[str, str]:
    """What requests can be alike in before groups of people are compared: column of their mart to its name."""
    alike = {"test_purpose": "purpose of the test", "panel_size": "size of panel", "month_start": "month"}
    return {name: dimension.inline for name, dimension in dimensions().items()} | alike


def within_a_sentence(text: str) -> str:
    """A text as it goes on within a sentence: a small first letter, but `SIMD` as it is."""
    word = text.partition(" ")[0]
    return text if len(word) > 1 and word[:2].isupper() else text[:1].lower() + text[1:]


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
