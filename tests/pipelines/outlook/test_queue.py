"""The queue of a past day and the chance of each request in it, against a slow plain second version."""

from __future__ import annotations

import datetime as dt

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.calendar import EPOCH
from pipelines.outlook import queue
from pipelines.outlook.queue import Record, chances, record, requests, waiting
from tests.conftest import Published
from tests.second import waiting as plainly

DAYS = [dt.date(2025, 10, 31), dt.date(2026, 2, 28), dt.date(2026, 8, 31)]


@pytest.mark.parametrize("day", DAYS)
def test_the_queue_and_its_chances_agree_with_a_slow_plain_second_version(
    known: Record, everybody: list[plainly.Waiting], day: dt.date
) -> None:
    number = (day - EPOCH).days
    rows, left = waiting(known, number, 28, is_past=True)
    found = dict(zip(known.frame["request_id"].gather(rows), chances(known, number, rows, left), strict=True))
    asked = plainly.queue(everybody, day, 28)
    want = dict(zip([one.request_id for one in asked], plainly.chances(everybody, day, asked), strict=True))
    assert len(want) > 100
    assert found == pytest.approx(want, rel=1e-9)
    late = dict(zip(known.frame["request_id"].gather(rows), known.is_late[rows], strict=True))
    assert late == {one.request_id: one.is_late for one in asked}


def test_requests_are_the_same_in_however_many_batches_they_come(
    small: Published, known: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "BATCH", 2_048)
    with duckdb.connect(str(small.folders.build / "warehouse.duckdb"), read_only=True) as con:
        again = requests(con)
    assert again.height > 3 * queue.BATCH
    assert again.equals(known.frame)


def made_up(leads: list[int], target: int = 14) -> Record:
    """Requests of one standard and laboratory that fell due on days 1, 2, 3 ..., and ended so long before."""
    count = len(leads)
    due = list(range(100, 100 + count))
    frame = pl.DataFrame(
        {
            "request_id": [f"r{number}" for number in range(count)],
            "turnaround_category": "urgent_array",
            "target_days": target,
            "day_type": "calendar",
            "working_lab": "DUN",
            "received": [day - target for day in due],
            "ended": [day - lead for day, lead in zip(due, leads, strict=True)],
            "judged": 1_000,
            "first_due": due,
            "due": due,
        }
    )
    return record(frame)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-20, 14), min_size=1, max_size=60))
def test_longer_waiting_never_lowers_the_chance_to_be_late(leads: list[int]) -> None:
    """The same request with one day less to its due date is as likely, or more likely, to pass it."""
    known = made_up(leads)
    day = 100 + len(leads)
    left = np.arange(14, 0, -1)
    found = chances(known, day, np.zeros(left.size, dtype=np.int64), left)
    assert np.all(np.diff(found) >= -1e-12)
    assert np.all((found > 0) & (found <= 1))


def test_the_chance_by_hand() -> None:
    """Four fell due, all of one standard and laboratory, the newest yesterday: one late, two 5 days early, one 2 early.

    With 3 days left the late one and the one that was 2 days early were still open. Weights halve in 30 days.
    """
    known = made_up([-1, 5, 5, 2])
    weight = 0.5 ** (np.array([4, 3, 2, 1]) / 30)
    late, still = weight[0], weight[0] + weight[3]
    tenths = weight[0] + weight[3]  # a lead of 2 of 14 days is tenth 1, and 3 days left are tenth 3: 5 of 14 is also 3
    chance = (late + 0.5) / (tenths + 1)
    for _ in range(2):
        chance = (late + 10 * chance) / (still + 10)
    got = chances(known, 104, np.array([0]), np.array([3]))
    assert got[0] == pytest.approx(chance)


def test_a_request_that_fell_due_after_the_day_teaches_nothing() -> None:
    known = made_up([-1] * 50)
    early = chances(known, 100, np.array([0]), np.array([3]))
    alone = chances(made_up([-1]), 100, np.array([0]), np.array([3]))
    assert early[0] == alone[0]


def test_a_pause_moves_the_due_date_of_the_present_queue_and_not_that_of_a_past_one() -> None:
    known = made_up([-300])
    paused = record(known.frame.with_columns(due=pl.col("due") + 10))
    assert waiting(paused, 95, 7, is_past=True)[0].tolist() == [0]
    assert waiting(paused, 95, 7, is_past=False)[0].tolist() == []
    assert waiting(paused, 105, 7, is_past=False)[1].tolist() == [5]


def test_what_is_received_or_ended_that_day_is_in_and_out() -> None:
    known = made_up([4])
    assert waiting(known, 85, 28, is_past=True)[0].size == 0
    assert waiting(known, 86, 28, is_past=True)[0].size == 1
    assert waiting(known, 95, 28, is_past=True)[0].size == 1
    assert waiting(known, 96, 28, is_past=True)[0].size == 0
