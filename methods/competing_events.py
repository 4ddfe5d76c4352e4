"""How long until something happens, when something else may come first and put an end to it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from methods.estimates import FIELDS, normal_quantile
from methods.groundwork.day_counts import (
    TOLERANCE,
    Numbers,
    Steps,
    answers_within,
    curve_answers,
    greenwood_terms,
    running_total,
    steps_in_time,
    surviving_share,
)

_METHOD = "Aalen-Johansen, log-log limits"


def cumulative_incidence(counts: pl.DataFrame, by: Sequence[str] = (), confidence: float = 0.95) -> pl.DataFrame:
    """Share that has had the event after each time, where a competing event, such as a cancellation, can forestall it.

    Unlike one less a survival curve with cancellations as censored, it does not ask what would be if nobody cancelled.

    counts: one row a group and time, with columns `by`, `time` (any number), `events`, `competing` and `censored`
    (counts; at equal times both kinds of event come before censorings). Rows of one time are added up.
    Returns one row a group and time at which somebody left: `by`, `time`, `at_risk`, `value`, `lower`, `upper`,
    `method` and `reason`. Limits are of log(-log), from the delta-method variance. A group with a fault has one row.

    Reasons: missing, not_finite, negative_count, total_not_positive (of the group); no_limits (the curve is at 0 or 1).
    Source: Aalen and Johansen 1978, Scandinavian Journal of Statistics 5:141; Marubini and Valsecchi 1995, Analysing
    Survival Data from Clinical Trials and Observational Studies, section 10.3 (variance).
    """
    steps = _steps(counts, by)
    curve, lower, upper = _curve(steps, confidence)
    return curve_answers(steps, curve, lower, upper, _METHOD)


def incidence_within(
    counts: pl.DataFrame, times: Sequence[float], by: Sequence[str] = (), confidence: float = 0.95
) -> pl.DataFrame:
    """Share of a group that has had the event within each time, and not the competing one before it.

    counts: as in `cumulative_incidence`. times: in the unit of `time`; a time includes itself.
    Returns one row a group and time: `by`, `time`, `at_risk` (still watched, neither event yet, just before it),
    `value`, `lower`, `upper`, `method` and `reason`.

    Reasons: missing, not_finite, negative_count, total_not_positive; beyond_follow_up (the last one watched left
    earlier, without either event); no_limits (the share is 0 or 1).
    Source: as `cumulative_incidence`.
    """
    steps = _steps(counts, by)
    either = steps.leaving["events"] + steps.leaving["competing"]
    answers = answers_within(steps, times, _curve(steps, confidence), surviving_share(either, steps), _METHOD)
    return answers.select(*by, "time", "at_risk", *FIELDS)


def _steps(counts: pl.DataFrame, by: Sequence[str]) -> Steps:
    return steps_in_time(counts, by, ("events", "competing", "censored"))


def _curve(steps: Steps, confidence: float) -> tuple[Numbers, Numbers, Numbers]:
    """The cumulative incidence and its limits, which are NaN where it is at 0 or 1."""
    z = normal_quantile(confidence)
    events, either = steps.leaving["events"], steps.leaving["events"] + steps.leaving["competing"]
    free = surviving_share(either, steps)
    # Free of both events until just before each step: 1 at the first of a group.
    before = np.append(1.0, free)[: free.size]
    before[steps.first] = 1.0
    curve = running_total(before * events / steps.at_risk, steps)
    error = np.sqrt(_variance(curve, before, events, either, steps))
    inside = (curve > TOLERANCE) & (curve < 1 - TOLERANCE)
    safe = np.where(inside, curve, 0.5)
    spread = np.exp(z * error / (safe * -np.log(safe)))
    return curve, np.where(inside, safe**spread, np.nan), np.where(inside, safe ** (1 / spread), np.nan)


def _variance(curve: Numbers, before: Numbers, events: Numbers, either: Numbers, steps: Steps) -> Numbers:
    """Delta-method variance of the curve I after step i, over the steps j up to it.

    sum (I_i - I_j)^2 d_j / (n_j (n_j - d_j)) + sum S_j^2 e_j (n_j - e_j) / n_j^3 - 2 sum (I_i - I_j) S_j e_j / n_j^2,
    with n at risk, e the events, d both kinds and S the share free of both before the step.
    """
    n = steps.at_risk
    spread = greenwood_terms(either, steps)
    joint = before * events / n**2
    squares = curve**2 * running_total(spread, steps) - 2 * curve * running_total(curve * spread, steps)
    squares += running_total(curve**2 * spread, steps)
    own = running_total(before**2 * events * (n - events) / n**3, steps)
    cross = curve * running_total(joint, steps) - running_total(curve * joint, steps)
    variance: Numbers = np.maximum(squares + own - 2 * cross, 0)
    return variance
