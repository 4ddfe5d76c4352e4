"""What the calendar of working days must satisfy."""

from __future__ import annotations

import great_expectations as gx

from expectations.domain import ExpectKeyToBeUnique, ExpectNoRows, about

OWNER = "Data pipeline"


def suite() -> gx.ExpectationSuite:
    """The checks of mart_working_days."""
    return gx.ExpectationSuite(
        "mart_working_days",
        expectations=[
            ExpectKeyToBeUnique(
                columns=["board_code", "day"],
                severity="critical",
                meta=about("uniqueness", OWNER, "A day counted twice would lengthen every wait in working days."),
            ),
            ExpectNoRows(
                condition="is_worked NOT IN (0, 1)",
                says="A day is worked or not.",
                severity="critical",
                meta=about("conformance", OWNER, "Working days are counted by adding these up."),
            ),
        ],
    )
