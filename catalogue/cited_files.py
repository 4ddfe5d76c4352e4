"""The bytes of a cited figure: a release's cells in a fixed order and number format, under a header. Pure.

The command line and the app both write them from here, each from the release that it reads itself.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from catalogue.citations import STATISTICS, TABLES, Citation, TableCitation

#: Changes when the same cells would give other bytes, so that a hash of before is known to be of before.
FORMAT = "1"

#: Dimensions whose values have grades of their own; what is held at a value of another has the grade of the whole.
GRADED = ("requesting_board", "residence_board", "performing_lab", "receiving_lab")

#: A text that begins so would be run as a formula by a spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

UNITS = {"time_to_event": "days", "count": "number of {}", "share": "share of {}, 0 to 1"}
COUNTED = {"request": "requests", "open_request": "open requests", "person": "people"}
MARKS = {"confidential": "[c]", "not_available": "[x]"}
HEADING = "# "


@dataclass(frozen=True)
class ReleaseFacts:
    """What is said of the release that a figure comes from; dates as its store has them."""

    created_at: str
    data_to: str
    is_synthetic: bool


@dataclass(frozen=True)
class Measure:
    """The words and codes of a figure, as its own release has them.

    labels: by dimension, code to label. grades: columns dimension, code, grain, period_start, grade, those of the
    indicator. overall: the grade of the indicator as a whole.
    """

    number: str
    title: str
    kind: str
    unit: str
    labels: Mapping[str, Mapping[str, str]]
    grades: pl.DataFrame
    overall: str


def chosen(citation: Citation, cells: pl.DataFrame) -> pl.DataFrame:
    """The cited rows among the cells of an indicator, cube and grain, in their fixed order.

    cells: columns d1, d2, d3, period_start, period_end and statistic at least.
    """
    rows = cells.filter(pl.col("period_start") >= citation.first, pl.col("period_end") <= citation.last)
    for place, code in enumerate(citation.codes, 1):
        rows = rows if code is None else rows.filter(pl.col(f"d{place}") == code)
    if citation.statistics:
        rows = rows.filter(pl.col("statistic").is_in(citation.statistics))
    return rows.sort("period_start", "d1", "d2", "d3", "statistic", nulls_last=False)


def grade_of(citation: Citation, rows: pl.DataFrame, measure: Measure) -> str:
    """The grade of the figure's own place in the newest period that it shows a value of and that is complete.

    Without such a period it is that of the newest. Where that is not graded, the grade of the indicator as a whole.
    """
    own = next(((name, code) for name, code in citation.held.items() if name in GRADED), ("", ""))
    first = next(name for name in STATISTICS if name in rows["statistic"])
    quotable = rows.filter(pl.col("state") == "shown", pl.col("period_status") != "incomplete", statistic=first)
    at = (quotable if quotable.height else rows)["period_start"].max()
    graded = measure.grades.filter(period_start=at, dimension=own[0], code=own[1], grain=citation.grain)
    return str(graded["grade"][0]) if graded.height else measure.overall


def figure_bytes(citation: Citation, cells: pl.DataFrame, measure: Measure, release: ReleaseFacts) -> bytes:
    """The cited figure as UTF-8 CSV: lines that begin with `#` say what it is, then one line a cell.

    cells: those of the citation's indicator, cube and grain (the columns of a store's `cells`). A hidden value is
    written as its shorthand, and nothing else of its row is told.
    """
    rows = chosen(citation, cells)
    statuses = sorted(set(rows["period_status"]))
    place = "; ".join(f"{_label(measure, name, code)} ({name})" for name, code in citation.held.items()) or "Scotland"
    told = {
        "measure": f"{measure.number} {measure.title}",
        "place": place,
        "by": citation.spread or "",
        "period": f"{_day(rows, 'period_start', 'min')} to {_day(rows, 'period_end', 'max')} by {citation.grain}",
        "unit": _unit(measure, rows),
        "status": ", ".join(statuses),
        "quality": grade_of(citation, rows, measure) or "not graded",
    }
    names = citation.dimensions
    columns = ["period_start", "period_end", "status", *names, *(f"{name}_label" for name in names)]
    columns += ["statistic", "state", "value", "lower", "upper", "numerator", "denominator"]
    lines = [_line(row, names, measure) for row in rows.iter_rows(named=True)]
    return _written(citation.id, told, release, columns, lines)


def table_bytes(citation: TableCitation, table: pl.DataFrame, release: ReleaseFacts) -> bytes:
    """The cited rows of a table on the data, as UTF-8 CSV under the same header."""
    rows = table_rows(citation, table)
    told = {"table": citation.table, "rows": citation.row or "all"}
    lines = [[_cell(value) for value in row] for row in rows.iter_rows()]
    return _written(citation.id, told, release, rows.columns, sorted(lines))


def table_rows(citation: TableCitation, table: pl.DataFrame) -> pl.DataFrame:
    """The cited rows of a table."""
    return table if citation.row is None else table.filter(pl.col(TABLES[citation.table]) == citation.row)


def fingerprint(content: bytes) -> str:
    """The SHA-256 of the bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _unit(measure: Measure, rows: pl.DataFrame) -> str:
    counted = COUNTED.get(measure.unit, measure.unit)
    if measure.kind == "derived" and "growth" in rows["statistic"]:
        return f"growth of {counted} on the year before, 0.1 is 10%"
    return UNITS.get(measure.kind, UNITS["share"]).format(counted)


def _line(row: Mapping[str, object], names: Sequence[str], measure: Measure) -> list[str]:
    codes = [str(row[f"d{place}"]) for place in range(1, len(names) + 1)]
    labels = [_label(measure, name, code) for name, code in zip(names, codes, strict=True)]
    is_shown, mark = row["state"] == "shown", MARKS.get(str(row["state"]), "")
    values = [_cell(row[name]) if is_shown else mark for name in ("value", "lower", "upper")]
    # A count beside a hidden value could give it away, so it is not told, whatever the store holds.
    told = is_shown or row["state"] == "not_available"
    counts = [_cell(row[name]) if told else mark for name in ("numerator", "denominator")]
    when = [_cell(row[name]) for name in ("period_start", "period_end", "period_status")]
    return [*when, *map(_cell, codes), *map(_cell, labels), str(row["statistic"]), str(row["state"]), *values, *counts]


def _label(measure: Measure, dimension: str, code: str) -> str:
    return measure.labels.get(dimension, {}).get(code, code)


def _day(rows: pl.DataFrame, column: str, which: str) -> str:
    day = rows[column].min() if which == "min" else rows[column].max()
    return day.isoformat() if isinstance(day, dt.date) else ""


def _cell(value: object) -> str:
    """A value as text: dates as ISO, numbers with at most six decimals, texts safe to open in a spreadsheet."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        text = f"{value:.6f}".rstrip("0").rstrip(".")
        return "0" if text == "-0" else text
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return _cell("; ".join(str(part) for part in value))
    text = "".join(letter if letter.isprintable() else " " for letter in str(value))
    return f"'{text}" if text.startswith(FORMULA) else text


def _written(
    name: str, told: Mapping[str, str], release: ReleaseFacts, columns: Sequence[str], lines: Iterable[Sequence[str]]
) -> bytes:
    about = {
        "figure": name,
        **told,
        "release made": release.created_at,
        "data to": release.data_to,
        "note": "synthetic, not for quotation" if release.is_synthetic else "",
        "shorthand": "[c] confidential, [x] not available",
        "format": FORMAT,
    }
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerows((f"{HEADING}{key}", _cell(value)) for key, value in about.items() if value)
    out.writerow(columns)
    out.writerows(lines)
    return text.getvalue().encode("utf-8")
