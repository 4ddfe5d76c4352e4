"""Tests of pipelines/demo/programme.py: what is told on each day, the pause of evaluation, and the 13 aims."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import polars as pl
import pytest

from catalogue.reference import codes
from pipelines.demo import truth
from pipelines.demo.days import Months
from pipelines.demo.programme import send_programme


@pytest.fixture(scope="module")
def reports(months: Months) -> list[pl.DataFrame]:
    return [sending.rows for sending in send_programme(months, 11, 60_000)]


def test_the_newest_report_covers_every_aim_and_kind_of_item(reports: list[pl.DataFrame]) -> None:
    newest = reports[-1]
    assert set(newest["aim"]) == set(codes("aims"))
    assert set(newest["item_type"]) == set(codes("programme_item_types"))
    actions = newest.filter(pl.col("item_type") == "action").group_by("aim").len()
    assert actions.height == 13
    assert actions["len"].min() >= 3  # type: ignore[operator]


def test_no_proposal_is_decided_after_the_pause(reports: list[pl.DataFrame]) -> None:
    proposals = reports[-1].filter(pl.col("item_type") == "test_proposal")
    assert proposals["decision_date"].max() < truth.EVALUATION_PAUSED  # type: ignore[operator]
    undecided = proposals.filter(pl.col("decision_date").is_null())
    assert undecided.height > 10
    assert set(undecided["status"]) == {"paused"}


def test_a_report_tells_nothing_of_the_future(reports: list[pl.DataFrame]) -> None:
    for rows in reports:
        as_at = rows["as_at"][0]
        for name in ("submitted_date", "assessed_date", "decision_date", "completed_date"):
            assert (rows[name].drop_nulls() <= as_at).all()


def test_an_item_keeps_its_key_and_is_never_dropped(reports: list[pl.DataFrame]) -> None:
    for earlier, later in pairwise(reports):
        assert earlier["item_id"].is_unique().all()
        assert set(earlier["item_id"]) <= set(later["item_id"])


def test_finished_items_are_complete_and_dependencies_exist(reports: list[pl.DataFrame]) -> None:
    newest = reports[-1]
    finished = newest.filter(
        pl.col("completed_date").is_not_null() & (pl.col("decision") != "withdrawn").fill_null(True)
    )
    assert set(finished["status"]) == {"complete"}
    assert set(newest["depends_on"].drop_nulls()) <= set(newest["item_id"])


def test_laboratories_go_live_when_stated(reports: list[pl.DataFrame]) -> None:
    sites = reports[-1].filter(pl.col("item_type") == "site_live")
    live = dict(sites.select("organisation_code", "completed_date").drop_nulls().iter_rows())
    assert live == truth.LIMS_LIVE


def test_reports_are_quarterly_then_monthly(reports: list[pl.DataFrame]) -> None:
    days = [rows["as_at"][0] for rows in reports]
    assert days[-1] == date(2026, 10, 31)
    assert (days[1] - days[0]).days > 80
    assert (days[-1] - days[-2]).days == 31
