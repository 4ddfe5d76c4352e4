"""The words of who is reached follow their rules."""

from __future__ import annotations

from typing import Any

import pytest

from ui import reach_charts, reach_words

MOST, LEAST = reach_words.MOST, reach_words.LEAST


def ratio(value: float | None, lower: float | None = None, upper: float | None = None) -> dict[str, Any]:
    return {"value": value, "lower": lower, "upper": upper}


def test_a_gap_is_told_with_its_size_and_limits_and_no_gap_with_what_remains_possible():
    lower = reach_words.gap_sentence(ratio(0.74, 0.71, 0.78), reach_words.RATE, MOST, LEAST)
    assert lower == f"For {MOST} the rate of people tested is lower than for {LEAST} by 26% (22% to 29%)."
    higher = reach_words.gap_sentence(ratio(1.25, 1.18, 1.33), reach_words.RATE, MOST, LEAST)
    assert "higher" in higher
    assert "25% (18% to 33%)" in higher
    none = reach_words.gap_sentence(ratio(0.95, 0.85, 1.05), reach_words.RATE, MOST, LEAST)
    assert "no gap" in none
    assert "0.85 to 1.05 times" in none
    assert "hidden" in reach_words.gap_sentence(ratio(None), reach_words.RATE, MOST, LEAST)


def test_a_finding_never_names_a_side_that_the_verdict_does_not():
    assert reach_words.times(ratio(0.95, 0.85, 1.05), MOST, LEAST).startswith("No gap is seen")
    assert "0.74 times as often" in reach_words.times(ratio(0.74, 0.71, 0.78), MOST, LEAST)


@pytest.mark.parametrize(
    ("ends", "slope", "said"),
    [
        (ratio(0.8, 0.6, 1.1), ratio(-100, -200, -10), "falls"),
        (ratio(1.2, 0.9, 1.5), ratio(100, 10, 200), "rises"),
        (ratio(0.8, 0.6, 1.1), ratio(-100, -200, 10), ""),
        (ratio(0.8, 0.7, 0.9), ratio(-100, -200, -10), ""),
        (ratio(0.8, 0.6, 1.1), ratio(None), ""),
    ],
)
def test_a_slope_is_told_where_the_two_ends_alone_say_nothing(ends: Any, slope: Any, said: str):
    text = reach_words.gradient(ends, slope)
    assert said in text
    assert bool(text) == bool(said)


def test_recording_under_the_share_needed_says_how_many_more_people_it_would_take():
    row = {"state": "shown", "value": 0.6, "lower": 0.55, "upper": 0.65, "numerator": 600, "denominator": 1000}
    title, summary = reach_words.recording(row, 0.7, "Fife")
    assert "too few" in title
    assert "about 100 more people" in summary
    title, _ = reach_words.recording({**row, "value": 0.7, "numerator": 700}, 0.7, "Fife")
    assert "enough" in title
    assert "[c]" in reach_words.recording({"state": "confidential"}, 0.7, "Fife")[0]
    assert "[c]" in reach_words.recording(None, 0.7, "Fife")[0]


GROUP = {
    "label": "African", "verdict": "unknown_could_explain", "value": 0.62, "lower": 0.51, "upper": 0.74,
    "likely_lowest": 0.58, "likely_highest": 0.92, "tipping": 0.027, "tipping_people": 147.0,
}  # fmt: skip


def test_a_group_is_told_what_the_unrecorded_could_do_and_what_they_do_if_like_residents():
    text = reach_words.group_sentence(GROUP)
    assert "the data cannot tell" in text
    assert "it is lower: 0.58 to 0.92 times" in text
    either = reach_words.group_sentence({**GROUP, "likely_highest": 1.1})
    assert "it could be either" in either
    assert "If the unrecorded" not in reach_words.group_sentence({**GROUP, "verdict": "no_gap_seen"})
    hidden = reach_words.group_sentence({**GROUP, "verdict": "hidden", "value": None})
    assert "hidden" in hidden
    assert "0.62" not in hidden
    assert reach_words.tipping(GROUP) == "2.7% in"
    assert reach_words.tipping({**GROUP, "value": 1.2}) == "2.7% out"


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        (["no_gap_seen", "hidden"], "No gap from the make-up of residents"),
        (["unknown_could_explain", "no_gap_seen"], "A: a gap is seen, but"),
        (["ages_could_explain", "higher"], "B: more or fewer"),
    ],
)
def test_the_title_of_the_groups_says_no_more_than_the_gravest_verdict(verdicts: list[str], said: str):
    rows = [{"label": name, "verdict": verdict} for name, verdict in zip("AB", verdicts, strict=True)]
    assert reach_words.groups(rows, "rare_people_tested")[0].startswith(said)


def test_too_few_years_cannot_tell_and_a_trend_names_its_way_and_range():
    nothing = {"value": None, "lower": None, "upper": None}
    assert "cannot be told yet" in reach_words.trend(nothing, "too_few", 3, 4)[0]
    found = {"value": 0.0488, "lower": 0.0198, "upper": 0.0770}
    title, summary = reach_words.trend(found, "closing", 5, 4)
    assert title == "The gap is closing over 5 years"
    assert "+5.0% a year (+2.0% to +8.0% a year), towards 1" in summary


def test_by_need_a_ratio_is_divided_by_the_higher_incidence():
    assert "about 0.96 (0.90 to 1.02)" in reach_words.need(ratio(1.25, 1.17, 1.326))
    assert reach_words.need(ratio(None)) == ""


def test_boards_beyond_chance_are_counted_and_hidden_ones_named():
    rows = [
        {"label": "A", **ratio(0.8, 0.7, 0.9)}, {"label": "B", **ratio(1.0, 0.9, 1.1)}, {"label": "C", **ratio(None)},
    ]  # fmt: skip
    title, summary = reach_words.boards(rows)
    assert title == "Fewer people than expected are tested in 1 of 2 boards, more in 0"
    assert "Fewer: A." in summary
    assert "1 hidden [c]." in summary


def row(value: float | None, label: str = "A") -> dict[str, Any]:
    shown = value is not None
    limits = {"lower": value and 0.9 * value, "upper": value and 1.1 * value}
    bands = dict.fromkeys(("lowest", "likely_lowest", "likely_highest"), value) | {"highest": 20.0}
    return {
        "label": label,
        "state": "shown" if shown else "confidential",
        "value": value,
        "says": "",
        **limits,
        **bands,
    }


def test_hidden_rows_are_drawn_as_the_shorthand_in_every_chart():
    rows = [row(0.7), row(None, "B")]
    drawn = [
        reach_charts.intervals(rows, axis="x", alt="a").figure,
        reach_charts.representation(rows, alt="a").figure,
        reach_charts.over_years(rows, axis="x", alt="a").figure,
    ]
    for figure in drawn:
        texts = [str(text) for trace in figure.data for text in (trace.text or ())]
        assert any("[c]" in text for text in texts)
    ages = reach_charts.by_age({"Female": rows}, axis="x", alt="a").figure
    assert any("[c]" in note.text for note in ages.layout.annotations)


def test_a_band_that_leaves_the_scale_has_an_arrow():
    figure = reach_charts.representation([row(0.7)], alt="a").figure
    arrows = next(trace for trace in figure.data if trace.name == "Goes on")
    assert list(arrows.text) == ["goes on to 20.0"]
