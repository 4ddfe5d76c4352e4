"""What was put into the demonstration extracts is found again in the figures, within stated intervals.

Every interval is 99.9%: a share's Wilson interval, or 3.29 standard errors of a log ratio, plus what is said beside it.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterator
from typing import Any

import duckdb
import polars as pl
import pytest

from methods.proportions import wilson_interval
from pipelines.build import WAREHOUSE
from pipelines.ingest.register import Register
from tests.conftest import Published

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("full")]
CONFIDENCE, Z = 0.999, 3.29
LATEST = dt.date(2025, 11, 1)


@pytest.fixture(scope="module")
def truth(full: Published) -> dict[str, Any]:
    loaded = json.loads(full.truth.read_text())
    return loaded | {"effects": {effect["name"]: effect for effect in loaded["effects"]}}


@pytest.fixture(scope="module")
def store(full: Published) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(full.store), read_only=True) as con:
        yield con


@pytest.fixture(scope="module")
def warehouse(full: Published) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(full.folders.build / WAREHOUSE), read_only=True) as con:
        yield con


def cells(store: duckdb.DuckDBPyConnection, indicator: str, cube: str, grain: str) -> pl.DataFrame:
    found = store.sql(
        "SELECT * FROM cells WHERE indicator = $i AND cube = $c AND grain = $g AND state = 'shown'",
        params={"i": indicator, "c": cube, "g": grain},
    ).pl()
    limits = wilson_interval(pl.col("numerator"), pl.col("denominator"), CONFIDENCE)
    return found.with_columns(limits.alias("limits")).with_columns(
        low=pl.col("limits").struct.field("lower"), high=pl.col("limits").struct.field("upper")
    )


def one(frame: pl.DataFrame, period_start: dt.date, *values: str) -> dict[str, Any]:
    """The row of a cell."""
    wanted = pl.col("period_start") == period_start
    for place, value in enumerate(values, 1):
        wanted &= pl.col(f"d{place}") == value
    return frame.filter(wanted).row(0, named=True)


def test_recording_of_ethnic_group_by_board_is_found(store: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    """Rounding to 5 moves a share of a small board by up to two points."""
    shown = cells(store, "ethnicity_recorded", "residence_board", "year").filter(period_start=LATEST)
    stated = truth["effects"]["ethnicity_recorded"]["size"]
    found = {row["d1"]: (row["low"] - 0.02, row["high"] + 0.02) for row in shown.iter_rows(named=True)}
    assert len(found) >= 13
    assert {b: s for b, s in stated.items() if b in found and not found[b][0] <= s <= found[b][1]} == {}


def test_failed_samples_by_sample_type_are_found(store: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    shown = cells(store, "failed_samples", "sample_type", "year")
    stated = truth["effects"]["failed_samples"]["size"]
    found = {row["d1"]: row for row in shown.filter(period_start=LATEST).iter_rows(named=True)}
    assert {"ffpe", "plasma", "blood_edta", "bone_marrow"} <= found.keys()
    assert {
        t: stated[t] for t, row in found.items() if not row["low"] - 0.004 <= stated[t] <= row["high"] + 0.004
    } == {}


@pytest.mark.parametrize(
    ("lab", "category", "grain", "bad", "good"),
    [
        ("DUN", "cancer_standard", "quarter", dt.date(2024, 7, 1), dt.date(2023, 7, 1)),
        ("GLA", "rare_standard", "quarter", dt.date(2026, 1, 1), dt.date(2024, 7, 1)),
        ("GLA", "rare_complex", "quarter", dt.date(2026, 1, 1), dt.date(2024, 7, 1)),
        ("EDI", "whole_genome", "year", dt.date(2024, 11, 1), dt.date(2022, 11, 1)),
    ],
)
def test_laboratories_in_trouble_are_found(
    store: duckdb.DuckDBPyConnection, lab: str, category: str, grain: str, bad: dt.date, good: dt.date
) -> None:
    shown = cells(store, "reported_within_standard", "performing_lab+turnaround_category", grain)
    assert one(shown, bad, lab, category)["high"] < one(shown, good, lab, category)["low"]


def test_a_backlog_that_grows_and_clears_is_found(store: duckdb.DuckDBPyConnection) -> None:
    shown = cells(store, "overdue_backlog", "performing_lab", "month")
    before, worst, after = (one(shown, dt.date(*month, 1), "GLA") for month in ((2024, 10), (2025, 12), (2026, 9)))
    assert worst["low"] > before["high"]
    assert worst["low"] > after["high"]
    assert worst["numerator"] > 2 * before["numerator"]


def test_the_pandemic_dip_is_found(store: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    """Against the same two months a year later, whose own growth is under 5%."""
    shown = cells(store, "requests_received", "", "month")
    dip, later = (sum(one(shown, dt.date(year, month, 1))["numerator"] for month in (6, 7)) for year in (2021, 2022))
    assert dip / later == pytest.approx(truth["effects"]["pandemic_dip"]["size"], abs=0.06)


def test_the_change_of_the_standard_is_found(store: duckdb.DuckDBPyConnection) -> None:
    shown = cells(store, "reported_within_standard", "turnaround_category", "quarter")
    before, after = (one(shown, start, "rare_complex") for start in (dt.date(2023, 1, 1), dt.date(2023, 7, 1)))
    assert after["high"] < before["low"]


def test_the_gap_in_testing_by_deprivation_is_found(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    """The stated ratio holds within board and area; 0.06 is left for what differs between quintiles besides."""
    people = dict(
        warehouse.execute("""
            SELECT simd_quintile, count(DISTINCT person_id) FROM mart_requests
            WHERE directory = 'rare' AND origin = 'germline' AND pathway = 'routine' GROUP BY ALL""").fetchall()
    )
    residents = dict(
        warehouse.execute("SELECT simd_quintile, sum(population) FROM mart_population_simd GROUP BY ALL").fetchall()
    )
    log_ratio = math.log(people["1"] / int(residents["1"]) / (people["5"] / int(residents["5"])))
    error = Z * math.sqrt(1 / people["1"] + 1 / people["5"]) + 0.06
    assert abs(log_ratio - math.log(truth["effects"]["rare_rate_most_deprived"]["size"])) <= error


def test_the_gap_in_uncertain_results_is_found(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    """Mantel-Haenszel over technology and genes; 0.25 is left for the recorded codes that are wrong."""
    strata = warehouse.execute("""
        SELECT
            count(*) FILTER (ethnic_category = 'african' AND is_vus),
            count(*) FILTER (ethnic_category = 'african' AND NOT is_vus),
            count(*) FILTER (ethnic_category = 'white' AND is_vus),
            count(*) FILTER (ethnic_category = 'white' AND NOT is_vus)
        FROM (
            SELECT ethnic_category, technology, genes_tested, result_category = 'vus' AS is_vus
            FROM mart_requests INNER JOIN stg_outcomes USING (request_id)
            WHERE is_proband = 'yes'
              AND technology IN ('small_panel', 'large_panel', 'clinical_exome', 'trio_wes', 'wgs')
              AND directory = 'rare' AND result_category IN ('vus', 'negative', 'pathogenic')
        ) GROUP BY technology, genes_tested""").fetchall()
    above = sum(a * d / (a + b + c + d) for a, b, c, d in strata)
    below = sum(b * c / (a + b + c + d) for a, b, c, d in strata)
    totals = [sum(column) for column in zip(*strata, strict=True)]
    error = Z * math.sqrt(sum(1 / total for total in totals)) + 0.25
    assert abs(math.log(above / below) - math.log(truth["effects"]["vus_by_category"]["size"]["african"])) <= error


def test_hours_of_the_full_time_week_are_found(warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]) -> None:
    stated = sorted((day, hours) for day, hours in truth["effects"]["full_time_hours"]["size"].items())
    found = warehouse.execute("SELECT DISTINCT census_date, full_time_hours FROM stg_workforce").fetchall()
    assert len({hours for _, hours in found}) == 3
    for census, hours in found:
        assert hours == [value for day, value in stated if day <= census.isoformat()][-1]


def test_every_planted_bad_row_and_file_is_found(full: Published, truth: dict[str, Any]) -> None:
    found: dict[str, int] = {}
    for entry in full.registered:
        for reason, count in entry.reasons.items():
            found[reason] = found.get(reason, 0) + count
    assert found == {reason: count for reason, count in truth["bad_rows"].items() if count}
    refused = {entry.file for entry in full.registered if entry.state == "refused"}
    assert refused == {planted["file"] for planted in truth["refused_files"]}


def test_nothing_sent_is_lost(full: Published) -> None:
    with Register(full.folders.register) as register:
        for entry in register.all():
            if entry.state != "refused":
                assert entry.rows_read == entry.rows_loaded + entry.rows_returned
    sent = {path.name for path in full.folders.inbox.iterdir() if path.name != "truth.json"}
    assert sent == {entry.file for entry in full.registered}


def test_the_record_is_of_real_size(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert warehouse.execute("SELECT count(*) FROM mart_requests").fetchall()[0][0] >= 300_000
