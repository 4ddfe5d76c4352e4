"""What the models become in Spark's words."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.engine.spark_sql import spark_sql
from pipelines.errors import PipelineError
from pipelines.models import Model


def said(sql: str) -> str:
    return spark_sql(
        Model("t", sql, frozenset(), Path("marts/t.sql")), {"r": ["a", "b", "c"], "s": ["a", "d"]}.__getitem__
    )


def test_whole_division_and_nulls_in_an_order_are_said_as_duckdb_means_them() -> None:
    assert said("SELECT (a + 1) // 2 AS h FROM r") == "SELECT (a + 1) DIV 2 AS h FROM r"
    assert said("SELECT row_number() OVER (ORDER BY a) AS n FROM r").endswith("(ORDER BY a NULLS LAST) AS n FROM r")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("SELECT * EXCLUDE (b) FROM r WHERE a = 1", "SELECT r.a, r.c FROM r WHERE a = 1"),
        ("SELECT x.* EXCLUDE (a, c), 1 AS n FROM r AS x", "SELECT x.b, 1 AS n FROM r AS x"),
        (
            "SELECT s.* EXCLUDE (d), r.b FROM r INNER JOIN s ON r.a = s.a",
            "SELECT s.a, r.b FROM r INNER JOIN s ON r.a = s.a",
        ),
        ("SELECT * FROM r", "SELECT * FROM r"),
    ],
)
def test_exclude_is_written_out_in_the_order_of_the_table(given: str, expected: str) -> None:
    assert said(given) == expected


@pytest.mark.parametrize(
    "sql",
    [
        "WITH x AS (SELECT a FROM r) SELECT * EXCLUDE (a) FROM x",
        "SELECT * EXCLUDE (a) FROM r INNER JOIN s ON r.a = s.a",
        "SELECT * EXCLUDE (a) FROM (SELECT * FROM r)",
    ],
)
def test_exclude_after_what_is_no_table_names_the_file(sql: str) -> None:
    with pytest.raises(PipelineError, match=r"^marts/t\.sql: EXCLUDE"):
        said(sql)


def test_comments_stay_here() -> None:
    assert said("-- One row a thing.\nSELECT a FROM r") == "SELECT a FROM r"
