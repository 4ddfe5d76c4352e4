"""Control charts and run charts, in the shape of their golden cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from methods.run_charts import anhoej_signals, run_chart
from methods.spc_icons import spc_icons, variation
from methods.special_causes import special_causes
from methods.xmr import xmr_limits

Answer = dict[str, Any]

BETTER = {"increase": "higher", "decrease": "lower", "neutral": "neither"}
NAMES = {
    ("outside", 1): "Above UCL",
    ("outside", -1): "Below LCL",
    ("trend", 1): "7 Point Trend (Increasing)",
    ("trend", -1): "7 Point Trend (Decreasing)",
    ("two_of_three", 1): "2 in 3 Above CL",
    ("two_of_three", -1): "2 in 3 Below CL",
    ("shift", 1): "7 Points Above CL",
    ("shift", -1): "7 Points Below CL",
    (None, 0): "Common Cause",
}
ASSURANCE_TYPES = {"pass": "consistent_pass", "fail": "consistent_fail", "inconsistent": "inconsistent", None: None}


def limits(given: Answer) -> pl.DataFrame:
    values = some(given["values"])
    starts = set(given.get("rebase_at_index") or [])
    points = pl.DataFrame(
        {
            "period": pl.Series(given.get("dates") or range(len(values))),
            "value": pl.Series(values, dtype=pl.Float64, strict=False),
            "rebase": [place in starts for place in range(len(values))],
        }
    )
    if points["period"].is_duplicated().any():
        raise ValueError("the package takes each date once")
    screen = given.get("screen_outliers", True)
    return xmr_limits(points, screen=screen, baseline=given.get("fix_after_n_points"))


def some(values: list[float | None]) -> list[float | None]:
    """The values; the packages refuse a series without any."""
    if not values:
        raise ValueError("there are no values")
    return values


def lines(chart: pl.DataFrame) -> Answer:
    return {
        "mean": chart["centre"].to_list(),
        "lpl": chart["lower"].to_list(),
        "upl": chart["upper"].to_list(),
    }


def xmr(given: Answer) -> Answer:
    chart = limits(given)
    outside = (chart["value"] > chart["upper"]) | (chart["value"] < chart["lower"])
    return lines(chart) | {
        "average_moving_range_used": chart["mean_range"].to_list(),
        "rebase_group": (chart["section"] - 1).to_list(),
        "outside_limits": outside.to_list(),
        "short_group_warning": (chart["caution"] == "too_few_points").fill_null(False).to_list(),
    }


def special(given: Answer) -> Answer:
    chart = special_causes(limits(given), "nhsr_plot_the_dots")
    wanted = given.get("improvement_direction", "increase")
    if wanted not in BETTER:
        raise ValueError(f"improvement_direction is one of {list(BETTER)}, not {wanted}")
    better = BETTER[wanted]
    classes = chart.select(variation(pl.col("special_cause"), pl.col("direction"), better)).to_series()
    icons = spc_icons(chart, better=better, target=given.get("target"))
    causes = zip(chart["special_cause"], chart["direction"], strict=True)
    return lines(chart) | {
        "special_cause_type": [NAMES[cause, way] for cause, way in causes],
        "point_type": [point_type(code) for code in classes],
        "variation_icon": icons["variation"].item(),
        "assurance_icon": icons["assurance"].item(),
        "assurance_type": ASSURANCE_TYPES[icons["assurance"].item()],
    }


def point_type(code: str) -> str:
    """The package's name of a class, which says high and low only where the direction is neutral."""
    if code == "common_cause":
        return code
    return f"special_cause_{code}" if code.startswith("neutral") else f"special_cause_{code.split('_')[0]}"


def run_charts(given: Answer) -> Answer:
    values = pl.Series("value", some(given["values"]), dtype=pl.Float64, strict=False)
    points = values.to_frame().with_row_index("period")
    around = points.with_columns(centre=pl.lit(given["median"], pl.Float64))
    own = run_chart(points)
    found = anhoej_signals(own).row(0, named=True)
    names = ("n_useful", "longest_run", "crossings")
    anhoej = {"median": own["centre"][0], "signal": found["is_signal"]} | {name: found[name] for name in names}
    anhoej |= {"longest_run_max": found["longest_run_limit"], "crossings_min": found["crossings_limit"]}
    return {
        "phs_flags": flags(run_chart(around, rules="phs_code")),
        "runchart_pkg": {"median": own["centre"][0]} | flags(run_chart(around)),
        "anhoej": anhoej,
    }


def flags(chart: pl.DataFrame) -> Answer:
    return {rule: (chart[rule] != 0).to_list() for rule in ("shift", "trend")}


ADAPTERS: dict[str, Callable[[Answer], Answer]] = {
    "xmr_limits": xmr,
    "spc_special_cause": special,
    "run_chart_rules": run_charts,
}
