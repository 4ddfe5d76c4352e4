"""Made-up cells of the pages Where it is stuck and Fair comparison, and the two small tables worked at build."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from catalogue.dimensions import dimensions
from catalogue.indicators import Indicator, indicators
from pipelines.case_mix import COLUMNS, PLACES

#: Each stage's part of the days of a request.
STAGE_PARTS = {
    "collection": 0.03, "transport": 0.04, "extraction": 0.05, "sequencing": 0.27, "analysis": 0.35,
    "authorisation": 0.09, "reporting": 0.08, "visible": 0.09,
}  # fmt: skip
#: Shares of requests that are counted in each measure.
SHARES = {
    "paused_requests": 0.04, "forwarded_requests": 0.06, "performed_outside_scotland": 0.014, "repeat_samples": 0.012,
    "failed_samples": 0.03,
}  # fmt: skip
REASONS = {
    "awaiting_sample": 0.013, "awaiting_information": 0.016, "awaiting_relative": 0.007, "referrer_request": 0.004,
    "not_recorded": 0.0, "none": 0.96,
}  # fmt: skip
Cube = Callable[[pl.DataFrame, Indicator, Sequence[str], str, bool], pl.DataFrame]


def more_cells(base: pl.DataFrame, cube_of: Cube, late: bool) -> list[pl.DataFrame]:
    """Cells of every measure of these pages. cube_of: makes the cells of one cube and grain out of requests."""
    base = base.with_columns(receiving_lab=pl.col("performing_lab"))
    stages = base.join(pl.DataFrame({"stage": list(STAGE_PARTS)}), how="cross")
    reasons = pl.DataFrame({"pause_reason": list(REASONS), "part": list(REASONS.values())})
    paused = base.join(reasons, how="cross").with_columns(met=pl.col("requests") * pl.col("part")).drop("part")
    ways = ("reported_requests_within_standard", "within_todays_standard", "gross_turnaround_days")
    bases = dict.fromkeys(ways, base) | {"stage_days": stages, "pause_reason_share": paused}
    bases["requests_by_pause_reason"] = paused.with_columns(requests=pl.col("met"))
    bases["reported_requests_within_standard"] = base.with_columns(
        met=pl.min_horizontal(pl.col("met") * 1.02, "requests")
    )
    bases["prenatal_qfpcr_in_3_days"] = base.filter(turnaround_category="prenatal_rapid")
    bases["urgent_child_sequencing_in_14_days"] = base.filter(turnaround_category="acute_child")
    bases |= {name: base.with_columns(met=pl.col("requests") * share) for name, share in SHARES.items()}
    found = []
    for name, rows in bases.items():
        entry = indicators()[name]
        for cube in entry.all_cubes:
            if set(cube) <= set(rows.columns):
                made = [cube_of(rows, entry, cube, grain, late) for grain in entry.grains]
                found += [_in_stage(cells, cube) if name == "stage_days" else cells for cells in made]
    return found


def _in_stage(cells: pl.DataFrame, cube: Sequence[str]) -> pl.DataFrame:
    """Days of a request as days of its stage."""
    if "stage" not in cube:
        return cells
    part = pl.col(f"d{cube.index('stage') + 1}").replace_strict(STAGE_PARTS, return_dtype=pl.Float64)
    return cells.with_columns((pl.col(name) * part).round().alias(name) for name in ("value", "lower", "upper"))


def adjusted(cells: pl.DataFrame) -> pl.DataFrame:
    """What was expected of each place: a little more and a little less than Scotland's share, in turn."""
    own = cells.filter(indicator="reported_within_standard", grain="year")
    own = own.filter(pl.col("period_start") == pl.col("period_start").max())
    frames = []
    for dimension in PLACES:
        places = own.filter(cube=dimension).sort("d1").with_row_index()
        share = pl.when(pl.col("index") % 2 == 0).then(0.20).otherwise(0.24)
        frames.append(
            places.select(
                dimension=pl.lit(dimension),
                code="d1",
                period_start="period_start",
                period_end="period_end",
                state="state",
                requests=pl.when(pl.col("state") == "shown").then("denominator"),
                late=pl.col("denominator") - pl.col("numerator"),
                expected_late=pl.when(pl.col("state") == "shown").then((pl.col("denominator") * share).round()),
            ).cast(COLUMNS)
        )
    return pl.concat(frames)


def stage_shares(cells: pl.DataFrame) -> pl.DataFrame:
    """The same parts everywhere; a year before, analysis took 3% more and sequencing 3% less."""
    years = cells.filter(indicator="stage_days").select("period_start", "period_end").unique()
    newest = pl.col("period_start") == pl.col("period_start").max()
    rows = [("", ""), *(("performing_lab", code) for code in ("ABE", "DUN", "EDI", "GLA"))]
    rows += [("turnaround_category", code) for code in dimensions()["turnaround_category"].labels if code != "none"]
    places = pl.DataFrame(rows, schema=["dimension", "code"], orient="row")
    parts = pl.DataFrame({"stage": list(STAGE_PARTS), "pct": [round(100 * part) for part in STAGE_PARTS.values()]})
    moved = (
        pl.when(newest).then(0).otherwise(pl.col("stage").replace_strict({"analysis": 3, "sequencing": -3}, default=0))
    )
    shown = places.join(years, how="cross").join(parts, how="cross").with_columns(pct=pl.col("pct") + moved)
    return shown.with_columns(state=pl.lit("shown"))
