"""A year foretold from its start by the calibrated simulation, beside what came: how good the simulation is.

A quarter here is three months counted from the start. Shares are of all requests due in it, from counts rounded to 5.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from capacity.demand_drivers import QUANTILES
from capacity.simulation import ALL, LIMITS, Simulated

#: What is foretold: the share in time of requests due in a quarter, the median days of those received in a month, and
#: open requests at a quarter's end.
SHARE, MEDIAN, OPEN = "in_standard_pct", "median_days", "open_count"

#: Months of a quarter, and requests due in one below which rounding to 5 moves its share too far to be a judge.
MONTHS, LEAST_DUE = 3, 200

#: Columns that name a foretold number, and the two intervals.
KEYS = ("category", "measure", "period")
INTERVALS = ("80", "95")

OBSERVED = {"category": pl.String, "month": pl.Date, "in_standard": pl.Float64, "due": pl.Float64,
            "median_days": pl.Float64, "open_count": pl.Float64}  # fmt: skip


@dataclass(frozen=True)
class Score:
    """How a year was foretold, in plain numbers.

    of: numbers that could be judged. within_80, within_95: how many lay in the interval. off: mean absolute error;
    off_before: that of saying that each would be as it was a year before. lean: mean error, above nought: too high.
    """

    measure: str
    of: int
    within_80: int
    within_95: int
    off: float
    off_before: float
    lean: float


def foretold(simulated: Simulated, start: dt.date, end: dt.date) -> pl.DataFrame:
    """What the simulation foretells of the months from a day to before another: KEYS, `replication`, `value`."""
    own = simulated.months.filter(pl.col("month").is_between(start, end, closed="left"))
    renamed = own.rename({"in_standard_count": "in_standard", "due_count": "due"})
    return _numbers(renamed, start, ["replication", "category"])


def happened(observed: pl.DataFrame, start: dt.date) -> pl.DataFrame:
    """What came, in the same numbers: KEYS and `value`; a number of which a part is hidden, or too small, is left out.

    observed: `category`, `month`, `in_standard`, `due`, `median_days`, `open_count`, null where hidden.
    """
    found = _numbers(observed.cast(OBSERVED), start, ["category"])  # type: ignore[arg-type]
    return found.drop_nulls("value")


def _numbers(months: pl.DataFrame, start: dt.date, by: list[str]) -> pl.DataFrame:
    since = (pl.col("month").dt.year() - start.year) * 12 + pl.col("month").dt.month() - start.month
    rows = months.with_columns(quarter=since // MONTHS, place=since % MONTHS, since=since)
    is_whole = (pl.col("due").count() == MONTHS) & (
        pl.col("due").sum() >= (LEAST_DUE if "replication" not in by else 1)
    )
    shares = rows.group_by(*by, "quarter").agg(
        value=pl.when(is_whole).then(100 * pl.col("in_standard").sum() / pl.col("due").sum()),
        period=pl.col("month").min(),
    )
    ends = rows.filter(pl.col("place") == MONTHS - 1)
    parts = [
        shares.select(*by, pl.lit(SHARE).alias("measure"), "period", "value"),
        rows.select(*by, pl.lit(MEDIAN).alias("measure"), period="month", value=pl.col("median_days").cast(pl.Float64)),
        ends.select(*by, pl.lit(OPEN).alias("measure"), period="month", value=pl.col("open_count").cast(pl.Float64)),
    ]
    return pl.concat(parts).sort(*by, "measure", "period")


def beside(said: pl.DataFrame, came: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Each foretold number with its intervals beside what came and what was a year before.

    said: as `foretold` gives it. came, before: as `happened` gives them. Columns: KEYS, `mean`, the names of LIMITS,
    `happened`, `before`. Only what is known of both years is judged.
    """
    limits = [pl.col("value").quantile(share, interpolation="linear").alias(name) for name, share in LIMITS.items()]
    summary = said.group_by(KEYS, maintain_order=True).agg(pl.col("value").mean().alias("mean"), *limits)
    a_year_on = before.with_columns(period=pl.col("period").dt.offset_by("12mo"))
    return (
        summary.drop_nulls("mean")
        .join(came.rename({"value": "happened"}), on=KEYS)
        .join(a_year_on.rename({"value": "before"}), on=KEYS)
        .sort(KEYS)
    )


def scores(rows: pl.DataFrame) -> list[Score]:
    """The score of each measure over rows of `beside`."""
    found = []
    for (measure,), own in rows.group_by("measure", maintain_order=True):
        error = own["mean"] - own["happened"]
        within_80, within_95 = (
            int(own.select(pl.col("happened").is_between(f"lower_{name}", f"upper_{name}").sum()).item())
            for name in INTERVALS
        )
        off, off_before, lean = (
            float(part.mean() or 0.0)  # type: ignore[arg-type]
            for part in (error.abs(), (own["before"] - own["happened"]).abs(), error)
        )
        found.append(Score(str(measure), own.height, within_80, within_95, off, off_before, lean))
    return found


def of_all(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of all categories together."""
    return rows.filter(category=ALL)


def usual_miss(observed: pl.DataFrame, start: dt.date) -> pl.DataFrame:
    """How far numbers of a year lie from the mean of the year before, by `category` and `measure`: `miss`, a root mean
    square over the years before a day, and `of`, the numbers it rests on.

    A simulation that is calibrated to a year misses what changes from year to year for reasons that it does not know.
    observed: as `happened` takes it, over as many whole years before the day as there are.
    """  # fmt: skip
    found = happened(observed.filter(pl.col("month") < start), _anchor(observed, start))
    number = (pl.col("period").dt.year() - start.year) * 12 + pl.col("period").dt.month() - start.month
    years = found.with_columns(year=number.floordiv(12))
    mean = years.group_by("category", "measure", "year").agg(before=pl.col("value").mean(), of=pl.len())
    pairs = years.join(mean.with_columns(pl.col("year") + 1), on=["category", "measure", "year"], how="inner")
    miss = ((pl.col("value") - pl.col("before")) ** 2).mean().sqrt()
    return pairs.group_by("category", "measure").agg(miss=miss, of=pl.len()).sort("category", "measure")


def _anchor(observed: pl.DataFrame, start: dt.date) -> dt.date:
    """The first day of the earliest year, counted back from a day, of which there are months."""
    first: dt.date = observed["month"].min()  # type: ignore[assignment]
    anchor = start
    while anchor > first:
        anchor = anchor.replace(year=anchor.year - 1)
    return anchor


def widened(rows: pl.DataFrame, miss: pl.DataFrame) -> pl.DataFrame:
    """Rows of `beside`, or of any table with KEYS' first two and LIMITS, whose intervals allow for the usual miss.

    Each limit moves out to where the usual miss alone would have it, as if normal, unless chance as simulated has it
    further out: what was missed in past years was missed by chance too, and chance is not counted twice. In the study
    of foretold waits (docs/studies.md) these intervals hold what they say; with both added they hold too much. Shares
    stay between 0 and 100, the rest at 0 or above. Where no miss is known, limits stay as they are.
    """
    joined = rows.join(miss.select("category", "measure", "miss"), on=["category", "measure"], how="left",
                       maintain_order="left")  # fmt: skip
    top = pl.when(pl.col("measure") == SHARE).then(100.0).otherwise(float("inf"))
    changed = []
    for name in INTERVALS:
        reach = QUANTILES[name] * pl.col("miss").fill_null(0.0)
        for side, sign in (("lower", -1), ("upper", 1)):
            limit = f"{side}_{name}"
            away = pl.max_horizontal((pl.col(limit) - pl.col("median")).abs(), reach)
            moved = pl.max_horizontal(pl.col("median") + sign * away, pl.lit(0.0))
            changed.append(pl.min_horizontal(moved, top).alias(limit))
    return joined.with_columns(changed).drop("miss")
