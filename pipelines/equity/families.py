"""How much less the people of a measure tell of ethnic groups because relatives are tested together."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import polars as pl

from catalogue.dimensions import units
from catalogue.indicators import Indicator
from methods.design_effects import cluster_effect
from pipelines.models import INDICATOR

SCHEMA = {"measure": pl.String, "period_end": pl.Date, "design_effect": pl.Float64}

#: The dimension that relatives share.
SHARED = "ethnic_category"


def going_together(con: duckdb.DuckDBPyConnection, entries: Iterable[Indicator]) -> pl.DataFrame:
    """The table `going_together`, SCHEMA: by twelve months, the design effect of families on shares of ethnic groups.

    con: the built warehouse. entries: the published indicators; those that count people by recorded ethnic group have
    rows. Relatives are taken to be of one group. One number of all people of Scotland, to one decimal upwards.
    """
    counted = [entry for entry in entries if entry.kind == "count" and entry.has_cube((SHARED,))]
    found = [_of_measure(con, entry) for entry in counted]
    return pl.concat([pl.DataFrame(schema=SCHEMA), *found])


def _of_measure(con: duckdb.DuckDBPyConnection, entry: Indicator) -> pl.DataFrame:
    families: pl.DataFrame = con.sql(
        f"""
        SELECT
            ref_periods.period_end, coalesce(mart.family_id, counted.person_id) AS family,
            count(DISTINCT counted.person_id) AS people
        FROM {INDICATOR}{entry.id} AS counted
        INNER JOIN {units()[entry.unit].mart} AS mart ON counted.unit_id = mart.{units()[entry.unit].key}
        INNER JOIN ref_days ON counted.period_date = ref_days.day
        INNER JOIN ref_periods ON ref_days.month_start = ref_periods.month_start AND ref_periods.grain = 'year'
        GROUP BY ALL"""  # noqa: S608 - names of the catalogue, no value
    ).pl()
    effect = cluster_effect(pl.col("people")).struct.field("value")
    found = families.group_by("period_end").agg(design_effect=(effect * 10).ceil() / 10).sort("period_end")
    return found.select(measure=pl.lit(entry.id), period_end="period_end", design_effect="design_effect")
