"""Summary measures of inequality between groups that stand in no order, such as ethnic groups or boards."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi
from typing import Literal, get_args

import polars as pl
from scipy.special import ndtr

from methods.estimates import normal_quantile
from methods.groundwork.groups import GROUP, measure, measured, numbered_groups
from methods.reasons import reason

Better = Literal["higher", "lower"]
#: What an area says of itself beside its answers.
ABOUT = ("groups_present", "mean", "best")
#: The measures, and how each comes by its limits.
MEASURES = {
    "between_group_variance": "normal limits, quadratic form",
    "between_group_standard_deviation": "root of the limits of the variance",
    "coefficient_of_variation": "root of the delta limits of its square",
    "mean_difference_from_mean": "delta limits, folded normal",
    "mean_difference_from_mean_weighted": "delta limits, folded normal",
    "mean_difference_from_best": "delta limits",
    "mean_difference_from_best_weighted": "delta limits",
    "index_of_disparity": "delta limits, folded normal",
    "index_of_disparity_weighted": "delta limits, folded normal",
    "theil_index": "delta limits to second order",
    "mean_log_deviation": "delta limits to second order",
}
#: Those that are roots of what is summed.
ROOTS = ("between_group_standard_deviation", "coefficient_of_variation")
#: Those that divide by the mean.
RELATIVE = (
    *("coefficient_of_variation", "index_of_disparity", "index_of_disparity_weighted"),
    *("theil_index", "mean_log_deviation"),
)


def disparity_measures(
    groups: pl.DataFrame, by: Sequence[str] = (), *, better: Better, confidence: float = 0.95
) -> pl.DataFrame:
    """Eleven measures of how far groups without an order lie apart, each with its interval.

    groups: one row a group, with columns `by`, `population`, `value` and `standard_error` of the value, all from nought
    up. better: whether the "higher" or the "lower" value is the better. Groups in which nobody lives are left out.
    Returns `by`, `measure`, value, lower, upper, method, reason, `groups_present`, `mean` (by population) and `best`.
    With p the share of a group in the population, y its value, m the mean by population, b the best value and n the
    number of groups, there is a row for each of
    `between_group_variance` sum p (y - m)^2; `between_group_standard_deviation` its root; `coefficient_of_variation`
    that root over m, in percent;
    `mean_difference_from_mean` sum |y - m| / n and `..._weighted` sum p |y - m|;
    `mean_difference_from_best` sum |y - b| / n and `..._weighted` sum p |y - b|;
    `index_of_disparity` and `..._weighted` the mean differences from the mean over m, in percent;
    `theil_index` sum p (y/m) log(y/m), 0 log 0 being 0; `mean_log_deviation` sum -p log(y/m). WHO's Health Equity
    Assessment Toolkit shows the last two times 1,000.

    All are nought where groups are equal and above it otherwise. So limits stop at nought, and sampling error alone
    lifts every one of them: the variance by sum p (1 - p) e^2, e being the standard errors. Where that is not small
    beside the value, groups have not been shown to differ.
    Intervals are normal, by the delta method from the errors of all values, each of which moves the mean. The standard
    error of the between-group variance is exact for independent normal values; its second term is carried into the
    Theil index and the mean log deviation, which are nearly multiples of it. Distances from the mean have a bend at
    nought, where the delta method fails; each is taken as a folded normal, which is the same once values are clear of
    the mean. The best group is taken as known (of several, that with the largest error), so those intervals are too
    narrow, and the values too high, while other groups come within their errors of it. WHO simulates the intervals of
    the mean differences.

    Reasons: missing, not_finite, population_not_positive (below nought), too_few_groups, outside_range (a value below
    nought; a log of nought), error_not_usable, denominator_is_zero, no_limits (the Theil index with a value of nought).
    Source: Schlotheuber and Hosseinpoor 2022, Int J Environ Res Public Health 19:3697; Harper and Lynch 2005, Methods
    for Measuring Cancer Disparities, National Cancer Institute; intervals Ahn and others 2018, JCO Clinical Cancer
    Informatics 2:1; folded normal Leone, Nelson and Nottingham 1961, Technometrics 3:543.
    """
    if better not in get_args(Better):
        raise ValueError(f"better is one of {get_args(Better)}, not {better!r}")
    z = normal_quantile(confidence)
    keys, rows = numbered_groups(groups, by, ["population", "value", "standard_error"])
    sums = [
        part.alias(name + mark)
        for name, parts in _measures().items()
        for part, mark in zip(parts, ("", "_variance"), strict=True)
    ]
    areas = _beside_the_mean(rows, better).group_by(GROUP, maintain_order=True).agg(*_checks(), *sums)
    fault, limit_fault = _faults()
    measures = []
    for name, method in MEASURES.items():
        value, reach = pl.col(name), z * pl.col(f"{name}_variance").sqrt()
        # The limits of a square have roots where the delta method for the root itself fails: near nought.
        power = 0.5 if name in ROOTS else 1
        own, own_limit = _own_faults(name)
        measures.append(
            measure(
                *(name, method, value.clip(0) ** power, [(value - reach).clip(0) ** power, (value + reach) ** power]),
                *(pl.coalesce(fault, own), pl.coalesce(limit_fault, own_limit)),
            )
        )
    areas = areas.with_columns(pl.when(fault.is_null()).then(pl.col("mean", "best")))
    return measured(keys, areas, measures, ABOUT)


def _beside_the_mean(rows: pl.DataFrame, better: Better) -> pl.DataFrame:
    """Rows with the share `p` of each group, its value `y` and error `e`, its distance `d` from the mean `m`.

    Of the distance as a folded normal: `slope`, how fast its mean rises with `d` (the sign of `d`, smoothed), and
    `rest`, what its variance has beyond that of a straight line so steep.
    """
    p, y, e, d, t = (pl.col(name) for name in ("p", "y", "e", "d", "t"))
    present = pl.col("population") > 0
    best = (y.max() if better == "higher" else y.min()).over(GROUP)
    rows = (
        rows.with_columns(
            p=pl.when(present).then(pl.col("population")).otherwise(0.0),
            y=pl.when(present).then("value"),
            e=pl.when(present).then("standard_error"),
        )
        .with_columns(p=p / p.sum().over(GROUP), n=y.is_not_null().sum().over(GROUP), best=best)
        .with_columns(m=(p * y).sum().over(GROUP), is_best=(y == best) & (e == e.filter(y == best).max().over(GROUP)))
        .with_columns(
            d=y - pl.col("m"),
            variance=(e**2 * (1 - 2 * p) + ((p * e) ** 2).sum().over(GROUP)).clip(0),
            is_best=pl.col("is_best") & (pl.col("is_best").cast(pl.Int32).cum_sum().over(GROUP) == 1),
        )
        # Without error and without distance there is nothing to fold.
        .with_columns(t=(d / pl.col("variance").sqrt()).fill_nan(0))
    )
    slope = pl.Series(2 * ndtr(rows["t"].to_numpy()) - 1, nan_to_null=True)
    folded = d * slope + (pl.col("variance") * 2 / pi).sqrt() * (-(t**2) / 2).exp()
    rest = d**2 + pl.col("variance") - folded**2 - slope**2 * pl.col("variance")
    return rows.with_columns(slope=slope, rest=rest.clip(0))


def _measures() -> dict[str, tuple[pl.Expr, pl.Expr]]:
    """Each measure (of those that are roots, the square) and its variance, as sums over the groups of an area."""
    p, y, e, d, m, slope, rest = (pl.col(name) for name in ("p", "y", "e", "d", "m", "slope", "rest"))
    mean, evenly = m.first(), 1 / pl.col("n")

    def variance(pulls: pl.Expr) -> pl.Expr:
        """From how far each value pulls at the measure."""
        return ((pulls * e) ** 2).sum()

    spread = (p * d**2).sum()
    # Twice the squared trace of the quadratic form: what the errors add to each other.
    second = 2 * (((p * (1 - p) * e**2) ** 2).sum() + ((p * e) ** 2).sum() ** 2 - ((p * e) ** 4).sum())
    square = spread / mean**2
    found = {
        "between_group_variance": (spread, variance(2 * p * d) + second),
        "between_group_standard_deviation": (spread, variance(2 * p * d) + second),
        "coefficient_of_variation": (
            1e4 * square,
            1e8 * (variance(2 * p * (d / mean**2 - square / mean)) + second / mean**4),
        ),
    }
    for mark, w in (("", evenly), ("_weighted", p)):
        far = (w * d.abs()).sum()
        pulls = w * slope - p * (w * slope).sum()
        bend = (w**2 * rest).sum()
        found |= {
            f"mean_difference_from_mean{mark}": (far, variance(pulls) + bend),
            f"mean_difference_from_best{mark}": (
                (w * (y - pl.col("best")).abs()).sum(),
                variance(pl.col("is_best").cast(pl.Float64) - w),
            ),
            f"index_of_disparity{mark}": (
                100 * far / mean,
                1e4 * (variance((pulls - p * far / mean) / mean) + bend / mean**2),
            ),
        }
    theil = (p * _times_log(y / m)).sum()
    return found | {
        "theil_index": (theil, variance(p * ((y / m).log() - theil) / m) + second / (4 * mean**4)),
        "mean_log_deviation": (-(p * (y / m).log()).sum(), variance(p * (1 / m - 1 / y)) + second / (4 * mean**4)),
    }


def _times_log(number: pl.Expr) -> pl.Expr:
    """A number times its log, 0 for nought."""
    return pl.when(number > 0).then(number * number.log()).otherwise(number * 0)


def _checks() -> list[pl.Expr]:
    """What is known of an area beside its measures, and what may be wrong with it."""
    population, y, e, present = (pl.col(name) for name in ("population", "y", "e", "p"))
    present = present > 0
    return [
        pl.col("m").first().alias("mean"),
        pl.col("best").first(),
        present.sum().alias("groups_present"),
        (population.is_null() | (present & y.is_null())).any().alias("is_missing"),
        (population.is_infinite() | y.is_infinite()).any().alias("is_infinite"),
        (population < 0).any().alias("is_population_negative"),
        (y < 0).any().alias("is_negative"),
        (y == 0).any().alias("has_nought"),
        (present & e.is_null()).any().alias("is_error_missing"),
        e.is_infinite().any().alias("is_error_infinite"),
        (e < 0).any().alias("is_error_negative"),
    ]


def _faults() -> tuple[pl.Expr, pl.Expr]:
    """Why an area has no measures, and why it has no limits to them."""
    return reason(
        (pl.col("is_missing"), "missing"),
        (pl.col("is_infinite"), "not_finite"),
        (pl.col("is_population_negative"), "population_not_positive"),
        (pl.col("is_negative"), "outside_range"),
        (pl.col("groups_present") < 2, "too_few_groups"),
    ), reason(
        (pl.col("is_error_missing"), "missing"),
        (pl.col("is_error_infinite"), "not_finite"),
        (pl.col("is_error_negative"), "error_not_usable"),
    )


def _own_faults(name: str) -> tuple[pl.Expr, pl.Expr]:
    """The same of one measure: a mean of nought to divide by, a value of nought whose log is taken."""
    never = pl.lit(False)
    nought = pl.col("has_nought")
    return reason(
        ((pl.col("mean") == 0) if name in RELATIVE else never, "denominator_is_zero"),
        (nought if name == "mean_log_deviation" else never, "outside_range"),
    ), reason((nought if name == "theil_index" else never, "no_limits"))
