"""Tests of capacity/workload.py: by hand, against a slow plain second version, and the laws that hold."""

from __future__ import annotations

import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capacity import workload
from capacity.assumptions import Assumptions, read_assumptions

BASE = read_assumptions()
SITES = ("ABE", "DUN")
DEMAND = ("site", "category", "period", "requests")
STAFF = ("site", "role", "period", "in_post_wte", "full_time_hours")

#: A year of 50 weeks of work, nobody sick, all of the time on requests: hours by head.
EASY = BASE.overridden(
    {"weeks_a_year/all": 50, "leave_days/all": 0, "study_days/all": 0, "absence/all": 0}
    | {f"non_case_share/{role}": 0.0 for role in BASE.roles}
)


def demand(*rows) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=list(DEMAND), orient="row")


def staff(*rows) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=list(STAFF), orient="row")


def nipt(**minutes: float) -> Assumptions:
    """The easy year with minutes of NIPT alone, by role; the others' are 0."""
    own = dict.fromkeys(BASE.minutes_rows, 0.0)
    steps = {"clinical_scientist": "analysis", "genetic_technologist": "sequencing"}
    return EASY.overridden(own | {f"minutes/nipt/{steps[role]}/{role}": minutes[role] for role in minutes})


def of(frame: pl.DataFrame, **where) -> dict:
    return frame.filter(**where).row(0, named=True)


def test_the_load_ratio_by_hand():
    # 1,000 requests of 90 minutes are 1,500 hours; one person gives 50 weeks of 36 hours, 1,800.
    found = workload.load(
        demand(("ABE", "nipt", "2026", 1000)),
        staff(("ABE", "clinical_scientist", "2026", 1.0, 36.0)),
        nipt(clinical_scientist=90),
    )
    row = of(found, role="clinical_scientist")
    assert (row["hours_needed"], row["hours_available"]) == (1500, 1800)
    assert row["load_ratio"] == pytest.approx(5 / 6)
    assert row["state"] == "within"


def test_hours_of_one_post_by_hand():
    # 52 weeks less 40 days are 44; of 36 hours, 1,584; a tenth sick, 1,425.6; a quarter not on requests, 1,069.2.
    given = BASE.overridden(
        {"weeks_a_year/all": 52, "leave_days/all": 35, "study_days/all": 5, "absence/all": 0.1}
        | {"non_case_share/clinical_scientist": 0.25}
    )
    assert workload.hours_a_wte("clinical_scientist", 36, given) == pytest.approx(1069.2)


def test_the_extract_tells_absence_unless_a_planner_sets_it():
    told = {"clinical_scientist": 0.2}
    assert workload.hours_a_wte("clinical_scientist", 36, EASY, told) == 1800
    free = Assumptions(BASE.rows, BASE.minutes_rows)
    usual = workload.hours_a_wte("clinical_scientist", 36, free)
    assert workload.hours_a_wte("clinical_scientist", 36, free, told) == pytest.approx(usual * 0.8 / 0.945)


def test_trainees_give_what_they_do_less_what_they_take():
    # Years equally full: (0 - 0.15 + 0.3 - 0.1 + 0.6 - 0.05) / 3 = 0.2 of a scientist each.
    assert workload.trainee_worth(BASE) == pytest.approx(0.2)
    there = workload.hours_available(
        staff(("ABE", "clinical_scientist", "y", 2.0, 36.0), ("ABE", "trainee_scientist", "y", 3.0, 36.0)), EASY
    )
    row = of(there, role="clinical_scientist")
    assert row["own_hours"] == 3600
    assert row["trainee_hours"] == pytest.approx(0.6 * 1800)
    assert "trainee_scientist" not in there["role"].to_list()


def test_work_with_nobody_in_post_has_no_ratio_and_is_the_bottleneck():
    found = workload.load(
        demand(("ABE", "nipt", "y", 10)),
        staff(("ABE", "clinical_scientist", "y", 1.0, 36.0)),
        nipt(clinical_scientist=1, genetic_technologist=1),
    )
    row = of(found, role="genetic_technologist")
    assert row["load_ratio"] is None
    assert row["state"] == "no_staff"
    assert workload.bottlenecks(found)["role"].to_list() == ["genetic_technologist"]


def test_the_bottleneck_is_the_role_with_the_highest_load_of_each_site():
    found = workload.load(
        demand(("ABE", "nipt", "y", 1000), ("DUN", "nipt", "y", 1000)),
        staff(
            ("ABE", "clinical_scientist", "y", 1.0, 36.0), ("ABE", "genetic_technologist", "y", 2.0, 36.0),
            ("DUN", "clinical_scientist", "y", 2.0, 36.0), ("DUN", "genetic_technologist", "y", 1.0, 36.0),
        ),
        nipt(clinical_scientist=60, genetic_technologist=60),
    )  # fmt: skip
    worst = workload.bottlenecks(found)
    assert worst.select("site", "role").rows() == [("ABE", "clinical_scientist"), ("DUN", "genetic_technologist")]


def test_a_site_without_staff_in_the_period_is_an_error_not_a_shortage():
    with pytest.raises(workload.WorkloadError, match="work at DUN in y"):
        workload.load(demand(("DUN", "nipt", "y", 1)), staff(("ABE", "clinical_scientist", "y", 1, 36)), EASY)


@pytest.mark.parametrize("value", [-1.0, math.nan, None])
def test_a_value_that_makes_no_sense_is_refused_by_its_name(value):
    with pytest.raises(workload.WorkloadError, match="requests: a value is"):
        workload.hours_needed(demand(("ABE", "nipt", "y", value)), BASE)
    with pytest.raises(workload.WorkloadError, match="column full_time_hours is missing"):
        workload.hours_available(staff(("ABE", "clinical_scientist", "y", 1.0, 36.0)).drop("full_time_hours"), BASE)


def test_requests_without_minutes_are_counted_apart():
    rows = demand(("ABE", "none", "y", 7), ("ABE", "nipt", "y", 3))
    assert workload.uncounted(rows, BASE) == 7
    assert set(workload.hours_needed(rows, BASE)["category"]) == {"nipt"}


def test_the_gap_by_hand():
    # 3,060 hours at 85% need 3,600, two posts; one is there. At 100% they need 1.7.
    given = nipt(clinical_scientist=60)
    people = staff(("ABE", "clinical_scientist", "y", 1.0, 36.0))
    loads = workload.load(demand(("ABE", "nipt", "y", 3060)), people, given)
    row = of(workload.gaps(loads, people, given), role="clinical_scientist")
    assert row["wte_needed"] == pytest.approx(2.0)
    assert row["gap_wte"] == pytest.approx(1.0)
    assert row["gap_wte_red"] == pytest.approx(0.7)


def test_trainees_are_taken_off_the_need_of_people_in_post():
    given = nipt(clinical_scientist=60)
    people = staff(("ABE", "clinical_scientist", "y", 1.0, 36.0), ("ABE", "trainee_scientist", "y", 5.0, 36.0))
    loads = workload.load(demand(("ABE", "nipt", "y", 3060)), people, given)
    row = of(workload.gaps(loads, people, given), role="clinical_scientist")
    # Five trainees are worth one post.
    assert row["gap_wte"] == pytest.approx(0.0)
    assert row["load_ratio"] == pytest.approx(0.85)


def test_growth_by_hand():
    base = pl.DataFrame({"site": ["ABE"], "category": ["nipt"], "requests": [100.0]})
    found = workload.grown(base, BASE.overridden({"growth/all": 0.1}), ["2026-27", "2027-28"], 1.0)
    assert found["requests"].to_list() == pytest.approx([110.0, 121.0])


def test_staff_who_are_not_replaced_are_gone():
    now = staff(("ABE", "clinical_scientist", "", 10.0, 36.0)).drop("period")
    given = BASE.overridden({"leaving/all": 0.2, "replaced/all": 0.5})
    found = workload.staff_ahead(now, given, ["a", "b"], 1.0)
    assert found["in_post_wte"].to_list() == pytest.approx([9.0, 8.1])
    assert workload.staff_ahead(now, BASE, ["a", "b"])["in_post_wte"].to_list() == [10.0, 10.0]
    row = of(workload.recruits(now, given))
    assert row["leaving_wte"] == pytest.approx(2.0)
    assert row["retiring_wte"] == pytest.approx(0.66)


def test_trainees_must_start_three_years_before_they_count():
    # 0.85 x 0.8 = 0.68 of those who start count: 3.4 more posts take 5, and 1.36 more the year after 2.
    found = workload.trainees_to_start({2029: 3.4, 2030: 4.76}, BASE)
    assert found.select("counts_in", "must_start_in", "trainees").rows() == [(2029, 2026, 5), (2030, 2027, 2)]
    shrinking = workload.trainees_to_start({2029: 3.4, 2030: 1.0}, BASE)
    assert shrinking["trainees"].to_list() == [5, 0]
    assert workload.trainees_to_start({2029: -2.0}, BASE)["trainees"].to_list() == [0]
    leavers = workload.trainees_to_start({2029: 0.0}, BASE.overridden({"leaving/all": 0.1}), in_post_wte=6.8)
    assert leavers["trainees"].to_list() == [1]


def test_the_shorter_week_by_hand():
    # 10 posts lose 1.5 hours in each of 50 weeks, 750; at 36 hours that is 15 of 36 of a post.
    found = workload.shorter_week(staff(("ABE", "clinical_scientist", "", 10.0, 36.0)).drop("period"), EASY)
    row = of(found)
    assert row["hours_lost"] == pytest.approx(750)
    assert row["wte_lost"] == pytest.approx(15 / 36)
    before = workload.shorter_week(staff(("ABE", "clinical_scientist", "", 10.0, 37.5)).drop("period"), EASY)
    assert before["hours_lost"].to_list() == [0.0]


def test_weeks_to_clear_by_hand_and_never_where_nothing_is_to_spare():
    given = nipt(clinical_scientist=60)
    people = staff(("ABE", "clinical_scientist", "y", 1.0, 36.0), ("DUN", "clinical_scientist", "y", 1.0, 36.0))
    loads = workload.load(demand(("ABE", "nipt", "y", 1300), ("DUN", "nipt", "y", 1800)), people, given)
    late = pl.DataFrame({"site": ["ABE", "DUN"], "category": ["nipt"] * 2, "requests": [100.0, 100.0]})
    found = workload.backlog(late, loads, given)
    # 100 requests half done are 50 hours; 500 hours to spare over 50 weeks are 10 a week.
    row = of(found, site="ABE", role="clinical_scientist")
    assert (row["backlog_hours"], row["spare_hours_a_week"], row["weeks"]) == pytest.approx((50, 10, 5))
    stuck = of(found, site="DUN", role="clinical_scientist")
    assert (stuck["clears"], stuck["weeks"]) == ("never", None)
    none = workload.backlog(late.filter(site="DUN"), loads, given)
    assert of(none, site="ABE", role="clinical_scientist")["clears"] == "none"


def test_a_service_of_one_post_or_less_is_told():
    now = staff(("ABE", "data_scientist", "", 0.8, 36.0), ("ABE", "bioinformatician", "", 1.2, 36.0),
                ("DUN", "laboratory_manager", "", 1.0, 36.0), ("DUN", "data_scientist", "", 0.0, 36.0))  # fmt: skip
    assert workload.single_person(now).rows() == [("ABE", "data_scientist", 0.8), ("DUN", "laboratory_manager", 1.0)]


def test_the_tornado_is_sorted_by_effect_and_moves_one_assumption_at_a_time():
    def answer(at: Assumptions) -> float:
        return 10 * at.value("growth") + at.value("absence", "clinical_scientist")

    found = workload.tornado(BASE, answer)
    assert [effect.id for effect in found] == ["growth/all", "absence/all"]
    assert found[0].at_low == pytest.approx(10 * 0.02 + 0.055)
    assert found[0].at_high == pytest.approx(10 * 0.08 + 0.055)
    # What a planner has set is known.
    assert [e.id for e in workload.tornado(BASE.overridden({"growth/all": 0.04}), answer)] == ["absence/all"]


def plain_load(asked, people, given, years, absence):
    """The load ratio again, one request row and one post at a time, in the plainest way."""
    minutes = {(r["category"], r["role"], r["step"]): r["minutes"] for r in given.minutes().iter_rows(named=True)}
    needed: dict = {}
    for site, category, period, requests in asked.rows():
        for (of_category, role, _step), each in minutes.items():
            if of_category == category:
                needed[site, period, role] = needed.get((site, period, role), 0.0) + requests * each / 60
    weeks = given.value("weeks_a_year") - (given.value("leave_days") + given.value("study_days")) / 5
    there: dict = {}
    for site, role, period, wte, week in people.rows():
        worker = "clinical_scientist" if role == "trainee_scientist" else role
        worth = 1.0
        if role == "trainee_scientist":
            worth = 0.0
            for year in ("year_1", "year_2", "year_3"):
                worth += (given.value("trainee_productivity", year) - given.value("supervision", year)) / 3
        if worker in given.roles:
            away = absence.get(worker, given.value("absence", worker))
            hours = wte * worth * week * weeks * (1 - away) * (1 - given.value("non_case_share", worker)) * years
            there[site, period, worker] = there.get((site, period, worker), 0.0) + hours
    return {key: needed.get(key, 0.0) / there[key] for key in there if there[key] > 0}


WORLD = st.lists(
    st.tuples(
        st.sampled_from(SITES), st.sampled_from(BASE.categories), st.sampled_from(("a", "b")), st.integers(0, 9000)
    ),
    min_size=1,
    max_size=12,
)
POSTS = st.floats(0.2, 60.0)


def everyone(wte: float, trainees: float = 0.0) -> pl.DataFrame:
    roles = [*BASE.roles, "trainee_scientist", "genetic_counsellor"]
    return staff(
        *((site, role, period, trainees if role == "trainee_scientist" else wte, 36.0)
          for site in SITES for role in roles for period in ("a", "b"))
    )  # fmt: skip


def ratios(frame: pl.DataFrame) -> dict:
    return {(r["site"], r["period"], r["role"]): r["load_ratio"] for r in frame.iter_rows(named=True)}


@settings(max_examples=30, deadline=None)
@given(WORLD, POSTS, st.floats(0, 10), st.sampled_from((0.25, 1.0)))
def test_the_load_ratio_is_that_of_the_plain_version(rows, wte, trainees, years):
    asked, people, absence = demand(*rows), everyone(wte, trainees), {"bioinformatician": 0.1}
    found = ratios(workload.load(asked, people, BASE, years, absence))
    again = plain_load(asked, people, BASE, years, absence)
    periods = set(asked["period"])
    assert set(found) == {key for key in again if key[1] in periods}
    for key, ratio in found.items():
        assert ratio == pytest.approx(again[key], rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(WORLD, POSTS, st.floats(0.01, 20))
def test_more_staff_never_raises_a_load_ratio(rows, wte, more):
    asked = demand(*rows)
    before, after = (ratios(workload.load(asked, everyone(size), BASE)) for size in (wte, wte + more))
    assert all(after[key] <= before[key] + 1e-12 for key in before)


@settings(max_examples=25, deadline=None)
@given(WORLD, POSTS, st.floats(0.1, 10))
def test_twice_the_work_and_twice_the_staff_leave_the_load_as_it_was(rows, wte, times):
    asked = demand(*rows)
    larger = asked.with_columns(pl.col("requests") * times)
    before = ratios(workload.load(asked, everyone(wte, wte / 5), BASE))
    after = ratios(workload.load(larger, everyone(wte * times, times * wte / 5), BASE))
    assert all(after[key] == pytest.approx(before[key], rel=1e-9) for key in before)


@settings(max_examples=25, deadline=None)
@given(WORLD)
def test_hours_sum_over_roles_steps_and_sites(rows):
    asked = demand(*rows)
    found = workload.hours_needed(asked, BASE)
    each = BASE.minutes().group_by("category").agg(pl.col("minutes").sum())
    whole = asked.join(each, on="category").select((pl.col("requests") * pl.col("minutes")).sum() / 60).item()
    assert found["hours"].sum() == pytest.approx(whole)
    assert found.group_by("role").agg(pl.col("hours").sum())["hours"].sum() == pytest.approx(whole)


@settings(max_examples=15, deadline=None)
@given(WORLD, POSTS)
def test_the_range_holds_the_central_ratio(rows, wte):
    found = workload.load_with_range(demand(*rows), everyone(wte), BASE, 1.0, {}, everyone(wte + 0.1), everyone(wte))
    assert (found["load_low"] <= found["load_ratio"] + 1e-12).all()
    assert (found["load_ratio"] <= found["load_high"] + 1e-12).all()
