"""The questions of a workforce planner: each is answered where docs/questions-workforce.md says, in three clicks."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from catalogue.contracts import ROOT
from catalogue.indicators import indicators
from tests.pages.conftest import Open
from tests.pages.test_questions import BUILT, CLICKS, NOT_YET, Answer, answers, chosen
from tests.ui.store import make_store
from tests.ui.workforce_store import add_workforce
from ui import guard, scenario_runs, scenario_show
from ui.access import Role, demonstration

FOUND = answers(ROOT / "docs" / "questions-workforce.md")
ANSWERED = [answer for answer in FOUND if answer.page != NOT_YET]


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with staff."""
    place = tmp_path_factory.mktemp("planner")
    add_workforce(make_store(place, "full"))
    return place


def test_every_question_has_a_row_in_its_place():
    numbers = [answer.number for answer in FOUND]
    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(1, 16))


def test_every_page_and_measure_named_exists():
    known = {path.stem for path in (ROOT / "pages").glob("*.py")}
    for answer in ANSWERED:
        assert answer.page in known, answer
        assert answer.measure in {*indicators(), *BUILT}, answer


def test_a_row_says_how_far_it_goes_or_what_is_missing():
    for answer in FOUND:
        if answer.page == NOT_YET:
            assert (answer.section, answer.choices, answer.measure) == ("", (), "")
            assert len(answer.extent) > 30
        else:
            assert re.match(r"whole|in part: ", answer.extent), answer


@pytest.mark.parametrize("answer", ANSWERED, ids=lambda answer: f"{answer.number}-{answer.page}-{answer.section}")
def test_the_answer_is_found_within_three_clicks(open_page: Open, staffed: Path, monkeypatch, answer: Answer):
    assert 1 + len(answer.choices) <= CLICKS
    monkeypatch.setattr(guard, "chosen_role", lambda: demonstration(Role.PLANNER))
    monkeypatch.setattr(scenario_show, "LONGEST_WAIT", 170.0)
    monkeypatch.setattr(scenario_runs, "REPLICATIONS", 2)
    monkeypatch.setattr(scenario_runs, "LAST_MONTH", dt.date(2028, 3, 1))
    app = open_page(answer.page, staffed)
    for label, option in answer.choices:
        app = chosen(app, label, option)
    assert not app.exception
    titles = {header.proto.anchor: header.value for header in app.header}
    assert titles.get(answer.section), f"{answer.page} has no section {answer.section}"
    assert not any(said in titles[answer.section] for said in ("cannot be", "being worked out", "waiting for its turn"))
