"""What control charts draw over a series: centre, limits section by section, and signals marked by shape."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ui import theme
from ui.charts import Chart

#: Mark, colour and words of a point that is more than chance, by direction.
SIGNALS = {
    1: ("triangle-up", theme.BLUE, "Higher than chance explains"),
    -1: ("triangle-down", theme.ORANGE, "Lower than chance explains"),
}


def better_or_worse(better: str) -> dict[int, tuple[str, str, str]]:
    """SIGNALS with what is better said and coloured; those without a better side as they are."""
    if better not in ("higher", "lower"):
        return SIGNALS
    good, bad = (theme.BLUE, "better"), (theme.ORANGE, "worse")
    up, down = (good, bad) if better == "higher" else (bad, good)
    return {
        1: ("triangle-up", up[0], f"Higher than chance explains: {up[1]}"),
        -1: ("triangle-down", down[0], f"Lower than chance explains: {down[1]}"),
    }


def add_chance(
    chart: Chart,
    points: pl.DataFrame,
    *,
    scale: float = 100,
    centre: str = "Average",
    signals: Mapping[int, tuple[str, str, str]] = SIGNALS,
    most: float | None = None,
) -> Chart:
    """The chart with centre and limits of its points, broken where a section ends, and its signals marked.

    chart: as `charts.over_time` draws it, its first line the series. points: period_start, value, centre, lower_limit,
    upper_limit, direction, and `section` if there are several. most: limits are drawn no further than this.
    """
    days = [str(day) for day in chart.figure.data[0].customdata]
    at = dict(zip(days, chart.figure.data[0].x, strict=True))
    drawn = points.filter(pl.col("period_start").cast(pl.String).is_in(days)).sort("period_start").to_dicts()
    for name, dash in (("upper_limit", "dash"), ("centre", "solid"), ("lower_limit", "dash")):
        if all(row[name] is None for row in drawn):
            continue
        x, y, section = [], [], None
        for row in drawn:
            if section is not None and row.get("section") != section:
                x.append(x[-1])
                y.append(None)
            section = row.get("section")
            x.append(at[str(row["period_start"])])
            y.append(None if row[name] is None else scale * _within(row[name], most))
        chart.figure.add_scatter(
            x=x,
            y=y,
            mode="lines",
            line={"color": theme.GREY, "width": 1.5, "dash": dash},
            name=centre if name == "centre" else "Limits of chance",
            showlegend=name != "lower_limit",
            connectgaps=False,
            hoverinfo="skip",
        )
    for direction, (symbol, colour, name) in signals.items():
        found = [row for row in drawn if row["direction"] == direction and row["value"] is not None]
        if found:
            chart.figure.add_scatter(
                x=[at[str(row["period_start"])] for row in found],
                y=[scale * row["value"] for row in found],
                mode="markers",
                marker={"symbol": symbol, "size": 11, "color": colour, "line": {"color": theme.INK, "width": 1}},
                name=name,
                hoverinfo="skip",
            )
    return chart


def _within(value: float, most: float | None) -> float:
    return value if most is None else min(max(value, 0.0), most)
