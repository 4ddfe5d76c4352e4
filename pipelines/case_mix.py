"""What each board and laboratory would have been late with, had it been as late as Scotland with each kind of test.

Exact strata never leave the build side. What does is one small table, `adjusted`: for each place whose share is shown,
its shown counts and the late requests expected of its mix, in whole requests.
"""

from __future__ import annotations

import duckdb
import polars as pl

from methods.standardisation import indirect_ratio
from pipelines import protect
from pipelines.models import INDICATOR

#: The measure that is compared, and the dimensions whose places are set side by side.
MEASURE = "reported_within_standard"
PLACES = ("requesting_board", "residence_board", "performing_lab")

#: What a request is compared within: the kind of test, and the month in which it was due.
STRATA = ("turnaround_category", "technology", "month_start")

COLUMNS = {
    "dimension": pl.String,
    "code": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "state": pl.String,
    "requests": pl.Int64,
    "late": pl.Int64,
    "expected_late": pl.Int64,
}

_COUNTED = f"""
    SELECT
        mart.requesting_board, mart.residence_board, mart.performing_lab,
        mart.turnaround_category, mart.technology, ref_periods.month_start,
        CAST(sum(counted.denominator) AS BIGINT) AS population,
        CAST(sum(counted.denominator - counted.numerator) AS BIGINT) AS events
    FROM {INDICATOR}{MEASURE} AS counted
    INNER JOIN mart_requests AS mart ON counted.unit_id = mart.request_id
    INNER JOIN ref_days ON counted.period_date = ref_days.day
    INNER JOIN ref_periods ON ref_days.month_start = ref_periods.month_start
    WHERE ref_periods.grain = 'year' AND ref_periods.period_start = $period_start
    GROUP BY ALL"""  # noqa: S608 - a name of the catalogue, no value


def adjusted(con: duckdb.DuckDBPyConnection, cells: pl.DataFrame) -> pl.DataFrame:
    """The table `adjusted`, COLUMNS, of the newest 12 months; empty where the release has none.

    con: the built warehouse. cells: those of the release, as they may be shown. `late` and `requests` are what the
    cells say; `expected_late` is worked from exact strata and rounded to a whole number. Where the cell's share is not
    shown, all three are null.
    """
    years = cells.filter(
        (pl.col("cube").is_in(["", *PLACES])) & (pl.col("grain") == "year") & (pl.col("indicator") == MEASURE)
    )
    if years.is_empty():
        return pl.DataFrame(schema=COLUMNS)
    newest = years.filter(pl.col("period_start") == pl.col("period_start").max())
    strata = con.cursor().sql(_COUNTED, params={"period_start": newest["period_start"][0]}).pl()
    return pl.concat(_of_places(newest, strata, dimension) for dimension in PLACES)


def expected(strata: pl.DataFrame, dimension: str) -> pl.DataFrame:
    """The events expected in each place of a dimension at the rates of all together: `code`, `expected`, exact.

    strata: `events` and `population` by every place and stratum.
    """
    everywhere = strata.group_by(STRATA).agg(
        reference_events=pl.col("events").sum(), reference_population=pl.col("population").sum()
    )
    here = strata.group_by(dimension, *STRATA).agg(pl.col("events", "population").sum())
    counts = here.join(everywhere, on=list(STRATA), nulls_equal=True).rename({dimension: "code"})
    return indirect_ratio(counts, by=["code"]).select("code", "expected")


def _of_places(newest: pl.DataFrame, strata: pl.DataFrame, dimension: str) -> pl.DataFrame:
    """One row a place of the dimension that the release has alone."""
    cells = newest.filter(pl.col("cube") == dimension).rename({"d1": "code"})
    shown = pl.col("state") == protect.SHOWN
    return (
        cells.join(expected(strata, dimension), on="code", how="left")
        .select(
            dimension=pl.lit(dimension),
            code=pl.col("code"),
            period_start=pl.col("period_start"),
            period_end=pl.col("period_end"),
            # A merge has no strata of its own, so it has no expected number; its members stand apart.
            state=pl.when(shown & pl.col("expected").is_not_null())
            .then(pl.lit(protect.SHOWN))
            .otherwise(pl.lit(protect.CONFIDENTIAL)),
            requests=pl.col("denominator"),
            late=pl.col("denominator") - pl.col("numerator"),
            expected_late=(pl.col("expected") + 0.5).floor().cast(pl.Int64),
        )
        .with_columns(
            pl.when(pl.col("state") == protect.SHOWN).then(name).alias(name)
            for name in ("requests", "late", "expected_late")
        )
        .cast(COLUMNS)  # type: ignore[arg-type]
        .sort("code")
    )
