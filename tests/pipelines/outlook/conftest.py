"""The small record's queue: as the build has it, and once more in plain Python."""

from __future__ import annotations

import duckdb
import pytest

from pipelines.ingest.register import Register
from pipelines.lake import lake_file
from pipelines.outlook.queue import Record, record, requests
from tests.conftest import Published
from tests.second import waiting as plainly


@pytest.fixture(scope="session")
def known(small: Published) -> Record:
    with duckdb.connect(str(small.folders.build / "warehouse.duckdb"), read_only=True) as con:
        return record(requests(con))


@pytest.fixture(scope="session")
def everybody(small: Published) -> list[plainly.Waiting]:
    with Register(small.folders.register) as register:
        files = {
            extract: [lake_file(small.folders, submission) for submission in register.in_use(extract)]
            for extract in ("testing", "turnaround")
        }
    return plainly.everybody(files["testing"], files["turnaround"])
