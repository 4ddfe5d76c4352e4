"""Cells of the measures of ethnicity recording for the made-up store, in shares that a test can know beforehand."""

from __future__ import annotations

import polars as pl

from catalogue.dimensions import cube_name
from catalogue.indicators import Indicator, indicators
from methods.proportions import wilson_interval

#: How the people of a period divide over the values of each dimension that the base does not have.
SPLITS: dict[str, dict[str, float]] = {
    "receiving_lab": {"ABE": 0.20, "DUN": 0.10, "EDI": 0.25, "GLA": 0.45},
    "directory": {"rare": 0.6, "cancer": 0.4},
    "referrer_specialty": {"A3": 0.70, "J4": 0.28, "F2": 0.02},
    "ethnic_category": {
        "white": 0.66, "mixed": 0.01, "asian": 0.025, "african": 0.01, "caribbean_black": 0.001, "other": 0.004,
        "declined": 0.05, "not_known": 0.07, "not_recorded": 0.16, "unmapped": 0.01,
    },
    "linked_ethnic_group": {
        "white_scottish": 0.70, "white_other_british": 0.10, "asian_pakistani": 0.03, "black": 0.0005,
        "not_recorded": 0.1695,
    },
}  # fmt: skip

#: Share of people in the numerator, and among whom: the part of people tested in the denominator.
SHARES = {
    "ethnicity_declined": (0.05, 1.0),
    "ethnicity_not_known": (0.07, 1.0),
    "ethnicity_not_recorded": (0.16, 1.0),
    "ethnicity_unmapped": (0.01, 1.0),
    "ethnicity_retired_code": (0.08, 0.2),
    "ethnicity_agreement": (0.98, 0.6),
    "ethnicity_consistent": (1.0, 0.15),
    "ethnicity_recorded": (0.71, 1.0),
}

#: Recording by the group in the linked record, where it is not that of everybody.
BY_LINKED = {"white_other_british": 0.62, "asian_pakistani": 0.82}


def ethnicity_cells(people: pl.DataFrame) -> pl.DataFrame:
    """The cells, protected the simple way: under 10 hidden, the rest rounded to 5.

    people: grain, period_start, period_end, period_status, residence_board, requests. Cubes of E1 that the base can
    make are left to it.
    """
    frames = []
    for name in [*SHARES, "people_tested"]:
        entry = indicators()[name]
        for cube in entry.all_cubes:
            extra = [dimension for dimension in cube if dimension in SPLITS]
            has_base = name == "ethnicity_recorded" and not extra
            if not has_base and set(cube) <= {"residence_board", *SPLITS}:
                frames.append(_cube(people.filter(pl.col("grain").is_in(list(entry.grains))), entry, cube))
    return pl.concat(frames)


def _cube(people: pl.DataFrame, entry: Indicator, cube: tuple[str, ...]) -> pl.DataFrame:
    period = ["grain", "period_start", "period_end", "period_status"]
    kept = [name for name in cube if name == "residence_board"]
    rows = people.group_by(*period, *kept, maintain_order=True).agg(pl.col("requests").sum().cast(pl.Float64))
    for name in cube:
        if name in SPLITS:
            split = pl.DataFrame({name: list(SPLITS[name]), "part": list(SPLITS[name].values())})
            rows = rows.join(split, how="cross").with_columns(pl.col("requests") * pl.col("part")).drop("part")
    share, among = SHARES.get(entry.id, (1.0, 1.0))
    rate = pl.lit(share)
    if "linked_ethnic_group" in cube:
        rate = pl.col("linked_ethnic_group").replace_strict(BY_LINKED, default=share, return_dtype=pl.Float64)
    whole = (pl.col("requests") * among).round()
    rows = rows.with_columns(whole=whole, part=(whole * rate).round())
    five = {name: ((pl.col(name) + 2) // 5 * 5).cast(pl.Int64) for name in ("whole", "part")}
    is_count = entry.kind == "count"
    shown = pl.col("whole") >= 10
    if not is_count:
        shown = (pl.col("part") >= 10) & (pl.col("whole") - pl.col("part") >= 10)
    limits = wilson_interval(pl.col("five_part"), pl.col("five_whole"))
    rows = rows.with_columns(five["whole"].alias("five_whole"), five["part"].alias("five_part")).with_columns(
        pl.min_horizontal("five_part", "five_whole").alias("five_part"), shown.alias("shown")
    )
    value = pl.col("five_whole").cast(pl.Float64) if is_count else pl.col("five_part") / pl.col("five_whole")
    nothing = pl.lit(None, pl.Float64)
    places = [pl.col(name).alias(f"d{place}") for place, name in enumerate(cube, 1)]
    places += [pl.lit(None, pl.String).alias(f"d{place}") for place in range(len(cube) + 1, 4)]
    return rows.select(
        pl.lit(entry.id).alias("indicator"),
        pl.lit(cube_name(cube)).alias("cube"),
        *places,
        *period,
        pl.lit("count" if is_count else "share").alias("statistic"),
        pl.when("shown").then(pl.lit("shown")).otherwise(pl.lit("confidential")).alias("state"),
        pl.when("shown").then(value).alias("value"),
        nothing.alias("lower") if is_count else pl.when("shown").then(limits.struct.field("lower")).alias("lower"),
        nothing.alias("upper") if is_count else pl.when("shown").then(limits.struct.field("upper")).alias("upper"),
        pl.when("shown").then(pl.col("five_whole" if is_count else "five_part")).alias("numerator"),
        pl.when(pl.col("whole") >= 10).then(pl.col("five_whole")).alias("denominator")
        if not is_count
        else pl.lit(None, pl.Int64).alias("denominator"),
    )
