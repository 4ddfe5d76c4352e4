"""What is made before readers ask: by nobody, for everybody, in idle time, and never in anybody's way."""

from __future__ import annotations

import gc
import logging
import shutil
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import duckdb
import pytest

from ui import beforehand, data, first_views, identity, made_once, turns
from ui.data import Snapshot


@pytest.fixture(autouse=True)
def own(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing is kept from other tests, and a look at the pointer file does not keep them waiting."""
    monkeypatch.setattr(beforehand, "LOOKS_EVERY", 0.05)
    monkeypatch.setattr(beforehand, "QUIET", 0.0)
    caplog.set_level(logging.INFO, beforehand.__name__)
    made_once.forget()
    yield
    made_once.forget()


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two pages alone."""
    monkeypatch.setattr(first_views, "FIRST", {name: first_views.FIRST[name] for name in ("aims", "definitions")})


def until(holds: Callable[[], bool]) -> bool:
    """Whether something comes to hold within some seconds."""
    end = time.monotonic() + 30
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


def publish(folder: Path, full: Path, name: str, synthetic: str = "true") -> Path:
    """Publishes a copy of the full release under another name, in less time than making one; gives its store."""
    (made,) = (full / "releases").glob("*/protected.duckdb")
    store = folder / "releases" / name / "protected.duckdb"
    store.parent.mkdir(parents=True)
    shutil.copy(made, store)
    with duckdb.connect(str(store)) as con:
        con.executemany(
            "UPDATE release SET value = ? WHERE key = ?", [(name, "release_id"), (synthetic, "is_synthetic")]
        )
    (folder / "releases" / "current").write_text(f"{name}\n", encoding="utf-8")
    return store


def files(folder: Path) -> set[str]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_the_log_says_when_it_begins_and_when_it_ends_with_how_much_and_how_long(full, caplog, few):
    beforehand.Keeper(full).make_first_views()
    begins, ends = (record.getMessage() for record in caplog.records)
    assert begins.startswith("first views of release 20261115T080000Z-full: being made")
    assert "4 parts made in " in ends


@pytest.mark.slow
def test_no_record_is_written_nor_anything_else(full):
    held = files(full)
    beforehand.Keeper(full).make_first_views()
    assert files(full) == held


@pytest.mark.slow
def test_nothing_that_is_kept_holds_on_to_who_it_was_made_for(full):
    snapshot = Snapshot(beforehand.demonstration(), full)
    gone = weakref.ref(snapshot)
    for _ in beforehand._made(first_views.first(snapshot), "test"):
        pass
    del snapshot
    gc.collect()
    assert gone() is None


def test_a_real_release_without_sign_in_is_not_made_and_the_log_says_why(full, tmp_path, caplog):
    publish(tmp_path, full, "r1", synthetic="false")
    with made_once.watched() as names:
        beforehand.Keeper(tmp_path).make_first_views()
    assert names == []
    (line,) = (record.getMessage() for record in caplog.records)
    assert "sign-in is not configured" in line


def test_with_sign_in_a_real_release_is_made_by_nobody_with_the_role_of_a_viewer(full, tmp_path, monkeypatch, few):
    publish(tmp_path, full, "r1", synthetic="false")
    monkeypatch.setattr(identity, "is_configured", lambda: True)
    opened = beforehand._open(tmp_path)
    assert opened is not None
    assert (opened.reader.key, opened.reader.roles, opened.reader.boards) == ("", {"viewer"}, frozenset())
    with made_once.watched() as names:
        beforehand.Keeper(tmp_path).make_first_views()
    assert "ui.aims._aims" in names


def test_without_a_release_or_with_a_damaged_one_a_line_is_logged_and_nothing_else_happens(full, tmp_path, caplog):
    beforehand.Keeper(tmp_path / "none").make_first_views()
    store = publish(tmp_path / "damaged", full, "r1")
    store.write_bytes(b"no database")
    beforehand.Keeper(tmp_path / "damaged").make_first_views()
    told = [record.getMessage() for record in caplog.records if record.name == beforehand.__name__]
    assert told == [
        "nothing is made before readers ask: No release has been published yet.",
        "nothing is made before readers ask: The current release cannot be opened.",
    ]


def test_a_store_that_fails_in_the_middle_ends_it_with_a_line(full, tmp_path, caplog):
    store = publish(tmp_path, full, "r1")
    with duckdb.connect(str(store)) as con:
        con.execute("ALTER TABLE cells DROP COLUMN lower")
    beforehand.Keeper(tmp_path).make_first_views()
    told = [record for record in caplog.records if record.name == beforehand.__name__]
    assert [record.levelname for record in told] == ["INFO", "WARNING"]
    assert "cannot be made: The figures could not be read" in told[1].getMessage()


def test_a_page_that_fails_is_logged_by_its_name_and_the_others_are_made(full, monkeypatch, caplog):
    def fails(snapshot: Snapshot) -> Iterator[object]:
        yield 1 / 0

    pages = {"aims": first_views.FIRST["aims"], "turnaround": fails, "definitions": first_views.FIRST["definitions"]}
    monkeypatch.setattr(first_views, "FIRST", pages)
    with made_once.watched() as names:
        beforehand.Keeper(full).make_first_views()
    assert {"ui.aims._aims", "ui.definition_list._states_of"} <= {*names}
    (failed,) = (record for record in caplog.records if record.exc_info)
    assert "turnaround cannot be made" in failed.getMessage()


def test_whatever_else_goes_wrong_the_server_starts(full, monkeypatch, caplog):
    monkeypatch.setattr(beforehand, "_open", lambda _: 1 / 0)
    beforehand.Keeper(full).make_first_views()
    (failed,) = (record for record in caplog.records if record.exc_info)
    assert "cannot be made" in failed.getMessage()


@pytest.mark.parametrize(("said", "is_on"), [(None, True), ("", True), ("off", False), ("OFF", False)])
def test_the_environment_can_turn_it_off(monkeypatch, said, is_on):
    monkeypatch.delenv(beforehand.ENVIRONMENT, raising=False)
    if said is not None:
        monkeypatch.setenv(beforehand.ENVIRONMENT, said)
    assert beforehand.is_on() is is_on


def test_what_a_new_release_shows_waits_while_a_page_is_made_and_comes_when_none_is(full, tmp_path, few):
    publish(tmp_path, full, "r1")
    keeper = beforehand.Keeper(tmp_path)
    keeper.make_first_views()
    page = ExitStack()
    page.enter_context(turns.turn())
    with made_once.watched() as names, keeper.going_on():
        publish(tmp_path, full, "r2")
        time.sleep(0.4)
        assert names == []
        page.close()
        assert until(lambda: bool(names))


def test_each_release_that_is_published_is_made_once(full, tmp_path, few, caplog):
    keeper = beforehand.Keeper(tmp_path)
    keeper.make_first_views()
    with keeper.going_on():
        for name in ("r1", "r2"):
            publish(tmp_path, full, name)
            assert until(lambda name=name: f"first views of release {name}: 4 parts made" in caplog.text)
        time.sleep(0.2)
    assert caplog.text.count("parts made") == 2


def test_a_release_is_shown_while_it_is_not_made(full, tmp_path, few):
    publish(tmp_path, full, "r1")
    keeper = beforehand.Keeper(tmp_path)
    keeper.make_first_views()
    with turns.turn(), keeper.going_on():
        publish(tmp_path, full, "r2")
        assert Snapshot(beforehand.demonstration(), tmp_path).release.id == "r2"
    assert data.current_release(tmp_path) == "r2"


def test_the_thread_ends_with_the_server(full, few):
    keeper = beforehand.Keeper(full)
    keeper.make_first_views()
    with keeper.going_on():
        assert any(thread.name == "beforehand" for thread in threading.enumerate())
    assert until(lambda: not any(thread.name == "beforehand" for thread in threading.enumerate()))
