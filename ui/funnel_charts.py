"""The funnel: each place by its size, between the limits within which chance and usual variation leave it."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ui import theme
from ui.charts import HEIGHT, Chart
from ui.comparison import FAR, NEAR, Funnel
from ui.drawing import Drawing

#: How each pair of limits is drawn, the inner one first.
LIMITS = ((NEAR, "95% limits", "dot"), (FAR, "99.8% limits", "solid"))


def funnel(
    shown: Funnel, labels: Mapping[str, str], reads: Mapping[str, str], *, axes: tuple[str, str], alt: str
) -> Chart:
    """Places as points; those outside the outer limits are diamonds with their names.

    labels: code to name. reads: what is read of each place. axes: titles across and up.
    """
    figure = theme.blank(HEIGHT + 60)
    for confidence, name, dash in LIMITS:
        curve = shown.curve.filter(pl.col("lower").is_not_null(), confidence=confidence).sort("denominator")
        for side in ("lower", "upper"):
            figure.add_scatter(
                x=curve["denominator"].to_list(),
                y=[100 * value for value in curve[side]],
                mode="lines",
                name=name,
                line={"color": theme.GREY, "width": 1.5, "dash": dash},
                hoverinfo="skip",
                showlegend=side == "lower",
            )
    _average(figure, shown)
    _points(figure, shown, labels, reads)
    values = shown.places.drop_nulls("value")
    lows = [value for name in ("value", "near_low") for value in values[name].drop_nulls()]
    floor = max(0.0, 10 * ((100 * min(lows, default=0.5) - 3) // 10))
    figure.update_yaxes(title_text=axes[1], ticksuffix="%", range=[floor, 101])
    largest = values["size"].max() if values.height else 1
    figure.update_xaxes(title_text=axes[0], range=[0, 1.1 * float(largest)], separatethousands=True)  # type: ignore[arg-type]
    return Chart(figure, alt)


def _average(figure: Drawing, shown: Funnel) -> None:
    figure.add_shape(
        type="line",
        x0=0,
        x1=1,
        xref="paper",
        y0=100 * shown.average,
        y1=100 * shown.average,
        line={"color": theme.INK, "width": 2, "dash": "dash"},
    )
    figure.add_annotation(
        x=0.99,
        xref="paper",
        xanchor="right",
        y=100 * shown.average,
        yanchor="bottom",
        text=f"Scotland {shown.average:.0%}",
        showarrow=False,
    )


def _points(figure: Drawing, shown: Funnel, labels: Mapping[str, str], reads: Mapping[str, str]) -> None:
    for is_out, symbol, colour, name in (
        (False, "circle", theme.NAVY, "Within the outer limits"),
        (True, "diamond", theme.CLARET, "Beyond the outer limits"),
    ):
        rows = shown.places.drop_nulls("value").filter(pl.col("verdict").is_in(["low_far", "high_far"]) == is_out)
        if rows.is_empty():
            continue
        names = [labels.get(code, code) for code in rows["code"]]
        figure.add_scatter(
            x=rows["size"].to_list(),
            y=[100 * value for value in rows["value"]],
            mode="markers+text" if is_out else "markers",
            name=name,
            marker={"symbol": symbol, "size": 11 if is_out else 9, "color": colour},
            text=names if is_out else None,
            textposition=["bottom center" if verdict == "low_far" else "top center" for verdict in rows["verdict"]],
            customdata=[
                f"{label}: {value:.0%}. {reads.get(code, '')}"
                for label, value, code in zip(names, rows["value"], rows["code"], strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
