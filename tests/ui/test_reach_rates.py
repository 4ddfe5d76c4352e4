"""Rates that allow for age and sex, and the gap between areas, against plain second computations."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from ui import reach_cells, reach_rates
from ui.reach_cells import SIMD

Z = norm.ppf(0.975)
BANDS = reach_rates.STANDARD["age_band"].to_list()
WEIGHTS = dict(reach_rates.STANDARD.iter_rows())
KEYS = [(sex, band) for sex in reach_cells.SEXES for band in BANDS]
counts = st.lists(st.integers(10, 500), min_size=len(KEYS), max_size=len(KEYS))


def cells(values: list[int | None], **held: str) -> pl.DataFrame:
    rows = [
        {**held, "sex": sex, "age_band": band, "state": "confidential" if value is None else "shown", "value": value}
        for (sex, band), value in zip(KEYS, values, strict=True)
    ]
    frame = pl.DataFrame(rows, schema_overrides={"value": pl.Float64})
    return reach_cells.to_oldest(reach_cells.with_range(frame, 10), [*held, "sex"])


def lived(people: int = 10_000, **held: str) -> pl.DataFrame:
    return pl.DataFrame([{**held, "sex": sex, "age_band": band, "population": people} for sex, band in KEYS])


def byar(x: float) -> tuple[float, float]:
    low = x * (1 - 1 / (9 * x) - Z / (3 * math.sqrt(x))) ** 3
    return low, (x + 1) * (1 - 1 / (9 * (x + 1)) + Z / (3 * math.sqrt(x + 1))) ** 3


def plain(values: list[float], people: int = 10_000) -> tuple[float, float, float]:
    """The formulas of Dobson, an age and sex at a time, and the spread of the roundings on top."""
    whole = sum(WEIGHTS[band] for _, band in KEYS)
    rate = variance = rounding = 0.0
    for (_, band), x in zip(KEYS, values, strict=True):
        rate += WEIGHTS[band] * x / people
        variance += WEIGHTS[band] ** 2 * x / people**2
        rounding += WEIGHTS[band] ** 2 * 4 / people**2
    total = sum(values)
    per = 1e5 / whole
    low, high = byar(total)
    step = per * math.sqrt(variance / total)
    extra = Z**2 * per**2 * rounding
    value = per * rate
    return value, value - math.hypot(step * (total - low), math.sqrt(extra)), value + math.hypot(
        step * (high - total), math.sqrt(extra)
    )  # fmt: skip


def test_the_standard_population_is_whole_and_ends_where_residents_do():
    assert sum(WEIGHTS.values()) == 100_000
    assert WEIGHTS["85+"] == 2_500
    assert set(BANDS) == set(lived()["age_band"])


@given(counts)
def test_a_rate_is_that_of_the_plain_formulas(values: list[int]):
    found = reach_rates.direct(cells(values), lived(), []).row(0, named=True)
    assert (found["value"], found["lower"], found["upper"]) == pytest.approx(plain(values), rel=1e-9)


@given(counts, st.sets(st.integers(0, len(KEYS) - 1), max_size=6))
def test_whatever_the_hidden_counts_are_the_limits_hold_the_rate_and_its_limits(values: list[int], hidden: set[int]):
    told = [None if place in hidden else value for place, value in enumerate(values)]
    found = reach_rates.direct(cells(told), lived(), []).row(0, named=True)
    for stand_in in (0, 3, 9):
        one = plain([stand_in if place in hidden else value for place, value in enumerate(values)])
        assert found["lower"] <= one[0] <= found["upper"]
    assert found["hidden"] == len(hidden)


def test_an_age_that_has_no_row_is_hidden_and_not_nought():
    frame = cells([50] * len(KEYS)).filter(~((pl.col("sex") == "male") & (pl.col("age_band") == "85+")))
    assert reach_rates.direct(frame, lived(), []).row(0, named=True)["hidden"] == 1


def test_counts_of_85_and_over_are_put_together():
    frame = pl.DataFrame(
        {"sex": ["male"] * 3, "age_band": ["80-84", "85-89", "90+"], "state": ["shown", "shown", "confidential"],
         "value": [40.0, 20.0, None]}
    )  # fmt: skip
    found = reach_cells.to_oldest(reach_cells.with_range(frame, 10), ["sex"]).filter(age_band="85+").row(0, named=True)
    assert (found["least"], found["likely"], found["most"]) == (20, 24.5, 29)
    assert (found["shown"], found["hidden"]) == (1, 1)


def test_expected_people_add_up_to_those_tested_and_follow_the_ages():
    denominators = pl.DataFrame(
        {"area": ["a", "a", "b", "b"], "sex": ["male"] * 4, "age_band": ["0-4", "5-9"] * 2,
         "population": [100, 300, 300, 100]}
    )  # fmt: skip
    national = pl.DataFrame({"sex": ["male"] * 2, "age_band": ["0-4", "5-9"], "likely": [40.0, 8.0]})
    found = dict(reach_rates.expected(denominators, ["area"], national, 60.0).iter_rows())
    # Rates are 40/400 and 8/400: a has 10 + 6, b has 30 + 2, of 48; both are stretched to 60.
    assert found == pytest.approx({"a": 16 * 60 / 48, "b": 32 * 60 / 48})


@given(st.integers(10, 5000), st.floats(10, 5000), st.integers(-4, 4))
def test_limits_against_expected_hold_those_of_every_count_that_rounding_could_stand_for(
    people: int, expected: float, moved: int
):
    def ask(value: int, reach: int) -> dict[str, Any]:
        frame = pl.DataFrame({"state": ["shown"], "value": [float(value)], "expected": [expected]})
        return reach_rates.against_expected(frame, reach).row(0, named=True)

    shown, exact = ask(people, 4), ask(people + moved, 0)
    assert shown["lower"] <= exact["lower"] + 1e-12
    assert shown["upper"] >= exact["upper"] - 1e-12
    assert shown["value"] == pytest.approx(people / expected)


def test_a_hidden_count_has_no_ratio():
    frame = pl.DataFrame(
        {"state": ["confidential"], "value": [None], "expected": [20.0]}, schema_overrides={"value": pl.Float64}
    )
    assert reach_rates.against_expected(frame, 4).row(0, named=True)["value"] is None


def quintiles(values: list[float], error: float = 10.0) -> pl.DataFrame:
    return pl.DataFrame(
        {SIMD: list("12345"), "value": values, "lower": [v - Z * error for v in values],
         "upper": [v + Z * error for v in values]}
    )  # fmt: skip


def test_the_measures_of_a_gap_worked_by_hand():
    """Five fifths of one size: 400, 425, 450, 475, 500. The line passes all of them, from 387.5 to 512.5."""
    people = pl.DataFrame({SIMD: list("12345"), "population": [100] * 5})
    found = reach_rates.gap(quintiles([400.0, 425.0, 450.0, 475.0, 500.0]), people)
    assert found.difference["value"] == pytest.approx(-100)
    assert found.difference["upper"] == pytest.approx(-100 + Z * 10 * math.sqrt(2))
    assert found.ratio["value"] == pytest.approx(0.8)
    assert found.slope["value"] == pytest.approx(-125)
    assert found.ratio_of_ends["value"] == pytest.approx(387.5 / 512.5)
    assert found.over_overall["value"] == pytest.approx(-125 / 450)
    assert found.attributable["value"] == pytest.approx((450 - 500) / 450)


def test_a_fifth_that_is_hidden_leaves_no_gap_of_any_kind():
    rates = quintiles([400.0, 425.0, 450.0, 475.0, 500.0]).with_columns(
        pl.when(pl.col(SIMD) == "1").then(None).otherwise(pl.col(name)).alias(name)
        for name in ("value", "lower", "upper")
    )
    people = pl.DataFrame({SIMD: list("12345"), "population": [100] * 5})
    found = reach_rates.gap(rates, people)
    measures = (found.difference, found.ratio, found.slope, found.ratio_of_ends, found.over_overall, found.attributable)
    assert [measure["value"] for measure in measures] == [None] * 6


def years(ratios: list[float]) -> pl.DataFrame:
    frames = [
        quintiles([500 * ratio, 0.0, 0.0, 0.0, 500.0], 5.0).with_columns(
            period_start=pl.lit(dt.date(2020 + place, 11, 1))
        )
        for place, ratio in enumerate(ratios)
    ]
    return reach_rates.ratios_over_time(pl.concat(frames))


@pytest.mark.parametrize(
    ("ratios", "said"),
    [
        ([0.5, 0.6, 0.7, 0.8, 0.9], "closing"),
        ([0.9, 0.8, 0.7, 0.6, 0.5], "widening"),
        ([1.9, 1.7, 1.5, 1.3, 1.1], "closing"),
        ([1.1, 1.3, 1.5, 1.7, 1.9], "widening"),
        ([0.7, 0.72, 0.69, 0.71, 0.7], "no_change"),
        ([0.5, 0.7, 0.9], "too_few"),
    ],
)
def test_whether_a_gap_closes_is_told_by_which_side_of_1_it_is_on(ratios: list[float], said: str):
    table = years(ratios)
    assert table["value"].to_list() == pytest.approx(ratios)
    assert reach_rates.closing(reach_rates.trend(table), table["value"][-1]) == said


def test_a_change_of_a_logarithm_is_told_as_a_share():
    assert reach_rates.per_year(math.log(1.05)) == pytest.approx(0.05)


def test_areas_are_boards_with_the_islands_as_one_and_populations_follow():
    assert len(reach_cells.areas()) == 12
    assert reach_cells.areas()[-1] == "island_boards"
    assert len(reach_cells.boards_of(None)) == 14
    assert set(reach_cells.boards_of("island_boards")) == {"S08000025", "S08000026", "S08000028"}
    assert reach_cells.boards_of("S08000024") == ("S08000024",)


def test_residents_by_group_and_quintile_are_those_of_the_census():
    frame = reach_cells.residents_by_group_and_quintile()
    assert frame.height == 30
    assert 5_400_000 < frame["population"].sum() < 5_500_000
