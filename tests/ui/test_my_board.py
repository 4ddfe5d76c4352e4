"""What My board works out: edges of overdue and due soon, months without a request, rare breaches."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest

from tests.ui.board_store import (
    BOARD,
    breaches,
    request,
    requests,
    usual_months,
    usual_requests,
    usual_specialties,
    usual_tests,
)
from ui import my_board
from ui.data import OwnBoard
from ui.my_board import View

DAY = dt.timedelta(days=1)
JUDGED = dt.date(2026, 11, 1)


def board(held: pl.DataFrame | None = None, incomplete: int = 0, missed: pl.DataFrame | None = None) -> OwnBoard:
    monthly, months = usual_months(incomplete)
    return OwnBoard(
        BOARD, "key", usual_requests() if held is None else held, monthly,
        breaches([]) if missed is None else missed, months, usual_specialties(), usual_tests(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("due", "standing"),
    [
        (JUDGED - DAY, "overdue"),
        (JUDGED, "soon"),
        (JUDGED + 14 * DAY, "soon"),
        (JUDGED + 15 * DAY, "later"),
        (None, "no_due_date"),
    ],
)
def test_what_is_due_on_the_day_itself_is_not_overdue(due, standing):
    rows = my_board.work(board(requests([request("R1", due_date=due)])), View())
    assert rows["standing"].to_list() == [standing]


def test_ended_requests_are_never_overdue():
    held = requests([request("R1", status="reported", due_date=JUDGED - 9 * DAY, days_over=3)])
    assert my_board.work(board(held), View())["standing"].to_list() == ["reported"]


def test_the_most_overdue_stand_first_and_then_what_falls_due_next():
    names = my_board.work(board(), View())["request_id"].to_list()
    assert names[:2] == ["R201", "R100"]
    assert names.index("R300") > names.index("R104")


def test_now_counts_each_standing():
    now = my_board.now(my_board.work(board(), View()))
    assert (now.open, now.overdue, now.soon, now.no_due_date) == (10, 6, 3, 1)
    assert (now.over_median, now.over_most) == (12, 31)
    assert now.judged == (JUDGED, JUDGED)


def test_nothing_open_is_told_without_a_median():
    now = my_board.now(my_board.work(board(requests([])), View()))
    assert now == my_board.Now(0, 0, 0, 0, None, None, None)


@pytest.mark.parametrize(("side", "open_ones"), [("requesting", 10), ("residence", 14)])
def test_a_side_holds_its_own_requests_and_those_of_both(side, open_ones):
    assert my_board.now(my_board.work(board(), View(side))).open == open_ones


def test_category_and_laboratory_narrow_the_list():
    assert my_board.work(board(), View(lab="DUN"))["request_id"].to_list() == ["R201"]
    assert my_board.work(board(), View(category="none"))["request_id"].to_list() == ["=R701"]


def test_waiting_adds_up_to_what_is_open():
    rows = my_board.work(board(), View())
    waits = my_board.waiting(rows)
    assert waits["open"].sum() == my_board.now(rows).open
    assert waits.row(0, named=True) == {
        "performing_lab": "EDI", "stage": "sequenced", "overdue": 5, "soon": 0, "later": 0, "no_due_date": 0,
        "open": 5, "longest_days": 31,
    }  # fmt: skip


def test_a_month_in_which_nothing_was_is_nought_and_one_before_the_measure_is_whole_is_not_told():
    held = board()
    gone = held.monthly.filter(pl.col("month") != dt.date(2026, 3, 1))
    months = my_board.months(replace(held, monthly=gone), View())
    assert months.height == held.months["month"].n_unique()
    empty = months.filter(month=dt.date(2026, 3, 1)).row(0, named=True)
    assert (empty["received"], empty["due"], empty["overdue_at_end"], empty["median_days"]) == (0, 0, 0, None)
    first = months.row(0, named=True)
    assert (first["received"], first["due"], first["overdue_at_end"]) == (40, None, None)


def test_a_view_that_has_no_request_has_months_of_nought():
    months = my_board.months(board(), View(category="nipt"))
    assert months["received"].sum() == 0
    assert my_board.within_chart(months)["value"].drop_nulls().is_empty()
    assert my_board.overdue_chart(months)["value"].sum() == 0


def test_months_not_sent_whole_are_left_out_of_the_charts():
    months = my_board.months(board(incomplete=2), View())
    assert my_board.within_chart(months)["period"].max() == dt.date(2026, 8, 1)
    assert my_board.overdue_chart(months)["period"].max() == dt.date(2026, 8, 1)


def test_no_limit_of_a_count_lies_below_nought():
    chart = my_board.overdue_chart(my_board.months(board(), View()))
    assert chart["lower"].min() >= 0


def test_limits_of_few_requests_are_those_of_the_binomial():
    months = my_board.months(board(), View())
    assert my_board.within_chart(months)["method"].unique().to_list() == ["P chart, exact binomial"]
    many = months.with_columns(pl.col("due", "within_standard") * 10)
    assert my_board.within_chart(many)["method"].unique().to_list() == ["P' chart, Laney"]


def test_breaches_of_a_day_are_added_up_and_gaps_are_days_between_missed_due_dates():
    days = [dt.date(2026, 5, 1), dt.date(2026, 5, 1), dt.date(2026, 5, 8), dt.date(2026, 6, 8)]
    held = board(missed=breaches(days))
    found = my_board.breach_days(held, View())
    assert found.rows() == [(days[0], 2), (days[2], 1), (days[3], 1)]
    assert my_board.between_breaches(found)["value"].to_list() == [7.0, 31.0]
    assert my_board.breach_days(held, View("residence")).is_empty()


def test_only_breaches_of_the_newest_two_years_say_whether_they_are_rare():
    held = board(missed=breaches([dt.date(2024, 10, 31), dt.date(2024, 11, 1), dt.date(2026, 10, 31)]))
    months = my_board.months(held, View())
    assert my_board.newest_breaches(my_board.breach_days(held, View()), months) == 2


def test_a_release_without_months_gives_empty_charts():
    held = board()
    empty = replace(
        held,
        requests=requests([]),
        monthly=held.monthly.clear(),
        breaches=held.breaches.clear(),
        months=held.months.clear(),
    )
    months = my_board.months(empty, View())
    assert months.is_empty()
    assert my_board.within_chart(months).is_empty()
    assert my_board.newest_breaches(my_board.breach_days(empty, View()), months) == 0
