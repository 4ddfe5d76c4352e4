"""The demonstration service with chosen troubles, as monthly shares within standard: no files, no build, no protection.

Shares are worked out straight from what was drawn: requests due in a month, by the days of the standard in force at
receipt and paused days, and those reported by then. Bad rows, late sending, hidden counts and rounding are left out, so
the study is of the charts and not of disclosure control.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
import pytest

from catalogue.spc_baselines import baselines
from pipelines.demo import draw, truth
from pipelines.demo.days import NEVER, Months, day_number, month_start
from pipelines.demo.directory import values
from pipelines.demo.places import ALL_BOARDS, LABORATORIES
from pipelines.demo.truth import Trouble
from pipelines.demo.turnaround import CLOCK_EVENTS, targets
from ui.figures import MONTHLY_NEEDS
from ui.signals import rebased

#: Five and a half years to October 2026, as the demonstration has by default.
MONTHS = Months(2026 * 12 + 9 - 65, 2026 * 12 + 9)

#: As `run_in_months` of the indicator: requests due in the first months were received before the record begins.
RUN_IN = 3

#: Where charts are looked at: name and columns.
CHARTS: dict[str, tuple[str, ...]] = {
    "Scotland": (),
    "laboratory": ("laboratory",),
    "requesting board": ("board",),
    "category": ("category",),
    "technology": ("technology",),
    "laboratory and category": ("laboratory", "category"),
}

#: Where limits start again and from when points are judged, by category or technology; "" stands for places.
RESTARTS = {
    row.code: (row.starts, row.judged_from)
    for row in baselines()
    if row.dimension in ("", "turnaround_category", "technology")
}

COLLECTED, DNA_READY = (CLOCK_EVENTS.index(name) for name in ("collected", "dna_extracted"))


@dataclass(frozen=True)
class World:
    """One draw: a row a request that fell due, with its month and whether it was reported within standard."""

    requests: pl.DataFrame
    held: dict[tuple[str, ...], pl.DataFrame] = field(default_factory=dict)

    def counted(self, columns: tuple[str, ...]) -> pl.DataFrame:
        """Share and number of requests by chart and month, counted once."""
        if columns not in self.held:
            code = pl.concat_str(list(columns), separator=", ") if columns else pl.lit("Scotland")
            self.held[columns] = self.requests.group_by(code.alias("code"), "period").agg(
                pl.col("met").mean().alias("value"), pl.len().alias("requests")
            )
        return self.held[columns]

    def points(self, columns: Sequence[str], to: dt.date | None = None) -> pl.DataFrame:
        """Monthly points as `ui.signals.judge` takes them, of charts that average enough requests a month.

        to: first day of the last month known; all by default.
        """
        counted = self.counted(tuple(columns))
        months = counted["period"].n_unique()
        large = counted.filter(pl.col("requests").sum().over("code") >= MONTHLY_NEEDS * months)
        points = large.filter(pl.col("period") <= to) if to else large
        restarts = [
            (name, *RESTARTS.get(name.rpartition(", ")[2], RESTARTS[""]))
            for name in points["code"].unique().sort()
            if restarts_of(columns, name)
        ]
        schema = {"code": pl.String, "starts": pl.Date, "judged_from": pl.Date}
        starts = pl.DataFrame(restarts, schema=schema, orient="row")
        return rebased(points.sort("code", "period").with_columns(is_final=True, grain=pl.lit("month")), starts)


def restarts_of(columns: Sequence[str], name: str) -> bool:
    """Whether the standards change has the limits of a chart start again."""
    if "category" in columns or "technology" in columns:
        return name.rpartition(", ")[2] in RESTARTS
    return True


def world(seed: int, size: int, troubles: tuple[Trouble, ...]) -> World:
    """The demonstration of a seed with these troubles only: all else is drawn alike."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(truth, "TROUBLES", troubles)
        drawn = draw(seed, size, MONTHS)
    requests, course = drawn.requests, drawn.course
    starts = np.select(
        [course.clock_event == COLLECTED, course.clock_event == DNA_READY],
        [np.minimum(course.collected, requests.day), course.dna_extracted],
        requests.day,
    )
    due = starts + targets(requests) + course.paused_days
    first, last = day_number(month_start(MONTHS.first + RUN_IN)), MONTHS.end
    counted = requests.accepted & (course.cancelled >= NEVER) & (due >= first) & (due <= last)
    line = requests.line[counted]
    return World(
        pl.DataFrame(
            {
                "laboratory": np.array(LABORATORIES)[requests.performing[counted]],
                "board": np.array(ALL_BOARDS)[requests.requesting_board[counted]],
                "category": np.array(values("category"))[line],
                "technology": np.array(values("technology"))[line],
                "period": due[counted].astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[D]"),
                "met": (course.report <= due)[counted],
            }
        ).with_columns(pl.col("period").cast(pl.Date))
    )
