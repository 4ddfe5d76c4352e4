"""What changed: each rule makes its sentence from a series made for it, noise makes none, the largest stands first."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.signals_series import CLASSIC, charts_of, points
from tests.ui.test_signals import STEADY
from ui.signals_presets import BY_NAME
from ui.what_changed import MOST, RELIED_ON, RULES, Changes, by_chance, changes, what_changed

NOISE = STEADY * 3


def told(values, preset=CLASSIC, target=None, **how):
    drawn = charts_of(points({"DUN": values}, **how), preset, target)
    return changes(drawn, {"DUN": "Dundee"}, {"DUN": (("lab", "Dundee"),)})


def test_noise_makes_no_sentence():
    for preset in BY_NAME.values():
        assert told(NOISE, preset) == []
    assert told(NOISE, target=0.9) == []


def test_a_point_beyond_a_limit_makes_its_sentence():
    (change,) = told([*NOISE, 0.70])
    assert change.rule == "outside"
    assert change.way == -1
    assert change.said.startswith(
        "**Worse.** Dundee: 70.0% of requests due in September 2025 were reported within standard, below the limits"
    )


def test_a_shift_makes_its_sentence_with_its_length_and_its_period():
    low = [0.865, 0.86, 0.87, 0.862, 0.868, 0.861, 0.866]
    (change,) = told([*NOISE, *low])
    assert change.rule == "shift"
    assert "below its average of 88.1% for 8 months in a row, August 2025 to March 2026" in change.sentence
    assert change.sentence.endswith("over them it was 86.5%.")


def test_a_trend_makes_its_sentence_from_its_first_to_its_last_month():
    rising = [0.86, 0.866, 0.872, 0.878, 0.884, 0.890, 0.896]
    (change,) = told([*NOISE[:-1], *rising])
    assert (change.rule, change.way) == ("trend", 1)
    assert "has risen for 7 months in a row, from 86.0% in August 2025 to 89.6% in February 2026" in change.sentence


def test_points_near_a_limit_make_their_sentence():
    (change,) = told([*NOISE, 0.972, 0.90, 0.97])
    assert change.rule == "two_of_three"
    assert "near or beyond the upper limit of chance" in change.sentence
    assert "97.2% in September 2025 and 97.0% in November 2025" in change.sentence


def test_a_change_of_what_can_be_relied_on_makes_its_sentence():
    """Without its newest three months the limits hold the line, with them they lie above it."""
    base = [0.905, 0.912, 0.906, 0.913, 0.907, 0.914, 0.906, 0.912, 0.907, 0.913, 0.905, 0.912, 0.906]
    before, after = charts_of(points({"DUN": base})), charts_of(points({"DUN": [*base, 0.912, 0.912, 0.912]}))
    line = (before.points["lower"][0] + after.points["lower"][0]) / 2
    (change,) = [one for one in told([*base, 0.912, 0.912, 0.912], target=line) if one.rule == "assurance"]
    assert change.way == 1
    assert change.sentence.startswith(f"can now be relied on to meet {line:.0%}: with the figures to December 2022")


def test_every_change_of_assurance_has_words():
    codes = ("pass", "inconsistent", "fail")
    assert set(RELIED_ON) == {(was, now) for was in codes for now in codes if was != now}


def test_a_signal_that_held_before_the_newest_months_is_no_news():
    low = [0.865, 0.86, 0.87, 0.862, 0.868, 0.861, 0.866]
    assert told([*NOISE, *low, 0.862, 0.868, 0.861]) == []
    assert told([*NOISE, 0.70, *STEADY[:3]]) == []


def test_a_point_that_may_still_change_makes_no_sentence():
    assert told([*NOISE, 0.70], provisional=1) == []


def test_hidden_newest_months_make_no_sentence():
    assert told([*NOISE, None, None, None]) == []
    assert told([None] * 20) == []


def test_a_chart_of_too_few_points_makes_no_sentence():
    assert told([0.9, 0.88, 0.9, 0.88, 0.9, 0.3]) == []


@given(st.lists(st.sampled_from(STEADY), min_size=20, max_size=40), st.floats(0.3, 1))
def test_every_sentence_names_a_rule_and_its_series_is_a_signal_of_it(values, last):
    for change in told([*values, last]):
        assert change.rule in RULES
        drawn = charts_of(points({"DUN": [*values, last]}), target=None)
        newest = drawn.points.tail(3)
        assert (newest[change.rule] != 0).any()


def test_a_release_tells_at_most_ten_the_largest_first(snapshot):
    found = what_changed(snapshot)
    assert found.looked_at > 30
    assert len(found.shown) <= MOST
    sizes = [change.size for change in found.found]
    assert sizes == sorted(sizes, reverse=True)
    assert all(change.rule in RULES and change.sentence for change in found.found)


def test_how_many_sentences_chance_would_make_is_told():
    assert "about 2 of them would still give a sentence by chance" in by_chance(Changes((), 49, CLASSIC))


def test_the_signs_of_a_sentence_are_those_of_the_whole_chart():
    drawn = charts_of(points({"DUN": [*NOISE, 0.70]}))
    assert drawn.points.filter(pl.col("outside") < 0).height == 1
    assert told([*NOISE, 0.70])[0].size == pytest.approx(1000 * (drawn.points["centre"][0] - 0.70))
