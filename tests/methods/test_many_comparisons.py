"""Many comparisons at once."""

from __future__ import annotations

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, false_discovery_control

from methods.many_comparisons import benjamini_hochberg, score_test

p_values = st.lists(st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.01, 0.05, 1.0])), min_size=1, max_size=30)
counts = st.integers(0, 500)


def adjusted(p: list[float | None]) -> list[float | None]:
    return pl.DataFrame({"p": p}, {"p": pl.Float64}).select(benjamini_hochberg(pl.col("p")))["p"].to_list()


def test_the_first_worked_example_of_the_paper_calls_four_of_fifteen() -> None:
    """Benjamini and Hochberg 1995, section 3.3: at 5% the procedure rejects the four smallest."""
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528]
    found = adjusted([*p, 0.7590, 1.0])
    assert [value <= 0.05 for value in found] == [True] * 4 + [False] * 11
    assert found[3] == pytest.approx(15 / 4 * 0.0095)


@given(p_values)
def test_it_is_what_scipy_gives(p: list[float]) -> None:
    assert adjusted(p) == pytest.approx(false_discovery_control(p))


@given(p_values, st.randoms())
def test_order_and_what_is_missing_change_nothing(p: list[float], random: object) -> None:
    mixed = [*p, None, math.nan, None]
    random.shuffle(mixed)
    answers = dict(zip(p, adjusted(p), strict=True))
    for given_p, found in zip(mixed, adjusted(mixed), strict=True):
        if given_p is None or math.isnan(given_p):
            assert found is None
        else:
            assert found == pytest.approx(answers[given_p])


@given(p_values)
def test_it_never_lowers_a_p_value_or_turns_two_round(p: list[float]) -> None:
    pairs = sorted(zip(p, adjusted(p), strict=True))
    assert all(before <= after <= 1 for before, after in pairs)
    assert [after for _, after in pairs] == sorted(after for _, after in pairs)


def test_families_are_adjusted_apart() -> None:
    frame = pl.DataFrame({"family": ["a", "b", "a", None, "b"], "p": [0.01, 0.04, 0.02, 0.5, None]})
    found = frame.select(benjamini_hochberg(pl.col("p")).over("family"))["p"].to_list()
    assert found == [0.02, 0.04, 0.02, 0.5, None]


def test_what_is_no_p_value_is_no_comparison() -> None:
    assert adjusted([0.01, 1.5, -0.1]) == [0.01, None, None]
    assert adjusted([None, None]) == [None, None]
    assert adjusted([]) == []


def p_value(*cells: float | None) -> dict[str, object]:
    return pl.select(score_test(*(pl.lit(cell, pl.Float64) for cell in cells)).alias("a")).item()


def test_a_score_test_worked_by_hand_comes_out() -> None:
    """15 of 50 against 5 of 50: 0.2 over sqrt(0.2 * 0.8 * 2/50) = 0.08 is 2.5; twice the tail beyond is 0.0124."""
    assert p_value(15, 50, 5, 50)["value"] == pytest.approx(0.01242, abs=1e-5)


@given(counts, counts, counts, counts)
def test_it_is_pearsons_chi_square_and_the_same_both_ways(x: int, a: int, y: int, b: int) -> None:
    n, m = x + a, y + b
    if min(n, m) == 0:
        return
    found = p_value(x, n, y, m)["value"]
    assert found == pytest.approx(p_value(y, m, x, n)["value"])
    if 0 < x + y < n + m:
        assert found == pytest.approx(chi2_contingency([[x, a], [y, b]], correction=False).pvalue, rel=1e-9)
    else:
        assert found == 1


@pytest.mark.parametrize(
    ("cells", "why"),
    [((None, 5, 1, 5), "missing"), ((1, 5, 6, 5), "count_above_total"), ((0, 0, 1, 5), "total_not_positive")],
)
def test_a_test_that_cannot_be_made_says_why(cells: tuple[float | None, ...], why: str) -> None:
    assert (p_value(*cells)["value"], p_value(*cells)["reason"]) == (None, why)
