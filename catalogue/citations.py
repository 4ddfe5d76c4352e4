"""Ids of figures: the one grammar in which a figure of a release, or a table on its data, is named for ever. Pure.

A figure:  release/indicator/cube/codes/grain/from..to[/statistics]
A table:   release/data_quality/table/row

`cube` lists dimensions joined by `+`, or is `scotland`; `codes` has a code for each, held at that code, and `all` for
the one whose values stand side by side. Months are `2026-10`; one period, such as the newest, is named by its own
months. Without `statistics` a figure has every statistic of its indicator. A table's `row` is a key, or `all`.
"""

from __future__ import annotations

import datetime as dt
import re
from calendar import monthrange
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

#: The longest id that is read; the longest that can be made is under half of it.
LONGEST = 600

WHOLE, ALL, TABLES_OF = "scotland", "all", "data_quality"
GRAINS = ("month", "quarter", "year")
STATISTICS = ("count", "growth", "median", "p90", "p95", "share")
MOST_DIMENSIONS = 3

#: The tables on the data behind figures, each with the column by which some of its rows are named.
TABLES = {
    "check_months": "check_id",
    "check_parts": "check_id",
    "checks": "check_id",
    "fields": "field",
    "grades": "indicator",
    "submissions": "submitter",
}

_RELEASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_CODE = re.compile(r"(?:[A-Za-z0-9._~-]|%[0-9A-F]{2}){1,63}")
_MONTHS = re.compile(r"((?:19|20|21)\d\d-(?:0[1-9]|1[0-2]))\.\.((?:19|20|21)\d\d-(?:0[1-9]|1[0-2]))")

_HOW = "an id reads release/indicator/cube/codes/grain/from..to; copy it whole from the chart or download"


class CitationError(ValueError):
    """A text is no id of a figure; the message is fit for a reader and quotes nothing of the text."""


@dataclass(frozen=True)
class Citation:
    """One figure of one release.

    `codes` has a code for each of `dimensions`, None for the one side by side; `first` and `last` are the first and the
    last day covered; `statistics` is empty where the figure has all.
    """

    release: str
    indicator: str
    dimensions: tuple[str, ...]
    codes: tuple[str | None, ...]
    grain: str
    first: dt.date
    last: dt.date
    statistics: tuple[str, ...] = ()

    @property
    def cube(self) -> str:
        """The cube's name, as the release has it."""
        return "+".join(self.dimensions)

    @property
    def held(self) -> dict[str, str]:
        """The dimensions held at one code."""
        return {name: code for name, code in zip(self.dimensions, self.codes, strict=True) if code is not None}

    @property
    def spread(self) -> str | None:
        """The dimension whose values stand side by side."""
        return next((name for name, code in zip(self.dimensions, self.codes, strict=True) if code is None), None)

    @property
    def id(self) -> str:
        """The id; the same figure always has the same one."""
        codes = "+".join(ALL if code is None else _coded(code) for code in self.codes)
        parts = [
            self.release,
            self.indicator,
            self.cube or WHOLE,
            codes or ALL,
            self.grain,
            f"{self.first:%Y-%m}..{self.last:%Y-%m}",
        ]
        return "/".join([*parts, *(["+".join(self.statistics)] if self.statistics else [])])

    def of(self, release: str) -> Citation:
        """The same figure of another release."""
        return replace(self, release=release)


@dataclass(frozen=True)
class TableCitation:
    """A table on the data behind a release's figures: all of it, or the rows of one key."""

    release: str
    table: str
    row: str | None = None

    @property
    def id(self) -> str:
        """The id; the same rows always have the same one."""
        return f"{self.release}/{TABLES_OF}/{self.table}/{ALL if self.row is None else _coded(self.row)}"

    def of(self, release: str) -> TableCitation:
        """The same rows of another release."""
        return replace(self, release=release)


def parse(text: str) -> Citation | TableCitation:
    """What an id names; CitationError for every text that is not exactly an id (blanks around it aside)."""
    if len(text) > LONGEST:
        raise CitationError(f"this is longer than any id; {_HOW}")
    parts = text.strip().split("/")
    if len(parts) > 1 and parts[1] == TABLES_OF:
        return _table(parts)
    if len(parts) not in (6, 7):
        raise CitationError(_HOW)
    release, indicator, cube, codes, grain, months = parts[:6]
    _insist(_RELEASE.fullmatch(release), "the release")
    _insist(_NAME.fullmatch(indicator), "the indicator")
    _insist(grain in GRAINS, "the grain")
    names, held = _cube(cube, codes)
    statistics = tuple(parts[6].split("+")) if len(parts) == 7 else ()
    _insist(all(name in STATISTICS for name in statistics), "the statistic")
    _insist(list(statistics) == sorted(set(statistics)), "the statistic")
    first, last = _months(months)
    return Citation(release, indicator, names, held, grain, first, last, statistics)


def _table(parts: list[str]) -> TableCitation:
    if len(parts) != 4:
        raise CitationError("the id of a table reads release/data_quality/table/row; copy it whole from the page")
    release, _, table, row = parts
    _insist(_RELEASE.fullmatch(release), "the release")
    _insist(table in TABLES, "the table")
    return TableCitation(release, table, None if row == ALL else _decoded(row))


def _cube(cube: str, codes: str) -> tuple[tuple[str, ...], tuple[str | None, ...]]:
    if cube == WHOLE:
        _insist(codes == ALL, "the codes")
        return (), ()
    names = tuple(cube.split("+"))
    _insist(len(names) <= MOST_DIMENSIONS and len(set(names)) == len(names), "the cube")
    _insist(all(_NAME.fullmatch(name) for name in names), "the cube")
    held = tuple(None if code == ALL else _decoded(code) for code in codes.split("+"))
    _insist(len(held) == len(names) and held.count(None) <= 1, "the codes")
    return names, held


def _months(text: str) -> tuple[dt.date, dt.date]:
    found = _MONTHS.fullmatch(text)
    if found is None:
        raise CitationError(f"not right: the months; {_HOW}")
    first, last = (dt.date.fromisoformat(f"{month}-01") for month in found.groups())
    _insist(first <= last, "the months")
    return first, last.replace(day=monthrange(last.year, last.month)[1])


def _coded(code: str) -> str:
    """A code in an id: what is not a letter, digit or one of `._-~` is written as %XX, `43+` as `43%2B`."""
    return quote(code, safe="")


def _decoded(text: str) -> str:
    """The code that `_coded` wrote; there is one way only to write it, so that a figure has one id only."""
    _insist(_CODE.fullmatch(text), "the codes")
    try:
        code = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise CitationError(f"not right: the codes; {_HOW}") from None
    _insist(_coded(code) == text and code.isprintable(), "the codes")
    return code


def _insist(holds: object, what: str) -> None:
    if not holds:
        raise CitationError(f"not right: {what}; {_HOW}")
