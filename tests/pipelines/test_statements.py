"""Which tables are read is told from the statements that are run, and nothing is read unseen."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from pipelines.statements import Noting, read_by


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute("CREATE TABLE mart_requests AS SELECT 1 AS n; CREATE TABLE mart_posts AS SELECT 2 AS n")
        opened.execute("CREATE TEMP TABLE passing AS SELECT 3 AS n; CREATE VIEW lake_testing AS FROM mart_posts")
        yield opened


def test_statements_are_noted_on_the_connection_and_on_its_cursors_and_answer_as_ever(
    con: duckdb.DuckDBPyConnection,
) -> None:
    run: list[str] = []
    noting = Noting(con, run)
    assert noting.sql("SELECT n + $more FROM mart_requests", params={"more": 4}).fetchall() == [(5,)]
    assert noting.execute("SELECT n FROM mart_posts WHERE n > ?", [1]).fetchall() == [(2,)]
    assert noting.cursor().cursor().sql("FROM lake_testing").fetchall() == [(2,)]
    assert run == ["SELECT n + $more FROM mart_requests", "SELECT n FROM mart_posts WHERE n > ?", "FROM lake_testing"]


@pytest.mark.parametrize("way", ["table", "view", "read_parquet", "query", "from_query", "begin"])
def test_no_other_way_to_read_is_open(con: duckdb.DuckDBPyConnection, way: str) -> None:
    with pytest.raises(AttributeError):
        getattr(Noting(con, []), way)


@pytest.mark.parametrize(
    ("statement", "read"),
    [
        ("SELECT n FROM mart_requests", {"mart_requests"}),
        ('SELECT n FROM "mart_requests" INNER JOIN main.lake_testing USING (n)', {"mart_requests", "lake_testing"}),
        ("SELECT n FROM mart_requests_of_old", set()),
        ("FROM passing", set()),
        ("SELECT 'mart_posts'", {"mart_posts"}),
    ],
)
def test_every_table_and_view_whose_name_stands_in_a_statement_counts_as_read(
    con: duckdb.DuckDBPyConnection, statement: str, read: set[str]
) -> None:
    assert read_by(con, [statement, "SELECT 1"]) == read
