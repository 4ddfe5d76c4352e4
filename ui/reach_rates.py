"""Rates of people tested that allow for age and sex, and the gap between areas, worked from shown counts.

A hidden count stands for 0 to 9 people: each limit is that of the end of this range that lies further out. A shown
count may be rounded up or down to a multiple of 5: of a sum of many counts the spread of the roundings is added to that
of chance, of a single count the limits are those of the lowest and the highest number that it can stand for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from methods.attributable_shares import attributable_share
from methods.estimates import normal_quantile
from methods.rates import rate_interval
from methods.reasons import REASON
from methods.representation import difference_from_limits, ratio_from_limits
from methods.slope_index import slope_index
from methods.standardisation import ESP2013, direct_rate
from methods.weighted_trends import weighted_trend
from ui.figure import HIDDEN_UNDER
from ui.reach_cells import ABOVE, OLDEST, RANGE, SIMD

PER = 100_000
CONFIDENCE = 0.95

#: Variance of a count rounded at random to a multiple of 5 without bias: 0, 4, 6, 6, 4 for the five remainders.
ROUNDING_VARIANCE = 4.0

#: European Standard Population 2013 with the ages that end the public tables.
STANDARD = (
    ESP2013.with_columns(
        pl.when(pl.col("age_band").is_in(ABOVE)).then(pl.lit(OLDEST)).otherwise("age_band").alias("age_band")
    )
    .group_by("age_band", maintain_order=True)
    .agg(pl.col("standard").sum())
)

#: Years with a gap that a trend needs.
FEWEST_YEARS = 4

ESTIMATE = ("value", "lower", "upper", "reason")
NOTHING: dict[str, Any] = {"value": None, "lower": None, "upper": None, "reason": "missing"}


def direct(
    counts: pl.DataFrame, residents: pl.DataFrame, by: Sequence[str], hidden_under: int = HIDDEN_UNDER
) -> pl.DataFrame:
    """Directly standardised rate per 100,000, to the European Standard Population of 2013, the sexes alike.

    counts: `by`, `sex`, `age_band`, RANGE, `hidden`, `shown`; residents: the columns of `by` that it has, `sex`,
    `age_band`, `population`. An age and sex without a count is taken as hidden.
    Returns one row for each of `by` that counts has: `by`, `people`, `hidden`, and ESTIMATE.
    """
    keys = [name for name in by if name in residents.columns]
    wanted = counts.select(by).unique(maintain_order=True) if by else pl.DataFrame({"_all": [0]})
    grid = wanted.join(residents, on=keys, how="inner") if keys else wanted.join(residents, how="cross")
    rows = grid.join(counts, on=[*by, "sex", "age_band"], how="left").join(STANDARD, on="age_band", how="inner")
    most = hidden_under - 1.0
    fills = dict(zip(RANGE, (0.0, most / 2, most), strict=True)) | {"hidden": 1, "shown": 0}
    rows = rows.with_columns(pl.col(name).fill_null(value) for name, value in fills.items())
    rows = rows.with_columns(age_band=pl.concat_str("sex", "age_band", separator=" "))
    answers = [
        direct_rate(rows.select(*by, "age_band", pl.col(name).alias("events"), "population", "standard"), by)
        for name in RANGE
    ]
    spread = rows.group_by(by or [pl.lit(0).alias("_all")]).agg(
        rounding=(PER / pl.col("standard").sum()) ** 2
        * (ROUNDING_VARIANCE * pl.col("shown") * (pl.col("standard") / pl.col("population")) ** 2).sum(),
        people=pl.col("likely").sum(),
        hidden=pl.col("hidden").sum(),
    )
    low, likely, high = answers
    joined = likely.select(*by, *ESTIMATE).with_columns(
        least=low["value"], least_lower=low["lower"], most=high["value"], most_upper=high["upper"]
    )
    joined = joined.join(spread, on=by, how="left") if by else joined.hstack(spread.drop("_all"))
    extra = normal_quantile(CONFIDENCE) ** 2 * pl.col("rounding")
    # Where the least is too few events for limits, nought bounds the rate.
    reach = ((pl.col("least") - pl.col("least_lower")) ** 2 + extra).sqrt()
    lower = pl.when(pl.col("least").is_null()).then(0.0).otherwise((pl.col("least") - reach).clip(lower_bound=0))
    upper = pl.col("most") + ((pl.col("most_upper") - pl.col("most")) ** 2 + extra).sqrt()
    sound = pl.col("reason").is_null()
    return joined.select(
        *by, "people", "hidden", "value",
        pl.when(sound).then(lower).alias("lower"), pl.when(sound).then(upper).alias("upper"), "reason",
    ).sort(by or "people")  # fmt: skip


def expected(
    denominators: pl.DataFrame, by: Sequence[str], national: pl.DataFrame, everybody: float | None
) -> pl.DataFrame:
    """People expected at Scotland's rates by age and sex.

    denominators: `by`, `sex`, `age_band`, `population` of all of Scotland, a row a group, sex and age. national:
    `sex`, `age_band`, `likely`: people tested. everybody: people tested of any or no age and sex, to whom the expected
    add up, so that Scotland's own ratio is 1.
    """
    whole = denominators.group_by("sex", "age_band").agg(whole=pl.col("population").sum())
    rates = national.join(whole, on=["sex", "age_band"], how="inner").filter(pl.col("whole") > 0)
    rows = denominators.join(rates, on=["sex", "age_band"], how="inner")
    found = rows.group_by(*by, maintain_order=True).agg(
        expected=(pl.col("population") * pl.col("likely") / pl.col("whole")).sum()
    )
    total = float(found["expected"].sum())
    return found.with_columns(pl.col("expected") * (everybody / total if everybody and total else 1.0))


def against_expected(rows: pl.DataFrame, reach: int, per: float = 1.0) -> pl.DataFrame:
    """People tested over those expected, times `per`, with limits that hold whatever rounding did.

    rows: `state`, `value` (people), `expected` and more columns, which are kept. Returns them with `people` in place of
    `value`, and ESTIMATE; nulls where the count is hidden or nobody is expected.
    """
    shown = (pl.col("state") == "shown") & (pl.col("expected") > 0)
    people = pl.when(shown).then(pl.col("value"))

    def part(moved: int, name: str) -> pl.Expr:
        return rate_interval((people + moved).clip(lower_bound=0), pl.col("expected"), per, CONFIDENCE).struct.field(
            name
        )

    return rows.select(
        pl.exclude("value"),
        people.alias("people"),
        part(0, "value").alias("value"),
        part(-reach, "lower").alias("lower"),
        part(reach, "upper").alias("upper"),
        pl.when(~shown).then(pl.lit("missing")).alias("reason"),
    )


@dataclass(frozen=True)
class Gap:
    """How far the most and the least deprived fifth lie apart: each as value, lower, upper and reason."""

    difference: dict[str, Any]
    ratio: dict[str, Any]
    slope: dict[str, Any]
    ratio_of_ends: dict[str, Any]
    over_overall: dict[str, Any]
    attributable: dict[str, Any]


def gap(rates: pl.DataFrame, residents: pl.DataFrame, fewest: int = 5) -> Gap:
    """The gap between SIMD quintiles of one period and area.

    rates: `simd_quintile`, value, lower, upper; residents: `simd_quintile`, `population`. fewest: quintiles that a
    slope needs; island boards have fewer than five.
    """
    z = normal_quantile(CONFIDENCE)
    rows = rates.join(residents, on=SIMD, how="inner").filter(pl.col("population") > 0).with_columns(
        quantile=pl.col(SIMD).cast(pl.Int64),
        standard_error=(pl.col("upper") - pl.col("lower")) / (2 * z),
        is_reference=(pl.col(SIMD) == "5").cast(pl.Int64),
    )  # fmt: skip
    lines = slope_index(
        rows, limits="from_standard_errors", difference="most_less_least", fewest=min(fewest, max(2, rows.height))
    ).rows_by_key("measure", named=True, unique=True)
    share = attributable_share(rows).row(0, named=True)
    difference, ratio = ends(rates)
    if rows["value"].null_count():
        # A line through the other fifths would stand for one that is hidden.
        lines = dict.fromkeys(lines, NOTHING)
    return Gap(difference, ratio, lines["sii"], lines["rii_of_fitted_ends"], lines["rii_over_overall_rate"], share)


def ends(rates: pl.DataFrame) -> tuple[dict[str, Any], dict[str, Any]]:
    """Difference and ratio of the most and the least deprived fifth, from the limits of the two rates."""
    found = {row[SIMD]: row for row in rates.to_dicts()}
    pair = [found.get(code, NOTHING) for code in ("1", "5")]
    structs = [
        pl.struct(
            *(pl.lit(row[name], pl.Float64).alias(name) for name in ESTIMATE[:3]),
            pl.lit(None, REASON).alias("reason"),
        )
        for row in pair
    ]
    if any(row["lower"] is None or row["upper"] is None for row in pair):
        return NOTHING, NOTHING
    first, second = structs
    found_gap, found_ratio = difference_from_limits(first, second), ratio_from_limits(first, second)
    answers = pl.select(found_gap.alias("d"), found_ratio.alias("r")).row(0)
    return answers[0], answers[1]


def ratios_over_time(rates: pl.DataFrame) -> pl.DataFrame:
    """The ratio of the most to the least deprived fifth in each period: `period_start`, ESTIMATE, and the difference.

    rates: `period_start`, `simd_quintile`, value, lower, upper.
    """
    rows = []
    for (start,), group in rates.sort("period_start").group_by("period_start", maintain_order=True):
        difference, ratio = ends(group)
        rows.append(
            {
                "period_start": start,
                **{name: ratio[name] for name in ESTIMATE[:3]},
                **{
                    f"difference{end}": difference[name]
                    for end, name in zip(("", "_lower", "_upper"), ESTIMATE, strict=False)
                },
            }
        )
    numbers = ("value", "lower", "upper", "difference", "difference_lower", "difference_upper")
    return pl.DataFrame(rows, schema={"period_start": pl.Date} | dict.fromkeys(numbers, pl.Float64))


def trend(ratios: pl.DataFrame) -> dict[str, Any]:
    """Change a year of the logarithm of a ratio: the answer of `methods.weighted_trends`, errors from the limits."""
    z = normal_quantile(CONFIDENCE)
    usable = ratios.filter(pl.col("lower") > 0, pl.col("upper") > 0)
    points = usable.select(
        time=pl.col("period_start").dt.year(),
        value=pl.col("value").log(),
        standard_error=(pl.col("upper").log() - pl.col("lower").log()) / (2 * z),
    )
    if points.is_empty():
        return {"value": None, "lower": None, "upper": None, "reason": "too_few_points", "points": 0, "p": None}
    return weighted_trend(points, fewest=FEWEST_YEARS).row(0, named=True)


def closing(found: dict[str, Any], newest_ratio: float | None) -> str:
    """What a trend of the ratio lets one say: too_few, no_change, closing or widening."""
    if found["value"] is None or newest_ratio is None:
        return "too_few"
    if found["lower"] <= 0 <= found["upper"]:
        return "no_change"
    towards = (found["value"] > 0) == (newest_ratio < 1)
    return "closing" if towards else "widening"


def per_year(change: float) -> float:
    """A change of a logarithm a year as a share: 0.05 for 5% more each year."""
    return math.expm1(change)
