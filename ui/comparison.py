"""A fair comparison: the share in time of each board or laboratory, as it is and allowing for its mix of tests.

Late requests are set against those expected. Allowing for the mix, the expected ones are what Scotland was late with in
each kind of test and month; without, they are Scotland's share of all requests alike. The share that stands for a place
is then 1 - late / expected * Scotland's share late (the indirectly standardised rate), and its size is the number of
requests that would be expected to give so many late ones at Scotland's rate: of a crude share, the requests themselves.
Limits are binomial at that size and widened by how much more places differ than chance allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from methods.funnels import funnel_curve, funnel_limits, measure_overdispersion

#: Confidence of the two pairs of limits: one place in 20, and two in 1,000, fall outside by chance.
NEAR, FAR = 0.95, 0.998

#: What is read from where a place lies; the words that close it differ where the mix is not allowed for.
READS = {
    "low_far": "Lower than expected{mix}, beyond what chance and usual variation explain",
    "low_near": "Lower than expected{mix}; chance and usual variation go so far about once in 20 times",
    "within": "As expected{mix}, within chance and usual variation",
    "high_near": "Higher than expected{mix}; chance and usual variation go so far about once in 20 times",
    "high_far": "Higher than expected{mix}, beyond what chance and usual variation explain",
}
#: The same in a table, whose note gives the sentences.
SHORT = {
    "low_far": "Lower",
    "low_near": "Lower, 1 in 20",
    "within": "As expected",
    "high_near": "Higher, 1 in 20",
    "high_far": "Higher",
}
MIX = " for its mix of tests"


@dataclass(frozen=True)
class Funnel:
    """Places with their limits, and the limits at every size between the smallest and the largest.

    places: `code`, `requests`, `late`, `expected`, `size`, `value`, `near_low`, `near_high`, `far_low`, `far_high`,
    `verdict` (a key of READS; null where it cannot be told) and `by_chance`, the same by the limits of chance alone.
    curve: `denominator`, `confidence`, `lower`, `upper`.
    average: Scotland's share in time. phi: how many times more than by chance places vary, as a ratio of variances.
    """

    places: pl.DataFrame
    curve: pl.DataFrame
    average: float
    phi: float | None


def crude(places: pl.DataFrame, average: float, reach: int) -> Funnel:
    """The funnel of the shares as they are.

    places: `code`, `requests`, `late`, shown counts. average: Scotland's share in time. reach: by how much rounding may
    have moved a count.
    """
    return _funnel(places.with_columns(expected=pl.col("requests") * (1 - average)), average, reach)


def adjusted(places: pl.DataFrame, average: float, reach: int) -> Funnel:
    """The funnel that allows for the mix of tests; as `crude`, with `expected_late` beside the counts."""
    return _funnel(places.with_columns(expected=pl.col("expected_late").cast(pl.Float64)), average, reach)


def reads(verdict: str | None, by_mix: bool) -> str:
    """The sentence of a verdict; empty where there is none."""
    return READS[verdict].format(mix=MIX if by_mix else "") if verdict else ""


def _funnel(places: pl.DataFrame, average: float, reach: int) -> Funnel:
    size = pl.col("expected") / (1 - average)
    units = places.with_columns(size=size).with_columns(
        numerator=pl.col("size") - pl.col("late"), denominator=pl.col("size")
    )
    spread = measure_overdispersion(units, "proportion", baseline=average)
    shape: dict[str, Any] = {"form": "transformed", "baseline": average}
    by_chance = _judged(units, reach, shape).select("code", by_chance="verdict")
    if spread["reason"][0] is None:
        shape["overdispersion"] = spread
    found = _judged(units, reach, shape).join(by_chance, on="code", maintain_order="left")
    curve = funnel_curve(units, "proportion", levels=(NEAR, FAR), **shape)
    return Funnel(found, curve, average, spread["phi"][0])


def _judged(units: pl.DataFrame, reach: int, shape: Mapping[str, Any]) -> pl.DataFrame:
    """The places with their value, both pairs of limits and the verdict by them."""
    limits = funnel_limits(units, "proportion", levels=(NEAR, FAR), **shape)
    near, far = (limits.filter(confidence=level) for level in (NEAR, FAR))
    found = near.rename({"lower": "near_low", "upper": "near_high"}).join(
        far.select("code", far_low="lower", far_high="upper"), on="code", maintain_order="left"
    )
    columns = ["code", "requests", "late", "expected", "size", "value"]
    columns += ["near_low", "near_high", "far_low", "far_high"]
    return found.with_columns(verdict=_verdict(reach)).select(*columns, "verdict")


def _verdict(reach: int) -> pl.Expr:
    """Where a place lies whatever its late requests were before rounding."""
    value, moved = pl.col("value"), reach / pl.col("size")
    highest, lowest = value + moved, value - moved
    return (
        pl.when(highest < pl.col("far_low"))
        .then(pl.lit("low_far"))
        .when(lowest > pl.col("far_high"))
        .then(pl.lit("high_far"))
        .when(highest < pl.col("near_low"))
        .then(pl.lit("low_near"))
        .when(lowest > pl.col("near_high"))
        .then(pl.lit("high_near"))
        .when(value.is_not_null())
        .then(pl.lit("within"))
    )


def outside(funnel: Funnel, labels: Mapping[str, str], side: str) -> list[str]:
    """The names of places beyond the outer limits on a side, `low` or `high`, in the order of the list."""
    return [labels.get(code, code) for code in funnel.places.filter(verdict=f"{side}_far")["code"]]
