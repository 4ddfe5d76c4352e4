"""Hiding: enough, no more than ties ask for, and judged by a solver that knows nothing of how it was done."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from pipelines.disclosure.bounds import Limits, bearing, first_limits, propagate, told, watched
from pipelines.disclosure.hiding import NOBODY, hide, hide_enough, knowing
from pipelines.disclosure.relations import Relations
from tests.pipelines.disclosure import toy


def solved(ties: Relations, limits: Limits, row: int) -> tuple[float, float]:
    """The least and the most that a count can be, by a linear programme of its own."""
    rows = np.concatenate([ties.tie, ties.tie + ties.size])
    matrix = csr_matrix(
        (np.concatenate([ties.sign, -ties.sign]), (rows, np.concatenate([ties.count, ties.count]))),
        shape=(2 * ties.size, limits[0].size),
    )
    right = np.concatenate([ties.high, -ties.low])
    cost = np.zeros(limits[0].size)
    cost[row] = 1
    bounds = np.column_stack(limits)
    ends = [linprog(sign * cost, A_ub=matrix, b_ub=right, bounds=bounds, method="highs") for sign in (1, -1)]
    assert all(end.success for end in ends)
    return ends[0].fun, -ends[1].fun


@pytest.mark.parametrize("seed", range(6))
def test_bounds_always_hold_the_truth_and_are_never_narrower_than_a_solver_finds(seed: int) -> None:
    counts, ties = toy.table(seed, how_many=300)
    limits = propagate(ties, first_limits(counts, toy.RULES))
    number = counts["number"].to_numpy()
    assert np.all((limits[0] <= number) & (number <= limits[1]))
    for row in np.random.default_rng(seed).choice(number.size, 5, replace=False):
        least, most = solved(ties, first_limits(counts, toy.RULES), int(row))
        assert limits[0][row] <= np.ceil(least - 1e-6)
        assert limits[1][row] >= np.floor(most + 1e-6)


@pytest.mark.parametrize("seed", range(8))
def test_after_hiding_no_small_count_is_told_and_more_is_hidden_only_where_something_was(seed: int) -> None:
    counts, ties = toy.table(seed, how_many=500)
    watch = watched(counts, toy.RULES)
    was_told = told(propagate(ties, first_limits(counts, toy.RULES)), watch)
    safe = hide_enough(counts, ties, toy.RULES)
    assert told(propagate(ties, first_limits(safe, toy.RULES)), watch).size == 0
    if safe["is_shown"].sum() == counts["is_shown"].sum():
        assert was_told.size == 0


def test_the_seeds_tried_hold_services_that_would_leak_without_hiding() -> None:
    leaks = 0
    for seed in range(8):
        counts, ties = toy.table(seed, how_many=500)
        leaks += told(propagate(ties, first_limits(counts, toy.RULES)), watched(counts, toy.RULES)).size
    assert leaks > 0


@pytest.mark.parametrize("seed", range(3))
def test_nor_is_anything_told_to_a_manager_who_knows_one_board(seed: int) -> None:
    counts, ties = toy.table(seed, how_many=500)
    own = counts.select((pl.col("d1") == "S08000016").fill_null(value=False).arg_true()).to_series().to_numpy()
    own = own.astype(np.int64)
    safe = hide_enough(counts, ties, toy.RULES, [own])
    limits = propagate(ties, knowing(first_limits(safe, toy.RULES), safe, own))
    unshown = safe.with_columns(is_shown=pl.lit(value=False))
    without = propagate(ties, knowing(first_limits(unshown, toy.RULES), safe, own))
    watch = watched(counts, toy.RULES)
    assert set(told(limits, watch)) <= {*own, *told(without, watch)}


def test_a_hidden_share_takes_both_its_parts_and_leaves_its_whole() -> None:
    counts, _ = toy.table()
    inside = counts.filter(pl.col("is_shown"), part="in", cube="", grain="quarter")["row"].to_numpy()
    after = hide(counts, inside.astype(np.int64), toy.RULES).filter(cube="", grain="quarter")
    assert dict(after.select("part", "is_shown").iter_rows()) == {"in": False, "out": False, "whole": True}


def test_hiding_nothing_changes_nothing() -> None:
    counts, _ = toy.table()
    assert hide(counts, NOBODY, toy.RULES).equals(counts)


def test_the_ties_that_bear_on_a_count_hold_it_as_narrow_as_all_ties_do() -> None:
    counts, ties = toy.table(3, how_many=500)
    first = first_limits(counts, toy.RULES)
    limits = propagate(ties, first)
    tightened = np.flatnonzero((limits[0] > first[0]) | (limits[1] < first[1]))
    assert tightened.size > 20
    for row in np.random.default_rng(3).choice(tightened, 20, replace=False):
        chosen = bearing(ties, limits, first, np.array([row]))
        assert chosen.size
        assert np.isin(chosen, ties.of_counts(np.array([row]))).all()
    assert bearing(ties, limits, first, NOBODY).size == 0
