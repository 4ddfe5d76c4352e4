"""The chart of a cited figure, whatever its kind: over time, or groups side by side. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from ui import charts, marks, theme, words
from ui.charts import ROW_HEIGHT, Chart, Line
from ui.figure import Figure

#: How each statistic over time is drawn.
LINES = {
    "share": Line("Share", "share", theme.NAVY, band=True),
    "median": Line("Median", "median", theme.NAVY, band=True),
    "p90": Line("90th percentile", "p90", theme.CLARET, "dash"),
    "p95": Line("95th percentile", "p95", theme.TEAL, "dot"),
}

NEWEST = "The chart shows the newest period of several; the table has them all."


def chart_of(figure: Figure, labels: Mapping[str, str]) -> tuple[Chart | None, str]:
    """The chart and a note on what it leaves out; no chart where nothing is shown.

    labels: code to name of the dimension side by side, in the order in which they are drawn.
    """
    if figure.state != "shown" or "shown" not in figure.cells["state"]:
        return None, "Every value is hidden or not available, so there is nothing to draw."
    alt = f"{figure.entry.title}. {figure.place}. {words.span(figure)}. Every value is in the table below the chart."
    if figure.query.spread is None:
        return _over_time(figure, alt), ""
    newest = figure.cells.filter(pl.col("period_start") == pl.col("period_start").max())
    return _side_by_side(figure, newest, labels, alt), NEWEST if newest.height < figure.cells.height else ""


def _over_time(figure: Figure, alt: str) -> Chart:
    spans = [
        words.period(figure.query.grain, start, end)
        for start, end in figure.cells.select("period_start", "period_end").rows()
    ]
    cells = figure.cells.with_columns(pl.Series("label", spans, dtype=pl.String))
    first = cells["statistic"][0]
    if first == "growth":
        return charts.bars_over_time(
            cells.with_columns(100 * pl.col("value")), axis="Growth, %", say=_say(cells), alt=alt
        )
    if first == "count":
        return charts.bars_over_time(cells, axis="Number", say=words.amount, alt=alt)
    lines = [line for name, line in LINES.items() if name in cells["statistic"]]
    is_share = first == "share"
    return charts.over_time(
        cells, lines, axis=figure.entry.title if is_share else "Days", say=words.amount, alt=alt, share=is_share
    )


def _say(cells: pl.DataFrame) -> charts.Say:
    """Says the growth of a bar, whose own value is in per cent."""
    rows = {row["period_start"]: row for row in cells.to_dicts()}
    return lambda row: words.amount(rows[row["period_start"]])


def _side_by_side(figure: Figure, newest: pl.DataFrame, labels: Mapping[str, str], alt: str) -> Chart:
    names = [*labels.items()]
    statistics = newest["statistic"].unique()
    if "median" in statistics:
        return charts.percentiles_side_by_side(
            newest, names, {}, axis="Days (each step doubles)", say=words.amount, alt=alt
        )
    if "share" in statistics:
        return charts.side_by_side(newest, names, axis=figure.entry.title, say=words.amount, alt=alt)
    return amounts_side_by_side(newest.filter(pl.col("statistic") == newest["statistic"][0]), names, alt=alt)


def amounts_side_by_side(cells: pl.DataFrame, labels: Sequence[tuple[str, str]], *, alt: str) -> Chart:
    """Bars of several groups in the order of the list, never by rank; a group that is not shown has its shorthand.

    cells: columns code, statistic (one), state, value, denominator; labels: code and name of each group to draw.
    """
    rows = {row["code"]: row for row in cells.to_dicts()}
    drawn = [(name, rows[code]) for code, name in labels if code in rows]
    is_growth = cells["statistic"][0] == "growth"
    scale = 100 if is_growth else 1
    shown = [(name, row) for name, row in drawn if row["state"] == "shown"]
    absent = [(name, words.MARK[row["state"]]) for name, row in drawn if row["state"] != "shown"]
    each = marks.row_height([name for name, _ in drawn], ROW_HEIGHT)
    figure = theme.blank(110 + each * max(len(drawn), 2), bargap=0.35)
    figure.add_bar(
        x=[scale * row["value"] for _, row in shown],
        y=[name for name, _ in shown],
        orientation="h",
        marker={"color": theme.NAVY},
        text=[words.amount(row) for _, row in shown],
        textposition="none",
        hovertemplate="%{y}: %{text}<extra></extra>",
        showlegend=False,
    )
    if absent:
        figure.add_scatter(
            x=[0] * len(absent),
            y=[name for name, _ in absent],
            mode="text",
            text=[mark for _, mark in absent],
            textposition="middle right",
            textfont={"color": theme.GREY},
            hovertemplate="%{y}: %{text}<extra></extra>",
            showlegend=False,
        )
    axis = {"count": "Number", "growth": "Growth, %"}.get(cells["statistic"][0], "Days")
    figure.update_xaxes(title_text=axis, rangemode="tozero", separatethousands=True)
    marks.names_down(figure, [name for name, _ in drawn])
    return Chart(figure, alt)
