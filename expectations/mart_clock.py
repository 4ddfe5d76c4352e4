"""What the mart of clocks must satisfy."""

from __future__ import annotations

from typing import Any

import great_expectations as gx

from expectations.domain import ExpectKeyToBeUnique, ExpectNoRows, about

OWNER = "Data pipeline"
LABORATORIES = "Laboratory data stewards"

#: What a request's status and its dates may not say together: name, condition, among which rows, sentence.
STATUS_AGAINST_DATES = (
    (
        "reported_has_date",
        "report_date IS NULL",
        "request_status = 'reported'",
        "Every reported request has a day of report.",
    ),
    (
        "date_means_reported",
        "request_status NOT IN ('reported', 'cancelled')",
        "report_date IS NOT NULL",
        "Every request with a day of report is reported.",
    ),
    (
        "cancelled_not_reported",
        "request_status = 'cancelled'",
        "report_date IS NOT NULL",
        "No request is cancelled and yet reported.",
    ),
    (
        "cancelled_has_date",
        "cancelled_date IS NULL",
        "request_status = 'cancelled'",
        "Every cancelled request has the day on which it was.",
    ),
    (
        "date_means_cancelled",
        "request_status <> 'cancelled'",
        "cancelled_date IS NOT NULL",
        "Every request with a day of cancellation is cancelled.",
    ),
    (
        "turned_away_not_worked",
        "report_date IS NOT NULL OR analysed_date IS NOT NULL",
        "request_status IN ('rejected', 'duplicate')",
        "No rejected or duplicate request is analysed or reported.",
    ),
)


class ExpectNoneLost(ExpectNoRows):
    """No row of a table of clocks meets the condition of one that is lost.

    An open request is judged on its laboratory's newest day of extraction: where the calendar lacks that day, the
    submission that holds it is to blame, and not the one that holds the request.
    """

    @classmethod
    def failing_rows(cls, values: dict[str, Any]) -> str:
        return f"""
            WITH newest AS (
                SELECT receiving_lab, arg_max(submission_id, extracted_on) AS submission_id
                FROM (
                    SELECT receiving_lab, submission_id, extracted_on FROM stg_testing
                    UNION ALL SELECT receiving_lab, submission_id, extracted_on FROM {{batch}}
                )
                GROUP BY receiving_lab
            )
            SELECT CASE
                WHEN report_date IS NULL AND judged_on NOT IN (SELECT day FROM mart_working_days)
                    THEN newest.submission_id
                ELSE lost.submission_id
            END AS submission_id
            FROM ({super().failing_rows(values)}) AS lost
            INNER JOIN newest ON lost.receiving_lab = newest.receiving_lab"""  # noqa: S608 - no value is pasted


def suite() -> gx.ExpectationSuite:
    """The checks of mart_clock."""
    return gx.ExpectationSuite(
        "mart_clock",
        expectations=[
            ExpectKeyToBeUnique(
                columns=["request_id"],
                severity="critical",
                meta=about(
                    "key", "uniqueness", OWNER, "Overlapping versions of a standard would count a request twice."
                ),
            ),
            ExpectNoRows(
                condition="standard_event NOT IN ('received', 'collected', 'dna_extracted')",
                says="Every standard starts its clock with an event that the build knows.",
                severity="critical",
                meta=about(
                    "standard_event",
                    "conformance",
                    OWNER,
                    "Another event would be counted from receipt without a word.",
                ),
            ),
            ExpectNoneLost(
                condition=(
                    "request_status NOT IN ('cancelled', 'rejected', 'duplicate') "
                    "AND request_id NOT IN (SELECT request_id FROM mart_turnaround)"
                ),
                says="No accepted request is lost between its clock and its turnaround.",
                severity="critical",
                meta=about(
                    "none_lost",
                    "consistency",
                    OWNER,
                    "A date outside the calendar would drop a request without a word.",
                ),
            ),
            ExpectNoRows(
                condition="clock_start_event <> standard_event",
                among="clock_start_event IS NOT NULL AND standard_event IS NOT NULL",
                says="The laboratory starts the clock with the event that the standard names, but for 2% of rows.",
                at_most=0.02,
                severity="warning",
                meta=about(
                    "clock_as_standard",
                    "agreement",
                    LABORATORIES,
                    "2026-11-22: in the synthetic extracts all did; the standard's event counts here, so the two "
                    "shares would part.",
                    affects=["mart_turnaround"],
                    to_do="Start the clock with the event that the standard names.",
                ),
            ),
            *(
                ExpectNoRows(
                    condition=condition,
                    among=among,
                    says=says,
                    severity="warning",
                    meta=about(
                        name,
                        "consistency",
                        LABORATORIES,
                        "2026-11-22: in the synthetic extracts all agreed; status is of the testing extract, dates "
                        "of the turnaround extract.",
                        affects=["mart_turnaround"],
                        to_do="Send both extracts of the month again, taken on the same day.",
                    ),
                )
                for name, condition, among, says in STATUS_AGAINST_DATES
            ),
        ],
    )
