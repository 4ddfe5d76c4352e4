"""Whether the ethnic group of people is recorded well enough for gaps to be shown, as the first section of a page."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import polars as pl

from ui import words
from ui.data import Snapshot
from ui.ethnicity_measures import AGREES, REASONS, RECORDED
from ui.figure import Figure, Query
from ui.figures import ask, latest_year
from ui.section import Section

Fixed = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Recording:
    """Whether gaps between ethnic groups may be shown of a place, why not, and what would be needed."""

    may: bool
    why: str
    needed: str
    figure: Figure | None


def _year(snapshot: Snapshot, name: str, fixed: Fixed, place: str) -> Figure | None:
    query = Query(name, "year", fixed, start=latest_year(snapshot, name, None), newest_only=True)
    return ask(snapshot, query, place)


def _only(figure: Figure | None) -> dict[str, Any] | None:
    return figure.cells.row(0, named=True) if figure is not None and figure.cells.height == 1 else None


def recording(snapshot: Snapshot, fixed: Fixed, place: str) -> Recording:
    """Whether gaps may be shown of a place, by the share of people with a recorded ethnic group."""
    figure, least = _year(snapshot, RECORDED, fixed, place), snapshot.release.gaps_need_recorded
    row = _only(figure)
    if row is None:
        return Recording(False, "How many people have a recorded ethnic group is not in this release", "", figure)
    may, why = words.gaps_shown(row, least)
    needed = "" if may or row["state"] != "shown" else missing(row["numerator"], row["denominator"], least)
    return Recording(may, why, needed, figure)


def missing(known: int, everybody: int, least: float) -> str:
    """How many more people must have a recorded group before gaps are shown."""
    more = 5 * math.ceil((least * everybody - known) / 5 - 1e-9)
    return (
        f"Gaps would be shown from {least:.0%}: about {words.number(more)} more of the {words.number(everybody)} "
        "people tested would need a recorded ethnic group."
    )


def section(snapshot: Snapshot, fixed: Fixed, place: str) -> Section:
    """How complete and how reliable the recording is, and whether gaps may be shown."""
    found = recording(snapshot, fixed, place)
    row = _only(found.figure)
    if row is None or found.figure is None:
        return Section("recording", "Recording of ethnic groups: not in this release", f"{found.why}.")
    agreement = _only(agrees := _year(snapshot, AGREES, fixed, place))
    reasons = {name: _year(snapshot, name, fixed, place) for name in REASONS}
    if row["state"] == "shown":
        share = words.percent(row["value"], row["denominator"])
        then = "so gaps between groups are shown" if found.may else "too few for gaps between groups to be shown"
        title = f"{share} of people tested have a recorded ethnic group, {then}"
    else:
        title = "How many people have a recorded ethnic group is hidden, so gaps are not shown"
    sentences = [found.needed, _reliable(agreement)]
    rows = [("Recorded", row), *((REASONS[name], _only(figure)) for name, figure in reasons.items())]
    rows.append(("Recorded here and in the linked record alike", agreement))
    table = pl.DataFrame([_line(name, cell) for name, cell in rows])
    others = (agrees,) if agrees is not None and agrees.cells.height else ()
    return Section(
        "recording", title, " ".join(filter(None, sentences)),
        f"Recorded ethnic group of people tested. {found.figure.place}. {_period(found.figure)}",
        figures=(found.figure, *others), table=table,
        notes=(
            "Declined, not known, blank and unrecognised are four different things and none of them is a group.",
            "Under Ethnicity recording each is told over time and by who sends it.",
        ),
    )  # fmt: skip


def _reliable(row: dict[str, Any] | None) -> str:
    if row is None or row["state"] != "shown":
        return "Whether what is recorded is right cannot be told here."
    share = words.percent(row["value"], row["denominator"])
    both = f"Of people with a group in both, {share} have the same in the linked record"
    return f"{both}: being complete is not being right."


def _line(name: str, row: dict[str, Any] | None) -> dict[str, str]:
    if row is None:
        return {"Ethnic group": name, "Share": words.NOT_AVAILABLE, "95% interval": "", "People": "", "Out of": ""}
    is_shown = row["state"] == "shown"
    return {
        "Ethnic group": name,
        "Share": words.amount(row),
        "95% interval": f"{100 * row['lower']:.1f}% to {100 * row['upper']:.1f}%" if is_shown else "",
        "People": words.number(row["numerator"]) if is_shown else words.MARK.get(row["state"], words.NOT_AVAILABLE),
        "Out of": words.number(row["denominator"]) if is_shown else "",
    }


def _period(figure: Figure) -> str:
    text = words.span(figure)
    return f"{text[:1].upper()}{text[1:]}"
