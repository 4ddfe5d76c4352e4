"""What the screens read of a trail: counts by day of the newest months, and whether the chain is whole."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

import pytest

from tests.ui.trails import files_of, make_trail
from ui import trail, trail_check

ALL = dt.date(2020, 1, 1)


def test_where_nothing_was_recorded_there_is_nothing_to_say(tmp_path: Path) -> None:
    assert trail_check.look(tmp_path, ALL, 10) is None
    assert trail_check.look(tmp_path / "absent", ALL, 10) is None


def test_records_are_counted_by_day_and_kind(tmp_path: Path) -> None:
    seen = trail_check.look(make_trail(tmp_path, {"2026-10": 28}), ALL, 10)
    assert (seen.problem, seen.lines, seen.number) == ("", 28, 28)
    assert sum(seen.by_day.values()) == 28
    assert seen.by_day["2026-10-04", "refused"] == 1
    assert seen.by_day["2026-10-07", "download"] == 1
    assert sum(count for (_, what), count in seen.by_day.items() if what == "refused") == 7
    assert seen.readers["2026-10-01"] == 1


def test_the_newest_refused_attempts_come_first(tmp_path: Path) -> None:
    seen = trail_check.look(make_trail(tmp_path, {"2026-10": 28}), ALL, 3)
    assert [when[:10] for when, *_ in seen.refused] == ["2026-10-28", "2026-10-24", "2026-10-20"]
    assert seen.refused[0][2:] == ("my_board", "wrong_role")


def test_only_the_months_asked_for_are_read(tmp_path: Path) -> None:
    make_trail(tmp_path)
    seen = trail_check.look(tmp_path, dt.date(2026, 10, 10), 10)
    assert (seen.problem, seen.lines) == ("", 5)
    assert min(day for day, _ in seen.by_day) >= "2026-10-10"


def test_a_newest_month_that_does_not_continue_the_one_before_it_is_found(tmp_path: Path) -> None:
    make_trail(tmp_path)
    files_of(tmp_path)[1].unlink()
    seen = trail_check.look(tmp_path, dt.date(2026, 10, 1), 10)
    assert "line 4 is altered, missing or out of its place" in seen.problem


def test_a_trail_that_ended_before_the_days_asked_for_is_whole_and_empty(tmp_path: Path) -> None:
    make_trail(tmp_path)
    seen = trail_check.look(tmp_path, dt.date(2027, 1, 1), 10)
    assert (seen.problem, seen.lines, seen.by_day) == ("", 0, {})


def test_a_newest_file_that_was_deleted_is_missed(tmp_path: Path) -> None:
    make_trail(tmp_path)
    files_of(tmp_path)[-1].unlink()
    assert "line 8 is missing" in trail_check.look(tmp_path, dt.date(2026, 10, 1), 10).problem


def test_counting_goes_on_after_a_line_that_is_altered(tmp_path: Path) -> None:
    make_trail(tmp_path)
    path = files_of(tmp_path)[0]
    path.write_bytes(path.read_bytes().replace(b"Fife", b"Bute", 1))
    seen = trail_check.look(tmp_path, ALL, 10)
    assert "line 1 is altered" in seen.problem
    assert seen.lines == 11


def test_of_some_readers_only_their_own_records_are_told_yet_the_whole_chain_is_checked(tmp_path: Path) -> None:
    make_trail(tmp_path)
    seen = trail_check.look(tmp_path, ALL, 10, frozenset({f"{1:016x}"}))
    assert sum(seen.by_day.values()) == 3
    assert seen.lines == 12
    assert set(seen.readers.values()) == {1}


@pytest.mark.slow
def test_two_hundred_thousand_lines_are_read_within_seconds(tmp_path: Path) -> None:
    make_trail(tmp_path, {"2026-08": 70_000, "2026-09": 70_000, "2026-10": 60_000})
    started = time.process_time()
    seen = trail_check.look(tmp_path, dt.date(2026, 8, 1), 50)
    assert (seen.problem, seen.lines) == ("", 200_000)
    assert time.process_time() - started < 10
    started = time.process_time()
    trail_check.look(tmp_path, dt.date(2026, 11, 1), 50)
    assert time.process_time() - started < 0.2


def test_a_trail_is_read_while_it_is_written(tmp_path: Path) -> None:
    for _ in range(30):
        trail.append(tmp_path, [{"what": "view", "reader": "r", "where": "", "release": "", "detail": {}}])
        assert trail_check.look(tmp_path, ALL, 10).problem == ""
