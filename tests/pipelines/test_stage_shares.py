"""Shares of days by stage: whole per cent, and none of a place where a stage stands for few people."""

from __future__ import annotations

import datetime as dt

import polars as pl

from catalogue.dimensions import dimensions
from pipelines.stage_shares import divided

STAGES = list(dimensions()["stage"].labels)
START, END = dt.date(2025, 11, 1), dt.date(2026, 10, 31)


def rows(lab: str, people: int, days: dict[str, int], few: str = "") -> pl.DataFrame:
    """So many people with so many days in each stage; of the stage `few`, one person less."""
    drawn = []
    for stage in STAGES:
        there = people - (stage == few)
        drawn.append((lab, stage, there, START, END, there * days.get(stage, 1)))
    columns = ["performing_lab", "stage", "people", "period_start", "period_end", "days"]
    return pl.DataFrame(drawn, schema=columns, orient="row")


def shares(frame: pl.DataFrame) -> dict[tuple[str, str], int | None]:
    found = divided(frame, "performing_lab", needs=20)
    return {(row["code"], row["stage"]): row["pct"] for row in found.to_dicts()}


def test_days_divide_into_whole_per_cent() -> None:
    found = shares(rows("EDI", 20, {"analysis": 6, "sequencing": 4}))
    # 6 and 4 days beside six stages of one: 6, 4 and 1 of 16.
    assert found["EDI", "analysis"] == 38
    assert found["EDI", "sequencing"] == 25
    assert found["EDI", "transport"] == 6


def test_where_one_stage_stands_for_few_no_share_of_the_place_is_told() -> None:
    found = shares(pl.concat([rows("EDI", 20, {}), rows("DUN", 20, {}, few="visible")]))
    assert {found["DUN", stage] for stage in STAGES} == {None}
    assert None not in {found["EDI", stage] for stage in STAGES}


def test_a_stage_that_nobody_finished_hides_the_place_too() -> None:
    frame = rows("EDI", 30, {}).filter(pl.col("stage") != "visible")
    assert set(shares(frame).values()) == {None}
