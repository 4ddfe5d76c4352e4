"""Cells kept from an earlier build are those that counting anew finds, and only changed periods are counted again."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import polars as pl
import pytest

from catalogue.indicators import Indicator, indicators
from pipelines import cubes
from pipelines.disclosure.secret import Secret
from pipelines.folders import BUILDING, Folders
from pipelines.kept import cells as kept_cells
from pipelines.kept.cells import KeptCells
from pipelines.kept.sealed import write_sealed
from pipelines.kept.tables import KeptTables
from tests.pipelines.test_cubes_plainly import SECRET, loaded, rows_of

WAYS = {
    "failed_samples": cubes.share_cells,
    "ethnicity_not_known": cubes.share_cells,
    "requests_received": cubes.count_cells,
    "turnaround_days": cubes.waiting_cells,
}
ROW = "unit_id = (SELECT min(unit_id) FROM indicator_{0})"


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)


def warehouse(name: str, people: int = 40) -> tuple[Indicator, duckdb.DuckDBPyConnection]:
    entry = indicators()[name]
    return entry, loaded(entry, rows_of(entry, 5, people))


def counted_again(folders: Folders, con: duckdb.DuckDBPyConnection, entry: Indicator) -> tuple[pl.DataFrame, set]:
    """The cells by way of what is kept, and the periods that were counted for them."""
    before = KeptCells(folders)
    with pytest.MonkeyPatch.context() as patch:
        counted: set = set()
        each_cube = cubes._each_cube

        def spied(of: duckdb.DuckDBPyConnection, *others: object) -> pl.DataFrame:
            counted.update(of.execute("SELECT DISTINCT grain, period_start FROM periods").fetchall())
            return each_cube(of, *others)

        patch.setattr(cubes, "_each_cube", spied)
        return WAYS[entry.id](con, entry, SECRET, before), counted


@pytest.mark.parametrize("name", WAYS)
def test_what_was_kept_is_what_counting_anew_finds_and_nothing_is_counted_twice(folders: Folders, name: str) -> None:
    entry, con = warehouse(name)
    anew = WAYS[name](con, entry, SECRET)
    first, counted = counted_again(folders, con, entry)
    again, nothing = counted_again(folders, con, entry)
    assert first.equals(anew)
    assert again.equals(anew)
    assert counted
    assert nothing == set()
    assert not list(folders.data.rglob(f"{BUILDING}*"))


@pytest.mark.parametrize(
    "change",
    [
        f"DELETE FROM indicator_{{0}} WHERE {ROW}",
        f"UPDATE indicator_{{0}} SET person_id = 'somebody else' WHERE {ROW}",
        f"UPDATE indicator_{{0}} SET person_id = NULL WHERE {ROW}",
        f"UPDATE indicator_{{0}} SET numerator = coalesce(numerator, 0) + 1 WHERE {ROW}",
        f"UPDATE indicator_{{0}} SET numerator = NULL WHERE {ROW}",
        f"INSERT INTO indicator_{{0}} SELECT * FROM indicator_{{0}} WHERE {ROW}",
        "UPDATE mart_requests SET performing_lab = 'c' WHERE request_id = (SELECT min(unit_id) FROM indicator_{0})",
    ],
)
def test_a_changed_row_has_its_own_periods_counted_again_and_no_other(folders: Folders, change: str) -> None:
    entry, con = warehouse("failed_samples")
    day = con.execute(f"SELECT period_date FROM indicator_{entry.id} ORDER BY unit_id").fetchall()[0][0]
    counted_again(folders, con, entry)
    con.execute(change.format(entry.id))
    found, counted = counted_again(folders, con, entry)
    assert found.equals(WAYS[entry.id](con, entry, SECRET))
    months = con.execute(
        "SELECT DISTINCT grain, period_start FROM ref_periods WHERE month_start = date_trunc('month', $1::DATE)", [day]
    ).fetchall()
    assert counted == {(grain, start) for grain, start in months if grain in entry.grains}


def test_a_row_that_moves_to_another_month_has_both_counted_again(folders: Folders) -> None:
    entry, con = warehouse("requests_received")
    counted_again(folders, con, entry)
    con.execute(
        f"UPDATE indicator_{entry.id} SET period_date = DATE '2026-02-03' WHERE period_date = "
        f"(SELECT min(period_date) FROM indicator_{entry.id})"
    )
    found, counted = counted_again(folders, con, entry)
    assert found.equals(cubes.count_cells(con, entry, SECRET))
    assert {("month", dt.date(2025, 1, 1)), ("month", dt.date(2026, 2, 1))} <= counted
    assert ("month", dt.date(2025, 6, 1)) not in counted


def test_rows_in_another_order_are_the_same_rows(folders: Folders) -> None:
    entry, con = warehouse("failed_samples")
    counted_again(folders, con, entry)
    con.execute(f"CREATE TABLE turned AS SELECT * FROM indicator_{entry.id} ORDER BY unit_id DESC")
    con.execute(f"DROP TABLE indicator_{entry.id}")
    con.execute(f"ALTER TABLE turned RENAME TO indicator_{entry.id}")
    assert counted_again(folders, con, entry)[1] == set()


@pytest.mark.parametrize("what", ["secret", "code", "entry", "engine"])
def test_everything_is_counted_again_for_another_secret_code_entry_or_database(
    folders: Folders, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry, con = warehouse("failed_samples")
    everything = counted_again(folders, con, entry)[1]
    if what == "secret":
        monkeypatch.setitem(globals(), "SECRET", Secret.of("1" * 64))
    elif what == "code":
        monkeypatch.setattr(kept_cells, "code_version", lambda: "other")
    elif what == "entry":
        entry = entry.model_copy(update={"cubes": entry.cubes[:1]})
    else:
        monkeypatch.setattr(duckdb, "__version__", "0.0.1")
    found, counted = counted_again(folders, con, entry)
    assert counted == everything
    assert found.equals(WAYS[entry.id](con, entry, SECRET))


def test_days_are_kept_apart_from_cells(folders: Folders) -> None:
    entry, con = warehouse("turnaround_days")
    anew = cubes.day_counts(con, entry, SECRET)
    counted_again(folders, con, entry)
    for _ in range(2):
        assert cubes.day_counts(con, entry, SECRET, KeptCells(folders)).equals(anew)


def test_a_damaged_file_counts_as_none_and_is_written_again(folders: Folders) -> None:
    entry, con = warehouse("failed_samples")
    anew, everything = counted_again(folders, con, entry)
    path = folders.kept / "cells" / entry.id
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    found, counted = counted_again(folders, con, entry)
    assert counted == everything
    assert found.equals(anew)
    assert counted_again(folders, con, entry)[1] == set()


def test_what_a_build_did_not_ask_for_is_deleted(folders: Folders) -> None:
    entry, con = warehouse("failed_samples")
    counted_again(folders, con, entry)
    other, elsewhere = warehouse("requests_received")
    before = KeptCells(folders)
    cubes.count_cells(elsewhere, other, SECRET, before)
    before.forget_others()
    assert [path.name for path in (folders.kept / "cells").iterdir()] == [other.id]


class KnownTables(KeptTables):
    """Tables under these keys."""

    def __init__(self, keys: dict[str, str]) -> None:
        with duckdb.connect() as con:
            super().__init__(con, ())
        for name, key in keys.items():
            self.holds(name, key)


READ = dict.fromkeys(("indicator_failed_samples", "mart_requests", "ref_days", "ref_periods"), "same")


def looked_at_rows(folders: Folders, con: duckdb.DuckDBPyConnection, entry: Indicator, keys: dict[str, str]) -> bool:
    """Count by way of what is kept; whether rows were looked at."""
    before = KeptCells(folders, KnownTables(keys))
    with pytest.MonkeyPatch.context() as patch:
        looked: list[str] = []
        tabulate = cubes._tabulate
        patch.setattr(cubes, "_tabulate", lambda *given: (looked.append("rows"), tabulate(*given)))
        assert WAYS[entry.id](con, entry, SECRET, before).equals(WAYS[entry.id](con, entry, SECRET))
    assert looked[-1] == "rows"  # of the counting without what is kept
    return len(looked) > 1


@pytest.mark.parametrize("other", READ)
def test_rows_are_looked_at_only_where_a_table_that_is_counted_from_has_changed(folders: Folders, other: str) -> None:
    entry, con = warehouse("failed_samples")
    assert looked_at_rows(folders, con, entry, READ)
    assert not looked_at_rows(folders, con, entry, READ)
    assert not looked_at_rows(folders, con, entry, READ | {"mart_workforce": "other"})
    assert looked_at_rows(folders, con, entry, READ | {other: "other"})
    assert not looked_at_rows(folders, con, entry, READ | {other: "other"})
    assert looked_at_rows(folders, con, entry, {name: key for name, key in READ.items() if name != other})


def test_what_an_earlier_version_kept_in_another_shape_counts_as_none(folders: Folders) -> None:
    entry, con = warehouse("failed_samples")
    everything = counted_again(folders, con, entry)[1]
    write_sealed(folders.kept / "cells" / entry.id, b'["a key"]\nrows')
    assert counted_again(folders, con, entry)[1] == everything
