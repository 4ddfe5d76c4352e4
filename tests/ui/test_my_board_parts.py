"""The parts of My board: sides, categories, specialties, tests and the oldest, against counts by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.board_store import (
    BOARD,
    breaches,
    groups,
    request,
    requests,
    usual_months,
    usual_requests,
    usual_specialties,
    usual_tests,
)
from ui import my_board, my_board_parts, my_board_parts_words
from ui.data import OwnBoard
from ui.my_board import View


def board(incomplete: int = 0) -> OwnBoard:
    monthly, months = usual_months(incomplete)
    return OwnBoard(
        BOARD, "key", usual_requests(), monthly, breaches([]), months, usual_specialties(), usual_tests()
    )  # fmt: skip


def test_the_year_is_the_newest_twelve_months_sent_whole():
    assert my_board_parts.year_of(board()) == (dt.date(2025, 11, 1), dt.date(2026, 10, 1))
    assert my_board_parts.year_of(board(incomplete=2)) == (dt.date(2025, 9, 1), dt.date(2026, 8, 1))
    assert my_board_parts.year_of(board(incomplete=66)) is None
    assert my_board_parts_words.year(None) == "no whole month"


def test_both_sides_count_what_is_theirs():
    requesting, residence = my_board_parts.both_sides(board(), View())
    assert (requesting.open, requesting.overdue, requesting.soon) == (10, 6, 3)
    assert (residence.open, residence.overdue, residence.soon) == (14, 6, 3)
    held = (
        board()
        .monthly.filter(pl.col("month") >= dt.date(2025, 11, 1), pl.col("performing_lab").is_null(), side="requesting")
        .filter(pl.col("turnaround_category").is_null())
    )
    assert (requesting.due, requesting.within_standard) == (held["due"].sum(), held["within_standard"].sum())
    assert requesting.lower < requesting.within_standard / requesting.due < requesting.upper


def test_a_side_of_a_board_without_a_whole_month_has_no_share():
    requesting = my_board_parts.both_sides(board(incomplete=66), View())[0]
    assert (requesting.due, requesting.lower) == (0, None)
    table = my_board_parts_words.table_of_sides([requesting], "year")
    assert table["Within standard"].to_list() == table["95% interval"].to_list() == ["[x]"]


def test_categories_have_what_fell_due_in_the_year_and_what_is_open_now():
    rows = {row["code"]: row for row in my_board_parts.by_category(board(), View()).to_dicts()}
    assert (rows["rare_standard"]["open"], rows["rare_standard"]["overdue"]) == (9, 6)
    assert rows["rare_standard"]["due"] == my_board_parts.both_sides(board(), View())[0].due
    assert (rows["none"]["due"], rows["none"]["open"], rows["none"]["state"]) == (0, 1, "not_available")
    assert my_board_parts.by_category(board(), View(category="nipt")).equals(
        my_board_parts.by_category(board(), View())
    )


def test_the_oldest_are_open_and_stand_by_day_of_receipt():
    held = requests(
        [
            request("R1", received_date=dt.date(2026, 10, 1)),
            request("R2", received_date=dt.date(2026, 3, 1)),
            request("R3", received_date=dt.date(2025, 1, 1), status="reported"),
        ]
    )
    rows = my_board_parts.oldest(my_board.work(replace(board(), requests=held), View()))
    assert rows.select("request_id", "open_days").rows() == [("R2", 245), ("R1", 31)]
    assert my_board_parts_words.oldest(rows.clear(), {})[0] == "No request is open"


def test_a_specialty_clearly_over_the_whole_board_is_told_and_no_other():
    rows = my_board_parts.by_group(
        usual_specialties(), View(), "referrer_specialty", "not_accepted_first", "first_pass_known"
    )
    assert dict(rows.select("code", "standing").iter_rows()) == {"A3": "lower", "J4": "higher", None: "alike"}
    assert rows["code"].to_list()[-1] is None
    row = rows.row(by_predicate=pl.col("code") == "J4", named=True)
    assert row["value"] == 0.2
    assert (round(row["lower"], 4), round(row["upper"], 4)) == (0.1505, 0.2609)  # Wilson, 40 of 200, by hand


def test_nothing_sent_is_told_in_words():
    rows = my_board_parts.by_group(
        groups("specialties", []), View(), "referrer_specialty", "not_accepted_first", "first_pass_known"
    )
    assert rows.is_empty()
    assert my_board_parts_words.specialties(rows, {})[0] == "No request was sent by any specialty"
    none = my_board_parts.by_group(groups("tests", []), View(), "test_code", "within_standard", "due")
    assert my_board_parts_words.tests(none)[0] == "No test has enough late results to be named"


COUNTS = st.tuples(st.integers(0, 300), st.integers(0, 300)).map(lambda pair: (max(pair), min(pair)))


@given(counts=st.lists(COUNTS, min_size=1, max_size=8))
def test_not_every_group_can_lie_on_the_same_side_of_the_whole(counts):
    rows = [("requesting", f"T{place}", due, due, 0, 0, due, met) for place, (due, met) in enumerate(counts)]
    found = my_board_parts.by_group(groups("tests", rows), View(), "test_code", "within_standard", "due")
    standings = found.filter(pl.col("due") > 0)["standing"].to_list()
    if standings:
        assert set(standings) not in ({"higher"}, {"lower"})
    assert all(row["lower"] <= row["value"] <= row["upper"] for row in found.to_dicts() if row["due"])


@pytest.mark.parametrize(
    ("below", "title"),
    [
        ([0.5, 0.95], "1 of the 2 turnaround categories is clearly below the 90% line"),
        ([0.95, 0.96], "None of the 2 turnaround categories is clearly below the 90% line"),
    ],
)
def test_categories_below_the_line_are_counted_and_named(below, title):
    rows = pl.DataFrame(
        [
            {"code": f"c{place}", "state": "shown", "lower": share - 0.02, "upper": share + 0.02}
            for place, share in enumerate(below)
        ]
    )
    said = my_board_parts_words.categories(rows, {"c0": "First"}, 0.9, "12 months to October 2026")
    assert said[0] == title
    assert ("Below it: First." in said[1]) == (below[0] < 0.9)
