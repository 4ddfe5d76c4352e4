"""A small line chart as SVG text, for paper: a series with its centre, limits of chance, signals and target. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import polars as pl

from ui import theme

WIDTH, HEIGHT = 360, 140
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 12, 24


@dataclass(frozen=True)
class Series:
    """What is drawn. chart: one series as `methods.special_causes.special_causes` returns it, with `period`.

    share: values are shares of one and drawn as per cent. alt: the words that stand for the picture.
    """

    chart: pl.DataFrame
    alt: str
    share: bool = False
    target: float | None = None


def svg(series: Series) -> str:
    """The picture; empty where there is no value to draw."""
    rows = [row for row in series.chart.sort("period").to_dicts() if row["value"] is not None]
    if not rows:
        return ""
    low, high = bounds(rows, series)
    days = [row["period"].toordinal() for row in rows]
    across = max(days[-1] - days[0], 1)
    x = [LEFT + (WIDTH - LEFT - RIGHT) * (day - days[0]) / across for day in days]

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / (high - low))

    parts = [
        f'<text x="{LEFT - 5}" y="{y(value) + 3:.1f}" text-anchor="end">{_label(value, series.share)}</text>'
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}" stroke="{theme.RULE}"/>'
        for value in (low, (low + high) / 2, high)
    ]
    parts += [
        f'<text x="{x[place]:.1f}" y="{HEIGHT - 6}" text-anchor="{anchor}">{rows[place]["period"]:%b %Y}</text>'
        for place, anchor in ((0, "start"), (-1, "end"))
    ]
    for name, dash in (("lower", "5 4"), ("upper", "5 4"), ("centre", "none")):
        points = [(at, y(row[name])) for at, row in zip(x, rows, strict=True) if row[name] is not None]
        parts.append(_path(points, theme.GREY, 0.8, dash))
    if series.target is not None and low <= series.target <= high:
        at = y(series.target)
        parts.append(_path([(LEFT, at), (WIDTH - RIGHT, at)], theme.INK, 1.5, "2 3"))
        label = _label(series.target, series.share)
        parts.append(f'<text x="{WIDTH - RIGHT}" y="{at - 3:.1f}" text-anchor="end">{label} line</text>')
    parts.append(_path([(at, y(row["value"])) for at, row in zip(x, rows, strict=True)], theme.NAVY, 1.6, "none"))
    parts += [_mark(at, y(row["value"]), row) for at, row in zip(x, rows, strict=True)]
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(series.alt, quote=True)}" '
        f'font-family="Arial, Helvetica, sans-serif" font-size="10">{"".join(parts)}</svg>'
    )


def bounds(rows: Sequence[Mapping[str, Any]], series: Series) -> tuple[float, float]:
    """The lowest and highest value of the axis: every value and limit lies within; counts begin at nought."""
    values = [row[name] for row in rows for name in ("value", "lower", "upper") if row[name] is not None]
    values += [series.target] if series.target is not None else []
    if series.share:
        return max(0.0, int(10 * min(values)) / 10 - (0.1 if min(values) == max(values) else 0)), 1.0
    most = max(values)
    step = 10 ** max(len(str(int(most))) - 1, 0)
    return 0.0, float(step * (int(most / step) + 1))


def _label(value: float, share: bool) -> str:
    return f"{100 * value:.0f}%" if share else f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def _path(points: Sequence[tuple[float, float]], colour: str, width: float, dash: str) -> str:
    if len(points) < 2:
        return ""
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-dasharray="{dash}"/>'


def _mark(x: float, y: float, row: Mapping[str, Any]) -> str:
    """A dot; a triangle that points the way where the month is more than chance; open where it may still change."""
    if row.get("special_cause") is not None:
        tip = -5 if row["direction"] == 1 else 5
        corners = f"{x:.1f},{y + tip:.1f} {x - 4.5:.1f},{y - tip * 0.7:.1f} {x + 4.5:.1f},{y - tip * 0.7:.1f}"
        return f'<polygon points="{corners}" fill="{theme.INK}"/>'
    fill = theme.PAPER if row.get("period_status") == "provisional" else theme.NAVY
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.4" fill="{fill}" stroke="{theme.NAVY}"/>'
