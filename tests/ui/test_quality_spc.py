"""One check by month: months with a hidden count stay hidden, and the limits are those of the method named."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.quality_spc import finding, limits_of, points_of

CHECK = {"at_most": 0.0}


def month(index: int) -> dt.date:
    return dt.date(2023 + index // 12, index % 12 + 1, 1)


def rows_of(failing: list[tuple[int | None, ...]], checked: int = 1_000) -> pl.DataFrame:
    """Rows of check_months: a tuple a month with the failing rows of each laboratory."""
    return pl.DataFrame(
        [
            {"submitter": f"L{lab}", "period": month(place), "rows_checked": checked, "rows_failing": count}
            for place, counts in enumerate(failing)
            for lab, count in enumerate(counts)
        ],
        schema={"submitter": pl.String, "period": pl.Date, "rows_checked": pl.Int64, "rows_failing": pl.Int64},
    )


COUNTS = st.one_of(st.none(), st.just(0), st.integers(2, 40).map(lambda count: 5 * count))


@given(st.lists(st.tuples(COUNTS, COUNTS), min_size=1, max_size=30))
def test_a_month_is_shown_only_where_every_laboratory_is(failing: list[tuple[int | None, ...]]) -> None:
    points = points_of(rows_of(failing)).to_dicts()
    for point, counts in zip(points, failing, strict=True):
        known = [count for count in counts if count is not None]
        assert point["numerator"] == (sum(known) if len(known) == len(counts) else None)
        assert point["denominator"] == 2_000


def test_the_limits_are_laneys_worked_by_hand() -> None:
    failing = [20, 30, 25, 40, 15, 35, 20, 30, 25, 40, 15, 35, 30, 20]
    chart = limits_of(points_of(rows_of([(count,) for count in failing])))
    p = sum(failing) / (1_000 * len(failing))
    sigma = (p * (1 - p) / 1_000) ** 0.5
    z = [(count / 1_000 - p) / sigma for count in failing]
    spread = sum(abs(b - a) for a, b in pairwise(z)) / (len(z) - 1) / 1.128
    assert chart["centre"].to_list() == pytest.approx([p] * len(failing))
    assert chart["upper"].to_list() == pytest.approx([p + 3 * sigma * spread] * len(failing))
    assert chart["method"].unique().to_list() == ["P' chart, Laney"]


def test_a_sudden_rise_is_called_worse_and_a_steady_series_needs_no_explanation() -> None:
    steady = [20, 30, 25, 40, 15, 35, 20, 30, 25, 40, 15, 35, 30, 20, 25, 30]
    _, calm = finding(limits_of(points_of(rows_of([(count,) for count in steady]))), CHECK)
    assert calm.startswith("The latest figure is in line with those before it")
    _, alarm = finding(limits_of(points_of(rows_of([(count,) for count in [*steady, 300]]))), CHECK)
    assert "up is worse: find out why and act" in alarm


def test_where_the_newest_month_is_hidden_the_title_says_so_before_an_older_figure() -> None:
    failing: list[tuple[int | None, ...]] = [(20,), (30,), (25,), (None,)]
    title, _ = finding(limits_of(points_of(rows_of(failing))), CHECK)
    assert title == "Hidden [c] in April 2023; 25 of 1,000 rows (2.5%) fail in March 2023"


def test_months_without_any_failing_row_are_not_called_chance() -> None:
    title, summary = finding(limits_of(points_of(rows_of([(0,)] * 15))), CHECK)
    assert title.startswith("0 of 1,000 rows (0.0%) fail")
    assert summary.startswith("No row fails in any month.")
