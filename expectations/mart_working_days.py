"""What the calendar of working days must satisfy."""

from __future__ import annotations

import great_expectations as gx

from catalogue.reference import reference_rows
from expectations.domain import ExpectKeyToBeUnique, ExpectNoRows, about
from expectations.lists import ExpectCodesCovered

OWNER = "Data pipeline"


def suite() -> gx.ExpectationSuite:
    """The checks of mart_working_days."""
    return gx.ExpectationSuite(
        "mart_working_days",
        expectations=[
            ExpectKeyToBeUnique(
                columns=["board_code", "day"],
                severity="critical",
                meta=about(
                    "key", "uniqueness", OWNER, "A day counted twice would lengthen every wait in working days."
                ),
            ),
            ExpectNoRows(
                condition="is_worked NOT IN (0, 1)",
                says="A day is worked or not.",
                severity="critical",
                meta=about("worked_or_not", "conformance", OWNER, "Working days are counted by adding these up."),
            ),
            ExpectNoRows(
                condition="is_worked = 1",
                among="isodow(day) > 5",
                says="No Saturday or Sunday is a working day.",
                severity="critical",
                meta=about("weekends_off", "conformance", OWNER, "Targets in working days leave weekends out."),
            ),
            ExpectNoRows(
                condition="board_code || '/' || day_number NOT IN (SELECT board_code || '/' || (day_number + 1) "
                "FROM mart_working_days)",
                among="day > (SELECT min(day) FROM mart_working_days)",
                says="The calendar of each board has no gap.",
                severity="critical",
                meta=about("no_gap", "completeness", OWNER, "A request on a day that is missing would be lost."),
            ),
            ExpectCodesCovered(
                column="board_code",
                codes=_hosts(),
                what="board that hosts a laboratory",
                severity="critical",
                meta=about("hosts_covered", "completeness", OWNER, "Its laboratory's requests would be lost."),
            ),
            ExpectNoRows(
                condition="board_code || '/' || year(day) NOT IN (SELECT board_code || '/' || year(date) "
                "FROM ref_public_holidays)",
                among="day IN (SELECT received_date FROM stg_testing)",
                says="Public holidays are known for every year of the record.",
                severity="critical",
                meta=about(
                    "holidays_known",
                    "completeness",
                    OWNER,
                    "Without them waits in working days would come out too long.",
                    to_do="Add the year's public holidays to reference/public_holidays.csv.",
                ),
            ),
        ],
    )


def _hosts() -> list[str]:
    return sorted({row["host_board"] for row in reference_rows("laboratories") if row["host_board"]})
