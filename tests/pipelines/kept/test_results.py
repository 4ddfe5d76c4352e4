"""Work on the warehouse is done again only where a table that it read, or what it was given, is another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.folders import Folders
from pipelines.kept.results import Given, KeptResults
from pipelines.kept.tables import KeptTables

KEYS = {"mart_requests": "same", "ref_days": "same", "mart_workforce": "same"}


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute("CREATE TABLE mart_requests AS SELECT unnest([1, 2, 3]) AS n")
        opened.execute("CREATE TABLE ref_days AS SELECT 1 AS n; CREATE TABLE mart_workforce AS SELECT 1 AS n")
        yield opened


def summed(con: duckdb.DuckDBPyConnection) -> dict[str, pl.DataFrame]:
    """Reads one table by itself and one through a temporary table, and has rows of its own beside them."""
    con.register("ours", pl.DataFrame({"n": [10]}))
    con.execute("CREATE OR REPLACE TEMP TABLE chosen AS SELECT n FROM ref_days")
    found = con.cursor().sql("SELECT sum(n) AS n, [max(n)] AS most FROM mart_requests").pl()
    con.unregister("ours")
    return {"sums": found, "days": con.sql("FROM chosen").pl()}


def is_worked(
    place: Path,
    con: duckdb.DuckDBPyConnection,
    keys: dict[str, str],
    given: list[Given] | None = None,
    work: Callable[[duckdb.DuckDBPyConnection], dict[str, pl.DataFrame]] = summed,
) -> bool:
    """Whether the work is done, and not taken from what was kept; what comes of it is the same either way."""
    tables, done = KeptTables(con, ()), []
    for name, key in keys.items():
        tables.holds(name, key)

    def noted(con: duckdb.DuckDBPyConnection) -> dict[str, pl.DataFrame]:
        done.append(1)
        return work(con)

    found = KeptResults(Folders(place), tables).of("sums", con, given or [], noted)
    wanted = work(con)
    assert found.keys() == wanted.keys()
    assert all(found[name].equals(wanted[name]) for name in wanted)
    assert all(found[name].schema == wanted[name].schema for name in wanted)
    return bool(done)


def test_nothing_is_worked_twice(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    assert is_worked(tmp_path, con, KEYS)
    assert not is_worked(tmp_path, con, KEYS)


@pytest.mark.parametrize(("table", "again"), [("mart_requests", True), ("ref_days", True), ("mart_workforce", False)])
def test_only_a_table_that_was_read_makes_the_work_be_done_again(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, table: str, again: bool
) -> None:
    is_worked(tmp_path, con, KEYS)
    assert is_worked(tmp_path, con, KEYS | {table: "other"}) is again
    assert not is_worked(tmp_path, con, KEYS | {table: "other"})


def test_a_table_without_a_key_may_hold_anything(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    without = {name: key for name, key in KEYS.items() if name != "ref_days"}
    assert is_worked(tmp_path, con, without)
    assert is_worked(tmp_path, con, without)


CELLS = pl.DataFrame({"measure": ["a", "b", None], "value": [1.0, None, 3.0]})


@pytest.mark.parametrize(
    "other",
    [
        CELLS.with_columns(value=pl.Series([1.0, None, 3.5])),
        CELLS.reverse(),
        CELLS.rename({"value": "amount"}),
        CELLS.with_columns(pl.col("measure").fill_null("")),
        CELLS.cast({"value": pl.Float32}),
    ],
)
def test_other_cells_given_make_the_work_be_done_again(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, other: pl.DataFrame
) -> None:
    assert is_worked(tmp_path, con, KEYS, [CELLS, "rules"])
    assert not is_worked(tmp_path, con, KEYS, [pl.concat([CELLS.head(1), CELLS.tail(2)]), "rules"])
    assert is_worked(tmp_path, con, KEYS, [other, "rules"])
    assert is_worked(tmp_path, con, KEYS, [CELLS, "other rules"])


@pytest.mark.parametrize("by", ["code_version", "duckdb.__version__", "pl.__version__"])
def test_other_code_and_another_library_work_anew(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    is_worked(tmp_path, con, KEYS)
    monkeypatch.setattr(f"pipelines.kept.results.{by}", (lambda: "other") if by == "code_version" else "0.0")
    assert is_worked(tmp_path, con, KEYS)


def test_what_is_damaged_is_worked_again_and_what_nobody_asks_for_goes(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    is_worked(tmp_path, con, KEYS)
    file = Folders(tmp_path).kept / "results" / "sums"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert is_worked(tmp_path, con, KEYS)
    KeptResults(Folders(tmp_path), KeptTables(con, ())).forget_others()
    assert not file.exists()


def test_a_way_to_read_that_leaves_no_statement_is_refused(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    with pytest.raises(AttributeError):
        is_worked(tmp_path, con, KEYS, work=lambda con: {"rows": con.table("mart_requests").pl()})
