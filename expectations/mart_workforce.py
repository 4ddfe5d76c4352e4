"""What the mart of posts must satisfy."""

from __future__ import annotations

import great_expectations as gx

from expectations.domain import ExpectKeyToBeUnique, ExpectNoRows, about

OWNER = "Data pipeline"


def suite() -> gx.ExpectationSuite:
    """The checks of mart_workforce."""
    return gx.ExpectationSuite(
        "mart_workforce",
        expectations=[
            ExpectKeyToBeUnique(
                columns=["post_id"],
                severity="critical",
                meta=about("key", "uniqueness", OWNER, "Posts counted twice would hide vacancies."),
            ),
            ExpectNoRows(
                condition="in_post_wte > in_post_headcount",
                says="Nobody counts for more than one whole-time equivalent.",
                severity="warning",
                meta=about(
                    "heads_cover_wte",
                    "plausibility",
                    OWNER,
                    "2026-11-28: more whole-time equivalents than people means that one of the two is wrong.",
                    to_do="Count the people in post again, and their whole-time equivalents.",
                ),
            ),
        ],
    )
