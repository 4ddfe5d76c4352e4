"""Cells of who is reached for the made-up store, and its residents: rates by age and area that a test can know."""

from __future__ import annotations

import datetime as dt
from functools import cache

import polars as pl

from catalogue.dimensions import cube_name, dimensions
from catalogue.indicators import indicators
from catalogue.reference import reference_rows

MEASURES = ("rare_people_tested", "cancer_people_tested")

#: People tested per 1,000 residents and year, by the start of the age band.
RARE_RATE = {0: 9.0, 20: 5.0, 40: 6.0, 60: 4.0, 80: 1.0}
CANCER_RATE = {0: 0.3, 20: 0.5, 40: 3.0, 60: 9.0, 80: 5.0}

#: How many times as often people are tested, by SIMD quintile.
BY_SIMD = {
    "rare_people_tested": {"1": 0.7, "2": 0.85, "3": 1.0, "4": 1.1, "5": 1.2},
    "cancer_people_tested": {"1": 1.1, "2": 1.05, "3": 1.0, "4": 1.0, "5": 1.0},
}

#: How the people of any cell divide over what the census tables do not cross.
ETHNIC = {
    "white": 0.740, "mixed": 0.008, "asian": 0.030, "african": 0.005, "caribbean_black": 0.0004, "other": 0.007,
    "declined": 0.03, "not_known": 0.05, "not_recorded": 0.1246, "unmapped": 0.005,
}  # fmt: skip
RURAL = {"1": 0.37, "2": 0.34, "3": 0.08, "4": 0.05, "5": 0.11, "6": 0.05}

YEARS = 5
NEWEST = dt.date(2025, 11, 1)


def residents() -> dict[str, pl.DataFrame]:
    """The tables of residents, as the build makes them from the census."""
    ages = pl.DataFrame(reference_rows("population_simd_age_sex")).select(
        pl.col("board_code").alias("residence_board"), "simd_quintile", "sex", "age_band",
        pl.col("population").cast(pl.Int64),
    )  # fmt: skip
    category = {row["code"]: row["ethnic_category"] for row in reference_rows("ethnic_groups")}
    ethnic = pl.DataFrame(reference_rows("population_ethnicity")).select(
        pl.col("board_code").alias("residence_board"),
        pl.col("ethnic_group").replace_strict(category).alias("ethnic_category"),
        pl.col("population").cast(pl.Int64),
    )
    six = {row["code"]: row["urban_rural_6"] for row in reference_rows("urban_rural_classes")}
    rural = pl.DataFrame(reference_rows("population_urban_rural")).select(
        pl.col("board_code").alias("residence_board"),
        pl.col("urban_rural_8").replace_strict(six).alias("urban_rural"),
        pl.col("population").cast(pl.Int64),
    )
    return {
        "residents_by_simd_age_sex": ages,
        "residents_by_ethnic_group": ethnic.group_by("residence_board", "ethnic_category", maintain_order=True).sum(),
        "residents_by_urban_rural": rural.group_by("residence_board", "urban_rural", maintain_order=True).sum(),
    }


@cache
def people(measure: str) -> pl.DataFrame:
    """People tested in the newest year, not rounded: board, quintile, sex, age band and `people`."""
    rates = RARE_RATE if measure == "rare_people_tested" else CANCER_RATE
    start = pl.col("age_band").str.extract(r"^(\d+)").cast(pl.Int64)
    rate = (start // 20 * 20).clip(0, 80).replace_strict(rates, return_dtype=pl.Float64)
    factor = pl.col("simd_quintile").replace_strict(BY_SIMD[measure], return_dtype=pl.Float64)
    frame = residents()["residents_by_simd_age_sex"]
    # Those of 85 and over are told apart among people tested: nine in ten are under 90.
    named = frame.with_columns(people=pl.col("population") * rate / 1000 * factor).drop("population")
    old = named.filter(pl.col("age_band") == "85+")
    parts = [
        old.with_columns(age_band=pl.lit(band), people=pl.col("people") * part)
        for band, part in (("85-89", 0.9), ("90+", 0.1))
    ]
    return pl.concat([named.filter(pl.col("age_band") != "85+"), *parts])


def reach_cells(late: bool = False) -> pl.DataFrame:
    """The cells, protected the simple way: under 10 hidden, the rest rounded to 5."""
    frames = []
    for measure in MEASURES:
        for cube in indicators()[measure].all_cubes:
            for back in range(YEARS):
                frames.append(_cube(measure, cube, back, late))
    return pl.concat(frames)


def _cube(measure: str, cube: tuple[str, ...], back: int, late: bool) -> pl.DataFrame:
    splits = {"ethnic_category": ETHNIC, "urban_rural": RURAL}
    kept = [name for name in cube if name not in splits]
    rows = people(measure)
    merged = dimensions()["residence_board"].merged_into
    if "residence_board" in cube and len(cube) > 1:
        rows = rows.with_columns(pl.col("residence_board").replace(merged))
    rows = rows.group_by(*kept, maintain_order=True).agg(pl.col("people").sum()) if kept else rows.select(
        pl.col("people").sum()
    )  # fmt: skip
    if cube == ("residence_board",):
        together = rows.filter(pl.col("residence_board").is_in(list(merged)))
        rows = pl.concat(
            [rows, together.select(pl.lit("island_boards").alias("residence_board"), pl.col("people").sum())]
        )
    for name in cube:
        if name in splits:
            split = pl.DataFrame({name: list(splits[name]), "part": list(splits[name].values())})
            rows = rows.join(split, how="cross").with_columns(pl.col("people") * pl.col("part")).drop("part")
    start = NEWEST.replace(year=NEWEST.year - back)
    end = dt.date(start.year + 1, 10, 31)
    count = (pl.col("people") * 0.98**back).round().cast(pl.Int64)
    rows = rows.with_columns(count=count, five=(count + 2) // 5 * 5)
    shown = pl.col("count") >= 10
    places = [pl.col(name).alias(f"d{place}") for place, name in enumerate(cube, 1)]
    places += [pl.lit(None, pl.String).alias(f"d{place}") for place in range(len(cube) + 1, 4)]
    status = "incomplete" if late and back == 0 else "provisional" if back == 0 else "final"
    none = pl.lit(None, pl.Float64)
    return rows.select(
        pl.lit(measure).alias("indicator"), pl.lit(cube_name(cube)).alias("cube"), *places,
        pl.lit("year").alias("grain"), pl.lit(start).alias("period_start"), pl.lit(end).alias("period_end"),
        pl.lit(status).alias("period_status"), pl.lit("count").alias("statistic"),
        pl.when(shown).then(pl.lit("shown")).otherwise(pl.lit("confidential")).alias("state"),
        pl.when(shown).then(pl.col("five")).cast(pl.Float64).alias("value"), none.alias("lower"), none.alias("upper"),
        pl.when(shown).then(pl.col("five")).alias("numerator"), pl.lit(None, pl.Int64).alias("denominator"),
    )  # fmt: skip
