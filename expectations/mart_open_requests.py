"""What the mart of requests open at a month's end must satisfy."""

from __future__ import annotations

import great_expectations as gx

from expectations.domain import ExpectKeyToBeUnique, ExpectNoRows, ExpectReferencesToExist, about

OWNER = "Data pipeline"


def suite() -> gx.ExpectationSuite:
    """The checks of mart_open_requests."""
    return gx.ExpectationSuite(
        "mart_open_requests",
        expectations=[
            ExpectKeyToBeUnique(
                columns=["open_request_id"],
                severity="critical",
                meta=about("key", "uniqueness", OWNER, "A request counted twice would swell the backlog."),
            ),
            ExpectReferencesToExist(
                column="request_id",
                reference_table="mart_turnaround",
                reference_column="request_id",
                severity="critical",
                meta=about("request_known", "consistency", OWNER, "Open requests are part of those with a turnaround."),
            ),
            ExpectNoRows(
                condition="open_days < 0",
                says="No request is open before it was received.",
                severity="critical",
                meta=about("days_not_negative", "plausibility", OWNER, "A negative age would hide an old request."),
            ),
            ExpectNoRows(
                condition="snapshot_date <> last_day(snapshot_date)",
                says="Every count is of the last day of a month.",
                severity="critical",
                meta=about("month_ends", "conformance", OWNER, "Counts of other days cannot be set side by side."),
            ),
            ExpectNoRows(
                condition="is_overdue IS NULL",
                says="Every open request is overdue or not.",
                severity="critical",
                meta=about("overdue_or_not", "completeness", OWNER, "A blank would be left out of the backlog."),
            ),
            ExpectNoRows(
                condition="open_days > 730",
                says="No request is open for more than two years, but for 0.1% of rows.",
                at_most=0.001,
                severity="warning",
                meta=about(
                    "open_under_two_years",
                    "plausibility",
                    "Laboratory data stewards",
                    "2026-11-22: in the synthetic extracts the oldest was open for 206 days; older ones are more "
                    "often never closed.",
                    to_do="Report or cancel the requests named.",
                ),
            ),
        ],
    )
