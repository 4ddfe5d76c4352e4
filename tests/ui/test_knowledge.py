"""Who stands in deposits against people tested: ratios and diversity by hand, and what the unknown could do."""

from __future__ import annotations

import polars as pl
import pytest

from ui.data import Snapshot
from ui.knowledge import DEPOSITED, TESTED, Counted, common, counted, diversity, representation, unknown_of


def sample(snapshot: Snapshot, groups: dict[str, int | None], unknown: int | None = 0) -> Counted:
    figure = counted(snapshot, DEPOSITED)
    assert figure is not None
    frame = pl.DataFrame({"code": list(groups), "count": list(groups.values())}, schema_overrides={"count": pl.Int64})
    return Counted(frame, figure.figure, unknown)


def test_a_groups_ratio_is_its_part_in_the_sample_over_its_part_in_people_tested(snapshot: Snapshot):
    tested = sample(snapshot, {"white": 900, "asian": 100})
    found = representation(sample(snapshot, {"white": 190, "asian": 10}), tested, 0.9, 0.7)
    row = found.filter(code="asian").row(0, named=True)
    assert (row["share"], row["share_tested"], row["value"]) == (
        pytest.approx(0.05),
        pytest.approx(0.1),
        pytest.approx(0.5),
    )
    assert row["lower"] < 0.5 < row["upper"] < 1
    assert row["verdict"] == "lower"


def test_the_unknown_are_placed_in_the_group_or_out_of_it_in_both_parts_apart(snapshot: Snapshot):
    tested = sample(snapshot, {"white": 900, "asian": 100}, unknown=200)
    found = representation(sample(snapshot, {"white": 190, "asian": 10}, unknown=40), tested, 0.9, 0.7)
    row = found.filter(code="asian").row(0, named=True)
    assert row["lowest"] == pytest.approx((10 / 240) / (300 / 1200))
    assert row["highest"] == pytest.approx((50 / 240) / (100 / 1200))
    assert row["verdict"] == "unknown_could_explain"


def test_where_the_unknown_cannot_be_counted_anything_is_possible_and_no_side_is_named(snapshot: Snapshot):
    tested = sample(snapshot, {"white": 900, "asian": 100}, unknown=None)
    found = representation(sample(snapshot, {"white": 190, "asian": 10}), tested, 0.9, 0.7)
    assert found.filter(code="asian")["verdict"][0] == "unknown_could_explain"


def test_a_group_hidden_in_one_is_left_out_of_both(snapshot: Snapshot):
    tested = sample(snapshot, {"white": 900, "asian": 100, "other": 50})
    held = sample(snapshot, {"white": 190, "asian": 10, "other": None})
    found = representation(held, tested, 0.9, 0.7)
    assert found.filter(code="asian")["share_tested"][0] == pytest.approx(0.1)
    assert found.filter(code="other").select("value", "verdict").row(0) == (None, "hidden")
    assert common({"a": tested, "b": held}) == ["white", "asian"]


def test_too_few_recorded_withholds_every_ratio(snapshot: Snapshot):
    tested = sample(snapshot, {"white": 900, "asian": 100})
    found = representation(sample(snapshot, {"white": 190, "asian": 10}), tested, 0.6, 0.7)
    assert set(found["verdict"]) == {"withheld"}


def test_people_of_unknown_group_are_the_rest_of_everybody_where_one_of_their_counts_is_hidden():
    shown = pl.DataFrame({"code": ["white", "asian", "declined", "unmapped"], "count": [80, 20, 15, 10]})
    assert unknown_of(shown, 999, 5) == 25
    hidden = shown.with_columns(count=pl.when(pl.col("code") != "unmapped").then("count"))
    assert unknown_of(hidden, 140, 5) == 140 - 100 + 5
    assert unknown_of(hidden, None, 5) is None


def test_diversity_is_the_chance_that_two_differ_by_hand(snapshot: Snapshot):
    samples = {
        TESTED: sample(snapshot, {"white": 60, "asian": 40}),
        DEPOSITED: sample(snapshot, {"white": 90, "asian": 10}),
    }
    found = diversity(samples)
    by = {(row["sample"], row["measure"]): row["value"] for row in found.to_dicts()}
    assert by[TESTED, "simpson_unbiased"] == pytest.approx(1 - (60 * 59 + 40 * 39) / (100 * 99))
    assert by[DEPOSITED, "inverse_simpson"] == pytest.approx(1 / (0.9**2 + 0.1**2))
