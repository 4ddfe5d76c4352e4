"""Failed and insufficient samples by type of sample, the newest 12 months: a section of the page Where it is stuck."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ui import charts, measures_table, words
from ui.data import Snapshot
from ui.figure import Figure, Query
from ui.figures import ask, latest_year
from ui.section import Section

FAILED = "failed_samples"
DIMENSION = "sample_type"

#: What stands over the section where there is nothing to show.
WHAT = "Failed samples by type"


def failed_by_sample(snapshot: Snapshot, fixed: measures_table.Fixed, place: str) -> Section:
    """The share of requests with a failed sample, of each type of sample, beside that of all types together."""
    start = latest_year(snapshot, FAILED, None)
    figure = ask(snapshot, Query(FAILED, "year", fixed, DIMENSION, start, None, newest_only=True), place)
    if nothing := words.nothing_to_show(figure, WHAT):
        return Section(FAILED, *nothing)
    assert figure is not None
    together = measures_table.year_of(snapshot, FAILED, fixed, place)
    labels = snapshot.facts.labels.get(DIMENSION, {})
    title, summary = finding(figure, together.headline if together else None, labels)
    period = words.span(figure)
    chart = charts.side_by_side(
        figure.cells,
        list(labels.items()),
        axis="Requests with a failed sample",
        say=lambda row: f"{_share(row)} ({measures_table.interval(row)})",
        alt=f"{title}. {summary} Every value is in the table below the chart.",
    )
    # Few samples fail, so the whole of 0% to 100% would show a row of points at its edge.
    most = max([1.0, *(100 * upper for upper in figure.cells["upper"].drop_nulls())])
    chart.figure.update_xaxes(range=[-0.03 * most, 1.08 * most], tickmode="auto", tickvals=None, dtick=None)
    notes = (
        "Lines are 95% intervals (Wilson). The order is that of the list and says nothing of rank.",
        "A type is called clearly above or below where its whole interval lies on that side of all types together.",
    )
    return Section(
        FAILED, title, summary, f"{figure.entry.title}, by type of sample. {place}. {period[:1].upper()}{period[1:]}",
        chart, (figure,), notes, labels, "Type of sample",
    )  # fmt: skip


def finding(figure: Figure, together: Mapping[str, Any] | None, labels: Mapping[str, str]) -> tuple[str, str]:
    """Title and summary: which types fail clearly more often than all together, and which less."""
    rows = figure.cells.to_dicts()
    shown = [row for row in rows if row["state"] == "shown"]
    if not shown:
        return f"{WHAT}: every type is hidden {words.HIDDEN}", "Choose a wider view above."
    left_out = words.left_out(rows)
    if together is None or together["state"] != "shown":
        return (
            f"{WHAT}: {len(shown)} shown, and none to compare with",
            f"The share of all types together is hidden.{left_out}",
        )
    above = [_told(row, labels) for row in shown if row["lower"] > together["value"]]
    below = [_told(row, labels) for row in shown if row["upper"] < together["value"]]
    title = (
        f"{len(above) or 'None'} of the {len(shown)} types of sample shown {'fail' if len(above) != 1 else 'fails'} "
        "clearly more often than all together"
    )
    parts = [
        f"All together: {_share(together)} of requests with a known outcome in the {words.span(figure)}.",
        f"Clearly above: {words.joined(above)}." if above else "",
        f"Clearly below: {words.joined(below)}." if below else "",
    ]
    return title, " ".join(filter(None, parts)) + left_out


def _told(row: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    return f"{labels.get(row['code'], row['code'])} ({_share(row)})"


def _share(row: Mapping[str, Any]) -> str:
    """A small share with a decimal, since whole per cent would make most of them one."""
    return f"{100 * row['value']:.1f}%"
