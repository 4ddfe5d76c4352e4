"""What an engine must see, and what it is told where it does not."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.engine import engine_at
from pipelines.engine.spark import Seen
from pipelines.errors import PipelineError
from pipelines.folders import Folders
from pipelines.ingest.register import Register
from pipelines.lake import lake_views
from pipelines.models import Model
from tests.conftest import Published

TWICE = Model("twice", "SELECT day, number * 2 AS number FROM kept", frozenset({"kept"}), Path("marts/twice.sql"))
FOUR = Model("four", "SELECT day, number * 2 AS number FROM twice", frozenset({"twice"}), Path("marts/four.sql"))
ROWS = Model("rows", "SELECT request_id FROM lake_testing", frozenset({"lake_testing"}), Path("staging/rows.sql"))


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        (None, "file:///srv/genomics data/lake/a"),
        ("/mnt/data/", "file:///mnt/data/lake/a"),
        ("hdfs://store/genomics", "hdfs://store/genomics/lake/a"),
    ],
)
def test_a_place_is_told_as_the_engine_sees_it(there: str | None, expected: str) -> None:
    assert Seen(Path("/srv/genomics data"), there).at(Path("/srv/genomics data/lake/a")) == expected


@pytest.mark.slow
def test_a_table_that_was_made_before_is_shown_to_the_engine_when_a_model_needs_it(sail: str, tmp_path: Path) -> None:
    folders = Folders(tmp_path / "a folder")
    with duckdb.connect() as con, engine_at(sail) as engine, engine.at_work(folders, ()) as make:
        con.execute("CREATE TABLE kept AS SELECT DATE '2026-03-01' AS day, 21 AS number")
        make(con, TWICE)
        make(con, FOUR)
        assert con.sql("SELECT number::VARCHAR, day::VARCHAR FROM four").fetchall() == [("84", "2026-03-01")]
    assert list(folders.build.iterdir()) == []


@pytest.mark.slow
def test_an_error_of_the_engine_names_the_file_and_quotes_no_value(sail: str, tmp_path: Path) -> None:
    cast = Model("bad", "SELECT CAST(text AS INTEGER) AS n FROM kept", frozenset({"kept"}), Path("marts/bad.sql"))
    folders = Folders(tmp_path)
    with duckdb.connect() as con, engine_at(sail) as engine:
        con.execute("CREATE TABLE kept AS SELECT 'secret' AS text")
        with (
            pytest.raises(PipelineError, match=r"^marts/bad\.sql: the engine ") as stopped,
            engine.at_work(folders, ()) as make,
        ):
            make(con, cast)
    assert "secret" not in str(stopped.value)
    assert list(folders.build.iterdir()) == []


def test_a_lake_that_the_engine_does_not_see_stops_the_build(tiny: Published, sail: str, tmp_path: Path) -> None:
    with Register(tiny.folders.register) as register:
        in_use = register.in_use("testing")
    folders = Folders(tmp_path / "data")
    folders.data.mkdir()
    folders.lake.symlink_to(tiny.folders.lake)
    (tmp_path / "elsewhere").mkdir()
    with duckdb.connect() as con:
        lake_views(con, folders, in_use)
        with (
            pytest.raises(
                PipelineError, match=r"elsewhere/lake/testing; mount the data folder|cannot read .*elsewhere"
            ),
            engine_at(sail, str(tmp_path / "elsewhere")) as engine,
            engine.at_work(folders, in_use) as make,
        ):
            make(con, ROWS)
