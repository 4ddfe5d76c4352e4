"""Charts of gaps between groups of people, as pure functions: rows in, a chart and its text out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ui import marks, theme
from ui.charts import Chart
from ui.drawing import Drawing
from ui.group_gap_words import signed, signed_range
from ui.group_gaps import SUPPOSED
from ui.words import HIDDEN, NOT_AVAILABLE

Row = Mapping[str, Any]

#: Colour and pattern of the bars of what is supposed, from nothing to most.
LOOK = {"any": (theme.SEQUENCE[0], ""), "mixed": (theme.SEQUENCE[2], "/"), "alike": (theme.SEQUENCE[4], "x")}
BAR_NAMES = {
    "any": "Whoever they are",
    "mixed": "Made up as census or recorded",
    "alike": "So made up, with like results",
}


def gaps(rows: Sequence[Row], names: Mapping[str, str], *, raw: bool, alt: str) -> Chart:
    """The gap of each group like for like with its limits, and as it is where raw is wanted, against no gap.

    rows: of `group_gaps.Gaps.rows`, in the order of the list. names: code to the name of its group.
    """
    figure = _figure(len(rows))
    shown = [row for row in rows if row["state"] == "shown"]
    if raw:
        drawn = [row for row in shown if row["raw"] is not None]
        figure.add_scatter(
            x=[100 * row["raw"] for row in drawn],
            y=[names[row["code"]] for row in drawn],
            mode="markers",
            name="As it is",
            marker={"size": 11, "color": theme.PAPER, "symbol": "circle", "line": {"color": theme.CLARET, "width": 2}},
            text=[signed(row["raw"]) for row in drawn],
            hovertemplate="%{y}, as it is: %{text} points<extra></extra>",
        )
    figure.add_scatter(
        x=[100 * row["gap"] for row in shown],
        y=[names[row["code"]] for row in shown],
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [100 * (row["upper"] - row["gap"]) for row in shown],
            "arrayminus": [100 * (row["gap"] - row["lower"]) for row in shown],
            "color": theme.GREY,
            "thickness": 1.5,
            "width": 4,
        },
        mode="markers",
        name="Like for like, with 95% limits",
        marker={"size": 11, "color": theme.NAVY, "symbol": "diamond"},
        text=[f"{signed(row['gap'])} ({signed_range(row['lower'], row['upper'])})" for row in shown],
        hovertemplate="%{y}, like for like: %{text} points<extra></extra>",
        showlegend=raw,
    )
    _absent(figure, rows, names)
    _against_none(figure, [names[row["code"]] for row in rows])
    return Chart(figure, alt)


def bands(rows: Sequence[Row], names: Mapping[str, str], *, alt: str) -> Chart:
    """What people of unknown group could make of each gap: a bar for each of SUPPOSED, and the gap as a point."""
    shown = [row for row in rows if row["any_lowest"] is not None]
    figure = _figure(len(shown), each=62)
    figure.update_layout(barmode="group", bargap=0.3, legend={"traceorder": "normal"})
    for supposed in reversed(SUPPOSED):
        colour, pattern = LOOK[supposed]
        held = [row for row in shown if row[f"{supposed}_lowest"] is not None]
        ends = [(row[f"{supposed}_lowest"], row[f"{supposed}_highest"]) for row in held]
        figure.add_bar(
            x=[100 * (high - low) for low, high in ends],
            base=[100 * low for low, _ in ends],
            y=[names[row["code"]] for row in held],
            orientation="h",
            name=BAR_NAMES[supposed],
            marker={
                "color": colour,
                "line": {"color": theme.NAVY, "width": 1},
                "pattern": {"shape": pattern, "fillmode": "overlay", "fgcolor": theme.PAPER, "solidity": 0.2},
            },
            text=[signed_range(*end) for end in ends],
            textposition="none",
            hovertemplate="%{y}: %{text} points<extra></extra>",
        )
    figure.add_scatter(
        x=[100 * row["gap"] for row in shown],
        y=[names[row["code"]] for row in shown],
        mode="markers",
        name="Gap of those recorded",
        marker={"size": 11, "color": theme.CLARET, "symbol": "diamond"},
        hovertemplate="%{y}: %{x:+.1f} points<extra></extra>",
    )
    _against_none(figure, [names[row["code"]] for row in shown])
    return Chart(figure, alt)


def by_chance(found: int, shuffles: Sequence[int], *, alt: str) -> Chart:
    """How many gaps are called different, beside how many were in each shuffle of the data."""
    figure = theme.blank(230, bargap=0.35)
    names = ["As recorded", *(f"Shuffle {number}" for number in range(1, len(shuffles) + 1))]
    counts = [found, *shuffles]
    figure.add_bar(
        x=names,
        y=counts,
        marker={
            "color": [theme.NAVY] + [theme.WHOLE] * len(shuffles),
            "pattern": {"shape": [""] + ["/"] * len(shuffles), "fgcolor": theme.PAPER, "solidity": 0.25},
        },
        text=[str(count) for count in counts],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{x}: %{y} called different<extra></extra>",
        showlegend=False,
    )
    figure.update_yaxes(title_text="Called different", range=[0, 1.25 * max(*counts, 1)])
    return Chart(figure, alt)


def _figure(groups: int, each: int = 40) -> Drawing:
    return theme.blank(150 + each * max(groups, 2))


def _absent(figure: Drawing, rows: Sequence[Row], names: Mapping[str, str]) -> None:
    """The shorthand on the line of no gap, where a gap is not shown."""
    hidden = [row for row in rows if row["state"] != "shown"]
    if hidden:
        figure.add_scatter(
            x=[0] * len(hidden),
            y=[names[row["code"]] for row in hidden],
            mode="text",
            text=[f"  {HIDDEN if row['state'] == 'confidential' else NOT_AVAILABLE}" for row in hidden],
            textposition="middle right",
            textfont={"color": theme.GREY},
            hoverinfo="skip",
            showlegend=False,
        )


def _against_none(figure: Drawing, names: Sequence[str]) -> None:
    """The line of no gap, the axis, and the groups down the side, the first at the top."""
    figure.add_vline(x=0, line={"color": theme.INK, "width": 2, "dash": "dash"})
    figure.update_xaxes(title_text="Gap, percentage points", side="bottom")
    marks.names_down(figure, names)
