"""What will come, with its uncertainty: shares over the next months, and how many of those waiting will be late.

Nothing here draws random numbers. A forecast is worth what its past is worth: score it by rolling origin, beside the
naive one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtr, stdtrit

from methods.groundwork.groups import GROUP, numbered_groups
from methods.reasons import reason

Array = NDArray[np.float64]

#: A series needs so many points without a gap before anything is said of the next ones.
LEAST_POINTS = 12

NAIVE, TREND = "Naive", "Local level and damped trend"

#: Smoothing of the level, smoothing of the slope as a part of it, and damping a step, weighed against each other.
LEVELS = np.linspace(0.04, 1.0, 25)
SLOPES = np.array([0.05, 0.1, 0.2, 0.4])
DAMPINGS = np.array([0.8, 0.9, 0.98])

#: Equally likely places of the common shift of a group of chances at which its count is worked out.
PLACES = 41

#: Chances are kept this far from nought and one, so that they have a logit.
EDGE = 1e-9


#: Fewer past forecasts than this say nothing of how wide a range should be.
LEAST_PAST = 8


@dataclass(frozen=True)
class _Grid:
    """Pairs of smoothing that are weighed: an item a candidate, with what it weighs before any data."""

    level: Array
    slope: Array
    damping: Array
    weight: Array


def forecast_shares(
    series: pl.DataFrame,
    by: Sequence[str] = (),
    ahead: int = 6,
    confidence: float = 0.95,
    origins: int = 1,
) -> pl.DataFrame:
    """Shares of the next periods of each series, from its newest points and, to be scored, from earlier ones.

    series: one row a point, with columns `by`, `time` (whole numbers, 1 apart from point to point) and `share`.
    ahead: periods ahead. origins: newest points to forecast from, each as if it were the last one known.
    Returns one row a series, origin, step and method: `by`, `origin` (time of the last point used), `step` (1 to
    `ahead`), `value`, `lower`, `upper`, `method`, `reason`. Two methods stand side by side: "Naive" (the last share
    stays, its logit walking at random) and "Local level and damped trend".

    On the logit scale, an exponential smoothing with a level, and one with a level and a damped slope, in their
    state-space form with one source of error. For each of 325 pairs of smoothing and damping the first level and the
    spread of the errors are integrated out; the pairs are averaged by their likelihood, level alone and with a slope
    weighing the same beforehand. Limits are of Student's t with the mean and variance of that average, so they hold
    the errors to come, which add up with each step, and what is not known of the parameters. Points before a gap are
    not used. Seasons and what is known of the future are not in it.

    Reasons: missing (no point, or a time), repeated_key (two points of one time), share_out_of_range, outside_range (a
    share of nought or one has no logit), too_few_points (under 12 without a gap up to the origin), no_variation.
    Source: Gardner and McKenzie 1985, Management Science 31:1237; Hyndman, Koehler, Ord and Snyder 2008, Forecasting
    with Exponential Smoothing, table 6.2; averaging, Forbes, Snyder and Shami 2000, Monash Econometrics working paper.
    """
    if ahead < 1 or origins < 1:
        raise ValueError("ahead and origins are whole numbers from 1")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is a share strictly between 0 and 1, not {confidence}")
    keys, rows = numbered_groups(series, by, ["time", "share"])
    grid = _grid()
    found = [
        _series_forecast(group, points, grid, ahead, confidence, origins)
        for (group,), points in rows.group_by(GROUP, maintain_order=True)
    ]
    schema = {"origin": pl.Float64, "step": pl.Int64, "value": pl.Float64, "lower": pl.Float64, "upper": pl.Float64}
    empty = pl.DataFrame(schema={GROUP: pl.UInt32, **schema, "method": pl.String, "reason": _REASON})
    answers = pl.concat([empty, *found]).sort(GROUP, "origin", "method", "step")
    return answers.join(keys, on=GROUP, how="left", maintain_order="left").select(*by, pl.exclude(GROUP, *by))


_REASON = pl.select(reason((pl.lit(value=True), "missing"))).to_series().dtype


def _series_forecast(
    group: object, points: pl.DataFrame, grid: _Grid, ahead: int, confidence: float, origins: int
) -> pl.DataFrame:
    """The forecasts of one series, as `forecast_shares` gives them; one row a method and step where there are none."""
    fault = _fault(points)
    if fault:
        return _answers(group, [np.nan], ahead, {NAIVE: None, TREND: None}, fault)
    time = points["time"].to_numpy()
    run = time - np.arange(time.size) == time[-1] - (time.size - 1)
    y = logit(points["share"].to_numpy()[run])
    if y.size < LEAST_POINTS:
        return _answers(group, [time[-1]], ahead, {NAIVE: None, TREND: None}, "too_few_points")
    if np.ptp(y) < EDGE:
        return _answers(group, [time[-1]], ahead, {NAIVE: None, TREND: None}, "no_variation")
    lengths = np.arange(max(LEAST_POINTS, y.size - origins + 1), y.size + 1)
    spread: dict[str, tuple[Array, ...] | None] = {
        NAIVE: _limits(*_naive(y, lengths, ahead), confidence),
        TREND: _limits(*_smoothed(y, lengths, ahead, grid), confidence),
    }
    return _answers(group, list(time[run][lengths - 1]), ahead, spread, None)


def _fault(points: pl.DataFrame) -> str | None:
    time, share = points["time"], points["share"]
    if points.is_empty() or time.null_count() or share.null_count():
        return "missing"
    if time.n_unique() < time.len():
        return "repeated_key"
    if not share.is_between(0, 1).all():
        return "share_out_of_range"
    return "outside_range" if share.is_in([0.0, 1.0]).any() else None


def _answers(
    group: object, times: Sequence[float], ahead: int, spread: dict[str, tuple[Array, ...] | None], fault: str | None
) -> pl.DataFrame:
    """One row an origin, step and method; nothing but the reason where there is a fault."""
    frames = []
    for method, numbers in spread.items():
        count = len(times) * ahead
        value, lower, upper = numbers or (np.full(count, np.nan),) * 3
        frames.append(
            pl.DataFrame(
                {
                    "origin": np.repeat(np.asarray(times, dtype=np.float64), ahead),
                    "step": np.tile(np.arange(1, ahead + 1), len(times)),
                    "value": value.ravel(),
                    "lower": lower.ravel(),
                    "upper": upper.ravel(),
                }
            ).with_columns(pl.lit(method).alias("method"))
        )
    found = pl.concat(frames).with_columns(pl.col("origin", "value", "lower", "upper").fill_nan(None))
    why = reason((pl.lit(value=True), fault)) if fault else pl.lit(None, _REASON)
    return found.select(pl.lit(group, pl.UInt32).alias(GROUP), *found.columns, why.alias("reason"))


def _limits(mean: Array, scale: Array, degrees: Array, confidence: float) -> tuple[Array, Array, Array]:
    """Value and limits as shares, from mean and scale on the logit scale; one row an origin, one column a step."""
    reach = stdtrit(degrees, 1 - (1 - confidence) / 2)[:, None] * scale
    return expit(mean), expit(mean - reach), expit(mean + reach)


def _naive(y: Array, lengths: NDArray[np.int64], ahead: int) -> tuple[Array, Array, Array]:
    """Mean, scale and degrees of freedom of a random walk without drift, from each of the first `lengths` points."""
    steps = np.concatenate([[0.0], np.cumsum(np.diff(y) ** 2)])[lengths - 1]
    spread = np.sqrt(steps / (lengths - 1))
    scale = spread[:, None] * np.sqrt(np.arange(1, ahead + 1))
    return np.repeat(y[lengths - 1][:, None], ahead, axis=1), scale, (lengths - 1).astype(np.float64)


def _grid() -> _Grid:
    """Level alone weighs as much as all candidates with a slope together."""
    level, slope, damping = (part.ravel() for part in np.meshgrid(LEVELS, SLOPES, DAMPINGS, indexing="ij"))
    return _Grid(
        np.concatenate([LEVELS, level]),
        np.concatenate([np.zeros(LEVELS.size), level * slope]),
        np.concatenate([np.ones(LEVELS.size), damping]),
        np.concatenate([np.full(LEVELS.size, 0.5 / LEVELS.size), np.full(level.size, 0.5 / level.size)]),
    )


def _smoothed(y: Array, lengths: NDArray[np.int64], ahead: int, grid: _Grid) -> tuple[Array, Array, Array]:
    """Mean, scale and degrees of freedom of the average over the grid, from each of the first `lengths` points.

    The error of each point is linear in the first level: what it is from a first level of nought, less the first level
    times the `echo` that is left of it. So the first level is fitted by least squares as points come in.
    """
    centre = float(y.mean())
    level, slope = np.zeros(grid.level.size), np.zeros(grid.level.size)
    echo, echo_slope = np.ones(grid.level.size), np.zeros(grid.level.size)
    squares, cross, own = (np.zeros(grid.level.size) for _ in range(3))
    wanted, found = set(lengths.tolist()), []
    for count, point in enumerate(y - centre, 1):
        ahead_of, echo_ahead = level + grid.damping * slope, echo + grid.damping * echo_slope
        error = point - ahead_of
        squares, cross, own = squares + error**2, cross + error * echo_ahead, own + echo_ahead**2
        level, slope = ahead_of + grid.level * error, grid.damping * slope + grid.slope * error
        echo = echo_ahead * (1 - grid.level)
        echo_slope = grid.damping * echo_slope - grid.slope * echo_ahead
        if count in wanted:
            first = cross / own
            left = np.maximum(squares - cross**2 / own, EDGE**2)
            state = (level + first * echo, slope + first * echo_slope, echo, echo_slope)
            found.append(_averaged(grid, state, left, own, count - 1, ahead))
    mean, scale = (np.array(part) for part in zip(*found, strict=True))
    return mean + centre, scale, (lengths - 1).astype(np.float64)


def _averaged(
    grid: _Grid, state: tuple[Array, Array, Array, Array], left: Array, own: Array, degrees: int, ahead: int
) -> tuple[Array, Array]:
    """Mean and scale a step, averaged over the grid by likelihood; the scale is of Student's t with these degrees."""
    level, slope, echo, echo_slope = state
    log_weight = np.log(grid.weight) - 0.5 * np.log(own) - 0.5 * degrees * np.log(left)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    damped = np.cumsum(grid.damping[:, None] ** np.arange(1, ahead + 1), axis=1)
    means = level[:, None] + slope[:, None] * damped
    gains = (grid.level[:, None] + grid.slope[:, None] * damped) ** 2
    to_come = 1 + np.concatenate([np.zeros((level.size, 1)), np.cumsum(gains, axis=1)[:, :-1]], axis=1)
    unsure = (echo[:, None] + echo_slope[:, None] * damped) ** 2 / own[:, None]
    variance = (left / degrees)[:, None] * (to_come + unsure)
    mean = weight @ means
    between = (weight @ (means - mean) ** 2) * (degrees - 2) / degrees
    return mean, np.sqrt(weight @ variance + between)


def common_shift(forecasts: pl.DataFrame, by: Sequence[str] = ()) -> pl.DataFrame:
    """By how much the logits of all chances of a group move together from time to time, from past forecasts of it.

    forecasts: one row a past forecast, with columns `by`, `expected` (the sum of its chances), `variance` (the sum of
    chance times its complement) and `happened` (how many did).
    Returns one row a group: `by`, `value` (the root mean square of the shift, nought where chance alone explains the
    errors), `forecasts`, `method`, `reason`. A forecast that was always too high or too low counts as shift too.

    Where every logit moves by d, the count moves by about d times `variance`, so that its squared error is `variance`
    plus d squared times `variance` squared; the value solves that for the sum over forecasts.

    Reasons: missing (a number of some forecast), too_few_points (no forecast).
    Source: method of moments, as DerSimonian and Laird 1986, Controlled Clinical Trials 7:177, on the score of a
    common logit shift.
    """
    keys, rows = numbered_groups(forecasts, by, ["expected", "variance", "happened"])
    error = pl.col("happened") - pl.col("expected")
    beyond = (error**2 - pl.col("variance")).sum() / (pl.col("variance") ** 2).sum()
    unknown = pl.any_horizontal(pl.col("expected", "variance", "happened").is_null()).any()
    groups = rows.group_by(GROUP, maintain_order=True).agg(
        pl.max_horizontal(beyond, 0.0).sqrt().alias("value"),
        pl.len().cast(pl.Int64).alias("forecasts"),
        unknown.alias("unknown"),
        (pl.col("variance").sum() > 0).alias("varies"),
    )
    why = reason((pl.col("unknown"), "missing"), (~pl.col("varies"), "too_few_points"))
    found = groups.with_columns(method=pl.lit("Common logit shift"), reason=why).with_columns(
        pl.when(pl.col("reason").is_null()).then("value").alias("value")
    )
    joined = found.join(keys, on=GROUP, how="left", maintain_order="left")
    return joined.select(*by, "value", "forecasts", "method", "reason")


def count_ranges(
    chances: pl.DataFrame, shifts: pl.DataFrame, by: Sequence[str], confidence: float = 0.90
) -> pl.DataFrame:
    """How many of each group's members something will happen to, where each has a chance of its own.

    chances: one row a member, with columns `by` and `chance`. shifts: one row a group, with columns `by`, `shift` (root
    mean square of the common shift of all logits, as `common_shift` gives it; nought for chance alone) and `degrees`
    (past forecasts that it rests on).
    Returns one row a group of both: `by`, `value` (the sum of the chances), `lower`, `upper` (whole numbers between
    nought and the group's size), `members`, `variance` (sum of chance times complement), `method`, `reason`.

    A Poisson binomial count (a sum of unequal chances) whose logits all move together by a Student t shift: its
    distribution is worked out at 41 equally likely places of the shift, each as a normal with the exact mean and
    variance there and half a unit's correction, and averaged.

    Reasons: missing, share_out_of_range.
    Source: Poisson binomial by its refined normal, Hong 2013, Computational Statistics and Data Analysis 59:41; common
    shift as the random intercept of a logistic model, Williams 1982, Applied Statistics 31:144.
    """
    keys, rows = numbered_groups(chances.join(shifts, on=list(by), how="inner"), by, ["chance", "shift", "degrees"])
    groups = rows.group_by(GROUP, maintain_order=True).agg(
        pl.col("chance").sum().alias("value"),
        (pl.col("chance") * (1 - pl.col("chance"))).sum().alias("variance"),
        pl.len().cast(pl.Int64).alias("members"),
        pl.any_horizontal(pl.col("chance", "shift", "degrees").is_null()).any().alias("unknown"),
        (~pl.col("chance").is_between(0, 1)).any().alias("outside"),
        pl.col("shift", "degrees").first(),
    )
    lower, upper = _mixed_limits(rows, groups, confidence)
    why = reason((pl.col("unknown"), "missing"), (pl.col("outside"), "share_out_of_range"))
    found = groups.with_columns(
        lower=pl.Series(lower),
        upper=pl.Series(upper),
        method=pl.lit("Poisson binomial with a common shift"),
        reason=why,
    ).with_columns(pl.when(pl.col("reason").is_null()).then(pl.col(name)).alias(name) for name in _COUNT_RANGE)
    joined = found.join(keys, on=GROUP, how="left", maintain_order="left")
    return joined.select(*by, *_COUNT_RANGE[:3], "members", "variance", "method", "reason")


_COUNT_RANGE = ("value", "lower", "upper", "variance")


def _mixed_limits(rows: pl.DataFrame, groups: pl.DataFrame, confidence: float) -> tuple[Array, Array]:
    """Whole numbers under and over which the count of each group lies with half of what is left of the confidence."""
    count = groups.height
    if not count:
        return np.zeros(0), np.zeros(0)
    of = rows.select(pl.col(GROUP).rle_id()).to_series().to_numpy().astype(np.int64)
    chance = np.clip(rows["chance"].fill_null(0.5).fill_nan(0.5).to_numpy(), EDGE, 1 - EDGE)
    odds = logit(chance)
    degrees = np.maximum(groups["degrees"].fill_null(1).to_numpy(), 1.0)
    places = stdtrit(degrees[:, None], (np.arange(PLACES) + 0.5) / PLACES)
    shift = groups["shift"].fill_null(0.0).to_numpy()[:, None] * places
    mean, variance = np.empty((count, PLACES)), np.empty((count, PLACES))
    for place in range(PLACES):
        moved = expit(odds + shift[of, place])
        mean[:, place] = np.bincount(of, weights=moved, minlength=count)
        variance[:, place] = np.bincount(of, weights=moved * (1 - moved), minlength=count)
    size, tail = groups["members"].to_numpy().astype(np.float64), (1 - confidence) / 2
    deviation = np.sqrt(np.maximum(variance, EDGE))
    return _quantile(mean, deviation, size, tail), _quantile(mean, deviation, size, 1 - tail)


def _quantile(mean: Array, deviation: Array, size: Array, level: float) -> Array:
    """The least whole number at or under which the count lies with at least this chance, by halving."""
    low, high = np.full(size.size, -1.0), size.copy()
    while np.any(high - low > 1):
        middle = np.floor((low + high) / 2)
        reached = ndtr((middle[:, None] + 0.5 - mean) / deviation).mean(axis=1) >= level
        open_still = high - low > 1
        high = np.where(open_still & reached, middle, high)
        low = np.where(open_still & ~reached, middle, low)
    return high


def widen_by_past(forecasts: pl.DataFrame, by: Sequence[str], confidence: float) -> pl.DataFrame:
    """The ranges of forecasts, widened where those before them held too little of what happened; never narrowed.

    forecasts: one row a forecast, with columns `by` (what is taken together), `time` (when it was made), `known` (when
    it is known what happened; later than `time`), `value`, `lower`, `upper` and `happened`, null where not known yet.
    confidence: the share of what happens that ranges should hold.
    Returns the same rows in their order, with `lower` and `upper` widened and `widened` beside them: by how much the
    reach on either side was multiplied, 1 where it was not. Only forecasts of the same group whose outcome was known by
    `time` are looked at, less those whose range has no reach; with fewer than 8 of them nothing is widened.

    Each past error is divided by the reach of its range on the side where it fell. The reach is multiplied by the
    quotient of rank ceil(confidence times one more than their number), or the largest where there is no such rank.
    Where errors are exchangeable the range then holds at least `confidence` of them, whatever their distribution.
    Source: split conformal prediction, Lei and others 2018, Journal of the American Statistical Association 113:1094,
    scaled by the method's own reach, section 5.2 there.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is a share strictly between 0 and 1, not {confidence}")
    error = pl.col("happened") - pl.col("value")
    reach = pl.when(error >= 0).then(pl.col("upper") - pl.col("value")).otherwise(pl.col("value") - pl.col("lower"))
    rows, key = forecasts.with_row_index("_row").with_columns(_all=pl.lit(0)), [*by, "_all"]
    past = rows.filter(pl.col("happened").is_not_null() & ((reach > 0) | (error == 0))).select(
        *key, then="known", quotient=pl.when(error == 0).then(0.0).otherwise(error.abs() / reach)
    )
    rank = pl.min_horizontal((confidence * (pl.len() + 1)).ceil(), pl.len()).cast(pl.Int64) - 1
    factors = (
        rows.select("_row", "time", *key)
        .join(past, on=key, how="inner", nulls_equal=True)
        .filter(pl.col("then") <= pl.col("time"))
        .group_by("_row")
        .agg(pl.col("quotient").sort().get(rank).alias("widened"), pl.len().alias("count"))
        .filter(pl.col("count") >= LEAST_PAST)
        .select("_row", "widened")
    )
    factor = pl.max_horizontal(pl.col("widened").fill_null(1.0), 1.0)
    found = rows.join(factors, on="_row", how="left", maintain_order="left").with_columns(widened=factor)
    return found.with_columns(
        lower=pl.col("value") - pl.col("widened") * (pl.col("value") - pl.col("lower")),
        upper=pl.col("value") + pl.col("widened") * (pl.col("upper") - pl.col("value")),
    ).drop("_row", "_all")
