"""Sentences of a chart: every pair of icons has one, cautions hold verdicts back, figures have their period."""

from __future__ import annotations

from itertools import product

import pytest

from methods.spc_icons import ASSURANCE, VARIATION
from tests.ui.signals_series import charts_of, points
from tests.ui.test_signals import STEADY
from ui.signals_presets import BY_NAME
from ui.signals_words import MOVEMENT, SENTENCES, finding, mark, sentence, verdict


def test_every_pair_of_icons_has_a_sentence():
    for variation, assurance in product(VARIATION, [*ASSURANCE, None]):
        if variation.startswith("neutral"):
            continue
        assert (MOVEMENT[variation], assurance) in SENTENCES
        icon = {"variation": variation, "assurance": assurance, "caution": None}
        assert "{" not in sentence(icon, 0.9)


@pytest.mark.parametrize(
    ("variation", "assurance", "said"),
    [
        ("improvement_high", "inconsistent", "Improving, but cannot yet be relied on to meet 90%"),
        ("concern_low", "fail", "Getting worse, and will miss 90% unless something changes"),
        ("common_cause", "pass", "No real change: it can be relied on to meet 90%"),
        ("common_cause", None, "No real change"),
    ],
)
def test_a_pair_of_icons_is_told_in_one_sentence(variation, assurance, said):
    assert sentence({"variation": variation, "assurance": assurance, "caution": None}, 0.9) == said


@pytest.mark.parametrize("caution", ["too_few_points", "unsteady"])
def test_a_caution_holds_the_verdict_on_the_target_back(caution):
    icon = {"variation": "improvement_high", "assurance": "fail", "caution": caution}
    assert verdict(icon) is None
    assert sentence(icon, 0.9) == "Improving"


def test_a_chart_without_a_judgement_says_that_there_is_too_little():
    assert sentence({"variation": None, "assurance": None, "caution": None}, 0.9).startswith("Too little")


def test_the_finding_tells_the_newest_final_point_its_average_and_its_limits():
    drawn = charts_of(points({"DUN": [*STEADY, 0.1]}, provisional=1))
    title, summary = finding(drawn, "DUN", "Dundee")
    assert title == "Dundee: no real change: by chance it meets 90% at times and misses it at others"
    assert summary.startswith("87.0% of requests due in December 2022 were reported within standard. By these rules")
    assert "average since September 2021 is 88.3%" in summary
    assert "between 78.6% and 98.1%" in summary
    assert "10%" not in summary


def test_the_limits_told_are_those_of_the_ranges_added_up_by_hand():
    """Fifteen moving ranges add up to 0.55 and sixteen points to 14.13: 14.13 / 16 -/+ 2.66 x 0.55 / 15."""
    row = charts_of(points({"DUN": STEADY})).of("DUN").row(-1, named=True)
    assert (row["lower"], row["upper"]) == pytest.approx((0.883125 - 2.66 * 0.55 / 15, 0.883125 + 2.66 * 0.55 / 15))


def test_a_newest_month_that_is_hidden_is_told_before_the_last_one_shown():
    _, summary = finding(charts_of(points({"DUN": [*STEADY, None]})), "DUN", "Dundee")
    assert summary.startswith("January 2023 is hidden [c]; this is the last shown. 87.0% of requests due in December")


def test_a_chart_of_hidden_points_only_says_so():
    title, _ = finding(charts_of(points({"DUN": [None] * 20})), "DUN", "Dundee")
    assert title == "Dundee: every point is hidden [c]"


def test_a_mark_names_its_side_and_the_number_of_the_set():
    drawn = charts_of(points({"a": STEADY + [0.7] * 8}), BY_NAME["making_data_count_6"], None)
    last = drawn.of("a").row(-1, named=True)
    assert mark(last | {"special_cause": "shift", "direction": -1}, drawn.preset) == (
        "one of 6 or more in a row below the average"
    )
    assert mark(last | {"special_cause": "outside", "direction": 1}, drawn.preset) == "beyond the upper limit"
