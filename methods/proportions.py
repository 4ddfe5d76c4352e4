"""Shares, and differences and ratios of shares, with their intervals."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import polars as pl

from methods.estimates import normal_quantile
from methods.groundwork.arrays import Array, Conditions, answer_rows

#: Most steps of a search for limits; a dozen is the rule, and halving alone would be done by then.
STEPS = 100


def wilson_interval(
    numerator: pl.Expr, denominator: pl.Expr, confidence: float = 0.95, population: pl.Expr | None = None
) -> pl.Expr:
    """Score interval of a share, and its form for a sample of a finite population.

    numerator, denominator: counts, 0 <= numerator <= denominator, denominator > 0; they need not be whole numbers.
    population: how many there are of whom the denominator was drawn, at least the denominator. The sample then counts
    as one of n (N - 1) / (N - n), and a full count has an interval of no width. Use it to say what the share is among
    just these N; leave it out where they stand for something wider, such as how a service does or will do.
    Returns a struct of `methods.estimates.FIELDS`, shares in [0, 1]; the lower limit of nought is exactly 0 and the
    upper limit of a full count exactly 1. The Scottish profiles' form of the correction takes the square root of the
    factor twice; this one does not.

    Reasons: missing, not_finite, total_not_positive, negative_count, count_above_total (also for a sample above its
    population), too_few_points (part of a population of one or less).
    Source: Wilson 1927, JASA 22:209; the factor of a finite population, Cochran 1977, Sampling Techniques, chapter 2.
    """
    z = normal_quantile(confidence)
    counts = {"x": numerator, "n": denominator}
    if population is None:
        return answer_rows(lambda x, n: _wilson(z, x / n, n), counts, "Wilson score", _faults("x", "n"))

    def formula(x: Array, n: Array, size: Array) -> tuple[Array, Array, Array]:
        return _wilson(z, x / n, np.where(size == n, np.inf, n * (size - 1) / (size - n)))

    too_few = (pl.col("size") <= 1) & (pl.col("n") < pl.col("size"))
    faults = [*_faults("x", "n"), (pl.col("n") > pl.col("size"), "count_above_total"), (too_few, "too_few_points")]
    return answer_rows(formula, counts | {"size": population}, "Wilson score, finite population", faults)


def newcombe_difference(
    numerator: pl.Expr,
    denominator: pl.Expr,
    other_numerator: pl.Expr,
    other_denominator: pl.Expr,
    confidence: float = 0.95,
) -> pl.Expr:
    """Difference of two independent shares, first less other, with its hybrid score interval.

    Counts as in `wilson_interval`. Returns a struct of `methods.estimates.FIELDS`, in [-1, 1].

    Reasons: missing, not_finite, total_not_positive, negative_count, count_above_total.
    Source: Newcombe 1998, Statistics in Medicine 17:873, method 10.
    """
    z = normal_quantile(confidence)
    pair = _pair(numerator, denominator, other_numerator, other_denominator)
    faults = [*_faults("x", "n"), *_faults("y", "m")]
    return answer_rows(partial(_newcombe, z), pair, "Newcombe hybrid score", faults)


def score_difference(
    numerator: pl.Expr,
    denominator: pl.Expr,
    other_numerator: pl.Expr,
    other_denominator: pl.Expr,
    confidence: float = 0.95,
) -> pl.Expr:
    """Difference of two independent shares, first less other, with the interval of its score test.

    The limits are the differences that the test would just not reject, its variance taken from the shares that are
    likeliest under that difference, times N / (N - 1); without that factor they are those of Farrington and Manning's
    test (1990, Statistics in Medicine 9:1447). It keeps its level in small samples better than `newcombe_difference`.
    statsmodels 0.15.0 gives other limits: a coefficient of its cubic is wrong (statsmodels/statsmodels#10269).
    Counts as in `wilson_interval`. Returns a struct of `methods.estimates.FIELDS`, in [-1, 1].

    Reasons: missing, not_finite, total_not_positive, negative_count, count_above_total, too_few_points (one person or
    less in both together).
    Source: Miettinen and Nurminen 1985, Statistics in Medicine 4:213.
    """
    z = normal_quantile(confidence)

    def formula(x: Array, n: Array, y: Array, m: Array) -> tuple[Array, Array, Array]:
        value, near_lower, near_upper = _newcombe(z, x, n, y, m)
        edge = np.ones_like(value)
        lower, upper = (
            _search(partial(_difference_score, z), end, value, near, (x, n, y, m))
            for end, near in ((-edge, near_lower), (edge, near_upper))
        )
        return value, lower, upper

    pair = _pair(numerator, denominator, other_numerator, other_denominator)
    return answer_rows(formula, pair, "Miettinen-Nurminen score", _pair_faults())


def score_ratio(
    numerator: pl.Expr,
    denominator: pl.Expr,
    other_numerator: pl.Expr,
    other_denominator: pl.Expr,
    confidence: float = 0.95,
) -> pl.Expr:
    """Ratio of two independent shares, first over other, with the interval of its score test.

    The limits are the ratios that the test would just not reject, its variance as in `score_difference`; without the
    factor N / (N - 1) they are Koopman's. Counts as in `wilson_interval`. Returns a struct of
    `methods.estimates.FIELDS`, nought or above. With no events in the first share the ratio and its lower limit are 0;
    with none in the other the ratio and its upper limit are infinite, and null here, but there is a lower limit.

    Reasons: missing, not_finite, total_not_positive, negative_count, count_above_total, too_few_points (one person or
    less in both together), no_events_to_compare (none in the other share).
    Source: Miettinen and Nurminen 1985, Statistics in Medicine 4:213; Koopman 1984, Biometrics 40:513.
    """
    z = normal_quantile(confidence)

    def formula(x: Array, n: Array, y: Array, m: Array) -> tuple[Array, Array, Array]:
        # The search runs on ratio / (1 + ratio), which goes from nought to one as the ratio goes to infinity.
        p, q = x / n, y / m
        middle, edge = p / (p + q), np.ones_like(p)
        lower, upper = (
            _search(partial(_ratio_score, z), end, middle, (end + middle) / 2, (x, n, y, m)) for end in (0 * edge, edge)
        )
        lower = np.where(x == 0, 0.0, lower / (1 - lower))
        return np.where(y == 0, np.nan, p / q), lower, np.where(y == 0, np.nan, upper / (1 - upper))

    pair = _pair(numerator, denominator, other_numerator, other_denominator)
    gaps = [(pl.col("y") == 0, "no_events_to_compare")]
    return answer_rows(formula, pair, "Miettinen-Nurminen score", _pair_faults(), gaps)


def _wilson(z: float, p: Array, size: Array) -> tuple[Array, Array, Array]:
    """A share and its score limits. Without events the two terms of the lower limit are equal to the last digit."""
    half = z**2 / 2 / size
    middle, scale = p + half, 1 + 2 * half
    spread = np.sqrt(half * (2 * p * (1 - p) + half))
    return p, (middle - spread) / scale, np.where(p == 1, 1.0, (middle + spread) / scale)


def _newcombe(z: float, x: Array, n: Array, y: Array, m: Array) -> tuple[Array, Array, Array]:
    """A difference of shares, each limit as far away as the two shares' own limits are, taken at right angles."""
    p, p_lower, p_upper = _wilson(z, x / n, n)
    q, q_lower, q_upper = _wilson(z, y / m, m)
    gap = p - q
    below, above = np.hypot(p - p_lower, q_upper - q), np.hypot(p_upper - p, q - q_lower)
    return gap, np.maximum(gap - below, -1), np.minimum(gap + above, 1)


def _difference_score(z: float, gap: Array, x: Array, n: Array, y: Array, m: Array) -> Array:
    """Above nought where the score test rejects this difference, below where it does not."""
    q = _restricted_share(gap, x, n, y, m)
    p = np.clip(q + gap, 0, 1)
    variance = (p * (1 - p) / n + q * (1 - q) / m) * _factor(n + m)
    found: Array = (x / n - y / m - gap) ** 2 - z**2 * variance
    return found


def _ratio_score(z: float, r: Array, x: Array, n: Array, y: Array, m: Array) -> Array:
    """Above nought where the score test rejects the ratio r / (1 - r), below where it does not."""
    s = 1 - r
    # The likeliest shares under the ratio solve a quadratic; this form of its root loses no digits to cancellation.
    b = (n + y) * r + (x + m) * s
    scale = 2 * (x + y) / (b + np.sqrt(np.maximum(b**2 - 4 * (n + m) * (x + y) * r * s, 0)))
    p, q = np.minimum(scale * r, 1), np.minimum(scale * s, 1)
    variance = (s**2 * p * (1 - p) / n + r**2 * q * (1 - q) / m) * _factor(n + m)
    found: Array = (x / n * s - y / m * r) ** 2 - z**2 * variance
    return found


def _restricted_share(gap: Array, x: Array, n: Array, y: Array, m: Array) -> Array:
    """The likeliest value of the other share where the first is more than it by the gap: the root of a cubic."""
    size = n + m
    a = ((n + 2 * m) * gap - size - x - y) / size
    b = ((m * gap - size - 2 * y) * gap + x + y) / size
    c = y * gap * (1 - gap) / size
    turn = a * a * a / 27 - a * b / 6 + c / 2
    radius = np.copysign(np.sqrt(np.maximum(a * a / 9 - b / 3, 0)), turn)
    cosine = np.where(radius == 0, 0, np.clip(turn / (radius * radius * radius), -1, 1))
    lowest, highest = np.maximum(0, -gap), np.minimum(1, 1 - gap)
    q = np.clip(2 * radius * np.cos((np.pi + np.arccos(cosine)) / 3) - a / 3, lowest, highest)
    # The cosine leaves few digits of a small share. Steps down the parabola that fits the likelihood's slope bring
    # them back: one or two for most, more for rare events among very many.
    for _ in range(10):
        p = q + gap
        r, s, pp, qq = x - n * p, y - m * q, p * (1 - p), q * (1 - q)
        f, df = r * qq + s * pp, r * (1 - 2 * q) - n * qq + s * (1 - 2 * p) - m * pp
        ddf = -2 * (n * (1 - 2 * q) + r + m * (1 - 2 * p) + s)
        step = 2 * f / (np.sqrt(np.maximum(df * df - 2 * f * ddf, 0)) - df)
        going = np.abs(step) > 1e-13 * np.minimum(q, 1 - q) + 2e-16
        if not going.any():
            break
        q = np.where(going, np.clip(q + step, lowest, highest), q)
    return q


def _factor(size: Array) -> Array:
    """What makes the variance of two shares together unbiased."""
    return size / (size - 1)


def _search(score: Callable[..., Array], outer: Array, inner: Array, first: Array, counts: tuple[Array, ...]) -> Array:
    """Where a score crosses nought between an outer end, where it is above, and an inner one (Chandrupatla 1997).

    first: a guess between the two. The score may touch nought at the inner end itself, which is not the answer.
    """
    found, rows = outer.copy(), np.arange(len(outer))
    a, b, centre = outer, inner, inner
    fa, fb = score(a, *counts), np.minimum(score(b, *counts), -np.finfo(float).tiny)
    t = np.clip((first - a) / (b - a), 0.01, 0.99)
    for _ in range(STEPS):
        x = a + t * (b - a)
        fx = score(x, *counts)
        same = (fx > 0) == (fa > 0)
        c, fc = np.where(same, a, b), np.where(same, fa, fb)
        b, fb = np.where(same, b, a), np.where(same, fb, fa)
        a, fa = x, fx
        width, near = np.abs(b - a), 1e-13 * np.abs(a - centre) + 4e-16 * np.abs(a)
        going = (width > near) & (fa != 0)
        found[rows[~going]] = np.where(np.abs(fa) < np.abs(fb), a, b)[~going]
        if not going.any():
            break
        counts = tuple(count[going] for count in counts)
        rows, centre, a, b, c, fa, fb, fc, width, near = (
            part[going] for part in (rows, centre, a, b, c, fa, fb, fc, width, near)
        )
        # A parabola through the last three points where it can be trusted, else halfway.
        xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
        curved = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
        t = np.where((phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi), curved, 0.5)
        t = np.clip(t, near / width / 2, 1 - near / width / 2)
    return found


def _pair(x: pl.Expr, n: pl.Expr, y: pl.Expr, m: pl.Expr) -> dict[str, pl.Expr]:
    return {"x": x, "n": n, "y": y, "m": m}


def _faults(x: str, n: str) -> Conditions:
    """Why a numerator and a denominator make no share."""
    return [
        (pl.col(n) <= 0, "total_not_positive"),
        (pl.col(x) < 0, "negative_count"),
        (pl.col(x) > pl.col(n), "count_above_total"),
    ]


def _pair_faults() -> Conditions:
    return [*_faults("x", "n"), *_faults("y", "m"), (pl.col("n") + pl.col("m") <= 1, "too_few_points")]
