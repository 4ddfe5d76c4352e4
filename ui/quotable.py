"""A figure as one paragraph that can be pasted into an answer: value, period, definition, caveat, quality and id.

It is for one value of one place. A series is quoted by its newest value; groups side by side have no one value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from catalogue.indicators import NOT_A_SHARE, STATUS, Indicator
from ui import words
from ui.cited_figure import CitedFigure
from ui.figure import Figure

#: What stands first where nothing may be quoted.
MADE_UP = "These are synthetic figures, made up to show how the dashboard works; they must not be quoted. "


def paragraph(cited: CitedFigure) -> str | None:
    """The paragraph; None where the figure has no one value, or where it is hidden or not available."""
    figure = cited.figure
    if figure is None or figure.query.spread:
        return None
    rows = figure.statistic(next(name for name in figure.statistics if name in figure.cells["statistic"]))
    row = rows.filter(pl.col("period_start") == pl.col("period_start").max()).row(0, named=True)
    if row["state"] != "shown":
        return None
    entry, release = figure.entry, cited.snapshot.release
    parts = [
        _value(figure, row),
        _definition(entry),
        f"It is {words.lower_first(STATUS[entry.status])}.",
        *(f"{caveat.rstrip('.')}." for caveat in entry.caveats[:2]),
        _rounding(entry),
        f"{_status(row)}{words.quality_of(figure).rstrip('.')}.",
        f"Source: {entry.source.rstrip('.')}; data to {words.long_date(release.data_to)}. "
        f"Figure id: {cited.citation.id}",
    ]
    return (MADE_UP if release.is_synthetic else "") + " ".join(part for part in parts if part)


def _value(figure: Figure, row: Mapping[str, Any]) -> str:
    entry = figure.entry
    when = words.when(figure.query.grain, row, entry.kind == "snapshot")
    what = words.STATISTIC[row["statistic"]].lower() if len(figure.statistics) > 1 else ""
    told = f"{entry.title}{f' ({what})' if what else ''}, {figure.place}, {when}: {words.amount(row)}"
    if row["numerator"] is not None and row["denominator"] is not None:
        told += f" ({words.number(row['numerator'])} of {words.number(row['denominator'])})"
    if row["lower"] is not None and row["upper"] is not None:
        ends = [words.amount({**row, "value": row[name]}) for name in ("lower", "upper")]
        told += f", 95% interval {ends[0]} to {ends[1]}"
    return f"{told}."


def _definition(entry: Indicator) -> str:
    """What stands above and below the line."""
    if entry.denominator == NOT_A_SHARE:
        return f"Counted: {words.lower_first(entry.numerator)}."
    return f"Measured as {words.lower_first(entry.numerator)}, of {words.lower_first(entry.denominator)}."


def _rounding(entry: Indicator) -> str:
    return "Counts of people and requests are rounded to protect people." if entry.counts_people else ""


def _status(row: Mapping[str, Any]) -> str:
    mark = words.provisional(row)
    return f"{mark}. " if mark else ""
