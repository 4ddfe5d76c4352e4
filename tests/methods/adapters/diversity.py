"""Diversity indices, in the shape of their golden cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from methods.diversity import MEASURES, diversity_indices
from methods.estimates import insist

Answer = dict[str, Any]


def diversity(given: Answer) -> Answer:
    """A sample of nobody is unanswered (None), where the package calls it the most diverse of all.

    A missing count makes the whole sample unanswered, its richness too.
    """
    rows = [(sample, count) for sample, counts in enumerate(given["counts"]) for count in counts]
    counts = pl.DataFrame(rows, {"sample": pl.Int64, "count": pl.Float64}, orient="row", strict=False)
    found = diversity_indices(counts, ["sample"])
    insist(found.filter(pl.col("reason") == "negative_count"))
    of = {measure: found.filter(pl.col("measure") == measure) for measure in MEASURES}
    with_base_2 = diversity_indices(counts, ["sample"], base=2).filter(pl.col("measure") == "shannon")
    return {measure: of[measure]["value"].to_list() for measure in MEASURES} | {
        "richness": of["shannon"]["richness"].to_list(),
        "shannon_log2": with_base_2["value"].to_list(),
    }


ADAPTERS: dict[str, Callable[[Answer], Answer]] = {"diversity": diversity}
