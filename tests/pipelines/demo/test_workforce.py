"""Tests of pipelines/demo/workforce.py: posts add up, the working week changes, and stated shortages appear."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.demo import truth
from pipelines.demo.days import Months
from pipelines.demo.workforce import full_time_hours, send_workforce


def _rows(months: Months) -> pl.DataFrame:
    return pl.concat([sending.rows for sending in send_workforce(months, 11)])


def test_establishment_is_staff_in_post_and_vacancies(months: Months) -> None:
    rows = _rows(months)
    gap = (rows["establishment_wte"] - rows["in_post_wte"] - rows["vacant_wte"]).abs().max()
    assert isinstance(gap, float)
    assert gap < 0.005


def test_there_is_a_census_of_each_laboratory_each_quarter(months: Months) -> None:
    rows = _rows(months)
    assert rows["census_date"].n_unique() == 22
    assert rows.select("census_date", "site_code").n_unique() == 88
    assert set(rows["census_date"].dt.month().unique()) == {3, 6, 9, 12}


def test_the_working_week_shortens_twice() -> None:
    assert full_time_hours(date(2024, 3, 31)) == 37.5
    assert full_time_hours(date(2024, 6, 30)) == 37.0
    assert full_time_hours(date(2026, 6, 30)) == 36.0


def test_the_stated_shortage_of_technologists_appears(months: Months) -> None:
    rows = _rows(months).filter((pl.col("site_code") == "DUN") & (pl.col("role") == "genetic_technologist"))
    start, end, level = truth.VACANCY_DUNDEE_TECHNOLOGISTS
    inside = pl.col("census_date").is_between(start, end)
    rate = rows.group_by(inside.alias("short")).agg(pl.col("vacant_wte").sum() / pl.col("establishment_wte").sum())
    found = dict(rate.iter_rows())
    assert abs(found[True] - level) < 0.08
    assert found[True] > found[False] + 0.08


def test_only_trainees_have_trainee_counts(months: Months) -> None:
    rows = _rows(months)
    assert (
        rows.filter(pl.col("role") != "trainee_scientist")["trainee_starts"].null_count()
        == rows.filter(pl.col("role") != "trainee_scientist").height
    )
    assert (rows["trainees_registered_12m"].drop_nulls() <= rows["trainees_due_to_register"].drop_nulls()).all()
