"""The five dimensions of RE-AIM: each measure as a level and direction, and whether groups of people differ in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from catalogue.dimensions import dimensions
from catalogue.indicators import Indicator
from ui import words
from ui.aim_measures import Told, tell
from ui.aims import OWN_NUMBER
from ui.data import Snapshot
from ui.figure import Query
from ui.figures import ask
from ui.made_once import made_once

#: The dimensions in the order of their name, and what each asks.
ASKS: dict[str, str] = {
    "reach": "Whom does the service get to, and are they like those it is for?",
    "effectiveness": "What does a test change for people?",
    "adoption": "Who takes the service up: professions, boards, laboratories?",
    "implementation": "Is it delivered as it was meant, on time and at the quality asked for?",
    "maintenance": "Does it last: in staff, records and follow-up?",
}

NOT_COMPARED = "Not compared by group yet"
RECORDED, ETHNIC = "ethnicity_recorded", "ethnic_category"


@dataclass(frozen=True)
class ByGroup:
    """What was compared between groups of people of Scotland for one measure.

    compared: comparisons shown; hidden: those that stand for too few people; found: those told to differ, with the
    dimensions in which they lie; withheld: whether ethnic groups are left out because too few have one recorded.
    """

    compared: int
    hidden: int
    found: int
    within: tuple[str, ...]
    withheld: bool


@dataclass(frozen=True)
class Line:
    """One measure of a dimension: what it says, and of its groups; None where they are not compared."""

    told: Told
    by_group: ByGroup | None


def of_dimension(snapshot: Snapshot, dimension: str) -> tuple[Line, ...]:
    """Every measure of a dimension with a number of its own, or made to compare groups."""
    return _kept(snapshot.key, dimension, snapshot)


@made_once(20)
def _kept(key: str, dimension: str, _snapshot: Snapshot) -> tuple[Line, ...]:  # noqa: ARG001 - key: the release
    entries = [entry for entry in _snapshot.facts.indicators.values() if entry.re_aim == dimension and _counts(entry)]
    found = [(tell(_snapshot, entry.id), by_group(_snapshot, entry.id)) for entry in entries]
    return tuple(Line(told, groups) for told, groups in found if told is not None)


def _counts(entry: Indicator) -> bool:
    return entry.published and (OWN_NUMBER.fullmatch(entry.number) is not None or bool(entry.compared_within))


def by_group(snapshot: Snapshot, indicator: str) -> ByGroup | None:
    """What the release compared between groups in a measure, all of Scotland; None where it compared nothing."""
    gaps = snapshot.built_table("gaps")
    if gaps is None:
        return None
    rows = gaps.filter("is_known", measure=indicator, area="scotland")
    withheld = not _recorded_enough(snapshot) and ETHNIC in rows["dimension"]
    if withheld:
        rows = rows.filter(pl.col("dimension") != ETHNIC)
    if rows.is_empty():
        return None
    shown = rows.filter(state="shown")
    found = shown.filter(pl.col("is_found").fill_null(value=False))
    within = tuple(found["dimension"].unique(maintain_order=True).sort())
    return ByGroup(shown.height, rows.height - shown.height, found.height, within, withheld)


@made_once(6)
def _enough(key: str, _snapshot: Snapshot) -> bool:  # noqa: ARG001 - key: the release
    figure = ask(_snapshot, Query(RECORDED, "year"))
    row = figure.headline if figure else None
    return row is not None and words.gaps_shown(row, _snapshot.release.gaps_need_recorded)[0]


def _recorded_enough(snapshot: Snapshot) -> bool:
    """Whether enough people have a recorded ethnic group for a gap between ethnic groups to be shown."""
    return _enough(snapshot.key, snapshot)


def groups_in_words(found: ByGroup | None) -> str:
    """What groups of people say of a measure, in a sentence or two."""
    if found is None:
        return f"{NOT_COMPARED}."
    without = " Ethnic groups are left out: too few people have one recorded." if found.withheld else ""
    hidden = f" Hidden {words.HIDDEN}: {found.hidden} more." if found.hidden else ""
    if not found.compared:
        return f"No comparison can be shown.{hidden}{without}"
    if not found.found:
        return f"No gap found in {found.compared} comparisons.{hidden}{without}"
    where = words.joined([dimensions()[name].label for name in found.within])
    return f"A gap is found in {found.found} of {found.compared} comparisons: {where}.{hidden}{without}"


def level(lines: Sequence[Line]) -> str:
    """How many measures of a dimension go which way."""
    ways = [line.told.variation if line.told.unusable is None else "unusable" for line in lines]
    names = {"improving": "improving", "worsening": "getting worse", "steady": "without real change"}
    told = [f"{ways.count(way)} {name}" for way, name in names.items() if way in ways]
    context = sum(line.told.entry.better == "context" and line.told.unusable is None for line in lines)
    few = ways.count(None) - context
    told += [f"{few} with too few points"] if few else []
    told += [f"{context} as context"] if context else []
    told += [f"{ways.count('unusable')} without a usable figure"] if "unusable" in ways else []
    return words.joined(told) or "none"


def representativeness(lines: Sequence[Line]) -> str:
    """In how many measures of a dimension groups were compared, and in how many a gap was found."""
    compared = [line.by_group for line in lines if line.by_group is not None and line.by_group.compared]
    if not compared:
        return f"{NOT_COMPARED}."
    found = sum(bool(groups.found) for groups in compared)
    return f"Groups compared in {len(compared)} of {len(lines)} measures; a gap found in {found or 'none'}."
