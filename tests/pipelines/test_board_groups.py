"""Specialties and tests in a board's file: who is named, who is added up, and that nothing is lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.board_detail import GROUP_COUNTS, NAMED_FROM, counted, newest_year

YEAR = (dt.date(2025, 11, 1), dt.date(2026, 10, 31))


def units(rows: Sequence[tuple[str, str, int, int]]) -> pl.DataFrame:
    """A request sent and due a row: test, person, whether it was late, whether it was rejected."""
    frame = pl.DataFrame(rows, schema=["test_code", "person_id", "late", "rejected"], orient="row")
    return frame.select(
        pl.lit("S08000029").alias("board_code"), pl.lit("residence").alias("side"),
        pl.col("test_code", "person_id"),
        pl.lit(1, pl.Int64).alias("requests"), pl.lit(1, pl.Int64).alias("first_pass_known"),
        pl.col("rejected").cast(pl.Int64).alias("not_accepted_first"), pl.col("rejected").cast(pl.Int64),
        pl.lit(1, pl.Int64).alias("due"), (1 - pl.col("late")).cast(pl.Int64).alias("within_standard"),
    )  # fmt: skip


def people(test: str, number: int, late: int = 0) -> list[tuple[str, str, int, int]]:
    return [(test, f"{test}{place}", int(place < late), 0) for place in range(number)]


def named(frame: pl.DataFrame) -> dict[str | None, int]:
    return dict(frame.select("test_code", "requests").iter_rows())


def test_people_are_counted_and_not_requests():
    often = [("A", "P1", 0, 0)] * 30
    found = counted(units([*often, *people("B", 12), *people("C", 9)]), "test_code", 0, YEAR)
    assert named(found) == {"B": 12, None: 39}


def test_the_smallest_named_joins_a_rest_that_is_too_few():
    found = counted(units([*people("A", 20), *people("B", 12), *people("C", 3)]), "test_code", 0, YEAR)
    assert named(found) == {"A": 20, None: 15}


def test_all_are_named_where_nothing_is_left_over():
    assert named(counted(units([*people("A", 20), *people("B", 10)]), "test_code", 0, YEAR)) == {"A": 20, "B": 10}


def test_one_that_has_no_late_result_is_not_named_where_lateness_is_what_counts():
    rows = [*people("A", 40, late=6), *people("B", 40), *people("C", 40, late=5), *people("D", 40, late=5)]
    assert named(counted(units(rows), "test_code", 5, YEAR)) == {"A": 40, "C": 40, None: 80}


def test_a_board_with_too_few_of_everything_names_nothing():
    assert named(counted(units([*people("A", 9), *people("B", 4)]), "test_code", 0, YEAR)) == {None: 13}


def test_without_any_request_there_is_no_row():
    assert counted(units([]).clear(), "test_code", 0, YEAR).is_empty()


ROWS = st.lists(
    st.tuples(
        st.sampled_from("ABCDEFG"),
        st.integers(0, 40).map(lambda number: f"P{number}"),
        st.integers(0, 1),
        st.integers(0, 1),
    ),
    max_size=250,
)


@given(rows=ROWS, late_from=st.sampled_from([0, 2, 5]))
def test_nothing_is_lost_and_nothing_few_is_named_or_left_over(rows, late_from):
    found = counted(units(rows), "test_code", late_from, YEAR)
    assert found.select(pl.col(*GROUP_COUNTS).sum()).row(0) == units(rows).select(pl.col(*GROUP_COUNTS).sum()).row(0)
    names = found["test_code"].drop_nulls().to_list()
    for value in found["test_code"] if names else []:
        own = [row for row in rows if (row[0] if row[0] in names else None) == value]
        assert len({person for _, person, _, _ in own}) >= NAMED_FROM
        assert len({person for _, person, late, _ in own if late}) >= late_from


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (["final"] * 14, (dt.date(2025, 3, 1), dt.date(2026, 2, 28))),
        (["final"] * 13 + ["incomplete"], (dt.date(2025, 2, 1), dt.date(2026, 1, 31))),
        (["incomplete"], (dt.date.max, dt.date.min)),
        ([], (dt.date.max, dt.date.min)),
    ],
)
def test_the_year_ends_with_the_newest_month_that_was_sent_whole(held, expected):
    days = [dt.date(2025 + place // 12, place % 12 + 1, 1) for place in range(len(held))]
    months = pl.DataFrame(
        {"measure": ["requests_received"] * len(held), "month": days, "period_status": held},
        schema={"measure": pl.String, "month": pl.Date, "period_status": pl.String},
    )
    assert newest_year(months) == expected
