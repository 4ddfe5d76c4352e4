"""Actions of the strategy: which are due, done and late, and what each holds up, with every boundary."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.programme_store import TODAY, day, frame, item, usual_items
from ui import milestones
from ui.aim_show import stands
from ui.aim_state import Actions

days = st.dates(dt.date(2024, 1, 1), dt.date(2029, 12, 31))


@pytest.mark.parametrize(
    ("more", "standing", "over"),
    [
        ({"due_date": day("2026-10-30")}, "late", 1),
        ({"due_date": TODAY}, "late", 0),
        ({"due_date": day("2026-11-01")}, "due_soon", 0),
        ({"due_date": day("2027-04-30")}, "due_soon", 0),
        ({"due_date": day("2027-05-01")}, "later", 0),
        ({"due_date": None}, "later", 0),
        ({"due_date": TODAY, "completed_date": TODAY}, "done_on_time", 0),
        ({"due_date": day("2026-10-30"), "completed_date": TODAY}, "done_late", 1),
        ({"due_date": TODAY, "completed_date": day("2026-11-01")}, "late", 0),
        ({"due_date": day("2026-01-01"), "status": "complete"}, "done", 0),
        ({"due_date": None, "completed_date": TODAY}, "done", 0),
        ({"due_date": day("2026-01-01"), "status": "withdrawn"}, "withdrawn", 0),
    ],
)
def test_an_action_stands_where_its_dates_put_it(more, standing, over):
    (found,) = milestones.actions(frame(item("A1", **more)))
    assert (found.standing, found.days_over) == (standing, over)


def test_every_action_is_judged_on_the_day_of_the_newest_report_of_all():
    old = item("A1", due_date=day("2026-08-01"), as_at=day("2026-06-30"))
    found = milestones.actions(frame(old, item("A2", due_date=day("2027-12-31"))))
    assert found[0].standing == "late"
    assert found[0].reported_on == day("2026-06-30")


def test_a_withdrawn_action_stays_due_and_makes_nothing_overdue():
    found = milestones.actions(frame(item("A1", due_date=day("2025-01-01"), status="withdrawn")))
    assert milestones.summed(found, TODAY) == Actions(due=1, done=0, longest_overdue_days=0)


def test_the_usual_items_sum_as_worked_by_hand():
    found = milestones.actions(usual_items())
    by_aim = {aim: milestones.summed([one for one in found if one.aim == aim], TODAY) for aim in "1234"}
    assert by_aim == {
        "1": Actions(3, 2, 396),
        "2": Actions(1, 0, 31),
        "3": Actions(1, 1, 0),
        "4": Actions(0, 0, 0),
    }


def test_what_an_item_holds_up_is_followed_through_the_chain_and_across_types():
    held = milestones.held_up(usual_items(), "A01.2")
    assert [(one.item_id, one.title) for one in held] == [
        ("A01.4", "Restart evaluation"),
        ("L2", "Item L2, Dundee"),
    ]
    assert milestones.held_up(usual_items(), "L2") == ()


def test_items_that_wait_for_each_other_end():
    round_about = frame(item("A1", depends_on="A2"), item("A2", depends_on="A1"))
    assert [one.item_id for one in milestones.held_up(round_about, "A1")] == ["A2"]


def test_an_item_that_is_done_is_not_held_up_and_does_not_break_the_chain():
    done = item("A2", depends_on="A1", status="complete", completed_date=day("2026-01-01"))
    found = milestones.held_up(frame(item("A1"), done, item("A3", depends_on="A2")), "A1")
    assert [one.item_id for one in found] == ["A3"]


def test_an_action_that_waits_for_what_is_not_told_waits_for_nothing():
    items = frame(item("A1", depends_on="GONE"))
    assert milestones.waits_for(items, milestones.actions(items)[0]) is None


def test_a_due_date_that_was_moved_is_told_with_the_first_one():
    history = pl.DataFrame(
        [
            ("A1", day("2025-03-31"), day("2025-06-30")),
            ("A1", day("2026-10-31"), day("2026-12-31")),
            ("A2", day("2025-03-31"), None),
            ("A2", day("2026-10-31"), day("2026-12-31")),
        ],
        schema=["item_id", "as_at", "due_date"],
        orient="row",
    )
    first = milestones.first_due(history)
    assert first == {"A1": day("2025-06-30")}
    items = frame(item("A1", due_date=day("2026-12-31")), item("A2", due_date=day("2026-12-31")))
    told = [stands(action) for action in milestones.actions(items, first)]
    assert told == ["Due in the next 6 months (first due 30 June 2025)", "Due in the next 6 months"]


def test_no_items_give_no_actions():
    assert milestones.actions(frame()) == ()


@given(
    st.lists(st.tuples(st.none() | days, st.none() | days, st.sampled_from(["in_progress", "complete"])), max_size=8)
)
def test_due_done_and_overdue_agree_with_a_plain_count(rows):
    items = [
        item(f"A{number}", due_date=due, completed_date=ended, status=status)
        for number, (due, ended, status) in enumerate(rows)
    ]
    found = milestones.summed(milestones.actions(frame(*items)), TODAY)
    due = done = longest = 0
    for falls, ended, status in rows:
        if falls is None or falls > TODAY:
            continue
        due += 1
        if (ended is not None and ended <= TODAY) or (ended is None and status == "complete"):
            done += 1
        else:
            longest = max(longest, (TODAY - falls).days)
    assert found == Actions(due, done, longest)
