"""Grades of the newest 12 months and quarter by measure and place, and the reasons of one measure's grade."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from catalogue.dimensions import dimensions
from catalogue.indicators import Indicator
from ui import words
from ui.data import Snapshot
from ui.quality_matrix import Cell, Matrix, Row
from ui.quality_panel import Panel, Twin
from ui.quality_place import DIMENSIONS, SCOTLAND, Kind, Place, address, places
from ui.quality_words import plain, so_many
from ui.words import GRADE

NAME = "grades"
REASONS = "reasons"

Span = Literal["year", "quarter"]

#: The spans that a reader may choose, and the grains that stand for each, the first that a measure is published at.
SPANS: dict[Span, str] = {"year": "Newest 12 months", "quarter": "Newest quarter"}
GRAINS: dict[Span, tuple[str, ...]] = {"year": ("year", "quarter", "month"), "quarter": ("quarter", "month", "year")}
MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}

ORDER = ("poor", "fair", "good")
PLURAL: dict[Kind, str] = {"scotland": "", "board": "health boards", "lab": "laboratories"}


@dataclass(frozen=True)
class Graded:
    """The newest grade of one measure for one place and span, with what it is of."""

    entry: Indicator
    place: Place
    dimension: str
    grain: str
    start: dt.date
    grade: str
    reasons: tuple[str, ...]
    to_do: tuple[str, ...]

    @property
    def period(self) -> str:
        """The period in words."""
        end = _after(self.start, MONTHS_OF[self.grain]) - dt.timedelta(days=1)
        return words.period(self.grain, self.start, end)


def _after(day: dt.date, months: int) -> dt.date:
    index = day.year * 12 + day.month - 1 + months
    return dt.date(index // 12, index % 12 + 1, 1)


def graded(snapshot: Snapshot, of: list[Place], span: Span) -> dict[tuple[str, str], Graded]:
    """The newest grades by measure and place's code, of the measures that are published for each place."""
    rows = {
        (row["indicator"], row["dimension"], row["code"], row["grain"]): row
        for row in snapshot.newest_grades().to_dicts()
    }
    found = {}
    for entry in snapshot.facts.indicators.values():
        for place in of:
            if row := _first(rows, entry, place, span):
                found[entry.id, place.code] = Graded(
                    entry, place, row["dimension"], row["grain"], row["period_start"], row["grade"],
                    tuple(row["reasons"] or ()), tuple(row["to_do"] or ()),
                )  # fmt: skip
    return found


def _first(
    rows: Mapping[tuple[str, str, str, str], dict[str, Any]], entry: Indicator, place: Place, span: Span
) -> dict[str, Any] | None:
    """The grade at the first grain that is held; a board's poorer one, where it both requests and is lived in."""
    for grain in GRAINS[span]:
        keys = [(entry.id, name, place.code, grain) for name in DIMENSIONS[place.kind]]
        if held := [rows[key] for key in keys if key in rows]:
            return min(held, key=lambda row: ORDER.index(row["grade"]))
    return None


def columns_of(snapshot: Snapshot, place: Place) -> list[Place]:
    """Whose grades stand side by side: Scotland with every board and laboratory, or with the one place chosen."""
    if place.kind != "scotland":
        return [SCOTLAND, place]
    boards = [Place("board", code, label) for code, label in places(snapshot, "board").items()]
    laboratories = [Place("lab", code, label) for code, label in places(snapshot, "lab").items()]
    return [SCOTLAND, *boards, *laboratories]


def grades(snapshot: Snapshot, place: Place, span: Span) -> Panel:
    """The grades as a matrix of measure by place; each links to its reasons."""
    of = columns_of(snapshot, place)
    found = graded(snapshot, of, span)
    if not found:
        return Panel(NAME, "No grade is held in this release", "The release grades no measure.")
    title, summary = finding(found, place)
    whose = "Scotland, health boards and laboratories" if place.kind == "scotland" else f"Scotland and {place.name}"
    return Panel(
        NAME,
        title,
        summary,
        f"Quality of the data behind each measure. {whose}. {SPANS[span]} of each measure.",
        matrix=_matrix(snapshot, of, found),
        notes=(
            "Choose a grade to read its reasons at the top of the page. A health board is graded as requesting board "
            "and as board of residence; the poorer grade is shown. A blank cell: the measure is not published for "
            "this place.",
            "A grade speaks of the data, not of how well the service does.",
        ),
        twins=(Twin("Grades with their reasons, poor ones first", _table(found), "grades"),),
    )


def _count(found: Mapping[tuple[str, str], Graded], kind: Kind, grade: str) -> dict[str, int]:
    """How many places of a kind have a grade, by measure; only measures for which some have it."""
    counts: dict[str, int] = {}
    for one in found.values():
        if one.place.kind == kind and one.grade == grade:
            counts[one.entry.id] = counts.get(one.entry.id, 0) + 1
    return counts


def finding(found: Mapping[tuple[str, str], Graded], place: Place) -> tuple[str, str]:
    """Title and summary: for Scotland the measure with the most poor boards, for a place its own grades."""
    if place.kind != "scotland":
        own = [one for one in found.values() if one.place.kind == place.kind]
        if not own:
            return f"No measure is graded for {place.name}", "Its data are part of Scotland's grades."
        return _own_finding(own, place)
    for kind in ("board", "lab"):
        for grade in ("poor", "fair"):
            if counts := _count(found, kind, grade):
                return _most(found, kind, grade, counts)
    return "No health board or laboratory has poor or fair data for any measure", _tally(found)


def _most(
    found: Mapping[tuple[str, str], Graded], kind: Kind, grade: str, counts: Mapping[str, int]
) -> tuple[str, str]:
    measure = max(counts, key=lambda name: counts[name])
    shown = [one for one in found.values() if one.place.kind == kind and one.entry.id == measure]
    verb = "has" if counts[measure] == 1 else "have"
    title = (
        f"{counts[measure]} of {len(shown)} {PLURAL[kind]} {verb} {grade} data for "
        f"“{shown[0].entry.title}” ({shown[0].period})"
    )
    others = len(counts) - 1
    more = f" {so_many(others, 'other measure', 'other measures')} too {'has' if others == 1 else 'have'} {grade} data "
    return title, (f"{more.strip()} in some of them. " if others else "") + _tally(found)


def _tally(found: Mapping[tuple[str, str], Graded]) -> str:
    national = [one for one in found.values() if one.place.kind == "scotland"]
    counts = {grade: sum(one.grade == grade for one in national) for grade in reversed(ORDER)}
    told = words.joined([f"{number} {grade}" for grade, number in counts.items() if number])
    return f"For Scotland, of {so_many(len(national), 'measure', 'measures')}: {told}."


def _own_finding(own: list[Graded], place: Place) -> tuple[str, str]:
    name = f"{place.name[:1].upper()}{place.name[1:]}"
    below = {grade: [one for one in own if one.grade == grade] for grade in ("poor", "fair")}
    total = so_many(len(own), "measure", "measures")
    if not below["poor"] and not below["fair"]:
        return f"{name}: the data behind all {total} are good", "No reason was found to doubt them."
    told = words.joined([f"{len(rows)} {grade}" for grade, rows in below.items() if rows])
    named = "; ".join(f"{one.entry.title} ({grade})" for grade, rows in below.items() for one in rows)
    return f"{name}: of the data behind {total}, {told}", f"{named}."


def _matrix(snapshot: Snapshot, of: list[Place], found: Mapping[tuple[str, str], Graded]) -> Matrix:
    measured = dict.fromkeys(measure for measure, _ in found)
    rows = []
    for measure in measured:
        entry = snapshot.facts.indicators[measure]
        cells = [found.get((measure, place.code)) for place in of]
        rows.append(Row(f"{entry.number} {entry.title}", tuple(_cell(one) for one in cells)))
    kinds = {"scotland": "", "board": "", "lab": "laboratory"}
    return Matrix(
        "Quality grade of the data behind each measure, by place",
        "Measure",
        tuple((place.label, kinds[place.kind]) for place in of),
        (("", tuple(rows)),),
    )


def _cell(one: Graded | None) -> Cell | None:
    if one is None:
        return None
    mark, word = GRADE[one.grade]
    about = f"{word}: {one.entry.title}, {one.place.label}. Read the reasons."
    return Cell(mark, word, one.grade, address(one.place, name_of(one.entry)), about)


def name_of(entry: Indicator) -> str:
    """The name of a measure in the address of the page."""
    return f"{entry.number} {entry.title}"


def _table(found: Mapping[tuple[str, str], Graded]) -> pl.DataFrame:
    ordered = sorted(found.values(), key=lambda one: ORDER.index(one.grade))
    return pl.DataFrame(
        [
            {
                "Measure": name_of(one.entry),
                "Place": one.place.label,
                "Graded as": dimensions()[one.dimension].label if one.dimension else "Scotland",
                "Period": one.period,
                "Grade": GRADE[one.grade][1],
                "Reasons": " ".join(plain(text) for text in one.reasons),
                "What to do": " ".join(plain(text) for text in one.to_do),
            }
            for one in ordered
        ]
    )


def reasons(snapshot: Snapshot, place: Place, measure: str) -> list[str]:
    """Why a measure has its grade for a place, by span: paragraphs of text, with what to do; the same is said once."""
    told: dict[str, list[str]] = {}
    for span in SPANS:
        one = graded(snapshot, [place], span).get((measure, place.code))
        if one is None:
            continue
        mark, word = GRADE[one.grade]
        lines = [f"- {plain(text)}" for text in one.reasons] or ["- No reason was found to doubt these data."]
        lines += [f"- **To do:** {plain(text)}" for text in one.to_do]
        periods = told.setdefault("\n".join([f"{mark} {word}**", "", *lines]), [])
        if one.period not in periods:
            periods.append(one.period)
    return [f"**{' and '.join(periods)}: {text}" for text, periods in told.items()]


def to_explain(snapshot: Snapshot, place: Place) -> dict[str, str]:
    """Measures whose grade can be explained for a place, by the name in the address: the poorest grade first."""
    found = sorted(graded(snapshot, [place], "year").values(), key=lambda one: ORDER.index(one.grade))
    return {name_of(one.entry): one.entry.id for one in found}
