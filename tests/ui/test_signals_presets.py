"""Presets: the false alarms that the page states are those that steady series give."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from methods.special_causes import PRESETS
from tests.ui.signals_series import charts_of, points
from ui.signals_presets import (
    BY_NAME,
    DEFAULT,
    RUN_PRESETS,
    STEADY_MONTHS,
    XMR_PRESETS,
    Preset,
    false_alarms,
    rules_in_words,
)
from ui.what_changed import changes

SERIES, SEED = 3000, 20261128


def test_every_preset_of_the_methods_is_offered_and_only_run_charts_go_without_limits():
    assert set(BY_NAME) == set(PRESETS)
    assert not any(preset.is_run_chart for preset in XMR_PRESETS)
    assert all(preset.is_run_chart for preset in RUN_PRESETS)


@pytest.mark.slow
@pytest.mark.parametrize("preset", BY_NAME.values(), ids=list(BY_NAME))
def test_the_stated_false_alarms_are_those_of_steady_series(preset: Preset):
    """Independent normal series with limits of their own. Tolerance: three standard errors and half a last digit."""
    draws = np.random.default_rng(SEED).normal(0.85, 0.02, (SERIES, STEADY_MONTHS))
    drawn = charts_of(points({f"{place:05d}": list(row) for place, row in enumerate(draws)}), preset, target=None)
    newest = drawn.points.filter(pl.col("period") == pl.col("period").max())
    names = {code: code for code in drawn.codes}
    counted = {
        "marked": drawn.points["special_cause"].is_not_null().mean(),
        "newest": newest["special_cause"].is_not_null().mean(),
        "news": len({change.code for change in changes(drawn, names, {})}) / SERIES,
    }
    for name, share in counted.items():
        stated = getattr(preset, name)
        # Months of a series are not independent: their share is judged as if each series were ten points.
        size = 10 * SERIES if name == "marked" else SERIES
        assert share == pytest.approx(stated, abs=3 * (stated * (1 - stated) / size) ** 0.5 + 0.0005), name


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
    assert "about 6 months in 100" in false_alarms(DEFAULT)
    assert "about 18 charts in 1,000" in false_alarms(DEFAULT)
