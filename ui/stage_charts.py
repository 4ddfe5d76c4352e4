"""Charts of days in stages: the median and the day by which nine in ten are through, from nought, in a fixed order."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ui import marks, theme
from ui.charts import ROW_HEIGHT, Chart, Say
from ui.drawing import Drawing
from ui.marks import Percentile

#: The two ends of a row.
ENDS = (
    Percentile("median", "Half are through", theme.NAVY, "circle"),
    Percentile("p90", "Nine in ten are through", theme.CLARET, "diamond"),
)


def stages(
    cells: pl.DataFrame, labels: Sequence[tuple[str, str]], *, highlight: str | None, say: Say, alt: str
) -> Chart:
    """Days in each stage of the path, in the order of the path; the name of the longest stage is bold.

    cells: columns code, statistic, state, value; labels: code and name of each stage.
    """
    named = [(code, f"<b>{name}</b>" if code == highlight else name) for code, name in labels]
    return Chart(_drawn(cells, named, None, say), alt)


def places(
    cells: pl.DataFrame, labels: Sequence[tuple[str, str]], *, against: float | None, say: Say, alt: str
) -> Chart:
    """Days in one stage at several places, in the order of their list, with Scotland's median as a line."""
    return Chart(_drawn(cells, labels, against, say), alt)


def _drawn(cells: pl.DataFrame, labels: Sequence[tuple[str, str]], against: float | None, say: Say) -> Drawing:
    rows = {(row["code"], row["statistic"]): row for row in cells.to_dicts()}
    drawn = [(code, _broken(name)) for code, name in labels if (code, "median") in rows]
    figure = theme.blank(130 + (ROW_HEIGHT + 6) * max(len(drawn), 2))
    said = {key: say(row) for key, row in rows.items() if marks.is_shown(row)}
    marks.percentile_pairs(figure, drawn, rows, ENDS, "%{{y}}, {end}: within %{{text}}", said)
    marks.absent(figure, [(name, rows[(code, "median")]) for code, name in drawn], 0)
    if against is not None:
        _line(figure, against)
    highest = max([1.0, *(rows[key]["value"] for key in said if key[1] != "p95")])
    figure.update_xaxes(title_text="Days", range=[-0.02 * highest, 1.08 * highest], side="bottom")
    marks.names_down(figure, [name for _, name in drawn])
    return figure


def _line(figure: Drawing, days: float) -> None:
    figure.add_shape(
        type="line",
        x0=days,
        x1=days,
        y0=0,
        y1=1,
        yref="paper",
        line={"color": theme.INK, "width": 2, "dash": "dash"},
    )
    figure.add_annotation(
        x=days, y=1, yref="paper", yanchor="bottom", xanchor="left", text="Median of Scotland", showarrow=False
    )
    marks.legend_above_line(figure)


def _broken(name: str) -> str:
    """A long name on two lines, so that the marks keep room on a narrow screen."""
    if len(name) < 22 or " to " not in name:
        return name
    first, last = name.split(" to ", 1)
    return f"{first}<br>to {last}"
