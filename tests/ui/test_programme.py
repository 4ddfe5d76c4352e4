"""Items of the programme counted, each count worked by hand on the usual items."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.programme_store import PAUSE, TODAY, day, frame, item, usual_items
from ui import programme


def rows(kind: str):
    return programme.of_type(usual_items(), kind, TODAY)


def test_time_in_each_stage_is_that_worked_by_hand():
    found = programme.stage_times(rows("test_proposal"), TODAY).rows()
    assert found == [
        # P1 30, P2 50, P4 30 and P6 40 days; P3 waits since 1 December 2024.
        ("Submitted to assessed", 4, 35.0, 1, float((TODAY - day("2024-12-01")).days)),
        # P1 30, P2 40 and P6 60 days; P4 waits since 1 October 2024.
        ("Assessed to decided", 3, 40.0, 1, float((TODAY - day("2024-10-01")).days)),
        # P1 92 days; P6 is approved and not live, P2 was declined.
        ("Approved to live", 1, 92.0, 1, float((TODAY - day("2024-06-09")).days)),
    ]


def test_proposals_are_told_before_and_since_the_pause():
    before, since = programme.around_pause(rows("test_proposal"), PAUSE, TODAY)
    assert before == {"submitted": "before", "proposals": 4, "decided": 3, "live": 1, "waiting": 1, "paused": 1}
    # P5 was withdrawn, which is a decision told, and no waiting.
    assert since == {"submitted": "since", "proposals": 2, "decided": 1, "live": 0, "waiting": 1, "paused": 1}


def test_a_directory_gap_is_an_indication_without_a_scottish_test():
    assert programme.directories(rows("directory_mapping")) == [
        {"comparator": "england", "version": "2025-10", "indications": 3, "gap": 2, "settled": 1},
        {"comparator": "wales", "version": "2025-10", "indications": 1, "gap": 0, "settled": 0},
    ]


def test_boards_that_have_not_signed_are_named():
    assert programme.open_names(rows("agreement")) == ["Ayrshire and Arran", "Borders"]


def test_scope_is_counted_by_laboratory_and_a_day_to_come_is_not_done():
    assert programme.by_place(rows("accreditation")) == [
        {"organisation_code": "ABE", "total": 1, "done": 0},
        {"organisation_code": "GLA", "total": 2, "done": 1},
    ]


def test_returns_due_are_on_time_late_or_missing_and_nothing_else():
    assert programme.returns(rows("return_due"), TODAY) == [
        {"organisation_code": "ABE", "due": 2, "on_time": 1, "late": 1, "missing": 0},
        {"organisation_code": "GLA", "due": 1, "on_time": 0, "late": 0, "missing": 1},
    ]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"completed_date": day("2026-01-31")}, "Done 31 January 2026"),
        ({"status": "complete"}, "Done"),
        ({"due_date": day("2026-10-30")}, "Overdue by 1 day"),
        ({"due_date": TODAY}, "Due 31 October 2026"),
        ({"due_date": None}, "No date"),
    ],
)
def test_an_item_is_told_as_done_due_or_overdue(more, told):
    found = programme.of_type(frame(item("L1", "site_live", **more)), "site_live", TODAY).row(0, named=True)
    assert programme.when_due(found, TODAY) == told


days = st.dates(dt.date(2021, 1, 1), dt.date(2027, 6, 30))


@given(st.lists(st.tuples(days, st.none() | days), max_size=12))
def test_a_return_that_is_due_is_in_exactly_one_column(dates):
    made = [
        item(f"R{number}", "return_due", due_date=due, completed_date=ended)
        for number, (due, ended) in enumerate(dates)
    ]
    found = programme.returns(programme.of_type(frame(*made), "return_due", TODAY), TODAY)
    assert sum(row["due"] for row in found) == sum(due <= TODAY for due, _ in dates)
    assert all(row["due"] == row["on_time"] + row["late"] + row["missing"] for row in found)
