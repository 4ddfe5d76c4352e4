"""What the staged turnaround extract must satisfy."""

from __future__ import annotations

import great_expectations as gx

from catalogue.contracts import extract_contracts
from expectations.from_contract import contract_expectations


def suite() -> gx.ExpectationSuite:
    """The checks of stg_turnaround."""
    return gx.ExpectationSuite("stg_turnaround", expectations=contract_expectations(extract_contracts()["turnaround"]))
