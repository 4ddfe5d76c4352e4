"""How evenly people are spread over groups: diversity indices, with the intervals that the usual packages lack."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from methods.estimates import FIELDS, normal_quantile
from methods.reasons import reason

#: The measures that `diversity_indices` gives.
MEASURES = ("simpson", "simpson_unbiased", "inverse_simpson", "shannon", "pielou_evenness")


def diversity_indices(
    counts: pl.DataFrame, by: Sequence[str] = (), base: float = math.e, confidence: float = 0.95
) -> pl.DataFrame:
    """Shannon, Simpson and Pielou indices of each sample, with the interval of each in the population sampled.

    counts: one row a sample and group, with columns `by` and `count`, the people of the sample in the group. Groups of
    nought may be given or left out. Shares are taken too; they have no unbiased index and no limits, since these rest
    on how many people there were. base: of Shannon's logarithm.
    Returns one row a measure and sample: `by`, `measure` (one of MEASURES), `total`, `richness` (groups seen: a count
    and no estimate, so without limits), value, lower, upper, method, reason; sorted by `by` within each measure.
    shannon is -sum(p log p); simpson 1 - sum(p^2), the chance that two people drawn with replacement differ in group;
    simpson_unbiased the same without replacement; inverse_simpson 1/sum(p^2); pielou_evenness shannon/log(richness).

    Limits are those of the index among all from whom the sample comes. Shannon's are centred on the value plus
    (richness - 1)/(2 total), since the plain value is too low, and moved out to hold the value; Pielou's are Shannon's
    over log(richness), at most 1. The three of Simpson share one interval, of the logarithm of the unbiased sum(p^2).
    From about 100 people nine to ten in ten intervals hold the true index; where many groups are too rare to be seen,
    Shannon's upper limit is too low, and from 30 people as few as eight in ten hold it.
    A sample of nobody is not answered: vegan 2.6-4 says Shannon 0, Simpson 1 and inverse infinite for it, which reads
    as the most diverse of all.

    Reasons: missing, not_finite, negative_count, total_not_positive, not_whole_counts, denominator_is_zero (unbiased
    index of one person), too_few_groups (evenness of one group), no_variation (limits where one group is seen),
    no_limits (inverse index where no two people share a group).
    Source: Shannon 1948, Bell System Technical Journal 27:379; Simpson 1949, Nature 163:688, index and variance;
    Pielou 1966, Journal of Theoretical Biology 13:131; Hutcheson 1970, Journal of Theoretical Biology 29:151, variance
    of Shannon; Miller 1955, Information Theory in Psychology 95, its bias; values as vegan 2.6-4.
    """
    if not 1 < base < math.inf:
        raise ValueError(f"base of the logarithm is a number above 1, not {base}")
    z = normal_quantile(confidence)
    samples = _sums(counts, list(by)).lazy()
    return pl.concat(
        samples.select(*by, pl.lit(found.measure).alias("measure"), "total", "richness", found.answer()).unnest(
            "answer"
        )
        for found in (*_simpson(z), *_shannon(z, math.log(base)))
    ).collect()


TOTAL, RICHNESS = pl.col("total"), pl.col("richness")
Conditions = tuple[tuple[pl.Expr, str], ...]
#: Why a sample has no index at all; and why an index has no limits.
FAULTS: Conditions = (
    (pl.col("missing"), "missing"),
    (~TOTAL.is_finite(), "not_finite"),
    (pl.col("negative"), "negative_count"),
    (TOTAL <= 0, "total_not_positive"),
)
NOT_WHOLE = (~pl.col("whole"), "not_whole_counts")
GAPS: Conditions = (NOT_WHOLE, (RICHNESS == 1, "no_variation"))


class _Measure(NamedTuple):
    measure: str
    value: pl.Expr
    lower: pl.Expr
    upper: pl.Expr
    method: str
    #: What this measure wants beyond FAULTS, and beyond GAPS.
    faults: Conditions = ()
    gaps: Conditions = ()

    def answer(self) -> pl.Expr:
        """A struct of FIELDS: nothing where there is a fault, a value without limits where there is a gap."""
        fault, gap = reason(*FAULTS, *self.faults), reason(*GAPS, *self.gaps)
        why = pl.coalesce(fault, gap)
        return pl.struct(
            pl.when(fault.is_null()).then(self.value).alias("value"),
            pl.when(why.is_null()).then(self.lower).alias("lower"),
            pl.when(why.is_null()).then(self.upper).alias("upper"),
            pl.lit(self.method).alias("method"),
            why.alias("reason"),
        ).alias("answer")


def _shannon(z: float, unit: float) -> tuple[_Measure, ...]:
    """Shannon's index in a unit of its logarithm, and Pielou's evenness, which is in no unit."""
    # One group is set apart, so that its index is nought exactly and not to rounding.
    index = pl.when(RICHNESS == 1).then(0.0).otherwise(TOTAL.log() - pl.col("n_log") / TOTAL)
    # The first term of the variance is that of log p from person to person.
    variance = (pl.col("n_log_2") / TOTAL - (pl.col("n_log") / TOTAL) ** 2).clip(0) / TOTAL
    spread = z * (variance + (RICHNESS - 1) / (2 * TOTAL**2)).sqrt()
    middle = index + (RICHNESS - 1) / (2 * TOTAL)
    lower, upper = pl.min_horizontal(index, middle - spread).clip(0), middle + spread
    even = RICHNESS.cast(pl.Float64).log()
    method = "Hutcheson variance, bias by Miller"
    return (
        _Measure("shannon", index / unit, lower / unit, upper / unit, method),
        _Measure(
            *("pielou_evenness", index / even, lower / even, (upper / even).clip(upper_bound=1), method),
            faults=((RICHNESS == 1, "too_few_groups"),),
        ),
    )


def _simpson(z: float) -> tuple[_Measure, ...]:
    """The three forms of Simpson's index, from the chance that two people share a group."""
    squares, cubes = pl.col("n_2") / TOTAL**2, pl.col("n_3") / TOTAL**3
    shared = (pl.col("n_2") - TOTAL) / (TOTAL * (TOTAL - 1))
    variance = (4 * (TOTAL - 2) * cubes + 2 * squares - 2 * (2 * TOTAL - 3) * squares**2) / (TOTAL * (TOTAL - 1))
    reach = z * variance.clip(0).sqrt()
    # Where no two people share a group there is no logarithm, and nothing bounds the chance from below.
    most = pl.when(shared > 0).then(shared * (reach / shared).exp()).otherwise(reach)
    most = pl.max_horizontal(squares, most).clip(upper_bound=1)
    least = pl.when(shared > 0).then(shared * (-reach / shared).exp()).otherwise(0.0)
    method = "Simpson variance, log scale"
    return (
        _Measure("simpson", 1 - squares, 1 - most, 1 - least, method),
        _Measure(
            *("simpson_unbiased", 1 - shared, 1 - most, 1 - least, method),
            faults=(NOT_WHOLE, (TOTAL == 1, "denominator_is_zero")),
        ),
        _Measure(
            *("inverse_simpson", 1 / squares, 1 / most, 1 / least, method),
            gaps=((shared <= 0, "no_limits"),),
        ),
    )


def _sums(counts: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """One row a sample, sorted: all sums that the indices and their variances need, from one pass over the counts."""
    if clash := sorted(set(by) & {"count", "measure", "total", "richness", *FIELDS}):
        raise ValueError(f"by names the samples, so it cannot be {clash}, which the method reads or gives")
    if absent := [name for name in [*by, "count"] if name not in counts.columns]:
        raise ValueError(f"columns {absent} are missing; there are {counts.columns}")
    if not (counts.schema["count"].is_numeric() or counts.schema["count"] == pl.Null):
        raise ValueError(f"count holds {counts.schema['count']}, not numbers")
    n = pl.col("count")
    # Rows of nought give nought to every sum, also where the logarithm does not exist.
    log = pl.when(n > 0).then(n.log()).otherwise(0.0)
    rows = counts.lazy().select(*by, n.cast(pl.Float64)).with_columns(log=log)
    aggregates = [
        (n.is_null() | n.is_nan()).any().alias("missing"),
        (n < 0).any().alias("negative"),
        (n == n.round()).all().alias("whole"),
        n.sum().alias("total"),
        (n > 0).sum().cast(pl.Int64).alias("richness"),
        (n**2).sum().alias("n_2"),
        (n**3).sum().alias("n_3"),
        (n * pl.col("log")).sum().alias("n_log"),
        (n * pl.col("log") ** 2).sum().alias("n_log_2"),
    ]
    # A sample of which a count is missing has no total either.
    known = pl.when(~pl.col("missing")).then(pl.col("total", "richness"))
    # Sums of floats depend on their order, so each sample's counts are put into one.
    rows = rows.sort([*by, "count"])
    if not by:
        return rows.select(aggregates).with_columns(known).collect().head(counts.height)
    return rows.group_by(by, maintain_order=True).agg(aggregates).with_columns(known).collect()
