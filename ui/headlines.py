"""The headline measures of the home page: value, period, change on a year before, quality."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from catalogue.indicators import Grain
from ui import words
from ui.data import Snapshot
from ui.figure import Figure, Query, newest
from ui.figures import ask


@dataclass(frozen=True)
class Headline:
    """One headline measure in words."""

    label: str
    value: str
    when: str
    change: str
    beside: str
    mark: str
    figure: Figure | None

    @property
    def is_shown(self) -> bool:
        """Whether there is a value."""
        return bool(self.change)

    @property
    def cited(self) -> str:
        """The id of what the tile shows: one period, and of several statistics those told; empty without a value."""
        row = self.figure.headline if self.figure else None
        if self.figure is None or row is None:
            return ""
        told = TOLD if len(self.figure.statistics) > 1 else ()
        return self.figure.cited(row["period_start"], row["period_end"], told)


#: The statistics that a tile tells of a measure that has several.
TOLD = ("median", "p90")

#: What is shown: id of the indicator, label, grain.
MEASURES: tuple[tuple[str, str, Grain], ...] = (
    ("reported_within_standard", "Reported within standard", "quarter"),
    ("overdue_backlog", "Open requests past due", "month"),
    ("turnaround_days", "Half of results expected in", "quarter"),
    ("requests_received", "Requests received", "quarter"),
    ("ethnicity_recorded", "Ethnic group recorded", "quarter"),
)


#: The page on which the share within standard stands out for each length of time.
STANDS_ON: tuple[tuple[Grain, str], ...] = (
    ("quarter", "this page"),
    ("month", "Turnaround"),
    ("year", "Fair comparison and the comparisons of places"),
)


def of_three_periods(snapshot: Snapshot) -> str:
    """How the shares within standard on several pages relate: one measure, over a month, a quarter and 12 months.

    Empty where fewer than two of them are shown.
    """
    told = []
    for grain, where in STANDS_ON:
        figure = ask(snapshot, Query(MEASURES[0][0], grain))
        row = figure.headline if figure else None
        if row is not None and row["state"] == "shown":
            mark = words.provisional(row).lower()
            told.append(f"{words.amount(row)} {words.when(grain, row)}{f' ({mark})' if mark else ''} on {where}")
    if len(told) < 2:
        return ""
    return f"Pages show one share within standard over different months: {words.joined(told)}."


def headlines(snapshot: Snapshot) -> list[Headline]:
    """The headline measures for Scotland, each of the newest complete period."""
    return [_headline(label, ask(snapshot, Query(indicator, grain))) for indicator, label, grain in MEASURES]


def _headline(label: str, figure: Figure | None) -> Headline:
    row = figure.headline if figure else None
    if figure is None or row is None:
        state = figure.state if figure else "empty"
        value = words.HIDDEN if state == "hidden" else words.NOT_AVAILABLE
        why = "Hidden to protect people" if state == "hidden" else "No figure in this release"
        return Headline(label, value, why, "", "", "", figure)
    entry = figure.entry
    snapshot = entry.kind == "snapshot"
    moment = words.when(figure.query.grain, row, snapshot)
    return Headline(
        label,
        words.amount(row),
        moment[0].upper() + moment[1:],
        words.change(entry, row, figure.a_year_before),
        _beside(figure, row["period_start"], row["numerator"], row["denominator"]),
        words.provisional(row),
        figure,
    )


def _beside(figure: Figure, period_start: object, numerator: int | None, denominator: int | None) -> str:
    """What belongs beside the value: the number open, the 90th percentile, what the share is of."""
    kind = figure.entry.kind
    if kind == "time_to_event":
        ninetieth = newest(figure.statistic("p90").filter(pl.col("period_start") == period_start))
        text = (
            f"Nine in ten expected in {words.days(ninetieth['value'])}"
            if ninetieth
            else "Nine in ten: cannot be told yet"
        )
        return f"{text}. An estimate: open requests are counted as still waiting"
    if kind == "snapshot" and numerator is not None and denominator is not None:
        return f"{words.number(numerator)} of {words.number(denominator)} open"
    if kind == "share" and denominator is not None:
        people = "people tested" if figure.entry.unit == "person" else "requests due"
        return f"Of {words.number(denominator)} {people}{_aim(figure)}"
    return "All accepted requests" if kind == "count" else ""


def _aim(figure: Figure) -> str:
    """Where the newest share stands against its target, in words; empty where it has none."""
    target, row = figure.entry.target, figure.headline
    if target is None or target.unit != "percent" or row is None:
        return ""
    return f"; {words.against_target(row, target.value / 100)} the {target.value:g}% line"
