"""A health board beside Scotland and boards that are like it: published figures, rounded and hidden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from catalogue.indicators import Grain
from catalogue.reference import labels, reference_rows
from ui.data import OwnBoard, Snapshot
from ui.figure import Figure, Query
from ui.figures import ask, latest_year, merged
from ui.my_board import View

DIMENSION = {"requesting": "requesting_board", "residence": "residence_board"}

WITHIN, WAITS, BACKLOG = "reported_within_standard", "turnaround_days", "overdue_backlog"

#: The code under which Scotland stands among the boards.
SCOTLAND = "scotland"

#: What is compared, and the grain of its newest period.
MEASURES: dict[str, Grain] = {WITHIN: "year", WAITS: "year", BACKLOG: "month"}


@dataclass(frozen=True)
class Beside:
    """A board, the boards like it and Scotland. own: its code in the cubes. places: code and name, the own one first.

    cells: the cells of each measure of these places, with `code`; nothing exact. figures: by measure, to be cited.
    """

    own: str
    group: str
    reason: str
    places: tuple[tuple[str, str], ...]
    cells: dict[str, pl.DataFrame]
    figures: dict[str, Figure]

    def row(self, measure: str, code: str, statistic: str) -> dict[str, Any] | None:
        """One cell; None where there is none."""
        rows = self.cells.get(measure, pl.DataFrame({"code": [], "statistic": []}))
        found = rows.filter(pl.col("code") == code, pl.col("statistic") == statistic)
        return found.row(0, named=True) if found.height else None


def group_of(board: str) -> tuple[str, str]:
    """The group of boards that a board is like, and why."""
    return next(
        (row["like_group"], row["reason"]) for row in reference_rows("like_boards") if row["board_code"] == board
    )


def like_boards(board: str) -> list[str]:
    """The other boards of a board's group, in display order."""
    own, _ = group_of(board)
    return [
        row["board_code"]
        for row in reference_rows("like_boards")
        if row["like_group"] == own and row["board_code"] != board
    ]


def beside(snapshot: Snapshot, board: OwnBoard, view: View) -> Beside:
    """The newest published figures of a board, of those like it and of Scotland, of the view's side and category.

    The laboratory of the view is passed over: no figure is published by board and laboratory.
    """
    dimension = DIMENSION[view.side]
    held = (("turnaround_category", view.category),) if view.category else ()
    codes = list(dict.fromkeys(_code(code, dimension, held) for code in (board.code, *like_boards(board.code))))
    names = {
        **{row["code"]: row["label"] for row in reference_rows("boards")},
        **snapshot.facts.labels.get(dimension, {}),
    }
    cells, figures = {}, {}
    for measure, grain in MEASURES.items():
        start = latest_year(snapshot, measure, None) if grain == "year" else None
        figure = ask(snapshot, Query(measure, grain, held, dimension, start, newest_only=True))
        scotland = ask(snapshot, Query(measure, grain, held, None, start, newest_only=True))
        if figure is None or scotland is None:
            continue
        own = figure.cells.filter(pl.col("code").is_in(codes))
        cells[measure] = pl.concat([own, scotland.cells.with_columns(code=pl.lit(SCOTLAND))])
        figures[measure] = figure
    group, reason = group_of(board.code)
    places = (*((code, names.get(code, code)) for code in codes), (SCOTLAND, "Scotland"))
    return Beside(codes[0], labels("like_groups")[group], reason, places, cells, figures)


def _code(board: str, dimension: str, held: tuple[tuple[str, str], ...]) -> str:
    """A board as cubes have it: the island boards together where a category is chosen too."""
    found = dict(merged(((dimension, board), *held)))
    return found[dimension]
