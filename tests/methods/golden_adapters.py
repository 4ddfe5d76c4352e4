"""Answers a golden case with the public functions of methods/, in the shape of its expected answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from methods.proportions import wilson_interval
from methods.time_to_event import survival_curve, time_quantiles

Answer = dict[str, Any]


def _wilson(given: Answer) -> Answer:
    frame = pl.DataFrame({name: given[name] for name in ("x", "n", "group") if name in given})
    if "group" in given:
        frame = frame.group_by("group", maintain_order=True).agg(pl.col("x", "n").sum())
    if frame.filter((pl.col("n") <= 0) | (pl.col("x") < 0) | (pl.col("x") > pl.col("n"))).height:
        raise ValueError("a share needs 0 <= numerator <= denominator and a denominator above 0")
    levels = given["confidence"] if isinstance(given["confidence"], list) else [given["confidence"]]
    scale = given["multiplier"]
    answer = frame.with_columns(value=pl.col("x") / pl.col("n") * scale).to_dict(as_series=False)
    for level in levels:
        mark = "" if len(levels) == 1 else f"{level * 100:.1f}".replace(".", "_")
        limits = frame.select(wilson_interval(pl.col("x"), pl.col("n"), level).alias("i")).unnest("i")
        answer[f"lower{mark}cl"] = (limits["lower"] * scale).to_list()
        answer[f"upper{mark}cl"] = (limits["upper"] * scale).to_list()
    return answer


def _kaplan_meier(given: Answer) -> Answer:
    if "group" not in given:
        return _one_group(given)
    rows = list(zip(given["group"], given["time"], given["event"], strict=True))
    return {
        wanted: _one_group(
            given
            | {"time": [time for group, time, _ in rows if group == wanted]}
            | {"event": [event for group, _, event in rows if group == wanted]}
        )
        for wanted in dict.fromkeys(given["group"])
    }


def _one_group(given: Answer) -> Answer:
    events = pl.Series(given["event"])
    counts = pl.DataFrame({"time": given["time"], "events": events, "censored": 1 - events})
    counts = counts.with_columns(pl.col("time").cast(pl.Float64))
    found = time_quantiles(counts, given["probabilities"], confidence=given["confidence"])
    curve = survival_curve(counts, confidence=given["confidence"])
    at = pl.DataFrame({"time": given.get("survival_at", [])}, schema={"time": pl.Float64})
    surviving = at.join_asof(curve, on="time")["surviving"].fill_null(1.0).to_list()
    return {
        "quantile": found["value"].to_list(),
        "lower": found["lower"].to_list(),
        "upper": found["upper"].to_list(),
        "survival_at": {"surv": surviving},
    }


ADAPTERS: dict[str, Callable[[Answer], Answer]] = {
    "wilson_proportion": _wilson,
    "kaplan_meier_quantiles": _kaplan_meier,
}
