"""The numbers of the page Who is reached, put together for an area: rates over the years, and boards side by side."""

from __future__ import annotations

from typing import Any

import polars as pl

from catalogue.dimensions import dimensions
from methods.rates import rate_interval
from ui import reach_cells, reach_rates
from ui.data import Snapshot
from ui.figure import Figure, Query
from ui.figures import ask
from ui.made_once import made_once
from ui.reach_cells import ETHNIC, RESIDENCE, RURAL, SIMD
from ui.reach_filters import DIRECTORY, Choice, place
from ui.reach_groups import GROUPS, UNKNOWN

RECORDED, AGREES = "ethnicity_recorded", "ethnicity_agreement"
MERGED = "island_boards"

#: Where more of the cells of a standardised rate are hidden, the rate is not shown.
MOST_HIDDEN = 1 / 3
NUMBERS = {"value": pl.Float64, "lower": pl.Float64, "upper": pl.Float64, "reason": pl.String}


def recorded(snapshot: Snapshot, choice: Choice) -> Figure | None:
    """The share of people with a recorded ethnic group, of the area and the tests chosen."""
    fixed = (*choice.fixed, ("directory", DIRECTORY[choice.indicator]))
    return reach_cells.counts(snapshot, RECORDED, None, fixed, place(snapshot, choice))


def agreement(snapshot: Snapshot, choice: Choice) -> Figure | None:
    """How often the recorded group agrees with another record, in the area."""
    return reach_cells.counts(snapshot, AGREES, None, choice.fixed, place(snapshot, choice))


def share_recorded(figure: Figure | None) -> float:
    """The share of people with a recorded group; 0 where it is not known, so that no gap is shown."""
    row = only(figure)
    return float(row["value"]) if row and row["state"] == "shown" else 0.0


def only(figure: Figure | None) -> dict[str, Any] | None:
    """The one row of a figure; None where there are none or several."""
    return figure.cells.row(0, named=True) if figure is not None and figure.cells.height == 1 else None


def hidden_under(snapshot: Snapshot) -> int:
    """The threshold of the release."""
    return snapshot.release.hidden_under


def reach(snapshot: Snapshot) -> int:
    """How far rounding may have moved a count."""
    return snapshot.release.rounded_to - 1


def national(snapshot: Snapshot, indicator: str) -> pl.DataFrame:
    """People tested in Scotland by sex and age in each period: `period_start`, `sex`, `age_band` and their range."""
    return _national(snapshot.key, indicator, snapshot)


@made_once(20)
def _national(key: str, indicator: str, _snapshot: Snapshot) -> pl.DataFrame:  # noqa: ARG001 - key: the release
    cells = reach_cells.with_range(reach_cells.by_age_and_sex(_snapshot, indicator), hidden_under(_snapshot))
    return reach_cells.to_oldest(cells, ["period_start", "sex"])


def newest(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of the newest period."""
    return frame.filter(pl.col("period_start") == pl.col("period_start").max())


def lived_by(snapshot: Snapshot, *keys: str, area: str | None = None) -> pl.DataFrame:
    """Residents by SIMD quintile, sex or age."""
    return reach_cells.residents(snapshot, "residents_by_simd_age_sex", area, list(keys))


def rates(snapshot: Snapshot, choice: Choice) -> pl.DataFrame:
    """The rate of people tested per 100,000 by SIMD quintile in each period, allowing for age and sex.

    Scotland: direct, from its own cells by quintile, sex and age. A board: indirect, from Scotland's rates by sex and
    age.
    Returns `period_start`, `simd_quintile`, `people`, value, lower, upper, `reason`.
    """
    return _rates(snapshot.key, choice.without_assumptions, snapshot)


@made_once(100)
def _rates(key: str, choice: Choice, _snapshot: Snapshot) -> pl.DataFrame:  # noqa: ARG001 - key: the release
    if choice.area is not None:
        return _of_board(_snapshot, choice)
    cells = reach_cells.by_age_and_sex(_snapshot, choice.indicator, quintiles=True)
    counts = reach_cells.to_oldest(
        reach_cells.with_range(cells, hidden_under(_snapshot)), ["period_start", SIMD, "sex"]
    )
    lived = lived_by(_snapshot, SIMD, "sex", "age_band")
    found = reach_rates.direct(counts, lived, ["period_start", SIMD], hidden_under(_snapshot))
    return _sound(found, cells)


def _sound(rates: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """The rates, hidden where more than a third of the cells are: what is hidden would make most of the rate."""
    shares = cells.group_by("period_start", SIMD).agg(hidden_share=(pl.col("state") != "shown").mean())
    wide = pl.col("hidden_share") > MOST_HIDDEN
    return rates.join(shares, on=["period_start", SIMD], how="left").with_columns(
        *(pl.when(~wide).then(pl.col(name)).alias(name) for name in ("value", "lower", "upper")),
    ).drop("hidden_share")  # fmt: skip


def _of_board(snapshot: Snapshot, choice: Choice) -> pl.DataFrame:
    figure = ask(snapshot, Query(choice.indicator, "year", choice.fixed, SIMD), place(snapshot, choice))
    if figure is None or figure.cells.is_empty():
        return pl.DataFrame(schema={"period_start": pl.Date, SIMD: pl.String, "people": pl.Float64} | NUMBERS)
    cells = figure.cells.filter(pl.col("period_status") != "incomplete", pl.col("code").is_in(reach_cells.QUINTILES))
    cells = cells.select("period_start", pl.col("code").alias(SIMD), "state", "value")
    frames = []
    for (start,), group in cells.group_by("period_start", maintain_order=True):
        expected = expected_people(snapshot, choice.indicator, start, SIMD)
        expected = expected.filter(pl.col(RESIDENCE) == choice.area).select(SIMD, "expected")
        rows = group.join(expected, on=SIMD, how="inner", maintain_order="left")
        frames.append(
            reach_rates.against_expected(rows, reach(snapshot), crude_rate(snapshot, choice.indicator, start))
        )
    return pl.concat(frames).drop("state", "expected")


def tested(snapshot: Snapshot, indicator: str, start: Any) -> float | None:
    """People tested in Scotland in a period; None where hidden."""
    return _tested(snapshot.key, indicator, start, snapshot)


@made_once(100)
def _tested(key: str, indicator: str, start: Any, _snapshot: Snapshot) -> float | None:  # noqa: ARG001 - key: the release
    cells = _snapshot.cells(indicator, "year", {}).filter(pl.col("period_start") == start, pl.col("state") == "shown")
    return float(cells["value"][0]) if cells.height else None


def crude_rate(snapshot: Snapshot, indicator: str, start: Any) -> float:
    """Scotland's crude rate per 100,000 in a period; 1 where it is not known."""
    lived, people = float(lived_by(snapshot, "sex")["population"].sum()), tested(snapshot, indicator, start)
    return reach_rates.PER * people / lived if people and lived else 1.0


def expected_people(snapshot: Snapshot, indicator: str, start: Any, *by: str) -> pl.DataFrame:
    """People expected at Scotland's rates by sex and age of a period, by area (island boards as one) and `by`."""
    return _expected(snapshot.key, indicator, start, by, snapshot)


@made_once(100)
def _expected(key: str, indicator: str, start: Any, by: tuple[str, ...], _snapshot: Snapshot) -> pl.DataFrame:  # noqa: ARG001
    """Made once for all areas."""
    snapshot = _snapshot
    denominators = lived_by(snapshot, RESIDENCE, *by, "sex", "age_band")
    rows = national(snapshot, indicator).filter(pl.col("period_start") == start)
    if denominators.is_empty() or rows.is_empty():
        return pl.DataFrame(schema={RESIDENCE: pl.String} | dict.fromkeys(by, pl.String) | {"expected": pl.Float64})
    found = reach_rates.expected(denominators, [RESIDENCE, *by], rows, tested(snapshot, indicator, start))
    merged = found.with_columns(pl.col(RESIDENCE).replace(dimensions()[RESIDENCE].merged_into))
    both = pl.concat([found, merged.filter(pl.col(RESIDENCE) == MERGED)])
    return both.group_by(RESIDENCE, *by, maintain_order=True).agg(pl.col("expected").sum())


def boards(snapshot: Snapshot, indicator: str) -> tuple[pl.DataFrame, Figure | None]:
    """People tested of each board over those expected at Scotland's rates by sex and age, and the figure behind it.

    Returns `code`, `state`, `people`, `expected`, value, lower, upper; boards in the order of the list, island boards
    apart and as one, `mainland` last: Scotland less the island boards.
    """
    figure = reach_cells.counts(snapshot, indicator, RESIDENCE)
    if figure is None or figure.cells.is_empty():
        return pl.DataFrame(), figure
    start = figure.first
    expected = expected_people(snapshot, indicator, start).rename({RESIDENCE: "code"})
    if expected.is_empty():
        return pl.DataFrame(), figure
    wanted = [*reach_cells.boards_of(None), MERGED]
    cells = figure.cells.filter(pl.col("code").is_in(wanted)).select("code", "state", "value")
    rows = cells.join(expected, on="code", how="inner", maintain_order="left")
    mainland = rows.filter(~pl.col("code").is_in([*reach_cells.boards_of(MERGED), MERGED]))
    whole = mainland.select(
        pl.lit("mainland").alias("code"),
        pl.when((pl.col("state") == "shown").all())
        .then(pl.lit("shown"))
        .otherwise(pl.lit("confidential"))
        .alias("state"),
        pl.col("value").sum(),
        pl.col("expected").sum(),
    )
    moved = reach(snapshot)
    found = [reach_rates.against_expected(rows, moved), reach_rates.against_expected(whole, moved * mainland.height)]
    return pl.concat(found), figure


def by_class(snapshot: Snapshot, choice: Choice) -> tuple[pl.DataFrame, Figure | None]:
    """The crude rate of people tested per 100,000 by urban rural class of an area, and the figure behind it.

    Returns `code`, `state`, `people`, `population`, value, lower, upper; only classes in which somebody lives.
    """
    figure = reach_cells.counts(snapshot, choice.indicator, RURAL, choice.fixed, place(snapshot, choice))
    lived = reach_cells.residents(snapshot, "residents_by_urban_rural", choice.area, [RURAL])
    lived = lived.filter(pl.col("population") > 0).rename({RURAL: "code"})
    if figure is None or figure.cells.is_empty() or lived.is_empty():
        return pl.DataFrame(), figure
    cells = figure.cells.select("code", "state", "value")
    rows = cells.join(lived, on="code", how="inner", maintain_order="left").rename({"population": "expected"})
    found = reach_rates.against_expected(rows, reach(snapshot), reach_rates.PER)
    return found.rename({"expected": "population"}), figure


def by_sex_and_age(snapshot: Snapshot, indicator: str) -> pl.DataFrame:
    """The rate of people tested per 100,000 by sex and age in the newest period, sexes and ages in order.

    Returns `period_start`, `sex`, `age_band`, `state`, `people`, `population`, value, lower, upper.
    """
    counts = newest(national(snapshot, indicator))
    lived = lived_by(snapshot, "sex", "age_band")
    rows = counts.join(lived, on=["sex", "age_band"], how="inner", maintain_order="left")
    shown = pl.col("hidden") == 0
    moved = (reach(snapshot) * pl.col("shown")).alias("moved")
    people = pl.when(shown).then(pl.col("likely"))

    def part(count: pl.Expr, name: str) -> pl.Expr:
        return rate_interval(count, pl.col("population"), reach_rates.PER).struct.field(name)

    return rows.with_columns(moved).select(
        "period_start", "sex", "age_band",
        pl.when(shown).then(pl.lit("shown")).otherwise(pl.lit("confidential")).alias("state"),
        people.alias("people"), "population",
        part(people, "value").alias("value"),
        part((people - pl.col("moved")).clip(lower_bound=0), "lower").alias("lower"),
        part(people + pl.col("moved"), "upper").alias("upper"),
    )  # fmt: skip


def crossed_cells(snapshot: Snapshot, indicator: str, first: str, codes: tuple[str, ...], second: str) -> tuple[
    pl.DataFrame, tuple[Figure, ...]
]:  # fmt: skip
    """Cells of two dimensions in the newest period, with their range, and the figures that they are of."""
    figures = [reach_cells.counts(snapshot, indicator, second, ((first, code),)) for code in codes]
    found = {code: figure for code, figure in zip(codes, figures, strict=True) if figure and figure.cells.height}
    frames = [
        figure.cells.select(pl.lit(code).alias(first), pl.col("code").alias(second), "state", "value")
        for code, figure in found.items()
    ]
    if not frames:
        return pl.DataFrame(), ()
    return reach_cells.with_range(pl.concat(frames), hidden_under(snapshot)), tuple(found.values())


def groups_by_quintile(snapshot: Snapshot, indicator: str) -> tuple[pl.DataFrame, tuple[Figure, ...]]:
    """Cells by ethnic category, recorded or not, and SIMD quintile."""
    return crossed_cells(snapshot, indicator, ETHNIC, (*GROUPS, *UNKNOWN), SIMD)


def need_by_quintile(snapshot: Snapshot) -> pl.DataFrame | None:
    """New cancers of Scotland by SIMD quintile, sex and age, where the release holds them."""
    table = snapshot.built_table("cancer_incidence")
    if table is None:
        return None
    whole = table.filter(pl.col("area") == "scotland")
    return whole.select("year", SIMD, "sex", "age_band", "cases")
