"""A cited figure: from its id back to the release that it came from, and the same numbers again.

An id reads release/indicator/cube/codes/grain/from..to, as every chart and download shows it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import duckdb
import polars as pl

from pipelines import releases
from pipelines.calendar import month_end
from pipelines.errors import PipelineError
from pipelines.folders import Folders
from pipelines.releases import STORE

WHOLE, ALL = "scotland", "all"
SHOWN_AS = {"confidential": "[c] confidential", "not_available": "[x] not available"}
_CELLS = """
    SELECT
        d1, d2, d3, period_start, period_end, statistic, state, value, lower, upper, numerator, denominator
    FROM cells
    WHERE indicator = $indicator AND cube = $cube AND grain = $grain
      AND period_start >= $first AND period_end <= $last
      AND ($d1 = 'all' OR d1 = $d1) AND ($d2 = 'all' OR d2 = $d2) AND ($d3 = 'all' OR d3 = $d3)
    ORDER BY period_start, d1, d2, d3, statistic"""


@dataclass(frozen=True)
class Cited:
    """The parts of a figure's id."""

    release: str
    indicator: str
    cube: str
    codes: tuple[str, ...]
    grain: str
    first: dt.date
    last: dt.date


def read_id(text: str) -> Cited:
    """The parts of a figure's id; PipelineError where it does not read as one."""
    try:
        release, indicator, cube, codes, grain, months = text.strip().split("/")
        first, last = (dt.date.fromisoformat(f"{month}-01") for month in months.split(".."))
    except ValueError as error:
        raise PipelineError(
            "figure: an id reads release/indicator/cube/codes/grain/from..to; copy it whole from the chart or download"
        ) from error
    held = tuple(codes.split("+")) if cube != WHOLE else ()
    return Cited(release, indicator, "" if cube == WHOLE else cube, held, grain, first, month_end(last))


def cited_cells(folders: Folders, text: str) -> pl.DataFrame:
    """The cells behind a figure's id, from the release that it names.

    Raises PipelineError where the release is not here, its files have changed, or the figure is not in it.
    """
    cited = read_id(text)
    release = next((r for r in releases.releases(folders) if r.release_id == cited.release), None)
    if release is None:
        raise PipelineError(f"figure: release {cited.release} is not here; restore it from the archive")
    if wrong := releases.problems(release):
        raise PipelineError("\n".join(wrong))
    held = dict(zip(("d1", "d2", "d3"), (*cited.codes, ALL, ALL, ALL), strict=False))
    asked = {
        "indicator": cited.indicator,
        "cube": cited.cube,
        "grain": cited.grain,
        "first": cited.first,
        "last": cited.last,
    }
    with duckdb.connect(str(release.folder / STORE), read_only=True) as con:
        found: pl.DataFrame = con.sql(_CELLS, params=asked | held).pl()
    if found.is_empty():
        raise PipelineError(f"figure: release {cited.release} holds no such figure; check the id")
    return found


def lines(cells: pl.DataFrame) -> list[str]:
    """The cells as people read them, one a line; hidden ones stay hidden."""
    found = []
    for row in cells.iter_rows(named=True):
        codes = " ".join(row[name] for name in ("d1", "d2", "d3") if row[name] is not None)
        value = SHOWN_AS.get(row["state"]) or _number(row)
        found.append(f"{row['period_start']} to {row['period_end']}  {codes:30} {row['statistic']:7} {value}")
    return found


def _number(row: dict[str, object]) -> str:
    value, lower, upper = (f"{row[name]:g}" if row[name] is not None else "" for name in ("value", "lower", "upper"))
    limits = f" ({lower} to {upper})" if lower or upper else ""
    parts = (
        f", {row['numerator']} of {row['denominator']}" if row["numerator"] is not None and row["denominator"] else ""
    )
    return f"{value}{limits}{parts}"
