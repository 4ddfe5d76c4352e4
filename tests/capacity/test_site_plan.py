"""A site's plan from tables: hours as the load has them, requests of each month, standards, and what cells hide."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from capacity import workload
from capacity.assumptions import read_assumptions
from capacity.laboratory_plan import Category, Plan, PlanError
from capacity.site_plan import ALL_AGES, estimated, mean_days, site_plan, standard_on
from capacity.working_days import public_holidays
from tests.capacity.site_known import CATEGORIES, ROLES, START, known, no_demand, staff

BASE = read_assumptions()
HOLIDAYS = sorted(public_holidays("S08000024", 2032))


def plan(months: int = 12, **more) -> Plan:
    given = {"known": known(), "assumptions": BASE, "demand": no_demand(), "staff": staff()} | more
    return site_plan(**given, start=START, months=months)


def category(code: str, found: Plan) -> Category:
    return next(each for each in found.categories if each.code == code)


def working_days(first: dt.date, end: dt.date) -> int:
    return int(np.busday_count(first, end, holidays=HOLIDAYS))


@pytest.mark.parametrize("role", ROLES)
def test_a_year_of_the_plan_has_the_hours_that_the_load_ratio_has(role):
    asked = staff().with_columns(period=pl.lit("now"), full_time_hours=pl.lit(36.0))
    load = workload.hours_available(asked, BASE, absence={"clinical_scientist": 0.1}).filter(role=role)
    own = next(each for each in plan(known=known(absence={"clinical_scientist": 0.1})).roles if each.code == role)
    days = working_days(dt.date(2026, 1, 1), dt.date(2030, 1, 1)) / 4
    assert own.staff[0].wte * own.staff[0].minutes * days / 60 == pytest.approx(load["hours"].item(), rel=0.005)


def test_hours_of_work_are_those_that_the_load_ratio_has():
    asked = known().categories.with_columns(site=pl.lit("EDI"), period=pl.lit("now"))
    needed = workload.hours_needed(asked, BASE).group_by("role").agg(pl.col("hours").sum())
    days = working_days(dt.date(2025, 11, 1), dt.date(2026, 11, 1))
    found = plan()
    for role, hours in needed.iter_rows():
        ours = sum(
            each.arrivals[0] * days * step.minutes.mean / 60
            for each in found.categories
            for step in each.path
            if step.role == role
        )
        assert ours == pytest.approx(hours, rel=0.001)


def test_a_month_brings_as_many_requests_as_demand_says_and_one_beyond_it_as_many_a_day_as_a_year_before():
    months = [dt.date(2026, 11, 1), dt.date(2026, 12, 1)]
    asked = pl.DataFrame({"site": "EDI", "category": "rare_standard", "period_start": months, "requests": [190.0, 150]})
    elsewhere = asked.with_columns(site=pl.lit("GLA"), requests=pl.lit(9000.0))
    rates = category("rare_standard", plan(14, demand=pl.concat([asked, elsewhere]))).arrivals
    assert rates[0] * working_days(months[0], months[1]) == pytest.approx(190)
    assert rates[1] * working_days(months[1], dt.date(2027, 1, 1)) == pytest.approx(150)
    assert (rates[12], rates[13]) == (rates[0], rates[1])
    days = working_days(dt.date(2025, 11, 1), dt.date(2026, 11, 1))
    assert rates[2] == pytest.approx(2000 / days)


def test_the_clock_starts_where_the_standard_says():
    found = plan()
    genome, lung = category("whole_genome", found), category("cancer_lung", found)
    assert genome.path[genome.clock_place].code.startswith("sequencing/")
    assert genome.clock_place > 0
    assert lung.path[0].code == "transport/none"
    assert lung.path[0].role is None
    assert [category(code, found).target_days for code in CATEGORIES] == [3, 14, 42, 84]
    assert [category(code, found).priority for code in CATEGORIES] == [0, 1, 3, 3]


def test_standards_are_those_of_the_day():
    assert standard_on("familial_targeted", dt.date(2023, 3, 31)).day_type == "working"
    assert standard_on("familial_targeted", dt.date(2023, 4, 1)).target_days == 42
    with pytest.raises(PlanError, match="no standard"):
        standard_on("nipt", dt.date(2020, 1, 1))


def test_days_that_are_no_queue_are_split_as_the_path_is_and_those_before_the_clock_come_on_top():
    genome = category("whole_genome", plan())
    delays = {step.code.partition("/")[0]: step.delay.mean for step in genome.path if step.delay is not None}
    on_clock = sum(days for stage, days in delays.items() if stage != "extraction")
    assert on_clock == pytest.approx(0.7 * mean_days(65, 85), rel=0.001)
    assert delays["analysis"] / delays["extraction"] == pytest.approx(4, rel=0.001)


def test_shown_counts_of_open_requests_are_kept_age_by_age():
    rows = [row for row in plan().open_requests if row.category == "rare_standard"]
    for low, high, count in ((0, 14, 75), (15, 28, 65), (29, 42, 30), (43, 999, 10)):
        assert sum(row.count for row in rows if low <= row.age_days <= high) == pytest.approx(count, abs=1)
    assert sum(row.count for row in rows) == 180


def test_hidden_ages_share_what_shown_ones_leave_of_the_total():
    rows = [row for row in plan().open_requests if row.category == "cancer_lung"]
    assert sum(row.count for row in rows) == 20
    # Its clock started before receipt, so that its age is above that from receipt.
    assert max(row.age_days for row in rows) > 15


def test_where_the_total_is_hidden_too_arrivals_times_days_stand_in():
    rows = [row for row in plan().open_requests if row.category == "prenatal_rapid"]
    assert sum(row.count for row in rows) == pytest.approx(250 / 365.25 * mean_days(2, 3), abs=1)
    notes = estimated(known(), BASE, staff(), START)
    assert notes.rows() == [("open", "prenatal_rapid", "hidden: arrivals times days (Little's law)")]


def test_the_oldest_stand_furthest_along():
    found = plan()
    path = [step.code for step in category("rare_standard", found).path]
    rows = [(row.age_days, path.index(row.step)) for row in found.open_requests if row.category == "rare_standard"]
    assert [place for _, place in sorted(rows)] == sorted(place for _, place in rows)


def test_a_role_of_which_nobody_is_told_does_no_work_and_is_named():
    there = staff().filter(pl.col("role") != "bioinformatician")
    found = plan(staff=there)
    assert "bioinformatician" not in [role.code for role in found.roles]
    assert all(step.role != "bioinformatician" for each in found.categories for step in each.path)
    notes = estimated(known(), BASE, there, START)
    assert notes.filter(what="role")["code"].to_list() == ["bioinformatician"]


def test_a_start_a_trainee_and_a_shorter_week_change_the_hours_from_their_days_on():
    rows = pl.DataFrame(
        [
            ("EDI", "clinical_scientist", dt.date(2026, 1, 1), 4.0),
            ("EDI", "trainee_scientist", dt.date(2026, 1, 1), 2.0),
            ("EDI", "clinical_scientist", dt.date(2026, 7, 1), 6.0),
        ],
        schema=["site", "role", "from_date", "in_post_wte"], orient="row",
    )  # fmt: skip
    found = site_plan(known(), BASE, no_demand(), rows, dt.date(2026, 2, 1), 12).roles[0]
    worth = 2 * workload.trainee_worth(BASE)
    assert [(row.from_date, round(row.wte - worth, 6)) for row in found.staff] == [
        (dt.date(2026, 2, 1), 4.0), (dt.date(2026, 4, 1), 4.0), (dt.date(2026, 7, 1), 6.0),
    ]  # fmt: skip
    assert found.staff[1].minutes / found.staff[0].minutes == pytest.approx(36 / 37)


def test_the_pace_multiplies_the_minutes():
    halved = category("rare_standard", plan(known=known(pace={"administrator": 0.5})))
    step = next(each for each in halved.path if each.role == "administrator")
    usual = next(each for each in category("rare_standard", plan()).path if each.role == "administrator")
    assert step.minutes.mean == pytest.approx(usual.minutes.mean / 2, rel=0.001)


def test_a_category_whose_days_are_not_told_takes_them_from_its_standard():
    bare = known().categories.with_columns(median_days=pl.lit(None, pl.Float64), p90_days=pl.lit(None, pl.Float64))
    assert category("rare_standard", plan(known=known(categories=bare))).path
    notes = estimated(known(categories=bare), BASE, staff(), START)
    assert notes.filter(what="days")["code"].to_list() == list(CATEGORIES)


def test_nothing_waits_where_cells_say_so():
    none = known().waiting.with_columns(requests=pl.when(open_age=ALL_AGES).then(0.0))
    assert plan(known=known(waiting=none)).open_requests == ()
