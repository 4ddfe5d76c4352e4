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


#: One series by its dimension and code, with its exact monthly counts from FIRST to END.
Drawn = dict[tuple[str, str], np.ndarray]

#: In a restless world the level of each series walks so far in a month, and its growth a year so far in a year.
WALK, BEND = 0.015, 0.06


def exact(drawn: World) -> Drawn:
    """Every series of a draw."""
    return {
        (dimension, key[0] if key else ""): counts
        for dimension, by in DIMENSIONS.items()
        for key, counts in drawn.series(by).items()
    }


def restless(seed: int) -> Drawn:
    """The series of a seed, each moved by a level and a growth that walk at random, and drawn anew by chance."""
    rng = np.random.default_rng([seed, 11])
    found: Drawn = {}
    for key, counts in exact(world(seed)).items():
        growth = np.cumsum(rng.normal(0, BEND / 12**0.5, counts.size)) / 12
        path = np.exp(np.cumsum(rng.normal(0, WALK, counts.size) + growth))
        found[key] = rng.poisson(counts * path).astype(float)
    found[ALL, ""] = np.sum([counts for (dimension, _), counts in found.items() if dimension == TECHNOLOGY], axis=0)
    return found


def shown(drawn: Drawn, seed: int, newest: int = NEWEST) -> pl.DataFrame:
    """The history as a release shows it, in the columns that `capacity.demand` takes."""
    rng = np.random.default_rng([seed, 7])
    rows: list[tuple[str, str, dt.date, dt.date, int]] = []
    for (dimension, code), every in drawn.items():
        if every.any():
            counts = every[: newest - FIRST + 1]
            length = 1 if counts.mean() >= MONTHLY_NEEDS else 3
            starts = range((-FIRST) % length, counts.size - length + 1, length)
            for start in starts:
                count = int(counts[start : start + length].sum())
                if count >= HIDDEN_UNDER:
                    up = rng.random() * ROUNDED_TO < count % ROUNDED_TO
                    told = count // ROUNDED_TO * ROUNDED_TO + (ROUNDED_TO if up else 0)
                    rows.append((dimension, code, *_span(FIRST + start, length), told))
    columns = ["dimension", "code", "period_start", "period_end", "requests"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def _span(month: int, length: int) -> tuple[dt.date, dt.date]:
    first, after = (dt.date(number // 12, number % 12 + 1, 1) for number in (month, month + length))
    return first, after - dt.timedelta(days=1)


def looked_back(seed: int) -> pl.DataFrame:
    """The past forecasts of a seed."""
    return past_forecasts(shown(exact(world(seed)), seed), ROUNDED_TO).with_columns(seed=pl.lit(seed))


def looked_ahead_restless(seed: int) -> pl.DataFrame:
    """As `looked_ahead`, in a restless world."""
    return looked_ahead(seed, restless(seed))


def looked_ahead(seed: int, series: Drawn | None = None) -> pl.DataFrame:
    """Forecasts of a seed from October 2026 for whole financial years, with what is drawn for them."""
    drawn = exact(world(seed)) if series is None else series
    found = forecast_demand(shown(drawn, seed), ROUNDED_TO).filter(grain="year")
    rows = []
    for key, counts in drawn.items():
        for start in found["period_start"].unique().sort():
            month = start.year * 12 + start.month - 1 - FIRST
            rows.append((*key, start, counts[month : month + 12].sum()))
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
    unsettled = over(seeds, looked_ahead_restless)
    without, own = back.filter(~is_new_test()), pl.col("method") == "forecast"
    tables = {
        "Made in the past, all but the series of the new test": scores(without),
        "Years, by dimension": scores(without.filter(months=12), ("method", "dimension", "ahead")),
        "Years, the series of the new test": scores(back.filter(is_new_test(), months=12), ("method", "ahead")),
        "A year ahead, by seed": by_seed(without.filter(own, months=12, ahead=12)),
        "Made from October 2026": scores(ahead, ("method", "period_start")),
        "The same, by dimension": scores(ahead, ("method", "dimension", "period_start")),
        "The same, by seed": by_seed(ahead.filter(own)),
        "In restless worlds": scores(unsettled, ("method", "period_start")),
        "The same, by seed, in restless worlds": by_seed(unsettled.filter(own)),
    }
    with pl.Config(tbl_rows=60, tbl_cols=20, tbl_hide_dataframe_shape=True, float_precision=3):
        return "\n\n".join(f"{title}\n{table}" for title, table in tables.items())


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    sys.stdout.write(report(range(1, count + 1)) + "\n")
