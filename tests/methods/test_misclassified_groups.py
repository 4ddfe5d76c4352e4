"""Groups recorded wrongly, at known rates or rates between limits."""

from __future__ import annotations

import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.misclassified_groups import corrected_event_shares, corrected_shares, misclassified_share_band
from methods.proportions import wilson_interval

TWO = [[0.9, 0.1], [0.2, 0.8]]
THREE = [[0.9, 0.08, 0.02], [0.1, 0.85, 0.05], [0.15, 0.05, 0.8]]


def table(recording: list[list[float]]) -> pl.DataFrame:
    names = "abcdefgh"[: len(recording)]
    pairs = itertools.product(names, names)
    rows = [(true, recorded, p) for (true, recorded), p in zip(pairs, itertools.chain(*recording), strict=True)]
    return pl.DataFrame(rows, ["group", "recorded", "probability"], orient="row")


def counted(*numbers: float, **more: object) -> pl.DataFrame:
    return pl.DataFrame({"group": list("abcdefgh"[: len(numbers)]), "count": numbers, **more})


def wilson(x: float, n: float) -> dict[str, float]:
    return pl.select(wilson_interval(pl.lit(x), pl.lit(n))).item()


def test_a_correction_worked_by_hand_comes_out() -> None:
    """200 and 800 people: 0.9 * 200 + 0.2 * 800 = 340 are recorded in the one group."""
    found = corrected_shares(counted(340, 660), table(TWO))
    assert found["value"].to_list() == pytest.approx([0.2, 0.8])
    assert found["corrected"].to_list() == pytest.approx([200, 800])


def test_two_groups_have_the_limits_of_lang_and_reiczigel() -> None:
    """Wilson's limits of the recorded share, each corrected as the share is: (p + 0.8 - 1)/(0.9 + 0.8 - 1)."""
    recorded = wilson(340, 1000)
    found = corrected_shares(counted(340, 660), table(TWO)).row(0, named=True)
    for limit in ("lower", "upper"):
        assert found[limit] == pytest.approx((recorded[limit] - 0.2) / 0.7)


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=6).filter(any))
def test_without_errors_the_answer_is_the_plain_share(counts: list[int]) -> None:
    found = corrected_shares(counted(*counts), table(np.eye(len(counts)).tolist()))
    for row, count in zip(found.to_dicts(), counts, strict=True):
        plain = wilson(count, sum(counts))
        assert [row[f] for f in ("value", "lower", "upper")] == pytest.approx(
            [plain[f] for f in ("value", "lower", "upper")], abs=1e-9
        )


@given(st.lists(st.integers(1, 10**6), min_size=3, max_size=3))
def test_what_the_errors_did_to_true_counts_is_undone(true: list[int]) -> None:
    recorded = np.array(true) @ np.array(THREE)
    found = corrected_shares(counted(*recorded), table(THREE))
    assert found["corrected"].to_list() == pytest.approx(true, rel=1e-6, abs=1e-6 * sum(true))
    assert found["value"].to_list() == pytest.approx([count / sum(true) for count in true], abs=1e-9)
    assert (found["lower"] <= found["value"] + 1e-9).all()
    assert (found["value"] <= found["upper"] + 1e-9).all()


def test_what_is_left_out_counts_nought() -> None:
    sparse = table([[1.0, 0.0], [0.1, 0.9]]).filter(pl.col("probability") > 0)
    assert corrected_shares(counted(50), sparse)["value"].to_list() == pytest.approx([1, 0])
    whole = corrected_shares(counted(60, 90, 0), table(THREE)).drop("method")
    assert corrected_shares(counted(60, 90), table(THREE)).drop("method").equals(whole)


def test_a_group_that_the_rates_do_not_fit_has_no_answer_and_the_others_have() -> None:
    found = corrected_shares(counted(100, 20, 0), table(THREE))
    assert found["reason"].to_list() == [None, None, "correction_out_of_range"]
    assert found["value"].null_count() == found["corrected"].null_count() == 1


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([("a", 5), ("b", None)], "missing"),
        ([("a", 5), ("b", float("nan"))], "missing"),
        ([("a", 5), ("b", -1)], "negative_count"),
        ([("a", 5), ("b", float("inf"))], "not_finite"),
        ([("a", 0), ("b", 0)], "total_not_positive"),
        ([("a", 5), ("a", 5)], "repeated_key"),
    ],
)
def test_a_bad_sample_stops_no_other(rows: list[tuple[str, float | None]], why: str) -> None:
    samples = [("x", *row) for row in rows] + [(None, "b", 660), (None, "a", 340)]
    counts = pl.DataFrame(samples, {"board": pl.String, "group": pl.String, "count": pl.Float64}, orient="row")
    found = corrected_shares(counts, table(TWO), ["board"])
    assert found["board"].to_list() == [None, None, "x", "x"]
    assert found["reason"].to_list() == [None, None, why, why]
    assert found["value"].to_list() == [pytest.approx(0.2), pytest.approx(0.8), None, None]
    assert found.equals(corrected_shares(counts.reverse(), table(TWO), ["board"]))


def test_an_empty_table_gives_an_empty_answer() -> None:
    empty = pl.DataFrame(schema={"board": pl.String, "group": pl.String, "count": pl.Int64})
    names = ["group", "value", "lower", "upper", "method", "reason", "corrected"]
    assert corrected_shares(empty, table(TWO), ["board"]).columns == ["board", *names]
    assert corrected_shares(empty, table(TWO)).columns == names
    assert corrected_shares(empty, table(TWO)).height == 0


@pytest.mark.parametrize(
    "errors",
    [
        table([[0.9, 0.2], [0.2, 0.8]]),
        table([[1.1, -0.1], [0.2, 0.8]]),
        table([[0.5, 0.5], [0.5, 0.5]]),
        table([[0.5, 0.5], [0.501, 0.499]]),
        table([[1.0]]),
        table(TWO).drop("probability"),
        table(TWO).with_columns(recorded=pl.lit("elsewhere")),
        table(TWO).with_columns(probability=pl.lit(None, pl.Float64)),
        pl.concat([table(TWO), table(TWO)]),
    ],
)
def test_errors_that_are_no_table_of_errors_are_refused(errors: pl.DataFrame) -> None:
    with pytest.raises(ValueError):
        corrected_shares(counted(340, 660), errors)


@pytest.mark.parametrize(
    ("counts", "by"),
    [
        (counted(1, 1).with_columns(group=pl.lit("elsewhere")), []),
        (counted(1, 1).with_columns(group=pl.lit(None, pl.String)), []),
        (counted(1, 1).drop("count"), []),
        (counted(1, 1), ["group"]),
    ],
)
def test_counts_of_groups_that_the_errors_do_not_know_are_refused(counts: pl.DataFrame, by: list[str]) -> None:
    with pytest.raises(ValueError):
        corrected_shares(counts, table(TWO), by)


def test_corrected_event_shares_worked_by_hand_come_out() -> None:
    """100 of 200 and 160 of 800 with the event: 0.9 * 100 + 0.2 * 160 = 122 of 340 are recorded in the one group."""
    counts = pl.DataFrame({"group": ["b", "a"], "events": [138, 122], "people": [660, 340]})
    found = corrected_event_shares(counts, table(TWO))
    assert found["value"].to_list() == pytest.approx([0.5, 0.2])
    assert found["corrected_events"].to_list() == pytest.approx([100, 160])
    assert found["corrected_people"].to_list() == pytest.approx([200, 800])
    assert (
        found["upper"] - found["lower"]
        > pl.Series([wilson(x, n)["upper"] - wilson(x, n)["lower"] for x, n in ((100, 200), (160, 800))])
    ).all()


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), min_size=2, max_size=4))
def test_without_errors_event_shares_are_plain_too(groups: list[tuple[int, int]]) -> None:
    counts = pl.DataFrame(
        {"group": list("abcd"[: len(groups)]), "events": [x for x, _ in groups], "people": [x + a for x, a in groups]}
    )
    found = corrected_event_shares(counts, table(np.eye(len(groups)).tolist()))
    for row, (x, without) in zip(found.to_dicts(), groups, strict=True):
        if x + without == 0:
            assert (row["value"], row["reason"]) == (None, "denominator_is_zero")
        else:
            plain = wilson(x, x + without)
            assert [row[f] for f in ("value", "lower", "upper")] == pytest.approx(
                [plain[f] for f in ("value", "lower", "upper")], abs=1e-4
            )


def test_an_event_share_that_the_rates_do_not_fit_has_no_answer() -> None:
    counts = pl.DataFrame({"group": ["a", "b"], "events": [0, 600], "people": [340, 660]})
    found = corrected_event_shares(counts, table(TWO))
    assert found["reason"].to_list() == ["correction_out_of_range", None]
    bad = corrected_event_shares(counts.with_columns(events=700), table(TWO))
    assert bad["reason"].to_list() == ["count_above_total"] * 2


def test_limits_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(9)
    shares, event_shares = np.array([0.8, 0.15, 0.05]), np.array([0.3, 0.5, 0.2])
    true = rng.multinomial(2000, shares, 1000)
    people = np.stack([rng.multinomial(true[:, i], THREE[i]) for i in range(3)])
    events = rng.binomial(people, event_shares[:, None, None])
    frame = pl.DataFrame(
        {"sample": np.repeat(np.arange(1000), 3), "group": list("abc") * 1000}
        | {"events": events.sum(axis=0).ravel(), "people": people.sum(axis=0).ravel()}
    )
    of_people = corrected_shares(frame.rename({"people": "count"}), table(THREE), ["sample"])
    of_events = corrected_event_shares(frame, table(THREE), ["sample"])
    for found, truth in ((of_people, shares), (of_events, event_shares)):
        for group, value in zip("abc", truth, strict=True):
            rows = found.filter(pl.col("group") == group)
            held = rows.select(((pl.col("lower") <= value) & (pl.col("upper") >= value)).fill_null(True).mean()).item()
            assert 0.93 <= held <= 0.98


def band(*numbers: float | None, **options: float) -> dict[str, object]:
    return pl.select(misclassified_share_band(*(pl.lit(n, pl.Float64) for n in numbers), **options).alias("a")).item()


def test_a_band_worked_by_hand_comes_out() -> None:
    """100 of 1,000 recorded: 0.1/0.8 = 12.5% to 0.1/0.5 = 20%; 0.1/0.65 in the middle."""
    found = band(100, 1000, 0.5, 0.8)
    assert (found["lowest"], found["highest"]) == pytest.approx((0.125, 0.2))
    assert found["value"] == pytest.approx(0.1 / 0.65)
    recorded = wilson(100, 1000)
    assert (found["lower"], found["upper"]) == pytest.approx((recorded["lower"] / 0.8, recorded["upper"] / 0.5))


@given(
    st.integers(0, 200),
    st.lists(st.floats(0.55, 1), min_size=2, max_size=2).map(sorted),
    st.lists(st.floats(0.55, 1), min_size=2, max_size=2).map(sorted),
)
def test_a_band_is_what_the_pairs_within_the_ranges_give(
    x: int, sensitivity: list[float], specificity: list[float]
) -> None:
    share = x / 200
    grids = (np.linspace(*limits, 41) for limits in (sensitivity, specificity))
    reached = [(share + sp - 1) / (se + sp - 1) for se, sp in itertools.product(*grids)]
    possible = [value for value in reached if -1e-9 <= value <= 1 + 1e-9]
    found = band(x, 200, *sensitivity, *specificity)
    if found["reason"]:
        assert found["reason"] == "correction_out_of_range"
        assert all(not 1e-9 < value < 1 - 1e-9 for value in reached)
    else:
        assert all(found["lowest"] - 1e-6 <= value <= found["highest"] + 1e-6 for value in possible)
        assert found["lower"] <= found["lowest"] <= found["value"] <= found["highest"] <= found["upper"]
        ends = min(reached), max(reached)
        assert (found["lowest"], found["highest"]) == pytest.approx([min(1, max(0, end)) for end in ends], abs=1e-9)


@pytest.mark.parametrize(
    ("numbers", "why"),
    [
        ((None, 10, 0.8, 1, 1, 1), "missing"),
        ((1, 10, None, 1, 1, 1), "missing"),
        ((11, 10, 0.8, 1, 1, 1), "count_above_total"),
        ((1, 10, 0.8, 1.2, 1, 1), "share_out_of_range"),
        ((1, 10, 0.9, 0.8, 1, 1), "limits_in_conflict"),
        ((1, 10, 0.4, 0.8, 0.6, 1), "no_better_than_chance"),
        ((1, 10, 0.8, 0.9, 0.8, 0.85), "correction_out_of_range"),
    ],
)
def test_a_band_that_cannot_be_given_says_why(numbers: tuple[float | None, ...], why: str) -> None:
    found = band(*numbers)
    assert found.pop("reason") == why
    assert found.pop("method")
    assert set(found.values()) == {None}


@pytest.mark.parametrize("rates", [(0.9, 0.8), (0.3, 0.8, 0.7, 1), (-0.1, 1), (0.8, 1, 0.9, 90)])
def test_rates_that_cannot_hold_are_refused_as_numbers(rates: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="sensitivity"):
        misclassified_share_band(pl.lit(1), pl.lit(2), *rates)
