"""What a contract already promises, as expectations: a staged table is checked against what its parser let through."""

from __future__ import annotations

import great_expectations.expectations as gxe

from catalogue.contracts import YES_NO, Contract
from catalogue.reference import codes
from expectations.domain import ExpectDateNotBefore, ExpectKeyToBeUnique, ExpectNoIdentifiers, about

OWNER = "Data pipeline"
WHY = "The contract of the extract says so, and rows that break it are returned at ingest."
TO_DO = "Find out why ingest let the rows through; until then nothing is published."


def contract_expectations(contract: Contract, key: list[str] | None = None) -> list[gxe.Expectation]:
    """Keys unique, required columns filled, codes of their lists, dates in order: all stop the build.

    key: the columns that identify a staged row, where they are more than the extract's own key.
    """
    found: list[gxe.Expectation] = [
        ExpectKeyToBeUnique(
            columns=key or contract.key, severity="critical", meta=about("key", "uniqueness", OWNER, WHY, to_do=TO_DO)
        )
    ]
    for column in contract.columns:
        if column.required:
            found.append(
                gxe.ExpectColumnValuesToNotBeNull(
                    column=column.name,
                    severity="critical",
                    description=f"Every row has {column.name}.",
                    meta=about(f"{column.name}_filled", "completeness", OWNER, WHY, to_do=TO_DO),
                )
            )
        allowed = YES_NO if column.type == "yes_no" else codes(column.codes) if column.codes else ()
        if allowed and not column.open_codes:
            found.append(
                gxe.ExpectColumnValuesToBeInSet(
                    column=column.name,
                    value_set=sorted(allowed),
                    severity="critical",
                    description=f"Every {column.name} is a code of its list.",
                    meta=about(f"{column.name}_code", "conformance", OWNER, WHY, to_do=TO_DO),
                )
            )
    for earlier, later in contract.date_order:
        found.append(
            ExpectDateNotBefore(
                later=later,
                earlier=earlier,
                severity="critical",
                meta=about(f"{earlier}_to_{later}", "plausibility", OWNER, WHY, to_do=TO_DO),
            )
        )
    return found


def no_identifiers(contract: Contract) -> ExpectNoIdentifiers:
    """No identifier of a person stands in a column that may hold any text: ids, words, and codes outside their list."""
    free = [c.name for c in contract.columns if c.type in ("id", "text") or c.open_codes]
    return ExpectNoIdentifiers(
        columns=free,
        severity="critical",
        meta=about(
            "no_identifiers",
            "conformance",
            "Information governance lead",
            "2026-11-22: ingest refuses a submission with one; one that gets past it must not be published either.",
            to_do="Treat it as an incident: keep the submission from use, tell the sender, have it sent again without.",
        ),
    )
