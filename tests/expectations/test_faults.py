"""Each check written by hand finds its fault in real tables and blames who sent it; a sound record opens none by it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import duckdb
import great_expectations as gx
import pytest

from catalogue.contracts import extract_contracts
from expectations.from_contract import contract_expectations
from expectations.from_reference import PREFIX
from expectations.suites import suites
from pipelines.build import WAREHOUSE
from pipelines.quality.checks import Check, run_suites
from tests.conftest import Published
from tests.expectations.faults import FAULTS, LABORATORY, MONTH, Fault

pytestmark = [pytest.mark.xdist_group("small"), pytest.mark.slow]


@pytest.fixture(scope="module")
def sound(small: Published) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables of a real build in memory, which a test may change and put back."""
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{small.folders.build / WAREHOUSE}' AS built (READ_ONLY)")
        named = (
            "SELECT table_name FROM duckdb_tables() "
            "WHERE database_name = 'built' AND schema_name = 'main' AND NOT starts_with(table_name, ?)"
        )
        for (table,) in con.execute(named, ["indicator_"]).fetchall():
            con.execute(f'CREATE TABLE memory."{table}" AS SELECT * FROM built."{table}"')
        yield con


@pytest.fixture(scope="module")
def before(sound: duckdb.DuckDBPyConnection) -> dict[str, Check]:
    """What each check finds before anything is changed."""
    return {check.id: check for check in run_suites(sound)}


def run(con: duckdb.DuckDBPyConnection, check_id: str) -> Check:
    table, name = check_id.split(".")
    chosen = [one for one in suites()[table].expectations if one.meta["name"] == name]
    (found,) = run_suites(con, {table: gx.ExpectationSuite(table, expectations=chosen)})
    return found


def changed_table(fault: Fault) -> str:
    return fault.change.removeprefix("INSERT INTO ").removeprefix("DELETE FROM ").removeprefix("UPDATE ").split()[0]


@pytest.mark.parametrize("fault", FAULTS, ids=[f"{place}_{fault.check}" for place, fault in enumerate(FAULTS)])
def test_a_fault_is_found_by_its_check_and_blamed_on_its_sender(
    sound: duckdb.DuckDBPyConnection, before: dict[str, Check], fault: Fault
) -> None:
    here = f"contains(submission_id, '__{LABORATORY}__{MONTH}__')"
    table = changed_table(fault)
    try:
        sound.execute(fault.change.replace("{here}", here))
        found = run(sound, fault.check)
    finally:
        sound.execute(f'CREATE OR REPLACE TABLE "{table}" AS SELECT * FROM built."{table}"')
    assert found.status in ("warn", "fail"), found
    assert (found.rows_failing or 0) > (before[fault.check].rows_failing or 0) or found.name == "any_rows"
    if fault.extract:
        new = set(found.parts) - set(before[fault.check].parts)
        assert {(part.extract, part.submitter, part.period) for part in new} == {
            (fault.extract, LABORATORY, dt.date.fromisoformat(f"{MONTH}-01"))
        }


def test_every_check_written_by_hand_has_a_fault() -> None:
    derived = {
        f"stg_{extract}.{one.meta['name']}"
        for extract, contract in extract_contracts().items()
        for one in contract_expectations(contract)
    }
    written = {
        f"{table}.{one.meta['name']}"
        for table, suite in suites().items()
        if not table.startswith((PREFIX, "dq_"))
        for one in suite.expectations
    }
    assert written - derived == {fault.check for fault in FAULTS}
