"""Charts of the page Workforce as pure functions: rows in, a figure and its text out. No screens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ui import marks, theme
from ui.capacity_charts import DASHES, MARKERS
from ui.charts import HEIGHT, ROW_HEIGHT, Chart
from ui.drawing import Drawing

Row = Mapping[str, Any]

#: Height of two panels, one above the other, and the part of it that each takes.
TALLER, UPPER, LOWER = 560, [0.57, 1.0], [0.0, 0.43]


def bars(rows: Sequence[Row], *, axis: str, alt: str, highlight: str = "") -> Chart:
    """Shares of several names as bars from nought, in the order of the list; a mark where one is not shown.

    rows: name, value (a share, null where not shown), short (what stands beside its bar), said (what it says when
    pointed at). What is highlighted is hatched.
    """
    figure = theme.blank(110 + marks.row_height([row["name"] for row in rows], ROW_HEIGHT) * max(len(rows), 2))
    shown = [row for row in rows if row["value"] is not None]
    figure.add_bar(
        y=[row["name"] for row in shown],
        x=[100 * row["value"] for row in shown],
        orientation="h",
        marker={
            "color": [theme.CLARET if row["name"] == highlight else theme.NAVY for row in shown],
            "pattern": {
                "shape": ["/" if row["name"] == highlight else "" for row in shown],
                "fillmode": "overlay",
                "fgcolor": theme.PAPER,
                "size": 6,
            },
        },
        text=[row["short"] for row in shown],
        textposition="outside",
        cliponaxis=False,
        customdata=[row["said"] for row in shown],
        hovertemplate="%{y}: %{customdata}<extra></extra>",
        showlegend=False,
    )
    absent = [row for row in rows if row["value"] is None]
    figure.add_scatter(
        x=[0] * len(absent),
        y=[row["name"] for row in absent],
        mode="text",
        text=[row["said"] for row in absent],
        textposition="middle right",
        textfont={"color": theme.GREY},
        hovertemplate="%{y}: %{text}<extra></extra>",
        showlegend=False,
    )
    most = max([100 * row["value"] for row in shown] + [1.0])
    figure.update_xaxes(title_text=axis, ticksuffix="%", range=[0, 1.15 * most])
    marks.names_down(figure, [row["name"] for row in rows])
    return Chart(figure, alt)


def lines(series: Mapping[str, Sequence[Row]], *, axis: str, alt: str, suffix: str = "", nought: bool = True) -> Chart:
    """A line of each name over time: rows of `period`, `value` (null leaves a gap), `said`."""
    figure = theme.blank(HEIGHT)
    _drawn(figure, series, "y", legend=True)
    figure.update_yaxes(title_text=axis, ticksuffix=suffix, rangemode="tozero" if nought else "normal")
    return Chart(figure, alt)


def panels(
    upper: Mapping[str, Sequence[Row]], lower: Mapping[str, Sequence[Row]], *, axes: tuple[str, str], alt: str
) -> Chart:
    """Two panels over the same time, each with its own axis of per cent: a name has the same line in both."""
    figure = theme.blank(TALLER)
    _drawn(figure, upper, "y", legend=True)
    _drawn(figure, lower, "y2", legend=False)
    figure.update_layout(
        yaxis={"domain": UPPER, "title": {"text": axes[0]}, "ticksuffix": "%", "rangemode": "tozero"},
        yaxis2={"domain": LOWER, "title": {"text": axes[1]}, "ticksuffix": "%", "anchor": "x"},
        xaxis={"anchor": "y2"},
    )
    return Chart(figure, alt)


def against(rows: Sequence[Row], *, axis: str, line: str, alt: str) -> Chart:
    """Bars at dates and a dashed line of what is needed: rows of `period`, `value`, `need`, `said`."""
    figure = theme.blank(HEIGHT)
    figure.add_bar(
        x=[row["period"] for row in rows],
        y=[row["value"] for row in rows],
        name=axis,
        marker={"color": theme.NAVY},
        text=[row["said"] for row in rows],
        textposition="none",
        hovertemplate="%{text}<extra></extra>",
    )
    figure.add_scatter(
        x=[row["period"] for row in rows],
        y=[row["need"] for row in rows],
        mode="lines",
        name=line,
        line={"color": theme.CLARET, "width": 2, "dash": "dash"},
        hoverinfo="skip",
    )
    figure.update_yaxes(title_text=axis, rangemode="tozero")
    return Chart(figure, alt)


def _drawn(figure: Drawing, series: Mapping[str, Sequence[Row]], axis: str, *, legend: bool) -> None:
    for place, (name, rows) in enumerate(series.items()):
        figure.add_scatter(
            x=[row["period"] for row in rows],
            y=[row["value"] for row in rows],
            yaxis=axis,
            mode="lines+markers",
            name=name,
            legendgroup=name,
            showlegend=legend and len(series) > 1,
            line={"color": theme.CATEGORIES[place % len(theme.CATEGORIES)], "width": 2,
                  "dash": DASHES[place % len(DASHES)]},
            marker={"symbol": MARKERS[place % len(MARKERS)], "size": 7},
            text=[row["said"] for row in rows],
            hovertemplate=f"{name}: %{{text}}<extra></extra>",
        )  # fmt: skip
