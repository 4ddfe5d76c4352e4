"""Cumulative incidence: another package's answers, a slow second version, and what must hold."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from methods.competing_events import cumulative_incidence, incidence_within
from methods.time_to_event import share_within, survival_curve

CASES = json.loads((Path(__file__).parent / "cases" / "aalen_johansen.json").read_text())["cases"]

#: Of each person: when they left, and by what: 0 censored, 1 the event, 2 the competing one.
PEOPLE = st.lists(st.tuples(st.integers(1, 12), st.integers(0, 2)), min_size=1, max_size=40)


def counts(people: list[tuple[float, int]]) -> pl.DataFrame:
    kinds = {"events": 1, "competing": 2, "censored": 0}
    columns = {name: [int(kind == one) for _, kind in people] for name, one in kinds.items()}
    return pl.DataFrame({"time": [time for time, _ in people], **columns}, schema_overrides={"time": pl.Float64})


def slow_incidence(people: list[tuple[float, int]], until: float) -> tuple[float, float]:
    """Incidence and its variance, each sum written out (Marubini and Valsecchi 1995, section 10.3)."""
    steps, free, incidence = [], 1.0, 0.0
    for time in sorted({t for t, _ in people if t <= until}):
        n = sum(t >= time for t, _ in people)
        e, c = (sum(t == time and kind == one for t, kind in people) for one in (1, 2))
        incidence += free * e / n
        steps.append((incidence, free, n, e, e + c))
        free *= 1 - (e + c) / n
    variance = 0.0
    for at, before, n, e, d in steps:
        variance += (incidence - at) ** 2 * d / (n * (n - d)) if n > d else 0
        variance += before**2 * e * (n - e) / n**3 - 2 * (incidence - at) * before * e / n**2
    return incidence, variance


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_another_package_gives_the_same(case: dict[str, dict[str, list[float]]]) -> None:
    asked = case["input"]
    people = list(zip(asked["time"], asked["kind"], strict=True))
    found = incidence_within(counts(people), asked["times"])
    for name in ("value", "lower", "upper"):
        assert found[name].to_list() == pytest.approx(case["expected"][name], rel=1e-9)


@given(PEOPLE, st.integers(1, 12))
def test_a_slow_version_gives_the_same(people: list[tuple[float, int]], until: int) -> None:
    row = incidence_within(counts(people), [until]).row(0, named=True)
    incidence, variance = slow_incidence(people, until)
    if row["value"] is None:
        assert row["reason"] == "beyond_follow_up"
        return
    assert row["value"] == pytest.approx(incidence)
    if 1e-6 < incidence < 1 - 1e-6:
        spread = 1.959963985 * math.sqrt(max(variance, 0)) / (incidence * math.log(incidence))
        assert row["lower"] == pytest.approx(incidence ** math.exp(-spread), abs=1e-7)
        assert row["upper"] == pytest.approx(incidence ** math.exp(spread), abs=1e-7)
    else:
        assert row["reason"] == "no_limits"


@given(PEOPLE)
def test_without_competing_events_it_is_one_less_the_survival_curve(people: list[tuple[float, int]]) -> None:
    frame = counts([(time, min(kind, 1)) for time, kind in people])
    here, there = cumulative_incidence(frame), survival_curve(frame.drop("competing"))
    assert here["value"].to_list() == pytest.approx((1 - there["value"]).to_list())


@given(PEOPLE)
def test_both_incidences_and_the_share_free_of_both_add_up_to_one(people: list[tuple[float, int]]) -> None:
    frame = counts(people)
    other = cumulative_incidence(frame.rename({"events": "competing", "competing": "events"}))
    either = survival_curve(frame.select("time", "censored", events=pl.col("events") + pl.col("competing")))
    total = cumulative_incidence(frame)["value"] + other["value"] + either["value"]
    assert total.to_list() == pytest.approx([1.0] * len(total))


@given(PEOPLE)
def test_cancellations_as_censored_would_overstate_it(people: list[tuple[float, int]]) -> None:
    frame = counts(people)
    naive = frame.select("time", "events", censored=pl.col("censored") + pl.col("competing"))
    assert (cumulative_incidence(frame)["value"] <= 1 - survival_curve(naive)["value"] + 1e-9).all()


@given(PEOPLE, st.randoms())
def test_the_order_of_rows_does_not_matter(people: list[tuple[float, int]], chance: random.Random) -> None:
    mixed = people.copy()
    chance.shuffle(mixed)
    assert_frame_equal(cumulative_incidence(counts(mixed)), cumulative_incidence(counts(people)))


def test_incidence_by_hand() -> None:
    """Four watched: day 1 event, day 2 cancelled, day 3 event, day 4 censored.

    1/4; then 2/4 free of both after day 2, of whom 1 of 2 has the event: 1/4 + 1/2 x 1/2 = 1/2.
    """
    frame = counts([(1, 1), (2, 2), (3, 1), (4, 0)])
    assert cumulative_incidence(frame)["value"].to_list() == pytest.approx([0.25, 0.25, 0.5, 0.5])
    within = incidence_within(frame, [0, 2, 4, 5])
    assert within["value"].to_list() == pytest.approx([0, 0.25, 0.5, None])
    assert within["at_risk"].to_list() == [4, 3, 1, 0]
    assert within["reason"].to_list() == ["no_limits", None, None, "beyond_follow_up"]


def test_after_everyone_has_left_by_an_event_the_share_stands() -> None:
    within = incidence_within(counts([(1, 1), (2, 2)]), [9])
    assert within["value"].to_list() == [0.5]


def test_a_bad_group_leaves_the_good_ones_alone() -> None:
    good = counts([(1, 1), (2, 2), (3, 0)]).with_columns(board=pl.lit("good"))
    bad = good.with_columns(board=pl.lit("bad"), competing=pl.lit(-1))
    found = cumulative_incidence(pl.concat([bad, good], how="vertical_relaxed"), ["board"])
    assert found.filter(board="bad")["reason"].to_list() == ["negative_count"]
    assert_frame_equal(found.filter(board="good").drop("board"), cumulative_incidence(good.drop("board")))


def test_nothing_gives_nothing() -> None:
    empty = counts([])
    assert cumulative_incidence(empty).height == incidence_within(empty, [5]).height == 0
    assert cumulative_incidence(empty).columns == cumulative_incidence(counts([(1, 1)])).columns
    assert share_within(empty.drop("competing"), [5]).schema == incidence_within(empty, [5]).schema


def test_huge_counts_are_answered() -> None:
    frame = pl.DataFrame({"time": [1, 2], "events": [10**9, 10**9], "competing": [10**9, 0], "censored": [0, 10**9]})
    row = cumulative_incidence(frame).row(1, named=True)
    assert row["value"] == pytest.approx(0.5)
    assert 0 < row["upper"] - row["lower"] < 1e-4
