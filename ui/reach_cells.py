"""What the page Who is reached reads: people tested by group, with the range of what is hidden, and residents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl

from catalogue.dimensions import dimensions
from catalogue.reference import reference_rows
from ui.data import BuiltTable, Snapshot
from ui.figure import Figure, Query
from ui.figures import ask, of_scotland
from ui.made_once import made_once

RARE, CANCER = "rare_people_tested", "cancer_people_tested"
RESIDENCE, ETHNIC, SIMD, RURAL = "residence_board", "ethnic_category", "simd_quintile", "urban_rural"
SEXES = ("female", "male")
QUINTILES = ("1", "2", "3", "4", "5")

#: Ages of residents end here; those of people tested are put together likewise.
OLDEST = "85+"
ABOVE = ("85-89", "90+")

#: Columns that say what a count can be: hidden ones stand for 0 up to the threshold, in the middle of it by default.
RANGE = ("least", "likely", "most")

Fixed = tuple[tuple[str, str], ...]


def boards_of(area: str | None) -> tuple[str, ...]:
    """The territorial boards of an area: of Scotland without one, those of a merge, or the board itself."""
    counted = sorted(of_scotland(RESIDENCE) or ())
    merged = {merge.code: tuple(merge.of) for merge in dimensions()[RESIDENCE].merges}
    return tuple(counted) if area is None else merged.get(area, (area,))


def areas() -> tuple[str, ...]:
    """The areas that may be chosen besides Scotland: boards of residence, the island boards as one."""
    merges = dimensions()[RESIDENCE].merged_into
    counted = [code for code in dimensions()[RESIDENCE].labels if code in (of_scotland(RESIDENCE) or ())]
    return (*(code for code in counted if code not in merges), *dict.fromkeys(merges.values()))


def in_area(area: str | None) -> Fixed:
    """What is held of the cubes for an area."""
    return ((RESIDENCE, area),) if area else ()


def newest_year(snapshot: Snapshot, indicator: str) -> dt.date | None:
    """The first day of the newest 12 months that are complete; None where there are none."""
    return _newest_year(snapshot.key, indicator, snapshot)


@made_once(50)
def _newest_year(key: str, indicator: str, _snapshot: Snapshot) -> dt.date | None:  # noqa: ARG001 - key: the release
    figure = ask(_snapshot, Query(indicator, "year"))
    if figure is None or figure.cells.is_empty():
        return None
    return _complete(figure.cells)["period_start"].max()  # type: ignore[return-value]


def counts(
    snapshot: Snapshot, indicator: str, spread: str | None, fixed: Fixed = (), place: str = "Scotland"
) -> Figure | None:
    """People tested in the newest complete 12 months, by the values of a dimension."""
    return _counts(snapshot.key, indicator, spread, fixed, place, snapshot)


@made_once(400)
def _counts(
    key: str,  # noqa: ARG001 - the release
    indicator: str,
    spread: str | None,
    fixed: Fixed,
    place: str,
    _snapshot: Snapshot,
) -> Figure | None:
    """Made once for all sections that rest on the figure."""
    snapshot = _snapshot
    start = newest_year(snapshot, indicator)
    if start is None:
        return ask(snapshot, Query(indicator, "year", fixed, spread), place)
    # Months later than the last of the period asked for are left out, so that it is the newest that is held.
    end = start.replace(year=start.year + 1)
    last = dt.date(end.year - (end.month == 1), (end.month - 2) % 12 + 1, 1)
    return ask(snapshot, Query(indicator, "year", fixed, spread, start, last, newest_only=True), place)


def by_age_and_sex(snapshot: Snapshot, indicator: str, quintiles: bool = False) -> pl.DataFrame:
    """Cells by sex and age of every complete 12 months, of each SIMD quintile where asked for.

    Returns `period_start`, `simd_quintile` (where asked for), `sex`, `age_band`, `state`, `value`.
    """
    frames = []
    for quintile in QUINTILES if quintiles else (None,):
        held: Fixed = ((SIMD, quintile),) if quintile else ()
        for sex in SEXES:
            figure = ask(snapshot, Query(indicator, "year", (*held, ("sex", sex)), "age_band"))
            if figure is None or figure.cells.is_empty():
                continue
            named = [pl.lit(quintile).alias(SIMD)] if quintile else []
            cells = _complete(figure.cells).filter(pl.col("code") != "not_recorded")
            frames.append(
                cells.select(
                    "period_start", *named, pl.lit(sex).alias("sex"), pl.col("code").alias("age_band"), "state", "value"
                )
            )
    if frames:
        return pl.concat(frames)
    texts = dict.fromkeys([*([SIMD] if quintiles else []), "sex", "age_band", "state"], pl.String)
    return pl.DataFrame(schema={"period_start": pl.Date} | texts | {"value": pl.Float64})


def _complete(cells: pl.DataFrame) -> pl.DataFrame:
    return cells.filter(pl.col("period_status") != "incomplete")


def with_range(cells: pl.DataFrame, hidden_under: int) -> pl.DataFrame:
    """The cells with RANGE, and `hidden` (1 where a count is not shown)."""
    shown = (pl.col("state") == "shown") & pl.col("value").is_not_null()
    stands = (0.0, (hidden_under - 1) / 2, float(hidden_under - 1))
    return cells.with_columns(
        *(
            pl.when(shown).then(pl.col("value")).otherwise(at).alias(name)
            for name, at in zip(RANGE, stands, strict=True)
        ),
        hidden=(~shown).cast(pl.Int64),
    )


def to_oldest(cells: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Cells with RANGE put together by `keys` and age band, those of 85 and over as one.

    Returns keys, `age_band`, RANGE, `hidden` and `shown`: how many cells were put together of each kind.
    """
    band = pl.when(pl.col("age_band").is_in(ABOVE)).then(pl.lit(OLDEST)).otherwise(pl.col("age_band"))
    return (
        cells.with_columns(age_band=band)
        .group_by(*keys, "age_band", maintain_order=True)
        .agg(*(pl.col(name).sum() for name in RANGE), pl.col("hidden").sum(), shown=(pl.col("hidden") == 0).sum())
    )


def residents(snapshot: Snapshot, table: BuiltTable, area: str | None, keys: Sequence[str]) -> pl.DataFrame:
    """Residents of an area by `keys`, from the census tables of the release; without rows where it has none."""
    return _residents(snapshot.key, table, area, tuple(keys), snapshot)


@made_once(400)
def _residents(
    key: str,  # noqa: ARG001 - the release
    table: BuiltTable,
    area: str | None,
    keys: tuple[str, ...],
    _snapshot: Snapshot,
) -> pl.DataFrame:
    frame = _snapshot.built_table(table)
    if frame is None:
        return pl.DataFrame(schema=dict.fromkeys(keys, pl.String) | {"population": pl.Int64})
    frame = frame.filter(pl.col(RESIDENCE).is_in(boards_of(area)))
    return frame.group_by(*keys, maintain_order=True).agg(pl.col("population").sum())


def residents_by_group_and_quintile() -> pl.DataFrame:
    """Residents of Scotland by census category and SIMD quintile, from the reference tables: public figures."""
    categories = {row["code"]: row["ethnic_category"] for row in reference_rows("ethnic_groups")}
    rows = [
        (categories[row["ethnic_group"]], row["simd_quintile"], int(row["population"]))
        for row in reference_rows("population_ethnicity_simd")
    ]
    frame = pl.DataFrame(rows, schema=[ETHNIC, SIMD, "population"], orient="row")
    return frame.group_by(ETHNIC, SIMD, maintain_order=True).agg(pl.col("population").sum())
