"""Shares, their differences and their ratios."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.proportions import newcombe_difference, score_difference, score_ratio, wilson_interval

CASES = Path(__file__).parent / "cases"
PAIR = ("x", "n", "y", "m")
Z = 1.959963984540054

shares = st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
few = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def share(x: float | None, n: float | None, population: float | None = None, confidence: float = 0.95) -> Any:
    frame = pl.DataFrame(
        {"x": [x], "n": [n], "size": [population]}, schema=dict.fromkeys(["x", "n", "size"], pl.Float64)
    )
    size = None if population is None else pl.col("size")
    return frame.select(wilson_interval(pl.col("x"), pl.col("n"), confidence, size)).item()


def compare(method: Callable[..., pl.Expr], *counts: float | None, confidence: float = 0.95) -> Any:
    frame = pl.DataFrame([counts], schema=dict.fromkeys(PAIR, pl.Float64), orient="row")
    return frame.select(method(*(pl.col(name) for name in PAIR), confidence)).item()


def limits(answer: dict[str, Any]) -> tuple[float, float]:
    return answer["lower"], answer["upper"]


def halved(rejected: Callable[[float], bool], outside: float, inside: float) -> float:
    """Where a rejected end turns into one that is not, by halving: slow and plain."""
    for _ in range(200):
        middle = (outside + inside) / 2
        outside, inside = (middle, inside) if rejected(middle) else (outside, middle)
    return inside


# A single share


@given(share_=few)
def test_wilson_limits_are_the_shares_that_a_score_test_just_does_not_reject(share_: tuple[int, int]) -> None:
    x, n = share_
    p = x / n
    found = share(x, n)

    def rejected(true: float) -> bool:
        return (p - true) ** 2 > Z**2 * true * (1 - true) / n

    assert limits(found) == pytest.approx((halved(rejected, 0, p), halved(rejected, 1, p)), abs=1e-12)


@given(share_=shares)
def test_wilson_limits_hold_the_share_and_mirror_when_successes_become_failures(share_: tuple[int, int]) -> None:
    x, n = share_
    found, mirrored = share(x, n), share(n - x, n)
    assert 0 <= found["lower"] <= found["value"] <= found["upper"] <= 1
    assert limits(found) == pytest.approx((1 - mirrored["upper"], 1 - mirrored["lower"]), abs=1e-12)


def test_the_limits_of_nought_and_of_all_are_exact() -> None:
    for n in (1, 3, 7, 1000, 10**9):
        assert share(0, n)["lower"] == 0
        assert share(n, n)["upper"] == 1


def test_a_higher_confidence_is_wider() -> None:
    low, high = share(7, 20, confidence=0.95), share(7, 20, confidence=0.998)
    assert high["lower"] < low["lower"] < low["upper"] < high["upper"]


def test_a_sample_of_a_finite_population_counts_as_a_larger_one() -> None:
    """50 of 100 drawn from 500: as a sample of 100 * 499 / 400 = 124.75, so 62.375 of it."""
    assert limits(share(50, 100, 500)) == pytest.approx(limits(share(62.375, 124.75)))
    assert share(50, 100, 500)["value"] == 0.5


@pytest.mark.parametrize(("x", "n"), [(0, 1), (1, 1), (3, 7), (100, 100), (10**9 - 1, 10**9)])
def test_a_full_count_has_no_width(x: int, n: int) -> None:
    assert limits(share(x, n, n)) == (x / n, x / n)


@given(share_=shares, more=st.integers(0, 10**6))
def test_a_population_narrows_the_limits_the_more_of_it_is_seen(share_: tuple[int, int], more: int) -> None:
    x, n = share_
    near, far, plain = share(x, n, n + more), share(x, n, n + 10 * more + 1), share(x, n)
    assert plain["lower"] <= far["lower"] + 1e-12
    assert far["lower"] <= near["lower"] + 1e-12 <= near["value"] + 2e-12
    assert near["upper"] <= far["upper"] + 1e-12 <= plain["upper"] + 2e-12


def test_part_of_a_population_of_one_says_too_little() -> None:
    assert share(0.2, 0.5, 1)["reason"] == share(0.2, 0.5, 0.7)["reason"] == "too_few_points"
    assert limits(share(0.2, 0.5, 0.5)) == (0.4, 0.4)


def test_an_endless_population_is_as_none() -> None:
    assert limits(share(3, 20, 1e15)) == pytest.approx(limits(share(3, 20)))


@pytest.mark.parametrize(
    ("x", "n", "size", "code"),
    [
        (None, 5, None, "missing"),
        (2, None, None, "missing"),
        (math.nan, 5, None, "missing"),
        (2, math.inf, None, "not_finite"),
        (0, 0, None, "total_not_positive"),
        (1, -5, None, "total_not_positive"),
        (-1, 5, None, "negative_count"),
        (6, 5, None, "count_above_total"),
        (2, 5, 4, "count_above_total"),
        (2, 5, math.nan, "missing"),
    ],
)
def test_a_row_that_is_no_share_says_why(x: float | None, n: float | None, size: float | None, code: str) -> None:
    found = share(x, n, size)
    assert found["reason"] == code
    assert [found[name] for name in ("value", "lower", "upper")] == [None] * 3


def test_a_bad_row_leaves_the_others_alone_and_whole_numbers_will_do() -> None:
    frame = pl.DataFrame({"x": [4, 11, None, 6], "n": [10, 10, 10, 12]})
    found = frame.select(wilson_interval(pl.col("x"), pl.col("n")).struct.unnest())
    assert found["reason"].to_list() == [None, "count_above_total", "missing", None]
    assert found["lower"].to_list()[::3] == [share(4, 10)["lower"], share(6, 12)["lower"]]


@pytest.mark.parametrize("method", [newcombe_difference, score_difference, score_ratio])
def test_an_empty_frame_gives_an_empty_answer_of_the_same_type(method: Callable[..., pl.Expr]) -> None:
    frame = pl.DataFrame(schema=dict.fromkeys(PAIR, pl.Int64))
    columns = [pl.col(name) for name in PAIR]
    full = pl.DataFrame({name: [1] for name in PAIR})
    assert frame.select(method(*columns)).schema == full.select(method(*columns)).schema
    assert frame.select(wilson_interval(*columns[:2])).height == 0


@pytest.mark.parametrize("confidence", [0, 1, 1.5, 95, math.nan])
def test_a_confidence_that_is_none_is_refused(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence"):
        wilson_interval(pl.col("x"), pl.col("n"), confidence)
    for method in (newcombe_difference, score_difference, score_ratio):
        with pytest.raises(ValueError, match="confidence"):
            method(*(pl.col(name) for name in PAIR), confidence)


def test_it_can_be_asked_of_groups_and_of_lazy_frames() -> None:
    frame = pl.DataFrame({"group": ["a", None, "a"], "x": [3, 4, 10], "n": [10, 20, 30]})
    sums = wilson_interval(pl.col("x").sum(), pl.col("n").sum()).alias("share")
    found = frame.lazy().group_by("group").agg(sums).sort("group").collect()
    assert found["share"].to_list() == [share(4, 20), share(13, 40)]


# Two shares

#: Newcombe 1998, Statistics in Medicine 17:873, table II: method 10, then Miettinen and Nurminen's.
PUBLISHED = [
    ((56, 70, 48, 80), (0.0524, 0.3339), (0.0528, 0.3382)),
    ((9, 10, 3, 10), (0.1705, 0.8090), (0.1700, 0.8406)),
    ((6, 7, 2, 7), (0.0582, 0.8062), (0.0342, 0.8534)),
    ((5, 56, 0, 29), (-0.0381, 0.1926), (-0.0326, 0.1933)),
    ((0, 10, 0, 20), (-0.1611, 0.2775), (-0.1658, 0.2844)),
    ((0, 10, 0, 10), (-0.2775, 0.2775), (-0.2879, 0.2879)),
    ((10, 10, 0, 20), (0.6791, 1.0000), (0.7156, 1.0000)),
    ((10, 10, 0, 10), (0.6075, 1.0000), (0.6636, 1.0000)),
]


@pytest.mark.parametrize(("counts", "newcombe", "score"), PUBLISHED)
def test_published_differences_come_out(
    counts: tuple[int, ...], newcombe: tuple[float, float], score: tuple[float, float]
) -> None:
    assert limits(compare(newcombe_difference, *counts)) == pytest.approx(newcombe, abs=6e-5)
    assert limits(compare(score_difference, *counts)) == pytest.approx(score, abs=6e-5)


@pytest.mark.parametrize(
    ("name", "method"), [("score_ratio", score_ratio), ("newcombe_difference", newcombe_difference)]
)
def test_the_established_package_agrees(name: str, method: Callable[..., pl.Expr]) -> None:
    for case in json.loads((CASES / f"{name}.json").read_text())["cases"]:
        found = compare(method, *case["counts"], confidence=case["confidence"])
        assert limits(found) == pytest.approx((case["lower"], case["upper"]), rel=1e-6), case


def likeliest(slope: Callable[[float], float], low: float, high: float) -> float:
    """Where a likelihood that rises and then falls is greatest."""
    return halved(lambda p: slope(p) > 0, low, high)


def plain_difference(x: int, n: int, y: int, m: int) -> tuple[float, float]:
    """Limits of the score test of a difference, by halving within halving."""

    def rejected(gap: float) -> bool:
        def slope(q: float) -> float:
            p = q + gap
            # The derivative of the log likelihood, times p (1 - p) q (1 - q).
            return (x - n * p) * q * (1 - q) + (y - m * q) * p * (1 - p)

        q = likeliest(slope, max(0, -gap), min(1, 1 - gap))
        p = q + gap
        variance = (p * (1 - p) / n + q * (1 - q) / m) * (n + m) / (n + m - 1)
        return (x / n - y / m - gap) ** 2 > Z**2 * variance

    middle = x / n - y / m
    return halved(rejected, -1, middle), halved(rejected, 1, middle)


def plain_ratio(x: int, n: int, y: int, m: int) -> tuple[float, float]:
    """Limits of the score test of a ratio of two shares that are not nought, by halving within halving."""

    def rejected(log_ratio: float) -> bool:
        ratio = math.exp(log_ratio)

        def slope(q: float) -> float:
            p = q * ratio
            return (x - n * p) * (1 - q) + (y - m * q) * (1 - p)

        q = likeliest(slope, 0, min(1, 1 / ratio))
        p = q * ratio
        variance = (p * (1 - p) / n + ratio**2 * q * (1 - q) / m) * (n + m) / (n + m - 1)
        return (x / n - ratio * y / m) ** 2 > Z**2 * variance

    middle = math.log(x / n / (y / m))
    return math.exp(halved(rejected, middle - 12, middle)), math.exp(halved(rejected, middle + 12, middle))


@given(first=few, other=few)
def test_score_limits_of_a_difference_agree_with_plain_halving(first: tuple[int, int], other: tuple[int, int]) -> None:
    assert limits(compare(score_difference, *first, *other)) == pytest.approx(
        plain_difference(*first, *other), abs=1e-9
    )


@given(first=few, other=few)
def test_score_limits_of_a_ratio_agree_with_plain_halving(first: tuple[int, int], other: tuple[int, int]) -> None:
    if first[0] and other[0]:
        assert limits(compare(score_ratio, *first, *other)) == pytest.approx(plain_ratio(*first, *other), rel=1e-8)


def test_rare_events_among_very_many_keep_their_digits() -> None:
    """Where shares are tiny the difference is that of two rates; plain halving is right to about nine digits there."""
    counts = (12, 10**6, 3, 2 * 10**6)
    assert limits(compare(score_difference, *counts)) == pytest.approx(plain_difference(*counts), rel=1e-7)
    assert limits(compare(score_ratio, *counts)) == pytest.approx(plain_ratio(*counts), rel=1e-7)


@pytest.mark.parametrize("method", [newcombe_difference, score_difference])
@given(first=shares, other=shares)
def test_a_difference_lies_in_its_limits_and_turns_round_with_its_sides(
    method: Callable[..., pl.Expr], first: tuple[int, int], other: tuple[int, int]
) -> None:
    found, turned = compare(method, *first, *other), compare(method, *other, *first)
    assert -1 <= found["lower"] <= found["value"] <= found["upper"] <= 1
    assert limits(found) == pytest.approx((-turned["upper"], -turned["lower"]), abs=1e-9)
    assert found["reason"] is None


@given(first=shares, other=shares)
def test_a_ratio_lies_in_its_limits_and_turns_over_with_its_sides(
    first: tuple[int, int], other: tuple[int, int]
) -> None:
    found, turned = compare(score_ratio, *first, *other), compare(score_ratio, *other, *first)
    if other[0]:
        assert 0 <= found["lower"] <= found["value"] <= found["upper"]
    if first[0] and other[0]:
        assert limits(found) == pytest.approx((1 / turned["upper"], 1 / turned["lower"]), rel=1e-7)


@given(first=few, other=few)
def test_difference_and_ratio_agree_on_whether_two_shares_differ(
    first: tuple[int, int], other: tuple[int, int]
) -> None:
    """Both limits come from one test, which for equal shares is the same of a difference and of a ratio."""
    gap, ratio = compare(score_difference, *first, *other), compare(score_ratio, *first, *other)
    clear = gap["lower"] > 1e-9 or gap["upper"] < -1e-9
    assert clear == (ratio["lower"] > 1 + 1e-9 or (ratio["upper"] is not None and ratio["upper"] < 1 - 1e-9))


def test_no_events_in_the_first_share_leave_an_upper_limit() -> None:
    found = compare(score_ratio, 0, 40, 9, 44)
    assert (found["value"], found["lower"], found["reason"]) == (0, 0, None)
    assert 0 < found["upper"] < 1


def test_no_events_in_the_other_share_leave_a_lower_limit() -> None:
    found = compare(score_ratio, 9, 44, 0, 40)
    assert (found["value"], found["upper"], found["reason"]) == (None, None, "no_events_to_compare")
    assert found["lower"] == pytest.approx(1 / compare(score_ratio, 0, 40, 9, 44)["upper"])


def test_no_events_at_all_say_nothing_of_their_ratio() -> None:
    found = compare(score_ratio, 0, 44, 0, 40)
    assert (found["value"], found["lower"], found["upper"]) == (None, 0, None)
    assert found["reason"] == "no_events_to_compare"


@pytest.mark.parametrize("method", [newcombe_difference, score_difference, score_ratio])
def test_a_pair_that_is_none_says_why(method: Callable[..., pl.Expr]) -> None:
    assert compare(method, 1, 2, None, 4)["reason"] == "missing"
    assert compare(method, 1, 2, 3, 0)["reason"] == "total_not_positive"
    assert compare(method, 3, 2, 1, 4)["reason"] == "count_above_total"
    assert compare(method, 1, 2, -1, 4)["reason"] == "negative_count"


def test_one_person_in_all_is_too_few_for_a_score() -> None:
    assert compare(score_difference, 0, 0.5, 0.5, 0.5)["reason"] == "too_few_points"
    assert compare(score_difference, 0, 1, 1, 1)["reason"] is None


@pytest.mark.parametrize("method", [newcombe_difference, score_difference, score_ratio])
def test_each_pair_is_answered_by_itself_in_whatever_order(method: Callable[..., pl.Expr]) -> None:
    rows = [counts for counts, _, _ in PUBLISHED] + [(1, 10**9, 3, 2 * 10**9), (5, 4, 1, 1), (1, 3, 2, 4)]
    frame = pl.DataFrame(rows, schema=list(PAIR), orient="row")
    answers = frame.select(method(*(pl.col(name) for name in PAIR)).alias("a"))["a"].to_list()
    assert answers == [compare(method, *row) for row in rows]
    turned = frame.reverse().select(method(*(pl.col(name) for name in PAIR)).alias("a"))["a"].to_list()
    assert turned[::-1] == answers
