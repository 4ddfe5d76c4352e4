"""What the checks of a table found, kept for the next build: a suite whose tables are the same is not run again.

Kept are counts and whose the failing rows are, as a release is made of them, and no row; the file stays on the build
side.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Any

import duckdb
import great_expectations as gx
from pydantic import TypeAdapter

from pipelines.folders import Folders
from pipelines.hashes import code_version, of_texts
from pipelines.kept.sealed import read_sealed, write_sealed
from pipelines.kept.tables import KeptTables
from pipelines.quality.checks import Check

FILE = "checks"
_CHECKS = TypeAdapter(list[Check])


class KeptChecks:
    """Checks by table, each with the keys of all tables that were read for them."""

    def __init__(self, folders: Folders, tables: KeptTables) -> None:
        """tables: of the warehouse that is being checked. What the last build kept counts as nothing where it is
        damaged."""
        self._path, self._tables = folders.kept / FILE, tables
        content = read_sealed(self._path)
        self._before: dict[str, Any] = json.loads(content) if content is not None else {}
        self._found: dict[str, Any] = {}

    def known(self, table: str, suite: gx.ExpectationSuite) -> list[Check] | None:
        """What the same suite found on the same tables; None where it has to be run."""
        held = self._before.get(table)
        if held is None or held["suite"] != _told(suite) or self._tables.keys_of(held["reads"]) != held["reads"]:
            return None
        self._found[table] = held
        return _CHECKS.validate_python(held["checks"])

    def keep(self, table: str, suite: gx.ExpectationSuite, reads: Iterable[str], checks: Sequence[Check]) -> None:
        """Keep what a suite found, where all tables that it read have a key and no check ended in an error."""
        keys = self._tables.keys_of(reads)
        if None not in keys.values() and all(check.error is None for check in checks):
            self._found[table] = {
                "suite": _told(suite),
                "reads": keys,
                "checks": _CHECKS.dump_python(list(checks), mode="json"),
            }

    def write(self) -> None:
        """Write down what this build found or knew, and no more."""
        write_sealed(self._path, json.dumps(self._found).encode())


def _told(suite: gx.ExpectationSuite) -> str:
    """A hash of a suite, of the code that its checks are made by and of the library that runs them."""
    written = json.dumps(suite.to_json_dict(), sort_keys=True, default=str)
    return of_texts([code_version(), duckdb.__version__, version("great_expectations"), written])
