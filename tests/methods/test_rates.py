"""Counts, rates, and how two of them compare."""

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

from methods.rates import (
    byar_interval,
    count_ratio_interval,
    poisson_interval,
    rate_difference_interval,
    rate_interval,
    rate_ratio_interval,
)

CASES = Path(__file__).parent / "cases"
PAIR = ("x", "n", "y", "m")
Z = 1.959963984540054

counts = st.integers(min_value=5, max_value=10**6)
events = st.integers(0, 10**6)
time = st.integers(1, 10**9)


def ask(method: Callable[..., pl.Expr], *given: float | None, **parameters: float) -> Any:
    names = PAIR[: len(given)]
    frame = pl.DataFrame([given], schema=dict.fromkeys(names, pl.Float64), orient="row")
    return frame.select(method(*(pl.col(name) for name in names), **parameters)).item()


def limits(answer: dict[str, Any]) -> tuple[float, float]:
    return answer["lower"], answer["upper"]


def halved(is_low: Callable[[float], bool], low: float, high: float) -> float:
    """Where something ceases to be too low, by halving: slow and plain."""
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if is_low(middle) else (low, middle)
    return high


# A single count


@pytest.mark.parametrize(
    ("x", "lower", "upper"),
    [(0, 0, 3.689), (1, 0.0253, 5.572), (5, 1.623, 11.668), (10, 4.795, 18.390), (50, 37.11, 65.92)],
)
def test_the_published_table_of_exact_limits_comes_out(x: int, lower: float, upper: float) -> None:
    """Garwood 1936, Biometrika 28:437, as reprinted in tables of the Poisson distribution."""
    assert limits(ask(poisson_interval, x)) == pytest.approx((lower, upper), abs=6e-3)


def test_the_established_package_agrees_on_exact_limits() -> None:
    for case in json.loads((CASES / "poisson_exact.json").read_text())["cases"]:
        found = ask(poisson_interval, case["events"], confidence=case["confidence"])
        assert limits(found) == pytest.approx((case["lower"], case["upper"]), rel=1e-9), case


@pytest.mark.parametrize("x", [0, 1, 4, 9, 10, 33])
def test_exact_limits_leave_a_fortieth_in_each_tail(x: int) -> None:
    def at_most(k: int, mean: float) -> float:
        return sum(math.exp(i * math.log(mean) - mean - math.lgamma(i + 1)) for i in range(k + 1))

    found = ask(poisson_interval, x)
    assert found["upper"] == pytest.approx(halved(lambda mean: at_most(x, mean) > 0.025, x + 1e-9, 100), rel=1e-9)
    if x:
        lower = halved(lambda mean: 1 - at_most(x - 1, mean) < 0.025, 1e-9, x)
        assert found["lower"] == pytest.approx(lower, rel=1e-9)


@given(x=st.integers(10, 10**9))
def test_from_ten_events_on_byar_is_close_to_exact(x: int) -> None:
    exact, byar = ask(poisson_interval, x), ask(byar_interval, x)
    assert limits(byar) == pytest.approx(limits(exact), abs=0.002 * (exact["upper"] - exact["lower"]))


@pytest.mark.parametrize("method", [poisson_interval, byar_interval])
@given(x=st.floats(0, 1e9))
def test_limits_of_a_count_hold_it_and_grow_with_it(method: Callable[..., pl.Expr], x: float) -> None:
    found, more = ask(method, x), ask(method, x + 1)
    assert 0 <= found["lower"] <= found["value"] == x < found["upper"] < more["upper"]
    assert found["lower"] <= more["lower"]


def test_fractions_and_many_events_have_limits_between_those_of_their_neighbours() -> None:
    answers = [ask(poisson_interval, x)["upper"] for x in (998, 999, 999.5, 1000, 1001)]
    assert answers == sorted(answers)


@pytest.mark.parametrize("confidence", [0.95, 0.998, 0.99999])
def test_no_events_have_the_lower_limit_nought(confidence: float) -> None:
    for method in (poisson_interval, byar_interval):
        assert ask(method, 0, confidence=confidence)["lower"] == 0
        assert ask(method, 0.3, confidence=confidence)["lower"] >= 0


# A single rate


def test_a_rate_is_exact_under_ten_events_and_byar_from_ten_on() -> None:
    few, many = ask(rate_interval, 9, 2200, multiplier=100_000), ask(rate_interval, 10, 2200, multiplier=100_000)
    assert (few["method"], many["method"]) == ("Exact Poisson", "Byar")
    scale = 100_000 / 2200
    assert few["value"] == pytest.approx(9 * scale)
    assert limits(few) == pytest.approx([limit * scale for limit in limits(ask(poisson_interval, 9))])
    assert limits(many) == pytest.approx([limit * scale for limit in limits(ask(byar_interval, 10))])


def test_byar_by_hand() -> None:
    """x = 16: 16 (1 - 1/144 - 1.96/12)^3 = 16 * 0.829728^3 = 9.1396; 17 (1 - 1/153 + 1.96/(3 sqrt 17))^3 = 25.984."""
    assert limits(ask(rate_interval, 16, 1)) == pytest.approx((9.1396, 25.984), rel=1e-4)


@given(x=events, n=time, scale=st.floats(1e-3, 1e6))
def test_a_rate_scales_with_its_multiplier_and_against_its_time(x: int, n: int, scale: float) -> None:
    found, scaled = ask(rate_interval, x, n), ask(rate_interval, x, n * scale, multiplier=scale)
    assert [scaled[name] for name in ("value", "lower", "upper")] == pytest.approx(
        [found[name] for name in ("value", "lower", "upper")]
    )


@pytest.mark.parametrize(
    ("x", "n", "code"),
    [
        (None, 5, "missing"),
        (math.nan, 5, "missing"),
        (2, None, "missing"),
        (2, math.inf, "not_finite"),
        (2, 0, "population_not_positive"),
        (-1, 5, "negative_count"),
    ],
)
def test_a_row_that_is_no_rate_says_why_and_leaves_the_others_alone(
    x: float | None, n: float | None, code: str
) -> None:
    frame = pl.DataFrame({"x": [4.0, x, 16.0], "n": [10.0, n, 12.0]})
    found = frame.select(rate_interval(pl.col("x"), pl.col("n")).struct.unnest())
    assert found["reason"].to_list() == [None, code, None]
    assert found["value"].to_list() == [0.4, None, 16 / 12]
    assert found.row(1, named=True)["lower"] is None
    assert found.row(2, named=True) == ask(rate_interval, 16, 12)


def test_an_empty_frame_gives_an_empty_answer() -> None:
    frame = pl.DataFrame(schema=dict.fromkeys(PAIR, pl.Int64))
    columns = [pl.col(name) for name in PAIR]
    for method in (rate_ratio_interval, rate_difference_interval):
        assert frame.select(method(*columns)).height == 0
    assert frame.select(rate_interval(*columns[:2])).height == 0


@pytest.mark.parametrize("multiplier", [0, -1000, math.nan, math.inf])
def test_a_multiplier_that_is_none_is_refused(multiplier: float) -> None:
    with pytest.raises(ValueError, match="multiplier"):
        rate_interval(pl.col("x"), pl.col("n"), multiplier)
    with pytest.raises(ValueError, match="multiplier"):
        rate_difference_interval(*(pl.col(name) for name in PAIR), multiplier=multiplier)


@pytest.mark.parametrize("method", [poisson_interval, byar_interval])
def test_a_confidence_that_is_none_is_refused(method: Callable[..., pl.Expr]) -> None:
    with pytest.raises(ValueError, match="confidence"):
        method(pl.col("x"), confidence=95)


# Two rates


@pytest.mark.parametrize(("x", "y"), [(41, 15), (3, 9), (1, 1), (120, 80)])
def test_limits_of_a_ratio_leave_a_fortieth_in_each_tail(x: int, y: int) -> None:
    """Of x + y events a share of ratio / (1 + ratio) is expected in the first rate where person-time is the same."""

    def at_most(k: int, ratio: float) -> float:
        share = ratio / (1 + ratio)
        return sum(math.comb(x + y, i) * share**i * (1 - share) ** (x + y - i) for i in range(k + 1))

    middle, far = x / y, 1e4
    lower = halved(lambda ratio: 1 - at_most(x - 1, ratio) < 0.025, 1e-9, middle)
    upper = halved(lambda ratio: at_most(x, ratio) > 0.025, middle, far)
    assert limits(ask(rate_ratio_interval, x, 1, y, 1)) == pytest.approx((lower, upper), rel=1e-9)


def test_a_documented_ratio_comes_out() -> None:
    """11 events in 800 against 21 in 3,011: the example of the help page of R's `poisson.test`."""
    found = ask(rate_ratio_interval, 11, 800, 21, 3011)
    assert (found["value"], *limits(found)) == pytest.approx((1.971488, 0.8584264, 4.2772659), rel=1e-6)


@given(x=events, n=time, y=events, m=time)
def test_a_ratio_lies_in_its_limits_and_turns_over_with_its_sides(x: int, n: int, y: int, m: int) -> None:
    found, turned = ask(rate_ratio_interval, x, n, y, m), ask(rate_ratio_interval, y, m, x, n)
    if y:
        assert 0 <= found["lower"] <= found["value"] < found["upper"]
        assert found["reason"] is None
    if x and y:
        assert limits(found) == pytest.approx((1 / turned["upper"], 1 / turned["lower"]))


def test_no_events_in_the_first_rate_leave_an_upper_limit() -> None:
    """With y events against none the upper limit has chance 0.025 of none: (1 - share)^y = 0.025, share = 0.5218."""
    found = ask(rate_ratio_interval, 0, 1, 5, 1)
    share = 1 - 0.025 ** (1 / 5)
    assert (found["value"], found["lower"], found["reason"]) == (0, 0, None)
    assert found["upper"] == pytest.approx(share / (1 - share))


def test_no_events_in_the_other_rate_leave_a_lower_limit() -> None:
    found = ask(rate_ratio_interval, 5, 2, 0, 3)
    assert (found["value"], found["upper"], found["reason"]) == (None, None, "no_events_to_compare")
    assert found["lower"] == pytest.approx(1 / ask(rate_ratio_interval, 0, 3, 5, 2)["upper"])
    nothing = ask(rate_ratio_interval, 0, 2, 0, 3)
    assert (nothing["value"], nothing["lower"], nothing["upper"]) == (None, 0, None)


@given(x=events, n=time, y=events, m=time)
def test_a_difference_of_rates_lies_in_its_limits_and_turns_round_with_its_sides(
    x: int, n: int, y: int, m: int
) -> None:
    found = ask(rate_difference_interval, x, n, y, m, multiplier=1000)
    turned = ask(rate_difference_interval, y, m, x, n, multiplier=1000)
    assert found["lower"] <= found["value"] <= found["upper"]
    assert limits(found) == pytest.approx((-turned["upper"], -turned["lower"]), abs=1e-9)


def test_a_difference_of_rates_by_hand() -> None:
    """5 against 0 in the same time, with limits 1.6235 to 11.6683 and 0 to 3.6889.

    Below: sqrt(3.3765^2 + 3.6889^2) = sqrt(11.4008 + 13.6080) = 5.00088. Above: sqrt(6.6683^2 + 0) = 6.6683.
    """
    assert limits(ask(rate_difference_interval, 5, 1, 0, 1)) == pytest.approx((5 - 5.00088, 5 + 6.6683), abs=5e-5)


@pytest.mark.parametrize("method", [rate_ratio_interval, rate_difference_interval])
def test_a_pair_of_rates_that_is_none_says_why(method: Callable[..., pl.Expr]) -> None:
    assert ask(method, 1, 2, None, 4)["reason"] == "missing"
    assert ask(method, 1, 2, 3, 0)["reason"] == "population_not_positive"
    assert ask(method, -1, 2, 1, 4)["reason"] == "negative_count"


@pytest.mark.parametrize("events_", [999, 1000, 1001])
def test_among_very_many_other_events_the_limits_are_those_of_one_count(events_: int) -> None:
    """With 4e9 events in the other, its chance adds nothing to that of the first."""
    ratio, count = ask(rate_ratio_interval, events_, 1, 4e9, 1), ask(poisson_interval, events_)
    turned = ask(rate_ratio_interval, 4e9, 1, events_, 1)
    assert limits(ratio) == pytest.approx([limit / 4e9 for limit in limits(count)], rel=1e-6)
    assert limits(turned) == pytest.approx([4e9 / limit for limit in reversed(limits(count))], rel=1e-6)


# Two counts that may have been rounded


def test_a_worked_ratio_of_counts_comes_out() -> None:
    """60 against 50: ratio 1.2, standard error of its logarithm sqrt(1/60 + 1/50) = 0.1915, reach exp(0.3753)."""
    found = ask(count_ratio_interval, 60, 50)
    assert found["value"] == 1.2
    assert limits(found) == pytest.approx((0.8245, 1.7465), abs=5e-5)


@given(later=counts, earlier=counts)
def test_a_ratio_of_counts_lies_in_its_limits_and_turns_over(later: int, earlier: int) -> None:
    found, turned = ask(count_ratio_interval, later, earlier), ask(count_ratio_interval, earlier, later)
    assert found["lower"] < later / earlier < found["upper"]
    assert found["lower"] == pytest.approx(1 / turned["upper"])


@given(later=counts, earlier=counts)
def test_rounding_widens_a_ratio_of_counts(later: int, earlier: int) -> None:
    exact = ask(count_ratio_interval, later, earlier)
    rounded = ask(count_ratio_interval, later, earlier, rounding=2.5)
    assert rounded["lower"] < exact["lower"] < exact["upper"] < rounded["upper"]


@given(later=st.integers(4, 200), earlier=st.integers(4, 200), up=st.integers(-3, 3), down=st.integers(-3, 3))
def test_limits_of_rounded_counts_hold_those_of_the_counts_before(later: int, earlier: int, up: int, down: int) -> None:
    rounded = ask(count_ratio_interval, later, earlier, rounding=3)
    before = ask(count_ratio_interval, later + up, earlier + down)
    assert rounded["lower"] <= before["lower"] * (1 + 1e-12)
    assert rounded["upper"] >= before["upper"] * (1 - 1e-12)


@pytest.mark.parametrize(
    ("later", "earlier", "code"),
    [
        (None, 5, "missing"),
        (5, None, "missing"),
        (0, 5, "too_few_events"),
        (5, 0, "too_few_events"),
        (-1, 5, "negative_count"),
    ],
)
def test_without_two_counts_there_is_no_ratio_of_them(later: float | None, earlier: float | None, code: str) -> None:
    found = ask(count_ratio_interval, later, earlier)
    assert found["reason"] == code
    assert found["value"] is found["lower"] is found["upper"] is None


def test_rounding_below_nought_is_refused() -> None:
    with pytest.raises(ValueError, match="rounding"):
        count_ratio_interval(pl.col("x"), pl.col("y"), rounding=-1)
