"""Cells of what counts no people tested: items of the programme as they are, and posts of staff by the rules of staff.

Nothing here is rounded, so nothing that belongs to a person tested may come this way.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import polars as pl

from catalogue.dimensions import cube_name, units
from catalogue.disclosure import Rules
from catalogue.indicators import Indicator
from methods.proportions import wilson_interval
from methods.time_to_event import time_quantiles
from pipelines import cubes, protect
from pipelines.models import INDICATOR

#: The column of the mart that tells how many people hold the posts of a row.
HEADCOUNT = "in_post_headcount"
NO_NUMBER = pl.lit(None, pl.Float64)


def open_cells(con: duckdb.DuckDBPyConnection, entry: Indicator, rules: Rules) -> pl.DataFrame:
    """Every cell of an indicator that counts no people: `pipelines.cubes.CELL` and `protect.STATISTIC`.

    con: the built warehouse. Numbers of whole-time equivalents are given to the nearest whole one, their ratio from the
    exact ones. ValueError for an indicator that counts people.
    """
    if entry.counts_people:
        raise ValueError(f"{entry.id} counts people")
    counted = pl.concat(_counted(con, entry, cube) for cube in entry.all_cubes)
    if entry.kind == "time_to_event":
        return _times(counted)
    return _values(counted, entry, rules)


def _counted(con: duckdb.DuckDBPyConnection, entry: Indicator, cube: Sequence[str]) -> pl.DataFrame:
    unit = units()[entry.unit]
    names = [f"mart.{name}" for name in cube]
    values = [*names, *["CAST(NULL AS VARCHAR)"] * (3 - len(cube))]
    named = ", ".join(f"{value} AS d{place}" for place, value in enumerate(values, 1))
    staff = f"CAST(sum(mart.{HEADCOUNT}) AS BIGINT)" if unit.counts == "staff" else "CAST(NULL AS BIGINT)"
    sums = (
        "CAST(counted.days AS DOUBLE) AS time, CAST(sum(counted.is_event) AS BIGINT) AS events, "
        "CAST(count(*) - sum(counted.is_event) AS BIGINT) AS censored"
        if entry.kind == "time_to_event"
        else f"{_added('numerator')} AS numerator, {_added('denominator')} AS denominator"
    )
    group = [*names, "grain", "period_start", "period_end", *(["days"] if entry.kind == "time_to_event" else [])]
    found: pl.DataFrame = (
        con.cursor()
        .sql(
            f"""
            SELECT
                '{entry.id}' AS indicator, '{cube_name(cube)}' AS cube, {named},
                ref_periods.grain, ref_periods.period_start, ref_periods.period_end, {sums}, {staff} AS staff
            FROM {INDICATOR}{entry.id} AS counted
            INNER JOIN {unit.mart} AS mart ON counted.unit_id = mart.{unit.key}
            INNER JOIN ref_days ON counted.period_date = ref_days.day
            INNER JOIN ref_periods ON ref_days.month_start = ref_periods.month_start
            WHERE ref_periods.grain IN (SELECT unnest($grains))
            GROUP BY {", ".join(group)}""",
            params={"grains": list(entry.grains)},
        )
        .pl()
    )
    return found


def _added(column: str) -> str:
    """The sum of a column, worked in decimals: that of fractions in binary depends on the order in which they are
    added, and so would the last digits of a release."""
    return f"CAST(sum(CAST(counted.{column} AS DECIMAL(38, 9))) AS DOUBLE)"


def _values(counted: pl.DataFrame, entry: Indicator, rules: Rules) -> pl.DataFrame:
    numerator, denominator = pl.col("numerator"), pl.col("denominator")
    is_count = denominator.is_null()
    shown = pl.lit(value=True)
    if entry.id in rules.staff.sensitive:
        # Below the line may stand fewer than hold the posts, as those who registered two years ago.
        below = pl.min_horizontal("staff", denominator.floor().cast(pl.Int64))
        counted = hide_few_staff(counted.with_columns(staff=below), rules.staff.needs)
        shown = pl.col("is_shown")
    # Numbers that others report may be of people, as those eligible for a test: few are hidden, as everywhere.
    shown = shown & (~is_count | (numerator >= rules.hidden_under))
    interval = wilson_interval(numerator, denominator) if entry.interval == "wilson" else None
    known = shown & (is_count | (denominator > 0))
    told = {
        "statistic": pl.when(is_count).then(pl.lit("count")).otherwise(pl.lit("share")),
        "state": pl.when(known)
        .then(pl.lit(protect.SHOWN))
        .when(shown)
        .then(pl.lit(protect.NOT_AVAILABLE))
        .otherwise(pl.lit(protect.CONFIDENTIAL)),
        "value": pl.when(known).then(pl.when(is_count).then(numerator).otherwise(numerator / denominator)),
        "lower": pl.when(known).then(interval.struct.field("lower")) if interval is not None else NO_NUMBER,
        "upper": pl.when(known).then(interval.struct.field("upper")) if interval is not None else NO_NUMBER,
        "numerator": pl.when(known).then((numerator + 0.5).floor().cast(pl.Int64)),
        "denominator": pl.when(known).then((denominator + 0.5).floor().cast(pl.Int64)),
    }
    return counted.select(*cubes.CELL, *(value.alias(name) for name, value in told.items()))


def hide_few_staff(counted: pl.DataFrame, needs: int) -> pl.DataFrame:
    """The cells with `is_shown`: not where fewer are in post than needed, nor where the rest would tell of so few.

    counted: CELL and `staff`. Where what is hidden of a cube and period stands for fewer people than needed, the
    smallest shown is hidden too, and again until it does.
    """
    table = ("cube", "grain", "period_start")
    ranked = counted.sort("staff", "d1", "d2", "d3", nulls_last=True)
    is_few = pl.col("staff") < needs
    smaller = (pl.col("staff").cum_sum() - pl.col("staff")).over(table)
    # Smallest first, what is hidden is a run from the smallest, up to where it stands for enough people.
    return ranked.with_columns(is_shown=~(is_few | (is_few.any().over(table) & (smaller < needs))))


def _times(counted: pl.DataFrame) -> pl.DataFrame:
    """Median and 90th percentile of times of items, those without an end counted as still waiting."""
    cells = (
        counted.group_by(cubes.CELL).agg(number=(pl.col("events") + pl.col("censored")).sum()).with_row_index("cell")
    )
    placed = counted.join(cells.select("cell", *cubes.CELL), on=cubes.CELL, nulls_equal=True)
    asked = {0.5: "median", 0.9: "p90"}
    found = time_quantiles(placed.select("cell", "time", "events", "censored"), list(asked), ["cell"])
    reached = pl.col("value").is_not_null()
    return (
        found.join(cells, on="cell")
        .with_columns(
            statistic=pl.col("probability").replace_strict(asked),
            state=pl.when(reached).then(pl.lit(protect.SHOWN)).otherwise(pl.lit(protect.NOT_AVAILABLE)),
            numerator=pl.lit(None, pl.Int64),
            denominator=pl.col("number").cast(pl.Int64),
        )
        .select(*cubes.CELL, *protect.STATISTIC)
    )
