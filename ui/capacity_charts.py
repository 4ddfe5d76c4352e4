"""Charts of the pages on capacity as pure functions: rows in, a figure and its text out. No screens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ui import marks, theme
from ui.charts import HEIGHT, Chart

Row = Mapping[str, Any]

#: Height of a row whose name may take three lines.
TALL_ROW = 52

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
MARKERS = ("circle", "diamond", "square", "triangle-up", "cross", "x")


def loads(
    rows: Sequence[Row], lines: Sequence[tuple[float, str]], *, axis: str, alt: str, highlight: str = ""
) -> Chart:
    """A ratio of each name with its range as a line, and upright lines that are named at the top.

    rows: name, value, lower, upper (null where there is none), said. What is highlighted is a diamond.
    """
    figure = theme.blank(140 + marks.TWO_LINES * max(len(rows), 2))
    figure.update_layout(margin={"t": 28})
    shown = [row for row in rows if row["value"] is not None]
    marks.ranges_across(figure, marks.marks_of(shown, lambda row: row["name"] == highlight))
    most = max([row["upper"] for row in shown] + [1.05 * line for line, _ in lines] + [0.1])
    for place, dash in zip(lines, ("dash", "solid"), strict=False):
        figure.add_vline(x=place[0], line={"color": theme.GREY, "width": 1, "dash": dash})
        figure.add_annotation(
            x=place[0], y=1, yref="paper", yanchor="bottom", text=place[1], showarrow=False,
            xanchor="right" if place[0] < lines[-1][0] else "left", font={"size": 12, "color": theme.GREY},
        )  # fmt: skip
    figure.update_xaxes(title_text=axis, range=[0, 1.06 * most])
    marks.names_down(figure, [row["name"] for row in rows])
    return Chart(figure, alt)


def over_time(
    series: Mapping[str, Sequence[Row]], line: tuple[float, str], *, axis: str, alt: str, step: str = "period"
) -> Chart:
    """A line of each name over time, with a level line: rows of `period`, `value`, `said`."""
    figure = theme.blank(HEIGHT)
    for place, (name, rows) in enumerate(series.items()):
        colour = theme.CATEGORIES[place % len(theme.CATEGORIES)]
        figure.add_scatter(
            x=[row[step] for row in rows],
            y=[row["value"] for row in rows],
            mode="lines+markers",
            name=name,
            line={"color": colour, "width": 2, "dash": DASHES[place % len(DASHES)]},
            marker={"symbol": MARKERS[place % len(MARKERS)], "size": 7},
            text=[row["said"] for row in rows],
            hovertemplate=f"{name}: %{{text}}<extra></extra>",
        )
    figure.add_hline(y=line[0], line={"color": theme.GREY, "width": 1, "dash": "dash"})
    figure.add_annotation(
        x=0, xref="paper", xanchor="left", y=line[0], yanchor="bottom", text=line[1], showarrow=False,
        font={"size": 12, "color": theme.GREY},
    )  # fmt: skip
    figure.update_yaxes(title_text=axis, rangemode="tozero")
    return Chart(figure, alt)


def ahead(rows: Sequence[Row], *, axis: str, alt: str) -> Chart:
    """A number of each year with its range as an upright line: rows of `period`, `value`, `lower`, `upper`, `said`."""
    figure = theme.blank(HEIGHT)
    figure.add_scatter(
        x=[row["period"] for row in rows],
        y=[row["value"] for row in rows],
        error_y=marks.error_bars(
            [row["upper"] - row["value"] for row in rows], [row["value"] - row["lower"] for row in rows], width=6
        ),
        mode="markers",
        marker={"color": theme.NAVY, "size": 11},
        text=[row["said"] for row in rows],
        hovertemplate="%{x}: %{text}<extra></extra>",
        showlegend=False,
    )
    figure.update_xaxes(type="category")
    figure.update_yaxes(title_text=axis, rangemode="tozero")
    return Chart(figure, alt)


def tornado(rows: Sequence[Row], middle: float, *, axis: str, alt: str) -> Chart:
    """A bar of each assumption from the answer at its low value (hatched) to that at its high one, around the centre.

    rows: name, at_low, at_high, said; the largest first.
    """
    figure = theme.blank(130 + TALL_ROW * max(len(rows), 2))
    names = [row["name"] for row in rows]
    for end, label, colour, pattern in (
        ("at_low", "At its low value", theme.BLUE, "/"),
        ("at_high", "At its high value", theme.NAVY, ""),
    ):
        figure.add_bar(
            y=names,
            x=[row[end] - middle for row in rows],
            base=middle,
            orientation="h",
            name=label,
            marker={
                "color": colour,
                "pattern": {"shape": pattern, "fillmode": "overlay", "fgcolor": theme.PAPER, "size": 6},
            },
            text=[row["said"] for row in rows],
            textposition="none",
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    figure.add_vline(x=middle, line={"color": theme.INK, "width": 1.5})
    figure.update_layout(barmode="overlay", bargap=0.35)
    figure.update_xaxes(title_text=axis)
    figure.update_yaxes(categoryorder="array", categoryarray=names[::-1], ticks="")
    return Chart(figure, alt)


def moved(rows: Sequence[Row], line: tuple[float, str], *, axis: str, alt: str) -> Chart:
    """Each name before (open) and after (full) a change, joined by a line: rows of name, before, after, said."""
    figure = theme.blank(130 + marks.TWO_LINES * max(len(rows), 2))
    marks.before_and_after(figure, rows, ("As assumed", "With your values"), theme.NAVY)
    figure.add_vline(x=line[0], line={"color": theme.GREY, "width": 1, "dash": "dash"})
    figure.update_xaxes(title_text=axis)
    return Chart(figure, alt)
