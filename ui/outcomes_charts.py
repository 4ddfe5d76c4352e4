"""Charts of the page Outcomes: what came of all reports as bands, with those not recorded as a band of their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from ui import charts, marks, theme, words
from ui.charts import Chart

Row = Mapping[str, Any]

#: Fill, outline and pattern of each band: colour is not the only sign, what is not recorded is hatched.
YES, NO, UNSAID = (theme.NAVY, ""), (theme.SEQUENCE[1], ""), (theme.PAPER, "/")
HEIGHT = 360
#: Bands thinner than this have no number in them; the table has it.
ROOM = 0.07

#: Percentages that the narrow axis beside a chart may name, with 0.
STEPS = (1, 2, 5, 10, 20, 50, 100)


def bands(rows: Sequence[Row], names: tuple[str, str, str], *, alt: str) -> Chart:
    """A bar a period, a whole each: the outcome, the other, and not recorded, with the share of all in each.

    rows: `label`, `status`, `yes`, `no`, `unsaid` (counts; `yes` None where hidden, `unsaid` None where that is) and
    `mark`, the shorthand of a hidden one.
    """
    figure = theme.blank(HEIGHT, barmode="stack", bargap=0.25)
    at = [_named(row) for row in rows]
    for part, name, (colour, pattern) in zip(("yes", "no", "unsaid"), names, (YES, NO, UNSAID), strict=True):
        if not name:
            continue
        shares = [_share(row, part) for row in rows]
        figure.add_bar(
            x=at,
            y=[None if share is None else 100 * share for share in shares],
            name=name,
            marker={
                "color": colour,
                "line": {"color": theme.NAVY if pattern == "" else theme.GREY, "width": 1},
                "pattern": {"shape": pattern, "fgcolor": theme.WHOLE, "size": 6, "solidity": 0.25},
            },
            text=["" if share is None or share < ROOM else f"{share:.0%}" for share in shares],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"color": theme.PAPER if colour == theme.NAVY else theme.INK},
            customdata=[[_count(row, part)] for row in rows],
            hovertemplate=f"%{{x}}<br>{name}: %{{customdata[0]}}<extra></extra>",
        )
    hidden = [(place, row["mark"]) for place, row in zip(at, rows, strict=True) if row["yes"] is None]
    if hidden:
        figure.add_scatter(
            x=[place for place, _ in hidden], y=[3] * len(hidden), mode="text", text=[mark for _, mark in hidden],
            textfont={"color": theme.GREY}, showlegend=False, hoverinfo="skip",
        )  # fmt: skip
    figure.update_xaxes(type="category", categoryorder="array", categoryarray=at, ticks="", tickangle=0)
    figure.update_xaxes(title_text="12 months to")
    figure.update_yaxes(title_text="Share of all", range=[0, 101], ticksuffix="%")
    figure.update_layout(legend={"traceorder": "normal"})
    return Chart(figure, alt)


def ends(day: dt.date) -> str:
    """The month in which a bar's 12 months end, on two lines: narrow enough for five bars on a small screen."""
    return f"{day:%b}<br>{day:%Y}"


def apart(chart: Chart, cells: pl.DataFrame, name: str) -> Chart:
    """The bars with bars of another base below them: the share of reports for which nothing is recorded."""
    at = {"<br>".join(place.split("<br>")[:2]): place for place in chart.figure.data[0].x}
    rows = cells.sort("period_start").to_dicts()
    placed = [(at.get(ends(row["period_end"])), row) for row in rows]
    shown = [(place, 100 * (1 - row["value"])) for place, row in placed if place and row["state"] == "shown"]
    chart.figure.add_bar(
        x=[place for place, _ in shown], y=[share for _, share in shown], yaxis="y2", name=name,
        marker={
            "color": theme.PAPER, "line": {"color": theme.GREY, "width": 1},
            "pattern": {"shape": "/", "fgcolor": theme.WHOLE, "size": 6, "solidity": 0.25},
        },
        text=[f"{share:.0f}%" for _, share in shown], textposition="inside", textangle=0,
        textfont={"color": theme.INK}, hovertemplate=f"%{{x}}<br>{name}: %{{y:.1f}}% of reports<extra></extra>",
    )  # fmt: skip
    chart.figure.update_layout(
        height=460,
        yaxis={"domain": [0.4, 1]},
        yaxis2={"domain": [0, 0.26], "anchor": "x", "range": [0, 101], "ticksuffix": "%", "nticks": 3,
                "title": {"text": "Of reports"}},
        xaxis={"anchor": "y2"},
    )  # fmt: skip
    return chart


def _share(row: Row, part: str) -> float | None:
    whole = sum(row[name] or 0 for name in ("yes", "no", "unsaid"))
    return None if row["yes"] is None or row[part] is None or not whole else row[part] / whole


def _count(row: Row, part: str) -> str:
    return "" if row[part] is None else words.number(row[part])


def _named(row: Row) -> str:
    """The period under a bar, with whether it may change."""
    settled = "" if row["status"] == "final" else f"<br>{row['status']}"
    return f"{row['label']}{settled}"


def with_unsaid_below(chart: Chart, cells: pl.DataFrame, name: str) -> Chart:
    """A chart over time with bars below it, on the same periods: the share for which nothing is recorded.

    cells: of the measure that counts for how many it is recorded, at the grain of the chart.
    """
    at = dict(zip([str(day) for day in chart.figure.data[_series(chart)].customdata],
                  chart.figure.data[_series(chart)].x, strict=True))  # fmt: skip
    rows = [row for row in cells.sort("period_start").to_dicts() if str(row["period_start"]) in at]
    chart.figure.add_bar(
        x=[at[str(row["period_start"])] for row in rows],
        y=[100 * (1 - row["value"]) if row["state"] == "shown" else None for row in rows],
        yaxis="y2",
        name=name,
        showlegend=True,
        marker={
            "color": theme.PAPER,
            "line": {"color": theme.GREY, "width": 1},
            "pattern": {"shape": "/", "fgcolor": theme.WHOLE, "size": 6, "solidity": 0.25},
        },
        hovertemplate=f"{name}: %{{y:.1f}}%<extra></extra>",
    )
    highest = max((1 - row["value"] for row in rows if row["state"] == "shown"), default=0.1)
    chart.figure.update_layout(
        height=460,
        yaxis={"domain": [0.36, 1]},
        yaxis2={
            "domain": [0, 0.24],
            "anchor": "x",
            "range": [0, min(101, 120 * highest)],
            "ticksuffix": "%",
            "title": {"text": "Not recorded"},
        },
        xaxis={"anchor": "y2"},
    )
    return chart


def _series(chart: Chart) -> int:
    """Where the series stands among the traces: the first with the days of its points."""
    return next(place for place, trace in enumerate(chart.figure.data) if trace.customdata is not None)


def side_by_side(
    cells: pl.DataFrame,
    recorded: pl.DataFrame | None,
    labels: Sequence[tuple[str, str]],
    *,
    axis: str,
    unsaid: str,
    say: charts.Say,
    alt: str,
) -> Chart:
    """Shares with their intervals in the order of the list, and beside them the share for which nothing is recorded."""
    labels = [(code, marks.in_lines(name, 20)) for code, name in labels]
    chart = charts.side_by_side(cells, labels, axis=axis, say=say, alt=alt)
    highest = cells.select(pl.max_horizontal("upper", "value").max()).item() or 1.0
    chart.figure.update_xaxes(range=[0, min(106.0, 112 * highest)], nticks=5, tickangle=0)
    if recorded is None:
        return chart
    drawn = set(cells["code"])
    rows = {row["code"]: row for row in recorded.to_dicts()}
    names = [(code, name) for code, name in labels if code in drawn and code in rows]
    shown = [(name, rows[code]) for code, name in names if rows[code]["state"] == "shown"]
    chart.figure.add_bar(
        x=[100 * (1 - row["value"]) for _, row in shown],
        y=[name for name, _ in shown],
        orientation="h",
        xaxis="x2",
        showlegend=False,
        marker={
            "color": theme.PAPER,
            "line": {"color": theme.GREY, "width": 1},
            "pattern": {"shape": "/", "fgcolor": theme.WHOLE, "size": 6, "solidity": 0.25},
        },
        hovertemplate=f"%{{y}}, {unsaid.lower()}: %{{x:.0f}}%<extra></extra>",
    )
    hidden = [name for code, name in names if rows[code]["state"] != "shown"]
    if hidden:
        chart.figure.add_scatter(
            x=[0] * len(hidden), y=hidden, xaxis="x2", mode="text", text=[words.HIDDEN] * len(hidden),
            textposition="middle right", textfont={"color": theme.GREY}, showlegend=False, hoverinfo="skip",
        )  # fmt: skip
    most = max((1 - row["value"] for _, row in shown), default=0.1)
    step = max((step for step in STEPS if step <= 100 * most), default=STEPS[0])
    chart.figure.update_layout(
        xaxis={"domain": [0, 0.64]},
        xaxis2={
            "domain": [0.77, 1],
            "anchor": "y",
            "range": [0, min(100.0, 120 * most)],
            "tickvals": [0, step],
            "ticktext": ["0%", f"{step}%"],
            "tickangle": 0,
            "title": {"text": marks.in_lines(unsaid, 9)},
            "showgrid": False,
        },
        bargap=0.45,
    )
    chart.figure.update_layout(xaxis={"nticks": 4}, yaxis={"tickfont": {"size": 13}})
    return chart
