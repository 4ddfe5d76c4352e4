"""The slope index of inequality and the two relative indices."""

from __future__ import annotations

import json
from math import exp, sqrt
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.slope_index import slope_index

CASES = json.loads((Path(__file__).parent / "cases/slope_index.json").read_text())["cases"]
Row = dict[str, Any]

quintiles = st.lists(
    st.tuples(
        st.integers(min_value=1, max_value=10**9),
        st.floats(min_value=10, max_value=1000),
        st.floats(min_value=0.01, max_value=50),
    ),
    min_size=5,
    max_size=10,
)


def frame(population: list[Any], value: list[Any], error: list[Any] | None = None, **others: Any) -> pl.DataFrame:
    columns = {"quantile": list(range(1, len(value) + 1)), "population": population, "value": value}
    return pl.DataFrame(
        columns | {"standard_error": [1.0] * len(value) if error is None else error} | others, strict=False
    )


def rows_of(rows: list[tuple[int, float, float]]) -> pl.DataFrame:
    return frame(*(list(column) for column in zip(*rows, strict=True)))


def answers(given: pl.DataFrame, **options: Any) -> dict[str, Row]:
    options = {"limits": "from_standard_errors", "difference": "most_less_least"} | options
    return slope_index(given, **options).rows_by_key("measure", named=True, unique=True)


def plain_slope(rows: list[tuple[int, float, float]]) -> tuple[float, float]:
    """Slope and its standard error by the textbook, a sum at a time."""
    total = sum(population for population, _, _ in rows)
    share = [population / total for population, _, _ in rows]
    rank = [sum(share[:place]) + share[place] / 2 for place in range(len(rows))]
    middle = sum(a * b for a, b in zip(share, rank, strict=True))
    spread = sum(a * (b - middle) ** 2 for a, b in zip(share, rank, strict=True))
    pull = [a * (b - middle) / spread for a, b in zip(share, rank, strict=True)]
    slope = sum(w * value for w, (_, value, _) in zip(pull, rows, strict=True))
    return slope, sqrt(sum((w * error) ** 2 for w, (_, _, error) in zip(pull, rows, strict=True)))


GOOD = frame([10, 10, 10, 10, 10], [50.0, 40, 30, 20, 10])


def test_a_worked_example_comes_out() -> None:
    """Five equal quintiles: ranks 0.1, 0.3 ... 0.9; values 50, 40 ... 10 lie on 55 - 50 rank.

    Ends 55 and 5: index 50, ratio 11; mean 30, so 1.6667 over it. With errors of 1: the slope weighs values by
    -1, -0.5, 0, 0.5, 1, so its error is sqrt(2.5) = 1.5811 and the limits are 50 -/+ 3.0990.
    """
    found = answers(GOOD)
    assert found["sii"]["value"] == pytest.approx(50)
    assert found["sii"]["lower"] == pytest.approx(46.9010, abs=5e-5)
    assert found["sii"]["upper"] == pytest.approx(53.0990, abs=5e-5)
    assert found["rii_of_fitted_ends"]["value"] == pytest.approx(11)
    assert found["rii_over_overall_rate"]["value"] == pytest.approx(50 / 30)
    assert found["sii"]["fitted_most_deprived"] == pytest.approx(55)
    assert found["sii"]["fitted_least_deprived"] == pytest.approx(5)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_line_and_its_residual_limits_are_those_of_a_regression_package(case: dict[str, Any]) -> None:
    put, wanted = case["input"], case["expected"]
    found = answers(
        frame(put["population"], put["value"]),
        limits="from_residuals",
        difference="least_less_most",
        scale=put["scale"],
        confidence=put["confidence"],
        fewest=3,
    )["sii"]
    assert found["fitted_most_deprived"] == pytest.approx(wanted["most"], rel=case["tolerance"])
    assert found["fitted_least_deprived"] == pytest.approx(wanted["least"], rel=case["tolerance"])
    if put["scale"] == "natural":
        assert found["lower"] == pytest.approx(wanted["slope_lower"], rel=case["tolerance"])
        assert found["upper"] == pytest.approx(wanted["slope_upper"], rel=case["tolerance"])
    if put["scale"] == "log":
        ratio = answers(frame(put["population"], put["value"]), limits="from_residuals", scale="log")
        assert 1 / ratio["rii_of_fitted_ends"]["upper"] == pytest.approx(exp(wanted["slope_lower"]))


@given(rows=quintiles)
def test_a_plain_second_version_agrees(rows: list[tuple[int, float, float]]) -> None:
    slope, error = plain_slope(rows)
    found = answers(rows_of(rows), difference="least_less_most")["sii"]
    # Both are right to about 1e-16 of the values times how much the ranks are stretched; the plain one to less.
    rounding = 1e-7 * max(value for _, value, _ in rows)
    assert found["value"] == pytest.approx(slope, rel=1e-7, abs=rounding)
    assert found["upper"] - found["value"] == pytest.approx(1.959964 * error, rel=1e-6, abs=rounding)


@given(rows=quintiles, seed=st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: list[tuple[int, float, float]], seed: Any) -> None:
    order = list(range(len(rows)))
    seed.shuffle(order)
    assert answers(rows_of(rows)) == answers(rows_of(rows)[order])


@given(rows=quintiles)
def test_turned_round_the_index_changes_sign_and_the_ratio_turns_over(rows: list[tuple[int, float, float]]) -> None:
    one, other = (answers(rows_of(rows), difference=way) for way in ("most_less_least", "least_less_most"))
    assert one["sii"]["value"] == pytest.approx(-other["sii"]["value"])
    assert one["sii"]["lower"] == pytest.approx(-other["sii"]["upper"])
    first, second = one["rii_of_fitted_ends"], other["rii_of_fitted_ends"]
    if first["reason"] is None and second["reason"] is None:
        assert first["lower"] == pytest.approx(1 / second["upper"], rel=1e-6)


@given(rows=quintiles, factor=st.floats(min_value=0.01, max_value=100))
def test_another_unit_multiplies_the_index_and_leaves_the_ratios(
    rows: list[tuple[int, float, float]], factor: float
) -> None:
    here = answers(rows_of(rows))
    there = answers(rows_of(rows).with_columns(pl.col("value", "standard_error") * factor))
    for limit in ("value", "lower", "upper"):
        assert there["sii"][limit] == pytest.approx(here["sii"][limit] * factor, rel=1e-7, abs=1e-6)
        assert there["rii_over_overall_rate"][limit] == pytest.approx(here["rii_over_overall_rate"][limit], abs=1e-7)


@given(rows=quintiles, limits=st.sampled_from(["from_standard_errors", "from_residuals"]))
def test_limits_hold_the_value_and_widen_with_confidence(rows: list[tuple[int, float, float]], limits: str) -> None:
    narrow, wide = (answers(rows_of(rows), limits=limits, confidence=level) for level in (0.9, 0.99))
    for measure in ("sii", "rii_of_fitted_ends", "rii_over_overall_rate"):
        if wide[measure]["lower"] is not None:
            assert wide[measure]["lower"] <= narrow[measure]["lower"] + 1e-9
            assert narrow[measure]["lower"] <= narrow[measure]["value"] + 1e-9
            assert narrow[measure]["value"] <= narrow[measure]["upper"] + 1e-9


def test_the_two_kinds_of_limits_differ_and_name_themselves() -> None:
    bent = frame([10] * 5, [50.0, 30, 30, 30, 10])
    errors, residuals = (answers(bent, limits=kind)["sii"] for kind in ("from_standard_errors", "from_residuals"))
    assert errors["value"] == residuals["value"]
    assert errors["upper"] < residuals["upper"]
    assert "from standard errors" in errors["method"]
    assert "from residuals" in residuals["method"]


@pytest.mark.parametrize("scale", ["natural", "log", "logit"])
def test_limits_say_the_same_as_the_errors_that_they_come_from(scale: str) -> None:
    shares = frame([10] * 5, [0.5, 0.4, 0.3, 0.2, 0.1], [0.02] * 5)
    from_errors = answers(shares, scale=scale, errors_on="natural")["sii"]
    limits = shares.drop("standard_error").with_columns(
        lower=pl.col("value") - 1.2815515655 * 0.02, upper=pl.col("value") + 1.2815515655 * 0.02
    )
    from_limits = answers(limits, scale=scale, errors_on="natural", given_confidence=0.8)["sii"]
    assert from_limits["lower"] == pytest.approx(from_errors["lower"])


def test_a_ratio_on_logs_has_the_exponent_of_the_slope_and_its_limits() -> None:
    """Values 16, 8, 4, 2, 1 halve at each fifth: slope of logs -5 log 2, so the ends stand as 32 to 1."""
    found = answers(frame([10] * 5, [16, 8, 4, 2, 1], [0.1] * 5), scale="log", errors_on="log")["rii_of_fitted_ends"]
    assert found["value"] == pytest.approx(32)
    assert found["upper"] == pytest.approx(32 * exp(1.959964 * 0.1 * sqrt(2.5)))


def test_ranks_are_those_of_the_people_who_live_there() -> None:
    empty = frame([0, 0, 10, 20, 30], [None, 7.0, 30, 20, 10])
    alone = frame([10, 20, 30], [30.0, 20, 10])
    found = answers(empty, fewest=3)
    assert found["sii"]["quantiles_present"] == 3
    assert found["sii"]["values_missing"] == 0
    assert found == answers(alone, fewest=3)


def test_a_missing_value_keeps_its_rank_and_is_counted() -> None:
    found = answers(frame([10] * 5, [50, None, 30, float("nan"), 10.0]))["sii"]
    assert found["value"] == pytest.approx(50)
    assert found["values_missing"] == 2
    assert found["quantiles_present"] == 5


def test_two_quantiles_give_a_slope_without_residual_limits() -> None:
    found = answers(frame([10, 10], [30.0, 10]), limits="from_residuals", fewest=2)["sii"]
    assert found["value"] == pytest.approx(40)
    assert (found["lower"], found["reason"]) == (None, "no_limits")


def test_an_overall_value_of_its_own_is_taken() -> None:
    found = answers(GOOD.with_columns(overall=pl.lit(25)))
    assert found["rii_over_overall_rate"]["value"] == pytest.approx(2)
    torn = answers(GOOD.with_columns(overall=pl.Series([25, 25, 25, 25, 26])))
    assert torn["rii_over_overall_rate"]["reason"] == "missing"
    assert torn["sii"]["reason"] is None


BAD = {
    "missing": {"population": [10, None, 10, 10, 10]},
    "population_not_positive": {"population": [10, -1, 10, 10, 10]},
    "not_finite": {"value": [50, float("inf"), 30, 20, 10]},
    "repeated_key": {"quantile": [1, 2, 2, 4, 5]},
    "too_few_groups": {"population": [10, 0, 10, 10, 10]},
}


@pytest.mark.parametrize("code", BAD)
def test_a_bad_area_is_told_why_beside_good_ones(code: str) -> None:
    columns = {name: pl.Series(values, strict=False).cast(pl.Float64) for name, values in BAD[code].items()}
    bad = GOOD.cast(pl.Float64).with_columns(**columns, area=pl.lit("bad"))
    both = pl.concat([bad, GOOD.cast(pl.Float64).with_columns(area=pl.lit(None, pl.String))])
    found = slope_index(both, ["area"], limits="from_standard_errors", difference="most_less_least")
    assert found["area"].to_list() == [None] * 3 + ["bad"] * 3
    assert found["reason"].to_list() == [None] * 3 + [code] * 3
    assert found["value"].is_null().to_list() == [False] * 3 + [True] * 3
    assert found["fitted_most_deprived"].is_null().to_list() == [False] * 3 + [True] * 3


@pytest.mark.parametrize(("errors", "code"), [([1, None, 1, 1, 1], "missing"), ([1, -1, 1, 1, 1], "error_not_usable")])
def test_without_sound_errors_there_is_a_value_and_no_limits(errors: list[Any], code: str) -> None:
    found = answers(frame([10] * 5, [50.0, 40, 30, 20, 10], errors))["sii"]
    assert found["value"] == pytest.approx(50)
    assert (found["lower"], found["upper"], found["reason"]) == (None, None, code)


def test_a_value_without_a_log_is_told_so() -> None:
    assert answers(frame([10] * 5, [50.0, 40, 30, 20, 0]), scale="log")["sii"]["reason"] == "outside_range"
    assert answers(frame([10] * 5, [0.5, 0.4, 0.3, 0.2, 1]), scale="logit")["sii"]["reason"] == "outside_range"


def test_a_ratio_over_an_end_that_may_be_nought_has_no_limits() -> None:
    found = answers(frame([10] * 5, [50.0, 40, 30, 20, 10], [5.0] * 5))["rii_of_fitted_ends"]
    assert found["value"] == pytest.approx(11)
    assert (found["lower"], found["reason"]) == (None, "no_limits")


def test_equal_values_have_no_slope_and_a_ratio_of_one() -> None:
    found = answers(frame([10] * 5, [7] * 5))
    assert found["sii"]["value"] == pytest.approx(0, abs=1e-12)
    assert found["rii_of_fitted_ends"]["value"] == pytest.approx(1)
    nought = answers(frame([10] * 5, [0] * 5))
    assert nought["rii_of_fitted_ends"]["reason"] == "denominator_is_zero"
    assert nought["rii_over_overall_rate"]["reason"] == "denominator_is_zero"


def test_text_quantiles_are_refused() -> None:
    with pytest.raises(ValueError, match="numbers are needed"):
        answers(GOOD.with_columns(pl.col("quantile").cast(pl.String)))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"limits": "simulated"}, "simulated"),
        ({"difference": "gap"}, "gap"),
        ({"scale": "probit"}, "probit"),
        ({"errors_on": "probit"}, "probit"),
        ({"confidence": 1.5}, "confidence"),
        ({"confidence": 1.5, "limits": "from_residuals"}, "confidence"),
        ({"given_confidence": 95}, "confidence"),
        ({"fewest": 1}, "fewest"),
        ({"by": ["measure"]}, "measure"),
        ({"by": ["area"]}, "area"),
    ],
)
def test_nonsense_is_refused(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        answers(GOOD, **options)


def test_errors_or_limits_are_needed() -> None:
    with pytest.raises(ValueError, match="standard_error"):
        answers(GOOD.drop("standard_error"))


@pytest.mark.parametrize("by", [(), ("share", "weight")])
def test_an_empty_frame_gives_an_empty_answer_of_the_same_kind(by: tuple[str, ...]) -> None:
    named = GOOD.with_columns(share=pl.lit("a"), weight=pl.lit(1))
    options = {"limits": "from_residuals", "difference": "most_less_least"}
    full, empty = (slope_index(rows, by, **options) for rows in (named, named.clear()))
    assert empty.is_empty()
    assert empty.schema == full.schema


def test_a_ratio_of_two_ends_that_are_clearly_below_nought_has_the_limits_of_its_mirror() -> None:
    above = answers(frame([10] * 5, [50.0, 40, 33, 25, 20]))["rii_of_fitted_ends"]
    below = answers(frame([10] * 5, [-50.0, -40, -33, -25, -20]))["rii_of_fitted_ends"]
    assert below["reason"] is None
    assert [below[name] for name in ("value", "lower", "upper")] == pytest.approx(
        [above[name] for name in ("value", "lower", "upper")]
    )


def test_a_log_error_of_a_value_of_nought_is_not_taken_for_certainty() -> None:
    found = answers(frame([10] * 5, [5.0, 4, 3, 2, 0], [0.1] * 5), errors_on="log")["sii"]
    assert found["value"] is not None
    assert (found["lower"], found["reason"]) == (None, "outside_range")
