"""What the days on which submitters are judged must satisfy."""

from __future__ import annotations

import great_expectations as gx

from catalogue.reference import reference_rows
from expectations.domain import ExpectKeyToBeUnique, about
from expectations.lists import ExpectCodesCovered

OWNER = "Data pipeline"


def suite() -> gx.ExpectationSuite:
    """The checks of stg_extracted."""
    laboratories = [row["code"] for row in reference_rows("laboratories") if row["is_scottish"] == "yes"]
    return gx.ExpectationSuite(
        "stg_extracted",
        expectations=[
            ExpectKeyToBeUnique(
                columns=["submitter"],
                severity="critical",
                meta=about("key", "uniqueness", OWNER, "Two days for one laboratory would count each request twice."),
            ),
            ExpectCodesCovered(
                column="submitter",
                codes=laboratories,
                what="laboratory in Scotland",
                severity="warning",
                meta=about(
                    "laboratories_covered",
                    "completeness",
                    "Laboratory data stewards",
                    "2026-11-22: figures for Scotland are of the laboratories that send; a reader must know which.",
                    affects=["stg_testing"],
                    to_do="Ask the laboratory for its extracts.",
                ),
            ),
        ],
    )
