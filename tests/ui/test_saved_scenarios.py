"""Saved scenarios: who may, what is kept, and files that are none."""

from __future__ import annotations

import datetime as dt

import pytest

from capacity.scenarios import More, Scenario, to_json
from ui import saved_scenarios
from ui.access import NotAllowedError, Role, demonstration
from ui.saved_scenarios import SavingError, save, saved, take_away

PLANNER = demonstration(Role.PLANNER)
BUSY = Scenario("Busy", more=(More(0.1, dt.date(2027, 4, 1)),))


def test_what_is_saved_comes_back_and_can_be_taken_away(tmp_path):
    save(PLANNER, BUSY, tmp_path)
    assert saved(tmp_path) == [BUSY]
    assert [path.name for path in (tmp_path / "scenarios").iterdir()] == [f"{BUSY.hash}.json"]
    take_away(PLANNER, BUSY, tmp_path)
    take_away(PLANNER, BUSY, tmp_path)
    assert saved(tmp_path) == []


def test_the_same_suppositions_are_kept_once_under_the_newest_name(tmp_path):
    save(PLANNER, BUSY, tmp_path)
    save(PLANNER, Scenario("Busier", more=BUSY.more), tmp_path)
    assert [one.name for one in saved(tmp_path)] == ["Busier"]


def test_only_planners_save_and_take_away(tmp_path):
    for act in (save, take_away):
        with pytest.raises(NotAllowedError):
            act(demonstration(Role.VIEWER), BUSY, tmp_path)


def test_files_that_hold_no_scenario_are_passed_over(tmp_path):
    place = tmp_path / "scenarios"
    place.mkdir()
    (place / "aaaaaaaaaaaa.json").write_text("{}")
    (place / "bbbbbbbbbbbb.json").write_bytes(b"\xff\xfe")
    (place / "cccccccccccc.json").write_text(" " * 30_000)
    (place / "another name.json").write_text(to_json(BUSY))
    (place / "dddddddddddd.json").symlink_to(place / "another name.json")
    assert saved(tmp_path) == []
    assert saved(tmp_path / "nowhere") == []


def test_a_full_folder_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(saved_scenarios, "MOST", 1)
    save(PLANNER, BUSY, tmp_path)
    with pytest.raises(SavingError, match="Take one away"):
        save(PLANNER, Scenario("Other", more=(More(0.2, dt.date(2027, 4, 1)),)), tmp_path)


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "scenarios").write_text("a file")
    with pytest.raises(SavingError, match="cannot be written"):
        save(PLANNER, BUSY, tmp_path)


def test_a_full_disk_is_told_and_leaves_neither_half_a_file_nor_an_older_one_changed(tmp_path, monkeypatch):
    save(PLANNER, BUSY, tmp_path)

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(saved_scenarios.Path, "replace", full)
    with pytest.raises(SavingError, match="cannot be written"):
        save(PLANNER, Scenario("Busier", more=BUSY.more), tmp_path)
    assert saved(tmp_path) == [BUSY]
    assert [path.name for path in (tmp_path / "scenarios").iterdir()] == [f"{BUSY.hash}.json"]
