"""What the residents by board and census category must satisfy."""

from __future__ import annotations

import great_expectations as gx

from catalogue.reference import reference_rows
from expectations.from_population import population_suite


def suite() -> gx.ExpectationSuite:
    """The checks of mart_population_ethnicity."""
    recorded = [row["code"] for row in reference_rows("ethnic_categories") if row["is_recorded"] == "yes"]
    return population_suite("mart_population_ethnicity", {"ethnic_category": recorded})
