"""What the staged turnaround extract must satisfy."""

from __future__ import annotations

import great_expectations as gx
import great_expectations.expectations as gxe

from catalogue.contracts import extract_contracts
from expectations.domain import (
    PAUSES,
    ExpectCodeInForce,
    ExpectDateNotBefore,
    ExpectDaysBetween,
    ExpectNoRows,
    ExpectRecordedInEachGroup,
    about,
)
from expectations.from_contract import contract_expectations, no_identifiers

LABORATORIES = "Laboratory data stewards"
CORRECT = "Correct the dates of the rows named, and send the month again."

#: Orders of events that the contract leaves open, since ingest returns no row for them: earlier, later.
ORDERS = (
    ("collected_date", "dispatched_date"),
    ("collected_date", "pathology_released_date"),
    ("received_date", "sequenced_date"),
    ("received_date", "analysed_date"),
    ("received_date", "authorised_date"),
    ("received_date", "report_visible_date"),
    ("dna_extracted_date", "extracted_on"),
    ("sequenced_date", "extracted_on"),
    ("analysed_date", "extracted_on"),
    ("authorised_date", "extracted_on"),
    ("report_visible_date", "extracted_on"),
)

#: Steps of the path with the most days that are likely, the share of rows that may take longer, and why.
STEPS = (
    ("collected_date", "received_date", 120, 0.01, "archived tissue may be older, but little of it is"),
    (
        "dispatched_date",
        "received_date",
        30,
        0.0005,
        "in the synthetic extracts samples took 7 days on the road at most",
    ),
    ("received_date", "dna_extracted_date", 60, 0.0005, "in the synthetic extracts extraction took 16 days at most"),
    ("dna_extracted_date", "sequenced_date", 270, 0.0005, "in the synthetic extracts the assay took 130 days at most"),
    ("sequenced_date", "analysed_date", 270, 0.0005, "in the synthetic extracts analysis took 152 days at most"),
    ("analysed_date", "authorised_date", 180, 0.0005, "in the synthetic extracts authorisation took 102 days at most"),
    ("authorised_date", "report_date", 180, 0.0005, "in the synthetic extracts the report followed within 78 days"),
    ("report_date", "report_visible_date", 60, 0.0005, "in the synthetic extracts reports were visible within 22 days"),
)

#: Laboratories' public holidays are those of the boards that host them.
ON_HOLIDAY = (
    "(split_part(submission_id, '__', 2), report_date) IN (SELECT ref_laboratories.code, ref_public_holidays.date "
    "FROM ref_public_holidays INNER JOIN ref_laboratories ON ref_public_holidays.board_code = "
    "ref_laboratories.host_board)"
)


def suite() -> gx.ExpectationSuite:
    """The checks of stg_turnaround."""
    contract = extract_contracts()["turnaround"]
    return gx.ExpectationSuite(
        "stg_turnaround",
        expectations=[
            *contract_expectations(contract),
            no_identifiers(contract),
            *_orders(),
            *_intervals(),
            *_pauses(),
            *_clocks(),
            *_reports(),
        ],
    )


def _orders() -> list[gxe.Expectation]:
    return [
        ExpectDateNotBefore(
            later=later,
            earlier=earlier,
            severity="warning",
            meta=about(
                f"{earlier}_to_{later}",
                "plausibility",
                LABORATORIES,
                "2026-11-22: cannot be so, yet the row still tells when it was received and reported, so it is kept.",
                to_do=CORRECT,
            ),
        )
        for earlier, later in ORDERS
    ]


def _intervals() -> list[gxe.Expectation]:
    steps = [
        ExpectDaysBetween(
            start=start,
            end=end,
            no_more_than=most,
            at_most=at_most,
            severity="warning",
            meta=about(
                f"days_{start.removesuffix('_date')}_to_{end.removesuffix('_date')}",
                "plausibility",
                LABORATORIES,
                f"2026-11-22: {why}; longer is more often a mistyped month or year.",
                to_do=CORRECT,
            ),
        )
        for start, end, most, at_most, why in STEPS
    ]
    return [
        *steps,
        ExpectNoRows(
            condition="date_diff('day', received_date, report_date) < 3",
            among="report_date IS NOT NULL AND request_id IN (SELECT request_id FROM stg_testing "
            "WHERE technology IN ('clinical_exome', 'trio_wes', 'wgs'))",
            says="No exome or genome is reported within three days of receipt, but for 0.5% of rows.",
            at_most=0.005,
            severity="warning",
            meta=about(
                "not_too_quick",
                "plausibility",
                LABORATORIES,
                "2026-11-22: the assay alone takes longer; a report date before its time shortens every average.",
                to_do="Check day of receipt and day of report: one may be that of another request.",
            ),
        ),
    ]


def _pauses() -> list[gxe.Expectation]:
    return [
        ExpectNoRows(
            condition="paused_days > date_diff('day', received_date, coalesce(report_date, extracted_on))",
            among="paused_days > 0 AND cancelled_date IS NULL",
            says="No clock is stopped for longer than the request has been there, but for 1% of paused requests.",
            at_most=0.01,
            severity="warning",
            meta=about(
                "paused_within_wait",
                "plausibility",
                LABORATORIES,
                "2026-11-22: in the synthetic extracts ten of 12,700 paused requests were; they count as no wait at "
                "all.",
                to_do="Check the days for which the clock was stopped.",
                same_rows=PAUSES,
            ),
        ),
        ExpectNoRows(
            condition="(coalesce(paused_days, 0) > 0) <> (pause_reason IS NOT NULL)",
            says="A reason is given where the clock was stopped, and only there.",
            severity="warning",
            meta=about(
                "pause_reason",
                "consistency",
                LABORATORIES,
                "2026-11-22: days taken off a wait without a reason cannot be defended.",
                to_do="Give the reason, or take the pause out.",
            ),
        ),
        ExpectRecordedInEachGroup(
            condition="coalesce(paused_days, 0) = 0",
            what="The clock is not stopped",
            group_by="submission_id",
            group_name="submission",
            at_least=0.80,
            min_rows=50,
            severity="warning",
            meta=about(
                "few_pauses",
                "plausibility",
                LABORATORIES,
                "2026-11-22: in the synthetic extracts 4% of requests were paused; one in five makes waits look "
                "shorter than they are.",
                to_do="Explain why so many clocks were stopped in the month.",
            ),
        ),
    ]


def _clocks() -> list[gxe.Expectation]:
    return [
        ExpectCodeInForce(
            column="standard_code",
            on_date="received_date",
            reference_table="ref_turnaround_standards",
            severity="warning",
            meta=about(
                "standard_in_force",
                "conformance",
                LABORATORIES,
                "2026-11-22: a standard that was not in force at receipt gives no target, so no share within it.",
                to_do="Send the standard in force on the day of receipt.",
            ),
        ),
        *(
            ExpectNoRows(
                condition=f"clock_start_date IS DISTINCT FROM {event}_date",
                among=f"clock_start_event = '{event}' AND {event}_date IS NOT NULL",
                says=f"A clock that starts with {event.replace('_', ' ')} starts on {event}_date.",
                severity="warning",
                meta=about(
                    f"clock_starts_when_{event}",
                    "agreement",
                    LABORATORIES,
                    "2026-11-22: the clock here is worked out from the events; the laboratory's own should agree.",
                    to_do="Check how the laboratory system starts the clock.",
                ),
            )
            for event in ("received", "collected", "dna_extracted")
        ),
        ExpectNoRows(
            condition="request_id IN (SELECT stg_testing.request_id FROM stg_testing INNER JOIN stg_turnaround "
            "ON stg_testing.request_id = stg_turnaround.request_id "
            "WHERE stg_testing.received_date <> stg_turnaround.received_date)",
            says="The day of receipt is the same in the testing and the turnaround extract.",
            severity="warning",
            meta=about(
                "received_date_agrees",
                "consistency",
                LABORATORIES,
                "2026-11-22: waits start on one and months are counted by the other.",
                to_do="Correct the day of receipt in the extract that is wrong, and send the month again.",
            ),
        ),
    ]


def _reports() -> list[gxe.Expectation]:
    return [
        ExpectNoRows(
            condition="report_date IS NULL",
            among="report_visible_date IS NOT NULL",
            says="No report is visible that was not issued.",
            severity="warning",
            meta=about(
                "visible_only_if_reported",
                "consistency",
                LABORATORIES,
                "2026-11-22: such a request would count as open.",
                to_do="Send the day of the report.",
            ),
        ),
        ExpectRecordedInEachGroup(
            condition="isodow(report_date) <> 7",
            among="report_date IS NOT NULL",
            what="Reports are issued on other days than Sunday",
            group_by="submission_id",
            group_name="submission",
            at_least=0.95,
            min_rows=50,
            severity="warning",
            meta=about(
                "few_sunday_reports",
                "plausibility",
                LABORATORIES,
                "2026-11-22: in the synthetic extracts 3% at most were of a Sunday in any month; more is a date "
                "filled in by a machine.",
                to_do="Check whether the day of the report is the day of a data transfer.",
            ),
        ),
        ExpectRecordedInEachGroup(
            condition=f"NOT ({ON_HOLIDAY})",
            among="report_date IS NOT NULL",
            what="Reports are issued on other days than public holidays",
            group_by="submission_id",
            group_name="submission",
            at_least=0.95,
            min_rows=50,
            severity="warning",
            meta=about(
                "few_holiday_reports",
                "plausibility",
                LABORATORIES,
                "2026-11-22: in the synthetic extracts 1% at most were of a public holiday; more is a date filled "
                "in by a machine.",
                to_do="Check whether the day of the report is the day of a data transfer.",
            ),
        ),
    ]
