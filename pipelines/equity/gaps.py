"""Gaps between groups of people once like is compared with like, and what chance alone would have found.

Worked within exact strata, in which each group is weighted to its counts as shown, so that a gap tells nothing of them
that the cells do not: a gap stands only where both groups' shares are shown, and is told no finer than rounding tells
the group's own count (docs/decisions/0017-gaps-between-groups.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import polars as pl
from scipy.special import ndtr, ndtri

from catalogue.dimensions import cube_name, dimensions
from catalogue.disclosure import Rules
from catalogue.indicators import Indicator
from methods.estimates import normal_quantile
from methods.many_comparisons import benjamini_hochberg
from methods.stratified_gaps import stratified_gap
from pipelines import protect
from pipelines.equity.strata import SCOTLAND, Alike, alike_rows, compared_areas, compared_dimensions

#: Of the comparisons called different, at most this share may be called so wrongly.
FALSE_DISCOVERIES = 0.05
SHUFFLES = 10
#: p-values are told as the smallest of these that they lie under; the last says nothing.
P_UNDER = (0.001, 0.01, 0.05, 1.0)

#: What names a comparison.
KEY = ("measure", "dimension", "area", "code")

GAPS = {
    "measure": pl.String,
    "dimension": pl.String,
    "area": pl.String,
    "code": pl.String,
    "compared_with": pl.String,
    "is_known": pl.Boolean,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "state": pl.String,
    "gap": pl.Float64,
    "lower": pl.Float64,
    "upper": pl.Float64,
    "comparable": pl.Float64,
    "p_under": pl.Float64,
    "is_found": pl.Boolean,
}
BY_CHANCE = {"shuffle": pl.Int64, "comparisons": pl.Int64, "found": pl.Int64}


@dataclass(frozen=True)
class Scan:
    """The two tables of a release: every gap, GAPS, and what was found in each shuffle, BY_CHANCE."""

    gaps: pl.DataFrame
    by_chance: pl.DataFrame


def scan(
    con: duckdb.DuckDBPyConnection,
    cells: pl.DataFrame,
    entries: Iterable[Indicator],
    rules: Rules,
    shuffles: int = SHUFFLES,
) -> Scan:
    """Every gap of every measure that is compared, in the newest twelve months, as it may be shown.

    con: the built warehouse. cells: those of the release. entries: the published indicators. `gap` is the group's share
    less that of `compared_with`, pooled over what makes requests alike (`Indicator.compared_within`), a difference of
    shares; `comparable` the part of the group's rows that had any of the other group to be compared with, in steps of
    5%; `is_found` whether the false discovery rate over the whole table lets it be called different.
    """
    compared = [entry for entry in entries if entry.compared_within]
    shown = {entry.id: _shown(cells, entry) for entry in compared}
    dealt = [
        alike_rows(con, entry, shown[entry.id]["period_start"][0], shown[entry.id]["period_end"][0])
        for entry in compared
        if shown[entry.id].height
    ]
    if not dealt:
        return Scan(pl.DataFrame(schema=GAPS), pl.DataFrame(schema=BY_CHANCE))
    every = pl.concat(shown.values())
    pooled = _with_states(pooled_gaps(dealt, every, rules), every, rules)
    tested = pooled.filter(state=protect.SHOWN).select(KEY)
    by_chance = [found_in_shuffle(dealt, tested, shuffle) for shuffle in range(1, shuffles + 1)]
    return Scan(_told(pooled, rules), pl.concat(by_chance))


def gaps_of(dealt: Sequence[Alike], shown: pl.DataFrame | None = None) -> pl.DataFrame:
    """Gaps of every measure, dimension, area and group with its reference: KEY, `gap`, `lower`, `upper`, `p`,
    `units` (rows of the group), `compared` and `compared_other` (rows in strata with both).

    shown: KEY, `inside` and `number`, the counts of groups as they are shown; each group's rows then weigh so that they
    come to these. Without it gaps are exact.
    """
    strata = pl.concat(_strata(alike, dimension, shown) for alike in dealt for dimension in alike.dimensions)
    by = ["indicator", *KEY[1:]]
    found = stratified_gap(strata, by).filter(measure="risk_difference").drop("measure")
    return found.join(strata.group_by(by).agg(units=pl.col("people").sum()), on=by).select(
        pl.col("indicator").alias("measure"),
        *KEY[1:],
        "p",
        gap="value",
        lower="lower",
        upper="upper",
        units=pl.col("units").round().cast(pl.Int64),
        compared=pl.col("compared_people").round().cast(pl.Int64),
        compared_other=pl.col("compared_other_people").round().cast(pl.Int64),
    )


def pooled_gaps(dealt: Sequence[Alike], shown: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Gaps as `gaps_of` gives them with counts as shown, whose limits and p allow for the rounding of these counts.

    shown: as there; a group whose counts are hidden has no limits.
    """
    reference = {name: known.compared_with for name, known in dimensions().items() if known.compared_with}
    named = shown.select(*KEY, rounding=_rounding(rules))
    others = named.filter(pl.col("code") == pl.col("dimension").replace_strict(reference, default=None)).select(
        *KEY[:3], other_rounding="rounding"
    )
    found = gaps_of(dealt, shown).join(named, on=KEY, how="left").join(others, on=KEY[:3], how="left")
    return _with_rounding(found, (pl.col("rounding") + pl.col("other_rounding")).sqrt()).drop(
        "rounding", "other_rounding"
    )


def _weighted(counts: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """The strata of each group, of one measure and dimension, weighted to its counts as shown; hidden ones are left.

    Whoever knew how a group is made up, and solved its gap for its counts, would find those that are shown.
    """
    outside, shown_outside = pl.col("people") - pl.col("events"), pl.col("number") - pl.col("inside")
    group = ["area", "code"]
    more = {
        "events": pl.col("events") * (pl.col("inside") / pl.col("events").sum().over(group)).fill_null(1.0),
        "outside": outside * (shown_outside / outside.sum().over(group)).fill_null(1.0),
    }
    return (
        counts.join(shown.select(*group, "inside", "number"), on=group, how="left")
        .with_columns(**more)
        .with_columns(people=pl.col("events") + pl.col("outside"))
        .select("area", "stratum", "code", "events", "people")
    )


def _strata(alike: Alike, dimension: str, shown: pl.DataFrame | None) -> pl.DataFrame:
    """Each group of a dimension beside its reference, one row an area and stratum, as `stratified_gap` takes them."""
    reference = dimensions()[dimension].compared_with
    areas = alike.rows if len(compared_areas(alike.entry, dimension)) > 1 else alike.rows.filter(area=SCOTLAND)
    counts = areas.group_by("area", "stratum", pl.col(dimension).alias("code")).agg(
        events=pl.col("events").sum().cast(pl.Float64), people=pl.col("units").sum().cast(pl.Float64)
    )
    if shown is not None:
        counts = _weighted(counts, shown.filter(measure=alike.entry.id, dimension=dimension))
    others = counts.filter(code=reference).select("area", "stratum", other_events="events", other_people="people")
    groups = counts.filter(pl.col("code") != reference).join(others, on=["area", "stratum"], how="left")
    return groups.select(
        pl.col("other_events", "other_people").fill_null(0),
        "events",
        "people",
        "area",
        "code",
        indicator=pl.lit(alike.entry.id),
        dimension=pl.lit(dimension),
    )


def found_in_shuffle(dealt: Sequence[Alike], tested: pl.DataFrame, shuffle: int) -> pl.DataFrame:
    """How many of the comparisons, KEY, are called different where no group can differ: one row, BY_CHANCE.

    shuffle: the number of the shuffle, from which the order follows.
    """
    rng = np.random.default_rng(shuffle)
    gaps = gaps_of([alike.shuffled(rng) for alike in dealt]).join(tested, on=KEY, how="semi")
    q = gaps.select(benjamini_hochberg(pl.col("p"))).to_series()
    row = {"shuffle": shuffle, "comparisons": tested.height, "found": int((q <= FALSE_DISCOVERIES).sum())}
    return pl.DataFrame([row], schema=BY_CHANCE)


def _shown(cells: pl.DataFrame, entry: Indicator) -> pl.DataFrame:
    """The newest twelve months of a measure's cells by group: KEY, `is_shown`, the two counts of the share as shown,
    `inside` and `number`, and the period."""
    years = cells.filter(pl.col("grain") == "year", pl.col("indicator") == entry.id)
    newest = years.filter(pl.col("period_start") == pl.col("period_start").max())
    found = []
    for dimension in compared_dimensions(entry):
        for place in compared_areas(entry, dimension):
            own = newest.filter(cube=cube_name([name for name in (place, dimension) if name]))
            found.append(
                own.select(
                    measure=pl.lit(entry.id),
                    dimension=pl.lit(dimension),
                    area=pl.col("d1") if place else pl.lit(SCOTLAND),
                    code=pl.col("d2") if place else pl.col("d1"),
                    is_shown=pl.col("state") == protect.SHOWN,
                    inside=pl.when(pl.col("state") == protect.SHOWN).then("numerator"),
                    number=pl.when(pl.col("state") == protect.SHOWN).then("denominator"),
                    period_start=pl.col("period_start"),
                    period_end=pl.col("period_end"),
                )
            )
    return pl.concat(found)


def _with_states(pooled: pl.DataFrame, shown: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """The gaps that have a place in the release, with `compared_with`, the period, and the state of each."""
    reference = {name: known.compared_with for name, known in dimensions().items() if known.compared_with}
    unknown = [f"{name}={code}" for name, known in dimensions().items() for code in known.unknown]
    named = shown.with_columns(
        compared_with=pl.col("dimension").replace_strict(reference),
        is_known=~pl.format("{}={}", "dimension", "code").is_in(unknown),
    )
    others = named.filter(pl.col("code") == pl.col("compared_with")).select(
        "measure", "dimension", "area", other_is_shown="is_shown"
    )
    placed = (
        named.filter(pl.col("code") != pl.col("compared_with"))
        .join(others, on=["measure", "dimension", "area"])
        .join(pooled, on=KEY, how="left")
    )
    may = pl.col("is_shown") & pl.col("other_is_shown")
    enough = pl.min_horizontal("compared", "compared_other") >= rules.share_needs
    state = (
        pl.when(~may)
        .then(pl.lit(protect.CONFIDENTIAL))
        .when(enough.fill_null(value=False) & pl.col("lower").is_not_null())
        .then(pl.lit(protect.SHOWN))
        .otherwise(pl.lit(protect.NOT_AVAILABLE))
    )
    return placed.with_columns(state=state)


def _rounding(rules: Rules) -> pl.Expr:
    """The variance that the rounding of its two counts gives a share; a count's is on average a sixth of r^2 - 1."""
    share, people = pl.col("inside") / pl.col("number"), pl.col("number")
    return (rules.rounded_to**2 - 1) / 6 * (share**2 + (1 - share) ** 2) / people**2


def _with_rounding(gaps: pl.DataFrame, error: pl.Expr) -> pl.DataFrame:
    """The gaps with limits and p that allow for a standard error more, independent of chance."""
    z = normal_quantile(0.95)
    reach = (((pl.col("upper") - pl.col("lower")) / (2 * z)) ** 2 + error**2).sqrt() * z
    by_chance = pl.col("gap").abs() / pl.col("p").map_batches(_from_nought, pl.Float64, is_elementwise=True)
    beyond = pl.col("gap").abs() / (by_chance**2 + error**2).sqrt()
    return gaps.with_columns(
        lower=pl.col("gap") - reach,
        upper=pl.col("gap") + reach,
        p=pl.when(pl.col("gap") == 0)
        .then("p")
        .otherwise(beyond.map_batches(_two_sided, pl.Float64, is_elementwise=True)),
    )


def _from_nought(p: pl.Series) -> pl.Series:
    """How far from nought a standard normal number of this two-sided p lies."""
    return pl.Series(-ndtri(p.cast(pl.Float64).to_numpy() / 2))


def _two_sided(z: pl.Series) -> pl.Series:
    """How often a standard normal number is as far from nought as z."""
    return pl.Series(2 * ndtr(-z.to_numpy()))


def _comparable() -> pl.Expr:
    """The part of a group's rows that had any of the other group to be compared with, in steps of 5%."""
    return (pl.col("compared") / pl.col("units") * 20).round() / 20


def as_told(gaps: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """The gaps with `gap`, `lower` and `upper` no finer than may be told.

    A step is what moving the group's count by as much as rounding may would change its share by, so nothing finer than
    its rounded count is told. It follows from what is told beside it, or it would tell how many were compared. Limits
    are rounded outwards.
    """
    compared = pl.col("units") * pl.max_horizontal(_comparable(), pl.lit(0.05))
    step = pl.max_horizontal(rules.rounded_to / compared, pl.lit(0.001))
    return gaps.with_columns(
        gap=(pl.col("gap") / step + 0.5).floor() * step,
        lower=((pl.col("lower") / step).floor() * step).clip(-1, 1),
        upper=((pl.col("upper") / step).ceil() * step).clip(-1, 1),
    )


def _told(gaps: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """The table GAPS: rounded, and null wherever a gap is not shown."""
    shown = pl.col("state") == protect.SHOWN
    q = benjamini_hochberg(pl.when(shown).then("p"))
    p_under = pl.lit(None, pl.Float64)
    for limit in sorted(P_UNDER, reverse=True):
        p_under = pl.when(pl.col("p") <= limit).then(limit).otherwise(p_under)
    told = as_told(gaps, rules).with_columns(
        comparable=_comparable(),
        p_under=p_under,
        is_found=q <= FALSE_DISCOVERIES,
    )
    hides = ("gap", "lower", "upper", "comparable", "p_under", "is_found")
    return (
        told.with_columns(pl.when(shown).then(pl.col(name)).alias(name) for name in hides)
        .select(pl.col(name).cast(kind) for name, kind in GAPS.items())
        .sort(KEY)
    )
