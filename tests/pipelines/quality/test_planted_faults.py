"""Every planted fault is told by the check meant for it, which blames the right submission; sound data raise none."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import duckdb
import pytest

from expectations.suites import suites
from pipelines.build import WAREHOUSE
from pipelines.quality.checks import run_suites
from pipelines.quality.profile import TABLES
from tests.conftest import Published
from tests.pipelines.quality.planted import faults
from tests.pipelines.quality.planting import Fault, Warehouse, make_warehouse, told_of

FAULTS = faults()


@pytest.fixture(scope="session")
def warehouse(small: Published, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return make_warehouse(small.folders, tmp_path_factory.mktemp("planted") / "sound.duckdb")


@pytest.mark.slow
@pytest.mark.xdist_group("small")
@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_a_planted_fault_is_told_by_its_check_alone_and_blamed_on_its_submission(
    fault: Fault, warehouse: Warehouse, tmp_path: Path
) -> None:
    told = told_of(warehouse, fault, tmp_path)
    assert told.get(fault.check, frozenset()) == (fault.blames if fault.alarms else frozenset())
    assert set(told) - {fault.check} <= fault.also


@pytest.mark.slow
@pytest.mark.xdist_group("small")
def test_sound_submissions_raise_no_check_of_what_was_sent(warehouse: Warehouse) -> None:
    of_what_was_sent = [check for check in warehouse.sound if check.table in TABLES]
    assert {check.status for check in of_what_was_sent} == {"pass"}


@pytest.mark.slow
@pytest.mark.xdist_group("full")
def test_sound_submissions_of_the_real_size_raise_none_either(full: Published) -> None:
    with duckdb.connect(str(full.folders.build / WAREHOUSE), read_only=True) as con:
        found = run_suites(con, {name: suite for name, suite in suites().items() if name in TABLES})
    assert {check.id: check.status for check in found if check.status != "pass"} == {}


def test_there_are_faults_enough_of_every_dimension_on_both_sides_of_the_thresholds() -> None:
    assert len(FAULTS) >= 60
    alarming, silent = (Counter(fault.dimension for fault in FAULTS if fault.alarms is loud) for loud in (True, False))
    dimensions = ("conformance", "completeness", "plausibility", "uniqueness", "timeliness", "consistency", "agreement")
    assert {name: alarming[name] >= 2 and silent[name] >= 1 for name in dimensions} == dict.fromkeys(dimensions, True)
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


def test_every_fault_is_meant_for_a_check_that_there_is() -> None:
    known = {f"{table}.{check.meta['name']}" for table, suite in suites().items() for check in suite.expectations}
    named = {fault.check for fault in FAULTS}.union(*(fault.also for fault in FAULTS))
    assert named <= known
