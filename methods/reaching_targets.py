"""How likely a share is to stand on the right side of a target by a day, if it goes on as it has gone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import t

from methods.groundwork.groups import GROUP, measure, measured, numbered_groups
from methods.reasons import reason

Array = NDArray[np.float64]
Better = Literal["higher", "lower"]

#: Points that a line through them needs before anything is said of where it leads.
FEWEST = 8


def chance_of_reaching(
    points: pl.DataFrame,
    by: Sequence[str] = (),
    *,
    at: float,
    target: float,
    better: Better = "higher",
    confidence: float = 0.8,
) -> pl.DataFrame:
    """Where a share will stand at a time if it goes on along its line, and the chance that it is then on target.

    points: one row a point, with columns `by`, `time` (a number, such as years) and `value`, a share strictly between 0
    and 1. at: the time asked about; target: a share strictly between 0 and 1, met by the "higher" or by the "lower".
    Returns one row for each of `by`, sorted: `by`, `measure` ("share_at"), value, lower, upper (of the point then to be
    seen, not of the line), method, reason and `chance`, of a point on the right side of the target.
    A straight line is put through the log odds by least squares; points then scatter about it as they have done so far,
    and the line itself may lie elsewhere: the t distribution of a new point. Eight points that rise from 60% to 74% by
    two a step, without scatter, stand at about 84% six steps on. What the model cannot know: a change of course, of
    what is counted or of the target, and points that go together from one time to the next, which make the limits too
    narrow. The further ahead, the less it says.

    Reasons: missing, not_finite, share_out_of_range, too_few_points (under eight), no_variation (all at one time).
    Source: prediction in simple linear regression, Draper and Smith 1998, Applied Regression Analysis, section 3.1; on
    log odds, so that no share leaves 0 to 1.
    """
    if not 0 < target < 1:
        raise ValueError(f"target is a share strictly between 0 and 1, not {target}")
    keys, rows = numbered_groups(points, by, ("time", "value"))
    fits = [_fit(group, at) for group in rows.partition_by(GROUP)]
    schema = {"centre": pl.Float64, "error": pl.Float64, "freedom": pl.Int64, "fault": pl.String}
    found = rows.select(pl.col(GROUP).unique().sort()).hstack(pl.DataFrame(fits, schema=schema, orient="row"))
    centre, error, freedom = (found[name].to_numpy() for name in ("centre", "error", "freedom"))
    reach = t.ppf(0.5 + confidence / 2, freedom) * error
    with np.errstate(all="ignore"):
        above = t.sf((np.log(target / (1 - target)) - centre) / error, freedom)
    # Without scatter the point is where the line is.
    above = np.where(error == 0, (centre >= np.log(target / (1 - target))).astype(float), above)
    chance = above if better == "higher" else 1 - above
    groups = found.with_columns(
        low=pl.Series(_share(centre - reach)),
        middle=pl.Series(_share(centre)),
        high=pl.Series(_share(centre + reach)),
        chance=pl.when(pl.col("fault").is_null()).then(pl.Series(chance)),
    )
    codes = ("missing", "not_finite", "share_out_of_range", "too_few_points", "no_variation")
    fault = reason(*((pl.col("fault") == code, code) for code in codes))
    none = reason((pl.lit(value=False), "missing"))
    answer = measure("share_at", "Line of log odds", pl.col("middle"), (pl.col("low"), pl.col("high")), fault, none)
    return measured(keys, groups, [answer], about=("chance",))


def _share(log_odds: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def _fit(group: pl.DataFrame, at: float) -> tuple[float | None, float | None, int | None, str | None]:
    """Log odds at the time asked about, the standard error of a new point there, its degrees of freedom, or a fault."""
    if group.select(pl.any_horizontal(pl.col("time", "value").is_null()).any()).item():
        return None, None, None, "missing"
    time, value = group["time"].to_numpy(), group["value"].to_numpy()
    if not np.isfinite(np.concatenate([time, value])).all():
        return None, None, None, "not_finite"
    if ((value <= 0) | (value >= 1)).any():
        return None, None, None, "share_out_of_range"
    if time.size < FEWEST:
        return None, None, None, "too_few_points"
    spread = ((time - time.mean()) ** 2).sum()
    if spread == 0:
        return None, None, None, "no_variation"
    odds = np.log(value / (1 - value))
    slope = ((time - time.mean()) * odds).sum() / spread
    centre = odds.mean() + slope * (at - time.mean())
    left = odds - odds.mean() - slope * (time - time.mean())
    freedom = time.size - 2
    variance = (left**2).sum() / freedom
    error = np.sqrt(variance * (1 + 1 / time.size + (at - time.mean()) ** 2 / spread))
    # What is left by rounding alone is no scatter.
    return float(centre), float(error) if error > 1e-9 else 0.0, freedom, None
