"""What a chart says, in icons and plain words."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.spc_icons import ASSURANCE, CAUTION, VARIATION, assurance, spc_icons, variation
from methods.special_causes import special_causes
from methods.xmr import xmr_limits

STEADY = [50, 52, 49, 51, 48, 50, 53, 47, 51, 49, 52, 50, 51]


def chart(series: list[Any], **columns: Any) -> pl.DataFrame:
    values = pl.Series("value", series, dtype=pl.Float64, strict=False).to_frame().with_row_index("period")
    return special_causes(xmr_limits(values), "making_data_count_7").with_columns(**columns)


def icon(**columns: Any) -> Any:
    """The variation icon of one point."""
    frame = pl.DataFrame({name: [value] for name, value in columns.items()}, schema_overrides={"cause": pl.String})
    return frame.select(variation(pl.col("cause"), pl.col("way"), pl.col("better"))).item()


def verdict(target: float | None, better: str, lower: float | None = 40.0, upper: float | None = 60.0) -> Any:
    frame = pl.DataFrame({"low": [lower], "high": [upper]}, schema={"low": pl.Float64, "high": pl.Float64})
    return frame.select(assurance(pl.col("low"), pl.col("high"), target, better)).item()


@pytest.mark.parametrize(
    ("way", "better", "code"),
    [
        (1, "higher", "improvement_high"),
        (-1, "higher", "concern_low"),
        (1, "lower", "concern_high"),
        (-1, "lower", "improvement_low"),
        (1, "neither", "neutral_high"),
        (-1, "neither", "neutral_low"),
        (0, "higher", "unusually_steady"),
    ],
)
def test_the_colour_follows_the_way_that_is_better(way: int, better: str, code: str) -> None:
    assert icon(cause="shift", way=way, better=better) == code
    assert icon(cause=None, way=0, better=better) == "common_cause"


def test_a_better_side_that_is_not_known_gives_no_icon() -> None:
    assert icon(cause="shift", way=1, better="up") is None
    assert icon(cause="shift", way=1, better=None) is None


@pytest.mark.parametrize(
    ("target", "better", "code"),
    [
        (70, "higher", "fail"),
        (30, "higher", "pass"),
        (70, "lower", "pass"),
        (30, "lower", "fail"),
        (50, "higher", "inconsistent"),
        (60, "higher", "inconsistent"),
        (40, "lower", "inconsistent"),
        (50, "neither", None),
        (None, "higher", None),
        (float("nan"), "higher", None),
    ],
)
def test_assurance_sets_the_target_against_the_limits(target: float | None, better: str, code: str | None) -> None:
    assert verdict(target, better) == code


def test_without_limits_there_is_no_assurance() -> None:
    assert verdict(50, "higher", lower=None, upper=None) is None


@given(target=st.floats(0, 100))
def test_assurance_turns_over_with_the_better_side(target: float) -> None:
    turned = {"pass": "fail", "fail": "pass", "inconsistent": "inconsistent"}
    assert verdict(target, "higher") == turned[verdict(target, "lower")]


def test_the_latest_point_with_a_value_makes_the_icon() -> None:
    row = spc_icons(chart([*STEADY, 70, None]), better="higher", target=80.0).row(0, named=True)
    assert (row["period"], row["value"], row["reason"]) == (13, 70.0, None)
    assert (row["variation"], row["assurance"]) == ("improvement_high", "fail")
    assert row["sentence"] == f"{VARIATION['improvement_high']} {ASSURANCE['fail']}"


def test_without_a_target_there_is_one_sentence() -> None:
    row = spc_icons(chart(STEADY)).row(0, named=True)
    assert row["assurance_sentence"] is None
    assert row["sentence"] == row["variation_sentence"] == VARIATION["common_cause"]


def test_few_points_are_said() -> None:
    row = spc_icons(chart(STEADY[:8])).row(0, named=True)
    assert row["caution"] == "too_few_points"
    assert row["sentence"].endswith(CAUTION["too_few_points"])


def test_one_point_says_nothing_and_a_constant_series_is_in_line() -> None:
    alone = spc_icons(chart([5]), target=4.0).row(0, named=True)
    assert (alone["variation"], alone["assurance"], alone["sentence"]) == (None, None, None)
    assert alone["reason"] == "too_few_points"
    same = spc_icons(chart([5] * 15), target=4.0).row(0, named=True)
    assert (same["variation"], same["assurance"], same["reason"]) == ("common_cause", None, "no_variation")


def test_each_group_has_its_own_better_side_and_target() -> None:
    frame = pl.concat(
        [
            chart([*STEADY, 70], who=pl.lit("a"), better=pl.lit("lower"), target=pl.lit(90.0)),
            chart(STEADY, who=pl.lit("b"), better=pl.lit("higher"), target=pl.lit(90.0)),
            chart([None], who=pl.lit(None), better=pl.lit("neither"), target=pl.lit(None)),
        ],
        how="vertical_relaxed",
    )
    found = spc_icons(frame.sample(fraction=1, shuffle=True, seed=1), ["who"], pl.col("better"), pl.col("target"))
    rows = {row["who"]: row for row in found.iter_rows(named=True)}
    assert (rows["a"]["variation"], rows["a"]["assurance"]) == ("concern_high", "pass")
    assert (rows["b"]["variation"], rows["b"]["assurance"]) == ("common_cause", "fail")
    assert (rows[None]["variation"], rows[None]["reason"]) == (None, "missing")


def test_the_last_sections_limits_decide_on_the_target() -> None:
    values = pl.DataFrame({"period": range(24), "value": [30.0, 31] * 6 + [45.0, 46] * 6, "rebase": [False] * 24})
    values = values.with_columns(rebase=pl.col("period") == 12)
    found = spc_icons(special_causes(xmr_limits(values), "making_data_count_7"), target=40.0)
    assert found["assurance"].to_list() == ["pass"]


def test_no_points_give_no_rows_with_the_same_columns() -> None:
    empty, full = spc_icons(chart([])), spc_icons(chart(STEADY))
    assert empty.schema == full.schema
    assert empty.height == 0


def test_every_sentence_is_one_and_free_of_jargon() -> None:
    for sentence in [*VARIATION.values(), *ASSURANCE.values(), *CAUTION.values()]:
        assert sentence.endswith(".")
        assert not any(word in sentence.lower() for word in ("cause", "variation", "sigma", "process", "statistic"))


def test_a_better_side_that_is_none_and_a_frame_without_rules_are_refused() -> None:
    with pytest.raises(ValueError, match="better is one of higher, lower, neither, not up"):
        spc_icons(chart(STEADY), better="up")
    with pytest.raises(ValueError, match=r"special_cause.* missing"):
        spc_icons(xmr_limits(pl.DataFrame({"period": [1], "value": [1]})))


def test_charts_cannot_be_named_by_a_column_that_the_icons_give() -> None:
    with pytest.raises(ValueError, match="assurance"):
        spc_icons(chart(STEADY, assurance=pl.lit("a")), ["assurance"])
