"""One check by month: months with a hidden count stay hidden, and the limits are those of the method named."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.data import Snapshot
from ui.quality_place import SCOTLAND
from ui.quality_spc import METHOD, control_chart, finding, history, limits_of, points_of

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


def found(failing: list[tuple[int | None, ...]]) -> tuple[str, str]:
    """Title and summary of a tuple a month."""
    points = points_of(rows_of(failing))
    return finding(limits_of(points), points, CHECK)


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
    calm = found([(count,) for count in steady])[1]
    assert calm.startswith("The latest figure is in line with those before it")
    alarm = found([(count,) for count in [*steady, 300]])[1]
    assert "up is worse: find out why and act" in alarm


def test_where_the_newest_month_is_hidden_the_title_says_so_before_an_older_figure() -> None:
    failing: list[tuple[int | None, ...]] = [(20,), (30,), (25,), (None,)]
    title, _ = found(failing)
    assert title == "Fewer than 10 rows [c] fail in April 2023; 25 of 1,000 rows (2.5%) fail in March 2023"


def test_months_without_any_failing_row_are_not_called_chance() -> None:
    title, summary = found([(0,)] * 15)
    assert title == "No row fails in any month"
    assert summary.startswith("No row fails in any month.")


def test_a_hidden_month_is_a_month_with_failing_rows() -> None:
    title, summary = found([(0,), (None,), (0,), (0,)])
    assert title == "Fewer than 10 rows [c] fail in February 2023, and none since"
    assert summary.startswith("No failing row in the months shown; 1 of 4 months are hidden [c].")


def test_a_month_of_which_one_laboratory_is_hidden_is_not_said_to_have_under_ten_failing_rows() -> None:
    assert found([(25, 0), (200, None)])[0].startswith("200 rows and some more [c] fail in February 2023; ")
    assert found([(0, 0), (None, None)])[0] == "Fewer than 20 rows [c] fail in February 2023"


def test_without_limits_neither_they_nor_their_legend_nor_their_method_are_shown(snapshot: Snapshot) -> None:
    flat = limits_of(points_of(rows_of([(0,)] * 15)))
    drawn = control_chart(flat, "Failing rows", lambda _: "", "")
    assert [trace.name for trace in drawn.figure.data] == ["Failing rows"]
    assert not drawn.figure.data[0].showlegend
    judged = limits_of(points_of(rows_of([(count,) for count in [20, 30, 25, 40, 15, 35, 20, 30, 25, 40, 15, 35]])))
    names = [trace.name for trace in control_chart(judged, "Failing rows", lambda _: "", "").figure.data]
    assert names == ["Limits of chance", "Limits of chance", "Average", "Failing rows"]
    few = history(snapshot, SCOTLAND, "stg_turnaround.report_after_receipt")
    assert METHOD not in few.notes
