"""The smallest hire set against brute force on small plans, and what it says where none will do."""

from __future__ import annotations

import datetime as dt
from itertools import product

import pytest

from capacity.hires import NEAR, Goal, goal_percent, smallest_hires, until, with_hires
from capacity.laboratory_plan import Category, Plan, Role, Staff, Step
from capacity.simulation import simulate
from capacity.spreads import exponential, fixed
from tests.capacity.plans import START

ROLES = ("clinical_scientist", "genetic_technologist")
GOAL = Goal(dt.date(2027, 3, 1), dt.date(2027, 4, 1), 90.0)
MOST = 4


def short_of_both(scientists: float, technologists: float, rate: float = 20, delay: int = 1) -> Plan:
    path = (
        Step("sequencing", "genetic_technologist", exponential(40), delay=fixed(delay)),
        Step("reporting", "clinical_scientist", exponential(60)),
    )
    roles = (
        Role("clinical_scientist", (Staff(START, scientists, 300),)),
        Role("genetic_technologist", (Staff(START, technologists, 300),)),
    )
    return Plan("GLA", START, 6, (Category("rare", (rate,) * 6, path, 10),), roles)


@pytest.mark.parametrize(("scientists", "technologists"), [(2, 1), (3, 2), (4, 1), (2, 3), (1.5, 2.5)])
def test_it_agrees_with_brute_force(scientists, technologists):
    plan = short_of_both(scientists, technologists)
    found = smallest_hires(plan, ROLES, START, GOAL, MOST, replications=4, seed=3, threads=1)
    tried = {
        hires: goal_percent(
            simulate(with_hires(plan, dict(zip(ROLES, hires, strict=True)), START), 4, 3, 1).months, GOAL
        )
        for hires in product(range(MOST + 1), repeat=2)
    }
    enough = {hires: percent for hires, percent in tried.items() if percent >= GOAL.percent}
    fewest = min(sum(hires) for hires in enough)
    assert found.is_smallest
    assert sum(found.hires.values()) == fewest
    best = max(percent for hires, percent in enough.items() if sum(hires) == fewest)
    assert found.reached == best
    assert tried[tuple(found.hires.get(role, 0) for role in ROLES)] == best


def test_nobody_is_hired_where_the_goal_is_reached():
    found = smallest_hires(short_of_both(9, 9), ROLES, START, GOAL, MOST, replications=3, threads=1)
    assert found.hires == {}
    assert found.tried == 1


def test_where_no_staff_will_do_it_says_how_far_it_gets():
    late_by_machine = short_of_both(9, 9, delay=30)
    found = smallest_hires(late_by_machine, ROLES, START, GOAL, MOST, replications=2, threads=1)
    assert found.hires is None
    assert found.reached == 0
    assert found.nearest == {}
    [row] = found.late.to_dicts()
    assert row["category"] == "rare"
    assert row["late_count"] == row["due_count"] > 0


def test_where_no_staff_will_do_it_finds_who_brings_nearly_all_that_people_can():
    """Nine days at the machine are too many for some, whoever is hired; who is short is hired all the same."""
    plan = short_of_both(3, 2, delay=9)
    everybody = simulate(with_hires(plan, dict.fromkeys(ROLES, MOST), START), 4, 3, 1).months
    goal = Goal(GOAL.first, GOAL.last, goal_percent(everybody, GOAL) + 2)
    found = smallest_hires(plan, ROLES, START, goal, MOST, replications=4, seed=3, threads=1)
    assert found.hires is None
    assert found.reached == goal.percent - 2
    assert found.nearest
    assert found.near_percent >= found.reached - NEAR
    assert found.curve["posts"][0] == 0
    assert found.curve["percent"].to_list() == sorted(found.curve["percent"])
    for role in found.nearest:
        fewer = {**found.nearest, role: found.nearest[role] - 1}
        months = simulate(with_hires(plan, fewer, START), 4, 3, 1).months
        assert goal_percent(months, goal) < found.reached - NEAR


@pytest.mark.parametrize("last", [dt.date(2026, 12, 1), dt.date(2027, 3, 1), dt.date(2027, 4, 1), dt.date(2030, 1, 1)])
def test_a_plan_cut_off_at_the_goal_gives_the_goal_the_same_percentage(last):
    plan = short_of_both(3, 2)
    goal = Goal(START, last)
    whole, cut = (simulate(one, 3, 7, 1).months for one in (plan, until(plan, last)))
    assert goal_percent(cut, goal) == goal_percent(whole, goal)
    assert cut["month"].max() == min(last, dt.date(2027, 4, 1))


def test_the_curve_tells_what_each_post_more_brings():
    found = smallest_hires(short_of_both(3, 2), ROLES, START, GOAL, MOST, replications=4, seed=3, threads=1)
    posts, percent = found.curve["posts"].to_list(), found.curve["percent"].to_list()
    assert posts[0] == 0
    assert percent == sorted(percent)
    assert posts[-1] == sum(found.hires.values())
    assert percent[-1] == found.reached
    assert found.curve.select(*ROLES).sum_horizontal().to_list() == posts


def test_a_search_that_runs_out_of_sets_gives_the_best_that_it_has_and_says_so():
    found = smallest_hires(short_of_both(2, 1), ROLES, START, GOAL, MOST, replications=2, most_sets=4, threads=1)
    assert not found.is_smallest
    assert found.reached >= GOAL.percent


def test_progress_is_told():
    told = []
    smallest_hires(short_of_both(3, 2), ROLES, START, GOAL, MOST, replications=2, threads=1, progress=told.append)
    assert told == list(range(1, len(told) + 1))
