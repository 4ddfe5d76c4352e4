"""Counts of events and rates of them, and how two of them compare."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
from scipy import special

from methods.estimates import normal_quantile
from methods.groundwork.arrays import Array, Conditions, answer_rows

#: From this many events on, Byar's limits are as good as the exact ones.
BYAR_FROM = 10

#: Whole counts up to here have their exact limits worked out once, not once a row.
OFTEN = 1_000


def poisson_interval(events: pl.Expr, confidence: float = 0.95) -> pl.Expr:
    """A count of independent events with its exact Poisson limits.

    events: counts, nought or above; they need not be whole numbers. Nought has the lower limit 0.
    Returns a struct of `methods.estimates.FIELDS`.

    Reasons: missing, not_finite, negative_count.
    Source: Garwood 1936, Biometrika 28:437, in its chi-square form.
    """
    tail = _tail(confidence)
    return answer_rows(lambda x: (x, *_exact(x, tail)), {"x": events}, "Exact Poisson", [_below_nought("x")])


def byar_interval(events: pl.Expr, confidence: float = 0.95) -> pl.Expr:
    """A count of independent events with Byar's approximation of its Poisson limits.

    Counts as in `poisson_interval`; from ten on the two agree to within a hundredth of the width. Nought has the lower
    limit 0, where the formula is undefined, and a lower limit that would fall below nought is 0.
    Returns a struct of `methods.estimates.FIELDS`.

    Reasons: missing, not_finite, negative_count.
    Source: Breslow and Day 1987, Statistical Methods in Cancer Research II, page 69.
    """
    z = normal_quantile(confidence)
    return answer_rows(lambda x: (x, *_byar(x, z)), {"x": events}, "Byar", [_below_nought("x")])


def rate_interval(events: pl.Expr, person_time: pl.Expr, multiplier: float = 1.0, confidence: float = 0.95) -> pl.Expr:
    """Rate of independent events, with exact limits under ten events and Byar's from ten on.

    events: counts, nought or above. person_time: the population or the time that they arose from, above nought; taken
    as known. multiplier: 1,000 gives the rate per 1,000. For events that one person can have several times, use
    `methods.standardisation.direct_rate` with a column `frequency`.
    Returns a struct of `methods.estimates.FIELDS`; `method` says which limits a row has. The Scottish profiles use
    Byar's for every count, which leaves nought events without a lower limit.

    Reasons: missing, not_finite, negative_count, population_not_positive.
    Source: the convention of PHEindicatormethods 2.1.1, `phe_rate`; limits as in `poisson_interval` and
    `byar_interval`.
    """
    z, tail = normal_quantile(confidence), _tail(confidence)
    _insist_on(multiplier)

    def formula(x: Array, n: Array) -> tuple[Array, Array, Array]:
        lower, upper = _limits(x, z, tail)
        per = multiplier / n
        return x * per, lower * per, upper * per

    x = pl.col("x")
    method = pl.when(x < BYAR_FROM).then(pl.lit("Exact Poisson")).when(x >= BYAR_FROM).then(pl.lit("Byar"))
    return answer_rows(formula, {"x": events, "n": person_time}, method, _rate_faults("x", "n"))


def rate_ratio_interval(
    events: pl.Expr,
    person_time: pl.Expr,
    other_events: pl.Expr,
    other_person_time: pl.Expr,
    confidence: float = 0.95,
) -> pl.Expr:
    """Ratio of two independent rates, first over other, with its exact limits.

    Given the events of both together, those of the first are binomial, and the exact limits of that share become those
    of the ratio. Counts and time as in `rate_interval`.
    Returns a struct of `methods.estimates.FIELDS`, nought or above. With no events in the first rate the ratio and its
    lower limit are 0; with none in the other the ratio and its upper limit are infinite, and null here, but there is a
    lower limit.

    Reasons: missing, not_finite, negative_count, population_not_positive, no_events_to_compare (none in the other
    rate).
    Source: Przyborowski and Wilenski 1940, Biometrika 31:313; limits of the share, Clopper and Pearson 1934,
    Biometrika 26:404.
    """
    tail = _tail(confidence)

    def formula(x: Array, n: Array, y: Array, m: Array) -> tuple[Array, Array, Array]:
        per, none = m / n, y == 0
        lower = np.where(x == 0, 0.0, _lower_odds(x, y, tail))
        upper = np.where(none, np.nan, 1 / _lower_odds(y, x, tail))
        return np.where(none, np.nan, x / y) * per, lower * per, upper * per

    columns = {"x": events, "n": person_time, "y": other_events, "m": other_person_time}
    faults = [*_rate_faults("x", "n"), *_rate_faults("y", "m")]
    gaps = [(pl.col("y") == 0, "no_events_to_compare")]
    return answer_rows(formula, columns, "Exact conditional", faults, gaps)


def rate_difference_interval(
    events: pl.Expr,
    person_time: pl.Expr,
    other_events: pl.Expr,
    other_person_time: pl.Expr,
    multiplier: float = 1.0,
    confidence: float = 0.95,
) -> pl.Expr:
    """Difference of two independent rates, first less other, with limits recovered from those of the two rates.

    Counts, time and multiplier as in `rate_interval`, whose limits are used, so that the difference agrees with the
    rates shown beside it. Returns a struct of `methods.estimates.FIELDS`.

    Reasons: missing, not_finite, negative_count, population_not_positive.
    Source: Zou and Donner 2008, Statistics in Medicine 27:1693.
    """
    z, tail = normal_quantile(confidence), _tail(confidence)
    _insist_on(multiplier)

    def formula(x: Array, n: Array, y: Array, m: Array) -> tuple[Array, Array, Array]:
        per, other_per = multiplier / n, multiplier / m
        (lower, upper), (other_lower, other_upper) = _limits(x, z, tail), _limits(y, z, tail)
        value = x * per - y * other_per
        below = np.hypot((x - lower) * per, (other_upper - y) * other_per)
        above = np.hypot((upper - x) * per, (y - other_lower) * other_per)
        return value, value - below, value + above

    faults = [*_rate_faults("x", "n"), *_rate_faults("y", "m")]
    columns = {"x": events, "n": person_time, "y": other_events, "m": other_person_time}
    return answer_rows(formula, columns, "Recovered from exact or Byar limits", faults)


def count_ratio_interval(later: pl.Expr, earlier: pl.Expr, confidence: float = 0.95, rounding: float = 0.0) -> pl.Expr:
    """Ratio of two independent Poisson counts, later over earlier, that may have been rounded.

    By the normal approximation of the logarithm. later, earlier: counts above the rounding. rounding: the most by
    which each count may have been rounded, up or down; the lower limit is that of the least later and the greatest
    earlier count that can have been, the upper that of the greatest and the least, and so they take in the limits of
    the counts before. Counts that were not rounded are better compared with `rate_ratio_interval`.
    Returns a struct of `methods.estimates.FIELDS`, ratios above nought.

    Reasons: missing, not_finite, negative_count, too_few_events (a count that is not above the rounding).
    Source: Rothman 2012, Epidemiology: An Introduction, chapter 9.
    """
    if not rounding >= 0:
        raise ValueError(f"rounding is nought or above, not {rounding}")
    z = normal_quantile(confidence)

    def formula(x: Array, y: Array) -> tuple[Array, Array, Array]:
        fewest, most, other_fewest, other_most = x - rounding, x + rounding, y - rounding, y + rounding
        below = np.exp(z * np.sqrt(1 / fewest + 1 / other_most))
        above = np.exp(z * np.sqrt(1 / most + 1 / other_fewest))
        return x / y, fewest / other_most / below, most / other_fewest * above

    too_few = (pl.col("x") <= rounding) | (pl.col("y") <= rounding)
    faults = [_below_nought("x"), _below_nought("y"), (too_few, "too_few_events")]
    return answer_rows(formula, {"x": later, "y": earlier}, "Log normal", faults)


def _limits(x: Array, z: float, tail: float) -> tuple[Array, Array]:
    """Limits of counts: exact under ten, Byar's from ten on."""
    lower, upper = _byar(x, z)
    few = x < BYAR_FROM
    lower[few], upper[few] = _exact(x[few], tail)
    return lower, upper


def _byar(x: Array, z: float) -> tuple[Array, Array]:
    more = x + 1
    lower = 1 - 1 / (9 * x) - z / (3 * np.sqrt(x))
    upper = 1 - 1 / (9 * more) + z / (3 * np.sqrt(more))
    return np.where(x == 0, 0.0, x * _cube(np.maximum(lower, 0))), more * _cube(upper)


def _cube(x: Array) -> Array:
    """x**3, several times faster than NumPy's power."""
    return x * x * x


def _exact(x: Array, tail: float) -> tuple[Array, Array]:
    """Limits of counts; those of whole counts that come often are looked up."""
    is_often = (x >= 0) & (x < OFTEN) & (x == np.floor(x))
    lower, upper = _often(tail)[:, np.where(is_often, x, 0).astype(np.int64)]
    lower[~is_often], upper[~is_often] = _garwood(x[~is_often], tail)
    return lower, upper


@cache
def _often(tail: float) -> Array:
    return np.stack(_garwood(np.arange(float(OFTEN)), tail))


def _garwood(x: Array, tail: float) -> tuple[Array, Array]:
    """Half the chi-square quantiles with 2x and 2x + 2 degrees of freedom, as quantiles of the gamma distribution."""
    # For the smallest fractions the lower limit is nearer to nought than any float.
    lower = np.where(x < 1e-4, 0.0, special.gammaincinv(x, tail))
    return lower, special.gammainccinv(x + 1, tail)


def _lower_odds(x: Array, y: Array, tail: float) -> Array:
    """Odds of the lower exact limit of a binomial share, from x with and y without, by the F distribution."""
    # SciPy 1.17.1 is wrong where one of the two is 1,000 exactly and the other above 1e8, and right at the next number.
    x, more = (np.where(count == 1000, np.nextafter(1000, 1001), count) for count in (x, y + 1))
    odds: Array = x / more * special.fdtri(2 * x, 2 * more, tail)
    return odds


def _tail(confidence: float) -> float:
    """The chance beyond each limit."""
    normal_quantile(confidence)  # Refuses what is no level of confidence.
    return (1 - confidence) / 2


def _insist_on(multiplier: float) -> None:
    if not 0 < multiplier < float("inf"):
        raise ValueError(f"multiplier is a number above 0, such as 1000 for a rate per 1,000, not {multiplier}")


def _below_nought(x: str) -> tuple[pl.Expr, str]:
    return pl.col(x) < 0, "negative_count"


def _rate_faults(x: str, n: str) -> Conditions:
    """Why events and person-time make no rate."""
    return [(pl.col(n) <= 0, "population_not_positive"), _below_nought(x)]
