"""What readers see of a cell, made of counts that disclosure control has let through: the only way to the store.

Nothing exact goes in but percentiles of times, which need many people (catalogue/disclosure.yml) and come out in whole
days; everything else is worked from shown counts alone, so that it cannot tell more than they do.
"""

from __future__ import annotations

import polars as pl

from catalogue.disclosure import rules
from methods.proportions import wilson_interval

HIDDEN_UNDER = rules().hidden_under
_NEEDS = rules().percentiles_need
PERCENTILES = {"median": (0.50, _NEEDS.median), "p90": (0.90, _NEEDS.p90), "p95": (0.95, _NEEDS.p95)}
GROWTH_NEEDS = rules().growth_needs

SHOWN, CONFIDENTIAL, NOT_AVAILABLE = "shown", "confidential", "not_available"
STATISTIC = ("statistic", "state", "value", "lower", "upper", "numerator", "denominator")


def share_cells(cells: pl.DataFrame) -> pl.DataFrame:
    """Cells of a share from the shown counts `in`, `out` and `whole` of each, null where hidden; STATISTIC is added.

    The share is that of its shown parts, so it never exceeds one, and is hidden where either is. The denominator is
    shown wherever it may be.
    """
    inside, outside = pl.col("in"), pl.col("out")
    shown = inside.is_not_null() & outside.is_not_null()
    interval = wilson_interval(inside, inside + outside)
    return cells.with_columns(
        statistic=pl.lit("share"),
        state=_state(shown),
        value=pl.when(shown).then(inside / (inside + outside)),
        lower=pl.when(shown).then(interval.struct.field("lower")),
        upper=pl.when(shown).then(interval.struct.field("upper")),
        numerator=pl.when(shown).then(inside),
        denominator=pl.when(shown).then(inside + outside).otherwise(pl.col("whole")),
    ).drop("in", "out", "whole")


def count_cells(cells: pl.DataFrame) -> pl.DataFrame:
    """Cells of a count from its shown `count`, null where hidden; STATISTIC is added."""
    count = pl.col("count")
    return cells.with_columns(
        statistic=pl.lit("count"),
        state=_state(count.is_not_null()),
        value=count.cast(pl.Float64),
        lower=pl.lit(None, pl.Float64),
        upper=pl.lit(None, pl.Float64),
        numerator=count,
        denominator=pl.lit(None, pl.Int64),
    ).drop("count")


def percentile_cells(cells: pl.DataFrame, statistic: str) -> pl.DataFrame:
    """Cells of one percentile (`value`, `lower`, `upper` in days, `number` of requests, `open`, `people`, and the shown
    `requests`, null where hidden) as they may be shown.

    A percentile that is not reached yet is not available, nor one whose upper limit is not reached while requests are
    still open: it cannot be told yet. One that rests on too few people is confidential.
    """
    _, needs = PERCENTILES[statistic]
    enough = pl.col("people") >= needs
    cannot_tell = pl.col("value").is_null() | (pl.col("upper").is_null() & (pl.col("open") > 0))
    shown = enough & ~cannot_tell
    day = {name: pl.when(shown).then((pl.col(name) + 0.5).floor()) for name in ("value", "lower", "upper")}
    return cells.with_columns(
        statistic=pl.lit(statistic),
        state=pl.when(enough & cannot_tell).then(pl.lit(NOT_AVAILABLE)).otherwise(_state(shown)),
        **day,
        numerator=pl.lit(None, pl.Int64),
        denominator=pl.col("requests"),
    ).drop("people", "requests", "number", "open")


def share_of_shown(part: pl.Expr, whole: pl.Expr) -> dict[str, pl.Expr]:
    """Columns of a share of two shown counts, such as one technology's of its directory; null counts stay hidden.

    Rounding can push a part past its whole by a few; the share is then one.
    """
    known = part.is_not_null() & whole.is_not_null()
    numerator, denominator = pl.min_horizontal(part, whole), whole
    interval = wilson_interval(numerator, denominator)
    return {
        "statistic": pl.lit("share"),
        "state": _state(known),
        "value": pl.when(known).then(numerator / denominator),
        "lower": pl.when(known).then(interval.struct.field("lower")),
        "upper": pl.when(known).then(interval.struct.field("upper")),
        "numerator": pl.when(known).then(numerator),
        "denominator": pl.when(known).then(denominator),
    }


def growth_of_shown(now: pl.Expr, then: pl.Expr, has_then: pl.Expr) -> dict[str, pl.Expr]:
    """Columns of the growth of one shown count on another, as a share of the earlier one.

    has_then: whether the earlier period is in the record at all; where it is not, growth is not available.
    """
    known = now.is_not_null() & then.is_not_null() & (then >= GROWTH_NEEDS)
    no_value = pl.lit(None, pl.Float64)
    return {
        "statistic": pl.lit("growth"),
        "state": pl.when(~has_then).then(pl.lit(NOT_AVAILABLE)).otherwise(_state(known)),
        "value": pl.when(known).then((now - then) / then),
        "lower": no_value,
        "upper": no_value,
        "numerator": pl.when(known).then(now - then),
        "denominator": pl.when(known).then(then),
    }


def _state(shown: pl.Expr) -> pl.Expr:
    return pl.when(shown).then(pl.lit(SHOWN)).otherwise(pl.lit(CONFIDENTIAL))
