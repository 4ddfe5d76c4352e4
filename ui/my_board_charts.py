"""Charts of one health board's own requests as pure functions: columns in, a figure and its text out. No screens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import polars as pl

from ui import theme
from ui.charts import HEIGHT, Chart

Say = Callable[[Mapping[str, Any]], str]

#: Up to so many, an axis of counts is marked at each whole number.
FEW = 10

#: Colour and pattern of each part of a bar, so that colour is never the only sign.
PARTS = {
    "overdue": (theme.CLARET, ""),
    "soon": (theme.ORANGE, "/"),
    "later": (theme.SEQUENCE[1], ""),
    "no_due_date": (theme.WHOLE, "."),
}


def control_chart(
    chart: pl.DataFrame,
    *,
    axis: str,
    say: Say,
    alt: str,
    better: Literal["higher", "lower"],
    share: bool = False,
    target: float | None = None,
    target_label: str = "",
) -> Chart:
    """A series with its centre, limits of chance and special causes, and a target where there is one.

    chart: one series as `methods.special_causes.special_causes` returns it. say: what hovering over a point says.
    share: values are shares of one and drawn as per cent.
    """
    figure = theme.blank(HEIGHT)
    scale = 100 if share else 1
    rows = [row for row in chart.to_dicts() if row["value"] is not None]
    days = [row["period"] for row in rows]
    for name in ("lower", "upper"):
        figure.add_scatter(
            x=days, y=_scaled(rows, name, scale), mode="lines",
            line={"color": theme.GREY, "dash": "dash", "width": 1}, name="Limits of chance",
            showlegend=name == "upper", hoverinfo="skip",
        )  # fmt: skip
    figure.add_scatter(
        x=days, y=_scaled(rows, "centre", scale), mode="lines", line={"color": theme.GREY, "width": 1}, name="Centre",
        hoverinfo="skip",
    )  # fmt: skip
    figure.add_scatter(
        x=days, y=_scaled(rows, "value", scale), mode="lines+markers", showlegend=False,
        line={"color": theme.NAVY, "width": 2}, marker={"color": theme.NAVY, "size": 6},
        text=[say(row) for row in rows], hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
    for way, (name, colour, symbol) in _marks(better).items():
        found = [row for row in rows if row["special_cause"] is not None and row["direction"] == way]
        if found:
            figure.add_scatter(
                x=[row["period"] for row in found], y=_scaled(found, "value", scale), mode="markers", name=name,
                marker={"color": colour, "symbol": symbol, "size": 11},
                text=[say(row) for row in found], hovertemplate="%{text}<extra></extra>",
            )  # fmt: skip
    if target is not None:
        figure.add_hline(
            y=scale * target, line={"color": theme.INK, "width": 2, "dash": "dot"},
            annotation={"text": target_label, "xanchor": "right"},
        )  # fmt: skip
    most = max((row["value"] for row in rows), default=0)
    step = {"dtick": 1} if not share and most <= FEW else {}
    figure.update_yaxes(
        title_text=axis, ticksuffix="%" if share else "", rangemode="normal" if share else "tozero", **step
    )
    return Chart(figure, alt)


def _marks(better: str) -> dict[int, tuple[str, str, str]]:
    good, bad = theme.TEAL, theme.CLARET
    up, down = ("better", "worse") if better == "higher" else ("worse", "better")
    return {
        1: (f"Higher than chance: {up}", good if better == "higher" else bad, "triangle-up"),
        -1: (f"Lower than chance: {down}", bad if better == "higher" else good, "triangle-down"),
    }


def _scaled(rows: Sequence[Mapping[str, Any]], name: str, scale: float) -> list[float | None]:
    return [None if row[name] is None else scale * row[name] for row in rows]


def by_stage(waits: pl.DataFrame, stages: Mapping[str, str], standings: Mapping[str, str], *, alt: str) -> Chart:
    """Open requests by the last step done, in the order of the work, split by how they stand to their due date.

    waits: columns stage and one a key of `standings`. stages: the stages to draw, with their names.
    """
    counts = waits.group_by("stage").agg(pl.col(list(standings)).sum())
    held = {row["stage"]: row for row in counts.to_dicts()}
    figure = theme.blank(120 + 34 * len(stages), barmode="stack", bargap=0.3)
    for standing, name in standings.items():
        colour, pattern = PARTS[standing]
        values = [held.get(stage, {}).get(standing, 0) for stage in stages]
        if not any(values):
            continue
        figure.add_bar(
            x=values, y=list(stages.values()), orientation="h", name=name,
            marker={
                "color": colour, "line": {"color": theme.INK, "width": 0.5},
                "pattern": {"shape": pattern, "bgcolor": colour, "fgcolor": theme.INK, "size": 6, "solidity": 0.15},
            },
            hovertemplate=f"%{{y}}, {name.lower()}: %{{x:,}}<extra></extra>", showlegend=True,
        )  # fmt: skip
    longest = counts.select(pl.sum_horizontal(list(standings)).max()).item() or 0
    step = {"dtick": 1} if longest <= FEW else {}
    figure.update_layout(legend={"traceorder": "normal"})
    figure.update_xaxes(title_text="Open requests", rangemode="tozero", separatethousands=True, **step)
    figure.update_yaxes(title_text="Last step done", categoryorder="array", categoryarray=list(stages.values())[::-1])
    return Chart(figure, alt)
