"""Relatives who are tested together tell less of ethnic groups than as many who are not."""

from __future__ import annotations

import datetime as dt

import duckdb
import polars as pl

from catalogue.indicators import indicators
from pipelines import calendar
from pipelines.equity.families import going_together


def test_the_effect_is_that_of_families_of_a_year_whoever_has_several_requests() -> None:
    requests = [("a", "p", "F1"), ("b", "p", "F1"), ("c", "q", "F1"), ("d", "r", None), ("e", "s", None)]
    entry = indicators()["rare_people_tested"]
    with duckdb.connect() as con:
        frames = {
            "ref_days": calendar.days(),
            "ref_periods": calendar.periods(dt.date(2025, 4, 1), dt.date(2026, 3, 1)),
            "mart_requests": pl.DataFrame(requests, schema=["request_id", "person_id", "family_id"], orient="row"),
            "indicator_rare_people_tested": pl.DataFrame(
                [(request, person, dt.date(2026, 3, 2)) for request, person, _ in requests],
                schema=["unit_id", "person_id", "period_date"],
                orient="row",
            ),
        }
        for name, frame in frames.items():
            con.register("frame", frame)
            con.execute(f"CREATE TABLE {name} AS SELECT * FROM frame")
        found = going_together(con, [entry])
    # A family of two and two alone: (4 + 1 + 1) / 4 = 1.5.
    assert found.rows() == [("rare_people_tested", dt.date(2026, 3, 31), 1.5)]
