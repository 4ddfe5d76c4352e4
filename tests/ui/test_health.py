"""ui/health.py: it says that the app serves only where a reader would get figures, in bounded time, and tells none."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import sqlite3
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from ui import audit, data, health, identity
from ui.access import AccessFileError
from ui.sessions import SessionsError

MADE = dt.datetime(2026, 11, 15, 8, tzinfo=dt.UTC)


def publish(folder: Path, name: str, *, synthetic: bool = True, months: Sequence[str] = ("2026-10-31",)) -> Path:
    """The least of a release that the check asks for, published; gives its store."""
    store = folder / "releases" / name / data.STORE
    store.parent.mkdir(parents=True)
    about = {"release_id": name, "created_at": MADE.isoformat(), "data_to": "2026-10-31"}
    with duckdb.connect(str(store)) as con:
        con.execute("CREATE TABLE cells (cube VARCHAR, period_end DATE)")
        con.executemany("INSERT INTO cells VALUES (?, ?)", [("board", "2026-11-30"), *(("", day) for day in months)])
        con.execute("CREATE TABLE release (key VARCHAR, value VARCHAR)")
        con.executemany("INSERT INTO release VALUES (?, ?)", [*about.items(), ("is_synthetic", str(synthetic).lower())])
    (folder / "releases" / "current").write_text(f"{name}\n")
    return store


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """A data folder with a synthetic release."""
    publish(tmp_path, "r1")
    return tmp_path


@pytest.fixture
def signed_in(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Sign-in is configured; `problem` is what stands in the way of every sign-in."""
    state = SimpleNamespace(problem=None)

    def check() -> None:
        if state.problem:
            raise state.problem

    monkeypatch.setattr(identity, "is_configured", lambda: True)
    monkeypatch.setattr(identity, "sessions", lambda: SimpleNamespace(check_writable=check))
    return state


def test_a_release_that_can_be_shown_is_told_with_its_age_and_nothing_else(full):
    found = health.look(full, MADE + dt.timedelta(hours=2))
    assert found.is_serving
    assert dict(found.told) == {
        "status": "ok", "release": "r1", "data_to": "2026-10-31", "age_seconds": 7200,
    }  # fmt: skip
    assert json.loads(json.dumps(found.told)) == found.told


def test_without_a_release_it_fails_and_says_so(tmp_path):
    assert health.look(tmp_path) == health.failing("No release has been published yet.")


def test_a_damaged_store_fails_however_often_it_is_asked(tmp_path):
    publish(tmp_path, "damaged").write_bytes(b"x" * 40_000)
    for _ in range(3):
        assert health.look(tmp_path) == health.failing("The current release cannot be opened.")


def test_a_store_that_is_gone_fails_though_its_handle_is_still_open(tmp_path):
    store = publish(tmp_path, "gone")
    assert health.look(tmp_path).is_serving
    store.unlink()
    assert health.look(tmp_path) == health.failing("The current release cannot be opened.")


@pytest.mark.parametrize("lost", [b"x" * 40_000, None])
def test_it_is_degraded_where_readers_are_shown_the_release_before_one_that_is_lost(tmp_path, lost):
    publish(tmp_path, "r1")
    store = publish(tmp_path, "r2")
    store.write_bytes(lost) if lost else store.unlink()
    (tmp_path / "releases" / data.PUBLISHED).write_text("r1\nr2\n")
    found = health.look(tmp_path)
    assert (found.status, found.told["release"], found.told["notes"]) == (200, "r1", [health.STANDS_IN])


def test_a_release_without_a_row_of_figures_fails(tmp_path):
    publish(tmp_path, "rowless", months=())
    assert health.look(tmp_path) == health.failing("The current release holds no figures.")


def test_real_figures_without_sign_in_fail_as_no_reader_gets_them(tmp_path):
    publish(tmp_path, "real", synthetic=False)
    assert health.look(tmp_path) == health.failing(health.REAL_WITHOUT_SIGN_IN)


def test_real_figures_with_sign_in_are_served(tmp_path, signed_in):
    publish(tmp_path, "real", synthetic=False)
    assert health.look(tmp_path).told["status"] == "ok"


@pytest.mark.parametrize("problem", [AccessFileError("access.yml: no"), SessionsError("sessions.sqlite: no")])
def test_where_nobody_could_sign_in_it_fails_without_telling_what_is_wrong(full, signed_in, problem):
    signed_in.problem = problem
    assert health.look(full) == health.failing(health.NOT_SET_UP)


def test_a_full_disk_fails_where_views_must_be_recorded(full, signed_in, monkeypatch):
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _: SimpleNamespace(free=10))
    assert health.look(full) == health.failing(health.NO_ROOM)


def register(folder: Path, rows: Sequence[str]) -> None:
    with sqlite3.connect(folder / data.REGISTER) as con:
        con.execute(f"CREATE TABLE submissions ({', '.join([*data.SUBMISSIONS, 'submitter'])})")
        for row in rows:
            con.execute(row)
        con.execute("CREATE TABLE build_returns (submission_id, reason, rows)")


def test_a_register_that_cannot_be_read_is_a_note_as_the_figures_are_still_shown(tmp_path):
    publish(tmp_path, "noted")
    register(tmp_path, [])
    assert health.look(tmp_path).told["status"] == "ok"
    (tmp_path / data.REGISTER).write_bytes(b"no register" * 1000)
    found = health.look(tmp_path)
    assert (found.status, found.told["status"]) == (200, "degraded")
    assert found.told["notes"] == ["The register of submissions cannot be read."]


def test_records_that_are_missing_in_the_trail_are_a_note(full, monkeypatch):
    monkeypatch.setattr(audit, "missed", lambda: 2)
    found = health.look(full)
    assert found.told["status"] == "degraded"
    assert "2" not in "".join(found.told["notes"])


def test_who_asks_often_gets_the_last_answer_and_who_asks_later_a_new_one():
    looks: list[int] = []

    def look() -> health.Health:
        looks.append(1)
        return health.failing(str(len(looks)))

    async def ask() -> list[str]:
        watch = health.Watch(look, kept=0.2)
        told = [(await watch.answer()).told["reason"] for _ in range(5)]
        await asyncio.sleep(0.25)
        return [*told, (await watch.answer()).told["reason"]]

    assert asyncio.run(ask()) == ["1"] * 5 + ["2"]


def test_a_look_that_hangs_fails_in_time_and_ties_up_one_thread_however_often_it_is_asked():
    release, begun = threading.Event(), []

    def hang() -> health.Health:
        begun.append(1)
        release.wait(20)
        return health.Health(200, {"status": "ok"})

    async def ask() -> list[health.Health]:
        watch = health.Watch(hang, seconds=0.1)
        start = time.monotonic()
        told = [*await asyncio.gather(*(watch.answer() for _ in range(8))), await watch.answer()]
        took = time.monotonic() - start
        release.set()
        later = health.Watch.answer(watch)
        assert took < 5
        return [*told, await later]

    *told, last = asyncio.run(ask())
    assert told == [health.failing(health.TOO_SLOW)] * 9
    assert last.is_serving
    assert begun == [1]
