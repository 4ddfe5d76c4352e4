"""How many open requests will pass their due date, with a range, and how well that was foretold in past months."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import polars as pl

from methods.forecasts import common_shift, count_ranges, widen_by_past
from pipelines.calendar import EPOCH
from pipelines.outlook.queue import HISTORY_DAYS, Record, chances, waiting

#: Days ahead that are looked at, the shortest first.
HORIZONS = (7, 14, 28)

#: The range holds what happens in this share of months, if it is right.
CONFIDENCE = 0.90

#: Past month-ends that are scored, at the most and at the least: with fewer, no forecast is shown.
SCORED, LEAST_SCORED = 24, 12

#: How far months differ is learned from so many forecasts before, at the most and at the least.
BEHIND, LEAST_BEHIND = 12, 4

#: Fewer expected than this, and the range is a few whole numbers, from whose misses nothing can be learned for others.
LEARNED_FROM = 10

#: Kinds of place: the column that holds the place's code, and how the kind is named.
KINDS = {"scotland": None, "performing_lab": "performing_lab", "requesting_board": "requesting_board"}

PLACE = ("kind", "code", "horizon")


def past_days(known: Record) -> list[int]:
    """The month-ends to foretell from, the oldest first: with a history behind them and the longest horizon known."""
    if not known.received.size:
        return []
    first, last = int(known.received.min()) + HISTORY_DAYS, int(known.judged.min()) - 1 - max(HORIZONS)
    month = dt.date.fromordinal(EPOCH.toordinal() + max(first, 0)).replace(day=1)
    found: list[int] = []
    while True:
        month = (month + dt.timedelta(days=32)).replace(day=1)
        day = month.toordinal() - 1 - EPOCH.toordinal()
        if day > last:
            return found[-(SCORED + BEHIND) :]
        if day >= first:
            found.append(day)


def members(known: Record) -> pl.DataFrame:
    """One row an origin and request that was open then and fell due in the longest horizon.

    Columns: `origin` (number of the day, or of the newest day for the present queue), `day` (the request's own),
    `is_past`, `row`, `left` (days),
    `chance`, `is_late` (what happened; null for the present), `person_id`, and the places. The present queue of a
    laboratory is as at the day before its newest extract, the last whole day that it tells of.
    """
    parts = [_of_day(known, day, is_past=True, rows=None) for day in past_days(known)]
    for judged in np.unique(known.judged):
        parts.append(_of_day(known, int(judged) - 1, is_past=False, rows=known.judged == judged))
    found = pl.concat(parts) if parts else _no_members()
    newest = int(known.judged.max()) - 1 if known.judged.size else 0
    places = known.frame.select("person_id", *filter(None, KINDS.values())).with_row_index("row")
    return found.with_columns(
        pl.when("is_past").then("origin").otherwise(pl.lit(newest, pl.Int64)).alias("origin"), day="origin"
    ).join(places.with_columns(pl.col("row").cast(pl.Int64)), on="row", how="left", maintain_order="left")


def _of_day(known: Record, day: int, is_past: bool, rows: np.ndarray | None) -> pl.DataFrame:
    """The queue of a day. rows: flags of the requests of whom the day is asked; None for all."""
    found, left = waiting(known, day, max(HORIZONS), is_past)
    if rows is not None:
        kept = rows[found]
        found, left = found[kept], left[kept]
    late = known.is_late[found]
    return pl.DataFrame(
        {
            "origin": np.full(found.size, day, dtype=np.int64),
            "is_past": np.full(found.size, is_past),
            "row": found.astype(np.int64),
            "left": left.astype(np.int64),
            "chance": chances(known, day, found, left),
            "is_late": late,
        }
    ).with_columns(pl.when("is_past").then("is_late").alias("is_late"))


def _no_members() -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            "origin": pl.Int64,
            "is_past": pl.Boolean,
            "row": pl.Int64,
            "left": pl.Int64,
            "chance": pl.Float64,
            "is_late": pl.Boolean,
        }
    )


def by_place(found: pl.DataFrame) -> list[pl.LazyFrame]:
    """The members once for each kind of place and horizon that they fall due in: PLACE is added.

    A frame a kind and horizon, none of them made before it is asked for: all nine together are too many rows for memory
    where there are millions of requests.
    """
    every = found.lazy()
    return [
        every.filter(pl.col("left") <= horizon).select(
            pl.lit(kind).alias("kind"),
            (pl.col(column).cast(pl.String) if column else pl.lit("")).alias("code"),
            pl.lit(horizon, pl.Int64).alias("horizon"),
            "origin",
            "day",
            "is_past",
            "person_id",
            "chance",
            "is_late",
        )
        for kind, column in KINDS.items()
        for horizon in HORIZONS
    ]


def forecasts(placed: Sequence[pl.LazyFrame]) -> pl.DataFrame:
    """What was, and is, expected of each place and horizon at each origin, with its range, and what happened.

    placed: as `by_place` gives it. Columns: PLACE, `origin`, `day` (that of most of its requests), `is_past`, `members`
    and `people` falling due, `expected`, `variance`, `lower`, `upper`, `naive` (by the share of those falling due that
    were late a month before), `happened` (null for the present), `behind` (forecasts from which the spread of months
    was learned). `lower`, `upper` and `naive` are null where there is nothing behind to learn from.
    """
    key = [*PLACE, "origin"]
    sums = pl.concat(_sums(part.collect(), key) for part in placed)
    sums = sums.with_columns(number=pl.col("origin").rank("dense").cast(pl.Int64))
    shifts = _shifts(sums)
    within = sums.join(shifts, on=["kind", "horizon", "origin"], how="inner")
    groups = within.select(*key, "shift", "degrees")
    ranges = pl.concat(count_ranges(part.collect(), groups, key, CONFIDENCE) for part in placed)
    before = sums.filter("is_past").select(
        *PLACE, pl.col("number") + 1, share_before=pl.col("happened") / pl.col("members")
    )
    found = (
        sums.join(ranges.select(*key, "lower", "upper"), on=key, how="left")
        .join(shifts.select("kind", "horizon", "origin", "behind"), on=["kind", "horizon", "origin"], how="left")
        .join(before, on=[*PLACE, "number"], how="left")
        .with_columns(naive=pl.col("share_before") * pl.col("members"))
    )
    return _never_narrower(_as_past_asks(found)).drop("number", "share_before").sort(key)


def _sums(part: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """What is expected of each group of members, and what happened."""
    return part.group_by(key, maintain_order=True).agg(
        pl.col("is_past").first(),
        pl.col("day").mode().max(),
        pl.len().cast(pl.Int64).alias("members"),
        pl.col("person_id").n_unique().cast(pl.Int64).alias("people"),
        pl.col("chance").sum().alias("expected"),
        (pl.col("chance") * (1 - pl.col("chance"))).sum().alias("variance"),
        pl.when(pl.col("is_past").first()).then(pl.col("is_late").sum()).cast(pl.Int64).alias("happened"),
    )


def _as_past_asks(found: pl.DataFrame) -> pl.DataFrame:
    """The ranges, widened where past ones of the same kind of place, over all horizons, held too little.

    What a forecast came to is known a month later, at the next origin: no horizon is longer than a month.
    """
    tells = pl.col("expected") >= LEARNED_FROM
    dated = found.with_columns(
        time=pl.col("number"),
        known=pl.col("number") + 1,
        value=pl.col("expected"),
        really=pl.col("happened"),
        happened=pl.when(tells).then("happened"),
    )
    wide = widen_by_past(dated, ["kind"], CONFIDENCE).with_columns(pl.col("really").alias("happened"))
    return wide.drop("time", "known", "value", "widened", "really")


def _shifts(sums: pl.DataFrame) -> pl.DataFrame:
    """How far months differ, by kind of place, horizon and origin, from the newest BEHIND forecasts before it.

    The places of a kind are taken together: each alone says little, and they share the month.
    """
    origins = sums.select("origin", "number").unique()
    past = sums.filter("is_past").select("kind", "horizon", "expected", "variance", "happened", then="number")
    pairs = past.join(origins, how="cross").filter(
        (pl.col("then") < pl.col("number")) & (pl.col("then") >= pl.col("number") - BEHIND)
    )
    key = ["kind", "horizon", "origin"]
    months = pairs.group_by(key).agg(pl.col("then").n_unique().cast(pl.Int64).alias("behind"))
    found = common_shift(pairs, key).join(months, on=key).filter(pl.col("behind") >= LEAST_BEHIND)
    return found.select(*key, pl.col("value").alias("shift"), pl.col("behind").alias("degrees"), "behind")


def _never_narrower(found: pl.DataFrame) -> pl.DataFrame:
    """The ranges, each reaching at least as far on either side as that of a shorter horizon of the same place.

    Who passes the due date within 7 days has done so within 14, so what is unsure of the former is of the latter.
    """
    place = ["kind", "code", "origin"]
    found = found.sort(*place, "horizon")
    down = (pl.col("expected") - pl.col("lower")).cum_max().over(place)
    up = (pl.col("upper") - pl.col("expected")).cum_max().over(place)
    return found.with_columns(
        lower=pl.max_horizontal((pl.col("expected") - down).round().clip(0), pl.lit(0.0)),
        upper=pl.min_horizontal((pl.col("expected") + up).round(), pl.col("members").cast(pl.Float64)),
    ).with_columns(
        pl.when(pl.col("behind").is_not_null()).then(pl.col(name)).alias(name) for name in ("lower", "upper")
    )


def scored(found: pl.DataFrame) -> pl.DataFrame:
    """The past forecasts that count: with a range and a naive one beside them, of the newest SCORED month-ends."""
    sound = found.filter(pl.col("is_past") & pl.col("lower").is_not_null() & pl.col("naive").is_not_null())
    newest = sound["origin"].unique().sort().tail(SCORED)
    return sound.filter(pl.col("origin").is_in(newest.implode()))


def scores(past: pl.DataFrame, by: Sequence[str] = PLACE) -> pl.DataFrame:
    """How good the past forecasts of each place and horizon were. past: as `scored` gives them.

    Columns: PLACE, `origins`, `held` (in how many the range held what happened), `mean_error` (above nought: too many
    expected), `mean_absolute_error`, `naive_error` (mean absolute), and the averages `mean_people`, `mean_expected`,
    `mean_rest` (not expected) and `mean_happened`.
    """
    error = pl.col("expected") - pl.col("happened")
    return past.group_by(by, maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("origins"),
        pl.col("happened").is_between(pl.col("lower"), pl.col("upper")).sum().cast(pl.Int64).alias("held"),
        error.mean().alias("mean_error"),
        error.abs().mean().alias("mean_absolute_error"),
        (pl.col("naive") - pl.col("happened")).abs().mean().alias("naive_error"),
        pl.col("people").mean().alias("mean_people"),
        pl.col("expected").mean().alias("mean_expected"),
        (pl.col("members") - pl.col("expected")).mean().alias("mean_rest"),
        pl.col("happened").mean().alias("mean_happened"),
    )


def came_later(known: Record, days: Sequence[int]) -> pl.DataFrame:
    """One row a past origin, horizon and request that came after the origin and passed its due date within the horizon.

    Columns: `origin`, `horizon`, `row`, `person_id`. No forecast of the queue counts these.
    """
    parts = []
    for day in days:
        for horizon in HORIZONS:
            rows = np.flatnonzero(
                (known.received > day) & (known.due > day) & (known.due <= day + horizon) & known.is_late
            )
            parts.append(
                pl.DataFrame({"row": rows.astype(np.int64)}).with_columns(
                    origin=pl.lit(day, pl.Int64), horizon=pl.lit(horizon, pl.Int64)
                )
            )
    none = pl.DataFrame(schema={"row": pl.Int64, "origin": pl.Int64, "horizon": pl.Int64})
    people = known.frame.select("person_id").with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    return pl.concat([none, *parts]).join(people, on="row", how="left", maintain_order="left")
