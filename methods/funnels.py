"""Whether units of unequal size differ from their average by more than chance allows: limits of funnel plots."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from methods.estimates import normal_quantile
from methods.groundwork.count_quantiles import rate_quantile, share_quantile
from methods.proportions import wilson_interval
from methods.rates import rate_interval
from methods.reasons import REASON, reason

Numbers = NDArray[np.float64]

#: What a unit's value is, and the scales on which its spread is steady, the usual one first.
SCALES = {
    "proportion": ("arcsine",),
    "rate": ("log", "square root"),
    "ratio": ("log", "square root"),
    "count ratio": ("log",),
}
#: The forms of limits that a kind can have, the usual one first.
FORMS = {
    "proportion": ("score", "exact", "transformed"),
    "rate": ("exact", "transformed"),
    "ratio": ("exact", "transformed"),
    "count ratio": ("transformed",),
}

#: How far a unit is from the average, by the chance of its tail; the gravest comes first.
SIGNIFICANCE = {
    "high_0.001": "Above the average: chance alone goes so far less than once in 1,000 times",
    "low_0.001": "Below the average: chance alone goes so far less than once in 1,000 times",
    "high_0.025": "Above the average: chance alone goes so far less than 25 times in 1,000",
    "low_0.025": "Below the average: chance alone goes so far less than 25 times in 1,000",
    "not_significant": "Not different from the average beyond chance",
}

_LIMITS = ("confidence", "value", "lower", "upper", "baseline", "outside", "method", "reason")


def funnel_limits(
    units: pl.DataFrame,
    kind: str,
    form: str | None = None,
    by: Sequence[str] = (),
    levels: Sequence[float] = (0.95, 0.998),
    baseline: float | None = None,
    overdispersion: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Control limits at each unit's own size: between them its value lies, chance allowing, if it is at the average.

    units: one row a unit, with columns `by`, `numerator` and `denominator`.
    kind: "proportion" (a count among its total), "rate" (events over population or time), "ratio" (observed over
    expected, with average 1) or "count ratio" (one count over another).
    form: "score" (proportions only, and then the usual one: the values whose Wilson interval just touches the average,
    which are p -/+ z sqrt(p (1 - p) / n); not cut at 0 and 1, as in the reference), "exact" (the usual one for rates
    and ratios: interpolated binomial or Poisson quantiles, never outside what can be) or "transformed" (normal limits
    on the scale on which the spread is steady; the only one for count ratios).
    levels: confidence of the limits. baseline: the average, where it is not that of the units together.
    overdispersion: what `measure_overdispersion` gives for these units. "transformed" then adds tau2 to each variance;
    "exact" takes the beta-binomial or gamma-Poisson distribution whose units differ with variance tau2.
    Returns the columns of `units` and, one row a unit and level, `confidence`, `value`, `lower`, `upper`, `baseline`,
    `outside` ("high", "low", "within"; strict), `method` and `reason`. A unit without a numerator has limits but no
    value. Units with a fault take no part in the average.

    Reasons: missing, not_finite, total_not_positive, negative_count, count_above_total, not_whole_counts (a size, for
    exact limits of a proportion), too_few_groups (a unit alone is its own average), average_at_edge, no_limits (no beta
    distribution is as spread out as the units); those of `measure_overdispersion`.
    Source: Spiegelhalter 2005, Statistics in Medicine 24:1185 (exact limits, appendix A.1); R PHEindicatormethods 2.1.1
    (score); Spiegelhalter and others 2012, Journal of the Royal Statistical Society A 175:1 (overdispersion); Skellam
    1948, Journal of the Royal Statistical Society B 10:257 (beta-binomial).
    """
    by = list(by)
    form = _checked_form(kind, form, levels, overdispersion is not None)
    frame = _with_average(units, kind, by, baseline)
    frame = frame.with_columns(fault_=pl.coalesce("unit_fault_", "group_fault_"))
    found = _limits_at_levels(frame, kind, form, by, levels, overdispersion)
    return found.select(*units.columns, *_LIMITS)


def funnel_curve(
    units: pl.DataFrame,
    kind: str,
    form: str | None = None,
    by: Sequence[str] = (),
    levels: Sequence[float] = (0.95, 0.998),
    baseline: float | None = None,
    overdispersion: pl.DataFrame | None = None,
    points: int = 100,
) -> pl.DataFrame:
    """The limits of `funnel_limits` at sizes from the smallest unit to the largest, to draw the funnel with.

    Inputs as in `funnel_limits`; points: how many sizes, as `funnel_sizes` gives them. Limits of a proportion are cut
    at 0 and 1. Returns one row a group, size and level: `by`, `denominator`, `confidence`, `value` (the average),
    `lower`, `upper`, `method` and `reason`. A group without a usable unit has no rows.

    Reasons: too_few_groups, average_at_edge, no_limits; those of `measure_overdispersion`.
    Source: as `funnel_limits`.
    """
    by = list(by)
    form = _checked_form(kind, form, levels, overdispersion is not None)
    usable = _with_average(units, kind, by, baseline).filter(
        pl.col("unit_fault_").is_null() & pl.col("count_").is_not_null()
    )
    ends = _each_group(
        usable,
        by,
        pl.col("size_").min().alias("smallest"),
        pl.col("size_").max().alias("largest"),
        pl.col("average_").first(),
        pl.col("group_fault_").first().alias("fault_"),
    )
    sizes = funnel_sizes(ends["smallest"].to_numpy(), ends["largest"].to_numpy(), points, whole=kind == "proportion")
    grid = (
        ends.with_columns(size_=pl.Series(sizes.tolist(), dtype=pl.List(pl.Float64)).list.unique(maintain_order=True))
        .explode("size_")
        .with_columns(count_=pl.col("size_") * pl.col("average_"))
    )
    found = _limits_at_levels(grid, kind, form, by, levels, overdispersion)
    if kind == "proportion":
        found = found.with_columns(pl.col("lower").clip(0.0, None), pl.col("upper").clip(None, 1.0))
    shown = (name for name in _LIMITS if name not in ("baseline", "outside"))
    return found.select(*by, pl.col("size_").alias("denominator"), *shown)


def funnel_sizes(smallest: Numbers, largest: Numbers, points: int = 100, whole: bool = False) -> Numbers:
    """Sizes from the smallest to the largest, at equal steps of the logarithm: one row a pair, `points` columns.

    smallest, largest: arrays of one length, above 0. whole: each size is a whole number and at least one above the
    size before it, until the largest is reached; the ends are whole then.

    Source: R PHEindicatormethods 2.1.1, whose sizes the whole ones are.
    """
    if points < 2:
        raise ValueError(f"a curve needs at least 2 points, not {points}")
    if not whole:
        return np.geomspace(smallest, largest, points, axis=-1)
    sizes = np.empty((len(smallest), points))
    sizes[:, 0] = smallest
    for place in range(1, points):
        before = sizes[:, place - 1]
        step = np.rint(before * (largest / before) ** (1 / (points - place)))
        sizes[:, place] = np.minimum(np.maximum(step, before + 1), largest)
    return sizes


def funnel_significance(
    units: pl.DataFrame,
    kind: str,
    by: Sequence[str] = (),
    baseline: float | None = None,
    fewest_events: float = 0,
) -> pl.DataFrame:
    """Each unit's value with its own 95% interval, and a word for how far it is from the average.

    A unit is apart where the average is outside its own Wilson interval (proportions; the same as being outside the
    score limits of `funnel_limits`) or Poisson interval (rates, ratios), at 95% or at 99.8%.

    units, kind, baseline: as in `funnel_limits`, less the count ratio. For directly standardised rates give the events
    and, as denominator, the events over the rate; and fewest_events=10, under which a unit is not judged.
    Returns the columns of `units` and `value`, `lower`, `upper`, `baseline`, `significance` (a key of SIGNIFICANCE),
    `method` and `reason`. With many units some are apart by chance: control the false discoveries elsewhere.

    Reasons: those of `funnel_limits` that concern a unit or the average; too_few_events.
    Source: R PHEindicatormethods 2.1.1 and PHE Technical Guide, Funnel plots.
    """
    if kind not in ("proportion", "rate", "ratio"):
        raise ValueError(f"significance is for a proportion, rate or ratio, not {kind!r}")
    count, size, average = pl.col("count_"), pl.col("size_"), pl.col("average_")

    def own_interval(level: float) -> pl.Expr:
        if kind == "proportion":
            return wilson_interval(count, size, confidence=level)
        return rate_interval(count, size, confidence=level)

    few = reason((count.is_null(), "missing"), (count < fewest_events, "too_few_events"))
    frame = _with_average(units, kind, list(by), baseline).with_columns(
        fault_=pl.coalesce("unit_fault_", few, "group_fault_"),
        near_=own_interval(0.95),
        far_=own_interval(0.998),
    )
    near, far = pl.col("near_").struct, pl.col("far_").struct
    sound = pl.col("fault_").is_null()
    word = (
        pl.when(far.field("lower") > average)
        .then(pl.lit("high_0.001"))
        .when(far.field("upper") < average)
        .then(pl.lit("low_0.001"))
        .when(near.field("lower") > average)
        .then(pl.lit("high_0.025"))
        .when(near.field("upper") < average)
        .then(pl.lit("low_0.025"))
        .otherwise(pl.lit("not_significant"))
    )
    return frame.with_columns(
        *(pl.when(sound).then(near.field(name)).alias(name) for name in ("value", "lower", "upper")),
        average.alias("baseline"),
        pl.when(sound).then(word).cast(pl.Enum(list(SIGNIFICANCE))).alias("significance"),
        near.field("method").alias("method"),
        pl.col("fault_").alias("reason"),
    ).select(*units.columns, "value", "lower", "upper", "baseline", "significance", "method", "reason")


def funnel_scores(
    units: pl.DataFrame, kind: str, by: Sequence[str] = (), baseline: float | None = None, scale: str | None = None
) -> pl.DataFrame:
    """How many of its own standard errors each unit is from the average, on a scale on which the spread is steady.

    units, kind, baseline: as in `funnel_limits`. scale: "arcsine" (of the square root; proportions), "log" (the usual
    one else, as in the SHMI) or "square root" (of rates and ratios, as the Care Quality Commission had it).
    With E the denominator times the average, standard errors are 1 / (2 sqrt n), 1 / sqrt E and 1 / (2 sqrt E); for a
    count ratio x / n, sqrt(x / (x + 0.5)^2 + n / (n + 0.5)^2) of log((x + 0.5) / (n + 0.5)).
    Returns the columns of `units` and `value`, `score`, `standard_error`, `baseline`, `method` and `reason`.

    A rate or ratio without events has no logarithm, for which the reference gives minus infinity; half an event is
    added here to its events and to E.

    Reasons: those of `funnel_limits` that concern a unit or the average.
    Source: Spiegelhalter 2005, Statistics in Medicine 24:1185; R FunnelPlotR 0.6.0.
    """
    scale = _checked_scale(kind, scale)
    frame = _with_average(units, kind, list(by), baseline)
    fault = pl.coalesce("unit_fault_", reason((pl.col("count_").is_null(), "missing")), "group_fault_")
    distance, error = _distance_and_error(kind, scale)
    sound = fault.is_null()
    return frame.with_columns(
        value=pl.when(pl.col("unit_fault_").is_null()).then(pl.col("count_") / pl.col("size_")),
        score=pl.when(sound).then(distance / error),
        standard_error=pl.when(sound).then(error),
        baseline=pl.col("average_"),
        method=pl.lit(f"Score, {scale} scale"),
        reason=fault,
    ).select(*units.columns, "value", "score", "standard_error", "baseline", "method", "reason")


def measure_overdispersion(
    units: pl.DataFrame,
    kind: str,
    by: Sequence[str] = (),
    baseline: float | None = None,
    scale: str | None = None,
    outliers: str = "winsorise",
    share: float = 0.1,
) -> pl.DataFrame:
    """How much more units differ than chance allows: the dispersion ratio phi and the variance tau2 between units.

    units, kind, baseline, scale: as in `funnel_scores`. outliers: what is done with the scores in the first and in the
    last `share` of them, so that units apart do not widen the limits that they are judged by: "winsorise" (moved to the
    quantile, type 7) or "trim" (left out, by rank, as in the SHMI).
    phi is the mean square of the scores; tau2 = (N phi - (N - 1)) / (sum w - sum w^2 / sum w), w = 1 / error^2, and
    nought where that is negative.
    Returns one row a group: `by`, `units` (N, those that count), `baseline`, `phi`, `tau2`, `scale`, `method` and
    `reason`. phi and tau2 have no interval here.

    Reasons: too_few_groups (fewer than 2 units that count), average_at_edge.
    Source: Spiegelhalter and others 2012, Journal of the Royal Statistical Society A 175:1; DerSimonian and Laird 1986,
    Controlled Clinical Trials 7:177; R FunnelPlotR 0.6.0; SAS PROC RANK (the tenths of trimming).
    """
    if outliers not in ("winsorise", "trim"):
        raise ValueError(f"outliers are dealt with by 'winsorise' or 'trim', not {outliers!r}")
    if not 0 <= share < 0.5:
        raise ValueError(f"the share of outliers at each end is at least 0 and under 0.5, not {share}")
    by = list(by)
    scale = _checked_scale(kind, scale)
    score = pl.col("score")
    scored = funnel_scores(units, kind, by, baseline, scale)
    if outliers == "winsorise":
        low, high = (_over(score.quantile(edge, "linear"), by) for edge in (share, 1 - share))
        kept = scored.with_columns(score.clip(low, high))
    else:
        # Part r / (n + 1) of the scores is below rank r; a part that is a whole number of shares falls to its right.
        below = _over(score.rank("average"), by) / (_over(score.count(), by) + 1)
        inside = (below >= share - 1e-12) & (below < 1 - share - 1e-12)
        kept = scored.with_columns(pl.when(inside).then(score))
    count, weight = score.count(), pl.when(score.is_not_null()).then(pl.col("standard_error") ** -2)
    excess = (score**2).sum() - (count - 1)
    found = _each_group(
        kept,
        by,
        count.alias("units"),
        pl.col("baseline").first(),
        (score**2).mean().alias("phi"),
        (excess / (weight.sum() - (weight**2).sum() / weight.sum())).clip(0.0, None).alias("tau2"),
        (pl.col("reason") == "average_at_edge").any().alias("at_edge"),
    )
    fault = reason((pl.col("at_edge"), "average_at_edge"), (pl.col("units") < 2, "too_few_groups"))
    return found.select(
        *by,
        "units",
        "baseline",
        *(pl.when(fault.is_null()).then(name).alias(name) for name in ("phi", "tau2")),
        pl.lit(scale).alias("scale"),
        pl.lit(f"Additive, {scale} scale, {'winsorised' if outliers == 'winsorise' else 'trimmed'}").alias("method"),
        fault.alias("reason"),
    )


def _checked_form(kind: str, form: str | None, levels: Sequence[float], overdispersed: bool) -> str:
    """The form of the limits, the usual one where none is named; ValueError where the parameters do not go together."""
    if kind not in FORMS:
        raise ValueError(f"kind is one of {list(FORMS)}, not {kind!r}")
    if not levels:
        raise ValueError("levels names at least one level of confidence, such as 0.95")
    for level in levels:
        normal_quantile(level)
    usual = FORMS[kind][0]
    form = form or ("exact" if overdispersed and usual == "score" else usual)
    if form not in FORMS[kind]:
        raise ValueError(f"the form of limits of a {kind} is one of {FORMS[kind]}, not {form!r}")
    if form == "score" and overdispersed:
        raise ValueError("score limits take no overdispersion: ask for 'exact' or 'transformed'")
    return form


def _checked_scale(kind: str, scale: str | None) -> str:
    if kind not in SCALES:
        raise ValueError(f"kind is one of {list(SCALES)}, not {kind!r}")
    if scale is not None and scale not in SCALES[kind]:
        raise ValueError(f"the scale of a {kind} is one of {SCALES[kind]}, not {scale!r}")
    return scale or SCALES[kind][0]


def _with_average(units: pl.DataFrame, kind: str, by: list[str], baseline: float | None) -> pl.DataFrame:
    """The units with `count_`, `size_`, `average_`, and why a unit (a null count apart) or its average is of no use."""
    if absent := [name for name in (*by, "numerator", "denominator") if name not in units.columns]:
        raise ValueError(f"columns {absent} are missing; there are {units.columns}")
    if clash := sorted(set(units.columns) & {*_LIMITS, "score", "standard_error", "significance"}):
        raise ValueError(f"the answer has columns of its own named {clash}: give those of the units other names")
    highest = 1 if kind == "proportion" else float("inf")
    if baseline is not None and not (0 <= baseline <= highest and np.isfinite(baseline)):
        raise ValueError(f"baseline is a finite number from 0, and of proportions to 1, not {baseline}")
    count, size, average = pl.col("count_"), pl.col("size_"), pl.col("average_")
    whole = pl.lit(float("inf")) if kind != "proportion" else size
    used = pl.col("unit_fault_").is_null() & count.is_not_null()
    if kind == "ratio" and baseline is None:
        baseline = 1.0
    alone = (_over(used.sum(), by) == 1) & pl.lit(baseline is None)
    together = _over(count.filter(used).sum(), by) / _over(size.filter(used).sum(), by)
    edge = (average <= 0) | ((average >= 1) & pl.lit(kind == "proportion"))
    return (
        units.with_columns(count_=_number("numerator"), size_=_number("denominator"))
        .with_columns(
            unit_fault_=reason(
                (size.is_null(), "missing"),
                (size.is_infinite() | count.is_infinite(), "not_finite"),
                (size <= 0, "total_not_positive"),
                (count < 0, "negative_count"),
                (count > whole, "count_above_total"),
            )
        )
        .with_columns(average_=(together if baseline is None else pl.lit(float(baseline))).fill_nan(None))
        .with_columns(
            group_fault_=reason((average.is_null(), "missing"), (alone, "too_few_groups"), (edge, "average_at_edge"))
        )
    )


def _limits_at_levels(
    frame: pl.DataFrame,
    kind: str,
    form: str,
    by: list[str],
    levels: Sequence[float],
    overdispersion: pl.DataFrame | None,
) -> pl.DataFrame:
    """The frame of `count_`, `size_`, `average_` and `fault_`, each row once a level, with the columns of _LIMITS."""
    frame, scale = _with_spread(frame, kind, by, overdispersion)
    size, tau2 = pl.col("size_"), pl.col("tau2_")
    is_exact_share = pl.lit(form == "exact" and kind == "proportion")
    unfit = reason(
        (tau2.is_null(), "missing"),
        (is_exact_share & (size % 1 != 0), "not_whole_counts"),
        (is_exact_share & (tau2 >= 0.25), "no_limits"),
    )
    frame = frame.with_columns(fault_=pl.coalesce("fault_", "spread_fault_", unfit)).with_row_index("row_")
    sound = frame["fault_"].is_null().to_numpy()
    # Rows with a fault go through the formulas as a unit of size 1 at one half, and come out null.
    numbers = [
        np.where(sound, frame[name].fill_null(0.5).to_numpy(), idle)
        for name, idle in (("size_", 1.0), ("average_", 0.5), ("tau2_", 0.0))
    ]
    method = _method(kind, form, scale, overdispersion is not None)
    found = []
    for level in levels:
        lower, upper = _limits_at(kind, form, scale, level, *numbers)
        found.append(frame.with_columns(confidence=pl.lit(float(level)), lower_=lower, upper_=upper))
    known, value = pl.col("fault_").is_null(), pl.col("count_") / size
    value = pl.when(pl.col("fault_").is_null() | pl.col("fault_").is_in(_VALUE_STANDS)).then(value)
    return (
        pl.concat(found)
        .sort("row_", "confidence")
        .with_columns(
            value=value,
            lower=pl.when(known).then("lower_"),
            upper=pl.when(known).then("upper_"),
            baseline=pl.col("average_"),
            method=pl.lit(method),
            reason=pl.coalesce("fault_", reason((pl.col("count_").is_null(), "missing"))),
        )
        .with_columns(
            outside=pl.when(pl.col("value") > pl.col("upper"))
            .then(pl.lit("high"))
            .when(pl.col("value") < pl.col("lower"))
            .then(pl.lit("low"))
            .when(pl.col("value").is_not_null() & pl.col("lower").is_not_null())
            .then(pl.lit("within"))
        )
    )


#: Faults of the limits alone: the unit's value is known none the less.
_VALUE_STANDS = ["too_few_groups", "average_at_edge", "not_whole_counts", "no_limits"]


def _with_spread(
    frame: pl.DataFrame, kind: str, by: list[str], overdispersion: pl.DataFrame | None
) -> tuple[pl.DataFrame, str]:
    """The frame with `tau2_` and `spread_fault_` of its group, and the scale that tau2 is on."""
    if overdispersion is None:
        return frame.with_columns(tau2_=pl.lit(0.0), spread_fault_=pl.lit(None, REASON)), SCALES[kind][0]
    if absent := [name for name in (*by, "tau2", "scale", "reason") if name not in overdispersion.columns]:
        raise ValueError(f"overdispersion is what measure_overdispersion gives, but it has no {absent}")
    spread = overdispersion.select(*by, tau2_="tau2", spread_fault_="reason")
    scales = overdispersion["scale"].unique().to_list() or [SCALES[kind][0]]
    scale = _checked_scale(kind, scales[0])
    how = {"on": by, "how": "left", "nulls_equal": True, "maintain_order": "left"} if by else {"how": "cross"}
    return frame.join(spread, **how), scale


def _limits_at(
    kind: str, form: str, scale: str, level: float, size: Numbers, average: Numbers, tau2: Numbers
) -> tuple[Numbers, Numbers]:
    """Lower and upper limit at each size."""
    if form == "transformed":
        return _transformed_limits(kind, scale, normal_quantile(level), size, average, tau2)
    if form == "score":
        reach = normal_quantile(level) * np.sqrt(average * (1 - average) / size)
        return average - reach, average + reach
    tail = (1 - level) / 2
    exact = share_quantile if kind == "proportion" else rate_quantile
    spread = tau2 * (4 if scale == "square root" else 1)
    lower, upper = exact(tail, size, average, spread), exact(1 - tail, size, average, spread)
    return lower, upper


def _transformed_limits(
    kind: str, scale: str, z: float, size: Numbers, average: Numbers, tau2: Numbers
) -> tuple[Numbers, Numbers]:
    """Normal limits on the scale, turned back to values."""
    if scale == "arcsine":
        middle, reach = np.arcsin(np.sqrt(average)), z * np.sqrt(1 / (4 * size) + tau2)
        return np.sin(np.maximum(middle - reach, 0)) ** 2, np.sin(np.minimum(middle + reach, np.pi / 2)) ** 2
    expected = size * average
    if scale == "square root":
        reach = z * np.sqrt(1 / (4 * expected) + tau2)
        return average * np.maximum(1 - reach, 0) ** 2, average * (1 + reach) ** 2
    # Both counts of a count ratio vary.
    variance = 1 / expected + (1 / size if kind == "count ratio" else 0)
    reach = z * np.sqrt(variance + tau2)
    return average * np.exp(-reach), average * np.exp(reach)


def _distance_and_error(kind: str, scale: str) -> tuple[pl.Expr, pl.Expr]:
    """How far a unit is from the average on the scale, and the standard error of that."""
    count, size, average = pl.col("count_"), pl.col("size_"), pl.col("average_")
    if scale == "arcsine":
        return (count / size).sqrt().arcsin() - average.sqrt().arcsin(), 1 / (2 * size.sqrt())
    expected = size * average
    if scale == "square root":
        return (count / expected).sqrt() - 1, 1 / (2 * expected.sqrt())
    if kind == "count ratio":
        distance = ((count + 0.5) / (size + 0.5)).log() - average.log()
        return distance, (count / (count + 0.5) ** 2 + size / (size + 0.5) ** 2).sqrt()
    ratio = pl.when(count > 0).then(count / expected).otherwise(0.5 / (expected + 0.5))
    return ratio.log(), 1 / expected.sqrt()


def _method(kind: str, form: str, scale: str, overdispersed: bool) -> str:
    """What was done, in words."""
    if form == "score":
        return "Score"
    if form == "transformed":
        return f"Normal on the {scale} scale" + (", additive overdispersion" if overdispersed else "")
    if kind == "proportion":
        return "Beta-binomial" if overdispersed else "Exact binomial"
    return "Gamma-Poisson" if overdispersed else "Exact Poisson"


def _number(name: str) -> pl.Expr:
    """The column as floats, NaN taken as missing."""
    return pl.col(name).cast(pl.Float64).fill_nan(None)


def _over(expression: pl.Expr, by: list[str]) -> pl.Expr:
    return expression.over(by) if by else expression


def _each_group(frame: pl.DataFrame, by: list[str], *aggregates: pl.Expr) -> pl.DataFrame:
    """One row a group, in the order of `by`; none where the frame is empty."""
    return (
        frame.group_by(by or pl.repeat(0, pl.len()).alias("all_"))
        .agg(aggregates)
        .sort(by or "all_")
        .select(pl.exclude("all_"))
    )
