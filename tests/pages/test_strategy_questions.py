"""The questions of a strategy lead: each is answered where docs/questions-strategy.md says, within three clicks."""

from __future__ import annotations

import re

import pytest

from catalogue.contracts import ROOT
from catalogue.indicators import indicators
from tests.pages.conftest import Open
from tests.pages.test_questions import BUILT, CLICKS, NOT_YET, Answer, answers, chosen

FOUND = answers(ROOT / "docs" / "questions-strategy.md")
ANSWERED = [answer for answer in FOUND if answer.page != NOT_YET]


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
def test_the_answer_is_found_within_three_clicks(open_page: Open, answer: Answer):
    assert 1 + len(answer.choices) <= CLICKS
    app = open_page(answer.page)
    for label, option in answer.choices:
        app = chosen(app, label, option)
    assert not app.exception
    titles = {header.proto.anchor: header.value for header in app.header}
    assert titles.get(answer.section), f"{answer.page} has no section {answer.section}"
