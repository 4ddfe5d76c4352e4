"""The page My board: a manager's own exact figures, in plain findings; nobody else's, and on no other page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from catalogue.contracts import ROOT
from tests.pages.conftest import text_of
from tests.pages.page_tables import tables
from tests.ui.board_store import BOARD, make_board, request, requests
from tests.ui.store import make_store
from ui import audit, board_paper_show, guard, my_board_show
from ui.access import NotAllowedError, Reader, Role, demonstration
from ui.data import ENVIRONMENT, Snapshot
from ui.my_board_like import beside
from ui.my_board_sections import CONTENTS

OTHER = "S08000024"
RELEASE = "20261115T080000Z-full"

Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A full release with the detail of two boards; the other's requests have names of their own."""
    place = tmp_path_factory.mktemp("boards")
    store = make_store(place, "full")
    make_board(store.parent)
    theirs = [request(f"LOTHIAN{number}") for number in range(3)]
    make_board(store.parent, OTHER, held=requests(theirs))
    return place


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the page asks to be recorded."""
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(audit, "record", lambda *record: calls.append(record))
    return calls


@pytest.fixture
def look(folder: Path, as_served: None, monkeypatch: pytest.MonkeyPatch, recorded: list[tuple[Any, ...]]) -> Open:
    """Opens a page in a role, on the release with detail or another."""

    def run(reader: Reader, page: str = "my_board", on: Path = folder, **query: str) -> AppTest:
        monkeypatch.setenv(ENVIRONMENT, str(on))
        monkeypatch.setattr(guard, "chosen_role", lambda: reader)
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        app.run()
        app.switch_page(f"pages/{page}.py")
        for name, value in query.items():
            app.query_params[name] = value
        return app.run()

    return run


MANAGER = demonstration(Role.BOARD_MANAGER, board=BOARD)


def test_the_answers_stand_at_the_top(look):
    app = look(MANAGER)
    assert not app.exception
    assert app.title[0].value == "My board"
    assert app.warning[1].value == (
        "**Exact figures of NHS Fife, for its managers only: do not publish or forward.** "
        "Small numbers are not protected here."
    )
    assert app.header[0].value == "6 of 10 open requests are overdue, and 3 more fall due in the next 14 days"
    assert [tile.value for tile in app.metric] == ["10", "6", "3", "90%"]
    text = text_of(app)
    assert "Half of the overdue are 12 days or more past their due date, the longest 31 days." in text
    assert "As at 1 November 2026" in text
    assert "1 request has no due date" in text


def test_titles_state_the_finding(look):
    titles = {header.proto.anchor: header.value for header in look(MANAGER).header}
    assert list(titles) == list(CONTENTS)
    assert titles["sides"] == (
        "6 of the 10 open requests that we asked for are overdue, and 6 of the 14 for our residents"
    )
    assert titles["categories"] == "The only one of the turnaround categories is clearly below the 90% line"
    assert titles["stuck"] == "5 of 6 overdue requests wait in Edinburgh, and 5 after sequencing"
    assert titles["oldest"].startswith("The oldest open request was received 31 days before the newest extract")
    assert titles["within"].startswith("90% of 42 requests due in October 2026 were reported within standard (prov")
    assert titles["overdue"] == "4 requests were open past the due date at the end of October 2026"
    assert titles["breaches"] == "20 requests missed the due date in the newest 24 months"
    assert titles["specialties"] == ("10% of 658 requests were not accepted at first: clearly more from Haematology")
    assert (
        titles["tests"]
        == "2 tests have 50 of the 75 late results, 1 of them clearly more often late than the whole board"
    )
    assert titles["work"] == "Work list: 10 requests"


def test_every_chart_has_its_words_and_tells_of_limits(look):
    app = look(MANAGER)
    charts = app.get("plotly_chart")
    assert len(charts) == 6
    for chart in charts:
        assert chart.proto.alt.rstrip().endswith(".")
    assert "P chart, exact binomial" in text_of(app)
    assert "XmR" in text_of(app)
    assert "T chart" in text_of(app)


def test_breaches_of_others_requests_are_not_drawn(look):
    app = look(MANAGER, view="Our residents")
    assert "No due date has been missed" in [header.value for header in app.header]
    assert "chart_breaches" not in [chart.key for chart in app.get("plotly_chart")]


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ({"lab": "Dundee"}, "The one open request is overdue, and 0 more fall due in the next 14 days"),
        ({"view": "Our residents"}, "6 of 14 open requests are overdue, and 3 more fall due in the next 14 days"),
        ({"category": "Nothing", "lab": "'; DROP TABLE requests"}, "6 of 10 open requests are overdue"),
    ],
)
def test_the_address_chooses_the_view_and_what_it_does_not_know_is_passed_over(look, query, title):
    app = look(MANAGER, **query)
    assert not app.exception
    assert app.header[0].value.startswith(title)


def test_a_board_in_the_address_changes_nothing(look):
    text = text_of(look(MANAGER, board="Lothian", own_board=OTHER, look_as_board=OTHER))
    assert "NHS Fife" in text
    assert "LOTHIAN" not in text
    assert "Lothian" not in text


@pytest.mark.parametrize(
    "reader",
    [
        demonstration(Role.VIEWER),
        demonstration(Role.PLANNER),
        demonstration(Role.STEWARD, submitter="EDI"),
        demonstration(Role.ADMINISTRATOR),
    ],
    ids=lambda reader: f"{sorted(reader.roles)}",
)
def test_every_other_role_gets_a_screen_and_no_figure(look, recorded, reader):
    app = look(reader)
    assert not app.exception
    assert not tables(app)
    assert not app.metric
    assert not app.get("plotly_chart")
    assert "R100" not in text_of(app)
    assert recorded[-1][0] == "refused"


def test_a_manager_of_no_board_gets_a_screen_and_no_figure(look):
    app = look(demonstration(Role.BOARD_MANAGER))
    assert not app.exception
    assert not app.metric
    assert not tables(app)


def test_a_manager_of_several_boards_chooses_among_these_alone(look):
    both = Reader("demonstration", "Both", MANAGER.roles, frozenset({BOARD, OTHER}))
    app = look(both)
    assert app.selectbox(key="own_board").options == ["NHS Fife", "NHS Lothian"]
    assert "NHS Fife" in app.warning[1].value
    app.selectbox(key="own_board").select(OTHER).run()
    assert "NHS Lothian" in app.warning[1].value
    assert "LOTHIAN0" in text_of(app)
    assert "R100" not in text_of(app)


def test_a_board_chosen_before_the_role_changed_is_not_shown(look, monkeypatch):
    both = Reader("demonstration", "Both", MANAGER.roles, frozenset({BOARD, OTHER}))
    app = look(both)
    app.selectbox(key="own_board").select(OTHER).run()
    monkeypatch.setattr(guard, "chosen_role", lambda: MANAGER)
    app.run()
    assert not app.exception
    assert "LOTHIAN" not in text_of(app)
    monkeypatch.setattr(guard, "chosen_role", lambda: demonstration(Role.VIEWER))
    app.run()
    assert not app.metric


def test_a_release_without_the_detail_says_so(look, tmp_path):
    make_store(tmp_path, "full")
    app = look(MANAGER, on=tmp_path)
    assert not app.exception
    assert "holds no exact figures of NHS Fife" in app.info[0].value
    assert not app.metric


def test_a_damaged_file_gives_a_plain_message(look, tmp_path):
    store = make_store(tmp_path, "full")
    make_board(store.parent).write_bytes(b"not a database" * 1000)
    app = look(MANAGER, on=tmp_path)
    assert not app.exception
    assert app.title[-1].value == "These figures cannot be shown just now"
    assert str(tmp_path) not in text_of(app)


def test_a_board_without_any_request_is_told_in_words(look, tmp_path):
    store = make_store(tmp_path, "full")
    make_board(store.parent, held=requests([]), incomplete=66)
    app = look(MANAGER, on=tmp_path)
    assert not app.exception
    assert app.header[0].value == "No request is open"
    assert "No request is in this list" in text_of(app)


def test_the_work_list_is_filtered_by_status(look):
    app = look(MANAGER)
    chosen = app.multiselect(key="status")
    assert chosen.value == ["overdue", "soon", "later", "no_due_date"]
    chosen.set_value(["reported"]).run()
    assert "Work list: 6 requests" in [header.value for header in app.header]
    app.multiselect(key="status").set_value([]).run()
    assert "No request is in this list" in text_of(app)


def test_the_work_list_is_filtered_by_laboratory_and_step_and_put_in_order(look):
    app = look(MANAGER)
    app.selectbox(key="list_lab").select("DUN").run()
    assert "Work list: 1 request" in [header.value for header in app.header]
    app.selectbox(key="list_lab").select("")
    app.selectbox(key="list_stage").select("analysed").run()
    assert "Work list: 3 requests" in [header.value for header in app.header]
    app.selectbox(key="list_stage").select("")
    app.selectbox(key="list_order").select("Due next first").run()
    assert tables(app)[-1].value["Due"].to_list()[:2] == ["1 Oct 2026", "20 Oct 2026"]
    assert tables(app)[-1].value["Due"].to_list()[-1] == "[x]"


def test_nobody_reads_a_specialty_or_test_of_a_single_request(look):
    app = look(MANAGER)
    assert not {"Specialty", "Test"} & set(tables(app)[-1].value.columns)
    named = [table.value for table in tables(app) if {"Specialty", "Test"} & set(table.value.columns)]
    assert [table.columns[0] for table in named] == ["Specialty", "Test"]
    assert all(table.iloc[-1, 0] == "All others together" for table in named)


def test_boards_that_are_like_it_are_told_by_published_figures_alone(look):
    app = look(MANAGER)
    title = next(header.value for header in app.header if header.proto.anchor == "like")
    assert "within standard in the 12 months to October 2026, is" in title
    table = next(table.value for table in tables(app) if "Board" in table.value.columns)
    assert table["Board"].to_list() == [
        "Fife", "Ayrshire and Arran", "Forth Valley", "Grampian", "Tayside", "Scotland",
    ]  # fmt: skip


def test_the_paper_is_exact_whole_and_recorded(recorded, folder, monkeypatch):
    monkeypatch.setenv(ENVIRONMENT, str(folder))
    context = guard.Context(Snapshot(MANAGER), MANAGER)
    board, view = context.snapshot.own_board(BOARD), my_board_show.View()
    shown, other = my_board_show.worked(board, view), beside(context.snapshot, board, view)
    made = board_paper_show._later(context, board, view, "paper.html", shown, other)
    assert recorded == []
    text = made().decode()
    assert recorded == [("download", "demonstration", "my_board", {"board": BOARD, "file": "paper.html"})]
    assert "may not be passed on" in text[text.index("<body>") : text.index("<h1>")]
    assert RELEASE in text
    for title in ("5 of 6 overdue requests wait in Edinburgh", "2.1 Requests reported within standard", "data quality"):
        assert title.lower() in text.lower()
    assert not [value for value in board.requests["request_id"] if value in text]
    assert not re.search(r"(src|href)=|url\(|@import|<script", text)


def test_a_paper_that_cannot_be_recorded_is_not_given(folder, monkeypatch):
    def fails(*_: object) -> None:
        raise audit.NotRecordedError("It could not be recorded.")

    monkeypatch.setenv(ENVIRONMENT, str(folder))
    monkeypatch.setattr(audit, "record", fails)
    context = guard.Context(Snapshot(MANAGER), MANAGER)
    board, view = context.snapshot.own_board(BOARD), my_board_show.View()
    shown, other = my_board_show.worked(board, view), beside(context.snapshot, board, view)
    with pytest.raises(audit.NotRecordedError):
        board_paper_show._later(context, board, view, "paper.html", shown, other)()


def test_a_download_is_exact_neutral_marked_and_recorded(recorded, folder, monkeypatch):
    monkeypatch.setenv(ENVIRONMENT, str(folder))
    context = guard.Context(Snapshot(MANAGER), MANAGER)
    board = context.snapshot.own_board(BOARD)
    view = my_board_show.View()
    rows = my_board_show.worked(board, view).rows
    made = my_board_show._later(context, board, view, "file.csv", rows)
    assert recorded == []
    text = made().decode("utf-8-sig")
    assert recorded == [("download", "demonstration", "my_board", {"board": BOARD, "file": "file.csv"})]
    lines = text.splitlines()
    assert len(lines) == rows.height + 1
    assert "'=R701" in text
    assert all("for its managers only: do not publish or forward" in line for line in lines[1:])
    assert "person" not in lines[0]
    assert "ethnic" not in lines[0]


def test_what_cannot_be_recorded_is_not_given(look, monkeypatch):
    def fails(*_: object) -> None:
        raise audit.NotRecordedError("It could not be recorded.")

    monkeypatch.setattr(audit, "record", fails)
    app = look(MANAGER)
    assert not app.exception
    assert not app.metric
    assert not tables(app)


def test_opening_is_recorded_once_with_the_board(look, recorded):
    app = look(MANAGER)
    app.run()
    assert recorded.count(("view", "demonstration", "my_board/exact", {"board": BOARD})) == 1


@pytest.mark.parametrize("page", ["home", "turnaround", "data_quality", "ethnicity_recording", "definitions"])
def test_the_pages_of_everybody_hold_none_of_it(look, page):
    text = text_of(look(MANAGER, page))
    assert "Exact figures" not in text
    assert "R100" not in text


def test_home_leads_a_manager_to_the_page_and_nobody_else(look):
    label = "My board: what is overdue now, and the work list"
    for reader, is_led in ((MANAGER, True), (demonstration(Role.VIEWER), False)):
        links = [link.proto.label for link in look(reader, "home").get("page_link")]
        assert (label in links) == is_led


def test_the_guard_is_asked_for_the_role_before_anything_else():
    text = (ROOT / "pages" / "my_board.py").read_text(encoding="utf-8")
    assert text.index("page(Role.BOARD_MANAGER)") < text.index("st.title")


def test_the_data_refuse_where_the_page_s_guard_was_passed_by(folder, monkeypatch):
    monkeypatch.setenv(ENVIRONMENT, str(folder))
    viewer = demonstration(Role.VIEWER)
    forged = guard.Context(Snapshot(viewer), MANAGER)
    with pytest.raises(NotAllowedError):
        my_board_show.open_board(forged)
