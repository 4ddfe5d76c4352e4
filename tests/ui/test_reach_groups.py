"""Representation of recorded ethnic groups and what could change it, against plain second computations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui import reach_cells, reach_groups
from ui.reach_cells import ETHNIC, SIMD
from ui.reach_groups import GROUPS, UNKNOWN

LIVED = {"white": 9000, "mixed": 150, "asian": 500, "african": 150, "caribbean_black": 50, "other": 150}
SHOWN = {"white": 1700, "mixed": 30, "asian": 60, "african": 20, "caribbean_black": 15, "other": 30}
WITHOUT = {"declined": 50, "not_known": 100, "not_recorded": 300, "unmapped": 20}
PERFECT = tuple(tuple(float(i == j) for j in range(6)) for i in range(6))


def table(counts: dict[str, int | None]) -> pl.DataFrame:
    frame = pl.DataFrame(
        [(code, "confidential" if n is None else "shown", n) for code, n in counts.items()],
        schema={"code": pl.String, "state": pl.String, "value": pl.Float64},
        orient="row",
    )
    return reach_cells.with_range(frame, 10)


def ask(counts: dict[str, int | None] | None = None, **changed: Any) -> dict[str, dict[str, Any]]:
    given_: dict[str, Any] = {
        "reach": 0, "factor": 2.0, "matrix": PERFECT, "ages": (1.0, 1.0), "recorded": 0.8, "needed": 0.7,
    }  # fmt: skip
    found = reach_groups.representation(table(counts or SHOWN | WITHOUT), LIVED, **(given_ | changed))
    assert found["code"].to_list() == list(GROUPS)
    return {row["code"]: row for row in found.to_dicts()}


def wilson(x: float, n: float) -> tuple[float, float]:
    z = 1.959963984540054
    centre, reach = x + z * z / 2, z * math.sqrt(x * (n - x) / n + z * z / 4)
    return (centre - reach) / (n + z * z), (centre + reach) / (n + z * z)


def test_ratio_limits_and_band_are_those_of_plain_arithmetic():
    known, unknown, everybody = sum(SHOWN.values()), sum(WITHOUT.values()), sum(LIVED.values())
    for code, row in ask().items():
        share = LIVED[code] / everybody
        low, high = wilson(SHOWN[code], known)
        assert row["value"] == pytest.approx(SHOWN[code] / known / share)
        assert (row["lower"], row["upper"]) == pytest.approx((low / share, high / share))
        assert row["lowest"] == pytest.approx(SHOWN[code] / (known + unknown) / share)
        assert row["highest"] == pytest.approx((SHOWN[code] + unknown) / (known + unknown) / share)


def test_unrecorded_people_somewhat_like_residents_narrow_the_band():
    """African: 20 of 1,855 and 1.5% of residents; between 0.75% and 3% of 470 unrecorded people."""
    row = ask()["african"]
    assert row["likely_lowest"] == pytest.approx((20 + 0.0075 * 470) / 2325 / 0.015)
    assert row["likely_highest"] == pytest.approx((20 + 0.03 * 470) / 2325 / 0.015)
    same = ask(factor=1.0)["african"]
    assert same["likely_lowest"] == pytest.approx(same["likely_highest"])


def test_rounding_and_hidden_groups_widen_every_limit():
    exact, rounded = ask(), ask(reach=4)
    hidden = ask({**SHOWN, "caribbean_black": None, **WITHOUT, "unmapped": None}, reach=4)
    for code in ("asian", "african"):
        assert rounded[code]["lower"] < exact[code]["lower"]
        assert rounded[code]["highest"] > exact[code]["highest"]
        for stands in (0, 9):
            true = ask({**SHOWN, "caribbean_black": stands, **WITHOUT, "unmapped": stands}, reach=0)[code]
            assert hidden[code]["lower"] <= true["lower"]
            assert hidden[code]["upper"] >= true["upper"]
            assert hidden[code]["lowest"] <= true["lowest"]
            assert hidden[code]["highest"] >= true["highest"]
    assert hidden["caribbean_black"]["verdict"] == "hidden"
    assert hidden["caribbean_black"]["value"] is None
    assert hidden["caribbean_black"]["count"] is None


def test_the_tipping_point_brings_the_ratio_to_one():
    row = ask()["african"]
    assert row["tipping_people"] == pytest.approx(0.015 * 2325 - 20)
    assert row["tipping"] == pytest.approx(row["tipping_people"] / 470)


def test_without_wrong_records_the_correction_changes_nothing():
    for row in ask().values():
        assert row["corrected"] == pytest.approx(row["value"])


def test_wrong_records_are_corrected_as_the_inverse_matrix_says():
    matrix = reach_groups.default_matrix(LIVED)
    true = np.linalg.solve(np.array(matrix).T, np.array([SHOWN[code] for code in GROUPS], float))
    for (code, row), people in zip(ask(matrix=matrix).items(), true, strict=True):
        assert row["corrected"] == pytest.approx(people / true.sum() / (LIVED[code] / 10_000))


def test_the_assumed_matrix_adds_up_and_keeps_most_people_where_they_belong():
    matrix = reach_groups.default_matrix(LIVED)
    assert [sum(row) for row in matrix] == pytest.approx([1] * 6)
    assert matrix[0][0] == pytest.approx(0.995)
    assert [matrix[place][place] for place in range(1, 6)] == pytest.approx([0.875] * 5)


def test_a_matrix_is_scaled_to_whole_rows_and_an_unusable_one_refused():
    assert reach_groups.scaled([[50, 50], [0, 200]]) == ((0.5, 0.5), (0.0, 1.0))
    assert reach_groups.scaled([[0, 0], [0, 1]]) is None
    assert reach_groups.scaled([[-1, 2], [0, 1]]) is None


def test_a_matrix_that_tells_no_groups_apart_gives_no_correction_and_stops_nothing():
    row = ask(matrix=tuple(tuple(1 / 6 for _ in GROUPS) for _ in GROUPS))["african"]
    assert row["corrected"] is None
    assert row["value"] is not None


def test_under_the_share_needed_nothing_but_the_count_is_told():
    for row in ask(recorded=0.69).values():
        assert row["verdict"] == "withheld"
        assert row["count"] is not None
        assert row["value"] is row["highest"] is row["corrected"] is row["tipping"] is None


def test_ages_move_the_ratio_by_the_factors_and_the_majority_by_what_is_left():
    found = ask(ages=(0.8, 1.25))
    row = found["african"]
    assert row["age_lowest"] == pytest.approx(row["value"] / 1.25)
    assert row["age_highest"] == pytest.approx(row["value"] / 0.8)
    white = found["white"]
    # Others are a tenth of residents: where they have 1.25 times the rate, White people have (1 - 0.125) / 0.9.
    assert white["age_highest"] == pytest.approx(white["value"] / ((1 - 0.1 * 1.25) / 0.9))


def test_a_gap_that_ages_could_explain_is_not_told_as_one():
    few = dict.fromkeys(WITHOUT, 0)
    assert ask(SHOWN | few, ages=(1.0, 1.0))["asian"]["verdict"] == "lower"
    assert ask(SHOWN | few, ages=(0.5, 1.0))["asian"]["verdict"] == "ages_could_explain"
    assert ask()["asian"]["verdict"] == "unknown_could_explain"


@given(st.floats(15, 60), st.floats(15, 60))
def test_wider_bounds_of_age_never_narrow_the_factors(first: float, second: float):
    bands = pl.DataFrame(
        {"age_band": ["0-4", "20-24", "40-44", "60-64", "85+"], "likely": [90.0, 50, 60, 40, 5],
         "population": [1000, 1200, 1300, 1100, 400]}
    )  # fmt: skip
    narrow, wide = reach_groups.age_factors(bands, first, second), reach_groups.age_factors(bands, 10, 65)
    assert narrow is not None
    assert wide is not None
    assert narrow[0] >= wide[0] - 0.01
    assert narrow[1] <= wide[1] + 0.01


def test_a_crossing_is_set_against_residents_of_both():
    cells = pl.DataFrame(
        {ETHNIC: ["white", "white", "asian", "asian"], SIMD: ["1", "5", "1", "5"],
         "state": ["shown", "shown", "shown", "confidential"], "value": [400.0, 560.0, 30.0, None]}
    )  # fmt: skip
    people = pl.DataFrame(
        {ETHNIC: ["white", "white", "asian", "asian"], SIMD: ["1", "5"] * 2, "population": [45, 45, 5, 5]}
    )
    found = reach_groups.crossed(reach_cells.with_range(cells, 10), people, 4, SIMD).rows_by_key(
        [ETHNIC, SIMD], named=True
    )
    row = found[("white", "1")][0]
    assert row["value"] == pytest.approx(400 / 994.5 / 0.45)
    assert row["lower"] == pytest.approx(wilson(396, 994.5)[0] / 0.45)
    assert row["expected"] == pytest.approx(0.45 * 994.5)
    assert found[("asian", "5")][0]["value"] is None


def test_census_groups_and_ways_of_not_knowing_are_in_census_order():
    assert GROUPS == ("white", "mixed", "asian", "african", "caribbean_black", "other")
    assert UNKNOWN == ("declined", "not_known", "not_recorded", "unmapped")
