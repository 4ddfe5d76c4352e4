"""What the sections of the page Workforce share: what is shown of a cell, its bar, and what is said where none is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ui import marks, words
from ui import workforce_words as said
from ui.figure import Figure
from ui.outlook_sections import Part
from ui.workforce_filters import Choice

Row = Mapping[str, Any]


def alt_of(title: str, summary: str) -> str:
    """The text that stands for a chart."""
    return f"{title}. {summary} Every value is in the table below the chart."


def cited(*figures: Figure | None) -> tuple[Figure, ...]:
    """The figures that there are."""
    return tuple(figure for figure in figures if figure is not None)


def without(name: str, what: str, found: Figure | None) -> Part:
    """A section that has nothing to show, and why."""
    nothing = words.nothing_to_show(found, what)
    if nothing is None:
        return Part(name, f"{what}: hidden {words.HIDDEN} in the newest quarter", f"It {words.WHY_HIDDEN}.")
    return Part(name, *nothing)


def is_shown(row: Row | None) -> bool:
    """Whether a cell has a value to show."""
    return row is not None and row["state"] == "shown" and row["value"] is not None


def if_shown(row: Row, text: str) -> str:
    """A text of a cell, or the shorthand where the cell is not shown."""
    return text if is_shown(row) else words.MARK.get(row["state"], words.NOT_AVAILABLE)


def bar(row: Row, names: Mapping[str, str]) -> Row:
    """What a bar of the chart needs; names: by code."""
    value = said.of_row(row)
    told = f"{value} of about {row['denominator']:,.0f}" if is_shown(row) else value
    return {
        "name": marks.in_lines(names[row["code"]]),
        "short": value,
        "value": row["value"] if is_shown(row) else None,
        "said": told,
    }


def none_in_post(name: str, choice: Choice, found: Figure | None) -> Part:
    """A section on posts without any, and why."""
    if found is None and choice.role:
        return Part(name, f"No posts of {said.whom(choice)} are reported", "Choose another role or laboratory above.")
    return without(name, "Vacancy rate", found)
