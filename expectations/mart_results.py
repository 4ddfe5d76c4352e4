"""What the mart of results must satisfy."""

from __future__ import annotations

import great_expectations as gx

from expectations.domain import ExpectKeyToBeUnique, ExpectNoRows, ExpectReferencesToExist, about

OWNER = "Data pipeline"


def suite() -> gx.ExpectationSuite:
    """The checks of mart_results."""
    return gx.ExpectationSuite(
        "mart_results",
        expectations=[
            ExpectKeyToBeUnique(
                columns=["request_id"],
                severity="critical",
                meta=about("key", "uniqueness", OWNER, "A result joined twice would be counted twice."),
            ),
            ExpectReferencesToExist(
                column="request_id",
                reference_table="mart_requests",
                reference_column="request_id",
                severity="critical",
                meta=about("request_known", "consistency", OWNER, "Results are those of requests."),
            ),
            ExpectNoRows(
                condition="report_date > judged_on",
                says="No report is later than the extract.",
                severity="critical",
                meta=about(
                    "reported_by_extract",
                    "plausibility",
                    OWNER,
                    "A report from the future would be followed for a negative time.",
                ),
            ),
        ],
    )
