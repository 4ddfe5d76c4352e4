"""From staff to waits: against a second version, worked examples, laws, and itself on other threads."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.laboratory_plan import Batch, Category, Plan, PlanError, Staff, Step, with_change
from capacity.simulation import MONTH_COUNTS, MONTH_DAYS, simulate, summarise
from capacity.spreads import exponential, fixed
from tests.capacity.plain_engine import simulated_plainly
from tests.capacity.plans import ST_ANDREW, START, mixed_plan, plans, scientists, waiting_only

HUNDRED_MINUTES = Step("reporting", "clinical_scientist", fixed(100))


def november(plan: Plan) -> dict[str, Any]:
    return simulate(plan, 1).months.filter(pl.col("month") == START, pl.col("category") == "rare").row(0, named=True)


def insist_on_the_second_version(plan: Plan, seed: int, number: int) -> None:
    found = simulate(plan, number + 1, seed)
    months, roles = simulated_plainly(plan, seed, number)
    columns = ["replication", "month", "category", *MONTH_COUNTS, *MONTH_DAYS]
    assert found.months.filter(pl.col("replication") == number).select(columns).rows() == months
    worked = found.roles.filter(pl.col("replication") == number).rows(named=True)
    assert [
        (row["month"], row["role"], round(row["worked_hours"] * 6_000), round(row["available_hours"] * 6_000),
         row["waiting_count"])
        for row in worked
    ] == [row[1:] for row in roles]  # fmt: skip


@pytest.mark.parametrize("number", [0, 3])
def test_a_plan_with_a_little_of_everything_is_as_the_second_version_has_it(number: int) -> None:
    insist_on_the_second_version(mixed_plan(), 5, number)


@given(plans(), st.integers(0, 2**62 - 1), st.sampled_from([1, 16, 1 << 11]))
def test_any_small_plan_is_as_the_second_version_has_it(plan: Plan, seed: int, slots: int) -> None:
    """However many slots a day has: with one, all events of a day are put in order in one list."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("capacity.queueing_engine.SLOTS", slots)
        insist_on_the_second_version(plan, seed, 1)


@given(plans())
def test_no_request_is_lost_and_nobody_works_longer_than_their_day(plan: Plan) -> None:
    found = simulate(plan, 2)
    at_start = {row.category: row.count for row in plan.open_requests}
    for (_, category), rows in found.months.filter(pl.col("category") != "all").group_by("replication", "category"):
        flow = (rows.sort("month")["received_count"] - rows.sort("month")["reported_count"]).cum_sum()
        assert rows.sort("month")["open_count"].to_list() == (flow + at_start[category]).to_list()
        assert (rows["in_standard_count"] <= rows["due_count"]).all()
        assert (rows["overdue_count"] <= rows["open_count"]).all()
    assert (found.roles["worked_hours"] <= found.roles["available_hours"] + 1e-9).all()


@given(st.floats(0.5, 6), st.integers(1, 4), st.integers(0, 2))
def test_more_staff_never_leave_more_open_where_all_wait_in_one_queue(rate: float, people: int, more: int) -> None:
    """Whole people: half a person may begin on what somebody else would have finished the same day."""
    path = (Step("reporting", "clinical_scientist", exponential(120)),)
    role = scientists((START, people, 380))
    fewer = Plan("GLA", START, 3, (Category("rare", (rate,) * 3, path, 10),), (role,))
    extra = replace(fewer, roles=(with_change(role, dt.date(2026, 11, 16), more),))
    before, after = simulate(fewer, 3).months, simulate(extra, 3).months
    assert (after["open_count"] <= before["open_count"]).all()
    assert before["received_count"].equals(after["received_count"])


@given(st.integers(1, 30), st.integers(1, 300), st.integers(1, 400))
def test_a_role_works_for_just_what_its_requests_ask(count: int, minutes: int, day: int) -> None:
    """With one queue and one person there is no idle minute while anything waits."""
    plan = waiting_only(
        count, Step("reporting", "clinical_scientist", fixed(minutes)), roles=(scientists((START, 1, day)),)
    )
    worked = simulate(plan, 1).roles["worked_hours"].item() * 60
    assert worked == pytest.approx(min(count * minutes, 21 * day))
    assert november(plan)["reported_count"] == min(count, 21 * day // minutes)


# By hand ------------------------------------------------------------------------------------------------------------
def test_holidays_by_hand() -> None:
    """Four a day: on the 21 weekdays of November 2026 84 are reported, and 80 where St Andrew's Day is kept."""
    plan = waiting_only(100, HUNDRED_MINUTES, roles=(scientists(),))
    assert november(plan)["reported_count"] == 84
    assert november(replace(plan, holidays=frozenset({ST_ANDREW})))["reported_count"] == 80


def test_staff_that_change_by_date_by_hand() -> None:
    """One person from 2 to 13 November, ten days of four; two from the 16th to the 30th, eleven days of eight."""
    role = scientists((START, 1, 400), (dt.date(2026, 11, 16), 2, 400))
    assert november(waiting_only(200, HUNDRED_MINUTES, roles=(role,)))["reported_count"] == 10 * 4 + 11 * 8


def test_a_vacancy_hands_its_work_to_who_is_left_by_hand() -> None:
    """Of two who each begin 300 minutes on Friday 6th's 400-minute day the second leaves on the 9th.

    Each does 4 in 3 days: with 5 days of two 2,000 minutes are worked each, 6 requests and 200 minutes of another; so
    12 are reported by the 6th, and the two begun are finished by the one who stays: 16 days of 400 minutes and the 400
    in hand are 6,800, so 22 more.
    """
    role = scientists((START, 2, 400), (dt.date(2026, 11, 9), 1, 400))
    long = Step("reporting", "clinical_scientist", fixed(300))
    assert november(waiting_only(100, long, roles=(role,)))["reported_count"] == 12 + 22


def test_who_is_left_ends_one_piece_of_work_before_going_on_with_another_by_hand() -> None:
    """Two begin 1,000 minutes each on Monday 2 November, and one leaves that evening, 400 minutes into each.

    The first is ended 200 minutes into Wednesday, 3 days after the 1st. What was left is taken up in mornings: 400
    minutes of the second on Thursday, and its last 200 on Friday, 5 days after the 1st.
    """
    role = scientists((START, 2, 400), (dt.date(2026, 11, 3), 1, 400))
    long = Step("reporting", "clinical_scientist", fixed(1_000))
    plans_in_time = [waiting_only(2, long, roles=(role,), target_days=days) for days in (2, 3, 4, 5)]
    assert [november(plan)["in_standard_count"] for plan in plans_in_time] == [0, 1, 1, 2]


def test_part_time_by_hand() -> None:
    """Half a person works 200 of 400 minutes: two a day in 21 days, or a request of 300 minutes in a day and a half."""
    half = (scientists((START, 0.5, 400)),)
    assert november(waiting_only(100, HUNDRED_MINUTES, roles=half))["reported_count"] == 42
    long = Step("reporting", "clinical_scientist", fixed(300))
    assert november(waiting_only(100, long, roles=half))["reported_count"] == 21 * 200 // 300
    one_and_a_half = (scientists((START, 1.5, 400)),)
    assert november(waiting_only(200, HUNDRED_MINUTES, roles=one_and_a_half))["reported_count"] == 21 * 6


@pytest.mark.parametrize(
    ("batch", "started"),
    [
        (Batch("run", (0,)), dt.date(2026, 11, 2)),
        (Batch("run", (3,)), dt.date(2026, 11, 5)),
        (Batch("run", at_least=5), dt.date(2026, 11, 2)),
        (Batch("run", at_least=6, longest_wait_days=10), dt.date(2026, 11, 12)),
        (Batch("run", (6,), longest_wait_days=5), dt.date(2026, 11, 9)),
    ],
)
def test_batches_by_hand(batch: Batch, started: dt.date) -> None:
    """Five come to the batch on Monday 2 November. A run on Sundays never starts; five days on is a Saturday."""
    run = Step("sequencing", batch="run")
    days = (started - START).days
    for target, in_time in ((days, 5), (days - 1, 0)):
        if target >= 1:
            found = november(waiting_only(5, run, batches=(batch,), target_days=target))
            assert (found["due_count"], found["in_standard_count"], found["reported_count"]) == (5, in_time, 5)


def test_a_batch_whose_time_never_comes_holds_its_requests() -> None:
    found = november(waiting_only(5, Step("sequencing", batch="run"), batches=(Batch("run", at_least=6),)))
    assert (found["reported_count"], found["open_count"], found["overdue_count"]) == (0, 5, 5)


@pytest.mark.parametrize(("delay_in", "over"), [("calendar", 9), ("working", 11)])
def test_delays_by_hand(delay_in: Any, over: int) -> None:
    """Three days from Friday 6 November: Monday 9th, since nobody is there on Sunday; or Wednesday 11th."""
    friday = Batch("run", (4,))
    step = Step("sequencing", delay=fixed(3), delay_in=delay_in, batch="run")
    for target, in_time in ((over - 1, 1), (over - 2, 0)):
        assert november(waiting_only(1, step, batches=(friday,), target_days=target))["in_standard_count"] == in_time


@pytest.mark.parametrize(
    ("days", "delay_in", "reported"),
    [(0, "calendar", 2), (1, "calendar", 2), (2, "calendar", 2), (3, "calendar", 3), (7, "calendar", 9),
     (1, "working", 2), (2, "working", 3), (6, "working", 9)],
)  # fmt: skip
def test_who_is_in_a_delay_at_the_start_began_it_the_evening_before_by_hand(
    days: int, delay_in: Any, reported: int
) -> None:
    """The plan starts on Sunday 1 November; the delay runs from Saturday evening, and its step is over on a Monday."""
    step = Step("sequencing", delay=fixed(days), delay_in=delay_in)
    for target, in_time in ((reported - 1, 1), (reported - 2, 0)):
        if target:
            assert november(waiting_only(1, step, target_days=target))["in_standard_count"] == in_time


def test_standards_in_working_days_by_hand() -> None:
    """The clock runs since Sunday 1 November: the fifth working day after it is Friday 6th."""
    step = Step("sequencing", batch="run")
    for weekday, in_time in ((4, 1), (5, 0)):
        batch = Batch("run", (weekday,), longest_wait_days=None if weekday == 4 else 7)
        found = november(waiting_only(1, step, batches=(batch,), target_days=5, day_type="working"))
        assert (found["due_count"], found["in_standard_count"]) == (1, in_time)


def test_a_backlog_by_hand() -> None:
    """Of those open for 25 days of 20 all are overdue at the start; they fell due in October, so none in November.

    One person reports four a day: of 100 there are 16 left, all overdue.
    """
    found = november(waiting_only(100, HUNDRED_MINUTES, roles=(scientists(),), age=25))
    assert found["received_count"] == found["due_count"] == found["in_standard_count"] == 0
    assert (found["open_count"], found["overdue_count"], found["in_standard_pct"]) == (16, 16, None)


def test_a_clock_that_starts_later_by_hand() -> None:
    """From receipt the ten days are over on the 11th; from the run of Friday 6th they last until the 16th.

    The report comes on Friday 13th, a week after the run.
    """
    path = (Step("extraction", batch="run"), Step("sequencing", delay=fixed(7)))
    friday = (Batch("run", (4,)),)
    for starts, in_time in ((None, 0), ("sequencing", 1)):
        found = november(waiting_only(1, *path, batches=friday, target_days=10, clock_starts_at=starts))
        assert (found["due_count"], found["in_standard_count"]) == (1, in_time)


# The same again -----------------------------------------------------------------------------------------------------
def test_threads_change_nothing() -> None:
    one, two = simulate(mixed_plan(), 9, threads=1), simulate(mixed_plan(), 9, threads=2)
    assert one.months.equals(two.months)
    assert one.roles.equals(two.roles)


def test_a_small_scenario_is_the_same_on_any_machine() -> None:
    found = simulate(mixed_plan(), 5, seed=20_261_129)
    text = found.months.select("replication", "category", *MONTH_COUNTS, *MONTH_DAYS).write_csv()
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "52db8e3cec3bde5a"


def test_another_seed_and_another_replication_are_other_requests() -> None:
    first, second = simulate(mixed_plan(), 2, seed=1).months, simulate(mixed_plan(), 2, seed=2).months
    assert first["received_count"].to_list() != second["received_count"].to_list()
    by_replication = first.partition_by("replication", include_key=False)
    assert not by_replication[0].equals(by_replication[1])


def test_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    simulate(mixed_plan(), 3, progress=lambda done, of: told.append((done, of)))
    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("wrong", [{"replications": 0}, {"replications": 100_001}, {"seed": -1}, {"seed": 2**62}])
def test_what_cannot_be_simulated_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(PlanError):
        simulate(mixed_plan(), **wrong)


def test_more_requests_than_can_be_followed_are_refused() -> None:
    step = Step("reporting", "clinical_scientist", fixed(1))
    kind = Category("rare", (4_000.0,) * 240, (step,), 42)
    with pytest.raises(PlanError, match="can be followed"):
        simulate(Plan("GLA", START, 240, (kind,), (scientists(),)), 1)


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (Step("reporting", "clinical_scientist", fixed(3e7)), "Minutes of a step are at most 21,474,836"),
        (Step("reporting", delay=fixed(3e6)), "Days of delay of a step are at most 2,097,151"),
    ],
)
def test_work_and_delays_beyond_all_measure_are_refused(step: Step, told: str) -> None:
    with pytest.raises(PlanError, match=told):
        simulate(waiting_only(1, step, roles=(scientists(),)), 1)


def test_a_plan_without_roles_is_only_delays() -> None:
    kind = Category("rare", (5.0, 5.0), (Step("sequencing", delay=fixed(7)),), 7)
    found = simulate(Plan("GLA", START, 2, (kind,), ()), 2)
    assert found.months.filter(pl.col("month") == START)["median_days"].to_list() == [7, 7, 7, 7]
    assert found.roles.is_empty()


# Over replications --------------------------------------------------------------------------------------------------
def test_a_summary_by_hand() -> None:
    """Of 0 to 100 the limits are the percentiles themselves; a value not known counts as beyond all others."""
    found = pl.DataFrame({"replication": range(101), "month": [START] * 101, "count": range(101)})
    row = summarise(found, ["month"]).row(0, named=True)
    assert row["mean"] == row["median"] == 50
    assert (row["lower_95"], row["lower_80"], row["upper_80"], row["upper_95"]) == (2.5, 10, 90, 97.5)
    some = found.with_columns(pl.when(pl.col("count") <= 94).then(pl.col("count")))
    row = summarise(some, ["month"]).row(0, named=True)
    assert (row["mean"], row["median"], row["upper_80"], row["upper_95"], row["told_count"]) == (None, 50, 90, None, 95)


def test_a_summary_has_a_row_for_each_month_category_and_measure() -> None:
    months = simulate(mixed_plan(), 4).months
    measures = len(MONTH_COUNTS) + 1 + len(MONTH_DAYS)
    assert len(summarise(months, ["month", "category"])) == 3 * 3 * measures


def test_vacant_posts_stay_vacant() -> None:
    plan = waiting_only(3, HUNDRED_MINUTES, roles=(scientists((START, 0, 400)),))
    found = simulate(plan, 1)
    row = found.roles.row(0, named=True)
    assert (row["worked_hours"], row["utilisation_pct"], row["waiting_count"]) == (0, None, 3)
    assert Staff(START, 0, 400).wte == 0
