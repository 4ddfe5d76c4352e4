"""How all days on the path of requests divide between its stages: whole per cent, and only where many people stand.

Exact days never leave the build side: one small table does, `stage_shares`.
"""

from __future__ import annotations

import duckdb
import polars as pl

from catalogue.dimensions import dimensions
from catalogue.disclosure import Rules
from pipelines import protect
from pipelines.models import INDICATOR

MEASURE = "stage_days"

#: What the days are divided for: Scotland as a whole, each laboratory, each category.
PLACES = ("", "performing_lab", "turnaround_category")

_DAYS = f"""
    SELECT
        {{place}}mart.stage, ref_periods.period_start, ref_periods.period_end,
        CAST(sum(counted.days) AS BIGINT) AS days,
        count(DISTINCT counted.person_id) AS people
    FROM {INDICATOR}{MEASURE} AS counted
    INNER JOIN mart_stages AS mart ON counted.unit_id = mart.stage_id
    INNER JOIN mart_turnaround ON mart.request_id = mart_turnaround.request_id
    INNER JOIN ref_days ON counted.period_date = ref_days.day
    INNER JOIN ref_periods ON ref_days.month_start = ref_periods.month_start
    WHERE ref_periods.grain = 'year' AND mart_turnaround.is_reported AND counted.is_event = 1
    GROUP BY ALL"""  # noqa: S608 - names of the catalogue, no value


def stage_shares(con: duckdb.DuckDBPyConnection, rules: Rules) -> pl.DataFrame:
    """The table `stage_shares`: `dimension` (empty for Scotland), `code`, `period_start`, `period_end`, `stage`,
    `state`, `pct`, a row for every stage of every place and 12 months.

    con: the built warehouse, which adds up and counts, since a row a person and stage of a large record does not fit
    into memory. Days are those of requests received in the 12 months whose report has been issued, in stages that are
    over: a report without a day on which it could be seen would go on gathering days for ever. A place where any stage
    stands for fewer people than a median needs has none: shares are of a whole, so the others would tell of that one.
    """
    return pl.concat(
        divided(
            con.cursor().sql(_DAYS.format(place=f"mart.{place}, " if place else "")).pl(),
            place,
            rules.percentiles_need.median,
        )
        for place in PLACES
    )


def divided(rows: pl.DataFrame, dimension: str, needs: int) -> pl.DataFrame:
    """The shares of one dimension's places.

    rows: `days` and `people` by `stage`, `period_start`, `period_end` and the dimension. needs: people in each stage.
    """
    period = ["period_start", "period_end"]
    place = [*([dimension] if dimension else []), *period]
    stages = pl.DataFrame({"stage": list(dimensions()["stage"].labels)})
    every = rows.select(place).unique().join(stages, how="cross")
    placed = every.join(rows, on=[*place, "stage"], how="left").with_columns(pl.col("days", "people").fill_null(0))
    whole = pl.col("days").sum().over(place)
    is_shown = (pl.col("people").min().over(place) >= needs) & (whole > 0)
    share = (100 * pl.col("days") / whole + 0.5).floor().cast(pl.Int64)
    return placed.select(
        dimension=pl.lit(dimension),
        code=pl.col(dimension) if dimension else pl.lit(""),
        period_start=pl.col("period_start"),
        period_end=pl.col("period_end"),
        stage=pl.col("stage"),
        state=pl.when(is_shown).then(pl.lit(protect.SHOWN)).otherwise(pl.lit(protect.CONFIDENTIAL)),
        pct=pl.when(is_shown).then(share),
    ).sort("dimension", "code", "period_start", "stage")
