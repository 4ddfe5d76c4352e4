"""What the mart of requests must satisfy."""

from __future__ import annotations

import great_expectations as gx
import great_expectations.expectations as gxe

from expectations.domain import ExpectKeyToBeUnique, ExpectRecordedInEachGroup, about
from expectations.ethnicity import ethnicity_expectations

OWNER = "Data pipeline"
LABORATORIES = "Laboratory data stewards"


def suite() -> gx.ExpectationSuite:
    """The checks of mart_requests."""
    return gx.ExpectationSuite(
        "mart_requests",
        expectations=[
            gxe.ExpectTableRowCountToBeBetween(
                min_value=1,
                severity="critical",
                description="There is at least one request.",
                meta=about("any_rows", "completeness", OWNER, "An empty table passes every other check."),
            ),
            ExpectKeyToBeUnique(
                columns=["request_id"],
                severity="critical",
                meta=about("key", "uniqueness", OWNER, "A request joined twice would be counted twice."),
            ),
            *ethnicity_expectations(),
            *_other_extracts(),
        ],
    )


def _other_extracts() -> list[gxe.Expectation]:
    return [
        ExpectRecordedInEachGroup(
            condition="has_turnaround",
            among="is_accepted",
            what="A turnaround row is there for accepted requests",
            group_by="receiving_lab, received_month",
            group_name="laboratory's month",
            extract="turnaround",
            at_least=0.98,
            min_rows=50,
            severity="warning",
            meta=about(
                "turnaround_row_there",
                "completeness",
                LABORATORIES,
                "2026-11-21: a request without one is in no measure of turnaround; leaving open ones out flatters.",
                affects=["mart_turnaround"],
                to_do="Send every accepted request of the month in the turnaround extract, open ones included.",
            ),
        ),
        ExpectRecordedInEachGroup(
            condition="request_id IN (SELECT request_id FROM stg_outcomes)",
            among="request_status = 'reported'",
            what="An outcome row is there for reported requests",
            group_by="receiving_lab, received_month",
            group_name="laboratory's month",
            extract="outcomes",
            at_least=0.95,
            min_rows=50,
            severity="warning",
            meta=about(
                "outcome_row_there",
                "completeness",
                LABORATORIES,
                "2026-11-22: in the synthetic extracts 0.3% at most were without one in any month.",
                affects=["stg_outcomes"],
                to_do="Send an outcome for every reported request of the month.",
            ),
        ),
    ]
