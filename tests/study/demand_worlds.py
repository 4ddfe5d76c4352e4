"""Histories of requests as the demonstration draws them, by month, category, technology and laboratory: no files.

What the build would show is left out (bad rows, late sending); counts are rounded to 5 at random and hidden under 10 as
disclosure control does, and small series are told by quarters, so that the study is of what the model is given.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.demo import requests as demo
from pipelines.demo.days import Months, WorkingDays
from pipelines.demo.directory import performing_shares, values
from pipelines.demo.draws import chance, pick, pick_by_row, stream
from pipelines.demo.places import LABORATORIES, SUBMITTERS

#: Five and a half years to October 2026, as the demonstration has by default, and on to March 2030.
FIRST, NEWEST, END = 2021 * 12 + 4, 2026 * 12 + 9, 2030 * 12 + 2

#: A year of requests, as the demonstration has by default.
A_YEAR = 60_000

#: Accepted of all drawn, and received by each laboratory, near enough.
ACCEPTED, RECEIVED = 0.965, (0.13, 0.11, 0.27, 0.49)


@dataclass(frozen=True)
class World:
    """One draw: `requests` counted by month, category, technology and laboratory."""

    counted: pl.DataFrame

    def series(self, by: tuple[str, ...]) -> dict[tuple[str, ...], np.ndarray]:
        """Exact monthly counts of each series, from FIRST to END."""
        width = END - FIRST + 1
        found: dict[tuple[str, ...], np.ndarray] = {}
        rows = self.counted.group_by(*by, "month").agg(pl.col("requests").sum())
        for *key, month, count in rows.rows():
            found.setdefault(tuple(key), np.zeros(width))[month - FIRST] = count
        return dict(sorted(found.items()))


def world(seed: int, end: int = END) -> World:
    """The demonstration's requests of a seed, drawn on beyond the newest month with the same truths."""
    months = Months(FIRST, end)
    size = round(A_YEAR * (end - FIRST + 1) / 12)
    line, day = demo._tests_and_days(stream(seed, "requests"), size, months)
    rng = stream(seed, "demand study")
    receiving = pick(rng, RECEIVED, size)
    day = demo._working_day_of_receipt(WorkingDays(months), receiving, day, months)
    shares = performing_shares().reshape(-1, performing_shares().shape[2])
    performing = pick_by_row(rng, shares, line * len(SUBMITTERS) + receiving)
    kept = chance(rng, ACCEPTED, size)
    frame = pl.DataFrame(
        {
            "month": months.of(day)[kept] + FIRST,
            "category": np.array(values("category"))[line[kept]],
            "technology": np.array(values("technology"))[line[kept]],
            "laboratory": np.array(LABORATORIES)[performing[kept]],
        }
    )
    return World(frame.group_by(frame.columns).len("requests"))
