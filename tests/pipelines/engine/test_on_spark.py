"""Every table of sql/ is the same on a Spark cluster: a master, a worker and a Connect server on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.engine import engine_at
from pipelines.releases import STORE
from tests.conftest import Published
from tests.pipelines.engine.comparing import Made, both, insist_on_same_release, insist_on_same_tables, made

pytestmark = pytest.mark.slow


def test_every_table_and_what_is_published_are_the_same_on_spark(
    spark: str, tiny: Published, by_duckdb: Made, tmp_path: Path
) -> None:
    with engine_at(spark) as engine:
        by_spark = made(tiny, tmp_path / "data", engine)
    assert by_spark.release.manifest["engine"]["server"].startswith(by_spark.release.manifest["engine"]["version"])
    with both(by_duckdb.warehouse, by_spark.warehouse) as con:
        insist_on_same_tables(con)
    with both(by_duckdb.release.folder / STORE, by_spark.release.folder / STORE) as con:
        insist_on_same_release(con)
