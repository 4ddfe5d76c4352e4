"""The rules of control charts and run charts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.special_causes import PRESETS, RULES, RuleSet, special_causes
from methods.xmr import xmr_limits

#: A chart around 0 with limits at -3 and 3, so that values are in standard deviations.
LINES = {"lower": -3, "lower_near": -2, "lower_inner": -1, "centre": 0, "upper_inner": 1, "upper_near": 2, "upper": 3}
deviations = st.lists(st.one_of(st.none(), st.sampled_from([x / 2 for x in range(-7, 8)])), max_size=40)
#: Short patterns, so that random series show them.
SHORT = [
    RuleSet("breaks", shift=3, trend=3, two_of_three="up_to_the_limit", inner_third=3),
    RuleSet("skipped", shift=3, trend=3, two_of_three="beyond", inner_third=4, on_centre="skipped", ties="skipped"),
]


def chart(series: list[float | None], **columns: Any) -> pl.DataFrame:
    values = pl.Series("value", series, dtype=pl.Float64, strict=False).to_frame().with_row_index("period")
    return values.with_columns(**{name: pl.lit(float(x)) for name, x in LINES.items()}).with_columns(**columns)


def marks(series: list[float | None], rules: str | RuleSet, rule: str) -> list[int]:
    return special_causes(chart(series), rules)[rule].to_list()


def stretches(series: list[float | None], drop: Any) -> Iterator[list[int]]:
    """The places of each stretch without a missing value, without those that `drop` leaves out."""
    stretch: list[int] = []
    for place, value in enumerate([*series, None]):
        if value is None:
            yield stretch
            stretch = []
        elif not drop(series, place):
            stretch.append(place)


def never(series: list[float | None], place: int) -> bool:
    return False


def on_centre(series: list[float | None], place: int) -> bool:
    return series[place] == 0


def tied(series: list[float | None], place: int) -> bool:
    return place > 0 and series[place] == series[place - 1]


def plain(series: list[float | None], rules: RuleSet) -> dict[str, list[int]]:
    """Every window of every length looked at in turn; a later one overwrites an earlier."""
    found = {rule: [0] * len(series) for rule in RULES}

    def windows(length: int, drop: Any) -> Iterator[tuple[list[int], list[float]]]:
        for stretch in stretches(series, drop):
            for start in range(len(stretch) - length + 1):
                window = stretch[start : start + length]
                yield window, [series[place] for place in window]

    def mark(rule: str, window: list[int], way: int) -> None:
        for place in range(window[0], window[-1] + 1):
            found[rule][place] = way

    for window, values in windows(rules.shift, on_centre if rules.on_centre == "skipped" else never):
        for way in (1, -1):
            if all(value * way > 0 for value in values):
                mark("shift", window, way)
    for window, values in windows(rules.trend, tied if rules.ties == "skipped" else never):
        for way in (1, -1):
            if all((after - before) * way > 0 for before, after in pairwise(values)):
                mark("trend", window, way)
    for window, values in windows(3, never):
        for way in (1, -1):
            top = 3 if rules.two_of_three == "up_to_the_limit" else 9
            far = [place for place, value in zip(window, values, strict=True) if 2 < value * way <= top]
            if all(value * way > 0 for value in values) and len(far) >= 2:
                for place in far:
                    found["two_of_three"][place] = way
    for window, values in windows(rules.inner_third, never):
        if all(abs(value) < 1 for value in values):
            mark("inner_third", window, 1)
    for place, value in enumerate(series):
        if value is not None and abs(value) > 3:
            found["outside"][place] = 1 if value > 0 else -1
    return found


@given(series=deviations, rules=st.sampled_from(SHORT))
def test_a_slow_plain_version_agrees(series: list[float | None], rules: RuleSet) -> None:
    found = special_causes(chart(series), rules)
    for rule, wanted in plain(series, rules).items():
        assert found[rule].to_list() == wanted, rule


@given(series=deviations, rules=st.sampled_from(SHORT))
def test_turned_upside_down_every_mark_turns_over(series: list[float | None], rules: RuleSet) -> None:
    found = special_causes(chart(series), rules)
    turned = special_causes(chart([None if x is None else -x for x in series]), rules)
    for rule in RULES[:-1]:
        assert turned[rule].to_list() == [-way for way in found[rule]], rule


@given(series=deviations, rules=st.sampled_from([*SHORT, *PRESETS.values()]), seed=st.integers(0, 9))
def test_the_order_of_the_rows_does_not_matter(series: list[float | None], rules: RuleSet, seed: int) -> None:
    points = chart(series)
    assert special_causes(points.sample(fraction=1, shuffle=True, seed=seed), rules).equals(
        special_causes(points, rules)
    )


@given(series=deviations, other=deviations)
def test_series_do_not_touch_each_other(series: list[float | None], other: list[float | None]) -> None:
    both = pl.concat([chart(series, who=pl.lit("a")), chart(other, who=pl.lit("b"))])
    found = special_causes(both, "scottish_control_chart", ["who"])
    for who, alone in (("a", series), ("b", other)):
        assert found.filter(who=who)["special_cause"].equals(
            special_causes(chart(alone), "scottish_control_chart")["special_cause"]
        )


@pytest.mark.parametrize(
    ("rules", "length"), [("scottish_run_chart", 6), ("phs_code", 6), ("scottish_control_chart", 8)]
)
def test_a_shift_takes_as_many_points_as_the_set_says(rules: str, length: int) -> None:
    assert marks([-1, *[1.5] * length, -1], rules, "shift") == [0, *[1] * length, 0]
    assert marks([-1, *[1.5] * (length - 1), -1], rules, "shift") == [0] * (length + 1)


@pytest.mark.parametrize(("rules", "length"), [("making_data_count_7", 7), ("making_data_count_6", 6)])
def test_a_trend_takes_as_many_points_as_the_set_says(rules: str, length: int) -> None:
    rising = [x / 10 - 0.45 for x in range(length)]
    assert marks([1, *rising, -1], rules, "trend") == [0, *[1] * length, 0]
    assert marks([1, *rising[1:], -1], rules, "trend") == [0] * (length + 1)


def test_the_published_text_passes_over_points_on_the_median_and_the_code_does_not() -> None:
    series = [1, 1, 0, 1, 1, 0, 1, 1]
    assert marks(series, "scottish_run_chart", "shift") == [1] * 8
    assert marks(series, "phs_code", "shift") == [0] * 8


def test_the_published_text_passes_over_ties_and_the_code_does_not() -> None:
    series = [1, 1, 2, 2, 3, 4, 5, 5]
    assert marks(series, "scottish_run_chart", "trend") == [1, 1, 1, 1, 1, 1, 1, 0]
    assert marks(series, "phs_code", "trend") == [0] * 8


def test_points_on_the_centre_at_the_ends_of_a_shift_are_not_in_it() -> None:
    assert marks([0, 1, 1, 1, 1, 1, 1, 0], "scottish_run_chart", "shift") == [0, 1, 1, 1, 1, 1, 1, 0]


def test_a_turning_point_takes_the_direction_of_the_later_trend() -> None:
    assert marks([1, 2, 3, 4, 5, 4, 3, 2, 1], "phs_code", "trend") == [1, 1, 1, 1, -1, -1, -1, -1, -1]


def test_a_missing_value_breaks_every_pattern_and_is_never_marked() -> None:
    found = special_causes(chart([1, 2, 3, None, 4, 5, 6, float("nan"), 7]), "phs_code")
    assert found["special_cause"].to_list() == [None] * 9


def test_only_the_points_near_the_limit_are_two_of_three() -> None:
    assert marks([2.5, 0.5, 2.5], "making_data_count_7", "two_of_three") == [1, 0, 1]
    assert marks([2.5, -0.5, 2.5], "making_data_count_7", "two_of_three") == [0, 0, 0]
    assert marks([2.5, 0, 2.5], "making_data_count_7", "two_of_three") == [0, 0, 0]


def test_a_point_beyond_the_limit_counts_for_two_of_three_only_where_the_set_says_so() -> None:
    assert marks([2.5, 3.5, 0.5], "making_data_count_7", "two_of_three") == [1, 1, 0]
    assert marks([2.5, 3.5, 0.5], "nhsr_plot_the_dots", "two_of_three") == [0, 0, 0]


def test_fifteen_points_close_to_the_centre_are_a_special_cause_without_a_direction() -> None:
    found = special_causes(chart([0.5, -0.5] * 7 + [0.5]), "scottish_control_chart")
    assert set(found["special_cause"]) == {"inner_third"}
    assert set(found["direction"]) == {0}
    assert set(marks([0.5, -0.5] * 7, "scottish_control_chart", "inner_third")) == {0}


def test_points_on_a_line_are_neither_beyond_nor_within_it() -> None:
    assert marks([3, -3], "making_data_count_7", "outside") == [0, 0]
    assert marks([1] * 15, "scottish_control_chart", "inner_third") == [0] * 15


def test_a_tie_with_the_mean_is_a_tie_whatever_the_rounding() -> None:
    """The mean of 0.1, 0.2, 0.3 and so on is 0.4 exactly, but 0.1 + 0.2 + ... summed in floating point is not 2.8."""
    series = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
    assert sum(series) / 7 != 0.4
    found = special_causes(xmr_limits(chart(series).select("period", "value")), replace(SHORT[0], trend=None))
    assert found["shift"].to_list() == [-1, -1, -1, 0, 1, 1, 1]


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_marks_do_not_depend_on_the_unit(scale: float) -> None:
    series = [2.5, 0.5, 2.5, 1, 1, 1, 1, 3.5, -3.5, 0, 0.5]
    lines = [pl.col(name) * scale for name in ("value", *LINES)]
    scaled = special_causes(chart(series).with_columns(lines), "making_data_count_7")
    assert scaled["special_cause"].equals(special_causes(chart(series), "making_data_count_7")["special_cause"])


def test_the_first_rule_in_the_order_of_precedence_claims_a_point() -> None:
    series = [2.5, 3.5, 2.5, 2.6, 2.7, 2.8, 2.9]
    found = special_causes(chart(series), RuleSet("x", shift=7, trend=5, two_of_three="beyond"))
    assert found["special_cause"].to_list() == ["two_of_three", "outside", *["trend"] * 5]
    last_first = RuleSet("y", shift=7, trend=5, two_of_three="beyond", precedence=RULES[::-1])
    assert set(special_causes(chart(series), last_first)["special_cause"]) == {"shift"}


def test_a_falling_trend_above_the_centre_goes_down() -> None:
    found = special_causes(chart([2.9, 2.5, 2.0, 1.5, 1.0, 0.6, 0.3]), "making_data_count_7")
    assert set(found["special_cause"][2:]) == {"trend"}
    assert set(found["direction"][2:]) == {-1}


def test_no_pattern_reaches_over_the_start_of_a_section() -> None:
    section = pl.Series([1] * 4 + [2] * 4)
    assert (
        special_causes(chart([1, 2, 3, 4, 5, 6, 7, 8], section=section), "phs_code")["special_cause"].null_count() == 8
    )


def test_labels_of_sections_are_kept_as_they_are() -> None:
    found = special_causes(chart([1, 2], section=pl.Series(["before", "after"])), "phs_code")
    assert found["section"].to_list() == ["before", "after"]


def test_a_series_without_limits_still_shows_its_shifts() -> None:
    found = special_causes(xmr_limits(chart([5] * 12 + [6] * 12).select("period", "value"), baseline=12), "phs_code")
    assert found["reason"].unique().to_list() == ["no_variation"]
    assert found["shift"].to_list() == [0] * 12 + [1] * 12


def test_two_points_of_one_period_are_never_marked() -> None:
    twice = chart([1, 2, 3, 4, 5, 6]).with_columns(period=pl.Series([0, 1, 2, 3, 4, 4]))
    assert special_causes(twice, "phs_code")["special_cause"].null_count() == 6


def test_no_points_give_no_rows_with_the_same_columns() -> None:
    empty, full = (special_causes(chart(series), "making_data_count_7") for series in ([], [1.0]))
    assert empty.schema == full.schema
    assert empty.height == 0


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_has_its_own_name_and_says_where_it_comes_from(name: str) -> None:
    assert PRESETS[name].name == name
    assert PRESETS[name].source
    assert set(special_causes(chart([1.0]), name)["rules"]) == {name}


def test_the_presets_differ_in_more_than_their_lengths() -> None:
    assert (PRESETS["making_data_count_6"].shift, PRESETS["making_data_count_6"].trend) == (6, 6)
    assert (PRESETS["scottish_run_chart"].shift, PRESETS["scottish_run_chart"].trend) == (6, 5)
    assert (PRESETS["scottish_control_chart"].shift, PRESETS["scottish_control_chart"].trend) == (8, 6)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"shift": -1}, "shift takes at least 2 points, not -1"),
        ({"trend": 2}, "trend takes at least 3 points"),
        ({"two_of_three": "yes"}, "two_of_three is"),
        ({"on_centre": "ignored"}, "breaks or skipped, not ignored"),
        ({"precedence": ("shift",)}, "precedence names each"),
    ],
)
def test_rules_that_make_no_sense_are_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        RuleSet(**{"name": "x", "shift": 7, "trend": 7} | wrong)


def test_an_unknown_preset_and_a_chart_without_the_lines_are_refused() -> None:
    with pytest.raises(ValueError, match="one of scottish_run_chart"):
        special_causes(chart([1.0]), "seven")
    with pytest.raises(ValueError, match=r"lower.*upper.* missing"):
        special_causes(chart([1.0]).select("period", "value", "centre"), "making_data_count_7")


@pytest.mark.parametrize("ties", ["breaks", "skipped"])
def test_a_rise_that_is_only_rounding_is_a_tie(ties: Any) -> None:
    rules = RuleSet("short", shift=None, trend=4, outside=False, ties=ties)
    rising = [0.1, 0.2, 0.3, 0.1 + 0.2, 0.4]
    assert rising[3] > rising[2]
    exact = [0.1, 0.2, 0.3, 0.3, 0.4]
    assert marks(rising, rules, "trend") == marks(exact, rules, "trend") == [int(ties == "skipped")] * 5


def test_series_cannot_be_named_by_a_column_that_the_rules_give() -> None:
    for name in ("trend", "special_cause", "direction"):
        with pytest.raises(ValueError, match=f"by names series, not the columns {name}"):
            special_causes(chart([1.0], **{name: pl.lit("a")}), "phs_code", [name])
