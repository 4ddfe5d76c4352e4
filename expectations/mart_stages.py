"""What the mart of stages must satisfy."""

from __future__ import annotations

import great_expectations as gx

from expectations.domain import ExpectKeyToBeUnique, ExpectNoRows, ExpectReferencesToExist, about

OWNER = "Data pipeline"


def suite() -> gx.ExpectationSuite:
    """The checks of mart_stages."""
    return gx.ExpectationSuite(
        "mart_stages",
        expectations=[
            ExpectKeyToBeUnique(
                columns=["stage_id"],
                severity="critical",
                meta=about("key", "uniqueness", OWNER, "A stage counted twice would weigh twice in its median."),
            ),
            ExpectReferencesToExist(
                column="request_id",
                reference_table="mart_turnaround",
                reference_column="request_id",
                severity="critical",
                meta=about("request_known", "consistency", OWNER, "Stages are those of requests with a turnaround."),
            ),
            ExpectNoRows(
                condition="days < 0",
                says="No stage ends before it begins.",
                severity="critical",
                meta=about("days_not_negative", "plausibility", OWNER, "A negative stage would shorten every median."),
            ),
        ],
    )
