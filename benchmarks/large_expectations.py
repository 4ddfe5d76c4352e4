"""The expectations on ten million requests, in a process of its own so that its memory is its own.

The warehouse is the usual one with every request repeated under new keys: real shapes, without the hour that ingest and
build of so many would take here.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

from benchmarks.expectations import by_hand
from benchmarks.measuring import Measure, processor
from expectations.suites import suites
from pipelines import settings
from pipelines.build import WAREHOUSE
from pipelines.folders import Folders
from pipelines.quality.checks import run_suites

TIMES = 30

#: Columns that tell one request, or one person, from another.
KEYS = ("request_id", "person_id", "family_id", "open_request_id", "stage_id")


def measure(folders: Folders) -> Measure:
    """Processor seconds of the suites and of the same checks as hand-written SQL, and the peak of memory."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / WAREHOUSE
        shutil.copy(folders.build / WAREHOUSE, copy)
        command = [sys.executable, "-m", "benchmarks.large_expectations", str(copy)]
        told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
    return Measure(
        f"expectations on {told['requests']:,} requests, processor time",
        "the same checks as hand-written SQL",
        "at most 1.2, in 8 GiB",
        told["seconds"],
        told["by_hand"],
        f"peak memory {told['peak_gib']:.1f} GiB",
    )


def enlarge(con: duckdb.DuckDBPyConnection, times: int) -> int:
    """Repeat the rows of every table that holds requests or people under new keys; how many requests there are then."""
    columns = con.execute(
        "SELECT table_name, list(column_name) FROM duckdb_columns() WHERE NOT internal GROUP BY table_name"
    ).fetchall()
    tables = {name for (name,) in con.execute("SELECT table_name FROM duckdb_tables() WHERE NOT temporary").fetchall()}
    for table, names in columns:
        own = [name for name in KEYS if name in names]
        if table not in tables or not {"request_id", "person_id", "stage_id", "open_request_id"} & set(own):
            continue
        renamed = ", ".join(f"{name} || '-' || copy AS {name}" for name in own)
        con.execute(
            f'INSERT INTO "{table}" SELECT * EXCLUDE (copy) REPLACE ({renamed}) '
            f'FROM "{table}", range(1, {times}) AS copies (copy)'
        )
    (requests,) = con.execute("SELECT count(*) FROM mart_requests").fetchall()[0]
    return int(requests)


def main(warehouse: Path) -> None:
    """Enlarge the warehouse, run both, and print what was measured as one line of JSON."""
    with duckdb.connect(str(warehouse)) as con:
        con.execute(f"SET memory_limit = '{settings.MEMORY_LIMIT}'")
        con.execute(f"SET threads = {settings.THREADS}")
        con.execute("SET temp_directory = ?", [str(warehouse.with_name("spill"))])
        told: dict[str, float] = {"requests": enlarge(con, TIMES)}
        con.execute("CHECKPOINT")
        checks = []
        told["seconds"] = processor(lambda: checks.extend(run_suites(con)))
        told["errors"] = sum(check.status == "error" for check in checks)
        queries = by_hand(suites())
        told["by_hand"] = processor(lambda: [con.cursor().execute(query).fetchall() for query in queries])
    told["peak_gib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
