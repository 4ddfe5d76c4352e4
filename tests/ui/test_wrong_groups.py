"""What wrong recording would do, against a plain solution by hand, and where it cannot be corrected."""

from __future__ import annotations

import polars as pl
import pytest

from ui.wrong_groups import corrected, matrix, usual


def counts(*rows: tuple[str, int, int]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["group", "events", "people"], orient="row")


def test_two_groups_are_corrected_as_by_hand():
    """Of 200 truly Asian, half with the event, 80% are recorded so; of 800 truly White, 20% with it, 95% are."""
    errors = matrix({"white": 95.0, "asian": 80.0}, {"white": 800, "asian": 200}, "white", "spread")
    recorded = counts(("white", 172, 800), ("asian", 88, 200))
    found = corrected(recorded, errors, "white")
    assert found is not None
    recorded_true = counts(("white", 20 + 152, 40 + 760), ("asian", 80 + 8, 160 + 40))
    assert recorded.equals(recorded_true)
    row = found.filter(group="asian").row(0, named=True)
    assert row["gap"] == pytest.approx(88 / 200 - 172 / 800)
    assert row["corrected_gap"] == pytest.approx(0.5 - 0.2)


def test_minority_people_recorded_as_white_alone_leave_the_share_of_those_recorded_as_it_is():
    errors = matrix(usual(["white", "asian"], "white"), {"white": 900, "asian": 100}, "white", "compared_with")
    found = corrected(counts(("white", 450, 900), ("asian", 40, 100)), errors, "white")
    assert found is not None
    row = found.filter(group="asian").row(0, named=True)
    assert row["corrected"] == pytest.approx(0.4)
    assert abs(row["corrected_gap"]) > abs(row["gap"])


@pytest.mark.parametrize("way", ["compared_with", "spread"])
def test_the_rates_of_a_group_add_up_to_all_of_its_people(way):
    right = {"white": 99.0, "asian": 70.0, "other": 60.0}
    errors = matrix(right, {"white": 900, "asian": 75, "other": 25}, "white", way)
    sums = errors.group_by("group").agg(pl.col("probability").sum())
    assert sums["probability"].to_list() == pytest.approx([1.0] * 3)
    as_white = errors.filter(group="asian", recorded="white")["probability"][0]
    assert as_white == pytest.approx(0.3 if way == "compared_with" else 0.3 * 900 / 925)


def test_rates_that_do_not_fit_what_is_recorded_give_no_answer_for_that_group():
    errors = matrix({"white": 94.0, "asian": 90.0}, {"white": 980, "asian": 20}, "white", "spread")
    found = corrected(counts(("white", 500, 980), ("asian", 10, 20)), errors, "white")
    assert found is not None
    assert found.filter(group="asian")["corrected"][0] is None


def test_groups_recorded_by_the_toss_of_a_coin_cannot_be_told_apart():
    errors = matrix({"white": 50.0, "asian": 50.0}, {"white": 900, "asian": 100}, "white", "spread")
    assert corrected(counts(("white", 450, 900), ("asian", 40, 100)), errors, "white") is None
