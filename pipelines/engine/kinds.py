"""What the build asks of an engine, and DuckDB, which is the usual one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

import duckdb

from pipelines.folders import Folders
from pipelines.ingest.register import Submission
from pipelines.models import Model, create_table

#: Makes one model's table in the warehouse behind the connection, from tables and views that are there already.
Make = Callable[[duckdb.DuckDBPyConnection, Model], None]


class Engine(Protocol):
    """Runs the models; every table ends in the build's DuckDB warehouse, with the types that DuckDB gives it."""

    @property
    def about(self) -> dict[str, str]:
        """Name and version, for the manifest; no address, which is nobody's business who reads a release."""

    @property
    def mark(self) -> tuple[str, ...]:
        """What tells a release of this engine from DuckDB's in its recipe; nothing for DuckDB itself."""

    def at_work(self, folders: Folders, in_use: Sequence[Submission]) -> AbstractContextManager[Make]:
        """What makes tables of these submissions for as long as the context lasts; afterwards nothing is left of them
        but the tables in the warehouse."""


@dataclass(frozen=True)
class DuckDB:
    """The warehouse itself runs the models."""

    @property
    def about(self) -> dict[str, str]:
        """Name and version."""
        return {"name": "DuckDB", "version": duckdb.__version__}

    @property
    def mark(self) -> tuple[str, ...]:
        """Nothing: it is the engine that the others are proved against."""
        return ()

    @contextmanager
    def at_work(self, folders: Folders, in_use: Sequence[Submission]) -> Iterator[Make]:  # noqa: ARG002 - all in the warehouse
        """Nothing to prepare."""
        yield create_table


DUCKDB = DuckDB()
