"""What may be shown of an exact cell: the only way from the build side to the protected store.

Interim rules, to be replaced whole by the register of cubes, keyed rounding and the attack gate:
counts of under 10 people are hidden (zero included: a cell of the record without anybody is hidden too, so that zero
cannot be told from 1 to 9), every other count is rounded to 5, a share is made of its two protected parts and needs 20
people, medians need 20 people, 90th percentiles 100 and 95th percentiles 200, and times are rounded to whole days.
"""

from __future__ import annotations

import polars as pl

from methods.proportions import wilson_interval

HIDDEN_UNDER = 10
ROUNDED_TO = 5
SHARE_NEEDS = 20
PERCENTILES = {"median": (0.50, 20), "p90": (0.90, 100), "p95": (0.95, 200)}
GROWTH_NEEDS = 50

#: A time to event is settled once at most this share of its requests is still open.
SETTLED_UNDER = 0.05

SHOWN, CONFIDENTIAL, NOT_AVAILABLE = "shown", "confidential", "not_available"
STATISTIC = ("statistic", "state", "value", "lower", "upper", "numerator", "denominator")


def rounded(count: pl.Expr) -> pl.Expr:
    """A count to the nearest multiple of 5; halves cannot occur, since counts are whole and 5 is odd."""
    return ((count + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO).cast(pl.Int64)


def protect_share(cells: pl.DataFrame) -> pl.DataFrame:
    """Cells of a share (`numerator`, `denominator`, `people`, `people_in`, `people_out`) as they may be shown.

    The share is that of its protected parts, so it never exceeds one; it is hidden where either part stands for under
    10 people. The denominator is shown wherever it stands for 10 people or more.
    """
    inside, outside = rounded(pl.col("numerator")), rounded(pl.col("denominator") - pl.col("numerator"))
    parts_safe = (pl.col("people_in") >= HIDDEN_UNDER) & (pl.col("people_out") >= HIDDEN_UNDER)
    shown = parts_safe & (pl.col("people") >= SHARE_NEEDS)
    interval = wilson_interval(inside, inside + outside)
    return cells.with_columns(
        statistic=pl.lit("share"),
        state=_state(shown),
        value=pl.when(shown).then(inside / (inside + outside)),
        lower=pl.when(shown).then(interval.struct.field("lower")),
        upper=pl.when(shown).then(interval.struct.field("upper")),
        numerator=pl.when(shown).then(inside),
        denominator=pl.when(shown)
        .then(inside + outside)
        .when(pl.col("people") >= HIDDEN_UNDER)
        .then(rounded(pl.col("denominator"))),
    ).drop("people", "people_in", "people_out")


def protect_count(cells: pl.DataFrame) -> pl.DataFrame:
    """Cells of a count (`numerator`, `people`) as they may be shown."""
    shown = pl.col("people") >= HIDDEN_UNDER
    count = pl.when(shown).then(rounded(pl.col("numerator")))
    return cells.with_columns(
        statistic=pl.lit("count"),
        state=_state(shown),
        value=count.cast(pl.Float64),
        lower=pl.lit(None, pl.Float64),
        upper=pl.lit(None, pl.Float64),
        numerator=count,
        denominator=pl.lit(None, pl.Int64),
    ).drop("people")


def protect_percentile(cells: pl.DataFrame, statistic: str) -> pl.DataFrame:
    """Cells of one percentile (`value`, `lower`, `upper` in days, `requests`, `open`, `people`) as they may be shown.

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
        denominator=pl.when(pl.col("people") >= HIDDEN_UNDER).then(rounded(pl.col("requests"))),
        is_settled=pl.col("open") <= SETTLED_UNDER * pl.col("requests"),
    ).drop("people", "requests", "open")


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
