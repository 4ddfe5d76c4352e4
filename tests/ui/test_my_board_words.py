"""The sentences of My board: one, some and none; the title never says more than its numbers."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

from tests.ui.board_store import (
    breaches,
    groups,
    requests,
    usual_months,
    usual_requests,
    usual_specialties,
    usual_tests,
)
from ui import my_board, my_board_words
from ui.data import OwnBoard
from ui.my_board import Now, View

DAY = dt.date(2026, 11, 1)
NO_GROUPS = (groups("specialties", []), groups("tests", []))
LABS = {"EDI": "Edinburgh", "DUN": "Dundee"}


def now(open_ones: int, overdue: int = 0, soon: int = 0, **other: Any) -> Now:
    over = {"over_median": 6.0, "over_most": 31} if overdue else {"over_median": None, "over_most": None}
    return Now(open_ones, overdue, soon, **({"no_due_date": 0, "judged": (DAY, DAY)} | over | other))


@pytest.mark.parametrize(
    ("now", "title"),
    [
        (now(0), "No request is open"),
        (now(1), "The one open request is not overdue; 0 fall due in the next 14 days"),
        (now(9, 0, 1), "None of the 9 open requests is overdue; 1 falls due in the next 14 days"),
        (now(1, 1), "The one open request is overdue, and 0 more fall due in the next 14 days"),
        (now(9, 1, 1), "1 of 9 open requests is overdue, and 1 more falls due in the next 14 days"),
        (
            now(2_620, 1_300, 67),
            "1,300 of 2,620 open requests are overdue, and 67 more fall due in the next 14 days",
        ),
    ],
)
def test_the_title_says_how_many_are_open_overdue_and_due_soon(now, title):
    assert my_board_words.finding(now) == title


def test_it_says_by_how_much():
    assert my_board_words.by_how_much(now(9)) == ""
    assert my_board_words.by_how_much(now(9, 1)) == "It is 31 days past its due date."
    assert my_board_words.by_how_much(now(9, 4)) == (
        "Half of the overdue are 6 days or more past their due date, the longest 31 days."
    )


def test_it_says_as_at_which_day():
    assert "As at 1 November 2026, the day of the laboratories' newest extracts" in my_board_words.as_at(now(9))
    apart = now(9, judged=(dt.date(2026, 9, 4), DAY))
    assert "As at 4 September 2026 to 1 November 2026, the days" in my_board_words.as_at(apart)
    assert my_board_words.as_at(now(0, judged=None)) == ""


def test_requests_without_a_due_date_are_told():
    assert my_board_words.without_due_date(now(9)) == ""
    assert my_board_words.without_due_date(now(9, no_due_date=1)).startswith("1 request has no due date")
    assert my_board_words.without_due_date(now(9, no_due_date=3)).startswith("3 requests have no due date")


def waits(**open_by: int) -> pl.DataFrame:
    """Requests without anything overdue, by laboratory and stage: `EDI_sequenced=3`."""
    rows = [
        {"performing_lab": name[:3], "stage": name[4:], "overdue": 0, "open": count} for name, count in open_by.items()
    ]
    return pl.DataFrame(
        rows, schema={"performing_lab": pl.String, "stage": pl.String, "overdue": pl.Int64, "open": pl.Int64}
    )


def test_where_requests_wait_is_told_of_the_overdue_where_there_are_any():
    rows = pl.DataFrame(
        {
            "performing_lab": ["EDI", "EDI", "DUN"],
            "stage": ["sequenced", "authorised", "sequenced"],
            "overdue": [3, 4, 2],
            "open": [90, 4, 2],
        }
    )
    assert my_board_words.stuck(rows, LABS) == (
        "7 of 9 overdue requests wait in Edinburgh, and 5 after sequencing",
        "Of the overdue: 5 after sequencing and 4 after authorisation.",
    )


@pytest.mark.parametrize(
    ("held", "title"),
    [
        ({}, "Nothing is waiting"),
        ({"EDI_received": 1}, "The open request waits in Edinburgh, after receipt"),
        ({"EDI_received": 4}, "All 4 open requests wait in Edinburgh, and all after receipt"),
        (
            {"EDI_received": 2, "DUN_analysed": 2},
            "Of 4 open requests, 2 wait in each of Dundee and Edinburgh, and 2 after analysis",
        ),
        ({"EDI_received": 4, "DUN_analysed": 1}, "4 of 5 open requests wait in Edinburgh, and 4 after receipt"),
        ({"GLA_received": 2}, "All 2 open requests wait in GLA, and all after receipt"),
        ({"OUT_received": 2}, "All 2 open requests wait outside Scotland, and all after receipt"),
    ],
)
def test_where_requests_wait_is_told_of_all_open_ones_otherwise(held, title):
    assert my_board_words.stuck(waits(**held), LABS)[0] == title


def test_every_stage_of_an_open_request_has_its_words():
    assert set(my_board_words.AFTER) == set(my_board.STAGES) - {"reported"}
    assert set(my_board_words.RULE) | {"inner_third"} >= {"outside", "trend", "two_of_three", "shift"}


def test_breaches_that_are_many_few_or_none_are_told_apart():
    view, judged = View(), now(9)
    days = [dt.date(2026, 1, 1) + dt.timedelta(days=20 * number) for number in range(10)]

    def said(dates: list[dt.date], newest: int) -> tuple[str, str, bool]:
        rows = breaches(dates).select(pl.col("due_date").alias("period"), "breaches")
        return my_board_words.breaches(rows, newest, judged, view)

    assert said([], 0)[0] == "No due date has been missed"
    assert said(days[:2], 2)[2] is False
    title, summary, is_drawn = said(days, 10)
    assert title == "10 requests missed the due date in the newest 24 months"
    assert summary == "The last due date that was missed is 30 June 2026, 124 days before the newest extract."
    assert is_drawn
    assert "too often" in said(days, 25)[1]
    assert said(days, 25)[2] is False


def test_the_table_of_months_says_x_where_nothing_can_be_told():
    monthly, months = usual_months()
    held = OwnBoard(
        "S08000029", "key", usual_requests(), monthly.clear(), breaches([]), months, usual_specialties(), usual_tests()
    )
    table = my_board_words.table_of_months(my_board.months(held, View()))
    newest, oldest = table.row(0, named=True), table.row(-1, named=True)
    assert newest["Month"] == "October 2026"
    assert (newest["Due"], newest["Share"], newest["Median days"], newest["Status"]) == (
        "0",
        "[x]",
        "[x]",
        "Provisional",
    )
    assert (oldest["Due"], oldest["Overdue at its end"]) == ("[x]", "[x]")


def test_a_chart_without_a_point_says_so():
    empty = my_board.within_chart(my_board.months(_nothing(), View()))
    assert my_board_words.within(empty) == "No request has fallen due"
    assert "too few months" in my_board_words.movement(empty, "higher")
    assert my_board_words.overdue(my_board.overdue_chart(my_board.months(_nothing(), View()))) == (
        "No month's end has been reached"
    )


def _nothing() -> Any:
    monthly, months = usual_months()
    return OwnBoard("S08000029", "key", requests([]), monthly.clear(), breaches([]), months.clear(), *NO_GROUPS)
