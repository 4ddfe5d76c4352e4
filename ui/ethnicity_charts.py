"""Charts of the page Ethnicity recording, as pure functions: Polars columns in, a chart and its text out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from ui import charts, marks, spc_charts, theme
from ui.charts import Chart, Line, Say
from ui.drawing import Drawing
from ui.words import HIDDEN, MARK, minus

#: Colour and pattern of each reason, so that colour is never the only sign.
LOOK = {
    "ethnicity_declined": (theme.PURPLE, "", "dot"),
    "ethnicity_not_known": (theme.BLUE, "/", "dash"),
    "ethnicity_not_recorded": (theme.NAVY, "", "solid"),
    "ethnicity_unmapped": (theme.ORANGE, "x", "dashdot"),
}

#: The axis is this much longer than the longest bar, so that the mark at its end is whole on a narrow screen.
ROOM_FOR_MARK = 1.2


def control_chart(
    cells: pl.DataFrame, points: pl.DataFrame, *, axis: str, say: Say, alt: str, target: float | None
) -> Chart:
    """A share over time with its average and control limits over the points judged, signals marked by shape.

    cells: as `charts.over_time`. points: period_start, centre, lower_limit, upper_limit, direction of those judged.
    """
    cells = cells.sort("period_start")
    line = [Line("Share of people tested", "share", theme.NAVY)]
    label = f"{target:.0%} line" if target is not None else ""
    chart = charts.over_time(cells, line, axis=axis, say=say, alt=alt, share=True, target=target, target_label=label)
    spc_charts.add_chance(chart, points)
    drawn = points.filter(pl.col("period_start").is_in(cells["period_start"].implode())).to_dicts()
    lows = [100 * row["lower_limit"] for row in drawn if row["lower_limit"] is not None]
    low, high = chart.figure.layout.yaxis.range
    chart.figure.update_yaxes(range=[min([low, *(10 * (value // 10) for value in lows)]), high])
    return chart


def reasons_over_time(cells: Mapping[str, pl.DataFrame], names: Mapping[str, str], *, say: Say, alt: str) -> Chart:
    """One line a reason, as per cent of people tested, from nought. cells: by reason, as `charts.over_time`."""
    together = pl.concat(
        frame.with_columns(pl.lit(reason).alias("statistic"), said=pl.lit("share")) for reason, frame in cells.items()
    )
    lines = [Line(names[reason], reason, LOOK[reason][0], LOOK[reason][2]) for reason in cells]
    chart = charts.over_time(
        together,
        lines,
        axis="Of people tested",
        say=lambda row: say({**row, "statistic": "share"}),
        alt=alt,
        share=True,
    )
    top = together.filter(pl.col("state") == "shown")["value"].max()
    chart.figure.update_yaxes(range=[0, 115 * float(top or 0.1)])  # type: ignore[arg-type]
    return chart


def reasons_side_by_side(
    rows: Mapping[str, Mapping[str, Mapping[str, Any]]],
    labels: Sequence[tuple[str, str]],
    names: Mapping[str, str],
    *,
    say: Say,
    alt: str,
) -> Chart:
    """Bars of the reasons laid end to end, one bar a group; a hidden reason is left out and marked at the bar's end.

    rows: code to reason to the row of a cell; labels: code and name of each group to draw, in order.
    """
    drawn = [(name, rows[code]) for code, name in labels if code in rows]
    each = marks.row_height([name for name, _ in drawn], 30)
    figure = theme.blank(130 + each * max(len(drawn), 2), barmode="stack", bargap=0.35, legend={"traceorder": "normal"})
    for reason, title in names.items():
        colour, pattern, _ = LOOK[reason]
        shown = [(name, row[reason]) for name, row in drawn if reason in row and row[reason]["state"] == "shown"]
        figure.add_bar(
            x=[100 * row["value"] for _, row in shown],
            y=[name for name, _ in shown],
            orientation="h",
            name=title,
            marker={
                "color": colour,
                "pattern": {"shape": pattern, "fillmode": "overlay", "fgcolor": theme.PAPER, "solidity": 0.25},
                "line": {"color": theme.PAPER, "width": 1},
            },
            text=[say(row) for _, row in shown],
            textposition="none",
            hovertemplate=f"%{{y}}, {title.lower()}: %{{text}}<extra></extra>",
        )
    _hidden_ends(figure, drawn, names)
    longest = max((_length(row, names) for _, row in drawn), default=0.0)
    room = [0, ROOM_FOR_MARK * max(longest, 1.0)]
    figure.update_xaxes(title_text="Of people tested", ticksuffix="%", range=room, side="bottom")
    marks.names_down(figure, [name for name, _ in drawn])
    return Chart(figure, alt)


def _length(row: Mapping[str, Mapping[str, Any]], names: Mapping[str, str]) -> float:
    """How long the bar of a group is, in per cent: what is shown of its reasons."""
    shown = (row[reason] for reason in names if reason in row and row[reason]["state"] == "shown")
    return float(sum(100 * one["value"] for one in shown))


def _hidden_ends(
    figure: Drawing, drawn: Sequence[tuple[str, Mapping[str, Mapping[str, Any]]]], names: Mapping[str, str]
) -> None:
    """How many reasons of a group are hidden, at the end of its bar."""
    ends = []
    for name, row in drawn:
        hidden = sum(row[reason]["state"] != "shown" for reason in names if reason in row)
        if hidden:
            ends.append((name, _length(row, names), f" {hidden} {HIDDEN}"))
    if ends:
        figure.add_scatter(
            x=[length for _, length, _ in ends],
            y=[name for name, _, _ in ends],
            mode="text",
            text=[text for _, _, text in ends],
            textposition="middle right",
            textfont={"color": theme.GREY},
            hoverinfo="skip",
            showlegend=False,
            cliponaxis=False,
        )


def changes_side_by_side(
    changes: pl.DataFrame, labels: Sequence[tuple[str, str]], *, alt: str, highlight: str | None
) -> Chart:
    """The change on the year before of each group, in percentage points with its interval, against no change.

    changes: code, state, gap, gap_lower, gap_upper.
    """
    rows = {row["code"]: row for row in changes.to_dicts()}
    drawn = [(name, rows[code]) for code, name in labels if code in rows]
    shown = [(name, row) for name, row in drawn if row["state"] == "shown"]
    symbols = {1: "triangle-right", -1: "triangle-left", 0: "circle"}
    each = marks.row_height([name for name, _ in drawn], 30)
    figure = theme.blank(110 + each * max(len(drawn), 2))
    figure.add_scatter(
        x=[100 * row["gap"] for _, row in shown],
        y=[name for name, _ in shown],
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [100 * (row["gap_upper"] - row["gap"]) for _, row in shown],
            "arrayminus": [100 * (row["gap"] - row["gap_lower"]) for _, row in shown],
            "color": theme.GREY,
            "thickness": 1.5,
            "width": 4,
        },
        mode="markers",
        marker={
            "size": 11,
            "color": [theme.CLARET if row["code"] == highlight else theme.NAVY for _, row in shown],
            "symbol": [symbols[way(row)] for _, row in shown],
        },
        text=[
            minus(f"{100 * row['gap']:+.1f} ({100 * row['gap_lower']:+.1f} to {100 * row['gap_upper']:+.1f})")
            for _, row in shown
        ],
        hovertemplate="%{y}: %{text} percentage points<extra></extra>",
        showlegend=False,
    )  # fmt: skip
    hidden = [(name, row) for name, row in drawn if row["state"] != "shown"]
    if hidden:
        figure.add_scatter(
            x=[0] * len(hidden),
            y=[name for name, _ in hidden],
            mode="text",
            text=[MARK.get(row["state"], HIDDEN) for _, row in hidden],
            textfont={"color": theme.GREY},
            hoverinfo="skip",
            showlegend=False,
        )
    figure.add_vline(x=0, line={"color": theme.INK, "width": 2, "dash": "dash"})
    figure.update_xaxes(title_text="Change, percentage points", side="bottom")
    marks.names_down(figure, [name for name, _ in drawn])
    return Chart(figure, alt)


def way(row: Mapping[str, Any]) -> int:
    """1 clearly up, -1 clearly down, 0 neither: whether the whole interval of the change lies on one side of nought."""
    if row["gap_lower"] is None or row["gap_upper"] is None:
        return 0
    return 1 if row["gap_lower"] > 0 else -1 if row["gap_upper"] < 0 else 0


def bands(found: pl.DataFrame, labels: Sequence[tuple[str, str]], *, alt: str) -> Chart:
    """What each group's share could be, as a bar from lowest to highest; the share among those recorded as a point.

    found: code, state, value, lowest, highest.
    """
    rows = {row["code"]: row for row in found.to_dicts()}
    drawn = [(name, rows[code]) for code, name in labels if code in rows]
    shown = [(name, row) for name, row in drawn if row["state"] == "shown" and row["value"] is not None]
    each = marks.row_height([name for name, _ in drawn], 34)
    figure = theme.blank(150 + each * max(len(drawn), 2))
    figure.add_bar(
        x=[100 * (row["highest"] - row["lowest"]) for _, row in shown],
        base=[100 * row["lowest"] for _, row in shown],
        y=[name for name, _ in shown],
        orientation="h",
        width=0.45,
        name="What the share could be",
        marker={"color": theme.SEQUENCE[1], "line": {"color": theme.NAVY, "width": 1}},
        text=[f"{100 * row['lowest']:.1f}% to {100 * row['highest']:.1f}%" for _, row in shown],
        textposition="none",
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    figure.add_scatter(
        x=[100 * row["value"] for _, row in shown],
        y=[name for name, _ in shown],
        mode="markers",
        name="Among people with a recorded group",
        marker={"size": 11, "color": theme.CLARET, "symbol": "diamond"},
        hovertemplate="%{y}, among those recorded: %{x:.1f}%<extra></extra>",
    )
    hidden = [(name, row) for name, row in drawn if row["state"] != "shown"]
    if hidden:
        figure.add_scatter(
            x=[1] * len(hidden),
            y=[name for name, _ in hidden],
            mode="text",
            text=[HIDDEN] * len(hidden),
            textposition="middle right",
            textfont={"color": theme.GREY},
            hoverinfo="skip",
            showlegend=False,
        )
    figure.update_xaxes(title_text="Of people tested", ticksuffix="%", range=[-2, 106], side="bottom")
    marks.names_down(figure, [name for name, _ in drawn])
    return Chart(figure, alt)
