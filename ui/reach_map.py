"""A map of the health boards drawn from outlines of our own: no map is asked for from outside."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalogue.reference import reference_rows
from ui import theme
from ui.charts import Chart
from ui.drawing import Drawing
from ui.words import HIDDEN

HEIGHT = 640

#: Degrees of longitude are so much shorter than those of latitude in the middle of Scotland.
SQUEEZE = math.cos(math.radians(57.5))

#: Classes of the ratio to what is expected, from low to high: upper bound, colour, what it says.
CLASSES = (
    (0.8, "#801650", "Under 0.80"),
    (0.95, "#D9A7C0", "0.80 to 0.95"),
    (1.05, "#F1F1F1", "0.95 to 1.05"),
    (1.2, "#A9C6DE", "1.05 to 1.20"),
    (math.inf, "#12436D", "Over 1.20"),
)
NOT_SHOWN = "Hidden"

Point = tuple[float, float]


@cache
def outlines() -> dict[str, tuple[tuple[Point, ...], ...]]:
    """Board to its parts, the largest first, each a closed ring on the plane of the map."""
    found: dict[str, dict[int, list[Point]]] = {}
    for row in reference_rows("board_outlines"):
        corners = (corner.split() for corner in row["outline"].split(";"))
        part = found.setdefault(row["board_code"], {}).setdefault(int(row["part"]), [])
        part += [(SQUEEZE * float(longitude), float(latitude)) for longitude, latitude in corners]
    return {board: tuple(tuple(ring) for ring in parts.values()) for board, parts in found.items()}


@cache
def label_places() -> dict[str, Point]:
    """Board to the place of its label on the plane of the map."""
    return {
        row["board_code"]: (SQUEEZE * float(row["label_longitude"]), float(row["label_latitude"]))
        for row in reference_rows("board_outlines")
    }


def class_of(value: float | None) -> int | None:
    """The place in CLASSES of a ratio as it is read, with two decimals; None of a hidden one."""
    return None if value is None else next(place for place, (end, *_) in enumerate(CLASSES) if round(value, 2) < end)


def board_map(rows: Sequence[Mapping[str, Any]], *, alt: str, chosen: Sequence[str] = ()) -> Chart:
    """Boards coloured by class, each with its number; a hidden board is hatched and carries the shorthand.

    rows: `code`, `label`, `value` (None where hidden), `mark` (what stands behind the number: beyond chance), `says`.
    chosen: boards whose outline is drawn thick.
    """
    figure = theme.blank(HEIGHT, legend={"y": 1.0, "yanchor": "bottom"})
    for place in (*range(len(CLASSES)), None):
        members = [row for row in rows if class_of(row["value"]) == place and row["code"] in outlines()]
        for number, row in enumerate(members):
            figure.add_scatter(**_board(row, place, first=number == 0, thick=row["code"] in chosen))
    _numbers(figure, rows)
    low, high = _ends(0), _ends(1)
    figure.update_xaxes(visible=False, range=[low[0] - 0.05, low[1] + 0.05], constrain="domain")
    figure.update_yaxes(
        visible=False, range=[high[0] - 0.05, high[1] + 0.05], scaleanchor="x", scaleratio=1, constrain="domain"
    )
    return Chart(figure, alt)


@cache
def _shape(board: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The outlines of a board one after the other, parted by a number that is none, as they are drawn."""
    gap = (float("nan"), float("nan"))
    points = np.array([point for ring in outlines()[board] for point in (*ring, gap)])
    return points[:, 0], points[:, 1]


def _board(row: Mapping[str, Any], place: int | None, *, first: bool, thick: bool) -> dict[str, Any]:
    """A board as a line of a chart, filled with the colour of its class."""
    xs, ys = _shape(row["code"])
    name = NOT_SHOWN if place is None else CLASSES[place][2]
    fill: dict[str, Any] = {"fillcolor": theme.PAPER if place is None else CLASSES[place][1]}
    if place is None:
        fill |= {"fillpattern": {"shape": "/", "fgcolor": theme.GREY, "bgcolor": theme.PAPER, "size": 7}}
    return {
        "x": xs,
        "y": ys,
        "mode": "lines",
        "fill": "toself",
        "line": {"color": theme.INK if thick else theme.GREY, "width": 2.5 if thick else 0.7},
        "name": name,
        "legendgroup": name,
        "legendrank": 9 if place is None else place,
        "showlegend": first,
        "text": f"{row['label']}: {row['says']}",
        "hoverinfo": "text",
        "hoveron": "fills",
        **fill,
    }


def _numbers(figure: Drawing, rows: Sequence[Mapping[str, Any]]) -> None:
    """The number of each board at its place; white on dark colours."""
    for row in rows:
        if row["code"] not in label_places():
            continue
        x, y = label_places()[row["code"]]
        dark = class_of(row["value"]) in (0, len(CLASSES) - 1)
        text = HIDDEN if row["value"] is None else f"{row['value']:.2f}{row['mark']}"
        font = {"size": 11, "color": theme.PAPER if dark else theme.INK}
        figure.add_annotation(x=x, y=y, text=f"<b>{text}</b>", showarrow=False, font=font, borderpad=1)


@cache
def _ends(axis: int) -> tuple[float, float]:
    """The ends of all outlines along an axis."""
    along = [point[axis] for rings in outlines().values() for ring in rings for point in ring]
    return min(along), max(along)
