"""Cells by groups of people for the made-up store, and tables of gaps, in shares that a test can know beforehand."""

from __future__ import annotations

import polars as pl

from catalogue.dimensions import cube_name, dimensions
from catalogue.indicators import Indicator, indicators
from methods.proportions import newcombe_difference, wilson_interval
from pipelines.equity.gaps import BY_CHANCE, GAPS

#: How the requests of a period divide over the groups of each dimension.
GROUPS: dict[str, dict[str, float]] = {
    "ethnic_category": {
        "white": 0.70, "mixed": 0.01, "asian": 0.03, "african": 0.01, "caribbean_black": 0.001, "other": 0.009,
        "declined": 0.03, "not_known": 0.05, "not_recorded": 0.15, "unmapped": 0.01,
    },
    "simd_quintile": {"1": 0.22, "2": 0.21, "3": 0.20, "4": 0.19, "5": 0.17, "not_recorded": 0.01},
    "urban_rural": {"1": 0.36, "2": 0.34, "3": 0.08, "4": 0.03, "5": 0.11, "6": 0.06, "not_recorded": 0.02},
    "sex": {"female": 0.53, "male": 0.465, "other": 0.0001, "not_recorded": 0.0049},
    "age_group": {"under_15": 0.18, "15_to_64": 0.55, "65_and_over": 0.26, "not_recorded": 0.01},
    "interpreter_needed": {"yes": 0.02, "no": 0.93, "not_recorded": 0.05},
}  # fmt: skip

#: Of all requests, the part that a measure looks at; and the share in its numerator.
MEASURES = {
    "within_standard_by_group": (1.0, 0.80),
    "failed_samples_by_group": (0.9, 0.03),
    "diagnostic_yield": (0.3, 0.30),
    "uncertain_results": (0.2, 0.20),
    "no_answer": (0.3, 0.45),
    "uncertain_results_resolved": (0.1, 0.10),
    "management_changed": (0.4, 0.35),
    "care_change_recorded": (0.8, 0.60),
    "research_offered": (0.3, 0.50),
    "research_consented": (0.15, 0.70),
    "variants_deposited": (0.25, 0.55),
}
#: By how much a group's share differs from that of all others.
PLANTED = {
    ("within_standard_by_group", "interpreter_needed", "yes"): -0.10,
    ("research_offered", "simd_quintile", "1"): -0.09,
    ("uncertain_results", "ethnic_category", "asian"): 0.12,
    ("within_standard_by_group", "age_group", "under_15"): 0.02,
}
NEWEST = 2
SHUFFLES = (0, 1, 0, 0, 2, 0, 0, 0, 1, 0)
STEP = 0.001


def equity_cells(people: pl.DataFrame) -> pl.DataFrame:
    """The cells of every measure by group, the newest two years, protected the simple way.

    people: grain, period_start, period_end, period_status, residence_board, requests.
    """
    years = people.filter(pl.col("grain") == "year")
    starts = years["period_start"].unique().sort()[-NEWEST:]
    years = years.filter(pl.col("period_start").is_in(starts.implode()))
    frames = []
    for name in MEASURES:
        entry = indicators()[name]
        for cube in entry.all_cubes:
            if set(cube) <= {"residence_board", *GROUPS}:
                frames.append(_cube(years, entry, cube))
    return pl.concat(frames)


def _cube(people: pl.DataFrame, entry: Indicator, cube: tuple[str, ...]) -> pl.DataFrame:
    period = ["grain", "period_start", "period_end", "period_status"]
    kept = [name for name in cube if name == "residence_board"]
    among, share = MEASURES[entry.id]
    rows = people.group_by(*period, *kept, maintain_order=True).agg(pl.col("requests").sum() * among)
    rows = rows.with_columns(share=pl.lit(share))
    for name in (name for name in cube if name in GROUPS):
        more = [PLANTED.get((entry.id, name, code), 0.0) for code in GROUPS[name]]
        split = pl.DataFrame({name: list(GROUPS[name]), "part": list(GROUPS[name].values()), "more": more})
        rows = rows.join(split, how="cross").with_columns(
            pl.col("requests") * pl.col("part"), share=pl.col("share") + pl.col("more")
        )
        rows = rows.drop("part", "more")
    whole = pl.col("requests").round()
    rows = rows.with_columns(whole=whole, events=(whole * pl.col("share")).round())
    five = {name: ((pl.col(name) + 2) // 5 * 5).cast(pl.Int64) for name in ("whole", "events")}
    shown = (pl.col("events") >= 10) & (pl.col("whole") - pl.col("events") >= 10)
    rows = rows.with_columns(shown=shown).with_columns(**five)
    rows = rows.with_columns(limits=wilson_interval(pl.col("events"), pl.col("whole")))
    places = [pl.col(name).alias(f"d{place}") for place, name in enumerate(cube, 1)]
    places += [pl.lit(None, pl.String).alias(f"d{place}") for place in range(len(cube) + 1, 4)]
    values = {
        "value": pl.col("events") / pl.col("whole"),
        "lower": pl.col("limits").struct.field("lower"),
        "upper": pl.col("limits").struct.field("upper"),
        "numerator": pl.col("events"),
        "denominator": pl.col("whole"),
    }
    return rows.select(
        pl.lit(entry.id).alias("indicator"),
        pl.lit(cube_name(cube)).alias("cube"),
        *places,
        *period,
        pl.lit("share").alias("statistic"),
        pl.when("shown").then(pl.lit("shown")).otherwise(pl.lit("confidential")).alias("state"),
        *(pl.when("shown").then(value).alias(name) for name, value in values.items()),
    )


def equity_tables(cells: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The tables `gaps` and `gaps_by_chance`, a gap being that of the shown shares."""
    own = cells.filter(pl.col("indicator").is_in(list(MEASURES)), grain="year")
    own = own.filter(pl.col("period_start") == pl.col("period_start").max())
    frames = [_gaps(own, dimension) for dimension in GROUPS]
    gaps = pl.concat(frames).select(pl.col(name).cast(kind) for name, kind in GAPS.items())
    tested = gaps.filter(state="shown").height
    shuffles = [(number, tested, found) for number, found in enumerate(SHUFFLES, 1)]
    return {
        "gaps": gaps,
        "gaps_by_chance": pl.DataFrame(shuffles, schema=BY_CHANCE, orient="row"),
    }


def _gaps(cells: pl.DataFrame, dimension: str) -> pl.DataFrame:
    """The gaps of one dimension, for Scotland and each board."""
    reference = dimensions()[dimension].compared_with
    parts = []
    for cube, area, code in ((dimension, pl.lit("scotland"), "d1"), (f"residence_board+{dimension}", "d1", "d2")):
        kept = cells.filter(cube=cube).select(
            "period_start", "period_end", "state", "numerator", "denominator",
            measure="indicator", area=area, code=code,
        )  # fmt: skip
        others = kept.filter(code=reference).select(
            "measure", "area", other_state="state", y="numerator", m="denominator"
        )
        parts.append(kept.filter(pl.col("code") != reference).join(others, on=["measure", "area"]))
    rows = pl.concat(parts)
    shown = (pl.col("state") == "shown") & (pl.col("other_state") == "shown")
    difference = newcombe_difference(pl.col("numerator"), pl.col("denominator"), pl.col("y"), pl.col("m"))
    rows = rows.with_columns(found=difference)
    field = pl.col("found").struct.field
    told = {
        "gap": (field("value") / STEP).round() * STEP,
        "lower": (field("lower") / STEP).floor() * STEP,
        "upper": (field("upper") / STEP).ceil() * STEP,
        "comparable": pl.lit(1.0),
        "p_under": pl.when(field("lower") * field("upper") > 0).then(0.05).otherwise(1.0),
        "is_found": field("value").abs() > 0.05,
    }
    unknown = dimensions()[dimension].unknown
    return rows.with_columns(
        dimension=pl.lit(dimension),
        compared_with=pl.lit(reference),
        is_known=~pl.col("code").is_in(unknown),
        state=pl.when(shown).then(pl.lit("shown")).otherwise(pl.lit("confidential")),
        **{name: pl.when(shown).then(value) for name, value in told.items()},
    )
