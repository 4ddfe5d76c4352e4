"""A small site as protected cells would tell it, that tests of plans share."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from capacity.site_plan import ALL_AGES, SiteKnown

START = dt.date(2026, 11, 1)
CATEGORIES = ("prenatal_rapid", "cancer_lung", "rare_standard", "whole_genome")
ROLES = {
    "laboratory_support": 4.0,
    "genetic_technologist": 6.0,
    "clinical_scientist": 8.0,
    "consultant_scientist": 1.0,
    "bioinformatician": 1.5,
    "administrator": 3.0,
}


def known(**more: Any) -> SiteKnown:
    """Four categories, one of which has its standard from collection and one from DNA."""
    given: dict[str, Any] = {
        "site": "EDI",
        "categories": pl.DataFrame(
            {
                "category": CATEGORIES,
                "requests": [250.0, 500.0, 2000.0, 300.0],
                "is_hidden": [False] * 4,
                "median_days": [2.0, 13.0, 30.0, 65.0],
                "p90_days": [3.0, 19.0, 45.0, 85.0],
                "in_standard_pct": [92.0, 62.0, 80.0, 88.0],
            }
        ),
        "stages": pl.DataFrame(
            [
                (category, stage, pct)
                for category in CATEGORIES
                for stage, pct in (
                    ("collection", 2), ("transport", 3), ("extraction", 10), ("sequencing", 30), ("analysis", 40),
                    ("authorisation", 10), ("reporting", 5),
                )
            ],
            schema=["category", "stage", "pct"],
            orient="row",
        ),
        "waiting": pl.DataFrame(
            [
                ("prenatal_rapid", ALL_AGES, None), ("cancer_lung", ALL_AGES, 20.0), ("cancer_lung", "0-14", 15.0),
                ("cancer_lung", "15-28", None), ("cancer_lung", "29-42", None), ("cancer_lung", "43+", None),
                ("rare_standard", ALL_AGES, 180.0), ("rare_standard", "0-14", 75.0), ("rare_standard", "15-28", 65.0),
                ("rare_standard", "29-42", 30.0), ("rare_standard", "43+", 10.0), ("whole_genome", ALL_AGES, 60.0),
                ("whole_genome", "0-14", 10.0), ("whole_genome", "15-28", 15.0), ("whole_genome", "29-42", 10.0),
                ("whole_genome", "43+", 25.0),
            ],
            schema={"category": pl.String, "open_age": pl.String, "requests": pl.Float64},
            orient="row",
        ),
    }  # fmt: skip
    return SiteKnown(**{**given, **more})


def staff(start: dt.date = START, times: float = 1.0) -> pl.DataFrame:
    """Everybody in post from a day on."""
    return pl.DataFrame(
        [("EDI", role, start, times * wte) for role, wte in ROLES.items()],
        schema=["site", "role", "from_date", "in_post_wte"],
        orient="row",
    )


def no_demand() -> pl.DataFrame:
    """Nothing is foretold."""
    return pl.DataFrame(schema={"category": pl.String, "period_start": pl.Date, "requests": pl.Float64})
