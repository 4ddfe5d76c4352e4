"""What the staged outcomes extract must satisfy."""

from __future__ import annotations

import great_expectations as gx
import great_expectations.expectations as gxe

from catalogue.contracts import extract_contracts
from expectations.domain import ExpectDateNotBefore, ExpectDaysBetween, ExpectNoRows, ExpectRecordedInEachGroup, about
from expectations.from_contract import contract_expectations, no_identifiers

LABORATORIES = "Laboratory data stewards"
CLINICS = "Clinical genetics services"
OWN = ["stg_outcomes"]
CORRECT = "Correct the rows named, and send the month again."

#: What cannot precede the report on which it rests.
AFTER_REPORT = (
    "first_action_date",
    "matched_therapy_date",
    "trial_enrolment_date",
    "reclassified_date",
    "followed_to_date",
)
REPORTED = "SELECT request_id FROM stg_turnaround WHERE report_date IS NOT NULL"

#: What two fields of a row may not say together: name, condition, sentence, owner.
CONTRADICTIONS = (
    (
        "variants_of_result",
        "coalesce(variants_reported, 1) = 0 AND result_category IN ('pathogenic', 'vus', 'actionable')",
        "A result with a variant counts at least one variant reported.",
        LABORATORIES,
    ),
    (
        "no_variants_of_negative",
        "variants_reported > 0 AND result_category IN ('negative', 'no_actionable', 'failed')",
        "A result without a variant counts none reported.",
        LABORATORIES,
    ),
    (
        "explained_by_result",
        "explains_referral = 'yes' AND result_category IN ('negative', 'no_actionable', 'failed', 'vus')",
        "No result without a clear finding explains the referral.",
        LABORATORIES,
    ),
    (
        "actionable_agrees",
        "result_category = 'actionable' AND actionable_variant = 'no'",
        "An actionable result has an actionable variant.",
        LABORATORIES,
    ),
    (
        "therapy_for_actionable",
        "(matched_therapy_date IS NOT NULL OR trial_enrolment_date IS NOT NULL) AND actionable_variant = 'no'",
        "A matched therapy or trial follows an actionable variant.",
        CLINICS,
    ),
    (
        "offered_if_eligible",
        "research_offered = 'yes' AND research_eligible = 'no'",
        "Research is offered to people who are eligible.",
        CLINICS,
    ),
    (
        "consented_if_offered",
        "research_consented = 'yes' AND research_offered = 'no'",
        "Consent to research follows an offer.",
        CLINICS,
    ),
    (
        "reclassified_whole",
        "(reclassified_date IS NULL) <> (reclassified_to IS NULL)",
        "A reclassification tells its day and its class.",
        LABORATORIES,
    ),
    (
        "action_whole",
        "(first_action_date IS NULL) <> (first_action_type IS NULL)",
        "A first action tells its day and its kind.",
        CLINICS,
    ),
    (
        "followed_tells_day",
        "follow_up_status = 'followed' AND followed_to_date IS NULL",
        "Who was followed up was followed to a day that is told.",
        CLINICS,
    ),
)


def suite() -> gx.ExpectationSuite:
    """The checks of stg_outcomes."""
    contract = extract_contracts()["outcomes"]
    return gx.ExpectationSuite(
        "stg_outcomes",
        expectations=[
            *contract_expectations(contract),
            no_identifiers(contract),
            *_with_other_extracts(),
            *_after_the_report(),
            *_contradictions(),
        ],
    )


def _with_other_extracts() -> list[gxe.Expectation]:
    return [
        ExpectRecordedInEachGroup(
            condition=f"request_id IN ({REPORTED})",
            what="A report was issued for the result",
            group_by="submission_id",
            group_name="submission",
            at_least=0.98,
            min_rows=30,
            severity="warning",
            meta=about(
                "report_there",
                "consistency",
                LABORATORIES,
                "2026-11-22: in the synthetic extracts one in 28,000 lacked it, where the row of the other extract "
                "was returned.",
                affects=OWN,
                to_do="Send the turnaround rows with their report dates, or take the outcomes out.",
            ),
        ),
        ExpectNoRows(
            condition="request_id IN (SELECT request_id FROM stg_testing WHERE sample_outcome = 'completed')",
            among="result_category = 'failed'",
            says="No failed result comes from a sample that was completed, but for 1% of failed results.",
            at_most=0.01,
            severity="warning",
            meta=about(
                "failed_agrees",
                "agreement",
                LABORATORIES,
                "2026-11-22: in the synthetic extracts all agreed; where they part, failures are under-counted in "
                "one of the two.",
                affects=["failed_samples", *OWN],
                to_do="Correct result or sample outcome, and send the month again.",
            ),
        ),
    ]


def _after_the_report() -> list[gxe.Expectation]:
    before = (
        "request_id IN (SELECT stg_outcomes.request_id FROM stg_outcomes INNER JOIN stg_turnaround "
        "ON stg_outcomes.request_id = stg_turnaround.request_id "
        "WHERE stg_outcomes.{day} < stg_turnaround.report_date)"
    )
    orders = [
        ExpectNoRows(
            condition=before.replace("{day}", day),
            among=f"{day} IS NOT NULL",
            says=f"{day} is not before the report.",
            severity="warning",
            meta=about(
                f"report_to_{day}",
                "plausibility",
                CLINICS,
                "2026-11-22: it rests on the report; a treatment decided before it is another field.",
                affects=OWN,
                to_do=CORRECT,
            ),
        )
        for day in AFTER_REPORT
    ]
    to_extraction = [
        ExpectDateNotBefore(
            later="extracted_on",
            earlier=day,
            severity="warning",
            meta=about(
                f"{day}_to_extracted_on",
                "plausibility",
                CLINICS,
                "2026-11-22: what is still to come cannot be known.",
                affects=OWN,
                to_do=CORRECT,
            ),
        )
        for day in ("first_action_date", "decision_to_treat_date", "matched_therapy_date", "trial_enrolment_date")
    ]
    return [
        *orders,
        *to_extraction,
        ExpectDaysBetween(
            start="decision_to_treat_date",
            end="matched_therapy_date",
            at_least=-365,
            no_more_than=1_095,
            at_most=0.005,
            severity="warning",
            meta=about(
                "days_decision_to_therapy",
                "plausibility",
                CLINICS,
                "2026-11-22: three years on, it is more often another course of treatment.",
                affects=OWN,
                to_do="Check that both dates are of the same course of treatment.",
            ),
        ),
    ]


def _contradictions() -> list[gxe.Expectation]:
    return [
        ExpectNoRows(
            condition=condition,
            says=says,
            severity="warning",
            meta=about(
                name,
                "consistency",
                owner,
                "2026-11-22: the two fields cannot both be right.",
                affects=OWN,
                to_do=CORRECT,
            ),
        )
        for name, condition, says, owner in CONTRADICTIONS
    ]
