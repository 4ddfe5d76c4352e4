"""Charts of the page Demand as pure functions: rows in, a figure and its text out. No screens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from ui import theme
from ui.charts import HEIGHT, ROW_HEIGHT, Chart
from ui.outlook_charts import WIDE_BAND
from ui.small_multiples import STYLE, image

Row = Mapping[str, Any]

#: The drawing surface of a small chart; the browser scales it to the width of its card.
WIDTH, TALL, EDGE = 280, 92, 6


def history_and_forecast(
    history: Sequence[Row],
    ahead: Sequence[Row],
    naive: Sequence[Row],
    base: Sequence[Row] = (),
    *,
    axis: str,
    alt: str,
) -> Chart:
    """Requests a month as they were, then as they are expected, with ranges; the simple forecast is dotted.

    history: period_start, requests. ahead, naive, base: period_start, requests, limits; base is the forecast before
    anything was supposed.
    """
    figure = theme.blank(HEIGHT)
    days = [row["period_start"] for row in ahead]
    for interval, colour in (("95", WIDE_BAND), ("80", theme.BAND)):
        figure.add_scatter(
            x=days + days[::-1],
            y=[row[f"upper_{interval}"] for row in ahead] + [row[f"lower_{interval}"] for row in reversed(ahead)],
            fill="toself",
            fillcolor=colour,
            line={"width": 0},
            mode="lines",
            name=f"{interval}% range",
            hoverinfo="skip",
        )
    named = "With what is supposed" if base else "Forecast"
    for name, rows, colour, dash, width in (
        ("Received", history, theme.NAVY, "solid", 2.5),
        ("Simple: last year again", naive, theme.GREY, "dot", 1.5),
        ("Forecast, nothing supposed", base, theme.ORANGE, "dash", 2),
        (named, ahead, theme.CLARET, "solid", 2.5),
    ):
        if rows:
            figure.add_scatter(
                x=[row["period_start"] for row in rows],
                y=[row["requests"] for row in rows],
                mode="lines",
                name=name,
                connectgaps=False,
                line={"color": colour, "width": width, "dash": dash},
                hovertemplate=f"{name}, %{{x|%B %Y}}: %{{y:,.0f}}<extra></extra>",
            )
    figure.update_yaxes(title_text=axis, rangemode="tozero", separatethousands=True)
    return Chart(figure, alt)


def off_by_months(rows: Sequence[Row], naive: Sequence[Row], *, axis: str, alt: str) -> Chart:
    """How far past forecasts of a year were off, by years ahead, beside the simple forecast. Rows: name, off."""
    figure = theme.blank(110 + 2 * ROW_HEIGHT * max(len(rows), 2), barmode="group")
    for name, found, colour, pattern in (
        ("Simple: last year again", naive, theme.WHOLE, "/"),
        ("Forecast", rows, theme.NAVY, ""),
    ):
        figure.add_bar(
            x=[100 * row["off"] for row in found],
            y=[row["name"] for row in found],
            orientation="h",
            name=name,
            marker={"color": colour, "pattern": {"shape": pattern}},
            hovertemplate=f"{name}, %{{y}}: %{{x:.1f}}% off<extra></extra>",
        )
    figure.update_xaxes(title_text=axis, ticksuffix="%", rangemode="tozero")
    figure.update_yaxes(categoryorder="array", categoryarray=[row["name"] for row in reversed(rows)], ticks="")
    return Chart(figure, alt)


def cards(series: Sequence[Row]) -> str:
    """A small chart a series, each from nought on its own scale, with its name and words.

    series: name, said, history, ahead, naive: rows of period_start, requests (a month), and the 80% limits of ahead.
    """
    drawn = [
        f'<div class="gm-card"><span class="gm-name">{escape(row["name"])}</span>{_drawing(row)}'
        f'<span class="gm-when">{escape(row["said"])}</span></div>'
        for row in series
    ]
    return f'{STYLE}<div class="gm-cards">{"".join(drawn)}</div>'


def _drawing(row: Row) -> str:
    every = [*row["history"], *row["ahead"]]
    first, last = every[0]["period_start"], every[-1]["period_start"]
    tops = [one["requests"] for one in row["history"] if one["requests"] is not None]
    top = max([*tops, *(one["upper_80"] for one in row["ahead"])])

    def place(day: dt.date, count: float) -> str:
        along = (day - first).days / max((last - first).days, 1)
        return f"{EDGE + along * (WIDTH - 2 * EDGE):.1f} {TALL - EDGE - count / top * (TALL - 2 * EDGE):.1f}"

    band = [place(one["period_start"], one["upper_80"]) for one in row["ahead"]]
    band += [place(one["period_start"], one["lower_80"]) for one in reversed(row["ahead"])]
    parts = [f"<path d='M{'L'.join(band)}Z' fill='{theme.SEQUENCE[0]}'/>"]
    for name, colour, more in (
        ("naive", theme.GREY, " stroke-dasharray='2 3'"),
        ("history", theme.NAVY, ""),
        ("ahead", theme.CLARET, ""),
    ):
        points = [place(one["period_start"], one["requests"]) for one in row[name] if one["requests"] is not None]
        if points:
            parts.append(f"<path d='M{'L'.join(points)}' fill='none' stroke='{colour}' stroke-width='1.8'{more}/>")
    floor = f"<path d='M{EDGE} {TALL - EDGE}H{WIDTH - EDGE}' stroke='{theme.RULE}'/>"
    alt = f"{row['name']}: {row['said']}"
    return image(floor + "".join(parts), f"0 0 {WIDTH} {TALL}", alt, "gm-chart")


def by_site(rows: Sequence[Row], *, axis: str, alt: str) -> Chart:
    """Requests of each laboratory in a year to come, with its last 12 months beside. Rows: name, requests, last."""
    figure = theme.blank(110 + 2 * ROW_HEIGHT * max(len(rows), 2), barmode="group")
    names = [row["name"] for row in rows]
    for name, column, colour, pattern in (
        ("Expected", "requests", theme.NAVY, ""),
        ("Last 12 months", "last", theme.WHOLE, "/"),
    ):
        figure.add_bar(
            x=[row[column] for row in rows],
            y=names,
            orientation="h",
            name=name,
            marker={"color": colour, "pattern": {"shape": pattern}},
            hovertemplate=f"{name}, %{{y}}: %{{x:,.0f}}<extra></extra>",
        )
    figure.update_xaxes(title_text=axis, rangemode="tozero", separatethousands=True)
    figure.update_yaxes(categoryorder="array", categoryarray=names[::-1], ticks="")
    return Chart(figure, alt)
