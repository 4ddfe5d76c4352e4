"""What share of all events there would be more, or fewer, if every group had the rate of one of them."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from methods.estimates import normal_quantile
from methods.groundwork.groups import GROUP, measure, measured, numbered_groups
from methods.reasons import reason


def attributable_share(groups: pl.DataFrame, by: Sequence[str] = (), confidence: float = 0.95) -> pl.DataFrame:
    """Share of all events that the rates beyond that of a reference group make up: below nought, what is short.

    groups: one row a group, with columns `by`, `population`, `value` (its rate), `standard_error` of the rate and
    `is_reference` (1 for the group that the others are set against, 0 for the others).
    Returns one row for each of `by`: `by`, `measure`, value, lower, upper, method, reason and `overall`, the mean rate
    by population; sorted. With m that mean and b the reference's rate the share is (m - b) / m: with rates of 4, 4, 4,
    4 and 5 in five groups of one size and the last as reference it is (4.2 - 5) / 4.2 = -19%, so that 19% more events
    would be seen if all had the rate of the last. The limits are normal, by the delta method from the errors of all
    rates, which are taken as independent. The share says how much hangs on the gap, not that it is caused by it.

    Reasons: missing, not_finite, population_not_positive (below nought), outside_range (a rate below nought),
    error_not_usable (below nought), too_few_groups (no reference, or more than one), denominator_is_zero.
    Source: Levin 1953, Acta Unio Internationalis contra Cancrum 9:531; as ScotPHO calculate_inequality_measures
    (e7ee723), which has no limits; delta method, Oehlert 1992, American Statistician 46:27.
    """
    z = normal_quantile(confidence)
    keys, rows = numbered_groups(groups, by, ["population", "value", "standard_error", "is_reference"])
    population, value, error, reference = (pl.col(n) for n in ("population", "value", "standard_error", "is_reference"))
    numbers = (population, value, error, reference)
    share = population / population.sum().over(GROUP)
    rows = rows.with_columns(share=share, is_one=(reference == 1).cast(pl.Float64)).with_columns(
        overall=(pl.col("share") * value).sum().over(GROUP), base=(pl.col("is_one") * value).sum().over(GROUP)
    )
    overall, base = pl.col("overall"), pl.col("base")
    # How fast the share moves with each rate: every rate moves the mean, the reference's moves itself as well.
    slope = pl.col("share") * base / overall**2 - pl.col("is_one") / overall
    fits = rows.group_by(GROUP, maintain_order=True).agg(
        pl.col("overall", "base").first(),
        variance=((slope * error) ** 2).sum(),
        fault=pl.coalesce(
            reason(
                (pl.any_horizontal(n.is_null() for n in numbers).any(), "missing"),
                (pl.any_horizontal(n.is_infinite() for n in numbers).any(), "not_finite"),
                ((population < 0).any() | (population.sum() <= 0), "population_not_positive"),
                ((value < 0).any(), "outside_range"),
                ((error < 0).any(), "error_not_usable"),
                (pl.col("is_one").sum() != 1, "too_few_groups"),
                (pl.col("overall").first() == 0, "denominator_is_zero"),
            )
        ),
    )
    fits = fits.with_columns(pl.when(pl.col("fault").is_null()).then(pl.col("overall")))
    answer, reach = 1 - base / overall, z * pl.col("variance").sqrt()
    none = pl.lit(None)
    limits = (answer - reach, answer + reach)
    return measured(
        keys, fits, [measure("attributable_share", "delta limits", answer, limits, pl.col("fault"), none)], ["overall"]
    )
