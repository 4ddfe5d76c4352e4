"""Counts by time, added up in order: what survival curves and competing events are worked out from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from methods.estimates import FIELDS
from methods.groundwork.frames import as_number, number_groups, require_columns
from methods.reasons import reason

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]

#: What answers about days have beside the columns of `by`.
RESERVED = (*FIELDS, "probability", "at_risk")

#: Shares, and relative times, closer than this are taken as equal, as R does.
TOLERANCE = 1.5e-8


class Steps(NamedTuple):
    """The times at which somebody leaves, group after group and in order, and how many are watched until then."""

    #: One row a group, sorted: the columns of `by`, and `fault_`, why its counts cannot be used.
    groups: pl.DataFrame
    #: Of each group without a fault: its place in `groups`, and its first and last row here.
    place: Places
    first: Places
    last: Places
    #: Of each row: which of those groups it is in, its time and how many are watched until then.
    own: Places
    time: Numbers
    at_risk: Numbers
    #: How many leave in each way that was asked for.
    leaving: dict[str, Numbers]


def steps_in_time(counts: pl.DataFrame, by: Sequence[str], ways: Sequence[str] = ("events", "censored")) -> Steps:
    """The counts added up by group and time, sorted, with how many are watched until each time.

    counts: columns `by`, `time` and the ways of leaving, as counts. Times with nobody leaving are dropped. A group with
    a null, a count below 0 or nobody in it keeps no rows, and its fault is told.

    Source: Kaplan and Meier 1958, Journal of the American Statistical Association 53:457; R survival 3.5-3 (times set
    apart only by rounding).
    """
    by = list(by)
    require_columns(counts, by, ("time", *ways), RESERVED)
    tidy = counts.select(*by, *(as_number(name) for name in ("time", *ways)))
    if counts.schema["time"].is_float():
        tidy = tidy.with_columns(_without_rounding(tidy["time"]))
    numbers = [pl.col(name) for name in ("time", *ways)]
    tidy = tidy.with_columns(
        bad_=reason(
            (pl.any_horizontal(number.is_null() for number in numbers), "missing"),
            (pl.any_horizontal(number.is_infinite() for number in numbers), "not_finite"),
            (pl.any_horizontal(pl.col(name) < 0 for name in ways), "negative_count"),
        )
    )
    summed = tidy.group_by([*by, "time"]).agg(pl.col(ways).sum(), pl.col("bad_").min()).sort([*by, "time"])
    summed = summed.with_columns(group_=number_groups(summed, by), all_=pl.sum_horizontal(*ways))
    nobody = reason((pl.col("all_").sum() <= 0, "total_not_positive"))
    groups = summed.group_by("group_", *by).agg(fault_=pl.coalesce(pl.col("bad_").min(), nobody)).sort("group_")
    is_sound = groups["fault_"].is_null().gather(summed["group_"])
    rows = summed.filter(is_sound & (summed["all_"] > 0))
    group = rows["group_"].to_numpy().astype(np.int64)
    first = np.flatnonzero(np.diff(group, prepend=-1))
    last = np.append(first[1:], group.size)[: first.size] - 1
    own = np.repeat(np.arange(first.size), last - first + 1)
    leaving = rows["all_"].to_numpy()
    time = rows["time"].to_numpy()
    steps = Steps(groups.drop("group_"), group[first], first, last, own, time, leaving, {})
    gone = running_total(leaving, steps)
    at_risk = gone[last][own] - gone + leaving
    return steps._replace(at_risk=at_risk, leaving={name: rows[name].to_numpy() for name in ways})


def running_total(numbers: Numbers, steps: Steps) -> Numbers:
    """The sum of each row and those before it in its group; no group's digits depend on what other groups there are.

    Source: arithmetic.
    """
    rows = pl.DataFrame({"number": numbers, "group": steps.own})
    within: Numbers = rows.select(pl.col("number").cum_sum().over("group")).to_series().to_numpy()
    return within


def surviving_share(events: Numbers, steps: Steps) -> Numbers:
    """Product-limit share without these events after each step.

    Source: Kaplan and Meier 1958, Journal of the American Statistical Association 53:457.
    """
    kept = 1 - events / steps.at_risk
    # A step at which all left have the event is the last of its group; its logarithm must not reach the next group.
    surviving = np.exp(running_total(np.log(np.where(kept > 0, kept, 1)), steps))
    return np.where(kept > 0, surviving, 0.0)


def greenwood_terms(events: Numbers, steps: Steps) -> Numbers:
    """events / (at_risk (at_risk - events)) of each step, nought where all left have the event.

    Source: Greenwood 1926, Reports on Public Health and Medical Subjects 33.
    """
    left = steps.at_risk - events
    return np.where(left > 0, events / (steps.at_risk * np.where(left > 0, left, 1)), 0.0)


def curve_answers(steps: Steps, value: Numbers, lower: Numbers, upper: Numbers, method: str) -> pl.DataFrame:
    """One row a step, NaN made null, with the columns of `by` and of every answer; one row for a group with a fault.

    Reasons: those of `steps_in_time`; no_limits.
    """
    columns = {"time": steps.time, "at_risk": steps.at_risk, "value": value, "lower": lower, "upper": upper}
    groups = steps.groups.with_row_index("group_")
    rows = pl.DataFrame({"group_": steps.place[steps.own], **columns}, nan_to_null=True)
    found = groups.join(rows.cast({"group_": pl.UInt32}), on="group_", how="left", maintain_order="left_right")
    return found.select(
        *steps.groups.columns[:-1],
        *columns,
        method=pl.lit(method),
        reason=pl.coalesce("fault_", reason((pl.col("lower").is_null(), "no_limits"))),
    )


def group_answers(
    steps: Steps,
    key: str,
    keys: Sequence[float],
    at: Callable[[float], dict[str, Numbers]],
    method: str,
    short: pl.Expr,
) -> pl.DataFrame:
    """One row a group and key, in that order, NaN made null, with method and reason.

    at: gives, for one key, an array of each column over the groups that have steps. short: why an answer is not whole.

    Reasons: those of `steps_in_time` and of `short`.
    """
    if not keys:
        raise ValueError(f"name at least one {key}")
    found = []
    for one in sorted(keys):
        columns = {name: np.full(steps.groups.height, np.nan) for name in at(one)}
        for name, numbers in at(one).items():
            columns[name][steps.place] = numbers
        answers = steps.groups.with_row_index("group_").with_columns(pl.lit(float(one)).alias(key))
        found.append(answers.with_columns(pl.DataFrame(columns, nan_to_null=True)))
    return (
        pl.concat(found)
        .sort("group_", maintain_order=True)
        .with_columns(method=pl.lit(method), reason=pl.coalesce("fault_", short))
    )


def answers_within(
    steps: Steps, times: Sequence[float], bands: tuple[Numbers, Numbers, Numbers], remaining: Numbers, method: str
) -> pl.DataFrame:
    """What rising curves (value, lower, upper) are at each time, and `at_risk` before it: one row a group and time.

    remaining: the share that has not had any event, by which it is told whether the curve can rise after the last step.

    Reasons: those of `steps_in_time`; beyond_follow_up, no_limits.
    Source: Kaplan and Meier 1958, Journal of the American Statistical Association 53:457.
    """
    is_open = remaining[steps.last] > TOLERANCE
    limit = np.append(steps.at_risk, 0)

    def at(time: float) -> dict[str, Numbers]:
        passed = count_steps(steps.time <= time, steps)
        row = np.maximum(steps.first + passed - 1, steps.first)
        beyond = is_open & (steps.time[steps.last] < time)
        value, lower, upper = (
            np.where(beyond, np.nan, np.where(passed > 0, band[row], start))
            for band, start in zip(bands, (0.0, np.nan, np.nan), strict=True)
        )
        waiting = steps.first + count_steps(steps.time < time, steps)
        at_risk = np.where(waiting <= steps.last, limit[waiting], 0)
        return {"at_risk": at_risk, "value": value, "lower": lower, "upper": upper}

    short = reason((pl.col("value").is_null(), "beyond_follow_up"), (pl.col("lower").is_null(), "no_limits"))
    return group_answers(steps, "time", times, at, method, short)


def count_steps(condition: NDArray[np.bool_], steps: Steps) -> Places:
    """In how many steps of each group the condition holds.

    Source: arithmetic.
    """
    if not steps.first.size:
        return np.empty(0, np.int64)
    held: Places = np.add.reduceat(condition.astype(np.int64), steps.first)
    return held


def _without_rounding(time: pl.Series) -> pl.Series:
    """The times, those that differ from the one before by rounding alone replaced by it, as R does."""
    times = np.sort(time.drop_nulls().unique().to_numpy())
    times = times[np.isfinite(times)]
    step = np.diff(times)
    if not times.size or (step > TOLERANCE * max(1, np.abs(times).mean())).all():
        return time
    kept = times[np.append(True, step > TOLERANCE * max(1, np.abs(times).mean()))]
    given = time.fill_null(float("nan")).to_numpy()
    near = kept[np.maximum(np.searchsorted(kept, given, side="right") - 1, 0)]
    return pl.Series(time.name, np.where(np.isfinite(given), near, given), nan_to_null=True)
