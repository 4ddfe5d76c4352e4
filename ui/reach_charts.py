"""Charts of the page Who is reached, as pure functions: rows in, a chart and its text out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ui import marks, theme
from ui.charts import HEIGHT, ROW_HEIGHT, Chart
from ui.drawing import Drawing
from ui.words import MARK

Row = Mapping[str, Any]

#: The scale of ratios ends here; a band that goes on has an arrow.
LEAST, MOST = 0.25, 4.0
TICKS = (0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4)

#: How each band is drawn: width in pixels, colour, and what it is.
BANDS = (
    ("lowest", "highest", 16, "#D6E4EF", "All unrecorded out, or all in"),
    ("likely_lowest", "likely_highest", 8, "#6FA1C8", "Unrecorded somewhat like residents"),
)


def intervals(
    rows: Sequence[Row], *, axis: str, alt: str, reference: float | None = None, reference_label: str = ""
) -> Chart:
    """Values of groups with their intervals, side by side in the order given, against a line; hidden ones are marked.

    rows: `label`, `state`, `value`, `lower`, `upper`, `says`.
    """
    figure = theme.blank(110 + ROW_HEIGHT * max(len(rows), 2))
    shown = [row for row in rows if _is_shown(row)]
    figure.add_scatter(
        x=[row["value"] for row in shown],
        y=[row["label"] for row in shown],
        error_x=_bars(shown),
        mode="markers",
        marker={"size": 10, "color": theme.NAVY},
        text=[row["says"] for row in shown],
        hovertemplate="%{y}: %{text}<extra></extra>",
        showlegend=False,
    )
    ends = [row[name] for row in shown for name in ("lower", "upper", "value") if row[name] is not None]
    ends += [reference] if reference is not None else []
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    room = 0.08 * (high - low or high or 1.0)
    low, high = max(0.0, low - room), high + room
    _hidden(figure, rows, low)
    _upright(figure, reference, reference_label)
    figure.update_xaxes(title_text=axis, range=[low, high], side="bottom", separatethousands=True)
    marks.names_down(figure, [row["label"] for row in rows], 20)
    return Chart(figure, alt)


def representation(rows: Sequence[Row], *, alt: str) -> Chart:
    """The ratio of each group with its limits of chance over the bands of what the unrecorded could make of it.

    rows: `label`, `state`, value, lower, upper, lowest, highest, likely_lowest, likely_highest, `says`.
    """
    figure = theme.blank(190 + 44 * len(rows))
    shown = [row for row in rows if _is_shown(row)]
    for low, high, width, colour, name in BANDS:
        xs: list[float | None] = []
        ys: list[str | None] = []
        for row in shown:
            if row[low] is None or row[high] is None:
                continue
            xs += [_within(row[low]), _within(row[high]), None]
            ys += [row["label"], row["label"], None]
        line = {"width": width, "color": colour}
        figure.add_scatter(x=xs, y=ys, mode="lines", line=line, name=name, hoverinfo="skip")
    figure.add_scatter(
        x=[_within(row["value"]) for row in shown],
        y=[row["label"] for row in shown],
        error_x=_bars(shown, _within),
        mode="markers",
        marker={"size": 10, "color": theme.NAVY},
        name="Recorded, with 95% limits",
        text=[row["says"] for row in shown],
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    beyond = [row for row in shown if row["highest"] is not None and row["highest"] > MOST]
    figure.add_scatter(
        x=[MOST] * len(beyond),
        y=[row["label"] for row in beyond],
        mode="markers",
        marker={"symbol": "triangle-right", "size": 12, "color": "#3E76A8"},
        text=[f"goes on to {row['highest']:.1f}" for row in beyond],
        hovertemplate="%{y}: %{text}<extra></extra>",
        name="Goes on",
        showlegend=bool(beyond),
        cliponaxis=False,
    )
    _hidden(figure, rows, LEAST)
    _upright(figure, 1.0, "As residents")
    figure.update_xaxes(
        title_text="Times their share of residents",
        type="log",
        range=[math.log10(LEAST), math.log10(MOST * 1.06)],
        tickvals=TICKS,
        ticktext=[f"{tick:g}" for tick in TICKS],
        side="bottom",
    )
    marks.names_down(figure, [row["label"] for row in rows], 20)
    return Chart(figure, alt)


def over_years(rows: Sequence[Row], *, axis: str, alt: str) -> Chart:
    """A ratio in each period with its limits, against 1. rows: `label`, `state`, value, lower, upper, `says`."""
    figure = theme.blank(HEIGHT - 60)
    shown = [row for row in rows if _is_shown(row)]
    bars = {**_bars(shown), "width": 6}
    figure.add_scatter(
        x=[row["label"] for row in shown],
        y=[row["value"] for row in shown],
        error_y=bars,
        mode="lines+markers",
        line={"color": theme.NAVY, "width": 1.5, "dash": "dot"},
        marker={"size": 10, "color": theme.NAVY},
        text=[row["says"] for row in shown],
        hovertemplate="%{x}: %{text}<extra></extra>",
        showlegend=False,
    )
    ends = [1.0, *(row[name] for row in shown for name in ("lower", "upper") if row[name] is not None)]
    room = 0.1 * (max(ends) - min(ends) or 1)
    low, high = max(0.0, min(ends) - room), max(ends) + room
    hidden = [row for row in rows if not _is_shown(row)]
    if hidden:
        figure.add_scatter(
            x=[row["label"] for row in hidden],
            y=[low + room / 2] * len(hidden),
            mode="text",
            text=[MARK.get(row["state"], "") for row in hidden],
            textfont={"color": theme.GREY},
            showlegend=False,
            hoverinfo="skip",
        )
    figure.add_hline(y=1, line={"color": theme.INK, "width": 1.5, "dash": "dash"})
    figure.add_annotation(
        x=0.01, xref="paper", xanchor="left", y=1, yanchor="bottom", text="No gap", showarrow=False
    )  # fmt: skip
    figure.update_yaxes(title_text=axis, range=[low, high])
    figure.update_xaxes(categoryorder="array", categoryarray=[row["label"] for row in rows], type="category")
    return Chart(figure, alt)


def by_age(lines: Mapping[str, Sequence[Row]], *, axis: str, alt: str) -> Chart:
    """Rates by age, a line a sex, with shaded limits. lines: name to rows with `label`, `state`, value, `says`."""
    figure = theme.blank(HEIGHT)
    looks = ((theme.NAVY, "solid", "circle"), (theme.ORANGE, "dash", "diamond"))
    for (name, rows), (colour, dash, symbol) in zip(lines.items(), looks, strict=False):
        shown = [row if _is_shown(row) else {**row, "value": None, "says": MARK.get(row["state"], "")} for row in rows]
        figure.add_scatter(
            x=[row["label"] for row in shown],
            y=[row["value"] for row in shown],
            error_y={**_bars([{**r, "value": r["value"] or 0} for r in shown]), "width": 3, "color": colour},
            mode="lines+markers",
            name=name,
            line={"color": colour, "dash": dash, "width": 2},
            marker={"symbol": symbol, "size": 7, "color": colour},
            text=[row["says"] for row in shown],
            hovertemplate="%{x}: %{text}<extra>" + name + "</extra>",
            connectgaps=False,
        )
    hidden = {row["label"] for rows in lines.values() for row in rows if not _is_shown(row)}
    for label in sorted(hidden):
        figure.add_annotation(x=label, y=0, text=MARK["confidential"], showarrow=False, yanchor="bottom")
    figure.update_yaxes(title_text=axis, rangemode="tozero", separatethousands=True)
    figure.update_xaxes(title_text="Age", type="category", tickangle=-60)
    return Chart(figure, alt)


def _is_shown(row: Row) -> bool:
    return bool(row["state"] == "shown" and row["value"] is not None)


def _within(value: float) -> float:
    return min(max(value, LEAST), MOST)


def _bars(rows: Sequence[Row], at: Any = float) -> dict[str, Any]:
    """Error bars from limits; none where a limit is not known."""
    up = [at(row["upper"]) - at(row["value"]) if row.get("upper") is not None else 0 for row in rows]
    down = [at(row["value"]) - at(row["lower"]) if row.get("lower") is not None else 0 for row in rows]
    bars = {"type": "data", "symmetric": False, "array": up, "arrayminus": down}
    return bars | {"color": theme.GREY, "thickness": 1.5, "width": 4}


def _hidden(figure: Drawing, rows: Sequence[Row], place: float) -> None:
    """The shorthand of each row that is not shown, where its value would begin."""
    marks = [row for row in rows if not _is_shown(row)]
    if marks:
        figure.add_scatter(
            x=[place] * len(marks),
            y=[row["label"] for row in marks],
            mode="text",
            text=[f" {MARK.get(row['state'], MARK['not_available'])}" for row in marks],
            textposition="middle right",
            textfont={"color": theme.GREY},
            hoverinfo="skip",
            showlegend=False,
        )


def _upright(figure: Drawing, at: float | None, label: str) -> None:
    """A dashed line up the chart with its label above it."""
    if at is None:
        return
    figure.add_vline(x=at, line={"color": theme.INK, "width": 1.5, "dash": "dash"})
    is_log = label == "As residents"
    figure.add_annotation(
        x=math.log10(at) if is_log else at, y=1, yref="paper", yanchor="bottom", text=label, showarrow=False
    )  # fmt: skip
    if is_log:  # which has a legend
        marks.legend_above_line(figure)
    else:
        figure.update_layout(margin={"t": 30})
