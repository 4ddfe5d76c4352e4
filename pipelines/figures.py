"""The protected cells of every indicator: counted exactly, put through disclosure control, then put in one shape."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import product
from pathlib import Path

import duckdb
import polars as pl

from catalogue.dimensions import cube_name, dimensions, in_order
from catalogue.disclosure import rules
from catalogue.indicators import Formula, Indicator
from methods.time_to_event import time_quantiles
from pipelines import cubes, protect
from pipelines.disclosure.control import Protected
from pipelines.disclosure.control import protect as control
from pipelines.disclosure.nested import Nested, as_rows, nested_measures, of_rows
from pipelines.disclosure.secret import Secret
from pipelines.kept.cells import KeptCells
from pipelines.kept.work import KeptWork
from pipelines.stopwatch import counting
from pipelines.unprotected import open_cells

#: What names a cell and what may be shown of it.
SHOWN = (*cubes.CELL, *protect.STATISTIC)

#: The same, and whether the cell is settled: false while much of it may still change. That becomes part of
#: `period_status` when the whole is put together.
COLUMNS = (*SHOWN, "is_settled")

Cells = dict[str, pl.DataFrame]

#: A period of a time to event is settled once at most this share of Scotland's requests is still open.
SETTLED_UNDER = 0.05

#: How an indicator's cells are counted, by kind.
_COUNTED = {
    "share": cubes.share_cells,
    "snapshot": cubes.share_cells,
    "count": cubes.count_cells,
    "time_to_event": cubes.waiting_cells,
}


def protected_cells(
    con: duckdb.DuckDBPyConnection,
    entries: dict[str, Indicator],
    first_month: dt.date,
    secret: Secret,
    before: Path | None = None,
    done: Callable[[str], None] = lambda _: None,
    doing: Callable[[str], None] = lambda _: None,
    attack_seconds: float | None = None,
    *,
    kept: KeptWork,
) -> tuple[pl.DataFrame, dict[str, object]]:
    """Every published indicator's cells as they may be shown, COLUMNS, sorted by indicator, cube and period; and what
    the manifest says of how that was proved.

    con: the built warehouse with `ref_days`, `ref_periods`, the marts and the indicators' tables. first_month: first
    day of the record. before: the protected store of the release being served. attack_seconds: as in
    `pipelines.disclosure.control.protect`. kept: what earlier builds counted, protected and found; new work is added.
    Raises PipelineError where a small count could be worked out.
    """
    published = {name: entry for name, entry in entries.items() if entry.published and entry.kind != "awaited"}
    derived = {name: entry for name, entry in published.items() if entry.formula}
    of_people = {name: entry for name, entry in published.items() if not entry.formula and entry.counts_people}
    exact: Cells = {}
    with counting("Protect: count"):
        for name, entry in of_people.items():
            exact[name] = _without_run_in(_COUNTED[entry.kind](con, entry, secret, kept.cells), published, first_month)
            done(name)
        nested = _nested(con, of_people, kept)
    with counting("Protect: hide and attack"):
        safe = control(exact, of_people, rules(), nested, before, doing, attack_seconds, kept.attacks, kept.protection)
        kept.attacks.keep()
    found: Cells = {
        name: _settled(open_cells(con, entry, rules())).select(COLUMNS)
        for name, entry in published.items()
        if not entry.formula and not entry.counts_people
    }
    with counting("Protect: shares and days"):
        for name, entry in of_people.items():
            found[name] = _everywhere(_cells_of(con, entry, exact, safe, secret, kept.cells), entry, safe)
    for name, entry in derived.items():
        found[name] = _settled(derived_cells(entry, found)).select(COLUMNS)
    cells = pl.concat(found.values(), how="vertical_relaxed")
    return cells.sort("indicator", "cube", "grain", "statistic", "period_start", "d1", "d2", "d3"), safe.audit


def _nested(con: duckdb.DuckDBPyConnection, of_people: dict[str, Indicator], kept: KeptWork) -> list[Nested]:
    given = [entry.model_dump_json() for entry in of_people.values()]
    found = kept.results.of(
        "nested", con, given, lambda con: {"pairs": as_rows(nested_measures(con, of_people.values()))}
    )
    return of_rows(found["pairs"])


def _cells_of(
    con: duckdb.DuckDBPyConnection,
    entry: Indicator,
    exact: Cells,
    safe: Protected,
    secret: Secret,
    kept: KeptCells | None,
) -> pl.DataFrame:
    shown = _shown(entry, safe)
    if entry.kind in ("share", "snapshot"):
        return protect.share_cells(shown)
    if entry.kind == "count":
        return protect.count_cells(shown)
    return _percentiles(exact_percentiles(con, entry, exact[entry.id], secret, kept), shown)


def _shown(entry: Indicator, safe: Protected) -> pl.DataFrame:
    """The cells of an indicator that have a place in the release, with a column a part: its shown count, or null."""
    own = safe.counts.filter(pl.col("is_published"), indicator=entry.id)
    parts = {"count": ["count"], "time_to_event": ["requests"]}.get(entry.kind, ["in", "out", "whole"])
    return own.group_by(*cubes.CELL, maintain_order=True).agg(
        pl.col("shown").filter(pl.col("part") == part).first().alias(part) for part in parts
    )


def derived_cells(entry: Indicator, found: Cells) -> pl.DataFrame:
    """Cells of a derived indicator, SHOWN, from the shown cells of the indicators that its formula names.

    Nothing exact goes in, so nothing can come out that the shown counts do not tell already.
    """
    if entry.formula is None:
        raise ValueError(f"{entry.id} is not derived")
    counts = found[entry.formula.of]
    if entry.formula.kind == "share_within":
        return _share_within(entry, entry.formula, counts)
    if entry.formula.to:
        return _ratio_to(entry, counts, found[entry.formula.to])
    return _growth_on_year(entry, counts)


def exact_percentiles(
    con: duckdb.DuckDBPyConnection,
    entry: Indicator,
    waiting: pl.DataFrame,
    secret: Secret,
    kept: KeptCells | None = None,
) -> pl.DataFrame:
    """Exact percentiles of each cell of a time to event; they never leave the build side.

    waiting: its cells as `cubes.waiting_cells` counts them. Returns one row a cell and statistic: the cell's columns,
    `number` of requests, `open`, `people`, `statistic`, and `value`, `lower` and `upper` in days.
    """
    cells = waiting.rename({"requests": "number"}).drop("draw").with_row_index("cell")
    counts = cubes.day_counts(con, entry, secret, kept).join(
        cells.select("cell", *cubes.CELL), on=cubes.CELL, nulls_equal=True
    )
    asked = {probability: statistic for statistic, (probability, _) in protect.PERCENTILES.items()}
    times = time_quantiles(
        counts.select("cell", pl.col("days").alias("time").cast(pl.Float64), "events", "censored"),
        list(asked),
        ["cell"],
    )
    named = times.with_columns(statistic=pl.col("probability").replace_strict(asked)).drop(
        "probability", "method", "reason"
    )
    return cells.join(named, on="cell").drop("cell")


def _percentiles(exact: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """Median, 90th and 95th percentile of each cell that has a place in the release, each with the people it needs.

    Whether a period is settled is judged on Scotland as a whole: judged cell by cell, it would tell of a small one how
    many of its requests are open.
    """
    settled = exact.filter(cube="").select(
        "grain", "period_start", is_settled=pl.col("open") <= SETTLED_UNDER * pl.col("number")
    )
    placed = exact.join(shown, on=cubes.CELL, nulls_equal=True)
    cells = pl.concat(
        protect.percentile_cells(placed.filter(statistic=statistic).drop("statistic"), statistic).select(SHOWN)
        for statistic in protect.PERCENTILES
    )
    return cells.join(settled.unique(), on=["grain", "period_start"], how="left").with_columns(
        pl.col("is_settled").fill_null(value=True)
    )


def _share_within(entry: Indicator, formula: Formula, counts: pl.DataFrame) -> pl.DataFrame:
    """One value's share of its margin, from shown counts: a technology's share of its directory."""
    assert formula.over is not None
    found = []
    for cube in entry.all_cubes:
        rest = [name for name in cube if name != formula.over]
        here = _of_cube(counts, entry, cube)
        margin = _of_cube(counts, entry, rest).select(
            *(pl.col(f"d{i}").alias(f"d{cube.index(name) + 1}") for i, name in enumerate(rest, 1)),
            "grain",
            "period_start",
            pl.col("numerator").alias("whole"),
        )
        keys = [f"d{cube.index(name) + 1}" for name in rest] + ["grain", "period_start"]
        joined = here.join(margin, on=keys, how="left", nulls_equal=True)
        found.append(joined.with_columns(**protect.share_of_shown(pl.col("numerator"), pl.col("whole"))).select(SHOWN))
    return pl.concat(found)


def _growth_on_year(entry: Indicator, counts: pl.DataFrame) -> pl.DataFrame:
    """Growth of each shown count on the same period a year before."""
    found = []
    for cube in entry.all_cubes:
        here = _of_cube(counts, entry, cube)
        keys = ["d1", "d2", "d3", "grain", "period_start"]
        before = here.select(
            "d1",
            "d2",
            "d3",
            "grain",
            pl.col("period_start").dt.offset_by("12mo"),
            pl.col("numerator").alias("then"),
            has_then=pl.lit(True),
        )
        joined = here.join(before, on=keys, how="left", nulls_equal=True)
        growth = protect.growth_of_shown(pl.col("numerator"), pl.col("then"), pl.col("has_then").fill_null(value=False))
        found.append(joined.with_columns(**growth).select(SHOWN))
    return pl.concat(found)


def _ratio_to(entry: Indicator, counts: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Each shown count as a share of another indicator's in the same cell."""
    found = []
    for cube in entry.all_cubes:
        keys = ["d1", "d2", "d3", "grain", "period_start"]
        whole = _of_cube(others, entry, cube).select(*keys, whole="numerator")
        joined = _of_cube(counts, entry, cube).join(whole, on=keys, how="left", nulls_equal=True)
        found.append(joined.with_columns(**protect.share_of_shown(pl.col("numerator"), pl.col("whole"))).select(SHOWN))
    return pl.concat(found)


def _of_cube(counts: pl.DataFrame, entry: Indicator, cube: tuple[str, ...] | list[str]) -> pl.DataFrame:
    """The shown counts of one cube and the entry's grains, under the derived entry's own id."""
    return counts.filter(
        pl.col("cube") == cube_name(in_order(cube)), pl.col("grain").is_in(list(entry.grains))
    ).with_columns(indicator=pl.lit(entry.id))


def _settled(cells: pl.DataFrame) -> pl.DataFrame:
    return cells if "is_settled" in cells.columns else cells.with_columns(is_settled=pl.lit(True))


def _everywhere(cells: pl.DataFrame, entry: Indicator, safe: Protected) -> pl.DataFrame:
    """The cells, and a hidden one wherever nobody stands: for each combination of values, each period and statistic.

    Values are those that the record holds anywhere, crossed, whether or not they ever met: without these cells, one
    that is not there would tell zero from 1 to 9. A series without monthly points has none of these either.
    """
    cells = _settled(cells).select(COLUMNS)
    periods = cells.select("grain", "period_start", "period_end").unique()
    statistics = cells.select("indicator", "statistic").unique()
    monthly = safe.counts.filter(pl.col("is_published"), indicator=entry.id, grain="month")
    spine = []
    for cube in entry.all_cubes:
        places = _places(cells, cube).join(periods, how="cross")
        if entry.grains != ["month"]:
            own = monthly.filter(cube=cube_name(cube)).select("d1", "d2", "d3").unique()
            months = places.filter(grain="month").join(own, on=["d1", "d2", "d3"], how="semi", nulls_equal=True)
            places = pl.concat([places.filter(pl.col("grain") != "month"), months])
        spine.append(places.join(statistics, how="cross"))
    key = [*cubes.CELL, "statistic"]
    hidden = pl.col("state").is_null()
    return (
        pl.concat(spine)
        .select(key)
        .join(cells, on=key, how="left", nulls_equal=True)
        .with_columns(
            state=pl.when(hidden).then(pl.lit(protect.CONFIDENTIAL)).otherwise("state"),
            is_settled=pl.col("is_settled").min().over("grain", "period_start").fill_null(value=True),
        )
        .select(COLUMNS)
    )


def _places(cells: pl.DataFrame, cube: tuple[str, ...]) -> pl.DataFrame:
    """Every combination of the values that each dimension of a cube takes anywhere: `cube`, `d1`, `d2`, `d3`."""
    values = []
    for name in cube:
        seen = set(cells.filter(cube=name)["d1"].unique()) - {None}
        merges = dimensions()[name].merged_into if len(cube) > 1 else {}
        values.append(sorted(seen - merges.keys()))
    rows = [(cube_name(cube), *codes, *[None] * (3 - len(codes))) for codes in product(*values)]
    return pl.DataFrame(rows, schema=dict.fromkeys(("cube", "d1", "d2", "d3"), pl.String), orient="row")


def _without_run_in(cells: pl.DataFrame, entries: dict[str, Indicator], first_month: dt.date) -> pl.DataFrame:
    """The cells less those of months in which a measure was not whole yet, counted from the start of the record."""
    run_in = pl.col("indicator").replace_strict(
        list(entries), [entry.run_in_months for entry in entries.values()], return_dtype=pl.Int64
    )
    begins = pl.lit(first_month).dt.offset_by(pl.format("{}mo", run_in))
    return cells.filter(pl.col("period_start") >= begins)
