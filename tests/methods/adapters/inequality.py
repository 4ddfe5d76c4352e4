"""Slope index and concentration index, in the shape of their golden cases."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

import polars as pl

from methods.concentration import concentration_index
from methods.ranges import attributable_share, deprivation_ranges
from methods.slope_index import slope_index

Answer = dict[str, Any]

SCALES = {0: "natural", 1: "log", 2: "logit"}


def slope_england(given: Answer) -> Answer:
    names = {"quantile": "quantile", "population": "population", "value": "value", "se": "standard_error"}
    names |= {"lower": "lower", "upper": "upper"}
    frame = pl.DataFrame({name: given[key] for key, name in names.items() if key in given}, strict=False)
    kind, is_transformed, factor = given.get("value_type", 0), given.get("transform", False), given.get("multiplier", 1)
    if is_transformed and (kind == 0 or "se" in given):
        raise ValueError("the package transforms rates and shares that have limits")
    if not 5 <= frame.height <= 100:
        raise ValueError(f"the package takes 5 to 100 quantiles, not {frame.height}")
    scale, size = SCALES.get(kind, f"value_type {kind}"), abs(factor)
    marks = {}
    for mark, level in levels(given.get("confidence", 0.95)):
        found = slope_index(
            frame,
            limits="from_standard_errors",
            difference="most_less_least" if factor < 0 else "least_less_most",
            scale=scale if is_transformed else "natural",
            errors_on=scale,
            # The package wants people in every quantile.
            fewest=frame.height,
            confidence=level,
        )
        sii, rii = whole(found, "sii"), whole(found, "rii_of_fitted_ends")
        marks |= {
            f"sii_lower{mark}": times(sii["lower"], size),
            f"sii_upper{mark}": times(sii["upper"], size),
            f"rii_lower{mark}": rii["lower"],
            f"rii_upper{mark}": rii["upper"],
        }
    return {
        "sii": sii["value"] * size,
        "rii": rii["value"],
        "intercept": sii["fitted_most_deprived"] * size,
        "approximate": marks,
    }


def levels(confidence: float | list[float]) -> list[tuple[str, float]]:
    """The mark in a column's name for each level of confidence, none for a single one, and the level as a share."""
    several = isinstance(confidence, list)
    shares = [level / 100 if level > 1 else level for level in (confidence if several else [confidence])]
    if wrong := [share for share in shares if not 0.9 <= share < 1]:
        raise ValueError(f"the package takes levels from 0.9, not {wrong}")
    return [(f"{share * 100:.1f}".replace(".", "_") if several else "", share) for share in shares]


def whole(found: pl.DataFrame, measure: str) -> Answer:
    """The row of a measure; the package stops where any number that it needs is wanting.

    Where the ratio has no limits, because what it divides by may be nought, the package gives such as it drew.
    """
    row = found.row(by_predicate=pl.col("measure") == measure, named=True)
    if row["reason"] and row["reason"] != "no_limits":
        raise ValueError(row["reason"])
    return row


def slope_scotland(given: Answer) -> Answer:
    quantiles = pl.DataFrame(
        {"quantile": given["quantile"], "population": given["denominator"], "value": given["rate"]}, strict=False
    ).with_columns(overall=pl.lit(given.get("overall_rate")), lower=pl.lit(None), upper=pl.lit(None))
    confidence = given.get("confidence", 0.95)
    lines = slope_index(
        quantiles, limits="from_residuals", difference="most_less_least", confidence=confidence, fewest=2
    ).rows_by_key("measure", named=True, unique=True)
    absolute, relative = deprivation_ranges(quantiles).rows(named=True)
    share = attributable_share(quantiles)["value"].item()
    sii, rii, ratio = lines["sii"], lines["rii_over_overall_rate"], lines["rii_of_fitted_ends"]
    measures = {
        "sii": sii["value"],
        "lowci_sii": sii["lower"],
        "upci_sii": sii["upper"],
        "rii": rii["value"],
        "lowci_rii": rii["lower"],
        "upci_rii": rii["upper"],
        "rii_int": times(rii["value"], 50),
        "lowci_rii_int": times(rii["lower"], 50),
        "upci_rii_int": times(rii["upper"], 50),
        "par": times(share, 100),
        "abs_range": absolute["value"],
        # The package divides by nought.
        "rel_range": inf if quotient_of_nought(relative, absolute) else relative["value"],
    }
    if quantiles.height not in (5, 10):
        # The package takes quintiles and deciles alone; the line through others is R's own.
        measures = dict.fromkeys(measures)
    return measures | {
        "plain_wls": {
            "intercept": sii["fitted_most_deprived"],
            "slope": times(sii["value"], -1),
            "slope_lower": times(sii["upper"], -1),
            "slope_upper": times(sii["lower"], -1),
            "rii_ratio_fitted_1_over_0": None if ratio["value"] is None else 1 / ratio["value"],
        },
    }


def quotient_of_nought(relative: Answer, absolute: Answer) -> bool:
    """Whether a number above nought is divided by nought."""
    return relative["reason"] == "denominator_is_zero" and absolute["value"] > 0


def times(number: float | None, factor: float) -> float | None:
    return None if number is None else number * factor


def concentration(given: Answer) -> Answer:
    names = {"rank_variable": "standing", "outcome": "outcome", "weights": "weight"}
    people = pl.DataFrame({name: given[key] for key, name in names.items() if given.get(key)}, strict=False)
    # The package gives people of one standing the ranks of their rows, where ours share the middle of their ranks.
    people = people.with_columns(pl.col("standing").rank("ordinal"))
    found = concentration_index(people, bounds="range_of_data").rows_by_key("measure", named=True, unique=True)
    if faults := {row["reason"] for row in found.values()} - {None, "denominator_is_zero"}:
        raise ValueError(f"{faults}")
    relative = found["relative"]
    return {
        "CI_direct": {"index": relative["value"], "variance": squared(relative["standard_error"])},
        "CIg_direct": {"index": found["generalised"]["value"]},
        "CIc_direct": {"index": found["erreygers"]["value"]},
        "CIw_direct": {"index": found["wagstaff"]["value"]},
    }


def squared(number: float | None) -> float | None:
    return None if number is None else number**2


ADAPTERS: dict[str, Callable[[Answer], Answer]] = {
    "slope_index_of_inequality": slope_england,
    "slope_index_wls": slope_scotland,
    "concentration_index": concentration,
}
