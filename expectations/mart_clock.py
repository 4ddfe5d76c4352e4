"""What the mart of clocks must satisfy."""

from __future__ import annotations

import great_expectations as gx

from expectations.domain import ExpectKeyToBeUnique, ExpectNoRows, about

OWNER = "Data pipeline"


def suite() -> gx.ExpectationSuite:
    """The checks of mart_clock."""
    return gx.ExpectationSuite(
        "mart_clock",
        expectations=[
            ExpectKeyToBeUnique(
                columns=["request_id"],
                severity="critical",
                meta=about("uniqueness", OWNER, "Overlapping versions of a standard would count a request twice."),
            ),
            ExpectNoRows(
                condition="standard_event NOT IN ('received', 'collected', 'dna_extracted')",
                says="Every standard starts its clock with an event that the build knows.",
                severity="critical",
                meta=about("conformance", OWNER, "Another event would be counted from receipt without a word."),
            ),
            ExpectNoRows(
                condition=(
                    "request_status NOT IN ('cancelled', 'rejected', 'duplicate') "
                    "AND request_id NOT IN (SELECT request_id FROM mart_turnaround)"
                ),
                says="No accepted request is lost between its clock and its turnaround.",
                severity="critical",
                meta=about("consistency", OWNER, "A date outside the calendar would drop a request without a word."),
            ),
        ],
    )
