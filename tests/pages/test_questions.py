"""The questions of each kind of reader: each is answered where docs/questions.md says, within three clicks."""

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


#: Headings of the lists, and whether a list has a row for every question.
LISTS = {"Questions of a health-board manager": True, "Questions of an equity reviewer": True}


@dataclass(frozen=True)
class Answer:
    """A row of the tables."""

    asked_by: str
    number: int
    question: str
    page: str
    section: str
    choices: tuple[tuple[str, str], ...]
    measure: str
    extent: str


def answers(table: Path = TABLE) -> list[Answer]:
    found, asked_by = [], ""
    for line in table.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            asked_by = line[2:].partition(",")[0]
        if not re.match(r"\| *\d", line):
            continue
        number, question, page, section, choices, measure, extent = (
            cell.strip() for cell in line.strip("|").split("|")
        )
        pairs = (choice.split(": ", 1) for choice in choices.split("; ") if choice)
        made = tuple((label, option) for label, option in pairs)
        found.append(Answer(asked_by, int(number), question, page, section, made, measure, extent))
    return found


ALL = answers()
ANSWERED = [answer for answer in ALL if answer.page != NOT_YET]


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


@pytest.mark.parametrize(("asked_by", "is_whole"), LISTS.items())
def test_every_question_has_a_row_in_its_place(asked_by: str, is_whole: bool):
    of_list = [answer for answer in answers() if answer.asked_by == asked_by]
    numbers = [answer.number for answer in of_list]
    assert numbers == sorted(numbers)
    assert numbers
    assert set(numbers) == set(range(1, 16)) or (not is_whole and set(numbers) < set(range(1, 16)))
    assert all(answer.question.endswith("?") or numbers.count(answer.number) > 1 for answer in of_list)


def test_every_row_belongs_to_a_list():
    assert {answer.asked_by for answer in answers()} == set(LISTS)


def test_every_page_and_measure_named_exists():
    known = {path.stem for path in (ROOT / "pages").glob("*.py")}
    for answer in ANSWERED:
        assert answer.page in known, answer
        table, _, column = answer.measure.partition(".")
        assert column in OWN_BOARD[table] if column else table in {*indicators(), *BUILT}, answer


def test_a_row_without_an_answer_says_what_is_missing_and_claims_nothing():
    for answer in ALL:
        if answer.page == NOT_YET:
            assert (answer.section, answer.choices, answer.measure) == ("", (), "")
            assert len(answer.extent) > 30
        else:
            assert answer.section
            assert re.match(r"whole|in part: ", answer.extent), answer


@pytest.mark.parametrize(
    "answer",
    ANSWERED,
    ids=lambda answer: f"{answer.asked_by.split()[-1]}-{answer.number}-{answer.page}-{answer.section}",
)
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
