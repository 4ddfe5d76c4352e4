"""The reference lists as they stand keep their suites, and a list that breaks its description is caught."""

from __future__ import annotations

import datetime as dt

import duckdb
import great_expectations as gx
import polars as pl
import pytest

from catalogue.reference import reference_tables
from expectations.from_reference import PREFIX, reference_suites
from pipelines.quality.checks import Check, run_suites
from pipelines.reference import load_reference


def found(changed: dict[str, pl.DataFrame], tables: set[str]) -> dict[str, Check]:
    """What the suites of some lists find, by check; the list of boards is always there."""
    chosen: dict[str, gx.ExpectationSuite] = {name: reference_suites()[name] for name in tables}
    with duckdb.connect() as con:
        for name, frame in (load_reference() | changed).items():
            con.register("frame", frame)
            con.execute(f'CREATE TABLE "{PREFIX}{name}" AS SELECT * FROM frame')
            con.unregister("frame")
        return {check.id: check for check in run_suites(con, chosen)}


def test_the_lists_as_they_stand_pass_every_check() -> None:
    checks = found({}, set(reference_suites()))
    assert {check.table.removeprefix(PREFIX) for check in checks.values()} == set(reference_tables())
    assert not [check.id for check in checks.values() if check.is_open]


BOARD = pl.col("board_code")


@pytest.mark.parametrize(
    ("name", "change", "check"),
    [
        ("boards", lambda rows: pl.concat([rows, rows.head(1)]), "key"),
        ("boards", lambda rows: rows.clear(), "any_rows"),
        ("boards", lambda rows: rows.with_columns(label=pl.lit(None, dtype=pl.String)), "label_filled"),
        ("laboratories", lambda rows: rows.with_columns(host_board=pl.lit("nowhere")), "host_board_code"),
        ("laboratory_boards", lambda rows: rows.filter(pl.col("laboratory") != "DUN"), "laboratory_covered"),
        ("population_simd_decile", lambda rows: rows.with_columns(simd_decile=11), "simd_decile_bounds"),
        ("population_simd_decile", lambda rows: rows.filter(pl.col("simd_decile") > 1), "simd_decile_covered"),
        ("population_simd_decile", lambda rows: rows.filter(BOARD != "S08000028"), "board_code_covered"),
        ("population_age_sex", lambda rows: rows.filter(pl.col("age_band") != "0-4"), "adds_up"),
        ("population_ethnicity", lambda rows: rows.with_columns(pl.col("population") * 2), "adds_up"),
        (
            "population_ethnicity",
            lambda rows: rows.filter(pl.col("ethnic_group") != "white_polish"),
            "ethnic_group_covered",
        ),
        (
            "turnaround_standards",
            lambda rows: rows.with_columns(valid_to=pl.lit(None, dtype=pl.Date)),
            "no_overlap",
        ),
        (
            "turnaround_standards",
            lambda rows: rows.with_columns(valid_to=pl.lit(dt.date(2000, 1, 1))),
            "interval_order",
        ),
        ("events", lambda rows: rows.with_columns(end_date=pl.lit(dt.date(2000, 1, 1))), "interval_order"),
    ],
    ids=lambda value: value if isinstance(value, str) else "changed",
)
def test_a_list_that_breaks_its_description_stops_the_build(name, change, check) -> None:  # type: ignore[no-untyped-def]
    checks = found({name: change(load_reference()[name])}, {f"{PREFIX}{name}"})
    assert checks[f"{PREFIX}{name}.{check}"].stops_the_build


def test_a_list_that_is_gone_is_an_error_of_every_check_of_it() -> None:
    suite = {"ref_boards": reference_suites()["ref_boards"]}
    with duckdb.connect() as con:
        checks = run_suites(con, suite)
    assert {check.status for check in checks} == {"error"}
    assert len(checks) == len(suite["ref_boards"].expectations)
