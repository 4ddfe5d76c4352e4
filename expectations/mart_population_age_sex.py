"""What the residents by board, sex and age must satisfy."""

from __future__ import annotations

import great_expectations as gx

from catalogue.reference import codes
from expectations.from_population import population_suite


def suite() -> gx.ExpectationSuite:
    """The checks of mart_population_age_sex."""
    # The list of boards states the estimate of mid-2023; later estimates drift from it by under 1% a year.
    return population_suite(
        "mart_population_age_sex",
        {"sex": ["female", "male"], "age_band": list(codes("age_bands"))},
        total="population_mid_2023",
        within=0.03,
    )
