"""What the mart of requests must satisfy."""

from __future__ import annotations

import great_expectations as gx
import great_expectations.expectations as gxe

from expectations.domain import ExpectKeyToBeUnique, ExpectRecordedInEachGroup, about

OWNER = "Data pipeline"
STEWARDS = "Health boards' equity leads"


def suite() -> gx.ExpectationSuite:
    """The checks of mart_requests."""
    return gx.ExpectationSuite(
        "mart_requests",
        expectations=[
            gxe.ExpectTableRowCountToBeBetween(
                min_value=1,
                severity="critical",
                description="There is at least one request.",
                meta=about("completeness", OWNER, "An empty table passes every other check."),
            ),
            ExpectKeyToBeUnique(
                columns=["request_id"],
                severity="critical",
                meta=about("uniqueness", OWNER, "A request joined twice would be counted twice."),
            ),
            ExpectRecordedInEachGroup(
                condition="has_ethnic_group",
                what="Ethnic group is recorded",
                group_by="residence_board",
                at_least=0.70,
                severity="warning",
                meta=about(
                    "completeness",
                    STEWARDS,
                    "2026-11-21: health boards ranged from 31% to 99% in 2022; under 70% no gap is shown.",
                    affects=["ethnicity_recorded"],
                ),
            ),
            ExpectRecordedInEachGroup(
                condition="ethnic_category <> 'unmapped'",
                what="Ethnic group codes are recognised",
                group_by="receiving_lab",
                at_least=0.98,
                severity="warning",
                meta=about(
                    "conformance",
                    STEWARDS,
                    "2026-11-21: retired codes are mapped, so few should be left over.",
                    affects=["ethnicity_recorded"],
                ),
            ),
            ExpectRecordedInEachGroup(
                condition="has_turnaround OR NOT is_accepted",
                what="A turnaround row is there",
                group_by="receiving_lab, received_month",
                group_name="laboratory's month",
                at_least=0.98,
                min_rows=50,
                severity="warning",
                meta=about(
                    "completeness",
                    "Laboratory data stewards",
                    "2026-11-21: a request without one is in no measure of turnaround; leaving open ones out flatters.",
                    affects=["mart_turnaround"],
                ),
            ),
        ],
    )
