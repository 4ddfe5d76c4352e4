"""What the staged programme extract must satisfy."""

from __future__ import annotations

import great_expectations as gx
import great_expectations.expectations as gxe

from catalogue.contracts import extract_contracts
from expectations.domain import ExpectDateNotBefore, ExpectNoRows, ExpectReferencesToExist, about
from expectations.from_contract import contract_expectations, no_identifiers

OFFICE = "Programme office"
CORRECT = "Correct the items named, and send the report again."

#: Name, condition, sentence.
CONTRADICTIONS = (
    (
        "completed_tells_day",
        "status = 'complete' AND completed_date IS NULL AND coalesce(decision, 'approved') = 'approved'",
        "Every completed item tells the day, proposals that were not approved apart.",
    ),
    (
        "day_of_completed_only",
        "completed_date IS NOT NULL AND status <> 'complete'",
        "Only a completed item tells the day on which it was.",
    ),
    ("decision_whole", "(decision IS NULL) <> (decision_date IS NULL)", "A decision and its day are told together."),
    (
        "withdrawn_agrees",
        "decision = 'withdrawn' AND status <> 'withdrawn'",
        "A proposal decided to be withdrawn has that status.",
    ),
    ("not_its_own_cause", "depends_on = item_id", "No item waits for itself."),
)


def suite() -> gx.ExpectationSuite:
    """The checks of stg_programme."""
    contract = extract_contracts()["programme"]
    return gx.ExpectationSuite(
        "stg_programme",
        expectations=[
            *contract_expectations(contract, key=["item_id", "as_at"]),
            no_identifiers(contract),
            *_dates(),
            *_contradictions(),
            *_references(),
        ],
    )


def _dates() -> list[gxe.Expectation]:
    orders = [("assessed_date", "decision_date")]
    orders += [(day, "as_at") for day in ("submitted_date", "assessed_date", "decision_date", "completed_date")]
    return [
        ExpectDateNotBefore(
            later=later,
            earlier=earlier,
            severity="warning",
            meta=about(
                f"{earlier}_to_{later}",
                "plausibility",
                OFFICE,
                "2026-11-22: what is still to come cannot be reported as done; a plan is a due date.",
                to_do=CORRECT,
            ),
        )
        for earlier, later in orders
    ]


def _contradictions() -> list[gxe.Expectation]:
    return [
        ExpectNoRows(
            condition=condition,
            says=says,
            severity="warning",
            meta=about(
                name, "consistency", OFFICE, "2026-11-22: progress is counted from one or the other.", to_do=CORRECT
            ),
        )
        for name, condition, says in CONTRADICTIONS
    ]


def _references() -> list[gxe.Expectation]:
    return [
        ExpectReferencesToExist(
            column="depends_on",
            reference_table="stg_programme",
            reference_column="item_id",
            severity="warning",
            meta=about(
                "depends_on_known",
                "consistency",
                OFFICE,
                "2026-11-22: an item that waits for one unknown would never be ready.",
                to_do=CORRECT,
            ),
        ),
        ExpectReferencesToExist(
            column="test_code",
            reference_table="stg_testing",
            reference_column="test_code",
            among="item_type IN ('directory_mapping', 'eligible_patients')",
            at_most=0.25,
            severity="warning",
            meta=about(
                "test_code_known",
                "consistency",
                OFFICE,
                "2026-11-22: tests new to the directory may not have been asked for yet; one in four is too many.",
                to_do="Compare the test codes with the directory.",
            ),
        ),
    ]
