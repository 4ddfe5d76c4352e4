"""Sentences of the pages on capacity: who is loaded, who is short, what would clear, what moves it. No screens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from capacity.assumptions import ALL, MINUTES, Assumption, Assumptions
from catalogue.reference import labels
from ui import words

Row = Mapping[str, Any]

#: Fewer whole-time equivalents than this are told as none.
NO_POST = 0.05

STATES = {
    "over": "More work than hours",
    "stretched": "Stretched",
    "within": "Within its hours",
    "no_staff": "Work and nobody in post",
}

ASSUMED = (
    "The minutes of casework are starting assumptions: Scottish laboratories publish none. The order of the roles is "
    "firmer than the numbers."
)
NOT_COUNTED = (
    "Genetic counsellors, consultant geneticists, managers and data analysts have no load here: their work does not "
    "follow from a request, and no extract counts appointments."
)


def site(code: str) -> str:
    """The name of a laboratory."""
    return labels("laboratories").get(code, code)


def role(code: str) -> str:
    """The name of a role."""
    return labels("roles").get(code, code)


def people(code: str) -> str:
    """The people of a role: `clinical scientists`."""
    name = words.lower_first(role(code))
    return name if name.endswith("staff") else " or ".join(f"{one}s" for one in name.split(" or "))


def of_year(code: str) -> str:
    """What an assumption applies to, in words; empty for all."""
    if code == ALL:
        return ""
    return code.replace("_", " ") if code.startswith("year_") else people(code)


def ratio(value: float | None) -> str:
    """A load ratio: `0.92`."""
    return words.NOT_AVAILABLE if value is None else f"{value:.2f}"


def ranged(row: Row) -> str:
    """A load ratio with its range."""
    if row["load_ratio"] is None:
        return words.NOT_AVAILABLE
    return f"{row['load_ratio']:.2f} ({row['load_low']:.2f} to {row['load_high']:.2f})"


def posts(value: float) -> str:
    """A number of whole-time equivalents, to one decimal below ten."""
    if abs(value) < NO_POST:
        return "0"
    return f"{value:.1f}" if abs(value) < 9.95 else f"{value:,.0f}"


def where(row: Row) -> str:
    """Whose load a row tells: `Clinical scientists in Glasgow`."""
    text = f"{people(row['role'])} in {site(row['site'])}"
    return f"{text[:1].upper()}{text[1:]}"


def now(rows: Sequence[Row], red: float, amber: float) -> str:
    """The finding: who carries the most, and whether that is too much."""
    worst = max(rows, key=lambda row: float("inf") if row["load_ratio"] is None else row["load_ratio"])
    if worst["load_ratio"] is None:
        return f"{where(worst)}: there is work and nobody in post"
    told = f"load ratio {ranged(worst)}"
    if worst["load_ratio"] > red:
        return f"{where(worst)} have more work than hours: {told}"
    if worst["load_ratio"] > amber:
        return f"{where(worst)} are the most stretched: {told}"
    return f"No role is stretched; {words.lower_first(where(worst))} carry the most: {told}"


def now_summary(rows: Sequence[Row], amber: float) -> str:
    """How many are above the amber line at each end of the minutes."""
    counts = {
        name: sum(1 for row in rows if row[name] is not None and row[name] > amber)
        for name in ("load_ratio", "load_low", "load_high")
    }
    of = f"{len(rows)} roles" if len({row["site"] for row in rows}) == 1 else f"{len(rows)} roles of the laboratories"
    return (
        f"{counts['load_ratio'] or 'None'} of {of} {'is' if counts['load_ratio'] < 2 else 'are'} above {amber:.2f}; "
        f"with every minute low it would be {counts['load_low'] or 'none'}, with every minute high "
        f"{counts['load_high'] or 'none'}. {ASSUMED}"
    )


def short(wte: float, code: str, here: str, then: tuple[str, float]) -> str:
    """How many posts are short, now and at the end."""
    if wte < NO_POST and then[1] < NO_POST:
        return f"{here} is not short of {people(code)}, now or in {then[0]}"
    now_words = f"{posts(wte)} posts" if wte >= NO_POST else "no posts"
    return f"{here} is short of {now_words} of {people(code)} now, and of {posts(then[1])} in {then[0]}"


def clears(row: Row) -> str:
    """How long the late requests take."""
    if row["clears"] == "none":
        return "No late requests"
    if row["clears"] == "never":
        return "Never at current staffing"
    weeks = row["weeks"]
    return "Within a week" if weeks < 1 else f"{weeks:,.0f} weeks" if weeks >= 1.5 else "About 1 week"


def assumption(key: str, given: Assumptions) -> str:
    """An assumption by its name, with what it applies to."""
    kind, _, what = key.partition("/")
    if kind == MINUTES:
        if "/" not in what:
            return f"Minutes of {people(what)}"
        category, step, of_role = what.split("/")
        return f"{labels('turnaround_categories')[category]}: {step}, minutes of {people(of_role)}"
    row = given.row(key)
    name = row.label if row else key
    target = "" if what.startswith("year_") else of_year(what)
    return f"{name}, {target}" if target else name


def amount(value: float, unit: str) -> str:
    """A value in its unit: a share as per cent."""
    if unit.startswith("share"):
        return f"{100 * value:g}%"
    return f"{value:g} {unit}"


def of_range(row: Assumption) -> str:
    """The range of an assumption."""
    if row.low == row.high:
        return "Not a choice"
    return f"{amount(row.low, row.unit)} to {amount(row.high, row.unit)}"
