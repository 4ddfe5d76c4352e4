"""The inputs of the methods' benchmarks, the same for ours and for other packages: NumPy alone, drawn from one seed."""

from __future__ import annotations

from typing import Any

import numpy as np

Inputs = dict[str, Any]
ROWS = 1_000_000
ESP2013 = [5000, *[5500] * 3, *[6000] * 2, 6500, *[7000] * 4, 6500, 6000, 5500, 5000, 4000, 2500, 1500, 1000]


def shares() -> Inputs:
    """A million shares."""
    draw = np.random.default_rng(2029)
    denominator = draw.integers(1, 500, ROWS)
    return {"numerator": draw.binomial(denominator, 0.8), "denominator": denominator}


def pairs() -> Inputs:
    """A thousand pairs of shares: the peer takes them one by one."""
    draw = np.random.default_rng(2029)
    first, other = draw.integers(150, 500, 1_000), draw.integers(150, 500, 1_000)
    return {"x": draw.binomial(first, 0.8), "n": first, "y": draw.binomial(other, 0.7), "m": other}


def rates() -> Inputs:
    """A million counts, a third of them under ten."""
    draw = np.random.default_rng(2029)
    return {
        "events": draw.poisson(draw.choice([4.0, 30.0, 200.0], ROWS)),
        "population": draw.integers(1_000, 9_000, ROWS),
    }


def age_bands() -> Inputs:
    """10,000 areas of 19 age bands."""
    draw = np.random.default_rng(2029)
    areas, bands = 10_000, len(ESP2013)
    population = draw.integers(200, 6_000, areas * bands)
    return {
        "area": np.repeat(np.arange(areas), bands),
        "events": draw.poisson(population * 0.004),
        "population": population,
        "standard": np.tile(ESP2013, areas),
    }


def quintiles() -> Inputs:
    """32 areas of five quintiles, each with its standard error."""
    draw = np.random.default_rng(2029)
    areas = 32
    return {
        "area": np.repeat(np.arange(areas), 5),
        "quantile": np.tile(np.arange(1, 6), areas),
        "population": draw.integers(9_000, 120_000, areas * 5),
        "value": np.tile([412.0, 355.0, 302.0, 260.0, 222.0], areas) + draw.normal(0, 9, areas * 5),
        "standard_error": draw.uniform(4, 8, areas * 5),
    }


def series() -> Inputs:
    """5,000 series of 36 months."""
    draw = np.random.default_rng(2029)
    count, months = 5_000, 36
    return {
        "series": np.repeat(np.arange(count), months),
        "month": np.tile(np.arange(months), count),
        "value": draw.normal(100, 10, count * months),
    }


def waits() -> Inputs:
    """A million requests in 14 boards: whole days, and whether the report has come."""
    draw = np.random.default_rng(2029)
    return {
        "board": draw.integers(0, 14, ROWS),
        "days": draw.gamma(3.0, 11.0, ROWS).astype(np.int64),
        "is_event": draw.random(ROWS) < 0.9,
    }


def chi_numbers() -> Inputs:
    """A million invented ten-digit strings, about nine in ten of them with a day of birth that exists."""
    draw = np.random.default_rng(2029)
    day, month, year = draw.integers(1, 32, ROWS), draw.integers(1, 13, ROWS), draw.integers(0, 100, ROWS)
    number = ((day * 100 + month) * 100 + year) * 10_000 + draw.integers(0, 10_000, ROWS)
    return {"text": np.char.zfill(number.astype(str), 10).tolist()}


def samples() -> Inputs:
    """100,000 samples of counts in 20 categories."""
    draw = np.random.default_rng(2029)
    return {"counts": draw.poisson(draw.gamma(0.7, 20.0, (100_000, 20)))}


ALL = {
    made.__name__: made for made in (shares, pairs, rates, age_bands, quintiles, series, waits, chi_numbers, samples)
}
