"""Every count that a release could show, in one long table: what it is exactly, how it is rounded, whether it shows.

Only the build side sees this table. A row is one part of one cell: the `count` of a count, the requests behind times
(`requests`), or the parts of a share: `in`, `out` and the `whole`. A share that shows shows its two parts, and its
whole as their sum; one that does not may still show its whole, rounded by itself.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from catalogue.disclosure import Rules
from catalogue.indicators import Indicator
from pipelines.cubes import CELL

#: Columns of the table of counts.
COUNT = (*CELL, "part", "number", "people", "draw", "needs", "is_published", "is_shown")

#: Kinds of indicator whose every cell has one count.
_ONE = {"count": ("count", "numerator"), "time_to_event": ("requests", "requests")}


def counts(exact: Mapping[str, pl.DataFrame], entries: Mapping[str, Indicator], rules: Rules) -> pl.DataFrame:
    """The table of counts, COUNT, before anything is hidden to protect something else.

    exact: cells of each indicator that is not derived, as `pipelines.cubes` counts them. `needs` is the people that the
    part needs to show, `is_published` whether its cell has a place in the release (a series of few people has no
    monthly points), `is_shown` whether it stands for enough people there.
    """
    tables = [
        _published(_parts(cells, entries[name], rules), entries[name], rules)
        for name, cells in exact.items()
        if cells.height
    ]
    return pl.concat(tables).with_row_index("row")


def _parts(cells: pl.DataFrame, entry: Indicator, rules: Rules) -> pl.DataFrame:
    hidden_under = rules.hidden_under
    if entry.kind in _ONE:
        part, column = _ONE[entry.kind]
        return cells.select(
            *CELL,
            pl.lit(part).alias("part"),
            pl.col(column).alias("number"),
            "people",
            "draw",
            pl.lit(hidden_under).alias("needs"),
            (pl.col("people") >= hidden_under).alias("is_shown"),
        )
    is_share = (
        (pl.col("people_in") >= hidden_under)
        & (pl.col("people_out") >= hidden_under)
        & (pl.col("people") >= rules.share_needs)
    )
    number, whole = pl.col("numerator"), pl.col("denominator")
    parts = {
        "in": (number, pl.col("people_in"), pl.col("draw_in"), is_share, hidden_under),
        "out": (whole - number, pl.col("people_out"), pl.col("draw_out"), is_share, hidden_under),
        "whole": (
            whole,
            pl.col("people"),
            pl.col("draw"),
            ~is_share & (pl.col("people") >= hidden_under),
            hidden_under,
        ),
    }
    return pl.concat(
        cells.select(
            *CELL,
            pl.lit(part).alias("part"),
            count.alias("number"),
            people.alias("people"),
            draw.alias("draw"),
            pl.lit(needs).alias("needs"),
            shown.alias("is_shown"),
        )
        for part, (count, people, draw, shown, needs) in parts.items()
    )


def _published(parts: pl.DataFrame, entry: Indicator, rules: Rules) -> pl.DataFrame:
    """The parts, and whether their series has points of their grain: monthly ones need many people a month.

    A measure that has no other grain keeps its months, and hides what stands for few.
    """
    if "month" not in entry.grains or len(entry.grains) == 1:
        return parts.with_columns(is_published=pl.lit(value=True)).select(COUNT)
    size = pl.col("people").filter(pl.col("part").is_in(["count", "requests", "whole"]))
    months = pl.col("period_start").filter(pl.col("grain") == "month").n_unique()
    series = parts.filter(grain="month").group_by("cube", "d1", "d2", "d3").agg(size.sum().alias("people_sum"))
    every = parts.select(months).item()
    series = series.with_columns(is_monthly=pl.col("people_sum") >= rules.monthly_needs * every).drop("people_sum")
    found = parts.join(series, on=["cube", "d1", "d2", "d3"], how="left", nulls_equal=True, maintain_order="left")
    published = (pl.col("grain") != "month") | pl.col("is_monthly").fill_null(value=False)
    return found.with_columns(is_published=published, is_shown=pl.col("is_shown") & published).select(COUNT)


def rounded(number: pl.Expr, draw: pl.Expr, rounded_to: int) -> pl.Expr:
    """A count rounded up or down to a multiple of `rounded_to`, without bias over the draws 0 to `rounded_to` - 1.

    A remainder r goes up for r of the draws (Cox 1987, J Am Stat Assoc 82:520, controlled random rounding's unbiased
    step), so a count moves by at most `rounded_to` - 1, and a multiple stays.
    """
    return ((number + draw) // rounded_to * rounded_to).cast(pl.Int64)
