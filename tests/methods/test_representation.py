"""How those served compare with the population."""

from __future__ import annotations

import itertools
import math

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from methods.proportions import wilson_interval
from methods.reasons import REASON
from methods.representation import (
    difference_from_limits,
    dissimilarity_index,
    ratio_from_limits,
    representation_ratio,
)

people = st.integers(1, 10**6)
REFERENCES = ("known", "sample")


def ratio(*counts: float | None, **options: object) -> dict[str, object]:
    return pl.select(representation_ratio(*(pl.lit(n, pl.Float64) for n in counts), **options).alias("a")).item()


def index(served: list[float | None], population: list[float | None], **options: object) -> dict[str, object]:
    counts = pl.DataFrame({"served": served, "population": population}, strict=False)
    return dissimilarity_index(counts, **options).to_dicts()[0]


def test_a_ratio_worked_by_hand_comes_out() -> None:
    """50 of 1,000 served against 10%: 0.5. Wilson: (103.84 -/+ 1.96*sqrt(3.8415 + 190))/(2*1003.84) = 0.0381 and
    0.0653, over 0.1."""
    found = ratio(50, 1000, 10, 100)
    assert found["value"] == pytest.approx(0.5)
    assert (found["lower"], found["upper"]) == pytest.approx((0.3813, 0.6531), abs=1e-4)


@given(people, people, people, people)
def test_a_ratio_lies_between_its_limits_and_a_sampled_reference_widens_them(a: int, b: int, c: int, d: int) -> None:
    known, sampled = ratio(a, a + b, c, c + d), ratio(a, a + b, c, c + d, reference="sample")
    assert known["value"] == pytest.approx(sampled["value"])
    assert sampled["lower"] <= known["lower"] * (1 + 1e-9)
    assert known["lower"] <= known["value"] * (1 + 1e-12)
    assert known["value"] <= known["upper"] * (1 + 1e-12)
    assert known["upper"] <= sampled["upper"] * (1 + 1e-9)


@given(people, people, people, people)
def test_a_ratio_from_limits_turns_over_with_its_parts(a: int, b: int, c: int, d: int) -> None:
    found, turned = ratio(a, a + b, c, c + d, reference="sample"), ratio(c, c + d, a, a + b, reference="sample")
    assert found["lower"] == pytest.approx(1 / turned["upper"], rel=1e-6)
    assert found["upper"] == pytest.approx(1 / turned["lower"], rel=1e-6)


@given(people, people, people, people)
def test_limits_of_a_ratio_are_where_the_limits_of_the_difference_are_nought(a: int, b: int, c: int, d: int) -> None:
    """The definition, which the formula solves: at r, p - rq has a limit at 0 by the square-and-add rule."""
    found = ratio(a, a + b, c, c + d, reference="sample")
    here, there = (pl.select(wilson_interval(pl.lit(x), pl.lit(x + y))).item() for x, y in ((a, b), (c, d)))
    p, q = here["value"], there["value"]
    for r, near, far in ((found["lower"], "lower", "upper"), (found["upper"], "upper", "lower")):
        reach = math.hypot(p - here[near], r * (q - there[far]))
        assert abs(p - r * q) == pytest.approx(reach, rel=1e-6)


@pytest.mark.parametrize("reference", REFERENCES)
def test_nobody_served_gives_nought_with_a_true_upper_limit(reference: str) -> None:
    found = ratio(0, 40, 10, 100, reference=reference)
    assert found["value"] == found["lower"] == 0
    assert 0 < found["upper"] < math.inf
    assert found["reason"] is None


@pytest.mark.parametrize(
    ("counts", "why"),
    [
        ((None, 10, 1, 10), "missing"),
        ((1, 10, 1, math.nan), "missing"),
        ((0, 0, 1, 10), "total_not_positive"),
        ((-1, 10, 1, 10), "negative_count"),
        ((11, 10, 1, 10), "count_above_total"),
        ((1, 10, 0, 10), "denominator_is_zero"),
    ],
)
@pytest.mark.parametrize("reference", REFERENCES)
def test_a_ratio_that_cannot_be_given_says_why(counts: tuple[float | None, ...], why: str, reference: str) -> None:
    found = ratio(*counts, reference=reference)
    assert (found["value"], found["lower"], found["upper"], found["reason"]) == (None, None, None, why)


def test_a_ratio_to_what_may_be_nought_has_no_upper_limit() -> None:
    parts = ({"value": 2.0, "lower": 1.0, "upper": 3.0}, {"value": 1.0, "lower": 0.0, "upper": 2.0})
    structs = [pl.struct(**{k: pl.lit(v) for k, v in part.items()}, reason=pl.lit(None, pl.String)) for part in parts]
    found = pl.select(ratio_from_limits(*structs)).item()
    assert (found["value"], found["upper"], found["reason"]) == (2.0, None, "no_limits")
    assert 0 < found["lower"] < 2


@pytest.mark.parametrize("call", [lambda: ratio(1, 2, 1, 2, reference="census"), lambda: index([1], [1], reference="")])
def test_an_unknown_reference_is_refused(call: object) -> None:
    with pytest.raises(ValueError, match="reference"):
        call()


def test_an_index_worked_by_hand_comes_out() -> None:
    """60 and 40 against halves: 0.1. By chance: the mean of |normal| with variance 1/400, twice, halved: 0.05 *
    sqrt(2/pi) = 0.0399. The upper limit is Wilson's of 60 of 100, 0.6906, less 0.5; the lower, 0.0020, is within
    chance."""
    found = index([60, 40], [50, 50])
    assert found["value"] == pytest.approx(0.1)
    assert found["by_chance"] == pytest.approx(0.0399, abs=1e-4)
    assert (found["lower"], found["upper"]) == (0, pytest.approx(0.1906, abs=1e-4))
    assert 0.095 < found["corrected"] < 0.1


counts_of_groups = st.lists(st.tuples(st.integers(0, 1000), st.integers(1, 1000)), min_size=2, max_size=9)


@given(counts_of_groups)
def test_the_index_is_the_largest_difference_that_any_set_of_groups_shows(groups: list[tuple[int, int]]) -> None:
    assume(sum(x for x, _ in groups) > 0)
    served, population = ([pair[i] for pair in groups] for i in (0, 1))
    largest = max(
        sum(served[i] for i in chosen) / sum(served) - sum(population[i] for i in chosen) / sum(population)
        for size in range(len(groups) + 1)
        for chosen in itertools.combinations(range(len(groups)), size)
    )
    assert index(served, population)["value"] == pytest.approx(largest, abs=1e-12)


@pytest.mark.parametrize("reference", REFERENCES)
@given(groups=counts_of_groups)
def test_limits_hold_the_index_and_the_correction_lowers_it(reference: str, groups: list[tuple[int, int]]) -> None:
    assume(sum(x for x, _ in groups) > 0)
    found = index([x for x, _ in groups], [m for _, m in groups], reference=reference)
    assert 0 <= found["lower"] <= found["value"] + 1e-12
    assert found["value"] <= found["upper"] <= 1
    assert 0 <= found["corrected"] <= found["value"] + 1e-12
    turned = index([x for x, _ in groups[::-1]], [m for _, m in groups[::-1]], reference=reference)
    assert turned == pytest.approx(found)


def test_the_same_make_up_is_nought_and_another_one_wholly_apart() -> None:
    assert index([3, 30], [30, 300])["value"] == 0
    assert index([3, 30], [30, 300])["lower"] == 0
    assert index([50, 0], [0, 50])["value"] == 1


@pytest.mark.parametrize("reference", REFERENCES)
def test_the_excess_is_that_of_resampling(reference: str) -> None:
    served, population = [70, 20, 10], [600, 250, 150]
    drawn = np.random.default_rng(3).multinomial(100, np.array(served) / 100, 40_000) / 100
    others = np.array(population) / 1000
    if reference == "sample":
        others = np.random.default_rng(4).multinomial(1000, others, 40_000) / 1000
    mean = abs(drawn - others).sum(axis=1).mean() / 2
    found = index(served, population, reference=reference)
    assert found["value"] - found["corrected"] == pytest.approx(mean - found["value"], abs=0.002)


@pytest.mark.parametrize("tilt", [0.0, 0.2, 1.0])
@pytest.mark.parametrize("size", [30, 1000])
@pytest.mark.parametrize("groups", [5, 20])
@pytest.mark.parametrize("reference", REFERENCES)
def test_nine_in_ten_intervals_hold_the_true_index(tilt: float, size: int, groups: int, reference: str) -> None:
    rng = np.random.default_rng(11)
    population = np.full(groups, 1000)
    shares = np.exp(tilt * np.linspace(-1, 1, groups))
    shares /= shares.sum()
    served = rng.multinomial(size, shares, 1000)
    others = rng.multinomial(500, population / population.sum(), 1000) if reference == "sample" else population
    counts = pl.DataFrame(
        {
            "sample": np.repeat(np.arange(1000), groups),
            "served": served.ravel(),
            "population": np.broadcast_to(others, served.shape).ravel(),
        }
    )
    true = abs(shares - 1 / groups).sum() / 2
    found = dissimilarity_index(counts, ["sample"], reference=reference)
    held = (found["lower"] <= true + 1e-12) & (found["upper"] >= true - 1e-12)
    assert held.mean() >= 0.9
    assert abs(found["corrected"].mean() - true) <= abs(found["value"].mean() - true) + 0.005


@pytest.mark.parametrize(
    ("served", "why"),
    [
        ([5, None], "missing"),
        ([5, -1], "negative_count"),
        ([0, 0], "total_not_positive"),
        ([5, math.inf], "not_finite"),
    ],
)
def test_a_bad_group_stops_no_other(served: list[float | None], why: str) -> None:
    counts = pl.DataFrame(
        {"board": ["a", "a", None, None], "served": [*served, 6, 4], "population": [1, 1, 1, 1]}, strict=False
    )
    found = {row["board"]: row for row in dissimilarity_index(counts, ["board"]).to_dicts()}
    assert (found["a"]["value"], found["a"]["by_chance"], found["a"]["reason"]) == (None, None, why)
    assert found[None]["value"] == pytest.approx(0.1)
    assert found[None]["reason"] is None


def test_an_empty_table_gives_an_empty_answer() -> None:
    empty = pl.DataFrame(schema={"board": pl.String, "served": pl.Int64, "population": pl.Int64})
    names = ["value", "lower", "upper", "method", "reason", "corrected", "by_chance"]
    assert dissimilarity_index(empty, ["board"]).columns == ["board", *names]
    assert dissimilarity_index(empty).columns == names
    assert dissimilarity_index(empty).height == 0


def difference(first: tuple[float, float, float], second: tuple[float, float, float]) -> dict[str, float]:
    structs = [
        pl.struct(
            *(pl.lit(float(n)).alias(name) for n, name in zip(numbers, ("value", "lower", "upper"), strict=True)),
            pl.lit(None, REASON).alias("reason"),
        )
        for numbers in (first, second)
    ]
    return pl.select(difference_from_limits(*structs)).item()


def test_a_difference_from_limits_worked_by_hand_comes_out() -> None:
    found = difference((50, 40, 60), (30, 27, 35))
    assert found["value"] == 20
    assert found["lower"] == pytest.approx(20 - math.sqrt(125))
    assert found["upper"] == pytest.approx(20 + math.sqrt(109))


@given(*[st.tuples(st.floats(0, 100), st.floats(0, 20), st.floats(0, 20))] * 2)
def test_a_difference_turns_over_with_its_parts(a: tuple[float, float, float], b: tuple[float, float, float]) -> None:
    first, second = ((value, value - down, value + up) for value, down, up in (a, b))
    one, other = difference(first, second), difference(second, first)
    assert one["lower"] == pytest.approx(-other["upper"])
    assert one["lower"] <= one["value"] <= one["upper"]
