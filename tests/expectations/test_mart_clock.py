"""Whom the loss of a request on the way to its turnaround is blamed on."""

from __future__ import annotations

import datetime as dt

import polars as pl

from expectations.domain import about
from expectations.mart_clock import ExpectNoneLost
from tests.expectations.checking import check

DAY = dt.date
LOST = ExpectNoneLost(
    condition="request_id NOT IN (SELECT request_id FROM mart_turnaround)",
    says="No request is lost.",
    severity="critical",
    meta=about("none_lost", "consistency", "Data pipeline", "Why."),
)


def blamed(judged_on: dt.date, report_date: dt.date | None) -> list[tuple[str | None, str | None, dt.date | None]]:
    """Whom the check blames for one request of May that is lost; a testing extract of March has the newest day."""
    rows = pl.DataFrame(
        {
            "request_id": ["R1"], "receiving_lab": ["DUN"], "submission_id": ["turnaround__DUN__2026-05__v1__aa"],
            "extracted_on": [DAY(2026, 6, 1)], "judged_on": [judged_on], "report_date": [report_date],
        },
        schema_overrides={"report_date": pl.Date},
    )  # fmt: skip
    testing = pl.DataFrame(
        {
            "receiving_lab": ["DUN", "GLA"], "extracted_on": [judged_on, DAY(2199, 1, 1)],
            "submission_id": ["testing__DUN__2026-03__v2__bb", "testing__GLA__2026-03__v1__cc"],
        }
    )  # fmt: skip
    days = pl.DataFrame({"day": [DAY(2026, 6, 1)]})
    nothing = pl.DataFrame(schema={"request_id": pl.String})
    (found,) = check(rows, LOST, stg_testing=testing, mart_working_days=days, mart_turnaround=nothing)
    assert (found.rows_checked, found.rows_failing) == (1, 1)
    return [(part.extract, part.submitter, part.period) for part in found.parts]


def test_an_open_request_lost_by_a_day_beyond_the_calendar_is_blamed_on_the_submission_that_holds_the_day() -> None:
    assert blamed(DAY(2199, 1, 1), None) == [("testing", "DUN", DAY(2026, 3, 1))]


def test_a_request_lost_by_a_day_of_its_own_is_blamed_on_its_own_submission() -> None:
    assert blamed(DAY(2199, 1, 1), DAY(2199, 1, 1)) == [("turnaround", "DUN", DAY(2026, 5, 1))]
    assert blamed(DAY(2026, 6, 1), None) == [("turnaround", "DUN", DAY(2026, 5, 1))]
