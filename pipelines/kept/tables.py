"""Tables of the warehouse that would come out the same to the last row, taken from the warehouse of the last build.

A table is told by a key: a hash of its SELECT, of the keys of the tables that it reads, of the code, the database and
the engine. The keys of what no model makes are hashes of contents: of reference lists as they are, of an extract as its
submissions in use. The warehouse holds the keys of its own tables, so that the two cannot come apart.

A warehouse begins as a copy of the last one, byte by byte, from which all is dropped that would not come out the same:
copying a file takes a small part of the time of copying its tables. Its bytes are hashed when it is finished; a file
that has changed since is not begun from.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from catalogue.contracts import extract_contracts
from pipelines.folders import Folders
from pipelines.hashes import code_version, of_frame, of_texts, sha256_of
from pipelines.ingest.register import Submission
from pipelines.kept.sealed import read_sealed, write_sealed
from pipelines.models import Model

#: The table of keys, in a schema of its own.
SCHEMA = "kept"
KEYS = f"{SCHEMA}.keys"

#: The file that holds the hash of the last build's warehouse, and by what it was written.
SEAL = "warehouse"


def seal(folders: Folders, warehouse: Path) -> None:
    """Put down the hash of a finished warehouse, so that the next build may begin from it."""
    write_sealed(folders.kept / SEAL, _seal_of(warehouse).encode())


def begin_from_last(folders: Folders, last: Path, place: Path) -> None:
    """Copy the last build's warehouse to a place, where it is as it was sealed and this code and database made it;
    otherwise nothing lies there."""
    held = read_sealed(folders.kept / SEAL)
    if held is None or not last.is_file() or not held.startswith(_written_by().encode()):
        return
    shutil.copyfile(last, place)
    if _seal_of(place).encode() != held:
        place.unlink()


def _written_by() -> str:
    return f"{code_version()} {duckdb.__version__} "


def _seal_of(warehouse: Path) -> str:
    return f"{_written_by()}{sha256_of(warehouse)}"


class KeptTables:
    """The keys of the tables of the warehouse that is being made, and which of them are there already."""

    def __init__(self, con: duckdb.DuckDBPyConnection, engine: Sequence[str]) -> None:
        """con: of the warehouse being made, empty or a copy of the last build's. engine: the mark of what runs the
        SQL."""
        self._con = con
        self._same = (code_version(), duckdb.__version__, *engine)
        self._keys: dict[str, str] = {}
        self._taken: set[str] = set()

    def holds(self, name: str, content: str) -> None:
        """A table that no model makes, and the hash of what it holds."""
        self._keys[name] = of_texts([name, content])

    def holds_frame(self, name: str, frame: pl.DataFrame) -> None:
        """The same of a frame, which is hashed."""
        self.holds(name, of_frame(frame))

    def holds_lake(self, in_use: Sequence[Submission], files: Mapping[str, str]) -> None:
        """The views on the lake. files: the hash of the rows of each submission by its id, where it is known."""
        for extract in extract_contracts():
            own = [s.submission_id for s in in_use if s.extract == extract]
            self.holds(f"lake_{extract}", of_texts(f"{name}:{files.get(name)}" for name in own))

    def take(self, models: Iterable[Model]) -> None:
        """Leave in the warehouse the tables of the last build that these models would make the same; drop all else.

        models: in the order of the build. Raises KeyError where a table that one reads is neither among them nor held.
        """
        before = _keys_in(self._con)
        for model in models:
            read = (self._keys[name] for name in sorted(model.needs))
            self._keys[model.name] = of_texts([*self._same, model.name, model.sql, *read])
            if before.get(model.name) == self._keys[model.name]:
                self._taken.add(model.name)
        _drop_all_but(self._con, self._taken)

    def made_before(self, model: Model) -> bool:
        """Whether the model's table is there, from the last build."""
        return model.name in self._taken

    def keys_of(self, names: Iterable[str]) -> dict[str, str | None]:
        """The keys of tables by name; None where a table has none and may hold anything."""
        return {name: self._keys.get(name) for name in names}

    @contextmanager
    def being_made(self) -> Iterator[None]:
        """Where all goes well, the keys are written down at the end."""
        yield
        self._con.execute(f"CREATE SCHEMA {SCHEMA}; CREATE TABLE {KEYS} (name VARCHAR, key VARCHAR)")
        self._con.executemany(f"INSERT INTO {KEYS} VALUES (?, ?)", sorted(self._keys.items()))  # noqa: S608 - names of our own


def _keys_in(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The keys of the tables that stand in a warehouse; none where it is empty."""
    if not con.execute("SELECT 1 FROM duckdb_schemas() WHERE schema_name = ?", [SCHEMA]).fetchone():
        return {}
    return dict(con.execute(f"SELECT name, key FROM {KEYS}").fetchall())  # noqa: S608 - names of our own


def _drop_all_but(con: duckdb.DuckDBPyConnection, names: set[str]) -> None:
    """Drop every other table and view, and the keys; their room is free for what is made next."""
    con.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    found = con.execute(
        "SELECT table_name, table_type = 'VIEW' FROM information_schema.tables "
        "WHERE table_catalog = current_database() AND table_schema = 'main'"
    ).fetchall()
    for name, is_view in found:
        if name not in names:
            con.execute(f'DROP {"VIEW" if is_view else "TABLE"} "{name}"')
    con.execute("CHECKPOINT")
