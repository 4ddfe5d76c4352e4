"""A table is taken from the last build where all that it is made of is the same, and made again where it may not be."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.kept.tables import KeptTables
from pipelines.models import Model, create_table
from tests.pipelines.ingest.test_register import ENTRY

DAYS = pl.DataFrame({"day": [1, 2, 3]})


def model(name: str, sql: str, *needs: str) -> Model:
    return Model(name, sql, frozenset(needs), Path(f"sql/{name}.sql"))


TWICE = model("twice", "SELECT day * 2 AS day FROM ref_days", "ref_days")
MOST = model("most", "SELECT max(day) AS day FROM twice", "twice")
TESTS = model("tests", "SELECT 1 AS n FROM lake_testing", "lake_testing")
MODELS = (TWICE, MOST, TESTS)


def build(
    place: Path,
    last: Path | None = None,
    *,
    days: pl.DataFrame = DAYS,
    models: Sequence[Model] = MODELS,
    engine: Sequence[str] = (),
    files: dict[str, str] | None = None,
) -> list[str]:
    """Make a warehouse; the tables that were taken from the last one."""
    taken = []
    with duckdb.connect(str(place)) as con:
        kept = KeptTables(con, engine, last)
        con.register("frame", days)
        con.execute("CREATE TABLE ref_days AS SELECT * FROM frame; CREATE TABLE lake_testing (request_id VARCHAR)")
        kept.holds_frame("ref_days", days)
        kept.holds_lake([ENTRY], files or {})
        with kept.being_made():
            for one in models:
                if kept.made_before(one):
                    taken.append(one.name)
                else:
                    create_table(con, one)
        assert con.sql("SELECT database_name FROM duckdb_databases() WHERE NOT internal").fetchall() == [(place.stem,)]
    return taken


def rows(place: Path, table: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(place), read_only=True) as con:
        return con.sql(f'FROM "{table}"').fetchall()


@pytest.fixture
def first(tmp_path: Path) -> Path:
    assert build(tmp_path / "first.duckdb") == []
    return tmp_path / "first.duckdb"


def test_with_nothing_new_every_table_is_taken_row_by_row(first: Path, tmp_path: Path) -> None:
    second = tmp_path / "second.duckdb"
    assert build(second, first) == ["twice", "most", "tests"]
    assert rows(second, "twice") == rows(first, "twice") == [(2,), (4,), (6,)]
    assert build(tmp_path / "third.duckdb", second) == ["twice", "most", "tests"]


@pytest.mark.parametrize(
    ("change", "taken"),
    [
        ({"days": pl.DataFrame({"day": [1, 2, 4]})}, ["tests"]),
        ({"models": (model("twice", "SELECT day*2 AS day FROM ref_days", "ref_days"), MOST, TESTS)}, ["tests"]),
        ({"models": (TWICE, model("most", "SELECT min(day) AS day FROM twice", "twice"), TESTS)}, ["twice", "tests"]),
        ({"files": {ENTRY.submission_id: "read again"}}, ["twice", "most"]),
        ({"engine": ("Spark Connect", "4.0")}, []),
    ],
)
def test_what_rests_on_something_new_is_made_again(
    first: Path, tmp_path: Path, change: dict[str, object], taken: list[str]
) -> None:
    assert build(tmp_path / "second.duckdb", first, **change) == taken
    assert build(tmp_path / "anew.duckdb", **change) == []
    for one in MODELS:
        assert rows(tmp_path / "second.duckdb", one.name) == rows(tmp_path / "anew.duckdb", one.name)


def test_other_code_takes_nothing(first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.kept.tables.code_version", lambda: "other")
    assert build(tmp_path / "second.duckdb", first) == []


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"\0" * len(b), lambda _: b""])
def test_from_a_damaged_warehouse_nothing_is_taken(first: Path, tmp_path: Path, damage) -> None:
    first.write_bytes(damage(first.read_bytes()))
    assert build(tmp_path / "second.duckdb", first) == []
    assert rows(tmp_path / "second.duckdb", "most") == [(6,)]


def test_a_table_whose_rows_are_damaged_is_made_again(first: Path, tmp_path: Path) -> None:
    """DuckDB keeps a hash of every block of its files; one bit changed in a table's rows is noticed when it is read."""
    many = pl.DataFrame({"day": range(200_000)})
    large, copy = tmp_path / "large.duckdb", tmp_path / "copy.duckdb"
    build(large, days=many)
    content = large.read_bytes()
    for place in range(len(content) // 8, len(content), len(content) // 8):
        large.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        build(copy, large, days=many)
        assert rows(copy, "most") == [(399_998,)]
        assert rows(copy, "twice") == [(2 * day,) for day in range(200_000)]
        copy.unlink()


def test_a_build_that_fails_leaves_no_keys_and_lets_go_of_the_last_warehouse(first: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.duckdb"
    with pytest.raises(Exception, match="no_such"):
        build(broken, first, models=(TWICE, model("most", "SELECT no_such FROM twice", "twice")))
    assert build(tmp_path / "second.duckdb", broken) == []
