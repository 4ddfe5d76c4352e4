"""T22: an extract full of small cells, from its files to what is served."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from pipelines import releases
from pipelines.build import WAREHOUSE, build
from pipelines.demo import write_demo
from pipelines.errors import PipelineError
from pipelines.folders import Folders
from pipelines.ingest import ingest
from tests.attack.attacker import WITHIN, complements, narrowed, told
from tests.attack.conftest import Victim
from tests.conftest import ARRIVED

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("requests_per_year", [700])
def test_t22_of_an_extract_full_of_small_cells_either_nothing_is_served_or_nothing_is_told(
    tmp_path: Path, requests_per_year: int
) -> None:
    folders = Folders(tmp_path / "data")
    write_demo(folders.inbox, 1.5, requests_per_year, seed=11, until="2026-10", quiet=True)
    ingest(folders, folders.inbox, quiet=True, now=ARRIVED)
    try:
        release = releases.publish(folders, build(folders, quiet=True).release_id)
    except PipelineError as stopped:
        said = str(stopped)
    else:
        _nothing_is_told(Victim(release.folder / releases.STORE, folders.build / WAREHOUSE))
        return
    assert "worked out" in said
    assert "S0800" not in said
    assert not folders.current.exists()


def _nothing_is_told(victim: Victim) -> None:
    counts = victim.known.counts
    assert counts.filter(pl.col("people").is_between(1, 9)).height > counts.filter("is_shown").height
    assert complements(victim.known).filter(pl.col("high") - pl.col("low") < WITHIN).is_empty()
    assert told(victim.known, *narrowed(victim.known)).is_empty()
