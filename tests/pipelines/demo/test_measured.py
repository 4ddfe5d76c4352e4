"""Tests of pipelines/demo/measured.py: what the files show, read without the generator, is what truth.json says."""

from __future__ import annotations

import polars as pl
import pytest

from catalogue.reference import FOLDER
from pipelines.demo import write_demo
from tests.pipelines.demo.conftest import Folder

VALID = r"^[1-6][A-Z]$"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """110,000 requests of five and a half years, as files."""
    path = tmp_path_factory.mktemp("measured")
    write_demo(path, requests_per_year=20_000, until="2026-10", quiet=True)
    return Folder(path)


@pytest.fixture(scope="module")
def testing(told: Folder) -> pl.DataFrame:
    """The newest testing rows, those with a planted fault left out."""
    rows = told.newest("testing").unique("request_id")
    return rows.filter((pl.col("technology") != "long_read") & (pl.col("simd_decile") != "11").fill_null(True))


@pytest.mark.slow
def test_five_and_a_half_years_make_some_1500_files(told: Folder) -> None:
    assert 1_100 <= len(told.names()) <= 1_600


@pytest.mark.slow
def test_ethnicity_recorded_by_board_can_be_found_again(told: Folder, testing: pl.DataFrame) -> None:
    people = testing.filter(
        (pl.col("received_date") > "2025-10-31") & ~pl.col("request_status").is_in(["rejected", "duplicate"])
    ).unique("person_id")
    valid = pl.col("ethnicity_code").str.contains(VALID).fill_null(False)
    found = dict(people.group_by("residence_board").agg(valid.mean()).iter_rows())
    for board, told_share in told.truth["measured"]["ethnicity_recorded"].items():
        if board != "all" and told_share["of"] > 100:
            assert found[board] == pytest.approx(told_share["share"], abs=0.02), board


@pytest.mark.slow
def test_failed_samples_by_type_can_be_found_again(told: Folder, testing: pl.DataFrame) -> None:
    analysed = testing.filter(pl.col("sample_outcome").is_in(["completed", "failed", "insufficient"]))
    share = (pl.col("failed_sample_count").cast(pl.Int64) >= 1).mean()
    found = dict(analysed.group_by("sample_type").agg(share).iter_rows())
    for kind, told_share in told.truth["measured"]["failed_samples"].items():
        assert found[kind] == pytest.approx(told_share["share"], abs=0.015), kind


@pytest.mark.slow
def test_the_share_within_standard_can_be_found_again(told: Folder) -> None:
    standards = pl.read_csv(FOLDER / "turnaround_standards.csv", infer_schema=False)
    days = ("clock_start_date", "received_date", "report_date", "cancelled_date", "extracted_on")
    rows = told.newest("turnaround").unique("request_id").with_columns(pl.col(name).str.to_date() for name in days)
    found = (
        rows.join(
            standards.filter(pl.col("day_type") == "calendar").with_columns(
                pl.col("valid_from").str.to_date(), pl.col("valid_to").str.to_date()
            ),
            left_on="standard_code",
            right_on="code",
        )
        .filter(pl.col("received_date") >= pl.col("valid_from"))
        .filter(pl.col("valid_to").is_null() | (pl.col("received_date") < pl.col("valid_to")))
        .filter(pl.col("cancelled_date").is_null())
        .with_columns(start=pl.col("clock_start_date").fill_null(pl.col("received_date")))
        .with_columns(
            due=pl.col("start")
            + pl.duration(days=pl.col("target_days").cast(pl.Int64) + pl.col("paused_days").cast(pl.Int64).fill_null(0))
        )
        .filter(pl.col("due") <= pl.lit("2026-11-01").str.to_date())
        .group_by("turnaround_category")
        .agg((pl.col("report_date") <= pl.col("due")).fill_null(False).mean())
    )
    measured = told.truth["measured"]["reported_within_standard"]
    for category, share in found.iter_rows():
        if category != "familial_targeted":
            assert share == pytest.approx(measured[category]["share"], abs=0.015), category
