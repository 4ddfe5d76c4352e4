"""What is worked out of the warehouse beside cells, kept for the next build: where nothing that it is worked from has
changed, it is not worked out again.

Kept is what goes into a release or is worked further on the build side; the files stay there.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from typing import cast

import duckdb
import polars as pl

from pipelines.folders import Folders
from pipelines.hashes import code_version, of_frame, of_texts
from pipelines.kept.sealed import as_parquet, forget_others, read_told, write_told
from pipelines.kept.tables import KeptTables
from pipelines.statements import Noting, read_by

#: What work is given besides the warehouse.
Given = str | pl.DataFrame
Frames = Mapping[str, pl.DataFrame]


class KeptResults:
    """Frames by the name of the work, each with the keys of all tables that were read for them."""

    def __init__(self, folders: Folders, tables: KeptTables) -> None:
        """tables: of the warehouse that is worked from."""
        self._place, self._tables = folders.kept / "results", tables
        self._asked_for: set[str] = set()

    def of(
        self,
        name: str,
        con: duckdb.DuckDBPyConnection,
        given: Iterable[Given],
        work: Callable[[duckdb.DuckDBPyConnection], Frames],
    ) -> dict[str, pl.DataFrame]:
        """What work makes of the warehouse, or made of the same tables for an earlier build.

        given: all that the work rests on besides the tables and the code. Which tables it reads is seen from the
        statements that it runs; where one of them has no key, nothing is kept.
        """
        self._asked_for.add(name)
        under = of_texts(
            [code_version(), duckdb.__version__, pl.__version__]
            + [of_frame(one) if isinstance(one, pl.DataFrame) else one for one in given]
        )
        if (same := self._known(name, under)) is not None:
            return same
        run: list[str] = []
        made = dict(work(cast(duckdb.DuckDBPyConnection, Noting(con, run))))
        self._keep(name, under, self._tables.keys_of(sorted(read_by(con, run))), made)
        return made

    def forget_others(self) -> None:
        """Delete what this build did not ask for."""
        forget_others(self._place, self._asked_for)

    def _known(self, name: str, under: str) -> dict[str, pl.DataFrame] | None:
        held = read_told(self._place / name)
        if held is None:
            return None
        told, rest = held
        if told["under"] != under or self._tables.keys_of(told["reads"]) != told["reads"]:
            return None
        found, file = {}, io.BytesIO(rest)
        for frame, size in told["frames"]:
            found[frame] = pl.read_parquet(io.BytesIO(file.read(size)))
        return found

    def _keep(self, name: str, under: str, reads: Mapping[str, str | None], made: Frames) -> None:
        if None in reads.values():
            return
        written = {frame: as_parquet(rows) for frame, rows in made.items()}
        sizes = [(frame, len(content)) for frame, content in written.items()]
        told = {"under": under, "reads": dict(reads), "frames": sizes}
        write_told(self._place / name, told, b"".join(written.values()))
