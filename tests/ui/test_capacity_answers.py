"""ui/capacity_answers.py: what the sensitivity leaves out has no effect, and answers follow the overrides."""

from __future__ import annotations

import pytest

from capacity import workload
from capacity.assumptions import read_assumptions
from tests.ui.store import make_store
from tests.ui.workforce_store import add_workforce
from ui import capacity_answers
from ui.access import demonstration
from ui.capacity_inputs import Inputs, read_inputs
from ui.data import Snapshot

BASE = read_assumptions()


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    place = tmp_path_factory.mktemp("answers")
    add_workforce(make_store(place, "full"))
    found = read_inputs(Snapshot(demonstration(), place))
    assert found is not None
    return found


@pytest.mark.parametrize("answer", capacity_answers.ANSWERS)
@pytest.mark.parametrize(("site", "role"), [("", "clinical_scientist"), ("GLA", "genetic_technologist")])
def test_an_assumption_that_is_not_tried_moves_nothing(inputs, answer, site, role):
    number = capacity_answers.number(inputs, answer, site, role)
    tried = workload.tornado(BASE, number, capacity_answers.keys_of(BASE, answer, role))
    assert tried == workload.tornado(BASE, number)
    assert tried[0].id == f"minutes/{role}"


def test_what_a_planner_set_is_in_every_answer(inputs):
    usual = capacity_answers.work(inputs, BASE)
    wide = capacity_answers.work(inputs, BASE.overridden({"growth/all": 0.2, "leave_days/all": 50.0}))
    assert (wide.now["load_ratio"] > usual.now["load_ratio"]).all()
    assert (wide.ahead["gap_wte"] > usual.ahead["gap_wte"]).all()
    assert wide.week["hours_lost"].sum() < usual.week["hours_lost"].sum()
    assert wide.assumptions.hash != usual.assumptions.hash


def test_the_gap_of_the_years_ahead_lies_between_its_ends(inputs):
    rows = capacity_answers.work(inputs, BASE).ahead
    assert (rows["gap_low"] <= rows["gap_wte"]).all()
    assert (rows["gap_wte"] <= rows["gap_high"]).all()
    assert rows["period"].unique().sort().to_list() == inputs.years_ahead
