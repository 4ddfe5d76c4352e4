"""Charts of the page Outlook as pure functions: rows in, a figure and its text out. No screens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from ui import marks, theme
from ui.charts import HEIGHT, ROW_HEIGHT, Chart
from ui.drawing import Drawing
from ui.words import number

Row = Mapping[str, Any]

#: The band of the wider interval; that of the narrower one lies on it.
WIDE_BAND = "rgba(18, 67, 109, 0.10)"


def places(rows: Sequence[Row], *, axis: str, unit: str, alt: str, highlight: str = "") -> Chart:
    """A number of each place with its range as a line, in the order of the list (never by rank).

    rows: code, name, state, value, lower, upper, said (in words). unit: what hovering says after a range.
    """
    figure = theme.blank(110 + ROW_HEIGHT * max(len(rows), 2))
    shown = [row for row in rows if row["state"] == "shown"]
    marks.ranges_across(figure, marks.marks_of(shown, lambda row: row["code"] == highlight), f"%{{text}} {unit}")
    most = max([row["upper"] for row in shown], default=10)
    marks.absent(figure, [(row["name"], row) for row in rows], 0.01 * most)
    figure.update_xaxes(title_text=axis, range=[0, 1.06 * most], separatethousands=True)
    marks.names_down(figure, [row["name"] for row in rows])
    return Chart(figure, alt)


def past(rows: Sequence[Row], *, axis: str, alt: str) -> Chart:
    """The ranges of past months as upright lines, what was expected as a dash, and what happened as a point on them.

    rows: as_at, state, expected, lower, upper, naive, happened, is_held. What it did not hold is an open diamond.
    """
    figure = theme.blank(HEIGHT)
    shown = [row for row in rows if row["state"] == "shown"]
    days = [row["as_at"] for row in shown]
    figure.add_scatter(
        x=days,
        y=[row["expected"] for row in shown],
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [row["upper"] - row["expected"] for row in shown],
            "arrayminus": [row["expected"] - row["lower"] for row in shown],
            "color": theme.SEQUENCE[2],
            "thickness": 5,
            "width": 0,
        },
        mode="markers",
        name="Expected, with its range",
        marker={"symbol": "line-ew", "size": 12, "line": {"width": 2.5, "color": theme.NAVY}},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=days,
        y=[row["naive"] for row in shown],
        mode="markers",
        name="Simple forecast",
        marker={"symbol": "x-thin", "size": 8, "line": {"width": 2, "color": theme.GREY}},
        hoverinfo="skip",
    )
    for held, name, colour, symbol in (
        (True, "Happened, within the range", theme.NAVY, "circle"),
        (False, "Happened, outside it", theme.CLARET, "diamond-open"),
    ):
        found = [row for row in shown if row["is_held"] == held]
        if found:
            figure.add_scatter(
                x=[row["as_at"] for row in found],
                y=[row["happened"] for row in found],
                mode="markers",
                name=name,
                marker={"color": colour, "size": 9 if held else 12, "symbol": symbol, "line": {"width": 2}},
                text=[_said(row) for row in found],
                hovertemplate="%{text}<extra></extra>",
            )
    figure.update_yaxes(title_text=axis, rangemode="tozero", separatethousands=True)
    return Chart(figure, alt)


def _said(row: Row) -> str:
    return (
        f"From {row['as_at'].day} {row['as_at']:%B %Y}: {number(row['happened'])} happened, about "
        f"{number(row['expected'])} expected, {number(row['lower'])} to {number(row['upper'])}"
    )


def months_ahead(
    history: Sequence[Row],
    forecast: Mapping[str, Sequence[Row]],
    better: str,
    *,
    axis: str,
    alt: str,
    target: float | None,
) -> Chart:
    """A share in past months, then the months ahead: the better forecast full with its intervals, the other one dotted.

    history: period_start, state, value. forecast: by method, rows of period_start, value, lower_80, upper_80, lower_95,
    upper_95.
    """
    figure = theme.blank(HEIGHT)
    named = {"trend": "Trend", "naive": "Simple: last month stays"}
    ahead = forecast[better]
    days = [row["period_start"] for row in ahead]
    for interval, colour in (("95", WIDE_BAND), ("80", theme.BAND)):
        figure.add_scatter(
            x=days + days[::-1],
            y=[100 * row[f"upper_{interval}"] for row in ahead]
            + [100 * row[f"lower_{interval}"] for row in reversed(ahead)],
            fill="toself",
            fillcolor=colour,
            line={"width": 0},
            mode="lines",
            name=f"{interval}% interval",
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=[row["period_start"] for row in history],
        y=[100 * row["value"] if row["value"] is not None else None for row in history],
        mode="lines+markers",
        name="What happened",
        connectgaps=False,
        line={"color": theme.NAVY, "width": 2.5},
        marker={"size": 5},
        hovertemplate="%{x|%B %Y}: %{y:.1f}%<extra></extra>",
    )
    for method in (name for name in ("trend", "naive") if name in forecast):
        is_better = method == better
        figure.add_scatter(
            x=[row["period_start"] for row in forecast[method]],
            y=[100 * row["value"] for row in forecast[method]],
            mode="lines+markers" if is_better else "lines",
            name=named[method],
            line={
                "color": theme.CLARET if is_better else theme.GREY,
                "width": 2.5 if is_better else 2,
                "dash": "solid" if is_better else "dot",
            },
            marker={"symbol": "diamond", "size": 7},
            hovertemplate=f"{named[method]}, %{{x|%B %Y}}: %{{y:.1f}}%<extra></extra>",
        )
    if target is not None:
        _target(figure, history, ahead, target)
    lows = [row["lower_95"] for row in ahead] + [row["value"] for row in history if row["value"] is not None]
    figure.update_yaxes(title_text=axis, ticksuffix="%", range=[max(0, 10 * ((100 * min(lows) - 2) // 10)), 101])
    return Chart(figure, alt)


def _target(figure: Drawing, history: Sequence[Row], ahead: Sequence[Row], target: float) -> None:
    first: dt.date = min(row["period_start"] for row in history)
    figure.add_scatter(
        x=[first, ahead[-1]["period_start"]],
        y=[100 * target] * 2,
        mode="lines",
        name=f"{target:.0%} line",
        line={"color": theme.INK, "width": 2, "dash": "dash"},
        hoverinfo="skip",
    )


def in_and_out(received: Sequence[Row], reported: Sequence[Row], *, axis: str, alt: str) -> Chart:
    """What came in and what was reported, a line each. Rows: period_start, label, state, value."""
    figure = theme.blank(HEIGHT - 40)
    for name, rows, colour, dash in (
        ("Came in", received, theme.NAVY, "solid"),
        ("Reported", reported, theme.CLARET, "dot"),
    ):
        figure.add_scatter(
            x=[row["period_start"] for row in rows],
            y=[row["value"] for row in rows],
            mode="lines",
            name=name,
            connectgaps=False,
            line={"color": colour, "width": 2.5, "dash": dash},
            text=[row["label"] for row in rows],
            hovertemplate=f"{name}, %{{text}}: %{{y:,}}<extra></extra>",
        )
    figure.update_yaxes(title_text=axis, rangemode="tozero", separatethousands=True)
    return Chart(figure, alt)
