"""How gaps between groups fare over simulated data sets whose truths are known: `python -m tests.study.gaps_study 200`.

What is asked: do 95% intervals hold the gap that was to be expected among those so recorded, as often as they say; do
bands for the unrecorded hold the true groups' gap whenever what they assume holds; are planted gaps found; and how much
is found where nothing was planted.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from scipy.stats import binom

from catalogue.dimensions import dimensions
from catalogue.disclosure import rules
from catalogue.reference import reference_rows
from methods.design_effects import cluster_effect
from methods.many_comparisons import benjamini_hochberg
from methods.misclassified_groups import corrected_event_shares
from methods.representation import ratio_from_limits, representation_ratio
from methods.slope_index import slope_index
from methods.standardisation import direct_rate
from methods.unknown_groups import event_share_gap_band
from pipelines.equity.gaps import FALSE_DISCOVERIES, KEY, as_told, gaps_of, pooled_gaps
from pipelines.equity.strata import SCOTLAND
from tests.study.gap_worlds import World, world

#: Those whom a gap needs on both sides to be shown.
NEEDS = rules().share_needs
SERIES = ["measure", "dimension", "code"]
#: Groupings whose groups are tested for the same kinds of thing in the demonstration, so that no gap is no gap: age and
#: sex go with the disease, whose yield differs within a technology and purpose.
WITHOUT_GAP = ("interpreter_needed", "ethnic_category", "simd_quintile", "urban_rural")
UNKNOWN = ("declined", "not_known", "not_recorded", "unmapped")
#: Planted gaps, each with the side on which it lies.
PLANTED = (
    ("within_standard_by_group", "interpreter_needed", "yes", -1),
    ("uncertain_results", "ethnic_category", "asian", 1),
    ("uncertain_results", "ethnic_category", "african", 1),
    ("research_offered", "simd_quintile", "1", -1),
)


@dataclass(frozen=True)
class Found:
    """What the study found.

    intervals: by SERIES, `sets` and `held`; as_told: the same of limits as they are told. planted: by series, `sets`,
    `held` (limits on the right side) and `found` (by the scanner). bands, corrected: by measure and code, `sets` and
    `held`. nothing: a row a data set without planted gaps, `comparisons` and `found`. reach: by `series`, `sets`,
    `held` and the mean `value`.
    """

    intervals: pl.DataFrame
    as_told: pl.DataFrame
    planted: pl.DataFrame
    bands: pl.DataFrame
    corrected: pl.DataFrame
    nothing: pl.DataFrame
    reach: pl.DataFrame


def study(seeds: Sequence[int], requests_per_year: int = 60_000) -> Found:
    """The study over these seeds, each drawn once with the planted gaps and once with none."""
    gaps, bands, corrected, nothing, reach = [], [], [], [], []
    for seed in seeds:
        drawn = world(seed, requests_per_year)
        gaps.append(_judged(drawn, seed).with_columns(seed=pl.lit(seed)))
        bands.append(_bands(drawn))
        corrected.append(_corrected(drawn))
        reach.append(reach_of(drawn.reached))
        nothing.append(_found_in_nothing(world(seed, requests_per_year, planted=False)))
    every = pl.concat(gaps)
    return Found(
        _held(every, SERIES),
        _held(every, SERIES, "is_held_as_told"),
        pl.concat(_planted(every)),
        _held(pl.concat(bands), ["measure", "code"]),
        _held(pl.concat(corrected), ["measure", "code"]),
        pl.concat(nothing),
        _reach_held(pl.concat(reach)),
    )


def too_low(held: pl.DataFrame, nominal: float = 0.95) -> pl.DataFrame:
    """Series whose intervals hold the truth less often than nominal: an exact binomial test at 1%, by Holm's steps.

    held: one row a series with `sets` and `held`. Source of the steps: Holm 1979, Scandinavian Journal of Statistics
    6:65.
    """
    tested = held.with_columns(
        p=pl.struct("held", "sets").map_elements(
            lambda row: float(binom.cdf(row["held"], row["sets"], nominal)), return_dtype=pl.Float64
        )
    ).sort("p")
    limit = 0.01 / (pl.len() - pl.int_range(pl.len()))
    return tested.filter((pl.col("p") < limit).cum_min())


def _judged(drawn: World, seed: int) -> pl.DataFrame:
    """Gaps that would be shown with the one to be expected (`true`), whether the limits hold it (`is_held`), also as
    they are told (`is_held_as_told`), and what the scanner finds; worked as in a release, from counts as shown."""
    happened = pooled_gaps([drawn.happened(measure) for measure in drawn.measures], _rounded(drawn, seed), rules())
    expected = gaps_of([drawn.expected(measure) for measure in drawn.measures])
    shown = happened.join(_shown(drawn), on=SERIES, how="semi").filter(
        pl.min_horizontal("compared", "compared_other") >= NEEDS, pl.col("lower").is_not_null()
    )
    told = as_told(shown, rules()).select(*SERIES, told_lower="lower", told_upper="upper")
    return (
        shown.join(expected.select(*SERIES, true="gap"), on=SERIES)
        .join(told, on=SERIES)
        .with_columns(
            is_held=pl.col("true").is_between("lower", "upper"),
            is_held_as_told=pl.col("true").is_between("told_lower", "told_upper"),
            is_found=benjamini_hochberg(pl.col("p")) <= FALSE_DISCOVERIES,
        )
    )


def _rounded(drawn: World, seed: int) -> pl.DataFrame:
    """Each group's two counts as they are shown, rounded up or down to five without bias and null where one is hidden:
    KEY, `inside`, `number`."""
    rng, step, found = np.random.default_rng(seed), rules().rounded_to, []
    for measure, rows in drawn.measures.items():
        for dimension in drawn.happened(measure).dimensions:
            counts = rows.group_by(pl.col(dimension).alias("code")).agg(pl.col("events", "units").sum()).sort("code")
            inside = counts["events"].to_numpy()
            both = np.stack([inside, counts["units"].to_numpy() - inside])
            shown = step * np.floor(both / step + rng.random(both.shape))
            shown[:, both.min(0) < rules().hidden_under] = np.nan
            found.append(
                counts.select(
                    measure=pl.lit(measure), dimension=pl.lit(dimension), area=pl.lit(SCOTLAND), code="code"
                ).with_columns(
                    inside=pl.Series(shown[0], nan_to_null=True), number=pl.Series(shown.sum(0), nan_to_null=True)
                )
            )
    return pl.concat(found).select(*KEY, "inside", "number")


def _shown(drawn: World) -> pl.DataFrame:
    """The groups whose share, and that of the group that they are compared with, stands for enough on both sides."""
    found = []
    for measure, rows in drawn.measures.items():
        for dimension in drawn.happened(measure).dimensions:
            events, units = pl.col("events").sum(), pl.col("units").sum()
            enough = (pl.min_horizontal(events, units - events) >= rules().hidden_under).alias("enough")
            groups = rows.group_by(pl.col(dimension).alias("code")).agg(enough).filter("enough")
            if dimensions()[dimension].compared_with in groups["code"]:
                found.append(groups.select(measure=pl.lit(measure), dimension=pl.lit(dimension), code="code"))
    return pl.concat(found)


def _held(every: pl.DataFrame, by: list[str], held: str = "is_held") -> pl.DataFrame:
    return every.group_by(by).agg(sets=pl.len(), held=pl.col(held).sum()).sort(by)


def _planted(every: pl.DataFrame) -> Iterable[pl.DataFrame]:
    for measure, dimension, code, side in PLANTED:
        own = every.filter(measure=measure, dimension=dimension, code=code)
        right = (pl.col("lower") > 0) if side > 0 else (pl.col("upper") < 0)
        yield own.group_by(SERIES).agg(
            sets=pl.len(), true=pl.col("true").mean(), held=right.sum(), found=(right & pl.col("is_found")).sum()
        )


def _found_in_nothing(drawn: World) -> pl.DataFrame:
    """How many gaps the scanner calls different where none was planted."""
    gaps = gaps_of([drawn.happened(measure) for measure in drawn.measures]).filter(
        pl.col("dimension").is_in(WITHOUT_GAP), pl.min_horizontal("compared", "compared_other") >= NEEDS
    )
    found = gaps.select(benjamini_hochberg(pl.col("p")) <= FALSE_DISCOVERIES).to_series().sum()
    return pl.DataFrame({"comparisons": [gaps.height], "found": [int(found)]})


def _rightly_recorded(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows as they would be if whoever has a recorded group had it recorded rightly."""
    is_unknown = pl.col("ethnic_category").is_in(UNKNOWN)
    return rows.with_columns(recorded=pl.when(is_unknown).then(pl.lit("unknown")).otherwise("true_category"))


def _bands(drawn: World) -> pl.DataFrame:
    """Whether the band of the unrecorded holds the gap between the true groups, what happened being taken as it is."""
    found = []
    for measure, rows in drawn.measures.items():
        rightly = _rightly_recorded(rows)
        seen = _shares(rightly, "recorded")
        unknown, white = seen.filter(code="unknown").row(0, named=True), seen.filter(code="white").row(0, named=True)
        true = _shares(rows, "true_category").with_columns(share=pl.col("events") / pl.col("units"))
        of_white = true.filter(code="white")["share"][0]
        band = event_share_gap_band(
            pl.col("events"), pl.col("units"), pl.lit(white["events"]), pl.lit(white["units"]),
            pl.lit(unknown["events"]), pl.lit(unknown["units"]),
        )  # fmt: skip
        groups = seen.filter(~pl.col("code").is_in(["unknown", "white"])).with_columns(band=band)
        found.append(
            groups.join(true.select("code", true=pl.col("share") - of_white), on="code")
            .unnest("band")
            .select(
                measure=pl.lit(measure),
                code="code",
                is_held=pl.col("true").is_between(pl.col("lowest") - 1e-9, pl.col("highest") + 1e-9),
            )
        )
    return pl.concat(found)


@cache
def _residents() -> pl.DataFrame:
    """Residents by quintile, sex and age, with the weight of the age in the European Standard Population."""
    lived = pl.DataFrame(reference_rows("population_simd_age_sex")).with_columns(pl.col("population").cast(pl.Int64))
    weights = {row["age_band"]: float(row["weight"]) for row in reference_rows("european_standard_population")}
    open_band = sum(weight for band, weight in weights.items() if band in ("85-89", "90+"))
    standard = pl.col("age_band").replace_strict(weights, default=open_band)
    by = ("simd_quintile", "sex", "age_band")
    return lived.group_by(by).agg(pl.col("population").sum()).with_columns(standard=standard).sort(by)


def reach_of(people: pl.DataFrame) -> pl.DataFrame:
    """Estimates of who is reached, as the page works them: `series`, value, lower, upper.

    The ratio of the most to the least deprived fifth and the slope index of directly standardised rates; the ratio of
    each recorded group's share of people tested to its share of residents.
    """
    counted = people.with_columns(pl.col("age_band").replace("85-89", "85+")).group_by(
        "simd_quintile", "sex", "age_band"
    )
    rows = _residents().join(counted.agg(events=pl.len()), on=["simd_quintile", "sex", "age_band"], how="left")
    rates = direct_rate(rows.drop("age_band", "sex"), ["simd_quintile"])
    ends = {row["simd_quintile"]: row for row in rates.to_dicts()}
    pair = pl.DataFrame({"a": [ends["1"]], "b": [ends["5"]]}).select(ratio=ratio_from_limits(pl.col("a"), pl.col("b")))
    lived = _residents().group_by("simd_quintile").agg(pl.col("population").sum())
    quantiles = rates.join(lived, on="simd_quintile").select(
        "population", "value", quantile=pl.col("simd_quintile").cast(pl.Int64),
        standard_error=(pl.col("upper") - pl.col("lower")) / (2 * 1.959963984540054),
    )  # fmt: skip
    slope = slope_index(quantiles, limits="from_standard_errors", difference="most_less_least").filter(measure="sii")
    found = [("most over least deprived", pair["ratio"][0]), ("slope index", slope.row(0, named=True))]
    return pl.DataFrame(
        [(name, row["value"], row["lower"], row["upper"]) for name, row in [*found, *_represented(people)]],
        schema=["series", "value", "lower", "upper"], orient="row",
    )  # fmt: skip


def _represented(people: pl.DataFrame) -> list[tuple[str, dict[str, float]]]:
    category = {row["code"]: row["ethnic_category"] for row in reference_rows("ethnic_groups")}
    lived = pl.DataFrame(reference_rows("population_ethnicity")).group_by(
        code=pl.col("ethnic_group").replace_strict(category)
    ).agg(residents=pl.col("population").cast(pl.Int64).sum())  # fmt: skip
    known = people.filter(~pl.col("ethnic_category").is_in(UNKNOWN))
    tested = known.group_by(code="ethnic_category").agg(tested=pl.len())
    rows = lived.join(tested, on="code", how="left").with_columns(pl.col("tested").fill_null(0)).sort("code")
    families = people.group_by("family").agg(people=pl.len())
    effect = families.select(cluster_effect(pl.col("people")).struct.field("value")).item()
    ratio = representation_ratio(
        pl.col("tested"), pl.col("tested").sum(), pl.col("residents"), pl.col("residents").sum(), design_effect=effect
    )
    return [(f"representation, {row['code']}", row["ratio"]) for row in rows.with_columns(ratio=ratio).to_dicts()]


def _reach_held(every: pl.DataFrame) -> pl.DataFrame:
    """How often the limits hold the value to be expected, which is the mean of all other data sets."""
    others = (pl.col("value").sum() - pl.col("value")) / (pl.len() - 1)
    judged = every.with_columns(others.over("series").alias("true")).with_columns(
        is_held=pl.col("true").is_between("lower", "upper")
    )
    return judged.group_by("series").agg(
        sets=pl.len(), held=pl.col("is_held").sum(), value=pl.col("value").mean()
    ).sort("series")  # fmt: skip


def _shares(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    return rows.group_by(pl.col(column).alias("code")).agg(pl.col("events", "units").sum())


def _corrected(drawn: World) -> pl.DataFrame:
    """Whether shares corrected for wrong recording, the errors being known, hold the true group's expected share."""
    found = []
    for measure in ("uncertain_results", "within_standard_by_group", "research_offered"):
        rows = drawn.measures[measure].filter(~pl.col("ethnic_category").is_in(UNKNOWN))
        pairs = rows.group_by(group="true_category", recorded="ethnic_category").agg(number=pl.col("units").sum())
        errors = pairs.with_columns(probability=pl.col("number") / pl.col("number").sum().over("group"))
        counts = rows.group_by(group="ethnic_category").agg(events=pl.col("events").sum(), people=pl.col("units").sum())
        shares = corrected_event_shares(counts, errors.select("group", "recorded", "probability"))
        true = rows.group_by(group="true_category").agg(true=pl.col("chance").mean(), number=pl.len())
        known = shares.join(true, on="group").filter(pl.col("number") >= NEEDS, pl.col("lower").is_not_null())
        held = known.select(measure=pl.lit(measure), code="group", is_held=pl.col("true").is_between("lower", "upper"))
        found.append(held)
    return pl.concat(found)


def report(found: Found, sets: int) -> str:
    """The tables of docs/studies.md."""
    share = (100 * pl.col("held") / pl.col("sets")).round(1)
    by_measure = [
        table.group_by("measure")
        .agg(
            series=pl.len(),
            sets=pl.col("sets").sum(),
            held=(100 * pl.col("held").sum() / pl.col("sets").sum()).round(1),
            lowest=share.filter(pl.col("sets") >= sets / 2).min(),
        )
        .sort("measure")
        for table in (found.intervals, found.as_told)
    ]
    nothing = found.nothing
    with pl.Config(tbl_rows=-1, tbl_width_chars=140, fmt_str_lengths=40, tbl_formatting="MARKDOWN"):
        parts = [
            f"{sets} data sets",
            f"intervals, percent held\n{by_measure[0]}",
            f"as told\n{by_measure[1]}",
            f"too low\n{too_low(found.intervals)}\nas told too low\n{too_low(found.as_told)}",
            f"planted\n{found.planted}",
            f"bands held {found.bands['held'].sum()} of {found.bands['sets'].sum()}",
            f"corrected\n{found.corrected.with_columns(percent=share)}\ntoo low\n{too_low(found.corrected)}",
            f"reach\n{found.reach.with_columns(percent=share)}\ntoo low\n{too_low(found.reach)}",
            f"nothing planted: {(nothing['found'] > 0).sum()} of {nothing.height} sets with any called different, "
            f"{nothing['found'].sum()} of {nothing['comparisons'].sum()} comparisons",
        ]
    return "\n\n".join(parts)


if __name__ == "__main__":
    number = int(sys.argv[1])
    sys.stdout.write(report(study(range(1, number + 1)), number) + "\n")
