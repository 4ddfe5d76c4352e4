"""The build: unchanged inputs make no new release, a critical failure stops it, and orphans go back."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import duckdb
import polars as pl
import pytest

from catalogue.contracts import extract_contracts
from pipelines import releases
from pipelines.build import build
from pipelines.errors import PipelineError
from pipelines.folders import Folders
from pipelines.ingest.register import Register, Submission
from pipelines.lake import lake_file
from pipelines.locking import locked
from pipelines.status import as_status
from tests.conftest import Published

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("small")]


def submission(folders: Folders, extract: str) -> Submission:
    with Register(folders.register) as register:
        return register.in_use(extract)[0]


def test_unchanged_inputs_make_no_new_release_and_take_no_time(small: Published) -> None:
    started = time.perf_counter()
    assert build(small.folders, quiet=True).release_id == small.release.release_id
    assert time.perf_counter() - started < 2
    assert len(releases.releases(small.folders)) == 1


def test_the_manifest_tells_what_went_in(small: Published) -> None:
    manifest = small.release.manifest
    used = [entry for entry in small.registered if entry.file in manifest["inputs"]]
    assert {entry.file: entry.sha256 for entry in used} == manifest["inputs"]
    assert manifest["is_synthetic"] is True
    assert manifest["row_counts"]["stg_testing"] > 10_000
    assert set(manifest["checks"]) <= {"pass", "fail", "not_applicable"}
    assert releases.problems(small.release) == []


def test_a_critical_failure_stops_the_build_and_the_last_release_stands(copy_of_small: Folders) -> None:
    chosen = submission(copy_of_small, "testing")
    path = lake_file(copy_of_small, chosen)
    rows = pl.read_parquet(path)
    rows.with_columns(directory=pl.lit("astrology")).write_parquet(path)
    serving = copy_of_small.current.read_text()
    _forget_releases_recipe(copy_of_small)
    with pytest.raises(PipelineError, match="Every directory is a code of its list") as error:
        build(copy_of_small, quiet=True)
    assert "astrology" not in str(error.value)
    assert copy_of_small.current.read_text() == serving
    assert len(releases.releases(copy_of_small)) == 1
    assert not list(copy_of_small.releases.glob(".building-*"))


def test_rows_whose_request_is_unknown_go_back_and_are_counted(copy_of_small: Folders) -> None:
    chosen = submission(copy_of_small, "testing")
    path = lake_file(copy_of_small, chosen)
    rows = pl.read_parquet(path)
    accepted = rows.filter(~pl.col("request_status").is_in(["rejected", "duplicate"]))["request_id"].head(3).to_list()
    rows.filter(~pl.col("request_id").is_in(accepted)).write_parquet(path)
    _forget_releases_recipe(copy_of_small)
    build(copy_of_small, quiet=True)
    with Register(copy_of_small.register) as register:
        status = as_status(register)
    for row in status:
        if row["state"] == "accepted":
            assert row["rows_read"] == row["rows_loaded"] + row["rows_returned"]
    turnaround = next(
        row for row in status if row["file"].startswith(f"turnaround__{chosen.submitter}__{chosen.period}")
        and row["state"] == "accepted"
    )  # fmt: skip
    assert turnaround["reasons"]["orphan_key"] == 3
    file = copy_of_small.returns / str(chosen.submitter) / f"{turnaround['file'].split('.')[0]}__build.csv"
    with file.open(encoding="utf-8") as lines:
        returned = list(csv.DictReader(lines))
    assert sorted(row["request_id"] for row in returned) == sorted(accepted)
    assert {row["reasons"] for row in returned} == {"orphan_key"}
    assert all(row["what_to_do"] for row in returned)


def test_two_builds_at_once_are_refused_clearly(copy_of_small: Folders) -> None:
    with locked(copy_of_small), pytest.raises(PipelineError, match="wait until it has finished"):
        build(copy_of_small, quiet=True)


def test_nothing_to_build_from_is_told(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="run ingest"):
        build(Folders(tmp_path), quiet=True)


def test_every_published_indicator_has_cells_in_every_cube(small: Published) -> None:
    with duckdb.connect(str(small.store), read_only=True) as store:
        stored = store.execute("SELECT DISTINCT id FROM indicators").fetchall()
        with_cells = store.execute("SELECT DISTINCT indicator FROM cells").fetchall()
        dates = store.execute("SELECT min(period_end - period_start) FROM cells").fetchall()
    assert set(stored) == set(with_cells)
    assert dates[0][0] >= 27


def test_rows_are_reconciled_from_file_to_mart(small: Published) -> None:
    with Register(small.folders.register) as register:
        for extract in extract_contracts():
            for entry in register.in_use(extract):
                assert entry.rows_read == entry.rows_loaded + entry.rows_returned
                assert (
                    pl.scan_parquet(lake_file(small.folders, entry)).select(pl.len()).collect().item()
                    == entry.rows_loaded
                )
        in_use = sum(entry.rows_loaded for entry in register.in_use("testing"))
        returned = sum(rows for reasons in register.build_returns().values() for rows in reasons.values())
    counts = small.release.manifest["row_counts"]
    assert counts["stg_testing"] + counts["stg_returned"] >= in_use
    assert counts["stg_testing"] == counts["mart_requests"]
    assert counts["stg_returned"] == returned


def _forget_releases_recipe(folders: Folders) -> None:
    """Have the next build make a release, as if an input had changed."""
    for release in releases.releases(folders):
        path = release.folder / releases.MANIFEST
        path.write_text(path.read_text().replace(release.manifest["recipe"], "another"))
