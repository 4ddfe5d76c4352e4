"""T7: two releases that differ by one person added, one gone and one of another board tell no more than one does."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tests.attack.attacker import KEY, Lattice, complements, narrowed, told
from tests.attack.conftest import Victim

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("small")]


@pytest.fixture(scope="module")
def both(small_victim_of_module: Victim, next_release: Victim) -> pl.DataFrame:
    """Each count of the later release with what the earlier one told of it."""
    now = next_release.known.counts
    then = small_victim_of_module.known.counts.select(*KEY, "is_shown", "shown", "low", "high", "number")
    return now.join(then, on=KEY, how="left", nulls_equal=True, suffix="_then").sort("row")


@pytest.fixture(scope="module")
def small_victim_of_module(request: pytest.FixtureRequest) -> Victim:
    """The small release, in the scope of a module."""
    from tests.attack.conftest import _victim

    victims = request.getfixturevalue("victims")
    return victims.setdefault("small", _victim(request.getfixturevalue("small")))


def _knowing_both(known: Lattice, both: pl.DataFrame, moved: pl.Expr) -> Lattice:
    """The later release for a reader who holds the earlier one too. moved: by how much the reader takes a count to have
    changed; where that fits nothing, the reader sees so and takes the later release alone."""
    least, most = both["low_then"] + both.select(moved).to_series(), both["high_then"] + both.select(moved).to_series()
    fits = (both["number"] >= least) & (both["number"] <= most)
    low = np.where(fits.fill_null(value=False), np.maximum(known.low, least.fill_null(0)), known.low)
    high = np.where(fits.fill_null(value=False), np.minimum(known.high, most.fill_null(1e9)), known.high)
    return known.with_limits(low, high)


def test_t7_only_the_counts_of_the_people_who_changed_are_other_numbers(both: pl.DataFrame) -> None:
    changed = both.filter(pl.col("number") != pl.col("number_then"))
    assert changed.height > 20
    # A request stands once in a measure, but in up to eight stages of its path, and has ten fields that are counted.
    moved, at_most = (
        (pl.col("number") - pl.col("number_then")).abs(),
        pl.when(indicator="stage_days").then(16).when(indicator="return_completeness").then(20).otherwise(2),
    )
    assert changed.filter(moved > at_most).is_empty()
    same = both.filter(pl.col("number") == pl.col("number_then"), "is_shown", "is_shown_then")
    assert same.height > 10_000
    redrawn = same.filter(pl.col("shown") != pl.col("shown_then"))
    assert redrawn.height < 100


@pytest.mark.parametrize(
    "moved",
    [pl.lit(0), pl.col("number") - pl.col("number_then")],
    ids=["who takes nothing to have changed", "who knows exactly what changed"],
)
def test_t7_whoever_holds_both_releases_learns_no_small_count(
    next_release: Victim, both: pl.DataFrame, moved: pl.Expr
) -> None:
    known = _knowing_both(next_release.known, both, moved)
    found = complements(known)
    assert found.filter(pl.col("high") - pl.col("low") < 5).is_empty()
    assert told(known, *narrowed(known)).is_empty()
