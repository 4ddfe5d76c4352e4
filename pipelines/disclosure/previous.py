"""What the release before tells of the same counts, read from its protected store: the only earlier thing that is read.

Whoever kept the earlier release may take an old period to be unchanged, and look for what both releases allow.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

from catalogue.disclosure import Rules
from catalogue.indicators import Indicator
from pipelines.disclosure.counts import COUNT
from pipelines.errors import PipelineError

KEY = ("indicator", "cube", "d1", "d2", "d3", "grain", "period_start", "part")
_CELLS = """
    SELECT DISTINCT
        indicator, cube, d1, d2, d3, grain, period_start, period_end, statistic, state, numerator, denominator
    FROM cells
    WHERE statistic IN ('share', 'count', 'median')"""


def shown_before(store: Path | None, entries: dict[str, Indicator]) -> pl.DataFrame:
    """The counts that an earlier release showed, in a fixed order: KEY, `period_end`, `before` (as shown),
    `before_reach`.

    store: the protected store of the release being served; None where there is none. One that does not say how far it
    moved counts was made before the keyed rounding, for synthetic data alone, and tells nothing of anybody. Raises
    PipelineError where the store cannot be read.
    """
    empty = pl.DataFrame(
        schema=dict.fromkeys(KEY, pl.String)
        | {"period_start": pl.Date, "period_end": pl.Date, "before": pl.Int64, "before_reach": pl.Int64}
    )
    if store is None:
        return empty
    try:
        with duckdb.connect(str(store), read_only=True) as con:
            cells: pl.DataFrame = con.sql(_CELLS).pl()
            told = dict(con.execute("SELECT key, value FROM release").fetchall())
    except duckdb.Error as error:
        raise PipelineError(
            f"build: the figures of release {store.parent.name} cannot be read, so nobody can tell what they and new "
            "ones would tell together; restore it from a backup, or publish another one"
        ) from error
    if "rounding_reach" not in told:
        return empty
    kinds = {name: entry.kind for name, entry in entries.items() if entry.kind != "derived"}
    cells = cells.filter(pl.col("indicator").is_in(list(kinds)))
    numerator, denominator = pl.col("numerator"), pl.col("denominator")
    is_share, shown = pl.col("statistic") == "share", pl.col("state") == "shown"
    parts = [
        cells.filter(is_share & shown).with_columns(part=pl.lit("in"), before=numerator),
        cells.filter(is_share & shown).with_columns(part=pl.lit("out"), before=denominator - numerator),
        cells.filter(is_share & ~shown).with_columns(part=pl.lit("whole"), before=denominator),
        cells.filter(statistic="count").with_columns(part=pl.lit("count"), before=numerator),
        cells.filter(statistic="median").with_columns(part=pl.lit("requests"), before=denominator),
    ]
    reach = int(told["rounding_reach"])
    found = pl.concat(parts).filter(pl.col("before").is_not_null())
    rows = found.select(*KEY, "period_end", "before", before_reach=pl.lit(reach, pl.Int64)).select(empty.columns)
    return pl.concat([empty, rows.sort(empty.columns)])


def with_earlier(
    counts: pl.DataFrame, before: pl.DataFrame, entries: dict[str, Indicator], rules: Rules
) -> pl.DataFrame:
    """The table of counts with what the release before told of each, `before` and `before_reach`, and with the years
    that only that release showed (`is_past`).

    A year of that release overlaps those of this one, so the months tie them. Only measures that add up over months
    have such years here.
    """
    counts = counts.with_columns(is_past=pl.lit(value=False))
    known = counts.join(before.drop("period_end"), on=list(KEY), how="left", nulls_equal=True, maintain_order="left")
    adds_up = [name for name, e in entries.items() if e.unit == "request" and {"month", "year"} <= set(e.grains)]
    gone = before.sort(KEY).filter(grain="year").filter(pl.col("indicator").is_in(adds_up))
    gone = gone.join(counts.select(KEY), on=list(KEY), how="anti", nulls_equal=True, maintain_order="left")
    if gone.is_empty():
        return known
    months = counts.filter(grain="month").select(
        *(name for name in KEY if name not in ("grain", "period_start")),
        pl.col("period_start").alias("month"),
        "number",
    )
    place = ["indicator", "cube", "d1", "d2", "d3", "part"]
    summed = (
        gone.join(months, on=place, nulls_equal=True, maintain_order="left")
        .filter(pl.col("month").is_between(pl.col("period_start"), pl.col("period_end")))
        .group_by(*KEY, "period_end", "before", "before_reach", maintain_order=True)
        .agg(pl.col("number").sum(), pl.col("month").n_unique().alias("months"))
    )
    past = summed.with_columns(
        people=pl.col("number"),
        draw=pl.lit(0, pl.Int32),
        needs=pl.lit(rules.hidden_under, pl.Int32),
        is_published=pl.lit(value=False),
        is_shown=pl.lit(value=False),
        is_past=pl.lit(value=True),
    )
    columns = [*COUNT, "is_past", "before", "before_reach"]
    return pl.concat([known.drop("row").select(columns), past.select(columns)], how="vertical_relaxed").with_row_index(
        "row"
    )
