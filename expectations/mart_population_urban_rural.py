"""What the residents by board and urban rural class must satisfy."""

from __future__ import annotations

import great_expectations as gx

from catalogue.reference import codes
from expectations.from_population import population_suite


def suite() -> gx.ExpectationSuite:
    """The checks of mart_population_urban_rural."""
    return population_suite("mart_population_urban_rural", {"urban_rural": list(codes("urban_rural_6"))})
