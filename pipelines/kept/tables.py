"""Tables of the warehouse that would come out the same to the last row, taken from the warehouse of the last build.

A table is told by a key: a hash of its SELECT, of the keys of the tables that it reads, of the code, the database and
the engine. The keys of what no model makes are hashes of contents: of reference lists as they are, of an extract as its
submissions in use. The warehouse holds the keys of its own tables, so that the two cannot come apart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from catalogue.contracts import extract_contracts
from pipelines.hashes import code_version, of_texts
from pipelines.ingest.register import Submission
from pipelines.models import Model

#: The table of keys, in a schema of its own, and the name under which the last build's warehouse is looked at.
KEYS = "kept.keys"
LAST = "last_build"


class KeptTables:
    """The keys of the tables of the warehouse that is being made, and the tables of the one before."""

    def __init__(self, con: duckdb.DuckDBPyConnection, engine: Sequence[str], last: Path | None) -> None:
        """con: of the warehouse being made. engine: the mark of what runs the SQL. last: the warehouse of the build
        before; one that is not there, or cannot be read, is as none."""
        self._con = con
        self._same = (code_version(), duckdb.__version__, *engine)
        self._keys: dict[str, str] = {}
        self._last = _attached(con, last)

    def holds(self, name: str, content: str) -> None:
        """A table that no model makes, and the hash of what it holds."""
        self._keys[name] = of_texts([name, content])

    def holds_frame(self, name: str, frame: pl.DataFrame) -> None:
        """The same of a frame, which is hashed."""
        self.holds(name, hashlib.sha256(frame.write_ipc(None).getbuffer()).hexdigest())

    def holds_lake(self, in_use: Sequence[Submission], files: Mapping[str, str]) -> None:
        """The views on the lake. files: the hash of the rows of each submission by its id, where it is known."""
        for extract in extract_contracts():
            own = [s.submission_id for s in in_use if s.extract == extract]
            self.holds(f"lake_{extract}", of_texts(f"{name}:{files.get(name)}" for name in own))

    def made_before(self, model: Model) -> bool:
        """Whether the last build made the model's table from the same, and it has been copied from there.

        Raises KeyError where a table that the model reads is not known yet.
        """
        key = of_texts([*self._same, model.name, model.sql, *(self._keys[name] for name in sorted(model.needs))])
        self._keys[model.name] = key
        if self._last.get(model.name) != key:
            return False
        try:
            self._con.execute(f'CREATE TABLE "{model.name}" AS FROM {LAST}."{model.name}"')
        except duckdb.Error:  # damaged on the disk: it is made again
            return False
        return True

    def keys_of(self, names: Iterable[str]) -> dict[str, str | None]:
        """The keys of tables by name; None where a table has none and may hold anything."""
        return {name: self._keys.get(name) for name in names}

    @contextmanager
    def being_made(self) -> Iterator[None]:
        """The warehouse before is let go of at the end, and where all went well the keys are written down."""
        try:
            yield
            self._con.execute(f"CREATE SCHEMA kept; CREATE TABLE {KEYS} (name VARCHAR, key VARCHAR)")
            self._con.executemany(f"INSERT INTO {KEYS} VALUES (?, ?)", sorted(self._keys.items()))  # noqa: S608 - names of our own
        finally:
            self._con.execute(f"DETACH DATABASE IF EXISTS {LAST}")


def _attached(con: duckdb.DuckDBPyConnection, last: Path | None) -> dict[str, str]:
    """Attach the warehouse of the last build; the keys of its tables."""
    if last is None or not last.is_file():
        return {}
    quoted = str(last).replace("'", "''")
    try:
        con.execute(f"ATTACH '{quoted}' AS {LAST} (READ_ONLY)")
        return dict(con.execute(f"SELECT name, key FROM {LAST}.{KEYS}").fetchall())  # noqa: S608 - names of our own
    except duckdb.Error:  # damaged, or made before there were keys: all is made again
        return {}
