"""Where the SQL of `sql/` runs: DuckDB on this machine, or an engine of many machines over Spark Connect."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.engine.kinds import DUCKDB, Engine, Make

__all__ = ["DUCKDB", "Engine", "Make", "engine_at"]


@contextmanager
def engine_at(url: str | None, data: str | None = None) -> Iterator[Engine]:
    """The engine at an address such as `sc://HOST:PORT`, connected until the context ends; DuckDB where there is none.

    data: where the engine's machines see the data folder, if not under the path that it has here.
    Raises PipelineError where the address is none, the client is not installed, or nothing answers there.
    """
    if url is None:
        yield DUCKDB
        return
    # Loads the client of Spark, which a build on one machine does without.
    from pipelines.engine.connection import connected
    from pipelines.engine.spark import SparkConnect

    with connected(url) as (session, about):
        yield SparkConnect(session, about, data)
