"""ui/guard.py: the menu and the pages by role, the role picker of a demonstration, and what is recorded."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from catalogue.contracts import ROOT
from tests.pages.conftest import as_served, open_page, stores, text_of  # noqa: F401 - fixtures
from tests.pages.page_tables import tables
from tests.ui.store import make_store
from ui import access, audit, guard, identity, refusals, role_picker
from ui.access import Role
from ui.sessions import Sessions, SessionsError

FIFE = "S08000029"
PAGES = sorted(path for path in (ROOT / "pages").glob("*.py") if path.stem != "__init__")
OF_EVERYBODY = {
    "Home",
    "Aims",
    "Outcomes",
    "Evidence for an aim",
    "RE-AIM",
    "Programme",
    "Turnaround",
    "Where it is stuck",
    "Fair comparison",
    "Signals",
    "Outlook",
    "Capacity",
    "Workforce",
    "Demand",
    "Waits and answers",
    "Gap scanner",
    "Diversity of what is known",
    "Equity summary",
    "Data quality",
    "Ethnicity recording",
    "Who is reached",
    "Definitions",
    "Glossary",
    "Changes since the last release",
    "Cited figure",
}
OF_A_ROLE = {
    Role.VIEWER: set(),
    Role.BOARD_MANAGER: {"My board"},
    Role.PLANNER: {"Assumptions", "Scenarios"},
    Role.STEWARD: {"My returns"},
    Role.ADMINISTRATOR: {"Administration"},
}


def menu(app: AppTest) -> set[str]:
    """The pages that the sidebar links to."""
    return {link.proto.label for link in app.sidebar.get("page_link")}


def recorded(folder: Path) -> list[dict[str, object]]:
    """What the audit trail of a data folder holds."""
    lines = [line for file in sorted((folder / "audit").glob("*.jsonl")) for line in file.read_text().splitlines()]
    return [json.loads(line) for line in lines]


def needs_of(path: Path) -> Role:
    """The role that a page insists on, as its code has it."""
    calls = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "page"
    ]
    assert len(calls) == 1, path.name
    return Role[ast.unparse(calls[0].args[0]).rpartition(".")[2]] if calls[0].args else Role.VIEWER


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_first_line_of_every_page_is_the_guard(path):
    code = ast.parse(path.read_text(encoding="utf-8")).body
    statements = [node for node in code if not isinstance(node, ast.Import | ast.ImportFrom)][1:]
    assert ast.unparse(statements[0]).startswith("ctx = page(")


def test_the_menu_asks_of_each_page_what_the_page_asks():
    tree = ast.parse((ROOT / "app.py").read_text(encoding="utf-8"))
    given = {
        ast.unparse(node.targets[0]): node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
    }
    needs = {key.value: Role[value.attr] for key, value in zip(given["NEEDS"].keys, given["NEEDS"].values, strict=True)}
    listed = {}
    for group, members in zip(given["PAGES"].keys, given["PAGES"].values, strict=True):
        for member in members.elts:
            listed[member.args[0].value] = needs.get(group.value, Role.VIEWER)
    assert listed == {f"pages/{path.name}": needs_of(path) for path in PAGES}


@pytest.mark.parametrize("role", Role)
def test_the_menu_lists_what_the_role_may_open(open_page, role):  # noqa: F811
    app = open_page("home")
    app.sidebar.selectbox(role_picker.ROLE).set_value(role).run()
    assert not app.exception
    assert menu(app) == OF_EVERYBODY | OF_A_ROLE[role]


@pytest.mark.parametrize(
    "path", [path for path in PAGES if needs_of(path) is not Role.VIEWER], ids=lambda path: path.stem
)
@pytest.mark.parametrize("role", Role)
def test_a_deep_link_to_a_page_of_another_role_is_refused(open_page, path, role):  # noqa: F811
    app = open_page(path.stem)
    app.sidebar.selectbox(role_picker.ROLE).set_value(role).run()
    assert not app.exception
    refused = app.title[0].value == "You cannot open this page"
    assert refused == (role is not needs_of(path))
    if refused:
        assert not app.main.get("plotly_chart")
        assert not tables(app)
        assert f"Pick **{access.ROLE_WORDS[needs_of(path)]}**" in text_of(app)


def test_a_role_switched_in_mid_session_is_gone_at_once(open_page):  # noqa: F811
    app = open_page("administration")
    app.sidebar.selectbox(role_picker.ROLE).set_value(Role.ADMINISTRATOR).run()
    assert app.title[0].value == "Administration"
    app.sidebar.selectbox(role_picker.ROLE).set_value(Role.VIEWER).run()
    assert app.title[0].value == "You cannot open this page"
    assert "Administration" not in menu(app)


def test_board_and_submitter_are_asked_for_in_their_roles_only(open_page):  # noqa: F811
    app = open_page("home")
    assert [box.label for box in app.sidebar.selectbox] == ["Look as"]
    app.sidebar.selectbox(role_picker.ROLE).set_value(Role.BOARD_MANAGER).run()
    assert [box.label for box in app.sidebar.selectbox] == ["Look as", "Health board"]
    assert len(app.sidebar.selectbox(role_picker.BOARD).options) == 14
    app.sidebar.selectbox(role_picker.ROLE).set_value(Role.STEWARD).run()
    assert [box.label for box in app.sidebar.selectbox] == ["Look as", "Submitter"]
    assert len(app.sidebar.selectbox(role_picker.SUBMITTER).options) == len(access.submitters())


@pytest.mark.parametrize(
    ("role", "board"), [("administrator'; --", FIFE), (["administrator"], FIFE), (None, None), (7, 7), ("", {"a": 1})]
)
def test_a_role_that_is_none_is_that_of_a_viewer(monkeypatch, role, board):
    monkeypatch.setattr(role_picker.st, "session_state", {role_picker.ROLE: role, role_picker.BOARD: board})
    assert role_picker.chosen_role().roles == {Role.VIEWER}


def test_a_picked_board_is_kept_while_the_reader_goes_from_page_to_page(open_page):  # noqa: F811
    app = open_page("home")
    app.sidebar.selectbox(role_picker.ROLE).set_value(Role.BOARD_MANAGER).run()
    app.sidebar.selectbox(role_picker.BOARD).set_value(FIFE).run()
    app.switch_page("pages/definitions.py").run()
    assert app.sidebar.selectbox(role_picker.BOARD).value == FIFE


def signed_in(monkeypatch: pytest.MonkeyPatch, folder: Path, claims: dict[str, object] | None) -> None:
    """Sign-in is configured, and the session of this run has these claims."""
    own = folder / "access.yml"
    text = access.DEFAULT.read_text(encoding="utf-8").replace("issuers: {}", "issuers: {'https://a.scot': [d]}")
    own.write_text(text, encoding="utf-8")
    monkeypatch.setenv(access.ENVIRONMENT, str(own))
    monkeypatch.setattr(identity, "is_configured", lambda: True)
    monkeypatch.setattr(identity, "providers", lambda: [None])
    monkeypatch.setattr(identity, "claims_of_run", lambda: claims)


CLAIMS = {
    "iss": "https://a.scot",
    "sub": "s",
    "aud": "d",
    "exp": 4_000_000_000,
    "nonce": "n",
    "roles": "genomics-viewer",
}


@pytest.fixture
def real(tmp_path: Path) -> Path:
    """A data folder with a real release."""

    make_store(tmp_path, "full", synthetic=False)
    return tmp_path


def begin(folder: Path, claims: dict[str, object]) -> None:
    """Begins a session."""
    Sessions(folder, access.rules().limits).begin(claims)


def test_a_signed_in_viewer_sees_a_real_release_without_picker_or_banner(open_page, real, monkeypatch):  # noqa: F811
    signed_in(monkeypatch, real, {**CLAIMS, "name": "Vera <b>Viewer</b>"})
    begin(real, {**CLAIMS, "name": "Vera <b>Viewer</b>"})
    app = open_page("turnaround", real)
    assert not app.exception
    assert not app.sidebar.selectbox
    assert not [note for note in app.warning if "Synthetic" in note.value]
    assert menu(app) == OF_EVERYBODY
    assert "Vera <b>Viewer</b>" in [text.value for text in app.sidebar.text]
    assert [button.label for button in app.sidebar.button] == ["Sign out"]


def test_a_role_picked_before_counts_for_nothing_once_sign_in_is_configured(open_page, real, monkeypatch):  # noqa: F811
    signed_in(monkeypatch, real, CLAIMS)
    begin(real, CLAIMS)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.session_state[role_picker.ROLE] = Role.ADMINISTRATOR
    monkeypatch.setenv("GENOMICS_DATA", str(real))
    app.run()
    app.switch_page("pages/administration.py").run()
    assert app.title[0].value == "You cannot open this page"
    assert "reader code" in text_of(app)


def test_signed_out_nothing_is_listed_and_signing_in_is_offered(open_page, real, monkeypatch):  # noqa: F811
    signed_in(monkeypatch, real, None)
    app = open_page("home", real)
    assert app.title[0].value == "Sign in to see the figures"
    assert [button.label for button in app.button] == ["Sign in"]
    assert menu(app) == set()


def test_several_sign_in_services_have_a_button_each(open_page, real, monkeypatch):  # noqa: F811
    signed_in(monkeypatch, real, None)
    monkeypatch.setattr(identity, "providers", lambda: ["nhs", "gov"])
    assert [button.label for button in open_page("home", real).button] == ["Sign in with nhs", "Sign in with gov"]


def test_where_sessions_cannot_be_kept_nobody_gets_in(open_page, real, monkeypatch):  # noqa: F811
    signed_in(monkeypatch, real, CLAIMS)
    (real / "audit").write_text("in the way")
    app = open_page("home", real)
    assert app.title[0].value == "These figures cannot be shown just now"
    assert "Sign-in is not set up correctly" in app.error[0].value
    assert str(real) not in text_of(app)


def test_a_view_that_cannot_be_recorded_is_not_shown(open_page, real, monkeypatch):  # noqa: F811
    signed_in(monkeypatch, real, CLAIMS)
    begin(real, CLAIMS)

    def full_disk(*_: object) -> None:
        raise audit.NotRecordedError("What you asked for could not be recorded in the audit trail, so it is not shown.")

    monkeypatch.setattr(audit, "record", full_disk)
    app = open_page("turnaround", real)
    assert "could not be recorded" in app.error[0].value
    assert not app.get("plotly_chart")
    assert "Dundee" not in text_of(app)


def test_a_view_is_recorded_once_for_each_choice_of_filters(open_page, tmp_path):  # noqa: F811

    make_store(tmp_path, "full")
    app = open_page("turnaround", tmp_path, view="Laboratory", lab="Dundee", note="ignored")
    app.run()
    app.run()
    views = [line for line in recorded(tmp_path) if line["what"] == "view"]
    told = [(line["where"], line["reader"], line["detail"]) for line in views]
    assert told[-1] == ("turnaround", "demonstration", {"lab": "Dundee", "view": "Laboratory"})
    assert len(told) == len({json.dumps(one) for one in told})


def test_a_picked_role_is_recorded(open_page, tmp_path):  # noqa: F811

    make_store(tmp_path, "empty")
    app = open_page("home", tmp_path)
    app.sidebar.selectbox(role_picker.ROLE).set_value(Role.STEWARD).run()
    app.run()
    assert [line["detail"] for line in recorded(tmp_path) if line["what"] == "role"] == [{"role": "steward"}]


def test_strangers_cannot_fill_the_trail_and_known_readers_are_always_recorded(monkeypatch):
    told: list[str] = []
    monkeypatch.setattr(audit, "record", lambda _, key, *__: told.append(key))
    monkeypatch.setattr(refusals, "_RECENT", refusals._Recent())
    for _ in range(refusals.OF_STRANGERS * 3):
        refusals.record_refusal("", "media", "signed_out")
        refusals.record_refusal("0123456789abcdef", "media", "ended")
    assert (told.count(""), told.count("0123456789abcdef")) == (refusals.OF_STRANGERS, refusals.OF_STRANGERS * 3)


def test_signing_out_ends_the_session_and_is_recorded_once(real, monkeypatch):
    signed_in(monkeypatch, real, CLAIMS)
    monkeypatch.setenv("GENOMICS_DATA", str(real))
    begin(real, CLAIMS)
    monkeypatch.setattr(guard.st, "logout", lambda: None)
    guard.sign_out()
    guard.sign_out()
    assert [line["what"] for line in recorded(real)] == ["sign_out"]
    with pytest.raises(access.NotAllowedError):
        identity.signed_in(CLAIMS, is_click=True)


def test_a_session_table_that_fails_on_sign_out_does_not_look_like_a_sign_out(real, monkeypatch):
    signed_in(monkeypatch, real, CLAIMS)
    monkeypatch.setenv("GENOMICS_DATA", str(real))
    (real / "audit").write_text("in the way")
    with pytest.raises(SessionsError):
        guard.sign_out()
