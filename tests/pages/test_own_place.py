"""Pages open on the board of the reader who manages one, and on what the address names for everybody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import text_of
from ui import guard
from ui.access import Reader, Role, demonstration

FIFE = "S08000029"
MANAGER = demonstration(Role.BOARD_MANAGER, board=FIFE)
VIEWER = demonstration()

#: Page, key of its filter of what kind of place is shown, and that of its filter of the board.
PAGES = [("turnaround", "view", "board"), ("data_quality", "of", "board")]


@pytest.fixture
def look(open_page, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    def run(reader: Reader, page: str, **query: str) -> AppTest:
        monkeypatch.setattr(guard, "chosen_role", lambda: reader)
        return open_page(page, **query)

    return run


@pytest.mark.parametrize(("page", "kind", "place"), PAGES)
def test_a_managers_page_opens_on_the_board_that_is_theirs_and_the_address_names_it(look, page, kind, place):
    app = look(MANAGER, page)
    assert not app.exception
    assert (app.selectbox(key=kind).value, app.selectbox(key=place).value) == ("board", FIFE)
    assert "Fife" in text_of(app)


@pytest.mark.parametrize(("page", "kind", "place"), PAGES)
def test_what_the_address_names_is_shown_to_a_manager_too(look, page, kind, place):
    assert look(MANAGER, page, **{kind: "Scotland"}).selectbox(key=kind).value == "scotland"
    assert look(MANAGER, page, **{kind: "Laboratory", "lab": "Dundee"}).selectbox(key="lab").value == "DUN"


@pytest.mark.parametrize(("page", "kind", "place"), PAGES)
def test_a_manager_may_choose_scotland_and_it_stays_chosen(look, page, kind, place):
    app = look(MANAGER, page)
    app.selectbox(key=kind).select("scotland").run()
    assert not app.exception
    assert app.selectbox(key=kind).value == "scotland"
    assert app.run().selectbox(key=kind).value == "scotland"


@pytest.mark.parametrize(("page", "kind", "place"), PAGES)
def test_everybody_elses_page_opens_on_scotland(look, page, kind, place):
    assert look(VIEWER, page).selectbox(key=kind).value == "scotland"
