"""Expected late requests allow for the mix of tests, and only what is shown of a place is told of it."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.case_mix import STRATA, expected


def strata(rows: list[tuple[str, str, int, int]]) -> pl.DataFrame:
    """Rows of board, category, requests due and late."""
    return pl.DataFrame(
        [(board, category, "panel", "2026-03", due, late) for board, category, due, late in rows],
        schema=["requesting_board", *STRATA, "population", "events"],
        orient="row",
    )


def test_a_board_with_slow_tests_is_expected_to_be_late_more_often() -> None:
    rows = [("A", "quick", 80, 8), ("A", "slow", 20, 10), ("B", "quick", 20, 2), ("B", "slow", 80, 40)]
    found = dict(expected(strata(rows), "requesting_board").iter_rows())
    # Scotland is late with 10 in 100 quick and 50 in 100 slow ones: 80 * 0.1 + 20 * 0.5, and 20 * 0.1 + 80 * 0.5.
    assert found == {"A": pytest.approx(18.0), "B": pytest.approx(42.0)}


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(["x", "y"]), st.integers(1, 50)), min_size=1))
def test_all_that_is_expected_adds_up_to_all_that_was_late(drawn: list[tuple[str, str, int]]) -> None:
    rows = strata([(board, category, due, due // 3) for board, category, due in drawn])
    assert expected(rows, "requesting_board")["expected"].sum() == pytest.approx(rows["events"].sum())
