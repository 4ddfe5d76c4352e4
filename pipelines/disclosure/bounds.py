"""What a reader can say of every count at once: limits, tightened through every tie until they tighten no more.

Bounds propagation (Savelsbergh 1994, ORSA J Comput 6:445) over whole numbers. It is quick enough for every count of a
release; what it cannot see, because it looks at one tie at a time, the attack by linear programming does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from catalogue.disclosure import Rules
from pipelines.disclosure.counts import rounded
from pipelines.disclosure.relations import Relations

#: Stands for no limit at all; large against any count, and small enough for sums of it to stay exact.
NO_LIMIT = 1e9
SWEEPS = 12
#: How near a limit may be to a whole number and still count as it.
NEARLY = 1e-6
Limits = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True)
class Watched:
    """What is never to be told: counts of few people, by row; within how much; and under how many people are few."""

    rows: NDArray[np.int64]
    within: int
    under: int


def watched(counts: pl.DataFrame, rules: Rules) -> Watched:
    """The counts of 1 to 9 people, wherever they stand, shown in some other form or not."""
    few = counts.select(pl.col("people").is_between(1, rules.hidden_under - 1).arg_true()).to_series()
    return Watched(few.to_numpy().astype(np.int64), rules.told_within, rules.hidden_under)


def first_limits(counts: pl.DataFrame, rules: Rules) -> Limits:
    """What each count by itself tells: shown, within the reach of the rounding; hidden for few people, from 0 to 9.

    A reader knows no upper limit of what is hidden to protect something else, or is not published. A hidden cell of few
    people may hold more requests than people, and the reader is taken to know how many such cells can hold. What the
    release before told (`before`, `before_reach`) narrows a count that it still fits; where it does not fit, the count
    has changed, and whoever took it to be the same is mistaken. A hidden count is no less than `least`, where the table
    tells that.
    """
    number, people = pl.col("number"), pl.col("people")
    shown = rounded(number, pl.col("draw"), rules.rounded_to)
    few = (people < rules.hidden_under) & pl.col("is_published")
    least = pl.col("least") if "least" in counts.columns else pl.lit(0)
    lower = pl.when("is_shown").then(pl.max_horizontal(shown - rules.reach, pl.col("needs"))).otherwise(least)
    upper = (
        pl.when("is_shown")
        .then(shown + rules.reach)
        .when(few)
        .then(pl.max_horizontal(number, rules.hidden_under - 1))
        .otherwise(NO_LIMIT)
    )
    found = counts.select(lower=lower.cast(pl.Float64), upper=upper.cast(pl.Float64))
    if "before" in counts.columns:
        before, reach = pl.col("before"), pl.col("before_reach")
        then_lower = pl.max_horizontal(before - reach, rules.hidden_under)
        fits = counts.select(
            lower=pl.when((number >= then_lower) & (number <= before + reach)).then(then_lower.cast(pl.Float64)),
            upper=pl.when((number >= then_lower) & (number <= before + reach)).then((before + reach).cast(pl.Float64)),
        )
        found = found.select(
            lower=pl.max_horizontal("lower", fits["lower"]), upper=pl.min_horizontal("upper", fits["upper"])
        )
    return found["lower"].to_numpy().copy(), found["upper"].to_numpy().copy()


def propagate(ties: Relations, first: Limits, changed: NDArray[np.int64] | None = None) -> Limits:
    """The limits that follow from the first ones and every tie.

    changed: where all but these counts already have the limits that follow, only what they touch is looked at.
    """
    lower, upper = first[0].copy(), first[1].copy()
    active = np.arange(ties.size) if changed is None else ties.of_counts(changed)
    for _ in range(SWEEPS):
        if not active.size:
            break
        pairs = ties.pairs(active)
        count = ties.count[pairs]
        at_least, at_most = _implied(ties, pairs, (lower, upper))
        was = lower[count], upper[count]
        np.maximum.at(lower, count, np.ceil(at_least - NEARLY))
        np.minimum.at(upper, count, np.floor(at_most + NEARLY))
        moved = np.zeros(lower.size, dtype=bool)
        moved[count[(lower[count] > was[0]) | (upper[count] < was[1])]] = True
        active = ties.of_counts(np.flatnonzero(moved))
    return lower, upper


def _implied(ties: Relations, pairs: NDArray[np.int64], limits: Limits) -> Limits:
    """For each pair of an active tie and a count: what the tie says of the count, given the limits of its others."""
    count, sign, tie = ties.count[pairs], ties.sign[pairs], ties.tie[pairs]
    lower, upper = limits
    least = np.where(sign > 0, lower[count], -upper[count])
    most = np.where(sign > 0, upper[count], -lower[count])
    starts = np.flatnonzero(np.r_[True, np.diff(tie) > 0])
    lengths = np.diff(np.r_[starts, tie.size])
    rest_least = np.repeat(np.add.reduceat(least, starts), lengths) - least
    rest_most = np.repeat(np.add.reduceat(most, starts), lengths) - most
    low, high = np.maximum(ties.low, -NO_LIMIT)[tie] - rest_most, np.minimum(ties.high, NO_LIMIT)[tie] - rest_least
    return np.where(sign > 0, low, -high), np.where(sign > 0, high, -low)


def bearing(ties: Relations, limits: Limits, first: Limits, narrow: NDArray[np.int64]) -> NDArray[np.int64]:
    """The ties that give these counts the limits that they have, where those are tighter than each by itself tells.

    limits: what follows from the ties (`propagate`) and the first limits. Hiding within other ties would not widen a
    count.
    """
    pairs = ties.pairs(ties.of_counts(narrow))
    if not pairs.size:
        return np.empty(0, dtype=np.int64)
    count = ties.count[pairs]
    at_least, at_most = _implied(ties, pairs, limits)
    raises = (np.ceil(at_least - NEARLY) >= limits[0][count]) & (limits[0][count] > first[0][count])
    lowers = (np.floor(at_most + NEARLY) <= limits[1][count]) & (limits[1][count] < first[1][count])
    is_narrow = np.zeros(limits[0].size, dtype=bool)
    is_narrow[narrow] = True
    return np.unique(ties.tie[pairs[(raises | lowers) & is_narrow[count]]])


def told_together(
    counts: pl.DataFrame, ties: Relations, limits: Limits, watch: Watched, among: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """The ties whose hidden counts together stand for 1 to 9 people and are told to within the forbidden width.

    The sum less every shown part is what the hidden parts hold together: the complement of the shown ones. among: the
    ties to look at; without it, all.
    """
    chosen = np.arange(ties.size) if among is None else among
    if not chosen.size:
        return chosen
    shown, people = counts["is_shown"].to_numpy(), counts["people"].to_numpy().astype(np.float64)
    lower, upper = limits
    pairs = ties.pairs(chosen)
    count, sign, tie = ties.count[pairs], ties.sign[pairs], ties.tie[pairs]
    starts = np.flatnonzero(np.r_[True, np.diff(tie) > 0])
    visible = shown[count]
    least = np.where(sign > 0, lower[count], -upper[count])
    most = np.where(sign > 0, upper[count], -lower[count])

    def summed(what: NDArray[np.float64], where: NDArray[np.bool_]) -> NDArray[np.float64]:
        return np.add.reduceat(np.where(where, what, 0.0), starts)

    ones = np.ones(tie.size)
    bottom = np.maximum(ties.low[chosen] - summed(most, visible), summed(least, ~visible))
    top = np.minimum(ties.high[chosen] - summed(least, visible), summed(most, ~visible))
    few = summed(people[count], ~visible)
    is_complement = (summed(ones, ~visible & (sign < 0)) == 0) & (summed(ones, ~visible) > 1)
    is_told = is_complement & (few >= 1) & (few < watch.under) & (top - bottom < watch.within)
    found: NDArray[np.int64] = chosen[is_told]
    return found


def told(limits: Limits, watch: Watched) -> NDArray[np.int64]:
    """The rows of watched counts that the limits tell to within the forbidden width."""
    lower, upper = limits
    return watch.rows[upper[watch.rows] - lower[watch.rows] < watch.within]
