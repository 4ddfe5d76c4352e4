"""Made-up cells of the page Outcomes: known shares of known parts of all requests, so that findings can be foretold."""

from __future__ import annotations

import polars as pl

from catalogue.indicators import indicators
from tests.ui.equity_store import GROUPS
from tests.ui.equity_store import MEASURES as BY_GROUP
from tests.ui.stages_store import Cube

#: Of all requests, the part that a measure looks at; and the share in its numerator.
MEASURES = {
    "diagnostic_yield": (0.3, 0.30),
    "explanation_recorded": (0.32, 0.9375),
    "care_changed_by_180_days": (0.48, 0.20),
    "care_change_recorded": (0.8, 0.60),
    "urgent_result_changed_care": (0.02, 0.25),
    "urgent_care_change_recorded": (0.05, 0.40),
    "report_to_action_days": (0.1, 0.50),
    "acted_on_in_90_days": (0.1, 0.70),
    "actionable_to_therapy": (0.05, 0.32),
    "cascade_uptake": (0.06, 0.45),
    "relatives_recorded": (0.04, 0.65),
    "result_before_treatment": (0.1, 0.90),
    "treatment_decision_recorded": (0.2, 0.50),
    "recontacted": (0.01, 0.70),
    "uncertain_results_resolved": (0.1, 0.10),
    "research_offered": (0.3, 0.50),
    "research_offer_recorded": (0.36, 0.30 / 0.36),
    "research_consented": (0.135, 0.70),
    "research_consent_recorded": (0.15, 0.90),
    "report_visible_next_day": (0.9, 0.88),
    "visible_day_recorded": (0.9, 0.97),
}
#: Parts of requests along each dimension.
PARTS = {
    "technology": {"array": 0.3, "large_panel": 0.5, "wgs": 0.1998, "nipt": 0.0002},
    "test_purpose": {"diagnostic": 0.7, "predictive": 0.3},
    "clinical_group": {"cardiology": 0.4, "neurology": 0.6},
    "directory": {"cancer": 0.4, "rare": 0.6},
}
#: How much more or less than the measure's share a technology has.
MORE = {"array": -0.1, "large_panel": 0.0, "wgs": 0.1, "nipt": 0.0}


def outcomes_cells(base: pl.DataFrame, cube_of: Cube, late: bool) -> list[pl.DataFrame]:
    """Cells of every measure of the page, but those that compare groups of people. cube_of: as for other pages."""
    own = base.group_by("month", "residence_board", maintain_order=True).agg(
        pl.col("requests").sum(), pl.col("turnaround_category").first()
    )
    found = []
    for name, (among, share) in MEASURES.items():
        entry = indicators()[name]
        for cube in entry.all_cubes:
            made_there = name in BY_GROUP and set(cube) <= {"residence_board", *GROUPS}
            if made_there or not set(cube) <= {"residence_board", *PARTS}:
                continue
            rows = own.with_columns(requests=pl.col("requests") * among, more=pl.lit(0.0))
            for dimension in (dimension for dimension in cube if dimension in PARTS):
                parts = PARTS[dimension]
                split = pl.DataFrame({dimension: list(parts), "part": list(parts.values())})
                rows = rows.join(split, how="cross").with_columns(pl.col("requests") * pl.col("part")).drop("part")
            if "technology" in cube and name == "diagnostic_yield":
                rows = rows.with_columns(more=pl.col("technology").replace_strict(MORE, return_dtype=pl.Float64))
            rows = rows.with_columns(met=pl.col("requests") * (share + pl.col("more"))).drop("more")
            found += [cube_of(rows, entry, cube, grain, late) for grain in entry.grains]
    return found
