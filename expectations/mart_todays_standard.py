"""What the mart of requests judged by today's standard must satisfy."""

from __future__ import annotations

import great_expectations as gx

from expectations.domain import ExpectKeyToBeUnique, ExpectNoRows, ExpectReferencesToExist, about

OWNER = "Data pipeline"


def suite() -> gx.ExpectationSuite:
    """The checks of mart_todays_standard."""
    return gx.ExpectationSuite(
        "mart_todays_standard",
        expectations=[
            ExpectKeyToBeUnique(
                columns=["request_id"],
                severity="critical",
                meta=about("key", "uniqueness", OWNER, "Two versions valid on one day would count a request twice."),
            ),
            ExpectReferencesToExist(
                column="request_id",
                reference_table="mart_turnaround",
                reference_column="request_id",
                severity="critical",
                meta=about("request_known", "consistency", OWNER, "Only requests with a turnaround are judged."),
            ),
            ExpectNoRows(
                condition="due_date IS NULL",
                says="Every request has a day on which today's standard has it due.",
                severity="critical",
                meta=about("due_date_there", "completeness", OWNER, "A request without one would not be judged."),
            ),
        ],
    )
