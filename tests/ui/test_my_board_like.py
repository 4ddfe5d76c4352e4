"""A board beside Scotland and boards like it: published cells alone, the island boards as they are published."""

from __future__ import annotations

import polars as pl
import pytest

from catalogue.reference import reference_rows
from tests.ui.board_store import BOARD, make_board
from tests.ui.store import make_store
from ui import my_board_parts_words as words
from ui.access import Role, demonstration
from ui.data import Snapshot
from ui.my_board import View
from ui.my_board_like import BACKLOG, SCOTLAND, WAITS, WITHIN, Beside, beside, like_boards

ORKNEY = "S08000025"


@pytest.fixture(scope="module", params=["full", "hidden", "empty"])
def variant(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    store = make_store(folder, request.param)
    for board in (BOARD, ORKNEY):
        make_board(store.parent, board)
    return request.param, folder


def found(folder, board: str = BOARD, view: View = View()) -> Beside:  # noqa: B008 - a frozen value
    snapshot = Snapshot(demonstration(Role.BOARD_MANAGER, board=board), folder)
    return beside(snapshot, snapshot.own_board(board), view)


def test_every_cell_is_one_of_the_protected_store(variant):
    name, folder = variant
    snapshot = Snapshot(demonstration(), folder)
    shown = found(folder)
    assert set(shown.cells) == (set() if name == "empty" else {WITHIN, WAITS, BACKLOG})
    for measure, cells in shown.cells.items():
        grain = shown.figures[measure].query.grain
        every = pl.concat([snapshot.cells(measure, grain, {}, "requesting_board"), snapshot.cells(measure, grain, {})])
        kept = ["d1", "period_start", "statistic", "state", "value", "numerator", "denominator"]
        assert cells.filter(state="shown").join(every, on=kept, how="anti", nulls_equal=True).is_empty()


def test_what_is_hidden_is_told_as_hidden(variant):
    name, folder = variant
    title, _ = words.like(found(folder))
    table = words.table_of_like(found(folder))
    if name == "hidden":
        assert "[c]" in table["Within standard"].to_list()
    if name == "empty":
        assert title == "No figure to compare is published for this view"
    assert table["Board"].to_list()[0] == "Fife"
    assert table["Board"].to_list()[-1] == "Scotland"


def test_the_boards_are_those_of_the_group_the_own_one_first():
    names = {row["code"]: row["label"] for row in reference_rows("boards")}
    assert [names[code] for code in like_boards(ORKNEY)] == ["Shetland", "Western Isles"]
    assert BOARD not in like_boards(BOARD)


def test_with_a_category_the_island_boards_stand_together(tmp_path):
    store = make_store(tmp_path, "full")
    make_board(store.parent, ORKNEY)
    shown = found(tmp_path, ORKNEY, View(category="rare_standard"))
    assert [name for _, name in shown.places] == ["Island boards together", "Scotland"]
    assert shown.own == "island_boards"


def test_residents_are_compared_with_residents(tmp_path):
    store = make_store(tmp_path, "full")
    make_board(store.parent)
    shown = found(tmp_path, BOARD, View("residence"))
    assert shown.figures[WITHIN].query.spread == "residence_board"
    assert shown.row(WITHIN, SCOTLAND, "share") is not None
