"""Shares, rates and standardised rates, in the shape of their golden cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from methods.estimates import insist
from methods.proportions import wilson_interval
from methods.rates import rate_interval
from methods.standardisation import direct_rate, indirect_rate, indirect_ratio

Answer = dict[str, Any]

#: What the package calls the limits.
METHODS = {"Exact Poisson": "Exact", "Byar": "Byars", None: None}


def wilson(given: Answer) -> Answer:
    frame, scale = counts(given), given.get("multiplier", 1)

    def answers(level: float) -> pl.DataFrame:
        if level == 1:
            # Certainty, which is no level of ours, takes in every share.
            return answers(0.95).with_columns(lower=pl.lit(0.0), upper=pl.lit(1.0))
        return insist(frame.select(wilson_interval(pl.col("x"), pl.col("n"), level).alias("i")).unnest("i"))

    return {"x": frame["x"].to_list(), "n": frame["n"].to_list()} | at_levels(given, answers, scale)


def rate(given: Answer) -> Answer:
    frame, scale = counts(given), given.get("multiplier", 100_000)

    def answers(level: float) -> pl.DataFrame:
        return insist(frame.select(rate_interval(pl.col("x"), pl.col("n"), scale, level).alias("i")).unnest("i"))

    found = at_levels(given, answers)
    return found | {"method": [METHODS[method] for method in found["method"]]}


def counts(given: Answer) -> pl.DataFrame:
    """The columns x and n, summed by group where there are groups; what is missing in a row is missing in its sum."""
    frame = pl.DataFrame({name: given[name] for name in ("x", "n", "group") if name in given}, strict=False)
    if "group" not in given:
        return frame
    x, n = pl.col("x"), pl.col("n")
    return (
        frame.group_by("group")
        .agg(pl.when(x.is_not_null().all()).then(x.sum()), pl.when(n.is_not_null().all()).then(n.sum()))
        .sort("group", nulls_last=True)
    )


def direct(given: Answer) -> Answer:
    by = grouping(given)
    columns = {"events": given["x"], "population": given["n"], "standard": given["stdpop"]}
    if not given.get("independent_events", True):
        columns |= {"frequency": column(given, "eventfreq"), "age_band": column(given, "ageband")}
    frame = pl.DataFrame({name: given[name] for name in by} | columns, strict=False)

    def answers(level: float) -> pl.DataFrame:
        found = direct_rate(frame, by, given.get("multiplier", 100_000), level)
        insist(found.filter(pl.col("reason").ne_missing("too_few_events")))
        if "missing" in found["reason"]:
            raise ValueError("weights and frequencies are needed in every row")
        return found

    found = at_levels(given, answers)
    return found | {"total_count": found["total_events"], "total_pop": found["total_population"]}


def indirect(given: Answer) -> Answer:
    by = grouping(given)
    rows = len(given["n"])
    columns = {"population": given["n"]}
    # A reference given once holds for every group in turn.
    columns |= {"reference_events": given["x_ref"] * (rows // len(given["x_ref"]))}
    columns |= {"reference_population": given["n_ref"] * (rows // len(given["n_ref"]))}
    totals = given.get("observed_totals")
    if totals is None:
        columns |= {"events": given["x"]}
    else:
        named = {name if name in by else "events": values for name, values in totals.items()}
        totals = pl.DataFrame(named, strict=False)
    frame = pl.DataFrame({name: given[name] for name in by} | columns, strict=False)
    ratio_scale, rate_scale = given.get("refvalue", 1), given.get("multiplier", 100_000)
    ratio = at_levels(given, lambda level: insist(indirect_ratio(frame, by, ratio_scale, level, totals)))
    rate = at_levels(given, lambda level: insist(indirect_rate(frame, by, rate_scale, level, totals)))
    return {"ratio": ratio, "rate_per_100000": rate | {"ref_rate": rate["reference_rate"]}}


def grouping(given: Answer) -> list[str]:
    by = given.get("group_by") or []
    return [by] if isinstance(by, str) else list(by)


def column(given: Answer, name: str) -> list[Any]:
    """A column, or the one that it names."""
    return given[given[name]] if isinstance(given[name], str) else given[name]


def at_levels(given: Answer, answers: Callable[[float], pl.DataFrame], scale: float = 1) -> Answer:
    """The columns of an answer, with limits for each level of confidence asked for, as the package names them."""
    found: Answer = {}
    for mark, level in levels(given.get("confidence", 0.95)):
        frame = answers(level)
        lower, upper = f"lower{mark}cl", f"upper{mark}cl"
        found |= (
            frame.with_columns(pl.col("value", "lower", "upper") * scale)
            .rename({"lower": lower, "upper": upper})
            .to_dict(as_series=False)
        )
    return found


def levels(confidence: float | list[float]) -> list[tuple[str, float]]:
    """The mark that the package puts in a column's name for each level, and the level; no mark for a single one."""
    asked = confidence if isinstance(confidence, list) else [confidence]
    if len(asked) > 1 and asked != [0.95, 0.998]:
        raise ValueError("two levels at once are 0.95 and 0.998")
    if not all(0.9 <= level <= 1 or 90 <= level <= 100 for level in asked):
        raise ValueError("confidence is from 0.9 to 1, or from 90 to 100 in percent")
    shares = [level if level <= 1 else level / 100 for level in asked]
    return [(f"{level * 100:.1f}".replace(".", "_") if len(asked) > 1 else "", level) for level in shares]


ADAPTERS: dict[str, Callable[[Answer], Answer]] = {
    "wilson_proportion": wilson,
    "byar_rate": rate,
    "dsr_dobson": direct,
    "indirect_standardisation": indirect,
}
