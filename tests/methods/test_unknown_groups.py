"""Bands and tipping points: every placing of the unknown is tried, one person at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from random import Random

import polars as pl
import pytest

from methods.proportions import newcombe_difference, wilson_interval
from methods.unknown_groups import (
    BAND_FIELDS,
    event_share_band,
    event_share_gap_band,
    event_share_gap_tipping_point,
    event_share_ratio_band,
    event_share_tipping_point,
    rate_band,
    rate_gap_band,
    rate_gap_tipping_point,
    rate_ratio_band,
    share_band,
    share_tipping_point,
    tightened_limits,
)

Case = dict[str, int]


def answer(expression: pl.Expr) -> dict[str, object]:
    return pl.select(expression.alias("a")).item()


def given(*numbers: float | None) -> list[pl.Expr]:
    return [pl.lit(number, pl.Float64) for number in numbers]


def columns(*names: str) -> list[pl.Expr]:
    return [pl.col(name) for name in names]


def bands(cases: list[Case], expression: pl.Expr) -> list[dict[str, object]]:
    return pl.DataFrame(cases).select(expression.alias("a"))["a"].to_list()


def cases(how_many: int) -> list[Case]:
    """Two groups and those of unknown group, few enough to try everything; limits in whole people."""
    random, found = Random(20), []
    while len(found) < how_many:
        n, m, unknown = random.randint(1, 5), random.randint(1, 5), random.randint(1, 5)
        least, other_least = random.choice([0, 0, random.randint(0, unknown)]), random.choice([0, random.randint(0, 2)])
        if least + other_least <= unknown:
            found.append(
                {"x": random.randint(0, n), "n": n, "y": random.randint(1, m), "m": m}
                | {"e": random.randint(0, unknown), "u": unknown, "least": least, "other_least": other_least}
                | {"most": random.randint(least, unknown), "other_most": random.randint(other_least, unknown)}
            )
    return found


def placings(case: Case) -> Iterator[tuple[int, int, int, int]]:
    """Events and people without one placed in the first group, and in the other; the rest in neither."""
    e, without = case["e"], case["u"] - case["e"]
    for a, c, b, d in product(range(e + 1), range(e + 1), range(without + 1), range(without + 1)):
        fits = a + c <= e and b + d <= without
        fits = fits and case["least"] <= a + b <= case["most"]
        if fits and case["other_least"] <= c + d <= case["other_most"]:
            yield a, b, c, d


CASES = cases(400)
PARTS = columns("x", "n", "y", "m", "e", "u")
LIMITS = {name: pl.col(name) / pl.col("u") for name in ("least", "most", "other_least", "other_most")}


def assert_sharp(found: list[dict[str, object]], reached: list[list[float]]) -> None:
    for band, values in zip(found, reached, strict=True):
        assert (band["lowest"], band["highest"]) == pytest.approx((min(values), max(values)), abs=1e-12)


def test_the_band_of_a_gap_is_what_can_be_reached_and_no_more() -> None:
    reached = [
        [(k["x"] + a) / (k["n"] + a + b) - (k["y"] + c) / (k["m"] + c + d) for a, b, c, d in placings(k)] for k in CASES
    ]
    assert_sharp(bands(CASES, event_share_gap_band(*PARTS, **LIMITS)), reached)


def test_the_band_of_a_ratio_is_what_can_be_reached_and_no_more() -> None:
    reached = [
        [(k["x"] + a) / (k["n"] + a + b) / ((k["y"] + c) / (k["m"] + c + d)) for a, b, c, d in placings(k)]
        for k in CASES
    ]
    assert_sharp(bands(CASES, event_share_ratio_band(*PARTS, **LIMITS)), reached)


def test_the_band_of_a_share_with_an_event_is_what_can_be_reached_and_no_more() -> None:
    alone = [case | {"other_least": 0, "other_most": 0} for case in CASES]
    reached = [[(k["x"] + a) / (k["n"] + a + b) for a, b, _, _ in placings(k)] for k in alone]
    own = {name: LIMITS[name] for name in ("least", "most")}
    assert_sharp(bands(CASES, event_share_band(*columns("x", "n", "e", "u"), **own)), reached)


def test_the_bands_of_rates_are_what_can_be_reached_and_no_more() -> None:
    events_only = [case | {"e": case["u"]} for case in CASES]
    placed = [[(a, c) for a, _, c, _ in placings(case)] for case in events_only]
    counts = columns("x", "n", "y", "m", "u")
    gaps = [[(k["x"] + a) / k["n"] - (k["y"] + c) / k["m"] for a, c in p] for k, p in zip(CASES, placed, strict=True)]
    assert_sharp(bands(CASES, rate_gap_band(*counts, **LIMITS)), gaps)
    ratios = [[(k["x"] + a) * k["m"] / k["n"] / (k["y"] + c) for a, c in p] for k, p in zip(CASES, placed, strict=True)]
    assert_sharp(bands(CASES, rate_ratio_band(*counts, **LIMITS)), ratios)


def test_the_bands_of_one_group_run_from_least_to_most() -> None:
    own = {name: LIMITS[name] for name in ("least", "most")}
    shares = bands(CASES, share_band(pl.col("x"), pl.col("n"), pl.col("u"), **own))
    everybody = [k["n"] + k["u"] for k in CASES]
    ends = [((k["x"] + k["least"]), (k["x"] + k["most"])) for k in CASES]
    assert_sharp(shares, [[low / all_, high / all_] for (low, high), all_ in zip(ends, everybody, strict=True)])
    rates = bands(CASES, rate_band(pl.col("x"), pl.col("n"), pl.col("u"), multiplier=10, **own))
    assert_sharp(rates, [[10 * low / k["n"], 10 * high / k["n"]] for (low, high), k in zip(ends, CASES, strict=True)])


def test_chance_widens_every_band() -> None:
    free = [
        share_band(*columns("x", "n", "u")),
        rate_band(*columns("x", "n", "u")),
        event_share_band(*columns("x", "n", "e", "u")),
        event_share_gap_band(*PARTS),
        event_share_ratio_band(*PARTS),
        rate_gap_band(*columns("x", "n", "y", "m", "u")),
        rate_ratio_band(*columns("x", "n", "y", "m", "u")),
    ]
    for expression in free:
        for band in bands(CASES, expression):
            assert list(band) == list(BAND_FIELDS)
            assert band["lower"] <= band["lowest"] <= band["value"] + 1e-12
            assert band["value"] - 1e-12 <= band["highest"] <= band["upper"]
            assert band["reason"] is None


def test_a_gap_turned_round_has_its_band_turned_round() -> None:
    turned = bands(CASES, event_share_gap_band(*columns("y", "m", "x", "n", "e", "u")))
    for band, other in zip(bands(CASES, event_share_gap_band(*PARTS)), turned, strict=True):
        assert (band["lowest"], band["upper"]) == pytest.approx((-other["highest"], -other["lower"]))


def test_with_nobody_unknown_a_band_is_the_plain_interval() -> None:
    plain = answer(newcombe_difference(*given(6, 10, 3, 10)))
    band = answer(event_share_gap_band(*given(6, 10, 3, 10, 0, 0)))
    assert band["lowest"] == band["highest"] == band["value"] == plain["value"]
    assert (band["lower"], band["upper"]) == (plain["lower"], plain["upper"])


def test_the_examples_of_the_docstrings_come_out() -> None:
    share = answer(share_band(*given(30, 80, 20)))
    assert (share["value"], share["lowest"], share["highest"]) == (0.375, 0.3, 0.5)
    assert share["upper"] == answer(wilson_interval(*given(50, 100)))["upper"]
    rate = answer(rate_band(*given(30, 1000, 20), multiplier=1000))
    assert (rate["value"], rate["lowest"], rate["highest"]) == pytest.approx((30, 30, 50))
    gap = answer(event_share_gap_band(*given(6, 10, 3, 10, 1, 4)))
    assert (gap["lowest"], gap["highest"]) == pytest.approx((6 / 13 - 4 / 11, 7 / 11 - 3 / 13))
    ratio = answer(rate_ratio_band(*given(30, 1000, 20, 1000, 15)))
    assert (ratio["lowest"], ratio["highest"]) == pytest.approx((30 / 35, 45 / 20))


def test_a_group_of_nobody_recorded_has_no_band() -> None:
    band = answer(event_share_band(*given(0, 0, 1, 4)))
    assert {band[field] for field in BAND_FIELDS[:5]} == {None}
    assert band["reason"] == "total_not_positive"


def test_a_ratio_to_no_recorded_events_has_a_lower_end_alone() -> None:
    for band in (
        answer(event_share_ratio_band(*given(6, 10, 0, 10, 1, 4))),
        answer(rate_ratio_band(*given(6, 10, 0, 10, 4))),
    ):
        assert (band["value"], band["highest"], band["upper"]) == (None, None, None)
        assert 0 < band["lower"] < band["lowest"]
        assert band["reason"] == "no_events_to_compare"


@pytest.mark.parametrize(
    ("counts", "why"),
    [
        ((6, 10, 3, 10, None, 4), "missing"),
        ((6, 10, 3, 10, 1, math.nan), "missing"),
        ((None, 10, 3, 10, 1, 4), "missing"),
        ((6, 10, 3, 10, 1, math.inf), "not_finite"),
        ((6, 10, 3, 10, -1, 4), "negative_count"),
        ((6, 10, 3, 10, 5, 4), "count_above_total"),
        ((11, 10, 3, 10, 1, 4), "count_above_total"),
    ],
)
def test_a_band_that_cannot_be_given_says_why_and_stops_no_other(counts: tuple[float | None, ...], why: str) -> None:
    names = ("x", "n", "y", "m", "e", "u")
    rows = pl.DataFrame([counts, (6, 10, 3, 10, 1, 4)], dict.fromkeys(names, pl.Float64), orient="row")
    for function in (event_share_gap_band, event_share_ratio_band):
        bad, good = rows.select(function(*columns(*names)).alias("a"))["a"].to_list()
        assert {bad[field] for field in BAND_FIELDS[:5]} == {None}
        assert (bad["reason"], good["reason"]) == (why, None)


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        ((0.5, 0.4, 0, 1), "limits_in_conflict"),
        ((0.6, 1, 0.6, 1), "limits_in_conflict"),
        ((-0.1, 1, 0, 1), "share_out_of_range"),
        ((0, 1, 0, 1.1), "share_out_of_range"),
        ((None, 1, 0, 1), "missing"),
    ],
)
def test_limits_that_cannot_hold_are_refused_as_numbers_and_named_in_columns(
    limits: tuple[float | None, ...], why: str
) -> None:
    counts = given(6, 10, 3, 10, 1, 4)
    assert answer(event_share_gap_band(*counts, *given(*limits)))["reason"] == why
    if None not in limits:
        with pytest.raises(ValueError, match="shares"):
            event_share_gap_band(*counts, *limits)


def test_a_wrong_level_of_confidence_is_refused() -> None:
    with pytest.raises(ValueError, match="confidence"):
        share_band(*given(1, 2, 3), confidence=95)


def test_a_table_without_rows_gives_an_answer_without_rows() -> None:
    empty = pl.DataFrame(schema=dict.fromkeys(("x", "n", "y", "m", "e", "u"), pl.Int64))
    found = empty.select(event_share_gap_band(*PARTS).alias("a")).unnest("a")
    assert (found.height, found.columns) == (0, list(BAND_FIELDS))


def test_tightened_limits_are_those_that_some_make_up_reaches() -> None:
    """Every make-up of ten people in three groups is tried."""
    random = Random(5)
    for _ in range(100):
        least = [random.randint(0, 4) for _ in range(3)]
        most = [random.randint(low, 10) for low in least]
        makeups = [
            made
            for made in product(range(11), repeat=3)
            if sum(made) == 10 and all(a <= x <= b for a, x, b in zip(least, made, most, strict=True))
        ]
        frame = pl.DataFrame({"least": least, "most": most}) / 10
        found = frame.select(tightened_limits(pl.col("least"), pl.col("most")).alias("a")).unnest("a")
        if makeups:
            assert found["least"].to_list() == pytest.approx([min(part) / 10 for part in zip(*makeups, strict=True)])
            assert found["most"].to_list() == pytest.approx([max(part) / 10 for part in zip(*makeups, strict=True)])
        else:
            assert found["reason"].to_list() == ["limits_in_conflict"] * 3


def test_limits_are_tightened_within_each_part_of_a_table() -> None:
    frame = pl.DataFrame(
        {"board": ["a", "a", "a", None, None, "c", "d"], "least": [0.5, 0, 0, 0, 0.3, None, 0.2]}
        | {"most": [1, 0.2, 0.1, 1, 1, 1, 1.5]},
        strict=False,
    )
    found = frame.select(tightened_limits(pl.col("least"), pl.col("most")).over("board").alias("a")).unnest("a")
    assert found["least"].to_list()[:5] == pytest.approx([0.7, 0, 0, 0, 0.3])
    assert found["most"].to_list()[:5] == pytest.approx([1, 0.2, 0.1, 0.7, 1])
    assert found["reason"].to_list() == [None] * 5 + ["missing", "share_out_of_range"]


def test_tightened_limits_are_taken_by_the_bands() -> None:
    limits = pl.DataFrame({"least": [0.1, 0.2, 0.3], "most": [0.3, 0.4, 0.7]})
    found = limits.with_columns(tightened_limits(pl.col("least"), pl.col("most")).alias("t")).select(
        share_band(
            *given(30, 80, 20), least=pl.col("t").struct.field("least"), most=pl.col("t").struct.field("most")
        ).alias("a")
    )
    assert [band["reason"] for band in found["a"]] == [None] * 3


def closed(case: Case, without: float, events: float) -> bool:
    """Whether the gap is closed or turned round by people placed in the higher group and in the lower."""
    high, low = sorted([(case["x"], case["n"]), (case["y"], case["m"])], key=lambda group: -group[0] / group[1])
    return high[0] / (high[1] + without) <= (low[0] + events) / (low[1] + events) + 1e-9


def test_no_fewer_people_close_a_gap_than_the_tipping_point_says() -> None:
    found = bands(CASES, event_share_gap_tipping_point(*PARTS))
    assert {row["reason"] for row in found} == {None, "not_overturned"}
    for case, row in zip(CASES, found, strict=True):
        sums = [
            without + events
            for without, events in product(range(case["u"] - case["e"] + 1), range(case["e"] + 1))
            if closed(case, without, events)
        ]
        if row["reason"]:
            assert sums == []
        else:
            assert row["value"] == pytest.approx(row["placed"] / case["u"])
            assert all(row["placed"] <= people + 1e-6 for people in sums)


@pytest.mark.parametrize("counts", [(6, 10, 3, 10, 10, 20), (30, 90, 10, 80, 12, 60), (5, 9, 0, 7, 5, 9)])
def test_the_tipping_point_of_a_gap_is_that_of_a_search(counts: tuple[int, ...]) -> None:
    x, n, y, m, e, u = counts
    case = {"x": x, "n": n, "y": y, "m": m}
    steps = 400
    fewest = min(
        without + events
        for i, j in product(range(steps + 1), repeat=2)
        for without, events in [((u - e) * i / steps, e * j / steps)]
        if closed(case, without, events)
    )
    found = answer(event_share_gap_tipping_point(*given(*counts)))
    assert found["placed"] == pytest.approx(fewest, abs=u / steps)
    assert found["placed"] <= fewest + 1e-6


def test_tipping_points_worked_by_hand_come_out() -> None:
    """As the docstrings say; 6/12.48 = 6.48/13.48, at sqrt(6 * 7) = 6.48 people without the event."""
    assert answer(share_tipping_point(*given(30, 80, 20), threshold=0.4))["value"] == pytest.approx(0.5)
    assert answer(event_share_tipping_point(*given(6, 10, 1, 4), threshold=0.5))["value"] == pytest.approx(0.5)
    assert answer(rate_gap_tipping_point(*given(30, 1000, 20, 1000, 15)))["value"] == pytest.approx(2 / 3)
    gap = answer(event_share_gap_tipping_point(*given(6, 10, 3, 10, 10, 20)))
    assert gap["placed"] == pytest.approx(2 * math.sqrt(42) - 4 - 3)


def test_a_share_tips_where_its_band_holds_the_threshold_and_nowhere_else() -> None:
    for threshold in (0.2, 0.5, 0.75):
        found = bands(CASES, share_tipping_point(*columns("x", "n", "u"), threshold=threshold))
        event_shares = bands(CASES, event_share_tipping_point(*columns("x", "n", "e", "u"), threshold=threshold))
        share_bands = bands(CASES, share_band(*columns("x", "n", "u")))
        event_bands = bands(CASES, event_share_band(*columns("x", "n", "e", "u")))
        for points, ends in ((found, share_bands), (event_shares, event_bands)):
            for point, band in zip(points, ends, strict=True):
                held = band["lowest"] <= threshold + 1e-9 and threshold - 1e-9 <= band["highest"]
                assert (point["reason"] is None) == held
                assert (point["value"] is None) == (point["reason"] == "not_overturned")


def test_at_the_tipping_point_a_share_is_the_threshold() -> None:
    for case, point in zip(
        CASES, bands(CASES, event_share_tipping_point(*columns("x", "n", "e", "u"), threshold=0.5)), strict=True
    ):
        if point["placed"]:
            events = point["placed"] if "with the" in point["method"] else 0
            assert (case["x"] + events) / (case["n"] + point["placed"]) == pytest.approx(0.5)


def test_nothing_need_be_placed_where_there_is_no_gap() -> None:
    for found in (
        answer(event_share_gap_tipping_point(*given(3, 10, 30, 100, 0, 0))),
        answer(event_share_gap_tipping_point(*given(0, 10, 0, 100, 1, 5))),
        answer(event_share_gap_tipping_point(*given(10, 10, 100, 100, 1, 5))),
        answer(rate_gap_tipping_point(*given(3, 10, 30, 100, 0))),
    ):
        assert (found["value"], found["placed"], found["reason"]) == (0, 0, None)


@pytest.mark.parametrize(
    ("counts", "threshold", "why"),
    [
        ((None, 10, 5), 0.5, "missing"),
        ((1, 10, None), 0.5, "missing"),
        ((1, 0, 5), 0.5, "total_not_positive"),
        ((11, 10, 5), 0.5, "count_above_total"),
        ((1, 10, -5), 0.5, "negative_count"),
        ((1, 10, 2), 0.5, "not_overturned"),
        ((1, 10, 2), None, "missing"),
        ((1, 10, 2), 1.0, "share_out_of_range"),
    ],
)
def test_a_tipping_point_that_does_not_exist_says_why(
    counts: tuple[float | None, ...], threshold: float | None, why: str
) -> None:
    found = answer(share_tipping_point(*given(*counts), threshold=pl.lit(threshold, pl.Float64)))
    assert (found["value"], found["placed"], found["reason"]) == (None, None, why)


@pytest.mark.parametrize("threshold", [0, 1, 40])
def test_a_threshold_that_is_no_share_is_refused(threshold: float) -> None:
    with pytest.raises(ValueError, match="threshold"):
        share_tipping_point(*given(1, 2, 3), threshold=threshold)


def test_a_threshold_that_all_of_them_just_reach_is_reached_whatever_the_rounding() -> None:
    """28 of 100 is 0.28, though 0.28 times 100 is a little more than 28 to a computer; likewise 29 of 42."""
    share = answer(share_tipping_point(*given(0, 72, 28), 28 / 100))
    assert (share["value"], share["placed"], share["reason"]) == (1.0, 28.0, None)
    of_event = answer(event_share_tipping_point(*given(28, 41, 1, 15), 29 / 42))
    assert (of_event["placed"], of_event["reason"]) == (pytest.approx(1), None)


def test_whoever_takes_a_share_to_a_threshold_is_found_to_do_so() -> None:
    random, rows = Random(4), []
    while len(rows) < 2000:
        n, unknown = random.randint(1, 500), random.randint(1, 50)
        x, with_event = random.randint(0, n), random.randint(0, unknown)
        if 0 < x + with_event < n + with_event:
            rows.append({"x": x, "n": n, "e": with_event, "u": unknown})
    x, n, e, u = columns("x", "n", "e", "u")
    reached = bands(rows, event_share_tipping_point(x, n, e, u, (x + e) / (n + e)))
    assert {row["reason"] for row in reached} == {None}
    reached = bands(rows, share_tipping_point(x, n, u, (x + u).cast(pl.Float64) / (n + u)))
    assert {row["reason"] for row, given in zip(reached, rows, strict=True) if given["x"] < given["n"]} == {None}
