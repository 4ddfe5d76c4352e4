"""Saved scenarios: who may, what is kept, and files that are none."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pytest

from capacity.scenarios import More, Scenario, to_json
from ui import saved_scenarios
from ui.access import NotAllowedError, Role, demonstration
from ui.audit import NotRecordedError
from ui.saved_scenarios import Saved, SavingError, save, saved, take_away

NOTHING = Saved([], 0)
PLANNER = demonstration(Role.PLANNER)
BUSY = Scenario("Busy", more=(More(0.1, dt.date(2027, 4, 1)),))


def test_what_is_saved_comes_back_and_can_be_taken_away(tmp_path):
    save(PLANNER, BUSY, tmp_path)
    assert saved(tmp_path) == Saved([BUSY], 0)
    assert [path.name for path in (tmp_path / "scenarios").iterdir()] == [f"{BUSY.hash}.json"]
    take_away(PLANNER, BUSY, tmp_path)
    take_away(PLANNER, BUSY, tmp_path)
    assert saved(tmp_path) == NOTHING


def test_the_same_suppositions_are_kept_once_under_the_newest_name(tmp_path):
    save(PLANNER, BUSY, tmp_path)
    save(PLANNER, Scenario("Busier", more=BUSY.more), tmp_path)
    assert [one.name for one in saved(tmp_path).scenarios] == ["Busier"]


def test_only_planners_save_and_take_away(tmp_path):
    for act in (save, take_away):
        with pytest.raises(NotAllowedError):
            act(demonstration(Role.VIEWER), BUSY, tmp_path)


def test_files_that_hold_no_scenario_are_counted_and_logged(tmp_path, caplog):
    place = tmp_path / "scenarios"
    place.mkdir()
    (place / "aaaaaaaaaaaa.json").write_text("{}")
    (place / "bbbbbbbbbbbb.json").write_bytes(b"\xff\xfe")
    (place / "cccccccccccc.json").write_text(" " * 30_000)
    (place / "another name.json").write_text(to_json(BUSY))
    (place / "dddddddddddd.json").symlink_to(place / "another name.json")
    (place / "eeeeeeeeeeee.json").write_text(to_json(BUSY))
    (place / "notes.txt").write_text("no scenario, and not taken for one")
    assert saved(tmp_path) == Saved([], 6)
    assert len(caplog.records) == 6
    assert "It holds another scenario than its name says." in caplog.text
    assert saved(tmp_path / "nowhere") == NOTHING


def test_who_saved_and_took_away_what_and_when_stands_in_the_audit_trail_without_values(tmp_path, monkeypatch):
    monkeypatch.setenv("GENOMICS_DATA", str(tmp_path))
    save(PLANNER, BUSY, tmp_path)
    take_away(PLANNER, BUSY, tmp_path)
    lines = [json.loads(line) for path in (tmp_path / "audit").glob("*.jsonl") for line in path.open()]
    assert [(line["what"], line["reader"], line["where"], line["detail"]) for line in lines] == [
        (what, PLANNER.key, f"scenarios/{BUSY.hash[:8]}", {}) for what in ("save", "take_away")
    ]
    assert all(line["when"] for line in lines)


def test_a_signed_in_planner_saves_nothing_that_cannot_be_recorded(tmp_path, monkeypatch):
    monkeypatch.setenv("GENOMICS_DATA", str(tmp_path))
    (tmp_path / "audit").write_text("a file")
    signed_in = replace(PLANNER, key="a-person")
    for act in (save, take_away):
        with pytest.raises(NotRecordedError, match="it is not done"):
            act(signed_in, BUSY, tmp_path)
    assert saved(tmp_path) == NOTHING


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
    assert saved(tmp_path) == Saved([BUSY], 0)
    assert [path.name for path in (tmp_path / "scenarios").iterdir()] == [f"{BUSY.hash}.json"]
