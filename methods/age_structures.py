"""What a rate would be in people whose ages are not known, but for the mean age that they may have."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from scipy.optimize import brentq

from methods.reasons import REASON

#: So far from its mean can an age structure be tilted: beyond, all people are of the last band.
STEEPEST = 5.0


def rate_at_mean_ages(bands: pl.DataFrame, mean_ages: Sequence[float]) -> pl.DataFrame:
    """A population's crude rate had it the same rates by age, but a given mean age; over the rate that it has.

    bands: one row an age band, with columns `age` (its middle, in years), `population` and `events`. mean_ages: the
    mean ages to try. Of all age structures with that mean the one that departs least from the population's own stands
    in: each band is weighed by exp(t * age), with t such that the mean is met. The truth may be bumpier.
    Returns one row a mean age: `mean_age`, `value` (the ratio of the two rates; 1 at the population's own mean) and
    `reason`. With 100 people of 20 and 100 of 60 years, and rates of 1% and 3%, a mean of 30 makes three quarters
    young: a rate of 1.5% in place of 2%, and a ratio of 0.75.

    Reasons: outside_range (a mean beyond the ages of the bands), population_not_positive, denominator_is_zero (no
    events), missing.
    Source: Csiszar 1975, Annals of Probability 3:146 (least departure); Efron 1981, Canadian Journal of Statistics
    9:139 (exponential tilting).
    """
    ages, people, events = (bands[name].cast(pl.Float64) for name in ("age", "population", "events"))
    fault = None
    if ages.null_count() + people.null_count() + events.null_count():
        fault = "missing"
    elif people.is_empty() or (people < 0).any() or not people.sum() > 0:
        fault = "population_not_positive"
    elif not events.sum() > 0:
        fault = "denominator_is_zero"
    rows: list[tuple[float, float | None, str | None]] = []
    if fault is not None:
        rows = [(mean, None, fault) for mean in mean_ages]
        return _answers(rows)
    live = people.to_numpy() > 0
    age, size = ages.to_numpy()[live], people.to_numpy()[live]
    rate = events.to_numpy()[live] / size
    own = float(size @ rate / size.sum())
    for mean in mean_ages:
        tilted = _tilted(age, size, mean)
        rows.append((mean, None, "outside_range") if tilted is None else (mean, float(tilted @ rate) / own, None))
    return _answers(rows)


def _tilted(age: np.ndarray, size: np.ndarray, mean: float) -> np.ndarray | None:
    """Shares of the bands, tilted to a mean age; None where no tilt reaches it."""
    if not age.min() < mean < age.max():
        return None

    def shares(tilt: float) -> np.ndarray:
        logs = np.log(size) + tilt * (age - mean)
        weights = np.exp(logs - logs.max())
        found: np.ndarray = weights / weights.sum()
        return found

    def off(tilt: float) -> float:
        return float(shares(tilt) @ age) - mean

    if off(-STEEPEST) > 0 or off(STEEPEST) < 0:
        return None
    return shares(float(brentq(off, -STEEPEST, STEEPEST, xtol=1e-12)))


def _answers(rows: Sequence[tuple[float, float | None, str | None]]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=["mean_age", "value", "reason"], orient="row", infer_schema_length=None)
    return frame.select(pl.col("mean_age", "value").cast(pl.Float64), pl.col("reason").cast(REASON))
