"""Funnel plots, in the shape of their golden cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from methods.estimates import insist
from methods.funnels import (
    funnel_limits,
    funnel_scores,
    funnel_significance,
    funnel_sizes,
    measure_overdispersion,
)
from methods.rates import poisson_interval

Answer = dict[str, Any]

WORDS = {
    "high_0.001": "High (0.001)",
    "high_0.025": "High (0.025)",
    "low_0.025": "Low (0.025)",
    "low_0.001": "Low (0.001)",
    "not_significant": "Not significant",
    None: "Not applicable for events less than 10 for dsrs",
}
KINDS = {"PR": "proportion", "SR": "ratio", "RC": "count ratio"}
TWO, THREE = 0.95, 0.998
#: What the package refuses, for the whole table.
REFUSED = ["total_not_positive", "negative_count", "count_above_total"]


def funnel(given: Answer) -> Answer:
    if "ratio_type" in given:
        return judged(numbers(given["observed"], given["expected"]), "ratio", 1)
    if "rate_type" in given:
        return rate_funnel(given)
    units, scale = numbers(given["numerator"], given["denominator"]), given["multiplier"]
    if None in given["numerator"] or None in given["denominator"]:
        raise ValueError("proportions need the numerator and the denominator of every area")
    answer = judged(units, "proportion", scale)
    answer["limits_at_each_area_uncapped"] = limits_named(funnel_limits(units, "proportion"), "{end}_{mark}", scale)
    if answer["baseline"] is not None:
        answer["grid"] = proportion_grid(units["denominator"].drop_nulls(), answer["baseline"] / scale, scale)
    return answer


def rate_funnel(given: Answer) -> Answer:
    scale, events = given["multiplier"], given["numerator"]
    denominators = given.get("denominator") or [None] * len(events)
    if None in events or any(x == 0 and not n for x, n in zip(events, denominators, strict=True)):
        raise ValueError("rates need the events of every area, and where there are none a denominator")
    if given["rate_type"] == "crude" and None not in denominators:
        return judged(numbers(events, denominators), "rate", scale)
    if None in given["rate"]:
        raise ValueError("rates need the rate of every area")
    # A standardised rate stands for its events over the population that would give it.
    derived = [x * scale / rate if x else None for x, rate in zip(events, given["rate"], strict=True)]
    fewest = 10 if given["rate_type"] == "dsr" else 0
    return judged(numbers(given["numerator"], derived), "rate", scale, fewest)


def judged(units: pl.DataFrame, kind: str, scale: float, fewest: float = 0) -> Answer:
    found = funnel_significance(units, kind, fewest_events=fewest)
    insist(found.filter(pl.col("reason").is_in(REFUSED)))
    baseline = found["baseline"][0]
    return {
        "baseline": None if baseline is None else baseline * scale,
        "significance": [WORDS[word] for word in found["significance"].to_list()],
    }


def proportion_grid(sizes: pl.Series, average: float, scale: float) -> Answer:
    """Sizes from 1, or from just under the smallest where all are near it, to 5% over the largest in two figures."""
    low, high = sizes.min(), 1.05 * sizes.max()
    figure = 10.0 ** (len(str(int(high))) - 2)
    ends = np.array([[round(0.95 * low) if sizes.max() <= 2 * low else 1], [np.ceil(high / figure) * figure]])
    drawn = funnel_sizes(ends[0], ends[1], whole=True)[0].tolist()
    limits = funnel_limits(numbers([None] * len(drawn), drawn), "proportion", baseline=average)
    cut = limits.with_columns(pl.col("lower", "upper").clip(0, 1))
    return {"Population": drawn} | limits_named(cut, "{end}_{mark}_limit", scale)


def limits_named(limits: pl.DataFrame, form: str, scale: float) -> Answer:
    return {
        form.format(end=end, mark=mark): (limits.filter(confidence=level)[end] * scale).to_list()
        for mark, level in (("2s", TWO), ("3s", THREE))
        for end in ("lower", "upper")
    }


def overdispersion(given: Answer) -> Answer:
    kind, trimmed = KINDS[given["data_type"]], given["data_type"] == "SR" and given["sr_method"] == "SHMI"
    scale = "square root" if given["data_type"] == "SR" and not trimmed else None
    units = numbers(given["numerator"], given["denominator"], given.get("group"))
    # The SHMI is published from expected counts of two decimals.
    rounded = units.with_columns(pl.col("denominator").round(2)) if trimmed else units
    outliers = "trim" if trimmed else "winsorise"
    found = measure_overdispersion(rounded, kind, scale=scale, outliers=outliers, share=given["trim_by"])
    return {
        "phi": found["phi"][0],
        "tau2": found["tau2"][0],
        "units": {"group": units["group"].to_list(), "rr": (units["numerator"] / units["denominator"]).to_list()}
        | {"Uzscore": funnel_scores(rounded, kind, scale=scale)["score"].to_list()}
        | widths(rounded, kind, found, given["multiplier"]),
    }


def widths(units: pl.DataFrame, kind: str, found: pl.DataFrame, multiplier: float) -> Answer:
    """Limits with the variance between units, and without; the latter are exact Poisson ones of a ratio."""
    columns = {}
    for mark, level in (("95", TWO), ("99", THREE)):
        wide = funnel_limits(units, kind, "transformed", levels=[level], overdispersion=found)
        if kind == "ratio":
            exact = units.select(poisson_interval(pl.col("denominator"), level).struct.unnest())
            plain = exact.select(pl.col("lower", "upper") / units["denominator"])
        else:
            plain = funnel_limits(units, kind, "transformed", levels=[level])
        columns |= {f"LCL{mark}": plain["lower"], f"UCL{mark}": plain["upper"]}
        columns |= {f"OD{mark}LCL": wide["lower"], f"OD{mark}UCL": wide["upper"]}
    apart = wide["outside"] != "within"
    return {name: (limit * multiplier).to_list() for name, limit in columns.items()} | {
        "outlier": apart.cast(pl.Int64).to_list()
    }


def numbers(numerator: list[Any], denominator: list[Any], group: list[str] | None = None) -> pl.DataFrame:
    frame = pl.DataFrame({"numerator": numerator, "denominator": denominator}, strict=False)
    frame = frame.cast(pl.Float64)
    if group is None:
        return frame
    # A group given in several rows is one unit.
    return frame.with_columns(group=pl.Series(group)).group_by("group", maintain_order=True).sum()


ADAPTERS: dict[str, Callable[[Answer], Answer]] = {"funnel_limits": funnel, "funnel_overdispersion": overdispersion}
