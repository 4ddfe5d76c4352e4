"""A small service whose every request is known, counted plainly, so that disclosure control can be tried on it."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from catalogue.dimensions import cube_name
from catalogue.disclosure import Rules, rules
from catalogue.indicators import Indicator, indicators
from pipelines.cubes import CELL
from pipelines.disclosure.counts import counts as all_counts
from pipelines.disclosure.previous import shown_before, with_earlier
from pipelines.disclosure.relations import Relations, relations

ENTRY = indicators()["failed_samples"]
RULES: Rules = rules().model_copy(update={"links": []})
ENTRIES: dict[str, Indicator] = {ENTRY.id: ENTRY}
MONTHS = [dt.date(2026, month, 1) for month in (1, 2, 3)]
VALUES = {
    "requesting_board": ["S08000015", "S08000016", "S08000025", "S08000026", "S08000028"],
    "residence_board": ["S08000015", "S08000016"],
    "performing_lab": ["ABE", "DUN", "EDI"],
    "technology": ["array", "panel"],
    "sample_type": ["blood", "saliva", "tissue", "marrow"],
}


def requests(seed: int, how_many: int) -> pl.DataFrame:
    """Requests with skewed values in three months, each of another person, some with a failed sample."""
    draws = np.random.default_rng(seed)
    columns = {}
    for name, values in VALUES.items():
        weights = 0.4 ** np.arange(len(values))
        columns[name] = draws.choice(values, how_many, p=weights / weights.sum())
    return pl.DataFrame(columns).with_columns(
        month=pl.Series([MONTHS[place] for place in draws.integers(0, 3, how_many)]),
        numerator=pl.Series(draws.random(how_many) < 0.15).cast(pl.Int64),
        key=pl.Series(draws.integers(0, 2**40, how_many)),
    )


def exact(rows: pl.DataFrame) -> pl.DataFrame:
    """The cells of the indicator, as `pipelines.cubes.share_cells` would count them, month and quarter."""
    found = []
    islands = pl.col("requesting_board").is_in(["S08000025", "S08000026", "S08000028"])
    together = rows.with_columns(
        requesting_board=pl.when(islands).then(pl.lit("island_boards")).otherwise("requesting_board")
    )
    for cube in ENTRY.all_cubes:
        sets = [rows] if cube != ("requesting_board",) else [rows, together.filter(requesting_board="island_boards")]
        for source in sets:
            for grain in ("month", "quarter"):
                found.append(_cells(source, cube, grain))
    return pl.concat(found)


def _cells(rows: pl.DataFrame, cube: tuple[str, ...], grain: str) -> pl.DataFrame:
    start = pl.col("month") if grain == "month" else pl.lit(MONTHS[0])
    end = pl.col("month").dt.month_end() if grain == "month" else pl.lit(dt.date(2026, 3, 31))
    is_in = pl.col("numerator") == 1
    return (
        rows.with_columns(period_start=start, period_end=end)
        .group_by(*cube, "period_start", "period_end")
        .agg(
            numerator=pl.col("numerator").sum(),
            denominator=pl.len().cast(pl.Int64),
            people=pl.len().cast(pl.Int64),
            people_in=is_in.sum().cast(pl.Int64),
            people_out=(~is_in).sum().cast(pl.Int64),
            draw=(pl.col("key").sum() % 5).cast(pl.Int32),
            draw_in=(pl.col("key").filter(is_in).sum() // 7 % 5).cast(pl.Int32),
            draw_out=(pl.col("key").filter(~is_in).sum() // 11 % 5).cast(pl.Int32),
        )
        .with_columns(
            indicator=pl.lit(ENTRY.id),
            cube=pl.lit(cube_name(cube)),
            grain=pl.lit(grain),
            **{
                f"d{place}": pl.col(cube[place - 1]) if place <= len(cube) else pl.lit(None, pl.String)
                for place in (1, 2, 3)
            },
        )
        .select(*CELL, "numerator", "denominator", "people", "people_in", "people_out", "draw", "draw_in", "draw_out")
    )


def table(seed: int = 1, how_many: int = 600) -> tuple[pl.DataFrame, Relations]:
    """The table of counts and the ties of such a service, before anything is hidden to protect something else."""
    counts = all_counts({ENTRY.id: exact(requests(seed, how_many))}, ENTRIES, RULES)
    counts = with_earlier(counts, shown_before(None, ENTRIES), ENTRIES, RULES)
    return counts, relations(counts, ENTRIES, RULES)
