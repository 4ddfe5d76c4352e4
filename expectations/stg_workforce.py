"""What the staged workforce extract must satisfy."""

from __future__ import annotations

import great_expectations as gx
import great_expectations.expectations as gxe

from catalogue.contracts import extract_contracts
from expectations.domain import ExpectNoRows, about
from expectations.from_contract import contract_expectations
from expectations.groups import ExpectSteadyTotals

PLANNERS = "Workforce planners of the host boards"
CORRECT = "Correct the rows named, and send the census again."

#: Name, condition, sentence, reason.
CONTRADICTIONS = (
    (
        "vacant_within_establishment",
        "vacant_wte > establishment_wte + 0.05",
        "No more posts are vacant than are funded.",
        "a vacancy is a funded post",
    ),
    (
        "posts_add_up",
        "in_post_wte + vacant_wte > 1.15 * establishment_wte + 1",
        "Posts filled and vacant are no more than those funded, with 15% and one post to spare.",
        "in the synthetic extracts they were equal to the funded ones; temporary posts explain a little",
    ),
    (
        "wte_within_headcount",
        "in_post_wte > in_post_headcount + 0.05",
        "Nobody fills more than one whole post.",
        "in the synthetic extracts WTE in post was never above the people in post",
    ),
    (
        "people_for_wte",
        "(in_post_wte > 0) <> (in_post_headcount > 0)",
        "Where there are people there is WTE in post, and the other way round.",
        "one of the two was not filled in",
    ),
    (
        "wte_per_person",
        "in_post_headcount > 5 AND in_post_wte < 0.3 * in_post_headcount",
        "People in post fill 0.3 of a post or more on average.",
        "in the synthetic extracts groups of more than five averaged 0.5 at least; less is more often headcount in the "
        "wrong column",
    ),
    (
        "absence_plausible",
        "absence_rate > 0.30",
        "Absence is 30% or less.",
        "in the synthetic extracts 12% was the most; 5 for 5% is the usual mistake",
    ),
    (
        "leavers_add_up",
        "leavers_retired_wte_12m + leavers_to_nhs_wte_12m > leavers_wte_12m + 0.05",
        "Leavers who retired or moved within the NHS are no more than all leavers.",
        "they are parts of them",
    ),
    (
        "trainees_add_up",
        "trainees_registered_12m > trainees_due_to_register",
        "No more trainees register than were due to.",
        "they are a part of them",
    ),
    (
        "end_of_quarter",
        "census_date <> last_day(census_date) OR month(census_date) % 3 <> 0",
        "Every census is of the last day of a quarter.",
        "censuses of other days cannot be set side by side",
    ),
)


def suite() -> gx.ExpectationSuite:
    """The checks of stg_workforce."""
    return gx.ExpectationSuite(
        "stg_workforce",
        expectations=[
            *contract_expectations(extract_contracts()["workforce"]),
            *_contradictions(),
            *_with_reference(),
            *_against_last_census(),
        ],
    )


def _contradictions() -> list[gxe.Expectation]:
    return [
        ExpectNoRows(
            condition=condition,
            says=says,
            severity="warning",
            meta=about(name, "plausibility", PLANNERS, f"2026-11-22: {why}.", to_do=CORRECT),
        )
        for name, condition, says, why in CONTRADICTIONS
    ]


def _with_reference() -> list[gxe.Expectation]:
    hours = (
        "CASE WHEN census_date < DATE '2024-04-01' THEN 37.5 WHEN census_date < DATE '2026-04-01' THEN 37 ELSE 36 END"
    )
    return [
        ExpectNoRows(
            condition=f"full_time_hours <> {hours}",
            among="afc_band <> 'medical'",
            says="A full-time week has the hours agreed nationally for the day of the census.",
            severity="warning",
            meta=about(
                "hours_in_force",
                "conformance",
                PLANNERS,
                "2026-11-22: 37.5 hours to March 2024, 37 from April 2024, 36 from April 2026; WTE rests on them.",
                to_do="Work out WTE again with the hours in force, and send the census again.",
            ),
        ),
        ExpectNoRows(
            condition="(site_code, board_code) NOT IN (SELECT code, host_board FROM ref_laboratories "
            "WHERE host_board IS NOT NULL)",
            among="site_code IN (SELECT code FROM ref_laboratories)",
            says="Staff of a laboratory are employed by the board that hosts it.",
            severity="warning",
            meta=about(
                "host_board",
                "consistency",
                PLANNERS,
                "2026-11-22: in the synthetic extracts all were; another board's code puts its staff on another "
                "board's page.",
                to_do=CORRECT,
            ),
        ),
    ]


def _against_last_census() -> list[gxe.Expectation]:
    return [
        ExpectSteadyTotals(
            total=total,
            group_by="site_code",
            on_date="census_date",
            change_at_most=change,
            severity="warning",
            meta=about(
                f"{total}_steady",
                "agreement",
                PLANNERS,
                f"2026-11-22: {why}; more is a role or band left out, or sent twice.",
                to_do="Compare role by role with the census before, and confirm or send again.",
            ),
        )
        for total, change, why in (
            ("in_post_wte", 0.15, "in the synthetic extracts no site's staff changed by more than 5% in a quarter"),
            (
                "establishment_wte",
                0.15,
                "in the synthetic extracts no site's funded posts changed by more than 5% in a quarter",
            ),
            (
                "in_post_headcount",
                0.20,
                "in the synthetic extracts no site's people changed by more than 7% in a quarter",
            ),
        )
    ]
