"""Open checks in words: since when, whose, and what to mend first; hidden counts stay hidden."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui import quality_checks
from ui.data import Snapshot
from ui.quality_place import SCOTLAND, Place, of_place
from ui.quality_words import against_threshold, plain, rows_to_mend

DUNDEE = Place("lab", "DUN", "Dundee")


class Held:
    """A snapshot that holds a few tables."""

    def __init__(self, tables: Mapping[str, pl.DataFrame]) -> None:
        self._tables = tables

    def table(self, name: str) -> pl.DataFrame:
        return self._tables[name]


def history(statuses: list[str]) -> Any:
    """A history with one check: a status a release, a month apart, oldest first."""
    rows = [
        (f"r{place}", f"2026-{place + 1:02d}-15T08:00:00+00:00", "a.b", status) for place, status in enumerate(statuses)
    ]
    return Held(
        {"check_history": pl.DataFrame(rows, schema=["release_id", "created_at", "check_id", "status"], orient="row")}
    )


@pytest.mark.parametrize(
    ("statuses", "since", "is_new"),
    [
        (["pass", "warn", "pass", "warn"], dt.date(2026, 4, 15), True),
        (["pass", "warn", "error", "fail"], dt.date(2026, 2, 15), False),
        (["warn", "warn"], dt.date(2026, 1, 15), False),
        (["warn"], dt.date(2026, 1, 15), False),
    ],
)
def test_a_check_is_open_since_the_last_release_in_which_it_was_met(statuses, since, is_new) -> None:
    found = quality_checks._open_since(history(statuses))["a.b"]
    assert (found.on, found.is_new) == (since, is_new)


def test_a_check_that_is_met_now_is_not_open_however_often_it_failed() -> None:
    assert quality_checks._open_since(history(["warn", "warn", "pass"])) == {}


def test_a_place_is_blamed_only_for_its_own_rows(snapshot: Snapshot) -> None:
    blamed = quality_checks.blame(snapshot, DUNDEE)
    assert set(blamed["who"]) == {"Dundee"}
    parts = snapshot.table("check_parts").filter(pl.col("submitter") == "DUN")
    assert blamed["rows"].sum() == parts["rows_failing"].sum()
    assert blamed["hidden"].sum() == parts["rows_failing"].null_count()


def test_scotland_has_every_open_check_and_a_place_those_that_name_it(snapshot: Snapshot) -> None:
    everywhere = {row["check_id"] for row in quality_checks.open_checks(snapshot, SCOTLAND)}
    here = {row["check_id"] for row in quality_checks.open_checks(snapshot, DUNDEE)}
    assert here < everywhere
    assert "mart_requests.ethnic_group_recorded" in everywhere - here


def test_every_check_has_a_name_of_its_own(snapshot: Snapshot) -> None:
    names = quality_checks.names(snapshot)
    assert len(set(names.values())) == len(names) == snapshot.table("checks").height


def test_a_check_on_people_never_shows_a_count_under_ten_and_groups_are_exact() -> None:
    check = {
        "status": "warn",
        "counted": "rows",
        "rows_checked": 500,
        "rows_failing": None,
        "share": None,
        "at_most": 0.0,
    }
    assert against_threshold(check) == "Under 10 [c] of 500 rows fail; none may."
    groups = check | {"counted": "groups", "rows_checked": 14, "rows_failing": 4}
    assert against_threshold(groups) == "4 of 14 groups fall short; none may."


@given(st.one_of(st.none(), st.integers(2, 10_000).map(lambda count: 5 * count)), st.integers(0, 60))
def test_rows_to_mend_say_how_much_is_left_out(rows: int | None, hidden: int) -> None:
    text = rows_to_mend(rows, hidden if rows is not None else hidden + 1)
    assert ("[c]" in text) == (rows is None or hidden > 0)
    assert rows is None or text.startswith(f"{rows:,}")


def test_column_names_are_read_as_words() -> None:
    assert plain("authorised_date is not before received_date.") == "Authorised date is not before received date."
    assert "_" not in plain("No two rows share the same census_date, site_code, afc_band.")


def test_a_board_is_named_as_board_or_as_sender() -> None:
    parts = pl.DataFrame({"submitter": ["S1", None, "DUN"], "board": [None, "S1", None], "rows_failing": [10, 20, 30]})
    assert of_place(parts, Place("board", "S1", "Somewhere"))["rows_failing"].to_list() == [10, 20]
    assert of_place(parts, SCOTLAND).height == 3
