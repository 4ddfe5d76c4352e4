"""What the mart of programme items must satisfy."""

from __future__ import annotations

import great_expectations as gx

from expectations.domain import ExpectKeyToBeUnique, ExpectNoRows, about

OWNER = "Data pipeline"


def suite() -> gx.ExpectationSuite:
    """The checks of mart_programme."""
    return gx.ExpectationSuite(
        "mart_programme",
        expectations=[
            ExpectKeyToBeUnique(
                columns=["report_id"],
                severity="critical",
                meta=about("key", "uniqueness", OWNER, "An item reported twice for one day would be counted twice."),
            ),
            ExpectNoRows(
                condition="completed_date > as_at",
                says="Nothing is completed after the day of its report.",
                severity="warning",
                meta=about(
                    "completed_by_report",
                    "plausibility",
                    OWNER,
                    "2026-11-28: what is still to come would count as done.",
                    to_do="Give the day on which the item was completed, or leave it blank until it is.",
                ),
            ),
        ],
    )
