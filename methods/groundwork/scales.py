"""The natural, log and logit scales: there and back, and standard errors carried from one to another."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, get_args

import polars as pl

from methods.estimates import normal_quantile

Scale = Literal["natural", "log", "logit"]


def to_scale(value: pl.Expr, scale: Scale) -> pl.Expr:
    """The value on a scale: itself, its log (rates) or its log odds (shares); infinite or NaN where it has none.

    Source: Bland and Altman 1996, BMJ 312:700; for shares Berkson 1944, JASA 39:357.
    """
    return {"natural": value, "log": value.log(), "logit": (value / (1 - value)).log()}[_known(scale)]


def from_scale(value: pl.Expr, scale: Scale) -> pl.Expr:
    """The value that stands at this place of a scale: the inverse of `to_scale`.

    Source: as `to_scale`.
    """
    return {"natural": value, "log": value.exp(), "logit": 1 / (1 + (-value).exp())}[_known(scale)]


def standard_error_of_limits(
    lower: pl.Expr, upper: pl.Expr, confidence: float = 0.95, scale: Scale = "natural"
) -> pl.Expr:
    """Standard error that a pair of limits implies, on the scale where they stand even about their value.

    lower, upper: limits of the given confidence. scale: "log" for most rates, "logit" for most shares.
    Returns half the distance over the normal quantile, on that scale; below nought where the limits are crossed,
    infinite or NaN where one does not exist on the scale.

    Source: Altman and Bland 2011, BMJ 343:d2090; PHEindicatormethods 2.1.1 phe_sii, section Transformations.
    """
    low, high = (to_scale(limit.cast(pl.Float64), scale) for limit in (lower, upper))
    return (high - low) / (2 * normal_quantile(confidence))


def error_columns(columns: Collection[str]) -> list[str]:
    """Which columns tell the error of a value: `standard_error` where there is one, else `lower` and `upper`.

    ValueError where there are neither.
    """
    if "standard_error" in columns:
        return ["standard_error"]
    if {"lower", "upper"} <= set(columns):
        return ["lower", "upper"]
    raise ValueError(f"needs the column standard_error, or lower and upper; there are {list(columns)}")


def error_of_value(columns: Collection[str], scale: Scale, errors_on: Scale, given_confidence: float) -> pl.Expr:
    """Standard error of the column `value` on a scale, from its `error_columns` on another.

    errors_on: the scale of `standard_error`, or that on which `lower` and `upper`, of the given confidence, stand even
    about the value. Errors are carried over to first order, by the ratio of the slopes of the two scales. NaN where the
    value has no place on the scale of its error: a log error says nothing of a value of nought.

    Source: the delta method, Oehlert 1992, American Statistician 46:27.
    """
    normal_quantile(given_confidence)
    if error_columns(columns) == ["standard_error"]:
        error = pl.col("standard_error")
    else:
        error = standard_error_of_limits(pl.col("lower"), pl.col("upper"), given_confidence, errors_on)
    if scale == errors_on:
        return error
    placed = to_scale(pl.col("value"), errors_on).is_finite()
    return pl.when(placed).then(error * _steepness(scale) / _steepness(errors_on)).otherwise(error * float("nan"))


def _steepness(scale: Scale) -> pl.Expr:
    """How fast a scale rises at the column `value`."""
    value = pl.col("value")
    return {"natural": pl.lit(1.0), "log": 1 / value, "logit": 1 / (value * (1 - value))}[_known(scale)]


def _known(scale: Scale) -> Scale:
    if scale not in get_args(Scale):
        raise ValueError(f"a scale is one of {get_args(Scale)}, not {scale!r}")
    return scale
