"""Presets: the false alarms that the page states are those that steady series give."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from methods.special_causes import PRESETS
from tests.ui.signals_series import CLASSIC, charts_of, points
from ui.signals_presets import (
    BY_NAME,
    DEFAULT,
    RUN_PRESETS,
    STEADY_MONTHS,
    XMR_PRESETS,
    Preset,
    allowance,
    false_alarms,
    rules_in_words,
)
from ui.what_changed import changes

SERIES, SEED = 3000, 20261128


def test_every_preset_of_the_methods_is_offered_and_only_run_charts_go_without_limits():
    assert {preset.base or preset.name for preset in BY_NAME.values()} == set(PRESETS)
    assert [preset for preset in BY_NAME.values() if preset.allows] == [DEFAULT]
    assert not any(preset.is_run_chart for preset in XMR_PRESETS)
    assert all(preset.is_run_chart for preset in RUN_PRESETS)


def counted(preset: Preset, draws: np.ndarray) -> dict[str, float]:
    """Months marked, charts whose newest month is, and charts that give a sentence, as shares."""
    drawn = charts_of(points({f"{place:05d}": list(row) for place, row in enumerate(draws)}), preset, target=None)
    newest = drawn.points.filter(pl.col("period") == pl.col("period").max())
    names = {code: code for code in drawn.codes}
    return {
        "marked": drawn.points["special_cause"].is_not_null().mean(),
        "newest": newest["special_cause"].is_not_null().mean(),
        "news": len({change.code for change in changes(drawn, names, {})}) / len(draws),
    }


def tolerance(name: str, stated: float, series: int) -> float:
    """Three standard errors and half a last digit.

    Months of a series are not independent: their share is judged as if each series were ten points.
    """
    size = 10 * series if name == "marked" else series
    return 3 * (stated * (1 - stated) / size) ** 0.5 + 0.0005


@pytest.mark.slow
@pytest.mark.parametrize("preset", [preset for preset in BY_NAME.values() if not preset.allows], ids=str)
def test_the_stated_false_alarms_are_those_of_steady_series(preset: Preset):
    """Independent normal series with limits of their own."""
    draws = np.random.default_rng(SEED).normal(0.85, 0.02, (SERIES, STEADY_MONTHS))
    for name, share in counted(preset, draws).items():
        stated = getattr(preset, name)
        assert share == pytest.approx(stated, abs=tolerance(name, stated, SERIES)), name


@pytest.mark.slow
@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.5])
def test_a_set_that_allows_for_months_that_carry_over_has_no_more_false_alarms_than_it_states(correlation):
    """And the set that it lengthens has more than it states where months carry over."""
    fresh = np.random.default_rng(SEED).normal(0, 0.02, (SERIES // 2, STEADY_MONTHS))
    draws = fresh.copy()
    for month in range(1, STEADY_MONTHS):
        draws[:, month] = correlation * draws[:, month - 1] + (1 - correlation**2) ** 0.5 * fresh[:, month]
    for name, share in counted(DEFAULT, 0.85 + draws).items():
        assert share < getattr(DEFAULT, name) + tolerance(name, getattr(DEFAULT, name), SERIES // 2), name
    if correlation:
        assert all(share > 2 * getattr(CLASSIC, name) for name, share in counted(CLASSIC, 0.85 + draws).items())


def test_the_rules_are_told_with_the_numbers_of_the_set():
    assert rules_in_words(DEFAULT) == (
        "a point beyond a limit, 7 in a row on one side of the average, 7 in a row rising or falling or "
        "2 of 3 in a row near the same limit"
    )
    assert rules_in_words(BY_NAME["scottish_run_chart"]) == (
        "6 in a row on one side of the median or 5 in a row rising or falling"
    )
    assert "15 in a row unusually close to the average" in rules_in_words(BY_NAME["scottish_control_chart"])


def test_the_false_alarms_are_told_as_whole_numbers():
    assert "mark about 6 months in 100" in false_alarms(CLASSIC)
    assert "newest month of about 18 charts in 1,000" in false_alarms(CLASSIC)
    assert "about 17 months in 100 in a study" in false_alarms(CLASSIC)
    assert "mark at most about 6 months in 100" in false_alarms(DEFAULT)
    assert "about 5 months in 100 in a study" in false_alarms(DEFAULT)


def test_what_a_chart_allows_for_is_told_with_its_own_numbers():
    """1 / sqrt(1 - 0.36) = 1.25; at a correlation of 0.4 a run takes 11 points, at 0.36 as many."""
    told = allowance(DEFAULT, 0.36, 6, "month")
    assert "About 36% of how far a month lies from the average carries over" in told
    assert "1.25 times as wide as usual, and a run takes 11 months instead of 7" in told
    assert "The newest 6 months do not enter the limits" in told
    assert "11 in a row on one side" in rules_in_words(DEFAULT, 0.36)
    assert "No carry-over from quarter to quarter was found" in allowance(DEFAULT, 0.0, 2, "quarter")
    assert "At least 70%" in allowance(DEFAULT, 0.7, 6, "month")
    assert allowance(CLASSIC, 0.36, 6, "month") == ""
