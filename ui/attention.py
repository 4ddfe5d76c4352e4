"""What needs attention: rules that turn a release into sentences, each with links to the view it speaks of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import polars as pl

from catalogue.dimensions import dimensions
from ui import words
from ui.data import Snapshot
from ui.figure import Figure, Query
from ui.figures import ask, latest_year, of_scotland
from ui.filters import address
from ui.turnaround_measures import BACKLOG, WITHIN, target_of

#: A backlog is growing when the number past due is this much higher than a year before, and by at least so many.
GROWTH = 1.2
GROWTH_AT_LEAST = 50

#: Where shares are judged against the target, with the view that a link opens.
JUDGED = (("performing_lab", "lab"), ("requesting_board", "board"), ("turnaround_category", "category"))


@dataclass(frozen=True)
class Item:
    """One thing that needs attention: its subject, a sentence, and links as label and query of the Turnaround page."""

    subject: str
    sentence: str
    links: tuple[tuple[str, dict[str, str]], ...] = field(default=())


def attention(snapshot: Snapshot) -> list[Item]:
    """Everything that needs attention, late data first since it bears on the rest."""
    return [*_late(snapshot), *_below_target(snapshot), *_growing(snapshot), *_poor(snapshot)]


def about_the_line(snapshot: Snapshot) -> str:
    """What the line is by which shares are judged, in one sentence; empty where the entry does not say."""
    entry = snapshot.indicator(WITHIN)
    return words.about_target(entry) if entry else ""


def _late(snapshot: Snapshot) -> list[Item]:
    late = snapshot.facts.submitters.filter(pl.col("is_late"))
    items = []
    for (submitter,), rows in late.group_by(["submitter"], maintain_order=True):
        label = rows["label"][0]
        newest = [f"{row['extract']} (newest held: {_period(row['newest_period'])})" for row in rows.to_dicts()]
        is_lab = submitter in snapshot.facts.labels.get("performing_lab", {})
        links = ((label, address("lab", label)),) if is_lab else ()
        items.append(
            Item(
                "Late data",
                f"{label} has not sent all its data: {words.joined(newest)}. Newest figures may still change.",
                links,
            )
        )
    return items


def _period(text: str | None) -> str:
    return words.month(dt.date.fromisoformat(f"{text}-01")) if text else "none"


def _below_target(snapshot: Snapshot) -> list[Item]:
    start = latest_year(snapshot, WITHIN, None)
    if start is None:
        return []
    items = []
    for dimension, view in JUDGED:
        figure = ask(snapshot, Query(WITHIN, "year", spread=dimension, start=start, newest_only=True))
        if figure is None or figure.state != "shown":
            continue
        if item := _below(snapshot, figure, dimension, view):
            items.append(item)
    return items


def _below(snapshot: Snapshot, figure: Figure, dimension: str, view: str) -> Item | None:
    target = target_of(figure)
    counted = of_scotland(dimension)
    rows = [row for row in figure.cells.to_dicts() if counted is None or row["code"] in counted]
    shown = [row for row in rows if row["state"] == "shown"]
    below = [row for row in shown if words.against_target(row, target) == "below"]
    if not below:
        return None
    plural = words.of_shown(dimensions()[dimension].plural, rows)
    status = figure.cells["period_status"].unique().to_list()
    sentence = (
        f"{words.so_many(len(below), len(shown), plural)} clearly below the {target:.0%} line "
        f"for requests due in the {words.span(figure)}{' (incomplete)' if 'incomplete' in status else ''}: "
        f"the whole 95% interval lies under it.{words.left_out(rows)}"
    )
    links = []
    for row in below:
        label = snapshot.label(dimension, row["code"])
        query = address(category=label) if view == "category" else address(view, label)
        links.append((f"{label}, {words.amount(row)}", query))
    return Item("Within standard", sentence, tuple(links))


def _growing(snapshot: Snapshot) -> list[Item]:
    items = []
    counted = of_scotland("performing_lab") or frozenset()
    labels = {code: label for code, label in snapshot.facts.labels.get("performing_lab", {}).items() if code in counted}
    for code, label in [(None, "Scotland"), *labels.items()]:
        fixed = (("performing_lab", code),) if code else ()
        figure = ask(snapshot, Query(BACKLOG, "month", fixed))
        if figure is None or figure.unshown:
            continue
        now, before = figure.headline, figure.a_year_before
        if now is None or before is None or now["numerator"] is None or before["numerator"] is None:
            continue
        late, was = now["numerator"], before["numerator"]
        if late >= GROWTH * was and late - was >= GROWTH_AT_LEAST:
            sentence = (
                f"{label}: {words.number(late)} open requests were past due {words.when('month', now, snapshot=True)}, "
                f"up from {words.number(was)} a year before."
            )
            items.append(Item("Growing backlog", sentence, ((label, address("lab", label) if code else address()),)))
    return items


def _poor(snapshot: Snapshot) -> list[Item]:
    items = []
    for name, quality in snapshot.facts.quality.items():
        entry = snapshot.indicator(name)
        if entry is not None and quality.grade == "poor":
            why = " ".join(f"{words.reason(text)}." for text in quality.reasons)
            items.append(
                Item("Poor data quality", f"{entry.title}: the data behind this measure are poor. {why}".strip())
            )
    return items
