"""A site's plan from tables: hours as the load has them, requests of each month, standards, and what cells hide."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from capacity import workload
from capacity.assumptions import read_assumptions
from capacity.laboratory_plan import Category, Plan, PlanError
from capacity.simulation import simulate
from capacity.site_plan import ALL_AGES, answered_before, estimated, mean_days, site_plan, standard_on, with_answered
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


def test_a_category_that_comes_to_the_site_with_moved_work_is_simulated_and_none_of_it_lost():
    demand = pl.DataFrame(
        [("EDI", "prenatal_molecular", dt.date(2026, 12 - month, 1), 21.0) for month in (0, 1)]
        + [("GLA", "nipt", dt.date(2026, 12, 1), 400.0), ("EDI", "nipt", dt.date(2026, 12, 1), 0.0)],
        schema=["site", "category", "period_start", "requests"],
        orient="row",
    )
    found = plan(2, demand=demand)
    assert [each.code for each in found.categories] == [*CATEGORIES, "prenatal_molecular"]
    came = simulate(found, 60).months.filter(category="prenatal_molecular")
    assert came["received_count"].sum() / 60 == pytest.approx(42.0, rel=0.05)
    assert came["reported_count"].sum() > 0
    # Nothing of it waited or was answered before it came.
    assert not [group for group in found.open_requests if group.category == "prenatal_molecular"]
    assert answered_before(known(), found).filter(category="prenatal_molecular")["answered"].sum() == 0


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
    assert lung.path[0].code == "transport/days"
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
        # They were told on the evening before, so each is a day older.
        found = sum(row.count for row in rows if low < row.age_days <= high + 1)
        assert found == pytest.approx(count, abs=1)
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


def test_at_each_age_requests_stand_in_the_stages_as_their_days_would_have_it():
    """Against 40,000 requests whose days in each stage are drawn one by one."""
    found = plan()
    path = {step.code.partition("/")[0]: step for step in category("rare_standard", found).path}
    whole = mean_days(30, 45)
    rng = np.random.default_rng(5)
    sigma = np.log1p(0.9**2) ** 0.5
    means = [whole * part for part in np.array([10, 30, 40, 10, 5]) / 95]
    ends = np.cumsum([mean * np.exp(rng.normal(-(sigma**2) / 2, sigma, 40_000)) for mean in means], axis=0)
    ages = rng.uniform(0, 43, 40_000)
    stage = (ends <= ages).sum(axis=0)
    is_open = stage < 5
    rows = [row for row in found.open_requests if row.category == "rare_standard" and row.age_days < 43]
    for low, high, shown in ((0, 14, 75), (15, 28, 65), (29, 42, 30)):
        drawn = stage[is_open & (ages >= low) & (ages < high + 1)]
        for number, name in enumerate(path):
            ours = sum(row.count for row in rows if low < row.age_days <= high + 1 and row.step.startswith(name))
            # A part stands at the beginning of the next stage already.
            assert abs(ours / shown - (drawn == number).mean()) < 0.12


def test_requests_open_at_the_start_of_a_steady_year_leave_it_steady():
    """What opens a plan by Little's law is what the plan itself would have open: no quarter is unlike the next."""
    whole = mean_days(30, 45)
    parts = {"extraction": 10, "sequencing": 30, "analysis": 40, "authorisation": 10, "reporting": 5}
    # With people enough, a working day a stage is wait for people and for the morning.
    rows = [("rare_standard", stage, whole * part / 95 - 0.8, 0.9) for stage, part in parts.items()]
    delays = pl.DataFrame(rows, schema=["category", "stage", "delay_days", "cv"], orient="row")
    opening = known(waiting=known().waiting.clear(), delays=delays)
    start = dt.date(2027, 2, 1)
    asked = site_plan(opening, BASE, no_demand(), staff(), start, 12)
    found = with_answered(simulate(asked, 20, seed=3), opening, asked)
    own = found.months.filter(category="rare_standard").sort("month")
    by_month = own.group_by("month", maintain_order=True).agg(pl.col("open_count", "in_standard_pct").mean())
    steady = by_month[4:]
    assert by_month["open_count"][0] == pytest.approx(steady["open_count"].mean(), rel=0.1)
    for place in (0, 1):
        assert by_month["in_standard_pct"][place] == pytest.approx(steady["in_standard_pct"].mean(), abs=4)


def test_of_those_due_in_the_first_weeks_the_ones_answered_before_count_as_in_time():
    asked = plan()
    before = answered_before(known(), asked).filter(category="rare_standard")
    # 42 days of receipts, less those of them that are open.
    received = 42 * 2000 / 365.25
    still = sum(row.count for row in asked.open_requests if row.category == "rare_standard" and 1 <= row.age_days <= 42)
    assert before["answered"].sum() == pytest.approx(received - still, abs=2)
    assert before["month"].to_list() == [dt.date(2026, 11, 1), dt.date(2026, 12, 1)]
    plain = simulate(asked, 2)
    added = with_answered(plain, known(), asked)
    rows = (plain.months.filter(category="all"), added.months.filter(category="all"))
    more = int((rows[1]["due_count"] - rows[0]["due_count"]).sum())
    assert more == 2 * answered_before(known(), asked)["answered"].sum()
    assert more == (rows[1]["in_standard_count"] - rows[0]["in_standard_count"]).sum()


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
