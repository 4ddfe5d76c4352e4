"""The models on an engine of many machines: it reads the lake where it lies, and each table comes back as Parquet."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from catalogue.contracts import extract_contracts
from pipelines.engine.bring_back import bring_back
from pipelines.engine.client import DataFrame, SparkSession
from pipelines.engine.connection import explained
from pipelines.engine.kinds import Make
from pipelines.engine.spark_sql import spark_sql
from pipelines.errors import PipelineError
from pipelines.folders import BUILDING, Folders
from pipelines.ingest.register import Submission
from pipelines.lake import lake_file
from pipelines.models import Model


@dataclass(frozen=True)
class SparkConnect:
    """A Spark Connect server, whatever serves the protocol.

    about: what it says of itself. data: where its machines see the data folder; None where the path is the same there.
    """

    session: SparkSession
    about: dict[str, str]
    data: str | None = None

    @property
    def mark(self) -> tuple[str, ...]:
        """Its name and versions: numbers are proved equal for those that the tests run, not for all to come."""
        return tuple(self.about.values())

    @contextmanager
    def at_work(self, folders: Folders, in_use: Sequence[Submission]) -> Iterator[Make]:
        """Tables lie on the engine's side as Parquet in a folder of the build's own, removed at the end."""
        lake = {
            f"lake_{extract}": [lake_file(folders, s) for s in in_use if s.extract == extract]
            for extract in extract_contracts()
        }
        scratch = folders.build / f"{BUILDING}engine-{secrets.token_hex(4)}"
        scratch.mkdir(parents=True)
        try:
            yield _Work(self.session, Seen(folders.data, self.data), lake, scratch).make
        finally:
            _remove(scratch)


@dataclass(frozen=True)
class Seen:
    """Paths of this machine as the engine's machines see them."""

    here: Path
    there: str | None

    def at(self, path: Path) -> str:
        """The address of a file or folder; one without a scheme is a path, and said to be one, since a cluster may take
        bare paths for those of another file system."""
        root = self.there or str(self.here)
        scheme = "" if "://" in root else "file://"
        return f"{scheme}{root.rstrip('/')}/{path.relative_to(self.here).as_posix()}"


@dataclass
class _Work:
    """The tables of one build on the engine."""

    session: SparkSession
    seen: Seen
    lake: Mapping[str, Sequence[Path]]
    scratch: Path
    known: set[str] = field(default_factory=set)

    def make(self, con: duckdb.DuckDBPyConnection, model: Model) -> None:
        """Have the engine make a model's table, and bring it into the warehouse.

        The table is written before others read it, so that no query of theirs works it out again.
        """
        for table in sorted(model.needs - self.known):
            self._show(con, table)
        place, where = self.scratch / model.name, f"{model.path.parent.name}/{model.path.name}"
        with explained(where):
            made = self.session.sql(spark_sql(model, lambda table: con.table(table).columns))
            schema = made.schema
            made.write.parquet(self.seen.at(place))
            rows = self._know(model.name, self.session.read.schema(schema).parquet(self.seen.at(place)))
        bring_back(con, model, place, rows)

    def _show(self, con: duckdb.DuckDBPyConnection, table: str) -> None:
        """Let the engine read a table or view of the warehouse: the lake where it lies, all else as a copy."""
        files = self.lake.get(table, ())
        if not files:
            place = self.scratch / table / "rows.parquet"
            place.parent.mkdir()
            con.execute(f"COPY \"{table}\" TO '{_quoted(place)}' (FORMAT parquet)")
            files = [place]
        ((held,),) = con.execute(f'SELECT count(*) FROM "{table}"').fetchall()
        where = self.seen.at(self.scratch if self.scratch in files[0].parents else files[0].parents[1])
        with explained(f"build: the engine cannot read {where}"):
            rows = self._know(table, self.session.read.parquet(*map(self.seen.at, files)))
        if rows != held:
            raise PipelineError(
                f"build: of {held:,} rows of {table} the engine sees {rows:,} at {where}; mount the data folder on all "
                "of its machines, readable by its user, and name its place there with --engine-data if it differs"
            )

    def _know(self, table: str, frame: DataFrame) -> int:
        """Make a frame known by a table's name; its rows as the engine counts them."""
        frame.createOrReplaceTempView(table)
        self.known.add(table)
        return int(frame.count())


def _remove(scratch: Path) -> None:
    try:
        shutil.rmtree(scratch)
    except OSError as error:
        raise PipelineError(
            f"build: what the engine wrote to build/{scratch.name} may not be removed by this user; remove it, and run "
            "the engine as a user whose files this one may remove"
        ) from error


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
