"""What counts of coming months will be, from the counts of past ones: level, growth, season and working days.

Nothing here draws random numbers. A forecast is worth what its past is worth: score it by rolling origin, beside the
naive one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

#: Points have to cover so many months, seven quarters, before anything is said of the next ones.
LEAST_MONTHS = 21

YEAR = 12

#: What is thought of a series before any count, as spreads on the scale of logs: of its level about the mean of its
#: points, its growth a year, a month's season where another is expected or none is, and the effect of a known change.
LEVEL, GROWTH, SEASON, ANY_SEASON, CHANGE = 2.0, 0.20, 0.02, 0.15, 0.70

#: Candidates, each with what it weighs beforehand: how far a month departs by itself, how far the level walks in a
#: month, and how far the growth a year moves in a year.
DEPARTS = {0.0: 0.4, 0.02: 0.3, 0.05: 0.2, 0.12: 0.1}
WALKS = {0.0: 0.5, 0.01: 0.25, 0.03: 0.25}
BENDS = {0.0: 0.5, 0.03: 0.25, 0.08: 0.25}

#: How many series' worth those weights beforehand are, where series tell each other which candidates are likely.
BEFOREHAND = 4.0

#: Rounds in which they do; weights move by less than one in ten thousand after fewer.
ROUNDS = 60

#: Correlation of what is not known of two parts of a sum, from ten draws of the demonstration and right in ten others.
TOGETHER = 0.2

#: No spread is taken to be less, so that it can be divided by.
LEAST_SPREAD = 1e-9

#: Halvings of the reach in which a limit lies.
HALVINGS = 30


@dataclass(frozen=True)
class Points:
    """Counts of one thing, oldest first: months, quarters or both, without overlap; what is not known is left out.

    first, last: number of the first and last month of each point, months since the year nought. count: above nought.
    rounded_to: what the counts were rounded to at random, up or down; 1 where they are exact.
    """

    first: Whole
    last: Whole
    count: Array
    rounded_to: int = 1

    @property
    def months(self) -> int:
        """How many months the points cover."""
        return int((self.last - self.first + 1).sum())

    def until(self, month: int) -> Points:
        """The points that end in or before a month."""
        known = self.last <= month
        return Points(self.first[known], self.last[known], self.count[known], self.rounded_to)


@dataclass(frozen=True)
class Change:
    """A known change, such as a new test: the number of the month in which it began, and months to its full effect."""

    start: int
    ramp: int

    def done(self, months: Array) -> Array:
        """How much of the effect each month has, from nought to one."""
        return np.clip((months - self.start + 0.5) / max(self.ramp, 1), 0.0, 1.0)


@dataclass(frozen=True)
class Fitted:
    """What is thought of every month's log count a working day once the points are known, a normal a candidate.

    first: number of the first month; the others follow it. weight, departs: of each candidate. likely: log likelihood
    of each. mean, trend: of each candidate and month; the trend is without season. spread: covariance of the months
    after the last point, of each candidate.
    """

    first: int
    origin: int
    days: Array
    weight: Array
    likely: Array
    departs: Array
    mean: Array
    trend: Array
    spread: Array

    def season(self) -> Array:
        """The expected effect of each of the twelve months, January first, on the log scale."""
        effect = self.weight @ (self.mean - self.trend)
        months = (self.first + np.arange(effect.size)) % YEAR
        found: Array = np.array([effect[months == month].mean() for month in range(YEAR)])
        return found

    def growth_since_origin(self, months: Sequence[int]) -> Array:
        """By what each month's trend is multiplied since the month of the last point."""
        trend = np.exp(self.weight @ self.trend)
        found: Array = trend[np.asarray(months) - self.first] / trend[self.origin - self.first]
        return found


@dataclass(frozen=True)
class Forecast:
    """What is expected of periods: the mean, and a normal of the log count a candidate from which limits come.

    chance: the part of the variance of each period's count that is the chance of that period alone.
    """

    mean: Array
    weight: Array
    centre: Array
    spread: Array
    chance: Array

    def limits(self, confidence: float) -> tuple[Array, Array]:
        """The lower and upper limit of each period."""
        if not 0 < confidence < 1:
            raise ValueError(f"confidence is a share strictly between 0 and 1, not {confidence}")
        tail = (1 - confidence) / 2
        return self._quantile(tail), self._quantile(1 - tail)

    def chance_under(self, count: Array) -> Array:
        """The chance that each period's count is lower than the one given."""
        return self._under(np.log(count))

    def _under(self, logs: Array) -> Array:
        found: Array = self.weight @ ndtr((logs - self.centre) / self.spread)
        return found

    def _quantile(self, level: float) -> Array:
        at = self.centre + self.spread * ndtri(level)
        low, high = at.min(axis=0), at.max(axis=0)
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            is_over = self._under(middle) >= level
            low, high = np.where(is_over, low, middle), np.where(is_over, middle, high)
        found: Array = np.exp(high)
        return found


def fit_counts(
    points: Points,
    days: Array,
    changes: Sequence[Change] = (),
    season: Array | None = None,
) -> Fitted | None:
    """The level, growth and season of a series, and what they are in the months to come.

    days: working days of every month from that of the first point to the last one asked about, in their order.
    changes: known changes; those that began after the last point are not used, so that the past is scored fairly.
    season: twelve effects that are expected on the log scale, January first; none where season is not known.
    Returns None where the points cover under 21 months.

    The log of a month's count a working day is a level that walks, a growth a year that moves, a season of twelve
    months and the effects of the known changes, each linear in time with its full effect. A point of several months is
    the mean of its months, weighed by their days. Points scatter as chance has it (one over the count that a straight
    line gives), by rounding, and by what each month departs. All is normal, so that it is solved in closed form for
    each of 36 candidates of how far months depart, the level walks and growth moves; they are averaged by their
    likelihood. Limits so hold what is not known of level, growth, season and candidates, and the chance of the month.
    Source: Harvey 1989, Forecasting, Structural Time Series Models and the Kalman Filter, sections 2.3 and 3.2;
    in closed form as Rasmussen and Williams 2006, Gaussian Processes for Machine Learning, section 2.7; averaging,
    Hoeting and others 1999, Statistical Science 14:382.
    """
    if points.months < LEAST_MONTHS:
        return None
    first, origin = int(points.first[0]), int(points.last[-1])
    months = np.arange(first, first + days.size)
    known = (months >= points.first[:, None]) & (months <= points.last[:, None])
    share = known * days / (known * days).sum(axis=1, keepdims=True)
    logs = np.log(points.count / (known * days).sum(axis=1))
    expected = np.zeros(YEAR) if season is None else season
    centre = logs.mean() + np.zeros(days.size)
    rest = logs - share @ (centre + expected[months % YEAR])
    trends, seasons = _trends(months, origin, changes), _seasons(months, ANY_SEASON if season is None else SEASON)
    departs, walks, bends = np.array(list(product(DEPARTS, WALKS, BENDS))).T[:, :, None, None]
    trend = trends[0] + walks**2 * trends[1] + bends**2 * trends[2]
    departs = departs[:, 0, 0]
    every = trend + seasons
    chance = _chance(points, logs, share, days)
    scatter = chance + departs[:, None] ** 2 * (share**2).sum(axis=1)
    seen = share @ every
    inverse = np.linalg.inv(seen @ share.T + scatter[:, :, None] * np.eye(rest.size))
    _, log_size = np.linalg.slogdet(inverse)
    pull = inverse @ rest
    likely = 0.5 * log_size - 0.5 * pull @ rest
    level = pull[:, None, :] @ share
    after = slice(origin - first + 1, None)
    return Fitted(
        first,
        origin,
        days,
        _weights(likely, _beforehand()),
        likely,
        departs,
        centre + expected[months % YEAR] + (level @ every)[:, 0],
        centre + (level @ trend)[:, 0],
        every[:, after, after] - np.swapaxes(seen[:, :, after], 1, 2) @ inverse @ seen[:, :, after],
    )


def _beforehand() -> Array:
    """What each candidate weighs before any count, in the order of the grid."""
    return np.array([np.prod(one) for one in product(DEPARTS.values(), WALKS.values(), BENDS.values())])


def _weights(likely: Array, beforehand: Array) -> Array:
    """What candidates weigh, the last axis, by their log likelihood and what they weighed beforehand."""
    weight = beforehand * np.exp(likely - likely.max(axis=-1, keepdims=True))
    found: Array = weight / weight.sum(axis=-1, keepdims=True)
    return found


def weighed_together(fits: Sequence[Fitted]) -> list[Fitted]:
    """The same series, each with candidates weighed by what all of them together show to be likely.

    One series of a few years says little of how much growth moves; forty do. What candidates weigh beforehand is the
    mean of their weights over all series, and of BEFOREHAND more that weigh as in DEPARTS, WALKS and BENDS; it is found
    in rounds.
    Source: maximum a posteriori weights of a finite mixture, by expectation and maximisation: Dempster, Laird and
    Rubin 1977, Journal of the Royal Statistical Society B 39:1.
    """
    if not fits:
        return []
    likely = np.stack([one.likely for one in fits])
    start = beforehand = _beforehand()
    for _ in range(ROUNDS):
        every = _weights(likely, beforehand).sum(axis=0) + BEFOREHAND * start
        beforehand = every / every.sum()
    return [replace(one, weight=_weights(one.likely, beforehand)) for one in fits]


def _trends(months: Whole, origin: int, changes: Sequence[Change]) -> tuple[Array, Array, Array]:
    """Covariances of months: of level, growth and known changes; of a walk of the level; of a walk of the growth."""
    years = (months - months[0]) / YEAR
    fixed = LEVEL**2 + GROWTH**2 * np.outer(years, years)
    for change in changes:
        if change.start <= origin:
            done = change.done(months.astype(np.float64))
            fixed = fixed + CHANGE**2 * np.outer(done, done)
    step = np.tril(np.ones((months.size, months.size)), -1)
    bend = step @ step / YEAR**1.5
    return fixed, step @ step.T, bend @ bend.T


def _seasons(months: Whole, spread: float) -> Array:
    """Covariance of months of a season whose twelve effects are unknown by this spread and add up to nought."""
    same = (months[:, None] - months) % YEAR == 0
    found: Array = spread**2 * (same - 1 / YEAR)
    return found


def _chance(points: Points, logs: Array, share: Array, days: Array) -> Array:
    """Variance of each point's log by chance and by rounding, with counts as a straight line gives them."""
    at = share @ np.arange(days.size)
    slope, level = np.polyfit(at, logs, 1)
    count = np.exp(level + slope * at) * ((share > 0) @ days)
    found: Array = 1 / count + (points.rounded_to**2 - 1) / 6 / count**2
    return found


def forecast_counts(fitted: Fitted, periods: Sequence[tuple[int, int]]) -> Forecast:
    """What is expected of periods, each from a first to a last month, by their numbers.

    A period's count is the sum of its months' counts. Its log is taken as normal within a candidate, with the mean and
    variance that the sum of lognormal counts has; its own chance is one over what is expected.
    Source: sum of lognormals by its first two moments, Fenton 1960, IRE Transactions on Communications Systems 8:57.
    """
    months = np.arange(fitted.origin + 1, fitted.first + fitted.days.size)
    within = np.array([(months >= first) & (months <= last) for first, last in periods], dtype=np.float64)
    own = np.diagonal(fitted.spread, axis1=1, axis2=2) + fitted.departs[:, None] ** 2
    month = np.exp(fitted.mean[:, -months.size :] + own / 2) * fitted.days[-months.size :]
    expected = month @ within.T
    share = within * month[:, None, :] / expected[:, :, None]
    together = ((share @ fitted.spread) * share).sum(axis=2)
    alone = fitted.departs[:, None] ** 2 * (share**2).sum(axis=2) + 1 / expected
    variance = together + alone
    centre = np.log(expected) - variance / 2
    chance = fitted.weight @ (alone * expected**2)
    return Forecast(fitted.weight @ expected, fitted.weight, centre, np.sqrt(variance), chance)


def added(forecasts: Sequence[Forecast], factor: float = 1.0, together: float = TOGETHER) -> Forecast:
    """What is expected of the sum of several counts of the same periods, times a factor.

    together: correlation of what is not known of any two parts; the chance of each period is its own. The sum is taken
    as lognormal with the mean and variance that the parts so have.
    Source: sum of lognormals by its first two moments, Fenton 1960, IRE Transactions on Communications Systems 8:57.
    """
    mean = np.sum([one.mean for one in forecasts], axis=0)
    squares = [one.weight @ np.exp(2 * one.centre + 2 * one.spread**2) for one in forecasts]
    chance = np.sum([one.chance for one in forecasts], axis=0)
    unsure = [
        np.maximum(square - one.mean**2 - one.chance, 0.0) for square, one in zip(squares, forecasts, strict=True)
    ]
    apart, alike = np.sum(unsure, axis=0), np.sum(np.sqrt(unsure), axis=0) ** 2
    variance = chance + (1 - together) * apart + together * alike
    spread = np.sqrt(np.log1p(variance / mean**2))[None, :]
    value = factor * mean
    return Forecast(value, np.ones(1), np.log(value)[None, :] - spread**2 / 2, spread, factor**2 * chance)


def seasonal_naive(points: Points, days: Array, periods: Sequence[tuple[int, int]]) -> Forecast | None:
    """The same months of the last year known come again: beside it any other forecast has to be nearer to be of use.

    days: as `fit_counts` takes them. A month of a longer point has its part by working days. Limits are those of a
    random walk from year to year, by the root mean square of past steps of the log of what is as long as the period.
    Returns None where the points do not cover the last year and the one before it.
    Source: seasonal naive method, Hyndman and Athanasopoulos 2021, Forecasting: Principles and Practice, section 5.2.
    """
    first, origin = int(points.first[0]), int(points.last[-1])
    month = np.full(days.size, np.nan)
    for start, end, count in zip(points.first - first, points.last - first, points.count, strict=True):
        month[start : end + 1] = count * days[start : end + 1] / days[start : end + 1].sum()
    last = month[: origin - first + 1]
    if last.size < 2 * YEAR or np.isnan(last[-2 * YEAR :]).any():
        return None
    mean, spread = [], []
    for start, end in periods:
        asked = np.arange(start, end + 1) - origin - 1
        mean.append(last[-YEAR:][asked % YEAR].sum())
        sums = np.convolve(last, np.ones(end - start + 1), "valid")
        steps = np.log(sums[YEAR:] / sums[:-YEAR])
        steps = steps[np.isfinite(steps)]
        years = np.ceil((end - origin) / YEAR)
        spread.append(max(np.sqrt((steps**2).mean() * years), LEAST_SPREAD) if steps.size else np.nan)
    value = np.array(mean)
    return Forecast(value, np.ones(1), np.log(value)[None, :], np.array(spread)[None, :], np.zeros(value.size))
