"""A board's exact figures are handed to its own managers only, from its own file of the release being shown."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from tests.ui.board_store import BOARD, make_board
from tests.ui.store import make_store
from ui.access import NotAllowedError, Reader, Role, demonstration
from ui.data import BrokenReleaseError, NoBoardDetailError, Snapshot

OTHER = "S08000024"
MANAGER = demonstration(Role.BOARD_MANAGER, board=BOARD)

NOT_ITS_MANAGERS = [
    demonstration(Role.BOARD_MANAGER, board=OTHER),
    demonstration(Role.BOARD_MANAGER),
    demonstration(Role.VIEWER),
    demonstration(Role.PLANNER),
    demonstration(Role.STEWARD, submitter="EDI"),
    demonstration(Role.STEWARD, submitter=BOARD),
    demonstration(Role.ADMINISTRATOR),
    Reader("a" * 16, "No role", frozenset({Role.VIEWER}), boards=frozenset({BOARD})),
    Reader(
        "b" * 16, "All but that", frozenset(set(Role) - {Role.BOARD_MANAGER}), frozenset({BOARD}), frozenset({BOARD})
    ),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder whose release has the detail of one board."""
    store = make_store(tmp_path, "empty")
    make_board(store.parent)
    return tmp_path


def test_a_manager_gets_the_figures_of_the_own_board(folder):
    board = Snapshot(MANAGER, folder).own_board(BOARD)
    assert board.code == BOARD
    assert board.requests.height == 21
    assert BOARD in board.key


@pytest.mark.parametrize(
    "reader", NOT_ITS_MANAGERS, ids=lambda reader: f"{sorted(reader.roles)} {sorted(reader.boards)}"
)
def test_nobody_else_gets_them_even_after_they_were_read(folder, reader):
    Snapshot(MANAGER, folder).own_board(BOARD)
    with pytest.raises(NotAllowedError) as refused:
        Snapshot(reader, folder).own_board(BOARD)
    assert BOARD not in str(refused.value)


@pytest.mark.parametrize(
    "code", [OTHER, "", "..", "../../register", f"../boards/{BOARD}", f"{BOARD}/", f"{BOARD}\0", "*"]
)
def test_a_manager_gets_no_other_board_whatever_is_asked_for(folder, code):
    with pytest.raises(NotAllowedError):
        Snapshot(MANAGER, folder).own_board(code)


@pytest.mark.parametrize("code", ["../boards/S08000029", "OUTSIDE", "SB0801", "elsewhere"])
def test_a_claim_that_is_no_board_opens_no_file(folder, code):
    odd = Reader("c" * 16, "Odd", frozenset({Role.VIEWER, Role.BOARD_MANAGER}), boards=frozenset({code}))
    with pytest.raises(NoBoardDetailError):
        Snapshot(odd, folder).own_board(code)


def test_a_release_without_the_detail_says_so(tmp_path):
    make_store(tmp_path, "empty")
    with pytest.raises(NoBoardDetailError):
        Snapshot(MANAGER, tmp_path).own_board(BOARD)


def test_the_file_of_another_board_in_its_place_is_refused(folder):
    other = make_board(folder / "releases" / "20261115T080000Z-empty", OTHER)
    own = other.with_name(f"{BOARD}.duckdb")
    shutil.copy(other, own)
    with pytest.raises(BrokenReleaseError):
        Snapshot(MANAGER, folder).own_board(BOARD)


def test_the_file_of_another_release_is_refused(tmp_path):
    store = make_store(tmp_path, "empty")
    make_board(store.parent, says={"release_id": "20200101T000000Z-before"})
    with pytest.raises(BrokenReleaseError):
        Snapshot(MANAGER, tmp_path).own_board(BOARD)


def test_a_damaged_file_is_refused_without_its_path(folder):
    path = folder / "releases" / "20261115T080000Z-empty" / "boards" / f"{BOARD}.duckdb"
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(BrokenReleaseError) as problem:
        Snapshot(MANAGER, folder).own_board(BOARD)
    assert str(folder) not in str(problem.value)


def test_a_file_without_a_table_is_refused(folder):
    path = folder / "releases" / "20261115T080000Z-empty" / "boards" / f"{BOARD}.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("DROP TABLE breaches")
    with pytest.raises(BrokenReleaseError):
        Snapshot(MANAGER, folder).own_board(BOARD)


def test_after_a_new_release_the_newer_figures_are_read(folder):
    assert Snapshot(MANAGER, folder).own_board(BOARD).requests.height == 21
    store = make_store(folder, "empty", release="20261215T080000Z-empty")
    make_board(store.parent)
    with duckdb.connect(str(store.parent / "boards" / f"{BOARD}.duckdb")) as con:
        con.execute("DELETE FROM requests WHERE status = 'open'")
    assert Snapshot(MANAGER, folder).own_board(BOARD).requests.height == 7
