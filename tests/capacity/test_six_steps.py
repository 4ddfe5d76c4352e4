"""The six steps of a plan, and the list of its inputs."""

from __future__ import annotations

import polars as pl

from capacity.assumptions import read_assumptions
from capacity.six_steps import TITLES, TO_NAME, Told, inputs, six_steps

EMPTY = pl.DataFrame()


def told(supposed: tuple[str, ...]) -> Told:
    waits = pl.DataFrame({"Financial year": ["2029-30"], "Within standard": ["71%"], "As planned": ["83%"]})
    return Told(("What for.",), supposed, waits, EMPTY, EMPTY, ("Watch.",), {"Run": "abc", "Release": "r1"})


def test_there_are_six_in_their_order_with_what_the_run_is_cited_by():
    found = six_steps(told(("2 posts more",)))
    assert [step.number for step in found] == [1, 2, 3, 4, 5, 6]
    assert tuple(step.title for step in found) == TITLES
    assert found[0].lines == ("What for.", "Run: abc", "Release: r1")
    assert found[1].table.rows() == [("2029-30", "71%", "83%")]


def test_each_supposition_is_an_action_and_who_answers_for_it_is_left_to_the_board():
    actions = six_steps(told(("2 posts more", "a move")))[4].table
    assert actions["Action"].to_list() == ["2 posts more", "a move"]
    assert set(actions["Who answers for it"]) == {TO_NAME}


def test_a_plan_that_supposes_nothing_says_so_and_has_no_actions():
    found = six_steps(told(()))
    assert found[1].lines == ("Nothing is supposed beyond the forecast of demand.",)
    assert found[4].table is None


def test_every_input_is_listed_with_the_value_that_was_set():
    base = read_assumptions()
    found = inputs(base.overridden({"growth/all": 0.07, "minutes/clinical_scientist": 1.2}))
    assert found.height == len(base.rows) + len(base.minutes_rows) + 1
    growth = found.filter(id="growth/all").row(0, named=True)
    assert (growth["value"], growth["central"]) == (0.07, base.rows["growth/all"].central)
    assert found.filter(id="minutes/clinical_scientist")["value"].to_list() == [1.2]
