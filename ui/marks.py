"""What charts with a row a group are made of: marks with their ranges, two percentiles, what is absent, names."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ui import theme
from ui.drawing import Drawing
from ui.words import MARK, NOT_AVAILABLE

Row = Mapping[str, Any]

#: Characters of a name beside a chart: that of the longest health board stays on one line.
NAME_WIDTH = 26
#: Pixels of a row whose name takes two lines.
TWO_LINES = 38


@dataclass(frozen=True)
class Mark:
    """One mark: the name of its row, where it lies, from and to where it may, and what hovering says."""

    name: str
    value: float
    below: float
    beyond: float
    said: str
    is_highlighted: bool = False


@dataclass(frozen=True)
class Percentile:
    """One of the two ends of a row: its statistic, name, colour and shape; never told apart by colour alone."""

    statistic: str
    name: str
    colour: str
    symbol: str


def marks_of(rows: Sequence[Row], is_highlighted: Callable[[Row], bool]) -> list[Mark]:
    """Marks of rows with `name`, `value`, `lower`, `upper` and `said`."""
    return [
        Mark(
            row["name"],
            row["value"],
            row["value"] - row["lower"],
            row["upper"] - row["value"],
            row["said"],
            is_highlighted(row),
        )
        for row in rows
    ]


def before_and_after(figure: Drawing, rows: Sequence[Row], names: tuple[str, str], colour: str) -> None:
    """Two values of each row, joined: what was, an open circle, and what is, a diamond of a colour.

    rows: `name`, `before`, `after`, `said`, the first at the top.
    """
    for row in rows:
        figure.add_scatter(
            x=[row["before"], row["after"]],
            y=[row["name"]] * 2,
            mode="lines",
            hoverinfo="skip",
            showlegend=False,
            line={"color": theme.GREY, "width": 1.5},
        )
    ends = (("before", names[0], "circle-open", theme.GREY), ("after", names[1], "diamond", colour))
    for end, label, symbol, shade in ends:
        figure.add_scatter(
            x=[row[end] for row in rows],
            y=[row["name"] for row in rows],
            mode="markers",
            name=label,
            marker={"symbol": symbol, "size": 10, "color": shade, "line": {"width": 2}},
            text=[row["said"] for row in rows],
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    names_down(figure, [row["name"] for row in rows])


def is_shown(row: Row | None) -> bool:
    """Whether a cell has a number to draw."""
    return row is not None and row["state"] == "shown" and row["value"] is not None


def ranges_across(figure: Drawing, marks: Sequence[Mark], hover: str = "%{text}") -> None:
    """Marks with their ranges as lines across; a highlighted one is a diamond of another colour."""
    figure.add_scatter(
        x=[mark.value for mark in marks],
        y=[mark.name for mark in marks],
        error_x=error_bars([mark.beyond for mark in marks], [mark.below for mark in marks]),
        mode="markers",
        marker={
            "size": 10,
            "color": [theme.CLARET if mark.is_highlighted else theme.NAVY for mark in marks],
            "symbol": ["diamond" if mark.is_highlighted else "circle" for mark in marks],
        },
        text=[mark.said for mark in marks],
        hovertemplate=f"%{{y}}: {hover}<extra></extra>",
        showlegend=False,
    )


def error_bars(beyond: Sequence[float], below: Sequence[float], width: int = 4) -> dict[str, Any]:
    """Ranges as lines from each mark, of these lengths."""
    return {
        "type": "data",
        "symmetric": False,
        "array": list(beyond),
        "arrayminus": list(below),
        "color": theme.GREY,
        "thickness": 1.5,
        "width": width,
    }


def percentile_pairs(
    figure: Drawing,
    drawn: Sequence[tuple[str, str]],
    rows: Mapping[tuple[str, str], Row],
    ends: tuple[Percentile, Percentile],
    hover: str,
    said: Mapping[tuple[str, str], str],
) -> None:
    """Two percentiles of each row, joined by a line where both are shown.

    drawn: code and name of each row. rows: by code and statistic. said: what hovering over a shown one says, by the
    same; hover: the rest of it, in which `{end}` is the name of the end.
    """
    for code, name in drawn:
        pair = [rows.get((code, end.statistic)) for end in ends]
        if all(is_shown(row) for row in pair):
            figure.add_scatter(
                x=[row["value"] for row in pair if row],
                y=[name, name],
                mode="lines",
                line={"color": theme.BLUE, "width": 3},
                hoverinfo="skip",
                showlegend=False,
            )
    for end in ends:
        shown = [(name, (code, end.statistic)) for code, name in drawn if is_shown(rows.get((code, end.statistic)))]
        if shown:
            figure.add_scatter(
                x=[rows[key]["value"] for _, key in shown],
                y=[name for name, _ in shown],
                mode="markers",
                name=end.name,
                marker={"color": end.colour, "size": 10, "symbol": end.symbol},
                text=[said[key] for _, key in shown],
                hovertemplate=f"{hover.format(end=end.name.lower())}<extra></extra>",
            )


def absent(figure: Drawing, drawn: Sequence[tuple[str, Row]], place: float) -> None:
    """The shorthand of each row that has no number, at a place along the axis."""
    marks = [(name, MARK.get(row["state"], NOT_AVAILABLE)) for name, row in drawn if not is_shown(row)]
    if marks:
        figure.add_scatter(
            x=[place] * len(marks),
            y=[name for name, _ in marks],
            mode="text",
            text=[mark for _, mark in marks],
            textposition="middle right",
            textfont={"color": theme.GREY},
            hovertemplate="%{y}: %{text}<extra></extra>",
            showlegend=False,
        )


def in_lines(name: str, width: int = 24) -> str:
    """A long name on several lines, so that the marks keep room on a narrow screen."""
    return "<br>".join(textwrap.wrap(name, width, break_long_words=False, break_on_hyphens=False))


def row_height(names: Sequence[str], one_line: int) -> int:
    """Pixels of a row: `one_line`, or enough for two lines where a name beside the chart takes them."""
    return TWO_LINES if any("<br>" in _beside(name, NAME_WIDTH) for name in names) else one_line


def names_down(figure: Drawing, names: Sequence[str], width: int = NAME_WIDTH) -> None:
    """Names of the rows down the side, first at the top, in lines of so many characters; those in lines stay so."""
    figure.update_yaxes(
        type="category",  # names that are numbers, such as those of quintiles, would make an axis of numbers
        categoryorder="array",
        categoryarray=list(reversed(names)),
        tickmode="array",
        tickvals=list(names),
        ticktext=[_beside(name, width) for name in names],
        ticks="",
        showgrid=True,
        range=[-0.6, len(names) - 0.4],
    )


def legend_above_line(figure: Drawing) -> None:
    """Put the legend above the name that an upright line has at its top, whatever the height of the chart."""
    figure.update_layout(margin={"t": 60}, legend={"y": 1 + 26 / (figure.layout.height - 100), "yanchor": "bottom"})


def _beside(name: str, width: int) -> str:
    return name if "<" in name else in_lines(name, width)
