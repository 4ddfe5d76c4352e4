"""How much a quantity differs from request to request, as equally likely values that the simulation draws from.

Each value is the mean of its part of the distribution, so that the mean of the values is the mean asked for; of the
variance a thousandth is lost for an exponential distribution, and a hundredth for a lognormal one of cv 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Array = NDArray[np.float64]

#: So many equally likely values stand for a distribution.
PLACES = 1024


@dataclass(frozen=True)
class Spread:
    """Equally likely values, from the smallest to the largest, PLACES of them."""

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse what cannot be minutes, days or a factor."""
        if len(self.values) != PLACES:
            raise ValueError(f"A spread has {PLACES} equally likely values, not {len(self.values)}.")
        if not all(0 <= value < float("inf") for value in self.values):
            raise ValueError("The values of a spread are numbers from 0.")
        if list(self.values) != sorted(self.values):
            raise ValueError("The values of a spread stand from the smallest to the largest.")

    @property
    def mean(self) -> float:
        """The mean of the values."""
        return sum(self.values) / PLACES


def fixed(value: float) -> Spread:
    """The same for every request."""
    return Spread((float(value),) * PLACES)


def between(low: float, central: float, high: float) -> Spread:
    """Three points of an assumption: the least, the likeliest and the most (a triangular distribution)."""
    if not 0 <= low <= central <= high:
        raise ValueError(f"Expected 0 <= low <= central <= high, and was given {low}, {central}, {high}.")
    if low == high:
        return fixed(central)
    rank = (np.arange(PLACES) + 0.5) / PLACES
    width, peak = high - low, (central - low) / (high - low)
    rising = low + width * np.sqrt(rank * peak)
    falling = high - width * np.sqrt((1 - rank) * (1 - peak))
    return _spread(np.where(rank < peak, rising, falling))


def mean_and_cv(mean: float, cv: float) -> Spread:
    """A mean and a coefficient of variation, the standard deviation over the mean (a lognormal distribution)."""
    if not (0 <= mean < float("inf") and 0 <= cv < float("inf")):
        raise ValueError(f"Expected a mean and a cv from 0, and was given {mean}, {cv}.")
    if mean == 0 or cv == 0:
        return fixed(mean)
    sigma = float(np.sqrt(np.log1p(cv**2)))
    below = ndtr(ndtri(np.arange(PLACES + 1) / PLACES) - sigma)
    return _spread(mean * PLACES * np.diff(below))


def exponential(mean: float) -> Spread:
    """As if the end could come at any moment with the same chance: what Erlang's formulas take work to be."""
    if not 0 <= mean < float("inf"):
        raise ValueError(f"Expected a mean from 0, and was given {mean}.")
    return _spread(mean * exponential_means(PLACES))


def observed(days: Sequence[float], shares: Sequence[float]) -> Spread:
    """Values that were seen, each with its share of requests or its number of them."""
    if len(days) != len(shares) or not days:
        raise ValueError("Expected as many values as shares, and at least one.")
    weights = np.asarray(shares, float)
    if not (weights >= 0).all() or weights.sum() <= 0:
        raise ValueError("Shares are from 0, and not all of them 0.")
    order = np.argsort(np.asarray(days, float), kind="stable")
    reached = np.cumsum(weights[order]) / weights.sum()
    rank = (np.arange(PLACES) + 0.5) / PLACES
    place = np.minimum(np.searchsorted(reached, rank, side="left"), len(days) - 1)
    return _spread(np.asarray(days, float)[order][place])


def exponential_means(places: int) -> Array:
    """The mean of each of so many equally likely parts of the exponential distribution with mean 1."""
    staying = 1 - np.arange(places) / places
    edge = -np.log(staying)
    over = np.append((edge + 1) * staying, 0.0)
    means: Array = places * (over[:-1] - over[1:])
    return means


def _spread(values: Array) -> Spread:
    """Rounded, so that the last digit of a logarithm, which differs between machines, decides nothing."""
    return Spread(tuple(float(value) for value in np.sort(np.round(values, 6))))
