"""The page My returns: a steward's own submissions, letters and return files; nobody else's."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from catalogue.contracts import ROOT
from tests.pages.conftest import text_of
from tests.ui.returns_store import make_returns
from tests.ui.store import make_store
from ui import audit, guard, my_returns_show
from ui.access import NotAllowedError, Reader, Role, demonstration
from ui.data import ENVIRONMENT, Snapshot

Open = Callable[..., AppTest]

STEWARD = demonstration(Role.STEWARD, submitter="EDI")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a release, submissions and returns."""
    place = tmp_path_factory.mktemp("returns")
    make_store(place, "empty")
    make_returns(place)
    return place


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the page asks to be recorded."""
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(audit, "record", lambda *record: calls.append(record))
    return calls


@pytest.fixture
def look(folder: Path, as_served: None, monkeypatch: pytest.MonkeyPatch, recorded: list[tuple[Any, ...]]) -> Open:
    """Opens the page in a role."""

    def run(reader: Reader, on: Path = folder, **query: str) -> AppTest:
        monkeypatch.setenv(ENVIRONMENT, str(on))
        monkeypatch.setattr(guard, "chosen_role", lambda: reader)
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        app.run()
        app.switch_page("pages/my_returns.py")
        for name, value in query.items():
            app.query_params[name] = value
        return app.run()

    return run


def tables_of(app: AppTest) -> list[str]:
    """The tables that fold, as they are drawn."""
    return [element.proto.body for element in app.get("html") if 'class="gm-fold' in element.proto.body]


def column(table: str, name: str) -> list[str]:
    return re.findall(f'data-head="{name}">([^<]*)<', table)


def test_what_is_open_stands_at_the_top_with_what_improved(look):
    app = look(STEWARD)
    assert not app.exception
    assert app.header[0].value == "3 submissions need correcting: 7 rows were returned"
    text = text_of(app)
    assert "1 submission is mended" in text
    assert "1 had fewer rows returned on reading than then, 0 more" in text
    assert "1 file was refused whole" in text


def test_tables_hold_reasons_fields_and_counts(look):
    app = look(STEWARD)
    faults, submissions, *_ = tables_of(app)
    assert column(faults, "Field") == ["request_id", "requested_date, received_date", "technology"]
    assert column(faults, "Rows") == ["4", "2", "2"]
    assert column(submissions, "Returned") == ["4", "0", "3"]
    assert column(submissions, "State") == ["In use", "Refused", "In use"]
    assert "12 then, 3 now (improved)" in column(submissions, "Since the version before")


def test_no_row_that_was_returned_stands_on_the_page(look):
    assert "R900" not in text_of(look(STEWARD))


def test_a_letter_is_drawn_without_links_pictures_or_markup(look):
    app = look(STEWARD)
    app.selectbox(key="own_submission").select("testing__EDI__2026-09__v2").run()
    drawn = next(element for element in app.markdown if "Testing extract of Edinburgh" in element.value)
    assert "\\[here\\](http" in drawn.value
    assert "\\!\\[picture\\]" in drawn.value
    assert not drawn.allow_html
    assert len(app.get("download_button")) == 3


def test_a_refused_file_s_reason_makes_no_link(look):
    why = column(tables_of(look(STEWARD))[1], "Why")[1]
    assert "lacks [sex](http" in why
    assert "<a" not in why


@pytest.mark.parametrize(
    "reader",
    [
        demonstration(Role.VIEWER),
        demonstration(Role.PLANNER),
        demonstration(Role.BOARD_MANAGER, board="S08000024"),
        demonstration(Role.ADMINISTRATOR),
        demonstration(Role.STEWARD),
    ],
    ids=lambda reader: f"{sorted(reader.roles)}",
)
def test_everybody_else_gets_a_screen_and_nothing_of_it(look, reader):
    app = look(reader)
    assert not app.exception
    assert not tables_of(app)
    assert not app.get("download_button")
    assert "testing__EDI" not in text_of(app)


def test_the_steward_of_another_submitter_sees_the_own_alone(look):
    text = text_of(look(demonstration(Role.STEWARD, submitter="GLA"), own_submitter="EDI", submitter="EDI"))
    assert "Glasgow" in text
    assert "EDI" not in text
    assert "Edinburgh" not in text


def test_a_steward_of_several_chooses_among_these_alone(look):
    both = Reader("demonstration", "Both", STEWARD.roles, frozenset(), frozenset({"EDI", "GLA"}))
    app = look(both)
    assert app.selectbox(key="own_submitter").options == ["Edinburgh", "Glasgow"]
    app.selectbox(key="own_submitter").select("GLA").run()
    assert not app.exception
    assert app.header[0].value == "1 submission needs correcting: 2 rows were returned"


@pytest.mark.parametrize("address", ["../GLA/testing__GLA__2026-09__v1", "testing__GLA__2026-09__v1", "/etc/passwd"])
def test_a_file_in_the_address_changes_nothing(look, address):
    app = look(STEWARD, own_submission=address, file=address)
    assert not app.exception
    assert app.selectbox(key="own_submission").value == "turnaround__EDI__2026-10__v1"


def test_nothing_received_is_told(look, tmp_path):
    make_store(tmp_path, "empty")
    app = look(STEWARD, on=tmp_path)
    assert not app.exception
    assert app.header[0].value == "Nothing of Edinburgh has been received"


def test_nothing_to_correct_is_told(look):
    app = look(demonstration(Role.STEWARD, submitter="SGV"))
    assert not app.exception
    assert len(app.header) == 1


def test_a_damaged_register_gives_a_plain_message(look, tmp_path):
    make_store(tmp_path, "empty")
    (tmp_path / "register.sqlite").write_bytes(b"not a database" * 1000)
    app = look(STEWARD, on=tmp_path)
    assert not app.exception
    assert app.title[-1].value == "These figures cannot be shown just now"


def test_a_download_is_the_file_as_it_is_and_recorded(folder, recorded, monkeypatch):
    monkeypatch.setenv(ENVIRONMENT, str(folder))
    context = guard.Context(Snapshot(STEWARD), STEWARD)
    own = my_returns_show.open_returns(context)
    name = "testing__EDI__2026-09__v2.csv"
    made = my_returns_show._later(context, own, name)
    assert recorded == []
    assert made() == (folder / "returns" / "EDI" / name).read_bytes()
    assert recorded == [("download", "demonstration", "my_returns", {"submitter": "EDI", "file": name})]


def test_the_list_of_submissions_is_safe_to_open_in_a_spreadsheet(folder, recorded, monkeypatch):
    monkeypatch.setenv(ENVIRONMENT, str(folder))
    context = guard.Context(Snapshot(STEWARD), STEWARD)
    own = my_returns_show.open_returns(context)
    text = my_returns_show._list(context, own, "list.csv")().decode("utf-8-sig")
    assert len(text.splitlines()) == own.submissions.height + 1
    assert recorded[-1][0] == "download"


def test_the_data_refuse_where_the_page_s_guard_was_passed_by(folder, monkeypatch):
    monkeypatch.setenv(ENVIRONMENT, str(folder))
    viewer = demonstration(Role.VIEWER)
    forged = Reader("demonstration", "Forged", viewer.roles, frozenset(), frozenset({"EDI"}))
    with pytest.raises(NotAllowedError):
        my_returns_show.open_returns(guard.Context(Snapshot(viewer), forged))
