"""What scenarios need to know of groups of people: what each board asks for, and which laboratories do it."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from capacity.fairness import mixed, weights
from catalogue.reference import reference_rows
from ui.data import Snapshot
from ui.figures import of_scotland

ASKED, GOES_TO, CLASSES = "requests_received", "ethnicity_recorded", "within_standard_by_group"
NOT_RECORDED = "not_recorded"


@dataclass(frozen=True)
class Groups:
    """Weights of boards of residence and of urban-rural classes, and the boards that cannot be told."""

    boards: pl.DataFrame
    classes: pl.DataFrame
    without: tuple[str, ...]


def groups(snapshot: Snapshot) -> Groups | None:
    """The groups of a release, from shown counts of the newest 12 months; None where it shows too little."""
    codes = [row["code"] for row in reference_rows("boards") if row["is_territorial"] == "yes"]
    asked = _by_board(snapshot, ASKED, "turnaround_category", codes, "numerator").rename({"code": "category"})
    goes_to = _by_board(snapshot, GOES_TO, "receiving_lab", codes, "denominator").rename({"code": "site"})
    sites = sorted(of_scotland("performing_lab") or ())
    goes_to = goes_to.filter(pl.col("site").is_in(sites))
    boards = weights(asked.filter(pl.col("category") != "none"), goes_to)
    if boards.is_empty():
        return None
    parts = _by_board(snapshot, CLASSES, "urban_rural", codes, "denominator").rename({"code": "whole"})
    held = set(boards["group"])
    classes = mixed(boards, parts.filter((pl.col("whole") != NOT_RECORDED) & pl.col("group").is_in(list(held))))
    return Groups(boards, classes, tuple(code for code in codes if code not in held))


def _by_board(snapshot: Snapshot, indicator: str, spread: str, codes: list[str], column: str) -> pl.DataFrame:
    """Shown counts of the newest year by board of residence and another dimension: `group`, `code`, `requests`."""
    frames = [pl.DataFrame(schema={"group": pl.String, "code": pl.String, "requests": pl.Float64})]
    if snapshot.indicator(indicator) is None:
        return frames[0]
    for code in codes:
        cells = snapshot.cells(indicator, "year", {"residence_board": code}, spread)
        cells = cells.filter(pl.col("period_status") != "incomplete")
        newest = cells.filter(pl.col("period_start") == pl.col("period_start").max(), state="shown")
        frames.append(newest.select(pl.lit(code).alias("group"), "code", requests=pl.col(column).cast(pl.Float64)))
    return pl.concat(frames).filter(pl.col("requests") > 0)
