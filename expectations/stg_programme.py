"""What the staged programme extract must satisfy."""

from __future__ import annotations

import great_expectations as gx

from catalogue.contracts import extract_contracts
from expectations.from_contract import contract_expectations


def suite() -> gx.ExpectationSuite:
    """The checks of stg_programme."""
    contract = extract_contracts()["programme"]
    return gx.ExpectationSuite("stg_programme", expectations=contract_expectations(contract, key=["item_id", "as_at"]))
