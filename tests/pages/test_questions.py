"""The questions of a health-board manager: each is answered where docs/questions.md says, within three clicks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pytest
from streamlit.testing.v1 import AppTest

from catalogue.contracts import ROOT
from catalogue.indicators import indicators
from tests.pages.conftest import Open
from tests.ui.board_store import (
    BOARD,
    BREACHES,
    MONTHLY,
    REQUESTS,
    group_schema,
    make_board,
    request,
    requests,
    usual_requests,
)
from tests.ui.store import make_store
from ui import guard
from ui.access import Role, demonstration
from ui.data import BuiltTable, OutlookTable, QualityTable, Snapshot

TABLE = ROOT / "docs" / "questions.md"
NOT_YET = "cannot be answered yet"
CLICKS = 3

#: The tables of the protected store, besides the cells, by which a measure may be named.
BUILT = (*get_args(QualityTable), *get_args(BuiltTable), *get_args(OutlookTable))

#: The tables of own-board detail by which a measure may be named.
OWN_BOARD = {
    "requests": REQUESTS,
    "monthly": MONTHLY,
    "breaches": BREACHES,
    "specialties": group_schema("specialties"),
    "tests": group_schema("tests"),
}


@dataclass(frozen=True)
class Answer:
    """A row of the table."""

    number: int
    question: str
    page: str
    section: str
    choices: tuple[tuple[str, str], ...]
    measure: str
    extent: str


def answers(table: Path = TABLE) -> list[Answer]:
    rows = [line.strip("|").split("|") for line in table.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    found = []
    for cells in rows[2:]:
        number, question, page, section, choices, measure, extent = (cell.strip() for cell in cells)
        pairs = (choice.split(": ", 1) for choice in choices.split("; ") if choice)
        made = tuple((label, option) for label, option in pairs)
        found.append(Answer(int(number), question, page, section, made, measure, extent))
    return found


ANSWERED = [answer for answer in answers() if answer.page != NOT_YET]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with one board's detail, of which one request was sent away."""
    place = tmp_path_factory.mktemp("questions")
    store = make_store(place, "full")
    away = request("R801", performing_lab="OUT", turnaround_category="acute_child")
    make_board(store.parent, held=requests([*usual_requests().to_dicts(), away]))
    return place


def chosen(app: AppTest, label: str, option: str) -> AppTest:
    """The page after an option was chosen by the words that a reader sees."""
    box = next(box for box in app.selectbox if box.label == label)
    return box.select_index(box.options.index(option)).run()


def test_every_question_has_a_row_in_its_place():
    numbers = [answer.number for answer in answers()]
    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(1, 16))
    assert all(answer.question.endswith("?") or numbers.count(answer.number) > 1 for answer in answers())


def test_every_page_and_measure_named_exists():
    known = {path.stem for path in (ROOT / "pages").glob("*.py")}
    for answer in ANSWERED:
        assert answer.page in known, answer
        table, _, column = answer.measure.partition(".")
        assert column in OWN_BOARD[table] if column else table in {*indicators(), *BUILT}, answer


def test_a_row_without_an_answer_says_what_is_missing_and_claims_nothing():
    for answer in answers():
        if answer.page == NOT_YET:
            assert (answer.section, answer.choices, answer.measure) == ("", (), "")
            assert len(answer.extent) > 30
        else:
            assert answer.section
            assert re.match(r"whole|in part: ", answer.extent), answer


@pytest.mark.parametrize("answer", ANSWERED, ids=lambda answer: f"{answer.number}-{answer.page}-{answer.section}")
def test_the_answer_is_found_within_three_clicks(open_page: Open, folder: Path, monkeypatch, answer: Answer):
    assert 1 + len(answer.choices) <= CLICKS
    monkeypatch.setattr(guard, "chosen_role", lambda: demonstration(Role.BOARD_MANAGER, board=BOARD))
    app = open_page(answer.page, folder)
    for label, option in answer.choices:
        app = chosen(app, label, option)
    assert not app.exception
    titles = {header.proto.anchor: header.value for header in app.header}
    assert titles.get(answer.section), f"{answer.page} has no section {answer.section}"


def test_own_board_tables_are_those_that_the_app_reads(folder):
    board = Snapshot(demonstration(Role.BOARD_MANAGER, board=BOARD), folder).own_board(BOARD)
    for name, schema in OWN_BOARD.items():
        assert getattr(board, name).columns == list(schema), name
