"""Random numbers: one named stream a subject, and drawing codes from tables of shares."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def stream(seed: int, name: str) -> np.random.Generator:
    """A generator of its own for each subject, so that drawing more of one leaves the others as they were."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def cumulative(weights: npt.ArrayLike) -> Floats:
    """Weights along the last axis as cumulative shares ending in 1; rows of zeros count as equal weights."""
    table = np.asarray(weights, dtype=np.float64)
    total = table.sum(axis=-1, keepdims=True)
    shares = np.where(total > 0, table / np.where(total > 0, total, 1), 1 / table.shape[-1])
    sums = shares.cumsum(axis=-1)
    sums[..., -1] = 1.0
    return np.asarray(sums, dtype=np.float64)


def pick(rng: np.random.Generator, weights: npt.ArrayLike, size: int) -> Ints:
    """Places drawn by weight."""
    return np.searchsorted(cumulative(weights), rng.random(size), side="right").astype(np.int64)


def pick_by_row(rng: np.random.Generator, weights: npt.ArrayLike, rows: Ints) -> Ints:
    """Places drawn by the weights of each element's row of a table."""
    table = cumulative(weights)
    drawn = rng.random(rows.size)
    places = np.zeros(rows.size, dtype=np.int64)
    for column in range(table.shape[1] - 1):
        places += drawn >= table[rows, column]
    return places


def chance(rng: np.random.Generator, share: float | Floats, size: int) -> Flags:
    """Whether each of `size` things happens, with one share or one each."""
    return rng.random(size) < share


def lookup(names: Sequence[str], values: Mapping[str, float], otherwise: float) -> Floats:
    """A value for each name, with one for the names not mentioned."""
    return np.array([values.get(name, otherwise) for name in names], dtype=np.float64)


def geometric_gap(rng: np.random.Generator, mean: float, size: int) -> Ints:
    """Whole days, 0 or more, of the given mean."""
    return rng.geometric(1 / (1 + mean), size).astype(np.int64) - 1
