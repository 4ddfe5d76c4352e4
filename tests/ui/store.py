"""A small protected store in the release's schema, made straight with DuckDB: full, empty, hidden-only or late."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import duckdb
import numpy as np
import polars as pl

from catalogue.dimensions import cube_name, dimensions
from catalogue.indicators import Indicator, indicators
from catalogue.reference import labels, reference_rows
from methods.proportions import wilson_interval
from pipelines.definitions import definition_rows, part_rows
from pipelines.models import read_models
from pipelines.store import baseline_rows
from tests.ui.equity_store import equity_cells, equity_tables
from tests.ui.ethnicity_store import ethnicity_cells
from tests.ui.outcomes_store import outcomes_cells
from tests.ui.outlook_store import outlook_tables
from tests.ui.programme_store import insert as insert_programme
from tests.ui.programme_store import usual_items
from tests.ui.quality_store import fill_quality
from tests.ui.reach_store import reach_cells, residents
from tests.ui.stages_store import adjusted, more_cells, stage_shares

Variant = Literal["full", "empty", "hidden", "late"]

MONTHS = 66
FIRST = dt.date(2021, 5, 1)
LABS = ("ABE", "DUN", "EDI", "GLA")

SCHEMA = """
CREATE TABLE cells (
    indicator VARCHAR, cube VARCHAR, d1 VARCHAR, d2 VARCHAR, d3 VARCHAR, grain VARCHAR,
    period_start DATE, period_end DATE, period_status VARCHAR,
    statistic VARCHAR, state VARCHAR, value DOUBLE, lower DOUBLE, upper DOUBLE,
    numerator BIGINT, denominator BIGINT
);
CREATE TABLE indicators (id VARCHAR, entry VARCHAR);
CREATE TABLE dimension_values (dimension VARCHAR, code VARCHAR, label VARCHAR, display_order INTEGER);
CREATE TABLE release (key VARCHAR, value VARCHAR);
CREATE TABLE submitters (
    extract VARCHAR, submitter VARCHAR, label VARCHAR, newest_period VARCHAR, extracted_on DATE,
    periods_missing INTEGER, is_late BOOLEAN, stale_periods INTEGER
);
CREATE TABLE quality (
    indicator VARCHAR, grade VARCHAR, reasons VARCHAR[], accepted_rows BIGINT, returned_rows BIGINT, extracts VARCHAR[]
);
CREATE TABLE events (
    start_date DATE, end_date DATE, label VARCHAR, meaning VARCHAR, topic VARCHAR, source_code VARCHAR
);
CREATE TABLE standards (
    code VARCHAR, version INTEGER, turnaround_category VARCHAR, label VARCHAR, target_days INTEGER, day_type VARCHAR,
    clock_start_event VARCHAR, target_share_pct DOUBLE, valid_from DATE, valid_to DATE, jurisdiction VARCHAR,
    validity_basis VARCHAR, source_code VARCHAR, note VARCHAR
);
CREATE TABLE sources (code VARCHAR, label VARCHAR, url VARCHAR);
CREATE TABLE adjusted (
    dimension VARCHAR, code VARCHAR, period_start DATE, period_end DATE, state VARCHAR,
    requests BIGINT, late BIGINT, expected_late BIGINT
);
CREATE TABLE stage_shares (
    dimension VARCHAR, code VARCHAR, period_start DATE, period_end DATE, stage VARCHAR, state VARCHAR, pct BIGINT
);
CREATE TABLE spc_baselines (
    indicator VARCHAR, dimension VARCHAR, code VARCHAR, starts DATE, judged_from DATE, reason VARCHAR,
    decided_on DATE, source VARCHAR
);
"""

#: Category: requests a month, share within standard, median days.
CATEGORIES = {
    "prenatal_rapid": (190, 0.95, 2.0),
    "prenatal_molecular": (40, 0.90, 4.0),
    "prenatal_culture": (60, 0.93, 10.0),
    "nipt": (120, 0.93, 5.0),
    "acute_child": (35, 0.86, 11.0),
    "urgent_array": (150, 0.88, 10.0),
    "urgent_panel": (90, 0.80, 16.0),
    "urgent_haemonc": (230, 0.91, 2.0),
    "cancer_lung": (260, 0.72, 12.0),
    "cancer_standard": (800, 0.82, 16.0),
    "pharmacogenetic": (240, 0.94, 3.0),
    "predictive": (220, 0.85, 11.0),
    "familial_targeted": (420, 0.84, 28.0),
    "rare_standard": (1100, 0.74, 33.0),
    "rare_complex": (700, 0.55, 41.0),
    "whole_genome": (260, 0.63, 74.0),
}
HOME_LAB = {"East": "EDI", "West": "GLA", "North": "ABE"}
AGE_SPLIT = {"0-14": 0.42, "15-28": 0.24, "29-42": 0.16, "43+": 0.18}


def month_after(day: dt.date, months: int) -> dt.date:
    """The first day of the month so many months on."""
    index = day.year * 12 + day.month - 1 + months
    return dt.date(index // 12, index % 12 + 1, 1)


def make_store(folder: Path, variant: Variant = "full", release: str = "", synthetic: bool = True) -> Path:
    """Publishes a made-up release into a data folder and gives its store."""
    name = release or f"20261115T080000Z-{variant}"
    store = folder / "releases" / name / "protected.duckdb"
    store.parent.mkdir(parents=True)
    store.write_bytes(_made(variant, name, synthetic))
    (folder / "releases" / "current").write_text(name + "\n", encoding="utf-8")
    return store


@cache
def _made(variant: Variant, name: str, synthetic: bool) -> bytes:
    """The file of a store, made once: filling it takes seconds, and most tests only read it."""
    with TemporaryDirectory() as place:
        store = Path(place, "store.duckdb")
        with duckdb.connect(str(store)) as con:
            con.execute(SCHEMA)
            _fill(con, variant, name, synthetic)
        return store.read_bytes()


def _fill(con: duckdb.DuckDBPyConnection, variant: Variant, name: str, synthetic: bool) -> None:
    newest = month_after(FIRST, MONTHS - 1)
    data_to = month_after(newest, 1) - dt.timedelta(days=1)
    facts = {
        "release_id": name,
        "created_at": "2026-11-15T08:00:00+00:00",
        "data_to": data_to.isoformat(),
        "extracted_on": "2026-11-05",
        "is_synthetic": "true" if synthetic else "false",
        "code_version": "0.1.0",
        "next_due": "2026-12-15",
        "how_grades_are_made": "Each grade asks which share of the requests each kind of trouble bears on.",
        "gaps_need_recorded": "0.7",
    }
    con.executemany("INSERT INTO release VALUES (?, ?)", list(facts.items()))
    fill_quality(con, variant, name, _all_periods())
    cells = None if variant == "empty" else all_cells(variant == "late")
    cells = _hidden(cells) if variant == "hidden" and cells is not None else cells
    for table, frame in outlook_tables(variant, cells).items():
        con.register("incoming", frame.to_arrow())
        con.execute(f"CREATE TABLE {table} AS SELECT * FROM incoming")
        con.unregister("incoming")
    for table, frame in residents().items():
        con.register("incoming", frame.to_arrow())
        con.execute(f"CREATE TABLE {table} AS SELECT * FROM incoming")
        con.unregister("incoming")
    if cells is None:
        return
    for table, frame in equity_tables(cells).items():
        con.register("incoming", frame.to_arrow())
        con.execute(f"CREATE TABLE {table} AS SELECT * FROM incoming")
        con.unregister("incoming")
    con.executemany(
        "INSERT INTO indicators VALUES (?, ?)", [(e.id, e.model_dump_json()) for e in indicators().values()]
    )
    for dimension in dimensions().values():
        rows = [(dimension.name, code, label, place) for place, (code, label) in enumerate(dimension.labels.items(), 1)]
        con.executemany("INSERT INTO dimension_values VALUES (?, ?, ?, ?)", rows)
    _insert(con, "events", _reference("events"))
    _insert(con, "standards", _reference("turnaround_standards"))
    _insert(con, "sources", _reference("sources").select("code", "label", "url"))
    _insert(con, "spc_baselines", baseline_rows())
    for table, frame in _definitions().items():
        con.register("incoming", frame.to_arrow())
        con.execute(f"CREATE TABLE {table} AS SELECT * FROM incoming")
        con.unregister("incoming")
    _insert(con, "submitters", _submitters(variant))
    _insert(con, "quality", _quality())
    _insert(con, "cells", cells)
    _insert(con, "adjusted", adjusted(cells))
    if variant != "hidden":
        _insert(con, "stage_shares", stage_shares(cells))
        insert_programme(con, usual_items())


@cache
def _definitions() -> dict[str, pl.DataFrame]:
    """SQL, worked examples and fingerprints of today's measures."""
    models, entries = read_models(), indicators()
    parts = part_rows(entries, models, rounding="a secret")
    return {"definitions": definition_rows(entries, models), "definition_parts": parts}


def _all_periods() -> pl.DataFrame:
    """Grain and first day of every period of the record."""
    last = {"month": MONTHS, "quarter": (MONTHS + FIRST.month - 1) // 3, "year": MONTHS // 12}
    first = {"month": 0, "quarter": 2, "year": 0}
    rows = [(grain, _start(grain, index)) for grain in last for index in range(first[grain], last[grain])]
    return pl.DataFrame(rows, schema={"grain": pl.String, "period_start": pl.Date}, orient="row")


def _insert(con: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    con.register("incoming", frame.to_arrow())
    con.execute(f"INSERT INTO {table} BY NAME SELECT * FROM incoming")
    con.unregister("incoming")


def _reference(table: str) -> pl.DataFrame:
    """A reference table with dates and numbers typed; empty text is null."""
    frame = pl.DataFrame(list(reference_rows(table)))
    frame = frame.with_columns(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in frame.columns)
    dates = [name for name in frame.columns if name.endswith("_date") or name.startswith("valid_")]
    numbers = [name for name in frame.columns if name in ("version", "target_days", "target_share_pct")]
    return frame.with_columns(
        *(pl.col(name).str.to_date() for name in dates), *(pl.col(name).cast(pl.Float64) for name in numbers)
    )


def _submitters(variant: Variant) -> pl.DataFrame:
    names = labels("laboratories")
    late = variant == "late"
    return pl.DataFrame(
        [
            {
                "extract": extract,
                "submitter": lab,
                "label": names[lab],
                "newest_period": "2026-08" if late and lab == "DUN" else "2026-10",
                "extracted_on": dt.date(2026, 9, 4) if late and lab == "DUN" else dt.date(2026, 11, 5),
                "periods_missing": 2 if late and lab == "DUN" else 0,
                "is_late": late and lab == "DUN",
                "stale_periods": 1 if late and lab == "DUN" else 0,
            }
            for extract in ("testing", "turnaround")
            for lab in LABS
        ]
    )


def _quality() -> pl.DataFrame:
    poor = {
        "ethnicity_recorded": ("poor", ["Fewer than 70% of people have a recorded ethnic group in 4 of 14 boards."])
    }
    fair = {"turnaround_days": ("fair", ["3% of rows came back for a date out of order."])}
    rows = []
    for name in indicators():
        grade, reasons = (poor | fair).get(name, ("good", []))
        rows.append(
            {
                "indicator": name,
                "grade": grade,
                "reasons": reasons,
                "accepted_rows": 326_455,
                "returned_rows": 2_340,
                "extracts": ["testing", "turnaround"],
            }
        )
    return pl.DataFrame(rows, schema_overrides={"reasons": pl.List(pl.String), "extracts": pl.List(pl.String)})


def _hidden(cells: pl.DataFrame) -> pl.DataFrame:
    """Every cell confidential; only the newest three years, the rest is not needed."""
    nothing = [pl.lit(None, pl.Float64).alias(name) for name in ("value", "lower", "upper")]
    counts = [pl.lit(None, pl.Int64).alias(name) for name in ("numerator", "denominator")]
    return cells.with_columns(pl.lit("confidential").alias("state"), *nothing, *counts)


@cache
def _base() -> pl.DataFrame:
    """Requests by month, board, laboratory and category, with how many met the standard."""
    random = np.random.default_rng(20261121)
    boards = [row for row in reference_rows("boards") if row["is_territorial"] == "yes"]
    people = np.array([float(row["population_mid_2023"]) for row in boards])
    rows = []
    for month in range(MONTHS):
        season = 1 + 0.06 * np.sin(2 * np.pi * month / 12) - (0.10 if (FIRST.month + month - 1) % 12 == 11 else 0)
        for board, size in zip(boards, people / people.sum(), strict=True):
            home = "DUN" if board["label"] == "Tayside" else HOME_LAB[board["planning_region"]]
            for category, (volume, share, _) in CATEGORIES.items():
                grown = volume * (1.05 ** (month / 12)) * season * size
                for lab in LABS:
                    expected = grown * (0.91 if lab == home else 0.03)
                    requests = random.poisson(expected)
                    if not requests:
                        continue
                    trouble = (
                        0.18 if lab == "DUN" and 40 <= month <= 56 else 0.06 if lab == "GLA" and month > 58 else 0.0
                    )
                    met = random.binomial(requests, float(np.clip(share + 0.0008 * month - trouble, 0.02, 0.99)))
                    rows.append((month, board["code"], lab, category, requests, met))
    return pl.DataFrame(
        rows,
        schema={
            "month": pl.Int64, "requesting_board": pl.String, "performing_lab": pl.String,
            "turnaround_category": pl.String, "requests": pl.Int64, "met": pl.Int64,
        },
        orient="row",
    ).with_columns(pl.col("requesting_board").alias("residence_board"))  # fmt: skip


def all_cells(late: bool = False) -> pl.DataFrame:
    """The cells of every indicator that the Turnaround and home pages show, protected the simple way."""
    base = _base()
    frames = []
    for name in (
        "reported_within_standard",
        "overdue_backlog",
        "open_requests",
        "turnaround_days",
        "requests_received",
        "requests_reported",
        "ethnicity_recorded",
    ):
        entry = indicators()[name]
        for cube in entry.all_cubes:
            if set(cube) - {"open_age"} <= set(base.columns):
                frames.extend(_cube(base, entry, cube, grain, late) for grain in entry.grains)
    frames += more_cells(base, _cube, late)
    frames += outcomes_cells(base, _cube, late)
    frames.append(ethnicity_cells(_people(base, late)).select(frames[0].columns))
    frames.append(equity_cells(_people(base, late)).select(frames[0].columns))
    frames.append(reach_cells(late).select(frames[0].columns))
    return _islands_together(pl.concat(frames)).sort("indicator", "cube", "grain", "period_start")


def _islands_together(cells: pl.DataFrame) -> pl.DataFrame:
    """Crossed cubes hold the island boards as one: here Orkney's cells stand for all three."""
    crossed = pl.col("cube").str.contains("+", literal=True)
    others = pl.col("d1").is_in(["S08000026", "S08000028"])
    merge = pl.when(crossed & (pl.col("d1") == "S08000025")).then(pl.lit("island_boards")).otherwise("d1")
    return cells.filter(~(crossed & others).fill_null(value=False)).with_columns(d1=merge)


def _people(base: pl.DataFrame, late: bool) -> pl.DataFrame:
    """Requests by grain, period and board of residence, each taken for a person."""
    parts = []
    for grain in ("month", "quarter", "year"):
        rows = base.with_columns(_period_index(grain).alias("period")).filter(pl.col("period") >= 0)
        rows = rows.group_by("period", "residence_board", maintain_order=True).agg(pl.col("requests").sum())
        starts, ends = ([find(grain, index) for index in rows["period"]] for find in (_start, _end))
        dated = rows.with_columns(
            pl.Series("period_start", starts, dtype=pl.Date), pl.Series("period_end", ends, dtype=pl.Date)
        )
        parts.append(dated.with_columns(pl.lit(grain).alias("grain"), _status(grain, late).alias("period_status")))
    return pl.concat(parts)


def _cube(base: pl.DataFrame, entry: Indicator, cube: Sequence[str], grain: str, late: bool) -> pl.DataFrame:
    keys = [name for name in cube if name != "open_age"]
    periods = base.with_columns(_period_index(grain).alias("period")).filter(pl.col("period") >= 0)
    counts = periods.group_by("period", *keys, maintain_order=True).agg(
        pl.col("requests").sum(), pl.col("met").sum(), _mean_days(periods).alias("days")
    )
    counts = counts.with_columns(
        pl.Series("period_start", [_start(grain, index) for index in counts["period"]], dtype=pl.Date),
        pl.Series("period_end", [_end(grain, index) for index in counts["period"]], dtype=pl.Date),
    )
    if "open_age" in cube:
        ages = pl.DataFrame({"open_age": list(AGE_SPLIT), "split": list(AGE_SPLIT.values())})
        counts = counts.join(ages, how="cross")
    rows = _values(counts, entry)
    return _protect(rows, entry, cube, grain, late)


def _mean_days(frame: pl.DataFrame) -> pl.Expr:
    medians = {category: median for category, (_, _, median) in CATEGORIES.items()}
    days = pl.col("turnaround_category").replace_strict(medians, return_dtype=pl.Float64)
    return (days * pl.col("requests")).sum() / pl.col("requests").sum()


def _values(counts: pl.DataFrame, entry: Indicator) -> pl.DataFrame:
    """Statistic, numerator and denominator of each kind."""
    if entry.kind == "time_to_event":
        slow = 1.25 - pl.col("met") / pl.col("requests") * 0.3
        statistics = {"median": 1.0, "p90": 2.1, "p95": 2.9}
        return pl.concat(
            counts.with_columns(
                pl.lit(name).alias("statistic"),
                (pl.col("days") * slow * factor).round().alias("value"),
                pl.col("requests").alias("numerator"),
                pl.col("requests").alias("denominator"),
            )
            for name, factor in statistics.items()
        )
    if entry.kind == "snapshot":
        still = (pl.col("requests") * 0.9 * (pl.col("split") if "split" in counts.columns else 1)).round()
        late = (still * (1 - pl.col("met") / pl.col("requests"))).round()
        return counts.with_columns(
            pl.lit("share").alias("statistic"),
            late.cast(pl.Int64).alias("numerator"),
            still.cast(pl.Int64).alias("denominator"),
        )
    if entry.kind == "count":
        part = pl.col("split") if "split" in counts.columns else pl.lit(1)
        count = (pl.col("requests") * part).round().cast(pl.Int64)
        return counts.with_columns(
            pl.lit("count").alias("statistic"),
            count.alias("numerator"),
            count.alias("denominator"),
        )
    share = pl.col("requests") * 0.71 if entry.id == "ethnicity_recorded" else pl.col("met")
    return counts.with_columns(
        pl.lit("share").alias("statistic"),
        share.round().cast(pl.Int64).alias("numerator"),
        pl.col("requests").alias("denominator"),
    )


def _protect(rows: pl.DataFrame, entry: Indicator, cube: Sequence[str], grain: str, late: bool) -> pl.DataFrame:
    """Under 10 hidden, the rest rounded to 5; percentiles where there are too few are not available."""
    five = [((pl.col(name) + 2) // 5 * 5).alias(name) for name in ("numerator", "denominator")]
    rows = rows.with_columns(pl.col("denominator").alias("exact")).with_columns(five)
    rows = rows.with_columns(pl.min_horizontal("numerator", "denominator").alias("numerator"))
    rows = rows.with_columns(wilson_interval(pl.col("numerator"), pl.col("denominator")).alias("interval"))
    if entry.kind == "time_to_event":
        spread = 1.4 * pl.col("value") / pl.col("exact").sqrt()
        rows = rows.with_columns((pl.col("value") - spread).alias("lower"), (pl.col("value") + spread).alias("upper"))
    elif entry.kind == "count":
        none = pl.lit(None, pl.Float64)
        rows = rows.with_columns(
            pl.col("numerator").cast(pl.Float64).alias("value"), none.alias("lower"), none.alias("upper")
        )
    else:
        rows = rows.with_columns(
            (pl.col("numerator") / pl.col("denominator")).alias("value"),
            pl.col("interval").struct.field("lower").alias("lower"),
            pl.col("interval").struct.field("upper").alias("upper"),
        )
    needs = {"median": 20, "p90": 100, "p95": 200}
    few = pl.col("exact") < pl.col("statistic").replace_strict(needs, default=0, return_dtype=pl.Int64)
    unreached = (pl.col("period_end") > dt.date(2026, 9, 30)) & pl.col("statistic").is_in(["p95"]) & (grain != "year")
    state = (
        pl.when(pl.col("exact") < 10).then(pl.lit("confidential")).when(few | unreached).then(pl.lit("not_available"))
    ).otherwise(pl.lit("shown"))
    rows = rows.with_columns(state.alias("state"), _status(grain, late).alias("period_status"))
    kept = pl.col("state") == "shown"
    places = [pl.col(name).alias(f"d{place}") for place, name in enumerate(cube, 1)]
    places += [pl.lit(None, pl.String).alias(f"d{place}") for place in range(len(cube) + 1, 4)]
    return rows.select(
        pl.lit(entry.id).alias("indicator"),
        pl.lit(cube_name(cube)).alias("cube"),
        *places,
        pl.lit(grain).alias("grain"),
        "period_start",
        "period_end",
        "period_status",
        "statistic",
        "state",
        *(pl.when(kept).then(pl.col(name)).cast(pl.Float64).alias(name) for name in ("value", "lower", "upper")),
        pl.when(kept).then(pl.col("numerator")).cast(pl.Int64).alias("numerator"),
        pl.when(pl.col("state") != "confidential").then(pl.col("denominator")).cast(pl.Int64).alias("denominator"),
    )


def _status(grain: str, late: bool) -> pl.Expr:
    end = pl.col("period_end")
    incomplete = end > dt.date(2026, 8, 31) if late else end > dt.date(2026, 10, 31)
    final = end <= dt.date(2026, 7, 31) if grain != "year" else end <= dt.date(2025, 10, 31)
    return (
        pl.when(incomplete)
        .then(pl.lit("incomplete"))
        .when(final)
        .then(pl.lit("final"))
        .otherwise(pl.lit("provisional"))
    )


def _period_index(grain: str) -> pl.Expr:
    month = pl.col("month")
    if grain == "month":
        return month
    if grain == "quarter":
        return (month + FIRST.month - 1) // 3
    return month // 12 - 0 if MONTHS % 12 == 0 else (month - MONTHS % 12) // 12


def _start(grain: str, index: int) -> dt.date:
    if grain == "month":
        return month_after(FIRST, index)
    if grain == "quarter":
        return month_after(dt.date(FIRST.year, 1, 1), 3 * index)
    return month_after(FIRST, MONTHS % 12 + 12 * index)


def _end(grain: str, index: int) -> dt.date:
    months = {"month": 1, "quarter": 3, "year": 12}[grain]
    return month_after(_start(grain, index), months) - dt.timedelta(days=1)
