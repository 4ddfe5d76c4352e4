"""The smallest hire set against brute force on small plans, and what it says where none will do."""

from __future__ import annotations

import datetime as dt
from itertools import product

import pytest

from capacity.hires import Goal, goal_percent, smallest_hires, with_hires
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
