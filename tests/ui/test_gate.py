"""ui/gate.py: what Streamlit answers without a page goes to a living sign-in only, and only what was offered to it."""

from __future__ import annotations

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from ui import access, gate, identity
from ui.access import NotAllowedError, Reader, Role
from ui.sessions import SessionsError

FILE, BUTTON = "0123456789abcdef" * 2, "fedcba9876543210" * 2
TABLE = "00112233445566778899aabbccddeeff"


def frames() -> list[bytes]:
    """Messages to a browser with a file, a button and a table."""
    address, button, table = ForwardMsg(hash="a" * 32), ForwardMsg(hash="b" * 32), ForwardMsg(hash="c" * 32)
    address.backend_operation_response.deferred_file.url = f"/media/{FILE}.csv"
    button.delta.new_element.download_button.deferred_file_id = BUTTON
    table.delta.new_element.dataframe.lazy_data.source_id = TABLE
    return [message.SerializeToString() for message in (address, button, table)]


VIEWER = Reader("k", "", frozenset({Role.VIEWER}))
MANAGER = Reader("k", "", frozenset({Role.VIEWER, Role.BOARD_MANAGER}), frozenset({"S08000029"}))


@pytest.fixture
def who(monkeypatch):
    """Sign-in is configured; `who["reader"]` is signed in, and an error in its place is raised."""
    known: dict[str, object] = {"reader": VIEWER, "claims": {"sub": "a"}}

    def signed_in(claims, *, is_click):
        assert not is_click
        if isinstance(known["reader"], Exception):
            raise known["reader"]
        return known["reader"]

    monkeypatch.setattr(identity, "is_configured", lambda: True)
    monkeypatch.setattr(identity, "claims_of_cookies", lambda _: known["claims"])
    monkeypatch.setattr(identity, "signed_in", signed_in)
    monkeypatch.setattr(gate, "_OFFERS", gate.Offers())
    monkeypatch.setattr(gate, "record_refusal", lambda *_: None)
    return known


def rerun(fragment: str = "") -> BackMsg:
    """A message that asks for a page, or for a part of it."""
    message = BackMsg()
    message.rerun_script.page_name = "turnaround"
    message.rerun_script.fragment_id = fragment
    return message


def make(button: str) -> BackMsg:
    """A click on a download button."""
    message = BackMsg()
    message.backend_operation_request.deferred_file.file_id = button
    return message


def read_on(table: str) -> BackMsg:
    """Scrolling on in a table that is sent piece by piece."""
    message = BackMsg()
    message.backend_operation_request.dataframe_chunk.source_id = table
    return message


def offered(tab: gate.Connection) -> None:
    """A page was made for the tab, with a file and a button."""
    assert tab.lets_through(rerun())
    for frame in frames():
        tab.note_sent(frame)


def test_a_file_and_a_button_are_of_use_once_they_were_offered(who):
    tab = gate.Connection({})
    assert not gate.gives_file({}, f"/media/{FILE}.csv")
    assert not tab.lets_through(make(BUTTON))
    offered(tab)
    assert gate.gives_file({}, f"/media/{FILE}.csv")
    assert tab.lets_through(make(BUTTON))
    assert tab.lets_through(read_on(TABLE))
    for other in ("0" * 32, "a" * 32, "b" * 32):
        assert not tab.lets_through(make(other))
    assert not tab.lets_through(make(""))


def test_another_sign_in_and_another_role_have_no_use_of_them(who):
    offered(gate.Connection({}))
    who["claims"] = {"sub": "b"}
    assert not gate.gives_file({}, f"/media/{FILE}.csv")
    assert not gate.Connection({}).lets_through(make(BUTTON))


def test_who_loses_a_role_loses_the_files_that_were_offered_in_it(who):
    who["reader"] = MANAGER
    tab = gate.Connection({})
    offered(tab)
    who["reader"] = VIEWER
    assert not gate.gives_file({}, f"/media/{FILE}.csv")
    assert not tab.lets_through(make(BUTTON))
    who["reader"] = MANAGER
    assert gate.gives_file({}, f"/media/{FILE}.csv")


@pytest.mark.parametrize(
    "problem", [NotAllowedError("over", "idle"), SessionsError("broken"), access.AccessFileError("broken")]
)
def test_after_the_end_whole_pages_may_be_asked_for_and_nothing_else(who, problem):
    tab = gate.Connection({})
    offered(tab)
    who["reader"] = problem
    assert not gate.gives_file({}, f"/media/{FILE}.csv")
    assert not tab.lets_through(make(BUTTON))
    part = rerun("a part of the page")
    assert tab.lets_through(part)
    assert part.rerun_script.fragment_id == ""
    heartbeat = BackMsg()
    heartbeat.app_heartbeat = True
    assert tab.lets_through(heartbeat)


def test_what_is_sent_after_the_end_is_offered_to_nobody(who):
    tab = gate.Connection({})
    who["reader"] = NotAllowedError("over", "idle")
    offered(tab)
    who["reader"] = VIEWER
    assert not gate.gives_file({}, f"/media/{FILE}.csv")


def test_a_living_sign_in_may_redraw_a_part_of_a_page(who):
    part = rerun("a part of the page")
    assert gate.Connection({}).lets_through(part)
    assert part.rerun_script.fragment_id == "a part of the page"


def test_without_sign_in_configured_everything_is_as_it_was(monkeypatch):
    monkeypatch.setattr(identity, "is_configured", lambda: False)
    tab = gate.Connection({})
    assert tab.lets_through(make(BUTTON))
    assert gate.gives_file({}, f"/media/{FILE}.csv")
    tab.note_sent(frames()[0])


def test_offers_are_remembered_within_bounds():
    offers = gate.Offers()
    for number in range(gate.OFFERS_KEPT + 10):
        offers.note("me", b" /media/%032x.csv" % number)
    assert not offers.has("me", f"{0:032x}")
    assert offers.has("me", f"{gate.OFFERS_KEPT:032x}")
    for number in range(gate.SIGN_INS_KEPT + 10):
        offers.note(str(number), frames()[0])
    assert not offers.has("me", f"{gate.OFFERS_KEPT:032x}")
    assert len(offers._held) == gate.SIGN_INS_KEPT


@pytest.mark.parametrize(
    ("base", "path", "is_file"),
    [
        ("", "/media/a.csv", True),
        ("", "/media/", True),
        ("", "/static/media/font.woff2", False),
        ("", "/media", False),
        ("/genomics/", "/genomics/media/a.csv", True),
        ("genomics", "/media/a.csv", False),
        ("genomics", "/genomics/static/media/font.woff2", False),
    ],
)
def test_a_file_of_a_page_is_told_from_the_apps_own(monkeypatch, base, path, is_file):
    monkeypatch.setattr(gate.config, "get_option", lambda name: {"server.baseUrlPath": base}[name])
    assert gate.is_file(path) is is_file
