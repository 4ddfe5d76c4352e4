"""The Administration page: is the trail whole, what was looked at and refused, which releases are kept."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from catalogue.contracts import ROOT
from tests.pages.conftest import text_of
from tests.pages.page_tables import tables
from tests.ui.store import make_store
from tests.ui.trails import files_of, make_trail
from ui import audit, trail
from ui.access import Role
from ui.data import ENVIRONMENT

TODAY = dt.datetime.now(dt.UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with a release, its manifest, and a trail of this month and the one before."""
    st.cache_resource.clear()
    release(make_store(tmp_path, "empty").parent, "2026-11-15T08:00:00+00:00")
    return tmp_path


def release(folder: Path, made: str, *, synthetic: bool = True) -> None:
    """A manifest."""
    folder.mkdir(exist_ok=True)
    manifest = {
        "created_at": made,
        "is_synthetic": synthetic,
        "checks": {"not_applicable": 1, "warn": 3, "pass": 652},
        "set_aside": [{}],
        "disclosure": {"rules": "_hidden_ under 10", "attack_gate": {"told": 0, "seconds": 41.2, "passed": True}},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))


def recorded(folder: Path, **fields: object) -> None:
    """A record of the demonstration's own."""
    record = {"what": "view", "reader": "demonstration", "where": "home", "release": "", "detail": {}, **fields}
    trail.append(folder / "audit", [record])


def opened(folder: Path, monkeypatch: pytest.MonkeyPatch, role: Role = Role.ADMINISTRATOR) -> AppTest:
    """The page, as a reader of a role sees it."""
    monkeypatch.setenv(ENVIRONMENT, str(folder))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    app.selectbox(key="look_as").select(role).run()
    app.switch_page("pages/administration.py").run()
    assert not app.exception
    return app


@pytest.fixture
def open_as(monkeypatch: pytest.MonkeyPatch, as_served: None):
    return lambda folder, role=Role.ADMINISTRATOR: opened(folder, monkeypatch, role)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_every_other_role_is_turned_away_with_nothing_of_the_page_and_that_is_recorded(folder, open_as, role):
    recorded(folder, what="refused", where="my_board", detail={"reason": "wrong_board"})
    app = open_as(folder, role)
    assert app.title[0].value == "You cannot open this page"
    assert "Another health board" not in text_of(app)
    assert not tables(app)
    assert not app.get("plotly_chart")
    last = json.loads(files_of(folder / "audit")[-1].read_text().splitlines()[-1])
    assert (last["what"], last["where"], last["detail"]["reason"]) == ("refused", "administration", "wrong_role")


def test_a_whole_trail_is_said_to_be_whole_with_its_hash_and_what_was_looked_at(folder, open_as):
    for _ in range(3):
        recorded(folder)
    recorded(folder, what="download", where="some/figure")
    app = open_as(folder)
    titles = [header.value for header in app.header]
    assert titles[:3] == [
        "The audit trail is whole",
        "5 views and 1 download; nothing was refused",
        "No attempt was refused",
    ]
    assert f"python -m pipelines audit --head {json.loads((folder / 'audit' / 'head.json').read_text())['hash']}" in [
        code.value for code in app.code
    ]
    table, *_ = tables(app)
    assert list(table.value.iloc[0][["Views", "Downloads", "Refused attempts", "Readers"]]) == ["5", "1", "0", "1"]
    assert "5 views, 1 downloads" in app.get("plotly_chart")[0].proto.alt


def test_the_newest_refused_attempts_have_their_reasons_in_words(folder, open_as):
    recorded(folder, what="refused", reader="nobody", where="home", detail={"reason": "signed_out"})
    recorded(folder, what="refused", where="my_board", detail={"reason": "wrong_board"})
    app = open_as(folder)
    assert "2 attempts were refused" in [header.value for header in app.header]
    rows = next(table.value for table in tables(app) if "Why it was refused" in table.value.columns)
    assert list(rows["Why it was refused"]) == ["Another health board's figures", "Not signed in"]
    assert list(rows["Reader code"]) == ["demonstration", "nobody"]


def test_without_sign_in_nothing_of_signed_in_readers_is_told(folder, open_as):
    make_trail(folder / "audit", {f"{TODAY:%Y-%m}": 8})
    app = open_as(folder)
    assert "The audit trail is whole" in [header.value for header in app.header]
    assert "No attempt was refused" in [header.value for header in app.header]
    assert f"{1:016x}" not in text_of(app)


def test_a_broken_trail_is_the_finding_and_says_what_to_do(folder, open_as):
    for _ in range(5):
        recorded(folder)
    (path,) = files_of(folder / "audit")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:1] + lines[2:]))
    app = open_as(folder)
    assert app.header[0].value == "The audit trail is not whole"
    assert "Line 2 is altered, missing or out of its place" in app.error[0].value
    assert app.code[0].value == "python -m pipelines audit"


def test_what_was_mended_is_told(folder, open_as):
    recorded(folder)
    with files_of(folder / "audit")[0].open("ab") as file:
        file.write(b"half a line")
    recorded(folder)
    app = open_as(folder)
    assert app.header[0].value == "The audit trail is whole"
    assert "a record was cut short while it was written" in text_of(app)


def test_what_somebody_typed_is_shown_as_it_is(folder, open_as):
    recorded(folder, what="refused", where="![x](https://example.org/a_b_) <b>", detail={"reason": ":red[no]"})
    rows = next(table.value for table in open_as(folder).table if "Why it was refused" in table.value.columns)
    assert rows["What was asked for"][0] == r"\!\[x\](https\://example.org/a\_b\_) \<b\>"
    assert rows["Why it was refused"][0] == r"\:red\[no\]"


def test_the_releases_are_listed_newest_first_with_checks_and_disclosure_control(folder, open_as):
    release(folder / "releases" / "20260101T000000Z-older", "2026-01-01T00:00:00+00:00")
    release(folder / "releases" / "20270101T000000Z-newer", "2027-01-01T00:00:00+00:00")
    (folder / "releases" / "20250101T000000Z-damaged").mkdir()
    app = open_as(folder)
    assert app.header[-1].value == "4 releases are kept; the one of 15 November 2026 is being shown, and 1 is newer"
    rows = next(table.value for table in tables(app) if "Figures" in table.value.columns)
    assert list(rows["Release"])[1] == "20261115T080000Z-empty (current)"
    assert list(rows["Figures"]) == ["Synthetic", "Synthetic", "Synthetic", "Cannot be read"]
    assert rows["Checks"][1] == "652 passed, 3 warnings, 1 had nothing to check and 1 submission set aside"
    text = text_of(app)
    assert r"- Rules: \_hidden\_ under 10".replace(":", r"\:") in text
    assert "- Attack gate, passed\\: yes" in text
    assert any("verify" in warning.value for warning in app.warning)


def test_without_sign_in_a_real_release_is_not_listed(folder, open_as):
    release(folder / "releases" / "20260101T000000Z-real", "2026-01-01T00:00:00+00:00", synthetic=False)
    assert "20260101T000000Z-real" not in text_of(open_as(folder))


def test_a_trail_that_cannot_be_written_is_told_and_the_page_is_shown(folder, open_as, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(audit, "_MISSED", audit._Missed())
    monkeypatch.setattr(trail, "append", refuse)
    app = open_as(folder)
    assert app.header[0].value == "Nothing has been recorded yet"
    assert "cannot be written" in app.info[0].value


def test_a_trail_that_cannot_be_read_gives_a_plain_message(folder, open_as, monkeypatch):
    monkeypatch.setattr(audit, "_MISSED", audit._Missed())
    (folder / "audit").write_text("not a folder")
    assert open_as(folder).error[0].value == "The audit trail cannot be read."
