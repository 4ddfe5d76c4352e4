"""Each piece of what stands beside the cells is worked again for the cells that it rests on, and for no others."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines import beside_cells as beside
from pipelines.build import WAREHOUSE
from pipelines.disclosure.secret import Secret
from pipelines.folders import Folders
from pipelines.kept.results import KeptResults
from pipelines.kept.tables import KeptTables
from tests.conftest import Published
from tests.few_measures import few_entries

pytestmark = pytest.mark.xdist_group("tiny")

#: The function that does each piece of work, and the measure whose cells it rests on, if any; none of the few measures
#: is compared by groups of people.
WORK = {
    "breach_tables": None,
    "stage_shares": None,
    "going_together": None,
    "scan": None,
    "shares.tables": "reported_within_standard",
    "case_mix.adjusted": "reported_within_standard",
    "demand.tables": "requests_received",
}


@pytest.fixture
def warehouse(tiny: Published, tmp_path: Path) -> Path:
    return Path(shutil.copy(tiny.folders.build / WAREHOUSE, tmp_path / "warehouse.duckdb"))


def worked(warehouse: Path, cells: pl.DataFrame, monkeypatch: pytest.MonkeyPatch) -> tuple[set[str], beside.Frames]:
    """Which pieces are worked, by way of what was kept beside the warehouse, and what comes of all."""
    done: set[str] = set()
    with duckdb.connect(str(warehouse)) as con, monkeypatch.context() as patch:
        for name in WORK:
            module, _, function = name.rpartition(".")
            place = getattr(beside, module) if module else beside
            real = getattr(place, function)

            def noted(*given, name=name, real=real):
                done.add(name)
                return real(*given)

            patch.setattr(place, function, noted)
        tables = KeptTables(con, ())
        for (name,) in con.execute("SELECT table_name FROM information_schema.tables").fetchall():
            tables.holds(name, "same")
        kept = KeptResults(Folders(warehouse.parent), tables)
        found = beside.beside_cells(con, cells, list(few_entries().values()), Secret.of("a" * 64), kept)
    return done, found


def with_a_cell_moved(cells: pl.DataFrame, measure: str) -> pl.DataFrame:
    is_its = pl.col("indicator") == measure
    return cells.with_columns(pl.when(is_its).then(pl.col("upper").fill_null(0) + 1).otherwise("upper").alias("upper"))


def test_pieces_are_worked_again_only_where_cells_that_they_rest_on_have_changed(
    tiny: Published, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with duckdb.connect(str(tiny.store), read_only=True) as con:
        cells = con.sql("FROM cells ORDER BY ALL").pl()
    assert {"reported_within_standard", "requests_received", "milestones_on_time"} <= set(cells["indicator"])
    first, found = worked(warehouse, cells, monkeypatch)
    assert first == set(WORK)
    again, same = worked(warehouse, cells, monkeypatch)
    assert again == set()
    assert found.keys() == same.keys()
    assert all(found[name].equals(same[name]) for name in found)

    assert worked(warehouse, with_a_cell_moved(cells, "milestones_on_time"), monkeypatch)[0] == set()
    for measure in ("reported_within_standard", "requests_received"):
        resting = {name for name, on in WORK.items() if on == measure}
        assert worked(warehouse, with_a_cell_moved(cells, measure), monkeypatch)[0] == resting
        worked(warehouse, cells, monkeypatch)
