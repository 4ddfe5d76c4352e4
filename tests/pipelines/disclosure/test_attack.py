"""The attack: it finds what a solver of another kind finds, and the gate stops a release that it succeeds against."""

from __future__ import annotations

import time
from dataclasses import fields, replace

import numpy as np
import polars as pl
import pytest

from pipelines.cubes import CELL
from pipelines.disclosure import attack as attacking
from pipelines.disclosure import control
from pipelines.disclosure.attack import Audit, attack, blocks_of_periods
from pipelines.disclosure.bounds import first_limits, propagate, told, watched
from pipelines.disclosure.hiding import hide_beside, hide_enough, told_by_release
from pipelines.disclosure.relations import Relations
from pipelines.errors import PipelineError
from tests.pipelines.disclosure import toy
from tests.pipelines.disclosure.test_hiding import solved

FAMILY = [frozenset([toy.ENTRY.id])]


def attacked(counts: pl.DataFrame, ties: Relations) -> Audit:
    blocks = blocks_of_periods(counts.filter(grain="quarter"), FAMILY)
    number = counts["number"].to_numpy().astype(np.float64)
    limits = first_limits(counts, toy.RULES)
    return attack(blocks, number, ties, limits, watched(counts, toy.RULES), directions=6)


@pytest.mark.parametrize("seed", range(8))
def test_a_release_that_was_hidden_enough_withstands(seed: int) -> None:
    counts, ties = toy.table(seed, how_many=500)
    found = attacked(hide_enough(counts, ties, toy.RULES), ties)
    assert found.told == []
    assert found.narrowest >= toy.RULES.told_within


def test_it_finds_whatever_bounds_find_in_a_release_that_was_not() -> None:
    for seed in range(8):
        counts, ties = toy.table(seed, how_many=500)
        quarter = set(counts.filter(grain="quarter")["row"])
        inside = counts.with_columns(
            is_shown=pl.col("is_shown") & (pl.col("grain") == "quarter"), is_published=pl.col("grain") == "quarter"
        )
        by_bounds = told(propagate(ties, first_limits(inside, toy.RULES)), watched(inside, toy.RULES))
        assert set(by_bounds) & quarter <= set(attacked(inside, ties).told)


@pytest.mark.parametrize("seed", range(3))
def test_what_it_calls_told_is_told_and_what_it_clears_is_not(seed: int) -> None:
    counts, ties = toy.table(seed, how_many=400)
    exact = counts.with_columns(draw=pl.when(pl.col("is_shown")).then(-(pl.col("number") % 5)).otherwise("draw"))
    rules = toy.RULES.model_copy(update={"rounded_to": 3})
    limits = first_limits(exact.with_columns(draw=pl.lit(0)), rules)
    blocks = blocks_of_periods(counts.filter(grain="quarter"), FAMILY)
    watch = watched(counts, toy.RULES)
    found = attack(blocks, counts["number"].to_numpy().astype(np.float64), ties, limits, watch, directions=6)
    only = ties_within(ties, counts.filter(grain="quarter")["row"].to_numpy())
    small = np.intersect1d(watch.rows, counts.filter(grain="quarter")["row"].to_numpy())
    for row in np.random.default_rng(seed).choice(small, 8, replace=False):
        least, most = solved(only, limits, int(row))
        is_told = np.floor(most + 1e-5) - np.ceil(least - 1e-5) < watch.within
        assert (row in found.told) == is_told


@pytest.mark.parametrize("seed", [0, 1, 3])
def test_what_the_release_does_not_tell_is_told_as_well_with_everything_hidden(seed: int) -> None:
    counts, ties = toy.table(seed, how_many=400)
    rules, unmoved = toy.RULES.model_copy(update={"rounded_to": 2}), counts.with_columns(draw=pl.lit(0))
    blocks, watch = blocks_of_periods(counts.filter(grain="quarter"), FAMILY), watched(counts, toy.RULES)
    number = counts["number"].to_numpy().astype(np.float64)
    found = attack(blocks, number, ties, first_limits(unmoved, rules), watch, directions=6)
    assert found.told_by.keys() == set(found.told)
    by_release = told_by_release(counts, found.told_by)
    assert by_release
    assert all(counts["is_shown"].to_numpy()[rows].all() for rows in by_release.values())
    silent = unmoved.with_columns(is_shown=pl.lit(value=False))
    without = attack(blocks, number, ties, first_limits(silent, rules), watch, directions=6)
    assert set(found.told) - by_release.keys() <= set(without.told)


def test_one_count_is_hidden_beside_each_that_is_told_and_scotland_last() -> None:
    counts, _ = toy.table()
    parts = counts.filter("is_shown", part="in", grain="quarter")
    national, other = (int(rows["row"][0]) for rows in (parts.filter(cube=""), parts.filter(pl.col("cube") != "")))
    hidden = hide_beside(counts, toy.RULES, {0: np.array([national, other])})
    went = counts.filter(pl.col("is_shown") & ~hidden["is_shown"])
    assert set(went["cube"]) == {counts["cube"][other]}
    assert hide_beside(counts, toy.RULES, {0: np.array([national])})["is_shown"][national] is False


def ties_within(ties: Relations, rows: np.ndarray) -> Relations:
    """The ties that hold no count but these."""
    outside = np.bincount(ties.tie[~np.isin(ties.count, rows)], minlength=ties.size) > 0
    kept = ~outside[ties.tie]
    names, tie = np.unique(ties.tie[kept], return_inverse=True)
    return Relations(tie, ties.count[kept], ties.sign[kept], ties.low[names], ties.high[names])


def test_a_count_of_a_few_people_that_is_shown_within_two_is_told() -> None:
    counts, ties = toy.table()
    few = counts.filter(pl.col("people").is_between(3, 6), part="whole", grain="quarter")["row"][0]
    number = counts["number"].to_numpy().astype(np.float64)
    limits = first_limits(counts, toy.RULES)
    limits[0][few], limits[1][few] = number[few] - 2, number[few] + 2
    blocks = blocks_of_periods(counts.filter(grain="quarter"), FAMILY)
    assert few in attack(blocks, number, ties, limits, watched(counts, toy.RULES), directions=4).told


def test_the_gate_stops_a_release_that_the_attack_succeeds_against_and_names_no_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(control, "hide_enough", lambda counts, *_: counts)
    said = []
    for seed in range(8):
        cells = toy.exact(toy.requests(seed, 500))
        try:
            control.protect({toy.ENTRY.id: cells}, toy.ENTRIES, toy.RULES)
        except PipelineError as problem:
            said.append(str(problem))
    assert said
    assert all("nothing is published" in text for text in said)
    assert not any(value in text for text in said for values in toy.VALUES.values() for value in values)


def test_a_whole_run_of_the_control_lets_through_only_rounded_counts_and_says_what_it_did() -> None:
    safe = control.protect({toy.ENTRY.id: toy.exact(toy.requests(3, 500))}, toy.ENTRIES, toy.RULES)
    shown = safe.counts.filter("is_shown")
    assert (shown["shown"] % 5 == 0).all()
    assert ((shown["shown"] - shown["number"]).abs() <= 4).all()
    assert safe.counts.filter(~pl.col("is_shown"))["shown"].is_null().all()
    assert safe.audit["attack"]["told"] == 0
    assert safe.audit["attack_by_boards"]["boards"] == 14


# What an earlier attack found stands only for exactly the same problem.


def problem_of(seed: int = 3) -> attacking.Problem:
    """The problem of the first block of a table of toy counts."""
    counts, ties = toy.table(seed, how_many=300)
    asked: list[attacking.Problem] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attacking, "solve", lambda problem: asked.append(problem) or attacking.Finding({}, np.inf, 0, 0))
        attacked(counts, ties)
    return asked[0]


def changed(value: object) -> object:
    """The value with the least change that it can have: the next number, in the last place of an array."""
    if isinstance(value, int):
        return value + 1
    assert isinstance(value, np.ndarray)
    assert value.size
    found = value.copy()
    if found.dtype == np.bool_:
        found[-1] = ~found[-1]
    else:
        found[-1] = np.nextafter(found[-1], np.inf) if found.dtype == np.float64 else found[-1] + 1
    return found


@pytest.mark.parametrize("part", [part.name for part in fields(attacking.Problem)])
def test_a_block_is_attacked_anew_where_anything_that_the_attack_works_from_differs(part: str) -> None:
    problem = problem_of()
    other = replace(problem, **{part: changed(getattr(problem, part))})
    assert other.key != problem.key
    assert replace(problem).key == problem.key


def test_a_count_in_another_place_makes_another_problem() -> None:
    problem = problem_of()
    assert replace(problem, number=problem.number[::-1]).key != problem.key


@pytest.mark.parametrize("what", ["code", "solver"])
def test_a_block_is_attacked_anew_by_other_code_and_by_another_solver(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = problem_of()
    before = problem.key
    attacking.solved_by.cache_clear()
    if what == "code":
        monkeypatch.setattr(attacking, "code_version", lambda: "other")
    else:
        monkeypatch.setattr(attacking, "version", lambda _: "0.0.1")
    try:
        assert problem.key != before
    finally:
        attacking.solved_by.cache_clear()


def protected(known: attacking.Known | None, seed: int = 3, seconds: float | None = None) -> control.Protected:
    cells = toy.exact(toy.requests(seed, 500)).sort(CELL)
    return control.protect({toy.ENTRY.id: cells}, toy.ENTRIES, toy.RULES, seconds=seconds, attacks=known)


def did(safe: control.Protected) -> dict[str, object]:
    """What the attack did, but for its time and for what was known before."""
    apart = {"seconds", "blocks_as_before"}
    both = {name: safe.audit[name] for name in ("attack", "attack_by_boards")}
    return {name: {key: value for key, value in of.items() if key not in apart} for name, of in both.items()}


@pytest.mark.parametrize("seconds", [None, 0.0, 0.0005])
def test_a_release_from_known_findings_is_the_one_from_none_and_nothing_is_solved_twice(seconds: float | None) -> None:
    known: dict[str, attacking.Finding] = {}
    first, anew = protected(known, seconds=seconds), protected(None, seconds=seconds)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attacking, "solve", lambda _: pytest.fail("attacked again"))
        again = protected(known, seconds=seconds)
    assert again.counts.equals(first.counts)
    assert again.counts.equals(anew.counts)
    assert did(again) == did(first) == did(anew)
    assert again.audit["attack"]["blocks_as_before"] > 0


def test_a_sampled_attack_stops_at_the_same_block_on_every_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, part = protected(None).audit["attack"], protected(None, seconds=0.0005).audit["attack"]
    assert 0 < part["blocks_attacked"] < part["blocks_in_all"] == whole["blocks_in_all"]
    solve = attacking.solve
    monkeypatch.setattr(attacking, "solve", lambda problem: [time.sleep(0.05), solve(problem)][1])
    assert protected(None, seconds=0.0005).audit["attack"]["blocks_attacked"] == part["blocks_attacked"]


def test_what_was_told_is_told_again_from_what_is_known() -> None:
    counts, ties = toy.table()
    few = counts.filter(pl.col("people").is_between(3, 6), part="whole", grain="quarter")["row"][0]
    number, limits = counts["number"].to_numpy().astype(np.float64), first_limits(counts, toy.RULES)
    limits[0][few], limits[1][few] = number[few] - 2, number[few] + 2
    blocks, watch = blocks_of_periods(counts.filter(grain="quarter"), FAMILY), watched(counts, toy.RULES)
    known: dict[str, attacking.Finding] = {}
    first, again = (attack(blocks, number, ties, limits, watch, 4, known=known) for _ in range(2))
    assert few in again.told
    assert again.told == first.told
    assert {row: held.tolist() for row, held in again.told_by.items()} == {
        row: held.tolist() for row, held in first.told_by.items()
    }
    assert [block.name for block in again.told_in] == [block.name for block in first.told_in]
