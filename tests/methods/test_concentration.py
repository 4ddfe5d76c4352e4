"""Concentration indices of people and of groups of people."""

from __future__ import annotations

import json
from math import sqrt
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.concentration import concentration_index, concentration_index_of_groups

GOLDEN = json.loads((Path(__file__).parent.parent / "golden/concentration_index.json").read_text())["cases"]
people = st.lists(
    st.tuples(
        st.integers(min_value=1, max_value=6),
        st.integers(min_value=0, max_value=10),
        st.integers(min_value=1, max_value=5),
    ),
    min_size=2,
    max_size=20,
).filter(lambda rows: len({row[0] for row in rows}) > 1 and any(row[1] for row in rows))


def frame(rows: list[Any], columns: tuple[str, ...] = ("standing", "outcome", "weight")) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=columns, orient="row", strict=False)


def answers(rows: list[Any], **options: Any) -> dict[str, dict[str, Any]]:
    return concentration_index(frame(rows), **options).rows_by_key("measure", named=True, unique=True)


def of_groups(rows: list[Any], **options: Any) -> dict[str, dict[str, Any]]:
    given = frame(rows, ("quantile", "population", "value", "standard_error"))
    return concentration_index_of_groups(given, **options).rows_by_key("measure", named=True, unique=True)


def plain_index(rows: list[tuple[float, float, float]]) -> float:
    """Twice the covariance with the rank, over the mean, each person's rank found by looking at all others."""
    total = sum(w for _, _, w in rows)
    mean = sum(y * w for _, y, w in rows) / total

    def rank(place: float) -> float:
        return sum(w * (1 if x < place else 0.5 if x == place else 0) for x, _, w in rows) / total

    return 2 * sum(w * (y - mean) * (rank(x) - 0.5) for x, y, w in rows) / total / mean


def test_a_worked_example_comes_out() -> None:
    """Four people from worst to best off, with 3, 2, 1 and 2: ranks 1/8, 3/8, 5/8, 7/8, mean 2.

    Covariance (1 * -3/8 + 0 + -1 * 1/8 + 0) / 4 = -1/8; index 2 * -1/8 / 2 = -1/8.
    """
    found = answers([(1, 3, 1), (2, 2, 1), (3, 1, 1), (4, 2, 1)], bounds=(0, 4))
    assert found["relative"]["value"] == pytest.approx(-1 / 8)
    assert found["generalised"]["value"] == pytest.approx(-1 / 4)
    assert found["erreygers"]["value"] == pytest.approx(-1 / 4)
    assert found["wagstaff"]["value"] == pytest.approx(-1 / 8 / (1 - 2 / 4))


@given(rows=people)
def test_a_plain_second_version_agrees(rows: list[tuple[float, float, float]]) -> None:
    assert answers(rows)["relative"]["value"] == pytest.approx(plain_index(rows), abs=1e-9)


@pytest.mark.parametrize("case", [case for case in GOLDEN if "skip" not in case], ids=lambda case: case["name"])
def test_the_variance_of_the_relative_index_is_that_of_the_package(case: dict[str, Any]) -> None:
    rows = list(zip(case["input"]["rank_variable"], case["input"]["outcome"], [1] * 40, strict=True))
    found = answers(rows)["relative"]["standard_error"] ** 2
    assert found == pytest.approx(case["expected"]["CI_direct"]["variance"], rel=1e-9)


@given(rows=people, seed=st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter_however_many_stand_alike(rows: list[Any], seed: Any) -> None:
    mixed = list(rows)
    seed.shuffle(mixed)
    assert answers(rows, bounds=(0, 10)) == answers(mixed, bounds=(0, 10))


@given(rows=people)
def test_only_the_order_of_standings_counts(rows: list[Any]) -> None:
    assert answers(rows) == answers([(x**3 - 1000, y, w) for x, y, w in rows])


@given(rows=people)
def test_turned_round_the_index_changes_sign(rows: list[Any]) -> None:
    here, there = answers(rows)["relative"], answers([(-x, y, w) for x, y, w in rows])["relative"]
    assert here["value"] == pytest.approx(-there["value"], abs=1e-12)
    assert here["lower"] == pytest.approx(-there["upper"], abs=1e-9)


@given(rows=people)
def test_erreygers_and_wagstaff_see_an_ill_and_its_absence_alike(rows: list[Any]) -> None:
    ill, well = answers(rows, bounds=(0, 10)), answers([(x, 10 - y, w) for x, y, w in rows], bounds=(0, 10))
    for name in ("erreygers", "wagstaff"):
        if ill[name]["reason"] is None:
            assert ill[name]["value"] == pytest.approx(-well[name]["value"], abs=1e-9)
            assert ill[name]["lower"] == pytest.approx(-well[name]["upper"], abs=1e-9)


@given(rows=people, weight=st.floats(min_value=0.1, max_value=10))
def test_only_the_proportions_of_weights_count(rows: list[Any], weight: float) -> None:
    here, there = answers(rows)["relative"], answers([(x, y, w * weight) for x, y, w in rows])["relative"]
    assert here["upper"] == pytest.approx(there["upper"], abs=1e-9)


def test_unweighted_is_the_same_as_evenly_weighted() -> None:
    rows = [(1, 3, 2), (2, 2, 2), (3, 1, 2), (4, 2, 2)]
    assert concentration_index(frame(rows).drop("weight")).equals(concentration_index(frame(rows)))


def test_a_weighted_variance_is_that_of_the_index_left_without_each_person_in_turn() -> None:
    """The jackknife, which needs no formula of the index's influence."""
    rows = [(x, (x * 7 + 3) % 11 + 8 - x / 10, 1 + x % 3) for x in range(60)]
    without = [answers(rows[:place] + rows[place + 1 :], bounds=(0, 20)) for place in range(len(rows))]
    for name, found in answers(rows, bounds=(0, 20)).items():
        values = [answer[name]["value"] for answer in without]
        middle = sum(values) / len(rows)
        jackknife = sqrt(sum((value - middle) ** 2 for value in values) * (len(rows) - 1) / len(rows))
        assert found["standard_error"] == pytest.approx(jackknife, rel=0.05)


def test_rows_that_lack_something_are_left_out_and_counted() -> None:
    rows = [(1, 3, 1), (2, 2, 1), (3, 1, 1), (4, 2, 1)]
    holes = [(None, 3, 1), (2, float("nan"), 1), (2, 2, None)]
    whole, found = answers(rows)["relative"], answers(rows + holes)["relative"]
    assert (found["people_used"], found["people_left_out"]) == (4, 3)
    assert found["value"] == whole["value"]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([(1, 3, 1)], "too_few_points"),
        ([(1, 3, 1), (1, 2, 1)], "no_variation"),
        ([(1, 3, 1), (2, 2, -1)], "weight_not_usable"),
        ([(1, 3, 1), (2, float("inf"), 1)], "not_finite"),
        ([(1, 0, 1), (2, 0, 1)], "denominator_is_zero"),
    ],
)
def test_what_has_no_index_is_told_why_beside_what_has(rows: list[Any], code: str) -> None:
    good = frame([(1, 3.0, 1), (2, 2, 1)]).cast(pl.Float64).with_columns(y=pl.lit("good"))
    both = pl.concat([good, frame(rows).cast(pl.Float64).with_columns(y=pl.lit(None, pl.String))])
    found = concentration_index(both, ["y"]).filter(pl.col("measure") == "relative")
    assert found["reason"].to_list() == [code, None]
    assert found["value"].is_null().to_list() == [True, False]


def test_bounds_are_held_to() -> None:
    rows = [(1, 3, 1), (2, 2, 1), (3, 1, 1)]
    assert list(answers(rows)) == ["relative", "generalised"]
    assert answers(rows, bounds=(0, 2))["erreygers"]["reason"] == "outside_range"
    assert (
        answers(rows, bounds="range_of_data")["erreygers"]["value"]
        == answers(rows, bounds=(1, 3))["erreygers"]["value"]
    )
    even = [(1, 2, 1), (2, 2, 1)]
    assert answers(even, bounds="range_of_data")["wagstaff"]["reason"] == "denominator_is_zero"


@pytest.mark.parametrize("bounds", [(1, 0), (0, 0), (0, float("inf")), "data", (0, 1, 2)])
def test_bounds_that_bound_nothing_are_refused(bounds: Any) -> None:
    with pytest.raises(ValueError, match="bounds"):
        answers([(1, 0, 1), (2, 1, 1)], bounds=bounds)


def test_groups_give_the_index_of_people_who_are_all_alike_in_a_group() -> None:
    groups = [(1, 10, 0.5, 0), (2, 20, 0.3, 0), (3, 30, 0.2, 0)]
    everyone = [(quantile, value, 1) for quantile, n, value, _ in groups for _ in range(n)]
    for name, row in answers(everyone, bounds=(0, 1)).items():
        found = of_groups(groups, bounds=(0, 1))[name]
        assert found["value"] == pytest.approx(row["value"])
        assert found["standard_error"] == pytest.approx(row["standard_error"])


def test_errors_of_groups_add_kakwani_s_second_term() -> None:
    """Where all of a country is counted the order is known: the error is sqrt(sum f^2 e^2 (2R - 1 - C)^2) / mean.

    Halves with 3 and 1: mean 2, ranks 1/4 and 3/4, C = -1/4; 0.5 * 0.1 * (-1/4) and 0.5 * 0.1 * 3/4 give 0.03953 / 2.
    """
    found = of_groups([(1, 1e12, 3, 0.1), (2, 1e12, 1, 0.1)])["relative"]
    assert found["value"] == pytest.approx(-0.25)
    assert found["standard_error"] == pytest.approx(0.05 * sqrt(0.0625 + 0.5625) / 2, rel=1e-5)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ((2, None, 1, 1), "missing"),
        ((2, 10, None, 1), "missing"),
        ((2, -1, 1, 1), "population_not_positive"),
        ((1, 10, 1, 1), "repeated_key"),
        ((2, 0, 1, 1), "too_few_groups"),
        ((2, 10, float("inf"), 1), "not_finite"),
    ],
)
def test_groups_that_have_no_index_are_told_why(row: tuple[Any, ...], code: str) -> None:
    found = of_groups([(1, 10, 3, 1), row])["relative"]
    assert (found["value"], found["reason"], found["mean"]) == (None, code, None)


@pytest.mark.parametrize(("error", "code"), [(None, "missing"), (-1, "error_not_usable"), (float("inf"), "not_finite")])
def test_groups_without_sound_errors_have_an_index_without_limits(error: Any, code: str) -> None:
    found = of_groups([(1, 10, 3, 1), (2, 10, 1, error)])["relative"]
    assert (found["value"], found["lower"], found["standard_error"]) == (pytest.approx(-0.25), None, None)
    assert found["reason"] == code


def test_empty_frames_give_empty_answers_of_the_same_kind() -> None:
    rows = frame([(1, 3.0, 1.0), (2, 2.0, 1.0)])
    assert concentration_index(rows.clear(), bounds=(0, 5)).schema == concentration_index(rows, bounds=(0, 5)).schema
    groups = frame([(1, 10, 3.0, 1.0), (2, 10, 1.0, 1.0)], ("quantile", "population", "value", "standard_error"))
    assert concentration_index_of_groups(groups.clear()).schema == concentration_index_of_groups(groups).schema
    assert concentration_index_of_groups(groups.clear()).is_empty()
