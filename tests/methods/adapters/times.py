"""Time to event with open cases, in the shape of its golden cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from methods.time_to_event import count_days, survival_curve, time_quantiles

Answer = dict[str, Any]


def kaplan_meier(given: Answer) -> Answer:
    groups = given.get("group", ["all"] * len(given["time"]))
    people = pl.DataFrame({"group": groups, "time": given["time"], "event": given["event"]}, strict=False)
    counts = count_days(people.cast({"time": pl.Float64}), "time", "event", ["group"])
    quantiles = time_quantiles(counts, given["probabilities"], ["group"], given["confidence"])
    curves = survival_curve(counts, ["group"], given["confidence"])
    answers = {}
    for group in dict.fromkeys(groups):
        own = counts.filter(group=group)
        at_each = (
            quantiles.filter(group=group).unique("probability").rows_by_key("probability", named=True, unique=True)
        )
        found = [at_each[p] for p in given["probabilities"]]
        answers[group] = {
            "n": int(own["events"].sum() + own["censored"].sum()),
            "events": int(own["events"].sum()),
            "quantile": [row["value"] for row in found],
            "lower": [row["lower"] for row in found],
            "upper": [row["upper"] for row in found],
            "survival_at": survival_at(curves.filter(group=group), given.get("survival_at", [])),
        }
    return answers if "group" in given else answers["all"]


def survival_at(curve: pl.DataFrame, times: list[float]) -> Answer:
    """The curve at the last step at or before each time; nobody has had the event before the first."""
    asked = pl.DataFrame({"time": times}, schema={"time": pl.Float64}).with_row_index("row").sort("time")
    curve = curve.sort("time")
    passed = asked.join_asof(curve.drop("at_risk"), on="time").sort("row")
    ahead = asked.join_asof(curve.select("time", "at_risk"), on="time", strategy="forward").sort("row")
    return {
        "surv": passed["value"].fill_null(1.0).to_list(),
        "lower": passed["lower"].to_list(),
        "upper": passed["upper"].to_list(),
        "n_risk": ahead["at_risk"].fill_null(0).to_list(),
    }


ADAPTERS: dict[str, Callable[[Answer], Answer]] = {"kaplan_meier_quantiles": kaplan_meier}
