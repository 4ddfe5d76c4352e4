"""Tables come back whole and as DuckDB would have made them, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines.engine.bring_back import bring_back
from pipelines.errors import PipelineError
from pipelines.models import Model

MODEL = Model("t", "SELECT id, day, number FROM s", frozenset({"s"}), Path("marts/t.sql"))


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("CREATE TABLE s (id VARCHAR, day DATE, number BIGINT)")
        yield con


def written(con: duckdb.DuckDBPyConnection, place: Path, *parts: str) -> Path:
    """A folder as an engine leaves it: parts, and a marker beside them."""
    place.mkdir()
    (place / "_SUCCESS").touch()
    for number, part in enumerate(parts):
        con.execute(f"COPY ({part}) TO '{place}/part-{number}.parquet' (FORMAT parquet)")
    return place


A = "SELECT 'a' AS id, DATE '2026-03-01' AS day, 1::INTEGER AS number"
B = "SELECT NULL::VARCHAR AS id, NULL::DATE AS day, 2::INTEGER AS number"


def test_every_part_comes_back_with_the_types_that_duckdb_gives(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    bring_back(con, MODEL, written(con, tmp_path / "t", A, B), rows=2)
    assert con.sql("DESCRIBE t").fetchall() == con.sql("DESCRIBE s").fetchall()
    assert con.sql("SELECT number, id FROM t ORDER BY number").fetchall() == [(1, "a"), (2, None)]


def test_no_row_comes_back_as_an_empty_table(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    bring_back(con, MODEL, written(con, tmp_path / "t"), rows=0)
    assert con.sql("DESCRIBE t").fetchall() == con.sql("DESCRIBE s").fetchall()
    assert con.sql("FROM t").fetchall() == []


@pytest.mark.parametrize(
    ("part", "rows", "told"),
    [
        (A, 2, "wrote 2 rows and 1 came back"),
        (A, 0, "wrote 0 rows and 1 came back"),
        ("SELECT 'a' AS id, '2026-03-01' AS day, 1 AS number", 1, "gives day as VARCHAR, DuckDB as DATE"),
        ("SELECT 'a' AS id, DATE '2026-03-01' AS day, 1.5::DOUBLE AS number", 1, "gives number as DOUBLE"),
        ("SELECT DATE '2026-03-01' AS day, 'a' AS id, 1 AS number", 1, "other columns"),
    ],
)
def test_what_is_not_as_duckdb_would_have_it_stops_the_build(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, part: str, rows: int, told: str
) -> None:
    with pytest.raises(PipelineError, match=told) as stopped:
        bring_back(con, MODEL, written(con, tmp_path / "t", part), rows)
    assert str(stopped.value).startswith("marts/t.sql: ")


def test_a_number_too_large_for_its_column_is_no_smaller_number(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    con.execute("ALTER TABLE s ALTER number TYPE INTEGER")
    part = "SELECT 'a' AS id, NULL::DATE AS day, 3_000_000_000 AS number"
    with pytest.raises(PipelineError, match=r"t\.sql: the engine gives a number"):
        bring_back(con, MODEL, written(con, tmp_path / "t", part), rows=1)
