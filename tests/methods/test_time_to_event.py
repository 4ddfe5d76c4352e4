"""Time to event: worked examples, a slow second version, another package's answers, and what must hold."""

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

from methods.estimates import FIELDS
from methods.time_to_event import (
    count_days,
    grouped_percentiles,
    median_difference,
    median_follow_up,
    restricted_mean,
    share_within,
    survival_curve,
    time_quantiles,
)

CASES = json.loads((Path(__file__).parent / "cases" / "restricted_mean.json").read_text())["cases"]

Person = tuple[float, bool]
PEOPLE = st.lists(st.tuples(st.integers(1, 15), st.booleans()), min_size=1, max_size=40)


def counts(people: list[Person]) -> pl.DataFrame:
    frame = pl.DataFrame(people, schema={"days": pl.Float64, "is_event": pl.Boolean}, orient="row")
    return count_days(frame, "days", "is_event")


def slow_curve(people: list[Person]) -> list[tuple[float, float, float]]:
    """Time, share surviving and Greenwood's sum, one time after the other."""
    found, surviving, greenwood = [], 1.0, 0.0
    for time in sorted({t for t, _ in people}):
        n, d = sum(t >= time for t, _ in people), sum(t == time and event for t, event in people)
        surviving *= 1 - d / n
        greenwood += d / (n * (n - d)) if n > d else 0
        found.append((time, surviving, greenwood))
    return found


def slow_quantile(points: list[tuple[float, float | None]], probability: float) -> float | None:
    """The first time at which the band is at or below 1 - p; the middle of the flat piece where it is at it."""
    last = [band for _, band in points if band is not None]
    for place, (time, band) in enumerate(points):
        if band is not None and band <= 1 - probability + 1e-9:
            if band < 1 - probability - 1e-9:
                return time
            later = [t for t, b in points[place:] if b is not None and b < 1 - probability - 1e-9]
            end = later[0] if later else points[-1][0] if abs(last[-1] - 1 + probability) < 1e-9 else None
            return None if end is None else (time + end) / 2
    return None


@given(PEOPLE, st.sampled_from([0.8, 0.95]))
def test_a_slow_version_gives_the_same_curve(people: list[Person], confidence: float) -> None:
    z = {0.8: 1.281551566, 0.95: 1.959963985}[confidence]
    found = survival_curve(counts(people), confidence=confidence)
    for row, (time, surviving, greenwood) in zip(found.iter_rows(named=True), slow_curve(people), strict=True):
        assert row["time"] == time
        assert row["value"] == pytest.approx(surviving, abs=1e-12)
        if 1e-7 < surviving < 1 - 1e-7:
            reach = z * math.sqrt(greenwood) / math.log(surviving)
            assert row["lower"] == pytest.approx(surviving ** math.exp(-reach), abs=1e-8)
            assert row["upper"] == pytest.approx(surviving ** math.exp(reach), abs=1e-8)
        else:
            assert row["reason"] == "no_limits"


@given(PEOPLE, st.sampled_from([0.1, 0.25, 0.5, 0.75, 0.9]))
def test_a_slow_version_gives_the_same_quantiles(people: list[Person], probability: float) -> None:
    frame = counts(people)
    curve = survival_curve(frame)
    row = time_quantiles(frame, [probability]).row(0, named=True)
    for name, band in (("value", "value"), ("lower", "lower"), ("upper", "upper")):
        points = list(zip(curve["time"].to_list(), curve[band].to_list(), strict=True))
        assert row[name] == slow_quantile(points, probability)


@given(PEOPLE, st.randoms())
def test_order_and_splitting_of_rows_do_not_matter(people: list[Person], chance: random.Random) -> None:
    frame = counts(people)
    parts = pl.concat([frame.with_columns(censored=0), frame.with_columns(events=0)], how="vertical_relaxed")
    mixed = parts.sample(fraction=1, shuffle=True, seed=chance.randint(0, 99))
    assert_frame_equal(survival_curve(mixed), survival_curve(frame))
    assert_frame_equal(time_quantiles(mixed, [0.5]), time_quantiles(frame, [0.5]))


@given(PEOPLE)
def test_limits_hold_the_value_and_longer_waits_take_longer(people: list[Person]) -> None:
    found = time_quantiles(counts(people), [0.9, 0.1, 0.5])
    assert found["probability"].to_list() == [0.1, 0.5, 0.9]
    assert found["value"].drop_nulls().is_sorted()
    known = found.drop_nulls(["value", "lower", "upper"])
    assert ((known["lower"] <= known["value"]) & (known["value"] <= known["upper"])).all()
    assert (
        found["reason"].is_null().to_list()
        == found.select(pl.all_horizontal(pl.col("value", "lower", "upper").is_not_null())).to_series().to_list()
    )


@given(PEOPLE, st.floats(0.5, 400))
def test_another_unit_of_time_scales_every_answer(people: list[Person], scale: float) -> None:
    other = [(time * scale, event) for time, event in people]
    for function, asked in ((time_quantiles, [0.5]), (restricted_mean, None)):
        here = function(counts(people), asked or 10).row(0, named=True)
        there = function(counts(other), asked or 10 * scale).row(0, named=True)
        for name in ("value", "lower", "upper"):
            assert (here[name] is None) == (there[name] is None)
            assert here[name] is None or there[name] == pytest.approx(here[name] * scale)


def test_quantiles_of_a_plain_list() -> None:
    """1, 2, 3, 4 days: the curve is at one half from day 2 to day 3, so that the median is 2.5."""
    found = time_quantiles(counts([(day, True) for day in (1, 2, 3, 4)]), [0.25, 0.5, 0.6])
    assert found["value"].to_list() == [1.5, 2.5, 3]


def test_each_reason_of_a_quantile() -> None:
    assert time_quantiles(counts([(5, False), (6, False)]), [0.5])["reason"].to_list() == ["not_reached"]
    assert time_quantiles(counts([(5, True)] * 3), [0.5])["reason"].to_list() == ["no_limits"]
    row = time_quantiles(counts([(1, True), (2, True), (3, True), (4, True)]), [0.5]).row(0, named=True)
    assert (row["value"], row["lower"], row["upper"], row["reason"]) == (2.5, 1, None, "limit_not_reached")
    row = time_quantiles(counts([(5, True), (12, True)] + [(30, False)] * 6), [0.5]).row(0, named=True)
    assert (row["value"], row["reason"]) == (None, "not_reached")


def test_a_bad_group_and_a_null_group_leave_the_good_one_alone() -> None:
    good = counts([(1, True), (2, True), (3, False)])
    frame = pl.concat(
        [
            good.with_columns(board=pl.lit("good")),
            good.with_columns(board=pl.lit("bad"), events=pl.lit(None, pl.Int64)),
            good.with_columns(board=pl.lit(None, pl.String)),
        ]
    )
    found = time_quantiles(frame, [0.5], ["board"])
    assert found["board"].to_list() == [None, "bad", "good"]
    assert found["reason"].to_list() == ["limit_not_reached", "missing", "limit_not_reached"]
    assert_frame_equal(found.filter(board="good").drop("board"), time_quantiles(good, [0.5]))
    assert survival_curve(frame, ["board"]).filter(board="bad")["reason"].to_list() == ["missing"]


def test_nothing_gives_nothing_of_the_right_shape() -> None:
    full, empty = counts([(1, True), (2, False)]), counts([])
    for function, asked in (
        (survival_curve, ()),
        (time_quantiles, ([0.5],)),
        (share_within, ([7],)),
        (restricted_mean, (2,)),
        (median_follow_up, ()),
    ):
        found = function(empty, *asked)
        assert found.height == 0
        assert found.schema == function(full, *asked).schema
        assert set(FIELDS) <= set(found.columns)
    assert median_difference(empty, empty).height == 0
    bands = pl.DataFrame(schema={"start": pl.Int64, "end": pl.Int64, "count": pl.Int64})
    assert grouped_percentiles(bands, [0.5]).columns == ["probability", *FIELDS]


def test_rows_are_counted_by_time_and_missing_ones_left_out() -> None:
    rows = pl.DataFrame({"days": [3, 3, 3, 5, None, 5], "ended": [1, 0, 1, 1, 1, None], "board": list("aaabab")})
    found = count_days(rows, "days", "ended", ["board"]).sort("board", "time")
    assert found.rows() == [("a", 3, 2, 1), ("b", 5, 1, 0)]
    assert count_days(rows.cast({"days": pl.Float64, "ended": pl.Float64}), "days", "ended").height == 2
    with pytest.raises(ValueError, match="missing"):
        count_days(rows, "weeks", "ended")


def test_huge_counts_give_narrow_limits() -> None:
    frame = pl.DataFrame({"time": [10, 20, 30], "events": [10**9] * 3, "censored": [0, 10**9, 10**9]})
    row = share_within(frame, [20]).row(0, named=True)
    assert row["value"] == pytest.approx(1 - 0.8 * 0.75)
    assert 0 < row["upper"] - row["lower"] < 1e-4


@given(PEOPLE, st.integers(0, 16))
def test_the_share_within_is_one_less_the_curve(people: list[Person], day: int) -> None:
    row = share_within(counts(people), [day]).row(0, named=True)
    steps = [surviving for time, surviving, _ in slow_curve(people) if time <= day]
    surviving = steps[-1] if steps else 1
    assert row["at_risk"] == sum(time >= day for time, _ in people)
    if day > max(time for time, _ in people) and surviving > 1e-9:
        assert (row["value"], row["reason"]) == (None, "beyond_follow_up")
    else:
        assert row["value"] == pytest.approx(1 - surviving)


def test_the_share_within_by_hand() -> None:
    """Five watched, ends on days 2 and 4, one lost on day 3: 1 - 4/5 x 2/3 = 7/15 by day 4."""
    found = share_within(counts([(2, True), (3, False), (4, True), (6, False), (6, False)]), [4, 1])
    assert found["time"].to_list() == [1, 4]
    assert found["value"].to_list() == pytest.approx([0, 7 / 15])
    assert found["reason"].to_list() == ["no_limits", None]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_another_package_gives_the_same_restricted_means(case: dict[str, dict[str, list[float]]]) -> None:
    people = list(zip(case["input"]["time"], case["input"]["event"], strict=True))
    found = [restricted_mean(counts(people), horizon)["value"][0] for horizon in case["input"]["horizons"]]
    assert found == pytest.approx(case["expected"]["value"], rel=1e-9)


def test_a_restricted_mean_by_hand() -> None:
    """Four watched, ends on days 1 and 3, lost on day 2; the horizon is 4, the last seen then.

    The curve is 1 until 1, 3/4 until 3, 3/8 until 4: 1 + 3/2 + 3/8 = 2.875. Areas to come 1.875 and 0.375:
    1.875^2 x 1 / (4 x 3) + 0.375^2 x 1 / (2 x 1) = 0.363281.
    """
    row = restricted_mean(counts([(1, True), (2, False), (3, True), (4, False)]), 4).row(0, named=True)
    assert row["value"] == pytest.approx(2.875)
    assert row["standard_error"] == pytest.approx(math.sqrt(0.36328125))
    assert row["lower"] == pytest.approx(2.875 - 1.959963985 * math.sqrt(0.36328125))
    assert row["upper"] == 4


@given(st.lists(st.integers(1, 30), min_size=2, max_size=30))
def test_without_censoring_the_restricted_mean_is_the_mean_of_times_cut_off(days: list[int]) -> None:
    row = restricted_mean(counts([(day, True) for day in days]), 20).row(0, named=True)
    cut = [min(day, 20) for day in days]
    mean = sum(cut) / len(cut)
    assert row["value"] == pytest.approx(mean)
    if len(set(cut)) > 1:
        spread = sum((day - mean) ** 2 for day in cut) / len(cut) ** 2
        assert row["standard_error"] == pytest.approx(math.sqrt(spread))
    else:
        assert row["reason"] == "no_limits"


def test_a_horizon_that_nobody_was_watched_to_is_refused_per_group() -> None:
    assert restricted_mean(counts([(1, True), (5, False)]), 6)["reason"].to_list() == ["beyond_follow_up"]
    assert restricted_mean(counts([(1, True), (5, True)]), 6)["value"].to_list() == [3]


def test_a_time_below_nought_has_no_restricted_mean() -> None:
    people = pl.DataFrame({"group": ["a", "a", "b", "b"], "time": [-1, 9, 0, 9], "events": 1, "censored": 0})
    found = restricted_mean(people, 5, ["group"])
    assert found["reason"].to_list() == ["outside_range", None]
    assert found["value"].to_list() == [None, 2.5]


def test_a_difference_of_medians_by_hand() -> None:
    """The limits of each median, combined by MOVER."""
    slow = counts([(day, True) for day in range(10, 41)])
    fast = counts([(day, True) for day in range(5, 26)])
    a, b = (time_quantiles(frame, [0.5]).row(0, named=True) for frame in (slow, fast))
    row = median_difference(slow, fast).row(0, named=True)
    assert row["value"] == a["value"] - b["value"]
    assert row["lower"] == pytest.approx(row["value"] - math.hypot(a["value"] - a["lower"], b["upper"] - b["value"]))
    assert row["upper"] == pytest.approx(row["value"] + math.hypot(a["upper"] - a["value"], b["value"] - b["lower"]))
    turned = median_difference(fast, slow).row(0, named=True)
    assert (turned["value"], turned["lower"], turned["upper"]) == pytest.approx(
        (-row["value"], -row["upper"], -row["lower"])
    )


def test_medians_are_compared_group_by_group() -> None:
    one = counts([(day, True) for day in range(1, 30)])
    here = pl.concat([one.with_columns(board=pl.lit("a")), one.with_columns(board=pl.lit(None, pl.String))])
    there = pl.concat([one.with_columns(board=pl.lit("b")), one.with_columns(board=pl.lit(None, pl.String))])
    found = median_difference(here, there, ["board"])
    assert found["board"].to_list() == [None, "a", "b"]
    assert found["value"].to_list() == [0, None, None]
    assert found["reason"].to_list() == [None, "missing", "missing"]


def test_median_follow_up_turns_events_and_censorings_round() -> None:
    """Lost on days 5, 8 and 12: 3/4 watched on after 5, 1/2 from 8 to 12, of which the middle is 10."""
    people = [(3, True), (5, False), (8, False), (9, True), (12, False)]
    found = median_follow_up(counts(people)).row(0, named=True)
    turned = time_quantiles(counts([(time, not event) for time, event in people]), [0.5]).row(0, named=True)
    assert found["value"] == turned["value"] == 10
    assert found["lower"] == turned["lower"]


def bands(*rows: tuple[object, ...]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema={"start": pl.Float64, "end": pl.Float64, "count": pl.Float64}, orient="row")


PUBLISHED = bands((0, 15, 40), (15, 29, 40), (29, None, 20))


def test_a_percentile_of_bands_by_hand() -> None:
    """The 50th of 100 is 10 of 40 into the second band: 15 + 14 x 10 / 40 = 18.5; the 90th is in the open one.

    Limits of the median: shares 0.5 -/+ 0.098 = 0.402 and 0.598, so 15 + 14 x 0.2 / 40 and 15 + 14 x 19.8 / 40.
    """
    found = grouped_percentiles(PUBLISHED, [0.9, 0.5])
    assert found["value"].to_list() == pytest.approx([18.5, None])
    assert found["lower"][0] == pytest.approx(15 + 14 * (100 * (0.5 - 1.959964 * 0.05) - 40) / 40, abs=1e-5)
    assert found["upper"][0] == pytest.approx(15 + 14 * (100 * (0.5 + 1.959964 * 0.05) - 40) / 40, abs=1e-5)
    assert found["reason"].to_list() == [None, "in_open_band"]


def test_a_limit_in_the_open_band_is_told() -> None:
    row = grouped_percentiles(PUBLISHED, [0.75]).row(0, named=True)
    assert row["value"] == pytest.approx(15 + 14 * 35 / 40)
    assert (row["upper"], row["reason"]) == (None, "in_open_band")


@given(st.lists(st.integers(0, 30), min_size=3, max_size=3), st.floats(0.02, 0.98))
def test_splitting_a_band_evenly_moves_nothing(sizes: list[int], probability: float) -> None:
    if not sum(sizes):
        return
    whole = bands(*((10 * i, 10 * i + 10, n) for i, n in enumerate(sizes)))
    halves = bands(*((10 * i + d, 10 * i + d + 5, n / 2) for i, n in enumerate(sizes) for d in (5, 0)))
    here, there = grouped_percentiles(whole, [probability]), grouped_percentiles(halves, [probability])
    for name in ("value", "lower", "upper"):
        assert here[name].to_list() == pytest.approx(there[name].to_list(), abs=1e-6)


def test_bands_with_faults_have_their_reasons() -> None:
    frame = pl.concat(
        [
            PUBLISHED.with_columns(board=pl.lit("sound")),
            bands((0, 15, 5), (14, 20, 5)).with_columns(board=pl.lit("overlapping")),
            bands((15, 0, 5)).with_columns(board=pl.lit("backwards")),
            bands((0, 15, 0)).with_columns(board=pl.lit("empty")),
            bands((0, 15, None), (15, 20, 5)).with_columns(board=pl.lit("hidden")),
            bands((0, 15, -5), (15, 20, 9)).with_columns(board=pl.lit("negative")),
            bands((0, None, 5), (15, 20, 9)).with_columns(board=pl.lit("open inside")),
        ]
    )
    found = grouped_percentiles(frame, [0.5], ["board"])
    assert dict(found.select("board", "reason").iter_rows()) == {
        "sound": None,
        "overlapping": "limits_in_conflict",
        "backwards": "limits_in_conflict",
        "empty": "total_not_positive",
        "hidden": "missing",
        "negative": "negative_count",
        "open inside": "limits_in_conflict",
    }
    assert found.filter(reason="missing").select("value", "lower", "upper").row(0) == (None, None, None)


@pytest.mark.parametrize(
    ("function", "asked"),
    [
        (time_quantiles, ([0.5, 1],)),
        (time_quantiles, ([],)),
        (share_within, ([],)),
        (restricted_mean, (0,)),
        (restricted_mean, (float("inf"),)),
        (survival_curve, (["board"],)),
        (survival_curve, ([], 95)),
    ],
)
def test_nonsense_is_refused(function: object, asked: tuple[object, ...]) -> None:
    with pytest.raises(ValueError):
        function(counts([(1, True), (2, False)]), *asked)


def test_bands_ask_for_shares_inside_nought_and_one() -> None:
    for wrong in ([], [0], [50]):
        with pytest.raises(ValueError):
            grouped_percentiles(PUBLISHED, wrong)
