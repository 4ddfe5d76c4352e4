"""What the residents by board, SIMD quintile, sex and age must satisfy."""

from __future__ import annotations

import great_expectations as gx

from catalogue.reference import codes, reference_rows
from expectations.from_population import population_suite


def suite() -> gx.ExpectationSuite:
    """The checks of mart_population_simd."""
    ages = list(dict.fromkeys(row["age_band"] for row in reference_rows("population_simd_age_sex")))
    return population_suite(
        "mart_population_simd",
        {"simd_quintile": list(codes("simd_quintiles")), "sex": ["female", "male"], "age_band": ages},
    )
