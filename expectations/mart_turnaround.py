"""What the mart of turnaround must satisfy."""

from __future__ import annotations

import great_expectations as gx
import great_expectations.expectations as gxe

from expectations.domain import (
    PAUSES,
    ExpectDateNotBefore,
    ExpectKeyToBeUnique,
    ExpectNoRows,
    ExpectRecordedInEachGroup,
    ExpectReferencesToExist,
    about,
)

OWNER = "Data pipeline"
LABORATORIES = "Laboratory data stewards"


def suite() -> gx.ExpectationSuite:
    """The checks of mart_turnaround."""
    return gx.ExpectationSuite(
        "mart_turnaround",
        expectations=[
            gxe.ExpectTableRowCountToBeBetween(
                min_value=1,
                severity="critical",
                description="There is at least one request with a turnaround.",
                meta=about(
                    "any_rows",
                    "completeness",
                    OWNER,
                    "An empty table passes every other check.",
                    to_do="Send turnaround extracts with the accepted requests of the testing extracts.",
                ),
            ),
            ExpectKeyToBeUnique(
                columns=["request_id"],
                severity="critical",
                meta=about(
                    "key", "uniqueness", OWNER, "Overlapping versions of a standard would count a request twice."
                ),
            ),
            ExpectReferencesToExist(
                column="request_id",
                reference_table="mart_requests",
                reference_column="request_id",
                severity="critical",
                meta=about("request_known", "consistency", OWNER, "Dimensions come from the mart of requests."),
            ),
            ExpectDateNotBefore(
                later="judged_on",
                earlier="report_date",
                severity="critical",
                meta=about(
                    "report_by_extraction", "plausibility", OWNER, "A report after the newest extract cannot be known."
                ),
            ),
            ExpectNoRows(
                condition="gross_days < 0",
                says="No request ends before its clock starts.",
                severity="critical",
                meta=about("days_not_negative", "plausibility", OWNER, "A negative wait would shorten every average."),
            ),
            ExpectDateNotBefore(
                later="due_date",
                earlier="clock_start",
                severity="critical",
                meta=about("due_after_start", "plausibility", OWNER, "A request cannot be due before it is there."),
            ),
            ExpectNoRows(
                condition="due_date IS NULL",
                among="target_days IS NOT NULL",
                says="Every request with a target has a day on which it is due.",
                severity="critical",
                meta=about(
                    "due_date_there", "completeness", OWNER, "A request without one would be in no measure of 2.1."
                ),
            ),
            ExpectNoRows(
                condition="paused > gross_days",
                among="is_reported",
                says="No clock is stopped for longer than the request took, but for 0.1% of rows.",
                at_most=0.001,
                severity="warning",
                meta=about(
                    "paused_within_days",
                    "plausibility",
                    LABORATORIES,
                    "2026-11-22: in the synthetic extracts ten of 307,000 were; they count as answered on the day.",
                    to_do="Check the days for which the clock was stopped.",
                    same_rows=PAUSES,
                ),
            ),
            ExpectNoRows(
                condition=(
                    "is_reported AND day_type = 'calendar' AND (days_used <= target_days) <> (report_date <= due_date)"
                ),
                says="Reported within the standard and reported by the due date agree.",
                severity="critical",
                meta=about(
                    "two_ways_agree",
                    "consistency",
                    OWNER,
                    "Two ways of saying the same; they part only when a sum is wrong.",
                ),
            ),
            ExpectNoRows(
                condition="gross_days > 730",
                says="No request takes longer than two years.",
                severity="warning",
                meta=about(
                    "under_two_years",
                    "plausibility",
                    LABORATORIES,
                    "2026-11-21: longer waits are more often a missing report date.",
                    to_do="Send the day of the report, or say that the request is still open.",
                ),
            ),
            ExpectRecordedInEachGroup(
                condition="target_days IS NOT NULL",
                what="A turnaround standard is named",
                group_by="receiving_lab",
                at_least=0.90,
                severity="warning",
                meta=about(
                    "standard_named",
                    "completeness",
                    LABORATORIES,
                    "2026-11-21: a request without a standard is in no measure of 2.1.",
                    to_do="Send the code of the standard that the laboratory applies.",
                ),
            ),
        ],
    )
