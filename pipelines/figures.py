"""The protected cells of every indicator: counted exactly, then protected, then put in one shape."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import duckdb
import polars as pl

from catalogue.dimensions import cube_name, in_order
from catalogue.indicators import Formula, Indicator
from methods.time_to_event import time_quantiles
from pipelines import cubes, protect

#: What names a cell and what may be shown of it.
SHOWN = (*cubes.CELL, *protect.STATISTIC)

#: The same, and whether the cell is settled: false while much of it may still change. That becomes part of
#: `period_status` when the whole is put together.
COLUMNS = (*SHOWN, "is_settled")

Cells = dict[str, pl.DataFrame]


def protected_cells(
    con: duckdb.DuckDBPyConnection,
    entries: dict[str, Indicator],
    first_month: dt.date,
    done: Callable[[str], None] = lambda _: None,
) -> pl.DataFrame:
    """Every published indicator's cells as they may be shown, COLUMNS, sorted by indicator, cube and period.

    con: the built warehouse with `ref_days`, `ref_periods`, the marts and the indicators' tables.
    first_month: first day of the record.
    """
    found: Cells = {}
    for entry in sorted(entries.values(), key=lambda e: e.kind == "derived"):
        if entry.published:
            found[entry.id] = _with_empty_cells(_settled(_cells_of(con, entry, found)).select(COLUMNS))
            done(entry.id)
    cells = pl.concat(found.values(), how="vertical_relaxed")
    return _without_run_in(cells, entries, first_month).sort(
        "indicator", "cube", "grain", "statistic", "period_start", "d1", "d2", "d3"
    )


def _cells_of(con: duckdb.DuckDBPyConnection, entry: Indicator, found: Cells) -> pl.DataFrame:
    if entry.kind in ("share", "snapshot"):
        return protect.protect_share(cubes.share_cells(con, entry))
    if entry.kind == "count":
        return protect.protect_count(cubes.count_cells(con, entry))
    if entry.kind == "time_to_event":
        return _percentiles(con, entry)
    assert entry.formula is not None
    return derived_cells(entry, found[entry.formula.of])


def derived_cells(entry: Indicator, counts: pl.DataFrame) -> pl.DataFrame:
    """Cells of a derived indicator, SHOWN, from the shown counts of the indicator that its formula names.

    Nothing exact goes in, so nothing can come out that the shown counts do not tell already.
    """
    if entry.formula is None:
        raise ValueError(f"{entry.id} is not derived")
    if entry.formula.kind == "share_within":
        return _share_within(entry, entry.formula, counts)
    return _growth_on_year(entry, counts)


def exact_percentiles(con: duckdb.DuckDBPyConnection, entry: Indicator) -> pl.DataFrame:
    """Exact percentiles of each cell of a time to event; they never leave the build side.

    Returns one row a cell and statistic: the cell's columns, `requests`, `open`, `people`, `statistic`, and `value`,
    `lower` and `upper` in days.
    """
    cells = cubes.waiting_cells(con, entry).with_row_index("cell")
    counts = cubes.day_counts(con, entry).join(cells.select("cell", *cubes.CELL), on=cubes.CELL, nulls_equal=True)
    asked = {probability: statistic for statistic, (probability, _) in protect.PERCENTILES.items()}
    times = time_quantiles(
        counts.select("cell", pl.col("days").alias("time").cast(pl.Float64), "events", "censored"),
        list(asked),
        ["cell"],
    )
    named = times.with_columns(statistic=pl.col("probability").replace_strict(asked)).drop(
        "probability", "method", "reason"
    )
    return cells.join(named, on="cell").drop("cell")


def _percentiles(con: duckdb.DuckDBPyConnection, entry: Indicator) -> pl.DataFrame:
    """Median, 90th and 95th percentile of each cell, each with the people that it needs."""
    exact = exact_percentiles(con, entry)
    parts = [
        protect.protect_percentile(exact.filter(statistic=statistic).drop("statistic"), statistic).select(COLUMNS)
        for statistic in protect.PERCENTILES
    ]
    return pl.concat(parts)


def _share_within(entry: Indicator, formula: Formula, counts: pl.DataFrame) -> pl.DataFrame:
    """One value's share of its margin, from shown counts: a technology's share of its directory."""
    assert formula.over is not None
    found = []
    for cube in entry.all_cubes:
        rest = [name for name in cube if name != formula.over]
        here = _of_cube(counts, entry, cube)
        margin = _of_cube(counts, entry, rest).select(
            *(pl.col(f"d{i}").alias(f"d{cube.index(name) + 1}") for i, name in enumerate(rest, 1)),
            "grain",
            "period_start",
            pl.col("numerator").alias("whole"),
        )
        keys = [f"d{cube.index(name) + 1}" for name in rest] + ["grain", "period_start"]
        joined = here.join(margin, on=keys, how="left", nulls_equal=True)
        found.append(joined.with_columns(**protect.share_of_shown(pl.col("numerator"), pl.col("whole"))).select(SHOWN))
    return pl.concat(found)


def _growth_on_year(entry: Indicator, counts: pl.DataFrame) -> pl.DataFrame:
    """Growth of each shown count on the same period a year before."""
    found = []
    for cube in entry.all_cubes:
        here = _of_cube(counts, entry, cube)
        keys = ["d1", "d2", "d3", "grain", "period_start"]
        before = here.select(
            "d1",
            "d2",
            "d3",
            "grain",
            pl.col("period_start").dt.offset_by("12mo"),
            pl.col("numerator").alias("then"),
            has_then=pl.lit(True),
        )
        joined = here.join(before, on=keys, how="left", nulls_equal=True)
        growth = protect.growth_of_shown(pl.col("numerator"), pl.col("then"), pl.col("has_then").fill_null(value=False))
        found.append(joined.with_columns(**growth).select(SHOWN))
    return pl.concat(found)


def _of_cube(counts: pl.DataFrame, entry: Indicator, cube: tuple[str, ...] | list[str]) -> pl.DataFrame:
    """The shown counts of one cube and the entry's grains, under the derived entry's own id."""
    return counts.filter(
        pl.col("cube") == cube_name(in_order(cube)), pl.col("grain").is_in(list(entry.grains))
    ).with_columns(indicator=pl.lit(entry.id))


def _settled(cells: pl.DataFrame) -> pl.DataFrame:
    return cells if "is_settled" in cells.columns else cells.with_columns(is_settled=pl.lit(True))


def _with_empty_cells(cells: pl.DataFrame) -> pl.DataFrame:
    """The cells, and a hidden one for each combination of the record in each period in which nobody stands for it.

    Without these, a cell that is not there would tell zero from 1 to 9.
    """
    combination, period = ["indicator", "cube", "d1", "d2", "d3", "statistic"], ["grain", "period_start", "period_end"]
    everywhere = cells.select(combination).unique().join(cells.select(period).unique(), how="cross")
    hidden = pl.col("state").is_null()
    return (
        everywhere.join(cells, on=[*combination, *period], how="left", nulls_equal=True)
        .with_columns(
            state=pl.when(hidden).then(pl.lit(protect.CONFIDENTIAL)).otherwise("state"),
            is_settled=pl.col("is_settled").fill_null(value=True),
        )
        .select(COLUMNS)
    )


def _without_run_in(cells: pl.DataFrame, entries: dict[str, Indicator], first_month: dt.date) -> pl.DataFrame:
    """The cells less those of months in which a measure was not whole yet, counted from the start of the record."""
    run_in = pl.col("indicator").replace_strict(
        list(entries), [entry.run_in_months for entry in entries.values()], return_dtype=pl.Int64
    )
    begins = pl.lit(first_month).dt.offset_by(pl.format("{}mo", run_in))
    return cells.filter(pl.col("period_start") >= begins)
