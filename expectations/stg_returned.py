"""What the rows returned at build must satisfy: few of any submission, each for a known reason."""

from __future__ import annotations

import great_expectations as gx
import great_expectations.expectations as gxe

from expectations.domain import RETURNED, ExpectKeyToBeUnique, about
from expectations.groups import ExpectFewReturned

LABORATORIES = "Laboratory data stewards"

#: Extract, reason, and the sentence that tells what is wrong with such rows.
FEW = (
    ("turnaround", "orphan_key", "The request is unknown to the testing extracts"),
    ("outcomes", "orphan_key", "The request is unknown to the testing extracts"),
    ("testing", "sent_twice", "The request stands in a newer submission too"),
    ("turnaround", "sent_twice", "The request stands in a newer submission too"),
    ("outcomes", "sent_twice", "The request stands in a newer submission too"),
)


def suite() -> gx.ExpectationSuite:
    """The checks of stg_returned."""
    return gx.ExpectationSuite(
        "stg_returned",
        expectations=[
            ExpectKeyToBeUnique(
                columns=["submission_id", "source_row"],
                severity="critical",
                meta=about("key", "uniqueness", "Data pipeline", "A row returned twice would be counted twice."),
            ),
            gxe.ExpectColumnValuesToBeInSet(
                column="reason",
                value_set=["orphan_key", "sent_twice"],
                severity="critical",
                description="Every row is returned for a reason that its submitter can look up.",
                meta=about("reason_code", "conformance", "Data pipeline", "Return files explain these reasons."),
            ),
            *(
                ExpectFewReturned(
                    extract=extract,
                    reason=reason,
                    says=says,
                    share_at_most=0.05,
                    severity="warning",
                    meta=about(
                        f"{reason}_{extract}",
                        "uniqueness" if reason == "sent_twice" else "consistency",
                        LABORATORIES,
                        "2026-11-22: in the synthetic extracts 0.4% at most were in any submission; many show "
                        "months that do not fit together.",
                        affects=[f"stg_{extract}"],
                        to_do="Send the extracts of the month together, taken on the same day.",
                        same_rows=RETURNED,
                    ),
                )
                for extract, reason, says in FEW
            ),
        ],
    )
