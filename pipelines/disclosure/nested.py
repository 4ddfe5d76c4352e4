"""Which measures count only some of the people of another, found in the rows themselves: what lies between two such
counts is a count too, and is protected like one although no figure shows it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import duckdb
import polars as pl

from catalogue.dimensions import Unit, dimensions, units
from catalogue.disclosure import Part, Rules
from catalogue.indicators import Indicator
from pipelines.models import INDICATOR

#: The part of a row that stands for what lies between two nested measures.
REST = "rest"
#: Which rows of an indicator each part of its cells counts, by kind.
_SHARE: Mapping[Part, str] = {"in": "numerator > 0", "out": "numerator < denominator", "whole": "true"}
_PARTS: Mapping[str, Mapping[Part, str]] = {
    "share": _SHARE,
    "snapshot": _SHARE,
    "count": {"count": "true"},
    "time_to_event": {"requests": "true"},
}
_KEYS = ("cube", "d1", "d2", "d3", "grain", "period_start", "period_end")


@dataclass(frozen=True)
class Counted:
    """A part of a measure's cells; of one that counts parts of units, at one code of the dimension that tells them
    apart: the requests in one stage."""

    indicator: str
    part: Part
    by: str = ""
    code: str = ""


@dataclass(frozen=True)
class Nested:
    """A count, `whole`, of which another, `part`, counts only some; in no month does it count anybody else.

    rest: the name of what lies between them; pairs between which the same units lie have the same.
    """

    whole: Counted
    part: Counted
    rest: str


def nested_measures(con: duckdb.DuckDBPyConnection, entries: Iterable[Indicator]) -> list[Nested]:
    """Every pair of different measures of which one counts only some of the other's units or people, month by month.

    con: the built warehouse with the indicators' tables. entries: those that are published and not derived. Pairs that
    count exactly the same are not nested: they are the same count. Nor are those whose rest is a part of one of them
    already. All measures of a unit are looked at in one query, which tells the few ways in which their rows overlap.
    """
    by_unit: dict[str, list[tuple[Indicator, Counted]]] = defaultdict(list)
    for entry in entries:
        of = units()[entry.unit].of
        codes = [(of.by, code) for code in dimensions()[of.by].labels] if of else [("", "")]
        found = [(entry, Counted(entry.id, part, by, code)) for part in _PARTS[entry.kind] for by, code in codes]
        by_unit[of.unit if of else entry.unit] += found
    return [pair for unit, counted in sorted(by_unit.items()) for pair in _nested(con, unit, counted)]


def _nested(
    con: duckdb.DuckDBPyConnection, unit: str, counted: Sequence[tuple[Indicator, Counted]]
) -> Iterator[Nested]:
    overlaps = _overlaps(con, counted)
    within = {
        each: frozenset(overlap for overlap in overlaps if overlap >> place & 1)
        for place, (_, each) in enumerate(counted)
    }
    rests: dict[frozenset[int], str] = {}
    for (inner, small), (outer, large) in permutations(within.items(), 2):
        rest = large - small
        known = [its for of, its in within.items() if of.indicator in (inner.indicator, outer.indicator)]
        are_two = inner.indicator != outer.indicator or inner.code != outer.code
        if small and small < large and are_two and rest not in known:
            yield Nested(outer, inner, rests.setdefault(rest, f"rest_{unit}_{len(rests)}"))


def _overlaps(con: duckdb.DuckDBPyConnection, counted: Sequence[tuple[Indicator, Counted]]) -> list[int]:
    """The combinations of parts in which a unit, or a person, of a month stands: a bit for each part."""
    rows = " UNION ALL ".join(
        f"""SELECT {_unit_id(units()[entry.unit])} AS unit,
            date_trunc('month', period_date) AS month, CAST({2**place} AS HUGEINT) AS is_in
        FROM {_rows(entry, each, f"code_{place}")} WHERE {_PARTS[entry.kind][each.part]}"""
        for place, (entry, each) in enumerate(counted)
    )
    codes = {f"code_{place}": each.code for place, (_, each) in enumerate(counted) if each.by}
    found = con.execute(
        f"SELECT DISTINCT is_in FROM (SELECT bit_or(is_in) AS is_in FROM ({rows}) GROUP BY unit, month)", codes
    ).fetchall()
    return [int(overlap) for (overlap,) in found]


def _unit_id(unit: Unit) -> str:
    """The column that tells what is counted apart: people, whatever their rows, or the units that rows are part of."""
    if unit.of:
        return f"part_of.{unit.of.key}"
    return "person_id" if unit.name == "person" else "unit_id"


def _rows(entry: Indicator, each: Counted, bound: str) -> str:
    """The rows of a measure; of one that counts parts of units, those at one code, which is bound by this name."""
    unit = units()[entry.unit]
    if unit.of is None:
        return f"{INDICATOR}{entry.id}"
    return f"""(
            SELECT counted.*, mart.{unit.of.key}
            FROM {INDICATOR}{entry.id} AS counted
            INNER JOIN {unit.mart} AS mart ON counted.unit_id = mart.{unit.key}
            WHERE mart.{each.by} = ${bound}
        ) AS part_of"""


def with_rests(counts: pl.DataFrame, nested: Sequence[Nested], rules: Rules) -> pl.DataFrame:
    """The table of counts with what lies between each pair of nested measures, in every cell where that is few.

    Such a rest is shown nowhere; its row has the name that the pair gives it and part REST, once for all pairs between
    which it lies. A rest of many is no secret and ties nothing else, so it has no row.
    """
    columns = [name for name in counts.columns if name != "row"]
    before = {name: pl.lit(None, pl.Int64) for name in ("before", "before_reach") if name in columns}
    placed = counts.filter("is_published")
    frames = [counts.clear().select(columns)]
    for pair in nested:
        inner = rows_of(placed, pair.part).select(*_KEYS, inner="number")
        rest = rows_of(placed, pair.whole).join(inner, on=list(_KEYS), nulls_equal=True)
        left = pl.col("number") - pl.col("inner")
        few = rest.with_columns(number=left, people=left).filter(pl.col("number").is_between(1, rules.hidden_under - 1))
        named = few.with_columns(
            indicator=pl.lit(pair.rest),
            part=pl.lit(REST),
            is_published=pl.lit(value=False),
            is_shown=pl.lit(value=False),
            **before,
        )
        frames.append(named.select(columns))
    rests = pl.concat(frames, how="vertical_relaxed").unique(["indicator", *_KEYS], keep="first", maintain_order=True)
    return pl.concat([counts.select(columns), rests], how="vertical_relaxed").with_row_index("row")


def between(counts: pl.DataFrame, pair: Nested) -> pl.DataFrame:
    """Ties between a whole, the part of it that another measure counts, and the rest, where that is few: `parent`,
    `child`."""
    rests = counts.filter(indicator=pair.rest)
    if rests.is_empty():
        return pl.DataFrame(schema={"parent": pl.UInt32, "child": pl.UInt32})
    parents = rows_of(counts, pair.whole).select(*_KEYS, parent="row")
    children = pl.concat([rows_of(counts, pair.part), rests]).select(*_KEYS, child="row")
    few = rests.select(_KEYS)
    return (
        few.join(parents, on=list(_KEYS), nulls_equal=True)
        .join(children, on=list(_KEYS), nulls_equal=True)
        .select("parent", "child")
    )


def rows_of(counts: pl.DataFrame, counted: Counted) -> pl.DataFrame:
    """The rows of one part of a measure; at one code of a dimension, named by their other dimensions alone."""
    own = counts.filter(indicator=counted.indicator, part=counted.part)
    if not counted.by:
        return own
    found = [own.clear()]
    for (cube,), cells in own.group_by("cube", maintain_order=True):
        names = str(cube).split("+")
        if counted.by in names:
            rest = [f"d{place}" for place, name in enumerate(names, 1) if name != counted.by]
            at_code = cells.filter(pl.col(f"d{names.index(counted.by) + 1}") == counted.code)
            places = [pl.col(rest[place]) if place < len(rest) else pl.lit(None, pl.String) for place in range(3)]
            named = {f"d{place}": column for place, column in enumerate(places, 1)}
            found.append(
                at_code.with_columns(**named, cube=pl.lit("+".join(name for name in names if name != counted.by)))
            )
    return pl.concat(found)
