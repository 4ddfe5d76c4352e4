"""Do forecasts of requests hold what they say, nearer than naive ones? `python -m tests.study.demand_study 20`.

Each seed is drawn on to March 2030 with the same truths. What the model is given are the counts to October 2026 as a
release shows them: rounded up or down to 5 at random, hidden under 10, by quarters where months average under 100.
Forecasts are made from the end of each past quarter and judged by what was received, and made from October 2026 and
judged by what is drawn for the years to March 2030.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from capacity.demand import ALL, CATEGORY, INTERVALS, TECHNOLOGY, forecast_demand, past_forecasts, scores
from tests.study.demand_worlds import FIRST, NEWEST, World, world

#: What the release shows: multiples of this, nothing under that many, and months where they average so many.
ROUNDED_TO, HIDDEN_UNDER, MONTHLY_NEEDS = 5, 10, 100

#: Series into which the planted new test goes: before its start no forecast can know of it.
NEW_TEST = ((ALL, ""), (CATEGORY, "pharmacogenetic"), (TECHNOLOGY, "targeted_pcr"))

DIMENSIONS: dict[str, tuple[str, ...]] = {ALL: (), CATEGORY: ("category",), TECHNOLOGY: ("technology",)}


def shown(drawn: World, seed: int, newest: int = NEWEST) -> pl.DataFrame:
    """The history as a release shows it, in the columns that `capacity.demand` takes."""
    rng = np.random.default_rng([seed, 7])
    rows: list[tuple[str, str, dt.date, dt.date, int]] = []
    for dimension, by in DIMENSIONS.items():
        for key, every in drawn.series(by).items():
            counts = every[: newest - FIRST + 1]
            length = 1 if counts.mean() >= MONTHLY_NEEDS else 3
            starts = range((-FIRST) % length, counts.size - length + 1, length)
            for start in starts:
                count = int(counts[start : start + length].sum())
                if count >= HIDDEN_UNDER:
                    up = rng.random() * ROUNDED_TO < count % ROUNDED_TO
                    told = count // ROUNDED_TO * ROUNDED_TO + (ROUNDED_TO if up else 0)
                    rows.append((dimension, key[0] if key else "", *_span(FIRST + start, length), told))
    columns = ["dimension", "code", "period_start", "period_end", "requests"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def _span(month: int, length: int) -> tuple[dt.date, dt.date]:
    first, after = (dt.date(number // 12, number % 12 + 1, 1) for number in (month, month + length))
    return first, after - dt.timedelta(days=1)


def looked_back(seed: int) -> pl.DataFrame:
    """The past forecasts of a seed."""
    return past_forecasts(shown(world(seed), seed), ROUNDED_TO).with_columns(seed=pl.lit(seed))


def looked_ahead(seed: int) -> pl.DataFrame:
    """Forecasts of a seed from October 2026 for whole financial years, with what is drawn for them."""
    drawn = world(seed)
    found = forecast_demand(shown(drawn, seed), ROUNDED_TO).filter(grain="year")
    rows = []
    for dimension, by in DIMENSIONS.items():
        for key, counts in drawn.series(by).items():
            for start in found["period_start"].unique().sort():
                month = start.year * 12 + start.month - 1 - FIRST
                rows.append((dimension, key[0] if key else "", start, counts[month : month + 12].sum()))
    truth = pl.DataFrame(rows, schema=["dimension", "code", "period_start", "happened"], orient="row")
    return found.join(truth, on=["dimension", "code", "period_start"]).with_columns(seed=pl.lit(seed))


def over(seeds: Sequence[int], look: Callable[[int], pl.DataFrame]) -> pl.DataFrame:
    """One of the two looks over several seeds."""
    return pl.concat([look(seed) for seed in seeds])


def is_new_test() -> pl.Expr:
    """Whether a row is of a series into which the planted new test goes."""
    return pl.struct("dimension", "code").is_in([{"dimension": one, "code": code} for one, code in NEW_TEST])


def by_seed(rows: pl.DataFrame) -> pl.DataFrame:
    """Coverage over all rows with the standard error that seeds, which are independent, give."""
    held = rows.group_by("seed").agg(
        pl.col("happened").is_between(f"lower_{name}", f"upper_{name}").mean().alias(name) for name in INTERVALS
    )
    return held.select(
        *(pl.col(name).mean().alias(f"within_{name}") for name in INTERVALS),
        *((pl.col(name).std() / pl.len().sqrt()).alias(f"error_{name}") for name in INTERVALS),
    )


def report(seeds: Sequence[int]) -> str:
    """What was found over these seeds, as tables of text."""
    back, ahead = over(seeds, looked_back), over(seeds, looked_ahead)
    without, own = back.filter(~is_new_test()), pl.col("method") == "forecast"
    tables = {
        "Made in the past, all but the series of the new test": scores(without),
        "Years, by dimension": scores(without.filter(months=12), ("method", "dimension", "ahead")),
        "Years, the series of the new test": scores(back.filter(is_new_test(), months=12), ("method", "ahead")),
        "A year ahead, by seed": by_seed(without.filter(own, months=12, ahead=12)),
        "Made from October 2026": scores(ahead, ("method", "period_start")),
        "The same, by dimension": scores(ahead, ("method", "dimension", "period_start")),
        "The same, by seed": by_seed(ahead.filter(own)),
    }
    with pl.Config(tbl_rows=60, tbl_cols=20, tbl_hide_dataframe_shape=True, float_precision=3):
        return "\n\n".join(f"{title}\n{table}" for title, table in tables.items())


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    sys.stdout.write(report(range(1, count + 1)) + "\n")
