"""Open checks in words: since when, whose, and what to mend first; hidden counts stay hidden."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui import quality_checks
from ui.data import Snapshot
from ui.quality_place import SCOTLAND, Place, of_place
from ui.quality_words import against_threshold, plain, to_mend

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
    assert against_threshold(check) == "Some [c] of 500 rows fail; none may."
    groups = check | {"counted": "groups", "rows_checked": 14, "rows_failing": 4}
    assert against_threshold(groups) == "4 of 14 groups fall short; none may."


def test_what_a_check_counts_is_called_by_its_name() -> None:
    files = {"status": "warn", "counted": "groups", "noun": "file", "nouns": "files", "at_most": 0.0}
    assert against_threshold(files | {"rows_checked": 11, "rows_failing": 1}) == "1 of 11 files falls short; none may."
    assert against_threshold(files | {"rows_checked": 11, "rows_failing": 2}) == "2 of 11 files fall short; none may."


@given(st.one_of(st.none(), st.integers(2, 10_000).map(lambda count: 5 * count)), st.integers(0, 60))
def test_rows_to_mend_say_how_much_is_left_out(rows: int | None, hidden: int) -> None:
    text = to_mend({"groups": None, "rows": rows, "hidden": hidden if rows is not None else hidden + 1})
    assert ("[c]" in text) == (rows is None or hidden > 0)
    assert rows is None or text.startswith(f"{rows:,} rows")


@pytest.mark.parametrize(
    ("groups", "rows", "said"),
    [(23, None, "23 files"), (1, None, "1 file"), (1, 145, "145 rows"), (4, 1_020, "1,020 rows in 4 files")],
)
def test_files_are_never_counted_as_rows(groups: int, rows: int | None, said: str) -> None:
    assert to_mend({"groups": groups, "rows": rows, "hidden": 0, "noun": "file", "nouns": "files"}) == said


def opened(parts: list[dict[str, Any]], counted: str = "groups") -> Any:
    """A snapshot with one open check of files and its parts, whose laboratories are named by their codes."""
    check = {"check_id": "a.b", "status": "warn", "severity": "warning", "dimension": "completeness"}
    check |= {"rows_failing": 1, "counted": counted, "noun": "file", "nouns": "files"}
    schema = {"check_id": pl.String, "submitter": pl.String, "period": pl.Date, "board": pl.String}
    schema |= {"field": pl.String, "groups_failing": pl.Int64, "rows_failing": pl.Int64, "since": pl.Date}
    held: Any = Held({
        "checks": pl.DataFrame([check]),
        "check_parts": pl.DataFrame([{"check_id": "a.b", **part} for part in parts], schema=schema),
        "submissions": pl.DataFrame(schema={"submitter": pl.String, "label": pl.String}),
    })  # fmt: skip
    held.facts = SimpleNamespace(labels={})
    return held


def test_what_is_told_in_rows_comes_before_files_that_are_not() -> None:
    parts: list[dict[str, Any]] = [
        {"submitter": "ABE", "groups_failing": 23},
        {"submitter": "GLA", "groups_failing": 1, "rows_failing": 145, "field": "sex"},
    ]
    blamed = quality_checks.blame(opened(parts), SCOTLAND)
    assert [to_mend(row) for row in blamed.to_dicts()] == ["145 rows", "23 files"]
    assert blamed["hidden"].to_list() == [0, 0]


def test_a_field_at_fault_is_named_with_its_months() -> None:
    august = dt.date(2026, 8, 1)
    parts = [{"submitter": "GLA", "period": august, "field": "sex", "groups_failing": 1, "rows_failing": 145}]
    row = quality_checks.blame(opened(parts), SCOTLAND).row(0, named=True)
    assert quality_checks._who(row) == "GLA, sex in Aug 2026"


def test_a_part_that_is_newer_than_its_check_is_told_as_new() -> None:
    since = quality_checks.Since(dt.date(2026, 1, 15), is_new=False, is_oldest=True, is_first=False)
    parts: list[dict[str, Any]] = [
        {"submitter": "GLA", "field": "sex", "groups_failing": 1, "since": dt.date(2026, 9, 15)},
        {"submitter": "ABE", "groups_failing": 1, "since": dt.date(2026, 1, 15)},
    ]
    blamed = quality_checks.blame(opened(parts), SCOTLAND)
    assert quality_checks._lately(blamed, since) == "Newer in it: GLA, sex (since 15 September 2026)."


def test_the_oldest_release_remembered_is_only_the_least_that_is_known() -> None:
    oldest = quality_checks.Since(dt.date(2026, 1, 15), is_new=False, is_oldest=True, is_first=False)
    assert quality_checks._said_since(oldest) == (
        "Open at least since the release of 15 January 2026, the oldest that is remembered."
    )
    later = quality_checks.Since(dt.date(2026, 1, 15), is_new=False, is_oldest=False, is_first=False)
    assert quality_checks._said_since(later) == "Open since the release of 15 January 2026."


def test_a_release_made_before_parts_told_groups_and_fields_is_still_read(snapshot: Snapshot) -> None:
    blamed = quality_checks.blame(snapshot, SCOTLAND)
    assert blamed.height
    assert blamed.select("groups", "field", "since").null_count().row(0) == (blamed.height,) * 3


def test_column_names_are_read_as_words() -> None:
    assert plain("authorised_date is not before received_date.") == "Authorised date is not before received date."
    assert "_" not in plain("No two rows share the same census_date, site_code, afc_band.")


def test_a_board_is_named_as_board_or_as_sender() -> None:
    parts = pl.DataFrame({"submitter": ["S1", None, "DUN"], "board": [None, "S1", None], "rows_failing": [10, 20, 30]})
    assert of_place(parts, Place("board", "S1", "Somewhere"))["rows_failing"].to_list() == [10, 20]
    assert of_place(parts, SCOTLAND).height == 3
