"""Charts of the page Scenarios as pure functions: rows in, a figure and its text out. No screens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ui import marks, theme
from ui.charts import HEIGHT, Chart

Row = Mapping[str, Any]

#: The chosen scenario first; each has a dash of its own, so that colour is not the only sign.
LINES = ((theme.CLARET, "solid"), (theme.GREY, "dash"), (theme.ORANGE, "dot"), (theme.TEAL, "dashdot"))


def history_and_scenarios(
    history: Sequence[Row], scenarios: Sequence[tuple[str, Sequence[Row]]], *, axis: str, alt: str, target: float
) -> Chart:
    """A share by month as it was, then under each scenario; the first with its 95% range.

    history: period_start, value (0 to 1, or None). scenarios: name and rows of month, mean, lower_95 and
    upper_95 (0 to 100).
    """
    figure = theme.blank(HEIGHT)
    chosen = scenarios[0][1]
    days = [row["month"] for row in chosen]
    figure.add_scatter(
        x=days + days[::-1],
        y=[row["upper_95"] for row in chosen] + [row["lower_95"] for row in reversed(chosen)],
        fill="toself",
        fillcolor=theme.BAND,
        line={"width": 0},
        mode="lines",
        name="95% range",
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=[row["period_start"] for row in history],
        y=[None if row["value"] is None else 100 * row["value"] for row in history],
        mode="lines",
        name="What happened",
        connectgaps=False,
        line={"color": theme.NAVY, "width": 2.5},
        hovertemplate="%{x|%B %Y}: %{y:.0f}%<extra></extra>",
    )
    for (name, rows), (colour, dash) in zip(scenarios, LINES, strict=False):
        figure.add_scatter(
            x=[row["month"] for row in rows],
            y=[row["mean"] for row in rows],
            mode="lines",
            name=name,
            line={"color": colour, "width": 2.5 if dash == "solid" else 2, "dash": dash},
            hovertemplate=f"{name}, %{{x|%B %Y}}: %{{y:.0f}}%<extra></extra>",
        )
    first = history[0]["period_start"] if history else days[0]
    figure.add_scatter(
        x=[first, days[-1]],
        y=[target] * 2,
        mode="lines",
        name=f"{target:.0f}% line",
        line={"color": theme.INK, "width": 1, "dash": "dash"},
        hoverinfo="skip",
    )
    figure.update_yaxes(title_text=axis, ticksuffix="%", range=[0, 101])
    return Chart(figure, alt)


def before_and_after(rows: Sequence[Row], names: tuple[str, str], *, axis: str, alt: str, target: float) -> Chart:
    """Each name as planned (open) and under the scenario (full), joined: rows of name, before, after, said."""
    figure = theme.blank(130 + marks.TWO_LINES * max(len(rows), 2))
    marks.before_and_after(figure, rows, names, theme.CLARET)
    figure.add_vline(x=target, line={"color": theme.GREY, "width": 1, "dash": "dash"})
    figure.update_xaxes(title_text=axis, ticksuffix="%", range=[-4, 104])
    return Chart(figure, alt)


def trade_off(rows: Sequence[Row], *, axis: str, across: str, alt: str, target: float) -> Chart:
    """The best share that so many posts reach. Rows: posts, percent, said."""
    figure = theme.blank(HEIGHT)
    figure.add_scatter(
        x=[row["posts"] for row in rows],
        y=[row["percent"] for row in rows],
        mode="lines+markers",
        line={"color": theme.NAVY, "width": 2, "shape": "hv"},
        marker={"size": 9},
        text=[row["said"] for row in rows],
        hovertemplate="%{text}: %{y:.0f}%<extra></extra>",
        name="Best that so many posts reach",
        showlegend=False,
    )
    figure.add_hline(y=target, line={"color": theme.INK, "width": 1, "dash": "dash"})
    figure.update_xaxes(title_text=across, rangemode="tozero", dtick=1 if rows[-1]["posts"] <= 15 else None)
    figure.update_yaxes(title_text=axis, ticksuffix="%", range=[0, 101])
    return Chart(figure, alt)
