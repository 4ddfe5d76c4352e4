"""Limits and rules that allow for points that carry over: worked examples, a plain version, and simulated series."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.carried_over import (
    LENGTHS,
    MOST,
    NEAR,
    STEP,
    carried_over_causes,
    carried_over_limits,
    lag_one_correlation,
    lengthened,
)
from methods.groundwork.chart_sections import LINES
from methods.special_causes import PRESETS, RuleSet, special_causes
from methods.xmr import xmr_limits

SET = PRESETS["making_data_count_7"]
values = st.lists(st.one_of(st.none(), st.integers(-20, 20)), min_size=1, max_size=40)


def points(*series: list[float | None], rebase_at: int | None = None) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "code": [code for code, values in enumerate(series) for _ in values],
            "period": [place for values in series for place in range(len(values))],
            "value": pl.Series([value for values in series for value in values], dtype=pl.Float64, strict=False),
            "rebase": [place == rebase_at for values in series for place in range(len(values))],
        }
    )


def simulated(correlation: float, series: int, months: int, seed: int = 20261128) -> pl.DataFrame:
    """Steady series of which each point keeps so much of the one before."""
    fresh = np.random.default_rng(seed).standard_normal((series, months))
    drawn = fresh.copy()
    for month in range(1, months):
        drawn[:, month] = correlation * drawn[:, month - 1] + math.sqrt(1 - correlation**2) * fresh[:, month]
    return pl.DataFrame(
        {
            "code": np.repeat(np.arange(series), months),
            "period": np.tile(np.arange(months), series),
            "value": drawn.ravel(),
        }
    )


def plain(values: list[float | None]) -> float | None:
    """The corrected correlation of one section, a step at a time."""
    known = [value for value in values if value is not None]
    if len(known) < 12:
        return None
    mean = math.fsum(known) / len(known)
    square = math.fsum((value - mean) ** 2 for value in known)
    if square == 0:
        return None
    both = [(one, two) for one, two in pairwise(values) if one is not None and two is not None]
    raw = math.fsum((one - mean) * (two - mean) for one, two in both) / square
    return min(max(raw + (1 + 4 * raw) / len(known), -1.0), 1.0)


@given(values)
def test_a_slow_plain_version_agrees(series):
    (own,) = lag_one_correlation(points(series), ["code"])["own"].to_list()
    wanted = plain(series)
    assert own == (None if wanted is None else pytest.approx(wanted, abs=1e-9))


def test_a_worked_example_comes_out():
    """0, 0, 1, 1 three times: all are a half from the mean; of 11 neighbours 6 agree and 5 do not.

    The correlation is (6 - 5) x 0.25 / (12 x 0.25) = 1/12, and its bias (1 + 4/12) / 12 = 1/9: together 7/36.
    """
    row = lag_one_correlation(points([0, 0, 1, 1] * 3), ["code"]).row(0, named=True)
    assert (row["own"], row["value"], row["n"]) == (pytest.approx(7 / 36), pytest.approx(7 / 36), 12)
    assert row["upper"] - row["own"] == pytest.approx(1.959964 * math.sqrt((1 - (7 / 36) ** 2) / 12))


def test_the_mean_correlation_of_many_series_is_that_which_they_were_drawn_with():
    """Tolerance: three standard errors of the mean of 1,500 series of 60, and 0.01 for bias of a higher order."""
    for correlation in (0.0, 0.3, 0.5):
        found = lag_one_correlation(simulated(correlation, 1500, 60), ["code"])
        assert found["own"].mean() == pytest.approx(correlation, abs=3 * 0.13 / math.sqrt(1500) + 0.01)


def test_series_are_drawn_towards_their_kind_the_more_the_shorter_they_are():
    long, short = [0.0, 0, 1, 1] * 20, [1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    found = lag_one_correlation(points(long, short), ["code"]).rows(named=True)
    moved = [abs(row["value"] - row["own"]) for row in found]
    assert moved[0] < moved[1]
    assert found[0]["own"] < found[1]["value"] < found[1]["own"]


def test_a_series_too_short_to_tell_takes_the_correlation_of_its_kind():
    found = lag_one_correlation(points([0, 0, 1, 1] * 10, [1.0, 5, 2]), ["code"]).rows(named=True)
    assert found[1]["value"] == found[0]["value"] > 0
    assert (found[1]["own"], found[1]["reason"]) == (None, "too_few_points")
    assert found[0]["reason"] is None


@pytest.mark.parametrize(("series", "reason"), [([1.0] * 20, "no_variation"), ([None] * 5, "too_few_points")])
def test_nothing_is_allowed_for_where_nothing_is_known(series, reason):
    row = lag_one_correlation(points(series), ["code"]).row(0, named=True)
    assert (row["value"], row["reason"]) == (0.0, reason)


def test_each_section_has_a_mean_of_its_own():
    """A step at a rebase is no correlation; without the rebase it would be almost all of it."""
    steps = [0.0, 1] * 8 + [100.0, 101] * 8
    assert lag_one_correlation(points(steps, rebase_at=16), ["code"])["value"].item() == 0
    assert lag_one_correlation(points(steps), ["code"])["value"].item() == MOST


@given(values, st.sampled_from([0, 6]))
def test_limits_stand_further_off_by_what_carries_over_and_are_the_classic_ones_where_nothing_does(series, newest):
    found = carried_over_limits(points(series), ["code"], newest=newest)
    classic = xmr_limits(points(series), ["code"], newest=newest)
    correlation = found["carried_over"].item(0)
    assert 0 <= correlation <= MOST
    if correlation == 0:
        assert found.drop("carried_over").equals(classic)
        return
    for name in LINES:
        wanted = classic["centre"] + (classic[name] - classic["centre"]) / math.sqrt(1 - correlation)
        if not name.endswith("near"):
            assert found[name].to_list() == [None if x is None else pytest.approx(x) for x in wanted.to_list()]


def test_series_that_swing_to_and_fro_have_the_classic_limits_exactly():
    swing = points([1.0, 2.0, 1.5, 2.5] * 6)
    assert carried_over_limits(swing, ["code"]).drop("carried_over").equals(xmr_limits(swing, ["code"]))
    assert lengthened(SET, 0) == SET


def test_a_chart_without_a_key_is_answered_alike():
    alone = points([0, 0, 1, 1] * 5)
    assert carried_over_limits(alone.drop("code")).equals(carried_over_limits(alone, ["code"]).drop("code"))


def test_limits_are_three_standard_deviations_of_points_that_carry_over():
    """The mean over 1,500 series whose standard deviation is 1. Tolerance: two hundredths."""
    for correlation in (0.2, 0.5):
        found = carried_over_limits(simulated(correlation, 1500, 60), ["code"], screen=False)
        width = (found["upper"] - found["centre"]).mean() / 3
        assert width == pytest.approx(1, abs=0.02)


def test_every_series_is_judged_by_rules_of_its_own_length():
    """Eight points on one side are a shift of seven where nothing carries over, and none where much does."""
    swing, drift = [1.0, 2.0, 1.0, 2.0] * 6, [0.0, 0.2, 0.4, 0.6, 0.8, 1, 0.8, 0.6, 0.4, 0.2] * 3
    frame = points(swing, drift).with_columns(pl.col("value") + 0.0)
    limits = carried_over_limits(frame, ["code"]).with_columns(
        carried_over=pl.when(pl.col("code") == 0).then(0.0).otherwise(0.6)
    )
    together = carried_over_causes(limits, SET, ["code"])
    assert together["code"].to_list() == frame["code"].to_list()
    for code, correlation in ((0, 0.0), (1, 0.6)):
        alone = special_causes(limits.filter(code=code), lengthened(SET, correlation), ["code"])
        assert together.filter(code=code).equals(alone)


def test_a_correlation_between_two_steps_takes_the_longer_rules():
    assert lengthened(SET, 0.3).shift == 10
    assert lengthened(SET, 0.301) == lengthened(SET, 0.35)
    assert lengthened(SET, MOST).shift == 17


@pytest.mark.parametrize("correlation", [-0.1, 0.71, math.nan])
def test_a_correlation_that_is_not_allowed_for_is_refused(correlation):
    with pytest.raises(ValueError, match="lies between"):
        lengthened(SET, correlation)


def test_a_length_that_was_not_simulated_is_refused():
    with pytest.raises(ValueError, match="shift of 9"):
        lengthened(RuleSet("own", shift=9, trend=None), 0.2)


def test_lengths_and_lines_grow_with_the_correlation_and_begin_as_they_are():
    for (_, length), lengths in LENGTHS.items():
        assert lengths[0] == length
        assert list(lengths) == sorted(lengths)
        assert len(lengths) == len(NEAR) == round(MOST / STEP) + 1
    assert NEAR[0] == 2
    assert list(NEAR) == sorted(NEAR)


def marked(limits: pl.DataFrame, rule: str, length: int) -> float:
    rules = RuleSet("one", **{"shift": None, "trend": None, "outside": False, rule: length})
    return float((special_causes(limits, rules, ["code"])[rule] != 0).mean())


def allowed_for(correlation: float) -> pl.DataFrame:
    """Charts of simulated series with the lines for the correlation they were drawn with."""
    limits = xmr_limits(simulated(correlation, 6000, 60), ["code"])
    wider = 1 / math.sqrt(1 - correlation)
    near = NEAR[round(correlation / STEP)] / 2
    return limits.with_columns(
        (pl.col("centre") + (pl.col(name) - pl.col("centre")) * wider * (near if name.endswith("near") else 1)).alias(
            name
        )
        for name, at in LINES.items()
        if at
    )


@pytest.mark.slow
def test_each_length_is_the_shortest_that_marks_no_more_than_the_rule_where_nothing_carries_over():
    """6,000 series of 60, other than those the table was made from. Tolerance: a tenth, about three standard errors."""
    bases = {key: marked(allowed_for(0.0), *key) for key in LENGTHS}
    for correlation in (0.1, 0.3, 0.5, 0.7):
        limits = allowed_for(correlation)
        for (rule, length), lengths in LENGTHS.items():
            chosen, most = lengths[round(correlation / STEP)], bases[rule, length]
            tolerance = 0.1 * most + (0.0006 if rule == "inner_third" or length == 7 else 0)
            assert marked(limits, rule, chosen) < most + tolerance, (rule, length, correlation)
            assert marked(limits, rule, chosen - 1) > most - tolerance, (rule, length, correlation)


@pytest.mark.slow
def test_two_of_three_points_lie_beyond_the_near_lines_no_more_often_than_where_nothing_carries_over():
    rules = RuleSet("near", shift=None, trend=None, outside=False, two_of_three="beyond")
    shares = [
        float((special_causes(allowed_for(correlation), rules, ["code"])["two_of_three"] != 0).mean())
        for correlation in (0.0, 0.2, 0.4, 0.6)
    ]
    assert max(shares[1:]) < 1.1 * shares[0]


@pytest.mark.slow
@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.5])
@pytest.mark.parametrize("newest", [0, 6])
def test_steady_series_are_marked_no_more_than_the_classic_rules_mark_independent_ones(correlation, newest):
    """60 points, in groups of ten charts that tell of each other, the correlation not known but found.

    The classic rules mark 5.6% of independent points. Tolerance: three standard errors of 1,500 series.
    """
    drawn = simulated(correlation, 1500, 60).with_columns(kind=pl.col("code") // 10)
    shares = [
        carried_over_causes(carried_over_limits(rows.drop("kind"), ["code"], newest=newest), SET, ["code"])
        for _, rows in drawn.group_by("kind")
    ]
    share = pl.concat(shares)["special_cause"].is_not_null().mean()
    assert share < 0.056 + 3 * math.sqrt(0.056 * 0.944 / (10 * 1500))
    assert share > 0.02, "rules that never mark would hold any rate"


@pytest.mark.slow
@pytest.mark.parametrize("length", [20, 28, 60])
def test_half_a_year_may_be_kept_out_of_limits_without_marking_it_more_often(length):
    """The newest 6 points, judged by limits of those before: the longest time of 3, 6, 9 and 12 that holds to 5.6%.

    Tolerance: three standard errors of 1,000 charts, of which each has them marked or not.
    """
    shares = {newest: marked_of_the_newest(newest, length) for newest in ((6, 9) if length == 28 else (6,))}
    assert shares[6] < 0.056 + 3 * math.sqrt(0.056 * 0.944 / 1000)
    assert shares.get(9, 1.0) > 0.056


def marked_of_the_newest(newest: int, length: int) -> float:
    found = []
    for correlation in (0.0, 0.3):
        drawn = simulated(correlation, 500, length).with_columns(kind=pl.col("code") // 10)
        for _, rows in drawn.group_by("kind"):
            limits = carried_over_limits(rows.drop("kind"), ["code"], newest=newest)
            found.append(carried_over_causes(limits, SET, ["code"]).filter(pl.col("period") >= length - newest))
    return float(pl.concat(found)["special_cause"].is_not_null().mean())
