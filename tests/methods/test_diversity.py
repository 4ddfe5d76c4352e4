"""Diversity indices and their intervals."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.diversity import MEASURES, diversity_indices

samples = st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(lambda counts: sum(n > 0 for n in counts) > 1)


def indices(counts: list[float | None], **options: float) -> dict[str, dict[str, object]]:
    found = diversity_indices(pl.DataFrame({"count": counts}, {"count": pl.Float64}), **options)
    return {row["measure"]: row for row in found.to_dicts()}


def slowly(counts: list[int]) -> dict[str, float]:
    """The indices from their definitions, one count at a time."""
    seen, total = [n for n in counts if n > 0], sum(counts)
    shannon = -sum(n / total * math.log(n / total) for n in seen)
    repeated = sum((n / total) ** 2 for n in seen)
    return {
        "shannon": shannon,
        "simpson": 1 - repeated,
        "simpson_unbiased": 1 - sum(n * (n - 1) for n in seen) / (total * (total - 1)),
        "inverse_simpson": 1 / repeated,
        "pielou_evenness": shannon / math.log(len(seen)),
    }


@given(samples)
def test_values_are_those_of_the_definitions(counts: list[int]) -> None:
    found = indices(counts)
    for measure, value in slowly(counts).items():
        assert found[measure]["value"] == pytest.approx(value, rel=1e-9, abs=1e-12)


def test_a_worked_example_comes_out() -> None:
    """60, 30 and 10 of 100. Variance of Shannon: with logs -0.511, -1.204, -2.303 the mean is -0.898, that of squares
    0.6*0.261 + 0.3*1.450 + 0.1*5.302 = 1.1216, less 0.8064 = 0.3149; /100 + 2/20000 = 0.003249. Centre 0.898 + 2/200 =
    0.908; limits 0.908 -/+ 1.96 * 0.0570.

    Simpson: sum p^2 0.46, sum p^3 0.244; unbiased (3600+900+100-100)/9900 = 0.45455; variance (4*98*0.244 + 2*0.46 -
    2*197*0.46^2)/9900 = 0.0013330, reach 1.96*0.036511 = 0.07156, limits 1 - 0.45455 * exp(-/+ 0.15743).
    """
    found = indices([60, 30, 10])
    assert found["shannon"]["value"] == pytest.approx(0.8979, abs=1e-4)
    assert (found["shannon"]["lower"], found["shannon"]["upper"]) == pytest.approx((0.7962, 1.0196), abs=2e-4)
    assert found["simpson"]["value"] == pytest.approx(0.54)
    assert found["simpson_unbiased"]["value"] == pytest.approx(1 - 0.454545, abs=1e-6)
    assert (found["simpson"]["lower"], found["simpson"]["upper"]) == pytest.approx((0.4680, 0.6117), abs=2e-4)


@given(samples)
def test_limits_hold_the_value_and_stay_in_range(counts: list[int]) -> None:
    for measure, row in indices(counts).items():
        assert row["lower"] - 1e-9 <= row["value"] <= row["upper"] + 1e-9 or row["reason"] == "no_limits"
        assert row["reason"] == "no_limits" or row["lower"] >= (1 if measure == "inverse_simpson" else 0)
        assert measure in ("shannon", "inverse_simpson") or row["upper"] <= 1


@given(samples)
def test_order_and_groups_of_nobody_change_nothing(counts: list[int]) -> None:
    found, turned = indices(counts), indices([0, *reversed(counts), 0])
    for measure in MEASURES:
        for field in ("value", "lower", "upper"):
            assert turned[measure][field] == pytest.approx(found[measure][field], rel=1e-9, abs=1e-9)


@given(samples, st.floats(0.5, 0.94))
def test_more_confidence_is_a_wider_interval(counts: list[int], confidence: float) -> None:
    narrow, wide = indices(counts, confidence=confidence), indices(counts, confidence=0.95)
    for measure in MEASURES:
        if narrow[measure]["reason"] is None:
            assert wide[measure]["lower"] <= narrow[measure]["lower"] + 1e-12
            assert wide[measure]["upper"] >= narrow[measure]["upper"] - 1e-12


@given(samples, st.floats(1.5, 20))
def test_the_base_changes_the_unit_of_shannon_alone(counts: list[int], base: float) -> None:
    natural, other = indices(counts), indices(counts, base=base)
    for measure in MEASURES:
        unit = math.log(base) if measure == "shannon" else 1
        for field in ("value", "lower", "upper"):
            if natural[measure][field] is not None:
                assert other[measure][field] == pytest.approx(natural[measure][field] / unit)


def test_an_even_spread_is_the_most_diverse() -> None:
    found = indices([100] * 5)
    assert found["shannon"]["value"] == pytest.approx(math.log(5))
    assert found["inverse_simpson"]["value"] == pytest.approx(5)
    assert found["pielou_evenness"]["value"] == pytest.approx(1)
    assert found["pielou_evenness"]["upper"] == 1


def test_one_group_has_no_diversity_no_evenness_and_no_limits() -> None:
    found = indices([7, 0])
    assert found["shannon"]["value"] == 0
    assert found["simpson"]["value"] == found["simpson_unbiased"]["value"] == 0
    assert found["inverse_simpson"]["value"] == 1
    assert found["pielou_evenness"]["value"] is None
    assert {row["reason"] for row in found.values()} == {"no_variation", "too_few_groups"}
    assert all(row["lower"] is None and row["upper"] is None for row in found.values())


def test_one_person_has_no_unbiased_index() -> None:
    assert indices([1])["simpson_unbiased"]["reason"] == "denominator_is_zero"


def test_a_sample_of_nobody_is_not_the_most_diverse_of_all() -> None:
    assert {row["reason"] for row in indices([0, 0]).values()} == {"total_not_positive"}
    assert all(row["value"] is None for row in indices([0, 0]).values())


def test_where_no_two_share_a_group_the_inverse_index_has_no_limits() -> None:
    found = indices([1, 1, 1])
    assert found["simpson_unbiased"]["value"] == found["simpson"]["upper"] == 1
    assert found["simpson"]["lower"] < 2 / 3
    assert found["inverse_simpson"]["reason"] == "no_limits"


def test_shares_have_values_but_no_limits() -> None:
    found = indices([0.5, 0.3, 0.2])
    assert found["simpson"]["value"] == pytest.approx(0.62)
    assert found["simpson_unbiased"]["value"] is None
    assert {row["reason"] for row in found.values()} == {"not_whole_counts"}


@pytest.mark.parametrize(
    ("bad", "why"), [(None, "missing"), (math.nan, "missing"), (-1.0, "negative_count"), (math.inf, "not_finite")]
)
def test_a_bad_sample_stops_no_other(bad: float | None, why: str) -> None:
    counts = pl.DataFrame({"board": ["a", "a", None, None], "count": [5.0, bad, 5.0, 3.0]})
    found = diversity_indices(counts, ["board"])
    reasons = found.group_by("board").agg(pl.col("reason").unique(), pl.col("value").null_count())
    answers = {board: (reason, nulls) for board, reason, nulls in reasons.rows()}
    assert answers == {"a": ([why], 5), None: ([None], 0)}
    assert found.select("board", *["value"]).equals(
        diversity_indices(counts.reverse(), ["board"]).select("board", "value")
    )


def test_each_sample_is_answered_by_itself() -> None:
    counts = pl.DataFrame({"year": [2, 1, 2, 1], "count": [10, 400, 30, 100]})
    found = diversity_indices(counts, ["year"])
    assert found["year"].to_list() == [1, 2] * 5
    assert found["measure"].to_list() == [measure for measure in MEASURES for _ in range(2)]
    for year, mine in ((1, [400, 100]), (2, [10, 30])):
        alone = [row["value"] for row in indices(mine).values()]
        assert found.filter(pl.col("year") == year)["value"].to_list() == pytest.approx(alone)


def test_counts_of_thousands_of_millions_lose_no_digits() -> None:
    assert indices([10**9, 10**9])["shannon"]["value"] == pytest.approx(math.log(2), rel=1e-12)
    assert indices([10**9, 1])["simpson"]["value"] == pytest.approx(2e-9, rel=1e-6)


def test_an_empty_table_gives_an_empty_answer() -> None:
    empty = pl.DataFrame(schema={"board": pl.String, "count": pl.Int64})
    names = ["measure", "total", "richness", "value", "lower", "upper", "method", "reason"]
    assert diversity_indices(empty, ["board"]).columns == ["board", *names]
    assert diversity_indices(empty).columns == names
    assert diversity_indices(empty, ["board"]).height == diversity_indices(empty).height == 0


@pytest.mark.parametrize(
    ("counts", "options"),
    [
        ({"n": [1]}, {}),
        ({"count": ["1"]}, {}),
        ({"count": [1]}, {"by": ["count"]}),
        ({"count": [1]}, {"base": 1}),
        ({"count": [1]}, {"confidence": 95}),
    ],
)
def test_nonsense_is_refused(counts: dict[str, list[object]], options: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        diversity_indices(pl.DataFrame(counts), **options)


@pytest.mark.parametrize(
    ("shares", "people", "least"),
    [
        ((0.85, 0.08, 0.04, 0.02, 0.01), 100, 0.9),
        ((0.87, 0.05, 0.03, 0.02, 0.01, 0.01, 0.005, 0.005), 1000, 0.93),
        ((0.2, 0.2, 0.2, 0.2, 0.2), 100, 0.95),
    ],
)
def test_nine_in_ten_intervals_or_more_hold_the_true_index(
    shares: tuple[float, ...], people: int, least: float
) -> None:
    drawn = np.random.default_rng(7).multinomial(people, shares, 2000)
    counts = pl.DataFrame({"sample": np.repeat(np.arange(2000), len(shares)), "count": drawn.ravel()})
    repeated = sum(p * p for p in shares)
    shannon = -sum(p * math.log(p) for p in shares)
    truth = {"shannon": shannon, "simpson": 1 - repeated, "inverse_simpson": 1 / repeated}
    found = diversity_indices(counts, ["sample"]).filter(pl.col("lower").is_not_null())
    held = Counter()
    for measure, true in truth.items():
        held[measure] = (
            found.filter(pl.col("measure") == measure)
            .select(((pl.col("lower") <= true + 1e-12) & (pl.col("upper") >= true - 1e-12)).mean())
            .item()
        )
    assert min(held.values()) >= least


def test_every_run_and_every_order_of_rows_gives_the_same_last_digit() -> None:
    """Enough rows that sums in several threads would come together in another order each time."""
    random = np.random.default_rng(7)
    counts = pl.DataFrame({"sample": np.repeat(np.arange(50), 2000), "count": random.integers(1, 1000, 100_000)})
    first = diversity_indices(counts, ["sample"])
    assert diversity_indices(counts, ["sample"]).equals(first)
    assert diversity_indices(counts.sample(fraction=1, shuffle=True, seed=1), ["sample"]).equals(first)
