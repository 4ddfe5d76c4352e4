"""Where a unit's rate or share lies by chance: interpolated quantiles of counts over the unit's size."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import special

Numbers = NDArray[np.float64]

#: Where more numbers than this come into question, a beta-binomial quantile is that of the beta distribution with its
#: mean and variance: its sum would be long, and the count moves by less than 2 and 1% of its standard deviation.
LARGEST_SUMMED = 20_000
#: Numbers that come up less often than this, to either side, are left out of a sum.
NEVER = 1e-30
#: Probabilities held in memory at one time.
SUMMED_AT_ONCE = 5_000_000


def rate_quantile(chance: float, size: Numbers, average: Numbers, spread: Numbers) -> Numbers:
    """Quantile of a unit's events over its size: Poisson, or gamma-Poisson where units differ among themselves.

    chance: between 0 and 1. size, average, spread: arrays of one length; size times average is the events expected, and
    spread the variance between units over the square of the average, nought for Poisson.
    Returns the interpolated quantile r - (F(r) - chance) / (F(r) - F(r - 1)), r the first whole number with F(r) >=
    chance, over the size; never below 0.

    Source: Spiegelhalter 2005, Statistics in Medicine 24:1185, appendix A.1; Greenwood and Yule 1920, Journal of the
    Royal Statistical Society 83:255 (gamma-Poisson).
    """
    expected = size * average
    # Below this the distributions are one to the eye, and the sums of the gamma-Poisson lose digits.
    is_spread = spread * expected > 1e-6
    shape = 1 / np.where(is_spread, spread, 1)

    def at_most(events: Numbers) -> Numbers:
        poisson = special.gammaincc(events + 1, expected)
        mixed = special.betaincc(events + 1, shape, expected / (expected + shape))
        chances: Numbers = np.where(is_spread, mixed, poisson)
        return chances

    found: Numbers = _interpolated(at_most, chance, np.ceil(expected)) / size
    return found


def share_quantile(chance: float, size: Numbers, average: Numbers, tau2: Numbers) -> Numbers:
    """Quantile of a unit's share of its size: binomial, or beta-binomial where units differ among themselves.

    chance: between 0 and 1. size, average, tau2: arrays of one length; size in whole numbers, and tau2 the variance
    between units of the arcsine of the square root of their share, under 0.25, nought for binomial.
    Returns the interpolated quantile as in `rate_quantile`, in [0, 1]. A variance tau2 on that scale is one of
    4 p (1 - p) tau2 of the share, to the first order, so that 4 tau2 is the correlation within units.

    Source: Spiegelhalter 2005, Statistics in Medicine 24:1185, appendix A.1; Skellam 1948, Journal of the Royal
    Statistical Society B 10:257 (beta-binomial).
    """

    def at_most(events: Numbers) -> Numbers:
        rest = np.maximum(size - events, 0)
        return np.where(rest > 0, special.betaincc(events + 1, np.maximum(rest, 1e-9), average), 1.0)

    found = _interpolated(at_most, chance, size) / size
    is_spread = 4 * tau2 * size > 1e-6
    if is_spread.any():
        found[is_spread] = _beta_binomial_quantile(chance, size[is_spread], average[is_spread], 4 * tau2[is_spread])
    return found


def _interpolated(at_most: Callable[[Numbers], Numbers], chance: float, start: Numbers) -> Numbers:
    """Interpolated quantile of a count: r - (F(r) - chance) / (F(r) - F(r - 1)), r the first with F(r) >= chance.

    at_most: F, the chance of each whole number or fewer. start: whole numbers to look from. Never below 0.
    """
    high, low = start.copy(), np.full_like(start, -1)
    while (short := at_most(high) < chance).any():
        low, high = np.where(short, high, low), np.where(short, 2 * high + 1, high)
    while (apart := high - low > 1).any():
        middle = np.where(apart, np.floor((low + high) / 2), high)
        enough = at_most(middle) >= chance
        low, high = np.where(apart & ~enough, middle, low), np.where(enough, middle, high)
    at = at_most(high)
    before = np.where(high > 0, at_most(np.maximum(high - 1, 0)), 0)
    quantile: Numbers = np.maximum(high - (at - chance) / (at - before), 0)
    return quantile


def _beta_binomial_quantile(chance: float, size: Numbers, mean: Numbers, correlation: Numbers) -> Numbers:
    """Interpolated quantile of the share of a beta-binomial count, as in `_interpolated`, each distinct case once."""
    cases, place = np.unique(np.stack([size, mean, correlation]), axis=1, return_inverse=True)
    n, p, rho = cases
    precision = 1 / (rho + (1 - rho) / n) - 1
    a, b = p * precision, (1 - p) * precision
    found = np.maximum(special.betaincinv(a, b, chance) - 0.5 / n, 0)
    is_small = n <= LARGEST_SUMMED
    lowest = np.where(is_small, 0, np.maximum(np.floor(n * special.betaincinv(a, b, NEVER)) - 1, 0))
    highest = np.where(is_small, n, np.minimum(np.ceil(n * special.betainccinv(a, b, NEVER)) + 1, n))
    summed = np.flatnonzero(highest - lowest <= LARGEST_SUMMED)
    batches = np.cumsum(highest[summed] - lowest[summed]) // SUMMED_AT_ONCE
    for batch in np.split(summed, np.flatnonzero(np.diff(batches)) + 1):
        if batch.size:
            each = (part[batch] for part in (n, p, rho, lowest, highest))
            found[batch] = _summed_quantile(chance, *each)
    quantiles: Numbers = found[place.reshape(-1)]
    return quantiles


def _summed_quantile(chance: float, n: Numbers, p: Numbers, rho: Numbers, lowest: Numbers, highest: Numbers) -> Numbers:
    """The same by summing the probabilities from lowest to highest, all cases end to end in one array."""
    terms = (highest - lowest).astype(np.int64) + 1
    starts = np.cumsum(terms) - terms
    case = np.repeat(np.arange(n.size), terms)
    events = np.arange(terms.sum(), dtype=float) - (starts - lowest)[case]
    a, b = p * (1 / rho - 1), (1 - p) * (1 / rho - 1)
    rest = n[case] - events
    ways = special.gammaln(n + 1)[case] - special.gammaln(events + 1) - special.gammaln(rest + 1)
    chances = np.exp(ways + special.betaln(events + a[case], rest + b[case]) - special.betaln(a, b)[case])
    # Logarithms of large factorials leave few digits, but what they lose is lost to all numbers of a case alike.
    chances /= np.add.reduceat(chances, starts)[case]
    # A running sum over all cases, less what came before the case; each case adds up to one.
    at_most = np.cumsum(chances)
    at_most -= (at_most[starts] - chances[starts])[case]
    first = np.minimum.reduceat(np.where(at_most >= chance, events, highest[case]), starts)
    place = starts + (first - lowest).astype(np.int64)
    quantile: Numbers = np.maximum(first - (at_most[place] - chance) / chances[place], 0) / n
    return quantile
