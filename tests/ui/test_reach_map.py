"""The map of boards: outlines of our own, hidden boards marked, no request to anybody."""

from __future__ import annotations

import pytest

from ui import reach_cells, reach_map


def rows(hidden: str = "") -> list[dict[str, object]]:
    return [
        {"code": code, "label": code, "value": None if code == hidden else 0.9, "mark": "", "says": "0.90"}
        for code in reach_cells.boards_of(None)
    ]


def test_every_board_has_closed_outlines_within_scotland():
    assert set(reach_map.outlines()) == set(reach_cells.boards_of(None)) == set(reach_map.label_places())
    for rings in reach_map.outlines().values():
        for ring in rings:
            assert ring[0] == ring[-1]
            assert len(ring) >= 4
            assert all(-9 * reach_map.SQUEEZE < x < 0 and 54.5 < y < 61 for x, y in ring)


@pytest.mark.parametrize(("board", "parts"), [("S08000025", 10), ("S08000026", 10), ("S08000028", 10)])
def test_island_boards_keep_their_islands(board: str, parts: int):
    assert len(reach_map.outlines()[board]) >= parts


def test_a_hidden_board_is_hatched_and_carries_the_shorthand_not_a_number():
    drawn = reach_map.board_map(rows("S08000026"), alt="Map.").figure
    hatched = [trace for trace in drawn.data if trace.fillpattern.shape == "/"]
    assert [trace.name for trace in hatched] == ["Hidden"]
    assert hatched[0].text.startswith("S08000026")
    assert sum("[c]" in note.text for note in drawn.layout.annotations) == 1
    assert sum("0.90" in note.text for note in drawn.layout.annotations) == 13


def test_the_map_is_drawn_on_plain_axes_without_tiles():
    drawn = reach_map.board_map(rows(), alt="Map.").figure
    assert {trace.type for trace in drawn.data} == {"scatter"}
    assert drawn.layout.yaxis.scaleanchor == "x"


@pytest.mark.parametrize(
    ("value", "place"), [(0.5, 0), (0.799, 1), (0.949, 2), (1.0, 2), (1.049, 3), (1.19, 3), (1.3, 4)]
)
def test_a_class_is_that_of_the_number_as_it_reads(value: float, place: int):
    assert reach_map.class_of(value) == place
    assert reach_map.class_of(None) is None
