"""Counts added up by time: what a step is, and which groups have none."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.groundwork.day_counts import greenwood_terms, running_total, steps_in_time, surviving_share

ROWS = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 9), st.integers(0, 4), st.integers(0, 4)), min_size=1)


def counts(*rows: tuple[object, ...]) -> pl.DataFrame:
    schema = {"group": pl.String, "time": pl.Float64, "events": pl.Float64, "censored": pl.Float64}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


@given(ROWS)
def test_at_risk_is_all_who_leave_then_or_later(rows: list[tuple[str, int, int, int]]) -> None:
    steps = steps_in_time(counts(*rows), ["group"])
    for own, time, at_risk in zip(steps.own, steps.time, steps.at_risk, strict=True):
        group = steps.groups["group"][int(steps.place[own])]
        assert at_risk == sum(d + c for g, t, d, c in rows if g == group and t >= time)


@given(ROWS)
def test_curves_start_afresh_in_each_group(rows: list[tuple[str, int, int, int]]) -> None:
    together = steps_in_time(counts(*rows), ["group"])
    shares = surviving_share(together.leaving["events"], together)
    spread = running_total(greenwood_terms(together.leaving["events"], together), together)
    alone_shares, alone_spread = [], []
    for group in "ab":
        steps = steps_in_time(counts(*(row for row in rows if row[0] == group)), [])
        alone_shares += surviving_share(steps.leaving["events"], steps).tolist()
        alone_spread += running_total(greenwood_terms(steps.leaving["events"], steps), steps).tolist()
    assert np.allclose(shares, alone_shares)
    assert np.allclose(spread, alone_spread)


def test_a_large_group_keeps_its_digits_among_many_small_ones() -> None:
    large = [("z", time, 70_000.0 + time, 100_000.0) for time in range(30)]
    small = [(f"a{number}", time, 1.0, 0.0) for number in range(3_000) for time in range(3)]
    alone, among = steps_in_time(counts(*large), ["group"]), steps_in_time(counts(*small, *large), ["group"])
    for events_of in (surviving_share, lambda events, steps: running_total(greenwood_terms(events, steps), steps)):
        apart, together = events_of(alone.leaving["events"], alone), events_of(among.leaving["events"], among)
        assert together[-30:].tolist() == apart.tolist()


def test_times_that_rounding_sets_apart_are_one_step() -> None:
    steps = steps_in_time(counts(("a", 0.1 + 0.2, 1, 0), ("a", 0.3, 1, 0), ("a", 0.4, 1, 0)), ["group"])
    assert steps.time.tolist() == [0.3, 0.4]
    assert steps.at_risk.tolist() == [3, 1]


def test_a_group_that_cannot_be_used_says_why_and_has_no_steps() -> None:
    frame = counts(
        *(("missing", 1, None, 1), ("missing", 2, 1, 1), ("nan", float("nan"), 1, 1), ("endless", float("inf"), 1, 1)),
        *(("negative", 1, -1, 1), ("nobody", 1, 0, 0), ("sound", 1, 1, 1), (None, 1, 1, 1)),
    )
    steps = steps_in_time(frame, ["group"])
    assert dict(steps.groups.iter_rows()) == {
        "missing": "missing",
        "nan": "missing",
        "endless": "not_finite",
        "negative": "negative_count",
        "nobody": "total_not_positive",
        "sound": None,
        None: None,
    }
    assert {steps.groups["group"][int(place)] for place in steps.place} == {"sound", None}


def test_columns_are_asked_for_by_name() -> None:
    with pytest.raises(ValueError, match="missing"):
        steps_in_time(counts().drop("censored"), [])
    with pytest.raises(ValueError, match="by names the groups"):
        steps_in_time(counts(), ["time"])
