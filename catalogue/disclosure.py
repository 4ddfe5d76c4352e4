"""The rules of disclosure control and the register of cubes: what may be shown, of whom, and how it is proved."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from catalogue.contracts import ROOT, CatalogueError, Name, Strict, Words, read_yaml
from catalogue.dimensions import cube_name, dimensions
from catalogue.indicators import Indicator

FILE = ROOT / "catalogue" / "disclosure.yml"

Part = Literal["count", "in", "out", "whole", "requests"]


class Side(Strict):
    """A count that an indicator shows, at one code of each dimension named in `where`."""

    indicator: Name
    part: Part
    where: dict[Name, str] = {}


class Link(Strict):
    """Counts of the same people under different names: `whole` is the sum of `parts`, cell by cell."""

    why: Words
    whole: Side
    parts: list[Side] = Field(min_length=1)


class PercentilesNeed(Strict):
    """People that each percentile of times needs."""

    median: int = Field(ge=10)
    p90: int = Field(ge=10)
    p95: int = Field(ge=10)


class ForecastsNeed(Strict):
    """People whom a forecast of a queue needs, and how many of them at least are expected either way."""

    people: int = Field(ge=20)
    either_way: int = Field(ge=10)


class Staff(Strict):
    """What is told of staff, and how many of them it needs."""

    needs: int = Field(ge=5)
    sensitive: list[Name]


class Attack(Strict):
    """How long and how hard the build attacks its own figures."""

    seconds: float = Field(gt=0)
    directions: int = Field(ge=2)
    own_board_seconds: float = Field(gt=0)
    order: str


class Rules(Strict):
    """catalogue/disclosure.yml; each line is explained there."""

    hidden_under: int = Field(ge=5)
    rounded_to: int = Field(ge=3)
    share_needs: int = Field(ge=10)
    percentiles_need: PercentilesNeed
    growth_needs: int = Field(ge=10)
    forecasts_need: ForecastsNeed
    monthly_needs: int = Field(ge=10)
    staff: Staff
    told_within: int = Field(ge=3)
    sensitive_dimensions: list[Name]
    sensitive_indicators: list[Name]
    attack: Attack
    links: list[Link]

    @property
    def reach(self) -> int:
        """The furthest that rounding moves a count."""
        return self.rounded_to - 1

    @model_validator(mode="after")
    def _fit_together(self) -> Rules:
        if unknown := sorted(set(self.sensitive_dimensions) - set(dimensions())):
            raise ValueError(f"sensitive_dimensions: no dimension {', '.join(unknown)}")
        if self.share_needs < 2 * self.hidden_under:
            raise ValueError("share_needs: a share has two parts, and each is hidden under hidden_under people")
        return self


@cache
def rules(path: Path = FILE) -> Rules:
    """The rules; CatalogueError where the file is wrong."""
    return read_yaml(path, Rules)


@dataclass(frozen=True)
class Cube:
    """One line of the register: what may be asked of an indicator, and how it is protected."""

    indicator: str
    name: str
    dimensions: tuple[str, ...]
    unit: str
    grains: tuple[str, ...]
    is_sensitive: bool
    purpose: str
    owner: str


def register(entries: dict[str, Indicator]) -> list[Cube]:
    """Every registered cube of the published entries; what is not here cannot be asked.

    Raises CatalogueError where the rules name an indicator that does not exist.
    """
    known = rules()
    named = {
        *known.sensitive_indicators,
        *known.staff.sensitive,
        *(side.indicator for link in known.links for side in (link.whole, *link.parts)),
    }
    if unknown := sorted(named - entries.keys()):
        raise CatalogueError(f"disclosure.yml: no indicator {', '.join(unknown)}")
    for name in known.staff.sensitive:
        if any(len(cube) > 1 for cube in entries[name].cubes):
            raise CatalogueError(f"{name}.yml: cubes: what is told of staff by it has cubes of one dimension only")
    return [
        Cube(
            entry.id,
            cube_name(cube),
            cube,
            entry.unit,
            tuple(entry.grains),
            entry.id in known.sensitive_indicators or not set(cube).isdisjoint(known.sensitive_dimensions),
            entry.question,
            entry.owner,
        )
        for entry in entries.values()
        if entry.published and entry.kind != "awaited"
        for cube in entry.all_cubes
    ]
