"""Scenarios: presets by hand, JSON and links there and back, damage and ill will, and what they do to a plan."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capacity.assumptions import read_assumptions
from capacity.demand_drivers import Growth, Mainstreaming, NewTest, Switch
from capacity.scenarios import (
    More,
    Move,
    Scenario,
    ScenarioError,
    StaffChange,
    Trainees,
    Week,
    applied,
    from_json,
    from_link,
    moved,
    presets,
    run_hash,
    staff_of_trainees,
    to_json,
    to_link,
    with_demand,
    with_scenario,
)
from capacity.simulation import simulate
from tests.capacity.plans import START, mixed_plan, queue

DAY = dt.date(2027, 4, 1)
SITES = st.sampled_from(["ABE", "DUN", "EDI", "GLA"])
DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2040, 12, 31))
SHARES = st.floats(0, 1)
CATEGORIES = st.sampled_from(["nipt", "rare_complex", "whole_genome"])
DRIVERS = st.one_of(
    st.builds(Growth, st.floats(-0.5, 1), st.booleans()),
    st.builds(Growth, st.floats(-0.5, 1), st.booleans(), st.just("turnaround_category"), CATEGORIES),
    st.builds(NewTest, CATEGORIES, st.sampled_from(["wgs", "array"]), st.floats(0, 9000), DAYS, st.integers(0, 60)),
    st.builds(Switch, SHARES, DAYS, st.integers(0, 60), st.just("large_panel"), st.just("wgs")),
    st.builds(Mainstreaming, SHARES, st.floats(0, 2), DAYS, st.integers(0, 60)),
)


@st.composite
def moves(draw):
    source, target = draw(st.permutations(["ABE", "DUN", "EDI", "GLA"]))[:2]
    return Move(source, target, draw(SHARES), draw(DAYS), draw(CATEGORIES | st.just("")))


@st.composite
def trainees(draw):
    start, until = sorted([draw(DAYS), draw(DAYS)])
    return Trainees(draw(SITES), draw(st.floats(0, 20)), start, until)


@st.composite
def scenarios(draw):
    keys = draw(st.sets(st.sampled_from(["growth/all", "absence/all", "minutes/clinical_scientist"])))
    role = st.sampled_from(["clinical_scientist", "genetic_technologist"])
    return Scenario(
        draw(st.from_regex(r"[A-Za-zÀ-ÖØ-öø-ÿ0-9][A-Za-z0-9 ,.()%+'/:-]{0,40}", fullmatch=True)),
        tuple(draw(st.lists(DRIVERS, max_size=3))),
        tuple(draw(st.lists(st.builds(StaffChange, SITES, role, DAYS, st.floats(-9, 9)), max_size=3))),
        tuple(draw(st.lists(trainees(), max_size=2))),
        tuple(draw(st.lists(moves(), max_size=2))),
        tuple(draw(st.lists(st.builds(More, st.floats(-0.9, 3), DAYS, CATEGORIES | st.just("")), max_size=2))),
        draw(st.none() | st.builds(Week, st.floats(20, 48), DAYS)),
        tuple((key, draw(st.floats(0, 0.9))) for key in sorted(keys)),
    )


@settings(max_examples=150, deadline=None)
@given(scenarios())
def test_a_scenario_comes_back_whole_from_json_and_from_a_link(scenario):
    assert from_json(to_json(scenario)) == scenario
    assert from_link(to_link(scenario)) == scenario
    assert from_link(to_link(scenario)).hash == scenario.hash


@settings(max_examples=150, deadline=None)
@given(scenarios(), st.data())
def test_a_link_with_any_character_changed_or_lost_is_refused_as_damaged(scenario, data):
    link = to_link(scenario)
    place = data.draw(st.integers(0, len(link) - 1))
    other = data.draw(st.sampled_from("Ab1-_.<% ") | st.just("")).replace(link[place], "")
    # The last letter holds bits that say nothing: where only they change, it is the same scenario.
    assert what_of(link[:place] + other + link[place + 1 :]) in (scenario, "damaged")


def what_of(link: str) -> Scenario | str:
    """The scenario of a link, or `damaged` where it is said to be."""
    try:
        return from_link(link)
    except ScenarioError as problem:
        return "damaged" if "damaged" in str(problem) else str(problem)


def hostile(told) -> str:
    data = json.dumps(told).encode()
    return f"{hashlib.sha256(data).hexdigest()[:8]}.{base64.urlsafe_b64encode(data).decode().rstrip('=')}"


PLAIN = {"version": 1, "name": "x"}


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ([], "holds no named fields"),
        ({"version": 2, "name": "x"}, "not of version 1"),
        ({"version": 1, "name": "<script>alert(1)</script>"}, "A name has 1 to 80"),
        ({"version": 1, "name": "[a](http://b)"}, "A name has 1 to 80"),
        ({"version": 1, "name": ""}, "A name has 1 to 80"),
        ({"version": 1, "name": ["x"]}, "name cannot be"),
        (PLAIN | {"__class__": "os"}, "has no field __class__"),
        (PLAIN | {"drivers": [{"kind": "__import__"}]}, "no driver of demand __import__"),
        (PLAIN | {"drivers": [{"kind": "growth", "rate": 1e300}]}, "rate cannot be"),
        (
            PLAIN | {"drivers": [{"kind": "growth", "rate": 0.1, "dimension": "person", "code": "x"}]},
            "Nothing is known",
        ),
        (PLAIN | {"drivers": [{"kind": "growth"}]}, "needs the field rate"),
        (PLAIN | {"drivers": [{"kind": "growth", "rate": True}]}, "rate cannot be True"),
        (
            PLAIN | {"staff": [{"site": "LON", "role": "clinical_scientist", "start": "2027-01-01", "wte": 1}]},
            "no site",
        ),
        (
            PLAIN | {"staff": [{"site": "GLA", "role": "king", "start": "2027-01-01", "wte": 1}]},
            "There is no role king",
        ),
        (PLAIN | {"staff": [{"site": "GLA", "role": "bioinformatician", "start": "x", "wte": 1}]}, "start cannot be x"),
        (PLAIN | {"staff": [{}] * 41}, "at most 40 rows"),
        (PLAIN | {"moves": [{"from_site": "GLA", "to_site": "GLA", "share": 1, "start": "2027-01-01"}]}, "Work moves"),
        (PLAIN | {"week": {"hours": 400, "start": "2027-01-01"}}, "hours is from 20 to 48"),
        (PLAIN | {"overrides": {"growth/all": "much"}}, "cannot be much"),
        (PLAIN | {"overrides": {f"a/{n}": 1 for n in range(61)}}, "at most 60 assumptions"),
    ],
)
def test_a_hostile_link_gets_a_clear_message(told, says):
    with pytest.raises(ScenarioError, match=says):
        from_link(hostile(told))


@pytest.mark.parametrize("text", ["", ".", "abc", "00000000.", "ü.ü", "x" * 20_000, "0." + "A" * 5_000, "[" * 9_000])
def test_what_is_no_link_is_refused(text):
    with pytest.raises(ScenarioError, match="link"):
        from_link(text)
    with pytest.raises(ScenarioError):
        from_json(text)


def test_json_nested_without_end_is_refused():
    with pytest.raises(ScenarioError, match="cannot be read"):
        from_json("[" * 200_000)


def test_the_name_is_no_part_of_the_hash():
    assert Scenario("a").hash == Scenario("b").hash
    assert Scenario("a").hash != Scenario("a", week=Week(35.0, DAY)).hash


def test_a_run_is_named_by_all_that_its_figures_rest_on():
    base, scenario = read_assumptions(), Scenario("x")
    first = run_hash(scenario, base, 1, 100, "r1", "c1")
    assert first == run_hash(Scenario("another name"), base, 1, 100, "r1", "c1")
    others = [
        run_hash(scenario, base, 2, 100, "r1", "c1"),
        run_hash(scenario, base, 1, 99, "r1", "c1"),
        run_hash(scenario, base, 1, 100, "r2", "c1"),
        run_hash(scenario, base.overridden({"growth/all": 0.01}), 1, 100, "r1", "c1"),
        run_hash(Scenario("x", week=Week(35.0, DAY)), base, 1, 100, "r1", "c1"),
        run_hash(scenario, base, 1, 100, "r1", "c2"),
    ]
    assert len({first, *others}) == 7


def test_an_assumption_that_does_not_exist_is_named():
    with pytest.raises(ScenarioError, match="magic/all: there is no such assumption"):
        applied(read_assumptions(), Scenario("x", overrides=(("magic/all", 1.0),)))


def demand(*rows):
    return pl.DataFrame(rows, schema=["site", "category", "period_start", "requests", "lower_95"], orient="row")


def test_moved_work_by_hand():
    before = demand(
        ("EDI", "nipt", dt.date(2027, 3, 1), 10.0, 5.0),
        ("GLA", "nipt", dt.date(2027, 3, 1), 100.0, 80.0),
        ("GLA", "nipt", dt.date(2027, 4, 1), 100.0, 80.0),
        ("GLA", "predictive", dt.date(2027, 4, 1), 50.0, 40.0),
    )
    found = moved(before, [Move("GLA", "EDI", 0.2, dt.date(2027, 4, 15), "nipt")])
    assert found.sort("site", "category", "period_start").rows() == [
        ("EDI", "nipt", dt.date(2027, 3, 1), 10.0, 5.0),
        ("EDI", "nipt", dt.date(2027, 4, 1), 20.0, 16.0),
        ("GLA", "nipt", dt.date(2027, 3, 1), 100.0, 80.0),
        ("GLA", "nipt", dt.date(2027, 4, 1), 80.0, 64.0),
        ("GLA", "predictive", dt.date(2027, 4, 1), 50.0, 40.0),
    ]


def test_more_requests_by_hand_come_before_work_moves():
    before = demand(
        ("GLA", "nipt", dt.date(2027, 3, 1), 100.0, 80.0),
        ("GLA", "nipt", dt.date(2027, 4, 1), 100.0, 80.0),
        ("GLA", "predictive", dt.date(2027, 4, 1), 50.0, 40.0),
    )
    scenario = Scenario("x", more=(More(0.1, DAY, "nipt"),), moves=(Move("GLA", "EDI", 0.5, DAY, "nipt"),))
    found = with_demand(before, scenario).sort("site", "category", "period_start").select("site", "requests").rows()
    assert found == [("EDI", pytest.approx(55)), ("GLA", 100), ("GLA", pytest.approx(55)), ("GLA", 50)]


@settings(max_examples=60, deadline=None)
@given(st.lists(moves(), max_size=4), st.lists(st.floats(0, 1000), min_size=8, max_size=8))
def test_moving_work_loses_none_and_makes_none(given_moves, counts):
    rows = [
        (site, category, dt.date(2027, 5, 1), counts[2 * place + other], 0.0)
        for place, site in enumerate(("ABE", "DUN", "EDI", "GLA"))
        for other, category in enumerate(("nipt", "rare_complex"))
    ]
    found = moved(demand(*rows), given_moves)
    for category in ("nipt", "rare_complex"):
        before = sum(row[3] for row in rows if row[1] == category)
        assert found.filter(category=category)["requests"].sum() == pytest.approx(before)
    assert (found["requests"] >= 0).all()


def test_a_trainee_by_hand():
    """Assumed: works 0, 0.3, 0.6 of a scientist, takes 0.15, 0.10, 0.05; 0.85 register and 0.8 of these stay."""
    autumn = dt.date(2027, 9, 1)
    found = staff_of_trainees(Trainees("GLA", 2.0, autumn, autumn), read_assumptions())
    assert [(change.start.year, round(change.wte, 9)) for change in found] == [
        (2027, -0.30),
        (2028, 0.70),
        (2029, 0.70),
        (2030, round(2 * (0.85 * 0.8 - 0.55), 9)),
    ]
    assert sum(change.wte for change in found) == pytest.approx(2 * 0.68)


def test_trainees_start_each_year_until_the_last_day():
    autumn = dt.date(2027, 9, 1)
    found = staff_of_trainees(Trainees("GLA", 1.0, autumn, dt.date(2029, 8, 31)), read_assumptions())
    assert sum(change.wte for change in found) == pytest.approx(2 * 0.68)


def test_staff_and_week_of_a_plan_by_hand():
    plan = queue(10, 30, 3, months=12)
    scenario = Scenario(
        "x",
        staff=(
            StaffChange("GLA", "clinical_scientist", DAY, 2.0),
            StaffChange("EDI", "clinical_scientist", DAY, 5.0),
            StaffChange("GLA", "clinical_scientist", dt.date(2020, 1, 1), -1.0),
        ),
        week=Week(35.0, dt.date(2027, 6, 1)),
    )
    (role,) = with_scenario(plan, scenario, read_assumptions()).roles
    # The week is of 36 hours from April 2026.
    assert [(row.from_date, row.wte, round(row.minutes, 6)) for row in role.staff] == [
        (START, 2.0, 400.0),
        (DAY, 4.0, 400.0),
        (dt.date(2027, 6, 1), 4.0, round(400 * 35 / 36, 6)),
    ]


def test_as_planned_changes_nothing():
    plan = mixed_plan()
    scenario = presets(START)["as_planned"].scenario
    assert scenario.is_as_planned
    assert with_scenario(plan, scenario, read_assumptions()) == plan


def test_a_role_without_work_in_the_plan_is_named():
    scenario = Scenario("x", staff=(StaffChange("GLA", "bioinformatician", DAY, 1.0),))
    with pytest.raises(ScenarioError, match="no work for the role bioinformatician"):
        with_scenario(queue(1, 30, 1, months=1), scenario, read_assumptions())


@pytest.mark.parametrize("category", ["", "rare_complex"])
def test_work_cannot_move_to_where_nobody_is_in_post_for_a_part_of_it(category: str):
    plan = mixed_plan()
    scenario = Scenario("x", moves=(Move("EDI", plan.site, 0.2, DAY, category),))
    with pytest.raises(ScenarioError, match=r"Work cannot move to GLA: nobody is in post there as .*bioinformatician"):
        with_scenario(plan, scenario, read_assumptions())


def test_work_that_moves_elsewhere_asks_nobody_here():
    plan = mixed_plan()
    scenario = Scenario("x", moves=(Move(plan.site, "EDI", 0.2, DAY), Move("EDI", plan.site, 0.0, DAY)))
    assert with_scenario(plan, scenario, read_assumptions()) == plan


def test_presets_by_hand():
    found = {key: preset.scenario for key, preset in presets(dt.date(2026, 11, 1)).items()}
    assert found["more_15"].more == (More(0.15, dt.date(2026, 11, 1)),)
    assert found["panels_to_genomes"].drivers == (
        Switch(0.5, DAY, 12, from_category="rare_complex", to_category="whole_genome"),
    )
    assert found["work_moves"].moves == (Move("GLA", "EDI", 0.2, DAY),)
    assert found["week_35"].week == Week(35.0, dt.date(2028, 4, 1))
    assert sum(row.a_year for row in found["trainees_5"].trainees) == 5
    assert {row.start for row in found["trainees_5"].trainees} == {dt.date(2027, 9, 1)}
    assert len({scenario.hash for scenario in found.values()}) == len(found)


def test_the_same_scenario_and_seed_give_the_same_figures():
    scenario = Scenario("x", staff=(StaffChange("GLA", "clinical_scientist", dt.date(2026, 12, 1), 1.0),))
    runs = [
        simulate(with_scenario(mixed_plan(), from_link(to_link(scenario)), read_assumptions()), 3, seed=7, threads=n)
        for n in (1, 2)
    ]
    assert runs[0].months.equals(runs[1].months)
