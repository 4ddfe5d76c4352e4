"""What the staged testing extract must satisfy."""

from __future__ import annotations

import great_expectations as gx

from catalogue.contracts import extract_contracts
from expectations.from_contract import contract_expectations


def suite() -> gx.ExpectationSuite:
    """The checks of stg_testing."""
    return gx.ExpectationSuite("stg_testing", expectations=contract_expectations(extract_contracts()["testing"]))
