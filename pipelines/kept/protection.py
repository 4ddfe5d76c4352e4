"""What disclosure control let through, kept for the next build: where every exact cell and all else that it rests on is
the same, nothing is hidden and attacked anew.

Kept are counts as they may be shown beside what they are exactly; the file never leaves the build side.
"""

from __future__ import annotations

import io

import polars as pl

from pipelines.disclosure.control import Protected
from pipelines.folders import Folders
from pipelines.kept.sealed import as_parquet, read_told, write_told

#: The file, and the two attacks in its audit.
FILE = "protection"
ATTACKS = ("attack", "attack_by_boards")


class KeptProtection:
    """What the last build protected, under the hash of all that it rests on."""

    def __init__(self, folders: Folders) -> None:
        self._path = folders.kept / FILE

    def known(self, key: str) -> Protected | None:
        """What was found under this key: its audit says that every block stands as it was found before."""
        held = read_told(self._path)
        if held is None or held[0]["key"] != key:
            return None
        audit, rows = held[0]["audit"], held[1]
        before = {name: audit[name] | {"blocks_as_before": audit[name]["blocks_attacked"]} for name in ATTACKS}
        return Protected(pl.read_parquet(io.BytesIO(rows)), {**audit, **before, "as_before": True})

    def keep(self, key: str, found: Protected) -> None:
        """Keep what was found, in place of what was kept."""
        write_told(self._path, {"key": key, "audit": found.audit}, as_parquet(found.counts))
