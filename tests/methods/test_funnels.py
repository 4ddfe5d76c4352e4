"""Funnel limits: worked examples, a slow second version, and what units with faults get."""

from __future__ import annotations

import math
import random
import statistics

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from methods.funnels import (
    funnel_curve,
    funnel_limits,
    funnel_scores,
    funnel_significance,
    funnel_sizes,
    measure_overdispersion,
)

COUNTS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 500)), min_size=4, max_size=20)


def units(*pairs: tuple[float | None, float | None], **columns: list[object]) -> pl.DataFrame:
    frame = pl.DataFrame(pairs, schema={"numerator": pl.Float64, "denominator": pl.Float64}, orient="row")
    return frame.with_columns(**{name: pl.Series(values) for name, values in columns.items()})


FOUR = units((12, 100), (30, 200), (9, 150), (110, 500))


def test_score_limits_by_hand() -> None:
    """Average 161 of 950 = 0.169474; of 100, 1.959964 sqrt(0.169474 x 0.830526 / 100) = 0.073532 either side."""
    first = funnel_limits(FOUR, "proportion", levels=[0.95]).row(0, named=True)
    assert first["lower"] == pytest.approx(0.169474 - 0.073532, abs=1e-5)
    assert first["upper"] == pytest.approx(0.169474 + 0.073532, abs=1e-5)
    assert (first["value"], first["outside"], first["method"]) == (0.12, "within", "Score")


def test_exact_limits_by_hand() -> None:
    """Of 2 at one half: P(0) = 1/4, P(0 or 1) = 3/4.

    0.10 is reached at 0, and 0 - (0.25 - 0.10) / 0.25 is under 0: limit 0. 0.90 is reached at 2: 2 - (1 - 0.90) / 0.25
    = 1.6, a share of 0.8.
    """
    found = funnel_limits(units((1, 2)), "proportion", "exact", levels=[0.8], baseline=0.5).row(0, named=True)
    assert found["lower"] == 0
    assert found["upper"] == pytest.approx(0.8)


def test_a_unit_is_apart_where_its_own_wilson_interval_leaves_the_average_out() -> None:
    limits = funnel_limits(FOUR, "proportion")
    words = funnel_significance(FOUR, "proportion")["significance"].to_list()
    for place, word in enumerate(words):
        two, three = limits["outside"][2 * place], limits["outside"][2 * place + 1]
        assert word == (
            f"{three}_0.001" if three != "within" else f"{two}_0.025" if two != "within" else "not_significant"
        )


@given(COUNTS)
def test_significance_is_being_outside_the_score_limits(pairs: list[tuple[int, int]]) -> None:
    frame = units(*((min(x, n), n) for x, n in pairs), unit=list(range(len(pairs))))
    judged = funnel_significance(frame, "proportion")
    apart = funnel_limits(frame, "proportion", levels=[0.95])["outside"].to_list()
    for word, side in zip(judged["significance"].to_list(), apart, strict=True):
        assert (word is None) == (side is None)
        assert word is None or word.startswith({"within": "not"}.get(side, side))


def slow_overdispersion(pairs: list[tuple[float, float]], share: float, trim: bool) -> tuple[float, float]:
    """phi and tau2 of ratios on the log scale, one unit at a time."""
    scores = [math.log((x or 0.5) / (e if x else e + 0.5)) * math.sqrt(e) for x, e in pairs]
    order = sorted(range(len(scores)), key=scores.__getitem__)
    if trim:
        tenths = {unit: (rank + 1) / (len(scores) + 1) for rank, unit in enumerate(order)}
        kept = [unit for unit in order if share - 1e-12 <= tenths[unit] < 1 - share - 1e-12]
    else:
        kept = order
        cuts = statistics.quantiles(scores, n=round(1 / share), method="inclusive")
        scores = [min(max(score, cuts[0]), cuts[-1]) for score in scores]
    phi = statistics.fmean(scores[unit] ** 2 for unit in kept)
    weights = [pairs[unit][1] for unit in kept]
    denominator = sum(weights) - sum(w * w for w in weights) / sum(weights)
    return phi, max(0.0, (len(kept) * phi - (len(kept) - 1)) / denominator)


@pytest.mark.parametrize("outliers", ["trim", "winsorise"])
@pytest.mark.parametrize("share", [0.1, 0.2])
def test_overdispersion_agrees_with_a_slow_version(outliers: str, share: float) -> None:
    chance = random.Random(5)
    pairs = [(float(chance.randint(0, 80)), chance.uniform(3, 60)) for _ in range(23)]
    found = measure_overdispersion(units(*pairs), "ratio", outliers=outliers, share=share)
    phi, tau2 = slow_overdispersion(pairs, share, outliers == "trim")
    assert found["phi"][0] == pytest.approx(phi)
    assert found["tau2"][0] == pytest.approx(tau2)
    assert tau2 > 0


def test_scores_by_hand() -> None:
    """30 against 25 expected: log 1.2 x 5 = 0.911608, and 2 (sqrt 30 - sqrt 25) = 0.954451. A rate is a ratio to the
    average: 30 of 50,000 at an average of 0.0005. A share of 1/4 against 1/2 of 100: (30 - 45 degrees) x 20."""
    one = units((30, 25))
    assert funnel_scores(one, "ratio")["score"][0] == pytest.approx(0.911608, abs=1e-6)
    assert funnel_scores(one, "ratio", scale="square root")["score"][0] == pytest.approx(0.954451, abs=1e-6)
    rate = funnel_scores(units((30, 50_000)), "rate", baseline=0.0005)
    assert rate["score"][0] == pytest.approx(0.911608, abs=1e-6)
    share = funnel_scores(units((25, 100)), "proportion", baseline=0.5)
    assert share["score"][0] == pytest.approx(math.radians(-15) * 20)


def test_count_ratios_have_both_counts_vary() -> None:
    """log(20.5 / 10.5) and sqrt(20 / 20.5^2 + 10 / 10.5^2) against an average ratio of 1."""
    found = funnel_scores(units((20, 10)), "count ratio", baseline=1).row(0, named=True)
    error = math.sqrt(20 / 20.5**2 + 10 / 10.5**2)
    assert found["score"] == pytest.approx(math.log(20.5 / 10.5) / error)
    limits = funnel_limits(units((20, 10)), "count ratio", baseline=1, levels=[0.95]).row(0, named=True)
    assert limits["upper"] == pytest.approx(math.exp(1.959964 * math.sqrt(0.2)), rel=1e-6)
    assert limits["lower"] * limits["upper"] == pytest.approx(1)


def test_a_ratio_without_events_has_a_finite_score_below_the_average() -> None:
    scores = funnel_scores(units((0, 0.3), (0, 4), (0, 40), (1, 4)), "ratio")["score"].to_list()
    assert all(math.isfinite(score) and score < 0 for score in scores)
    assert scores[0] > scores[1] > scores[2]
    assert scores[1] < scores[3]


@pytest.mark.parametrize(("kind", "form"), [("proportion", "exact"), ("proportion", "transformed"), ("rate", "exact")])
def test_overdispersion_widens_every_limit(kind: str, form: str) -> None:
    spread = measure_overdispersion(FOUR, kind)
    assert spread["tau2"][0] > 0
    plain = funnel_limits(FOUR, kind, form)
    wide = funnel_limits(FOUR, kind, form, overdispersion=spread)
    assert (wide["lower"] < plain["lower"]).all()
    assert (wide["upper"] > plain["upper"]).all()


def test_exact_and_transformed_limits_with_overdispersion_agree_in_large_units() -> None:
    frame = units((3_000, 10_000), (3_500, 10_000), (2_600, 10_000), (3_100, 10_000))
    spread = measure_overdispersion(frame, "proportion")
    exact, additive = (
        funnel_limits(frame, "proportion", form, levels=[0.95], overdispersion=spread)
        for form in ("exact", "transformed")
    )
    assert (exact["lower"] - additive["lower"]).abs().max() < 0.003
    assert (exact["upper"] - additive["upper"]).abs().max() < 0.003


def test_the_scale_of_the_overdispersion_is_the_scale_of_the_limits() -> None:
    spread = measure_overdispersion(FOUR, "rate", scale="square root")
    found = funnel_limits(FOUR, "rate", "transformed", levels=[0.95], overdispersion=spread).row(0, named=True)
    average = 161 / 950
    reach = 1.959964 * math.sqrt(1 / (4 * 100 * average) + spread["tau2"][0])
    assert found["upper"] == pytest.approx(average * (1 + reach) ** 2, rel=1e-6)
    assert found["lower"] == pytest.approx(average * max(1 - reach, 0) ** 2, rel=1e-6)


@given(COUNTS, st.randoms())
def test_the_order_of_units_does_not_matter(pairs: list[tuple[int, int]], chance: random.Random) -> None:
    frame = units(*pairs, unit=list(range(len(pairs))))
    places = list(range(len(pairs)))
    chance.shuffle(places)
    spread = measure_overdispersion(frame, "rate")
    assert_frame_equal(measure_overdispersion(frame[places], "rate"), spread)
    found = funnel_limits(frame[places], "rate", overdispersion=spread).sort("unit", "confidence")
    assert_frame_equal(found, funnel_limits(frame, "rate", overdispersion=spread))


@given(COUNTS)
def test_exact_limits_hold_the_average_and_stay_inside(pairs: list[tuple[int, int]]) -> None:
    frame = units(*((min(x, n), n) for x, n in pairs))
    found = funnel_limits(frame, "proportion", "exact").drop_nulls("lower")
    assert ((found["lower"] >= 0) & (found["upper"] <= 1)).all()
    assert (found["lower"] <= found["baseline"]).all()
    # An interpolated upper limit can be under an average that the unit is too small to show.
    wide = found.filter(pl.col("denominator") * pl.col("baseline") >= 3)
    assert (wide["upper"] >= wide["baseline"]).all()


def test_each_fault_has_its_reason_and_spares_the_others() -> None:
    frame = units(
        (None, 50), (5, None), (5, float("nan")), (5, 0), (-1, 10), (11, 10), (math.inf, 10), (5, 20), (5, 40)
    )
    found = funnel_limits(frame, "proportion", levels=[0.95])
    assert found["reason"].to_list() == [
        *("missing", "missing", "missing", "total_not_positive", "negative_count", "count_above_total", "not_finite"),
        *(None, None),
    ]
    assert found["baseline"][0] == pytest.approx(10 / 60)
    assert found["lower"][0] is not None
    assert found["value"][0] is None
    assert (
        found.filter(pl.col("reason").is_null()).select("value", "lower", "upper").null_count().sum_horizontal()[0] == 0
    )
    judged = funnel_significance(frame, "proportion")
    assert judged["significance"].is_null().to_list() == [True] * 7 + [False] * 2


def test_groups_have_their_own_average_and_a_null_group_is_one() -> None:
    frame = units(
        (1, 10), (3, 10), (5, 10), (7, 10), (0, 5), (0, 5), (4, 9), board=["a", "a", None, None, "b", "b", "c"]
    )
    found = funnel_limits(frame, "proportion", by=["board"], levels=[0.95])
    assert found["baseline"].to_list() == pytest.approx([0.2, 0.2, 0.6, 0.6, 0, 0, 4 / 9])
    assert found["reason"].to_list() == [None] * 4 + ["average_at_edge"] * 2 + ["too_few_groups"]
    assert found["value"].to_list() == pytest.approx([0.1, 0.3, 0.5, 0.7, 0, 0, 4 / 9])
    spread = measure_overdispersion(frame, "proportion", by=["board"])
    assert dict(spread.select("board", "reason").iter_rows()) == {
        "a": None,
        None: None,
        "b": "average_at_edge",
        "c": "too_few_groups",
    }
    wide = funnel_limits(frame, "proportion", by=["board"], levels=[0.95], overdispersion=spread)
    assert wide["lower"].is_null().to_list() == found["lower"].is_null().to_list()


def test_a_single_unit_can_be_held_against_a_given_average() -> None:
    assert funnel_limits(units((3, 10)), "proportion")["reason"].to_list() == ["too_few_groups"] * 2
    assert funnel_limits(units((3, 10)), "proportion", baseline=0.5)["reason"].null_count() == 2
    assert funnel_limits(units((3, 10)), "ratio")["reason"].null_count() == 2


def test_limits_that_cannot_be_had_are_told() -> None:
    halves = units((1.5, 4.5), (2, 5))
    assert funnel_limits(halves, "proportion", "exact", levels=[0.95])["reason"].to_list() == ["not_whole_counts", None]
    torn = units((0, 50), (50, 50), (0, 50), (50, 50))
    spread = measure_overdispersion(torn, "proportion")
    found = funnel_limits(torn, "proportion", overdispersion=spread)
    assert set(found["reason"]) == {"no_limits"}
    assert funnel_limits(torn, "proportion", "transformed", overdispersion=spread)["reason"].null_count() == 8


def test_too_few_events_are_not_judged() -> None:
    found = funnel_significance(units((9, 90), (10, 100), (50, 500)), "rate", fewest_events=10)
    assert found["reason"].to_list() == ["too_few_events", None, None]


@pytest.mark.parametrize("kind", ["proportion", "rate", "ratio", "count ratio"])
def test_nothing_gives_nothing_of_the_right_shape(kind: str) -> None:
    full, empty = FOUR, FOUR.clear()
    spread = measure_overdispersion(full, kind)
    assert measure_overdispersion(empty, kind).schema == spread.schema
    for function in (funnel_limits, funnel_curve):
        found = function(empty, kind, overdispersion=measure_overdispersion(empty, kind))
        assert found.height == 0
        assert found.schema == function(full, kind, overdispersion=spread).schema
    assert funnel_significance(empty, "rate").height == 0


def test_numbers_of_any_type_do() -> None:
    for kind in (pl.Int8, pl.UInt32, pl.Float32):
        frame = pl.DataFrame({"numerator": [1, 2], "denominator": [10, 12]}, schema_overrides={"numerator": kind})
        assert funnel_limits(frame, "proportion")["value"][0] == pytest.approx(0.1)


def test_the_curve_spans_the_units_and_meets_their_limits() -> None:
    curve = funnel_curve(FOUR, "proportion", levels=[0.95])
    assert (curve["denominator"].min(), curve["denominator"].max(), curve.height) == (100, 500, 100)
    limits = funnel_limits(FOUR, "proportion", levels=[0.95])
    assert curve["lower"][0] == pytest.approx(limits["lower"][0])
    assert curve["upper"][-1] == pytest.approx(limits["upper"][3])
    assert set(curve["value"].round(9)) == {round(161 / 950, 9)}
    assert funnel_curve(units((1, 2), (1, 5), (0, 3)), "proportion")["lower"].min() == 0


def test_the_curve_of_a_group_that_has_no_limits_says_why() -> None:
    found = funnel_curve(units((0, 5), (0, 9), (2, 9), (3, 7), board=["b", "b", "a", "a"]), "proportion", by=["board"])
    assert found.group_by("board").agg(pl.col("reason").first()).sort("board")["reason"].to_list() == [
        None,
        "average_at_edge",
    ]


def test_whole_sizes_rise_by_one_at_least_until_the_largest() -> None:
    sizes = funnel_sizes(pl.Series([1, 3]).to_numpy(), pl.Series([50, 7]).to_numpy(), points=10, whole=True)
    assert sizes[0][0] == 1
    assert sizes[0][-1] == 50
    assert sizes[1].tolist() == [3, 4, 5, 6, 7, 7, 7, 7, 7, 7]
    assert (sizes[0][1:] > sizes[0][:-1]).all()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"kind": "share"}, "kind is one of"),
        ({"kind": "rate", "form": "score"}, "form of limits"),
        ({"kind": "rate", "levels": []}, "at least one level"),
        ({"kind": "rate", "levels": [95]}, "confidence"),
        ({"kind": "proportion", "baseline": 17.5}, "baseline"),
        ({"kind": "rate", "baseline": -1}, "baseline"),
        ({"kind": "rate", "by": ["board"]}, "missing"),
    ],
)
def test_nonsense_is_refused(arguments: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        funnel_limits(FOUR, **arguments)


def test_score_limits_refuse_overdispersion_and_names_that_clash() -> None:
    spread = measure_overdispersion(FOUR, "proportion")
    with pytest.raises(ValueError, match="score limits"):
        funnel_limits(FOUR, "proportion", "score", overdispersion=spread)
    with pytest.raises(ValueError, match="other names"):
        funnel_limits(FOUR.with_columns(value=1), "proportion")
    for wrong in ({"outliers": "drop"}, {"share": 0.5}, {"scale": "log"}):
        with pytest.raises(ValueError):
            measure_overdispersion(FOUR, "proportion", **wrong)
