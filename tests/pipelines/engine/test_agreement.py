"""Every table of sql/, and a whole release, are the same whichever engine made them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import duckdb
import pytest

from pipelines.build import WAREHOUSE, build
from pipelines.engine import DUCKDB, Engine, engine_at
from pipelines.folders import Folders
from pipelines.models import read_models
from pipelines.releases import STORE, Release
from pipelines.settings import ATTACK_ENVIRONMENT
from tests.conftest import Published
from tests.few_measures import few_measures

pytestmark = pytest.mark.slow

#: Rare events, of which a year of a small demonstration may hold none; all else must hold rows, or nothing is shown.
MAY_BE_EMPTY = {
    f"indicator_{name}"
    for name in ("cascade_uptake", "recontacted", "relatives_recorded", "uncertain_results_resolved")
}
#: Columns of which the last bits may differ: a sum of up to five fractions, which each engine adds up in its own order.
ADDED_UP = {("indicator_turnover", "denominator")}
#: What tells one release from another, whatever made them.
OF_THE_RELEASE = ("release_id", "created_at", "made_at", "run_at")


@dataclass(frozen=True)
class Made:
    """A release, and the warehouse that it came from."""

    release: Release
    warehouse: Path


@contextmanager
def all_models() -> Iterator[None]:
    """Builds within have few measures and checks, and all tables of sql/."""
    with few_measures(), mock.patch("pipelines.build.read_models", read_models), pytest.MonkeyPatch.context() as patch:
        patch.setenv(ATTACK_ENVIRONMENT, "0.1")
        yield


def made(tiny: Published, place: Path, engine: Engine) -> Made:
    shutil.copytree(tiny.folders.data, place, ignore=shutil.ignore_patterns("releases", "build"))
    folders = Folders(place)
    with all_models():
        release = build(folders, quiet=True, engine=engine)
    return Made(release, folders.build / WAREHOUSE)


@pytest.fixture(scope="module")
def by_duckdb(tiny: Published, tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(tiny, tmp_path_factory.mktemp("by duckdb") / "data", DUCKDB)


@pytest.fixture(scope="module")
def by_sail(tiny: Published, tmp_path_factory: pytest.TempPathFactory, sail: str) -> Made:
    with engine_at(sail) as engine:
        return made(tiny, tmp_path_factory.mktemp("by sail") / "data", engine)


@contextmanager
def both(one: Path, other: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with two database files, as `one` and `other`."""
    with duckdb.connect() as con:
        for name, path in (("one", one), ("other", other)):
            con.execute(f"ATTACH '{path}' AS {name} (READ_ONLY)")
        yield con


def columns(con: duckdb.DuckDBPyConnection, database: str) -> dict[str, list[tuple[str, str]]]:
    """Names and types of the columns of every table."""
    found: dict[str, list[tuple[str, str]]] = {}
    for table, name, kind in con.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = ? AND NOT internal "
        "AND table_name NOT LIKE 'lake_%' ORDER BY table_name, column_index",
        [database],
    ).fetchall():
        found.setdefault(table, []).append((name, kind))
    return found


def differing(con: duckdb.DuckDBPyConnection, table: str, compared: list[str]) -> int:
    """Rows that one holds and the other does not, or less often; -1 where they differ in number alone."""
    chosen = ", ".join(compared)
    one, other = (f'(SELECT {chosen} FROM {name}."{table}")' for name in ("one", "other"))
    ((rows, more),) = con.execute(
        f"SELECT (SELECT count(*) FROM ({one} EXCEPT ALL {other})), "
        f"(SELECT count(*) FROM {one}) - (SELECT count(*) FROM {other})"
    ).fetchall()
    return int(rows) if rows or not more else -1


def insist_on_same_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Same tables, types and rows; floating point to the last bit, but for what ADDED_UP names."""
    tables = columns(con, "one")
    assert columns(con, "other") == tables
    assert {model.name for model in read_models()} <= tables.keys()
    for table, described in tables.items():
        compared = [
            f'round("{name}", 9) AS "{name}"' if (table, name) in ADDED_UP else f'"{name}"' for name, _ in described
        ]
        assert differing(con, table, compared) == 0, table


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
        tables = columns(con, "one")
        assert columns(con, "other") == tables
        for table, described in tables.items():
            compared = [f'"{name}"' for name, _ in described if name not in OF_THE_RELEASE]
            allowed = 2 if table == "release" else 0  # its id and its hour
            assert differing(con, table, compared) == allowed, table


def test_the_manifest_tells_the_engine_and_the_recipe_holds_it(by_duckdb: Made, by_sail: Made) -> None:
    of_duckdb, of_sail = by_duckdb.release.manifest, by_sail.release.manifest
    assert of_duckdb["engine"] == {"name": "DuckDB", "version": duckdb.__version__}
    assert of_sail["engine"].keys() == {"name", "version", "server"}
    assert of_sail["engine"]["name"] == "Spark Connect"
    assert of_sail["recipe"] != of_duckdb["recipe"]
    assert of_sail["row_counts"] == of_duckdb["row_counts"]


def test_nothing_of_the_engine_stays_in_the_build_folder(by_sail: Made) -> None:
    assert [path.name for path in by_sail.warehouse.parent.iterdir()] == [WAREHOUSE]
