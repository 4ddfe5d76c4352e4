"""Every table of sql/, and a whole release, are the same whichever engine made them."""

from __future__ import annotations

import duckdb
import pytest

from pipelines.build import WAREHOUSE
from pipelines.engine import engine_at
from pipelines.releases import STORE
from tests.conftest import Published
from tests.pipelines.engine.comparing import (
    MAY_BE_EMPTY,
    Made,
    both,
    columns,
    differing,
    insist_on_same_release,
    insist_on_same_tables,
    made,
)  # fmt: skip

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def by_sail(tiny: Published, tmp_path_factory: pytest.TempPathFactory, sail: str) -> Made:
    with engine_at(sail) as engine:
        return made(tiny, tmp_path_factory.mktemp("by sail") / "data", engine)


def test_every_table_is_the_same_on_sail(by_duckdb: Made, by_sail: Made) -> None:
    with both(by_duckdb.warehouse, by_sail.warehouse) as con:
        insist_on_same_tables(con)
        empty = {name for name in columns(con, "one") if not con.sql(f'FROM one."{name}" LIMIT 1').fetchall()}
    assert empty <= MAY_BE_EMPTY


@pytest.mark.parametrize(
    ("change", "rows"),
    [
        ("UPDATE other.t SET number = 0.1::DOUBLE + 0.2::DOUBLE WHERE number = 0.3", 1),
        ("UPDATE other.t SET number = NULL WHERE number = 0.3", 1),
        ("DELETE FROM other.t WHERE number = 0.3", 1),
        ("INSERT INTO other.t VALUES (0.3)", -1),
        ("UPDATE other.t SET number = number", 0),
    ],
)
def test_the_comparison_sees_one_bit_and_one_row(change: str, rows: int) -> None:
    with duckdb.connect() as con:
        for name in ("one", "other"):
            con.execute(
                f"ATTACH ':memory:' AS {name}; CREATE TABLE {name}.t AS SELECT unnest([0.3::DOUBLE, 1, 1]) AS number"
            )
        con.execute(change)
        assert differing(con, "t", ["number"]) == rows


def test_what_is_published_is_the_same_on_sail(by_duckdb: Made, by_sail: Made) -> None:
    with both(by_duckdb.release.folder / STORE, by_sail.release.folder / STORE) as con:
        insist_on_same_release(con)


def test_the_manifest_tells_the_engine_and_the_recipe_holds_it(by_duckdb: Made, by_sail: Made) -> None:
    of_duckdb, of_sail = by_duckdb.release.manifest, by_sail.release.manifest
    assert of_duckdb["engine"] == {"name": "DuckDB", "version": duckdb.__version__}
    assert of_sail["engine"].keys() == {"name", "version", "server"}
    assert of_sail["engine"]["name"] == "Spark Connect"
    assert of_sail["recipe"] != of_duckdb["recipe"]
    assert of_sail["row_counts"] == of_duckdb["row_counts"]


def test_nothing_of_the_engine_stays_in_the_build_folder(by_sail: Made) -> None:
    assert {path.name for path in by_sail.warehouse.parent.iterdir()} == {WAREHOUSE, "kept"}
