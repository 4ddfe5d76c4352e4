"""Builds of the same submissions by different engines, and what must be the same in them."""

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
from pipelines.engine import Engine
from pipelines.folders import Folders
from pipelines.models import read_models
from pipelines.releases import Release
from pipelines.settings import ATTACK_ENVIRONMENT
from tests.conftest import Published
from tests.few_measures import few_measures

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
        "SELECT table_name, column_name, data_type FROM duckdb_columns() "
        "WHERE database_name = ? AND schema_name = 'main' AND NOT internal "
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


def insist_on_same_release(con: duckdb.DuckDBPyConnection) -> None:
    """Same protected tables, to the last bit; a release's own id and hour apart."""
    tables = columns(con, "one")
    assert columns(con, "other") == tables
    for table, described in tables.items():
        compared = [f'"{name}"' for name, _ in described if name not in OF_THE_RELEASE]
        allowed = 2 if table == "release" else 0  # its id and its hour
        assert differing(con, table, compared) == allowed, table
