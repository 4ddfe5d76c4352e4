"""What a contract already promises, as expectations: a staged table is checked against what its parser let through."""

from __future__ import annotations

import great_expectations.expectations as gxe

from catalogue.contracts import YES_NO, Contract
from catalogue.reference import codes
from expectations.domain import ExpectDateNotBefore, ExpectKeyToBeUnique, about

OWNER = "Data pipeline"
WHY = "The contract of the extract says so, and rows that break it are returned at ingest."


def contract_expectations(contract: Contract, key: list[str] | None = None) -> list[gxe.Expectation]:
    """Keys unique, required columns filled, codes of their lists, dates in order: all stop the build.

    key: the columns that identify a staged row, where they are more than the extract's own key.
    """
    found: list[gxe.Expectation] = [
        ExpectKeyToBeUnique(columns=key or contract.key, severity="critical", meta=about("uniqueness", OWNER, WHY))
    ]
    for column in contract.columns:
        if column.required:
            found.append(
                gxe.ExpectColumnValuesToNotBeNull(
                    column=column.name,
                    severity="critical",
                    description=f"Every row has {column.name}.",
                    meta=about("completeness", OWNER, WHY),
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
                    meta=about("conformance", OWNER, WHY),
                )
            )
    for earlier, later in contract.date_order:
        found.append(
            ExpectDateNotBefore(
                later=later, earlier=earlier, severity="critical", meta=about("plausibility", OWNER, WHY)
            )
        )
    return found
