"""What checks found is known again where all tables that they read are the same, and found again wherever not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import duckdb
import great_expectations as gx
import pytest

from expectations.suites import suites
from pipelines.build import WAREHOUSE
from pipelines.folders import Folders
from pipelines.kept.checks import FILE, KeptChecks
from pipelines.kept.tables import KeptTables
from pipelines.quality.checks import Check, run_suites
from tests.conftest import Published

pytestmark = pytest.mark.xdist_group("tiny")
SUITES = {
    name: suite
    for name, suite in suites().items()
    if name in ("mart_requests", "mart_working_days", "ref_public_holidays", "stg_returned")
}


@pytest.fixture(scope="module")
def con(tiny: Published) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(tiny.folders.build / WAREHOUSE), read_only=True) as con:
        yield con


class Look(KeptChecks):
    """Tells which suites were run."""

    def __init__(self, folders: Folders, tables: KeptTables) -> None:
        super().__init__(folders, tables)
        self.run: list[str] = []

    def keep(self, table: str, suite: gx.ExpectationSuite, reads: Iterable[str], checks: Sequence[Check]) -> None:
        self.run.append(table)
        super().keep(table, suite, reads, checks)


def looked(
    con: duckdb.DuckDBPyConnection, place: Path, changed: str = "", without: str = ""
) -> tuple[list[Check], list[str]]:
    """What is found, and which suites were run for it, where a table has changed and one has no key."""
    tables = KeptTables(con, ())
    for (name,) in con.cursor().execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'").fetchall():
        if name != without:
            tables.holds(name, "other" if name == changed else "same")
    look = Look(Folders(place), tables)
    found = run_suites(con, SUITES, kept=look)
    look.write()
    return found, sorted(look.run)


def test_what_was_found_is_known_again_to_the_last_count(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    first, run = looked(con, tmp_path)
    assert run == sorted(SUITES)
    assert looked(con, tmp_path) == (first, [])
    assert first == run_suites(con, SUITES)
    assert any(check.parts for check in first)


@pytest.mark.parametrize(
    ("changed", "run"),
    [
        ("ref_public_holidays", ["mart_working_days", "ref_public_holidays"]),
        ("stg_testing", ["mart_working_days"]),
        ("stg_returned", ["stg_returned"]),
        ("mart_workforce", []),
    ],
)
def test_a_suite_is_run_again_where_a_table_that_it_reads_has_changed(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, changed: str, run: list[str]
) -> None:
    first, _ = looked(con, tmp_path)
    assert looked(con, tmp_path, changed) == (first, run)


def test_a_suite_that_reads_a_table_without_a_key_is_always_run(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    for _ in range(2):
        _, run = looked(con, tmp_path, without="ref_public_holidays")
    assert run == ["mart_working_days", "ref_public_holidays"]


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b.replace(b"pass", b"fail", 1), lambda _: b""])
def test_a_damaged_file_counts_as_none(con: duckdb.DuckDBPyConnection, tmp_path: Path, damage) -> None:
    looked(con, tmp_path)
    path = Folders(tmp_path).kept / FILE
    path.write_bytes(damage(path.read_bytes()))
    assert looked(con, tmp_path)[1] == sorted(SUITES)


def test_other_code_knows_nothing(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked(con, tmp_path)
    monkeypatch.setattr("pipelines.kept.checks.code_version", lambda: "other")
    assert looked(con, tmp_path)[1] == sorted(SUITES)
