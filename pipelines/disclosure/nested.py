"""Which measures count only some of the people of another, found in the rows themselves: what lies between two such
counts is a count too, and is protected like one although no figure shows it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import duckdb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from catalogue.dimensions import Unit, dimensions, units
from catalogue.disclosure import Part, Rules
from catalogue.indicators import Indicator
from pipelines.models import INDICATOR

#: The part of a row that stands for what lies between two nested measures.
REST = "rest"
#: Parts that one word of bits holds.
WORD = 64
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


#: Pairs as rows of a frame: the columns of each side, and the name of the rest.
_SIDE = pl.Struct(dict.fromkeys(("indicator", "part", "by", "code"), pl.String))
_PAIRS: dict[str, pl.DataType | type[pl.DataType]] = {"whole": _SIDE, "part": _SIDE, "rest": pl.String}


def as_rows(pairs: Iterable[Nested]) -> pl.DataFrame:
    """The pairs as a frame: `whole` and `part`, each a structure of what it counts, and `rest`."""
    return pl.DataFrame([asdict(pair) for pair in pairs], schema=_PAIRS)


def of_rows(rows: pl.DataFrame) -> list[Nested]:
    """The pairs again."""
    return [Nested(Counted(**row["whole"]), Counted(**row["part"]), row["rest"]) for row in rows.iter_rows(named=True)]


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
    stands = _overlaps(con, counted)
    same = {each: row.tobytes() for (_, each), row in zip(counted, stands, strict=True)}
    known: dict[str, set[bytes]] = defaultdict(set)
    for each, its in same.items():
        known[each.indicator].add(its)
    # How many combinations each two parts share: exact in 32 bits, as there are far fewer than 2**24 of them.
    shared = stands.astype(np.float32) @ stands.T.astype(np.float32)
    own = shared.diagonal()
    is_within = (shared == own[:, None]) & (own[:, None] > 0) & (own[:, None] < own[None, :])
    rests: dict[bytes, str] = {}
    for small, large in np.argwhere(is_within).tolist():
        inner, outer = counted[small][1], counted[large][1]
        rest = (stands[large] & ~stands[small]).tobytes()
        are_two = inner.indicator != outer.indicator or inner.code != outer.code
        if are_two and rest not in known[inner.indicator] and rest not in known[outer.indicator]:
            yield Nested(outer, inner, rests.setdefault(rest, f"rest_{unit}_{len(rests)}"))


def _overlaps(con: duckdb.DuckDBPyConnection, counted: Sequence[tuple[Indicator, Counted]]) -> NDArray[np.bool_]:
    """The combinations of parts in which a unit, or a person, of a month stands: a row for each part, and in it a
    column for each combination, true where the part is in it.

    Parts are bits of as many words as they need; each measure is read once for every word that it has parts in.
    """
    words: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for place, (entry, _) in enumerate(counted):
        words[place // WORD][entry.id].append(place)
    rows = " UNION ALL ".join(
        f"""SELECT {_unit_id(units()[counted[places[0]][0].unit])} AS unit, date_trunc('month', period_date) AS month,
            {word} AS word, {" | ".join(_bit(*counted[place], place) for place in places)} AS bits
        FROM {_rows(counted[places[0]][0])}"""
        for word, measures in words.items()
        for places in measures.values()
    )
    codes = {f"code_{place}": each.code for place, (_, each) in enumerate(counted) if each.by}
    each_word = ", ".join(f"coalesce(bit_or(bits) FILTER (word = {word}), 0) AS word_{word}" for word in words)
    found = con.execute(
        f"SELECT DISTINCT * EXCLUDE (unit, month) FROM (SELECT unit, month, {each_word} FROM ({rows}) GROUP BY ALL)",
        codes,
    ).fetchnumpy()
    return np.array(
        [found[f"word_{place // WORD}"] >> np.uint64(place % WORD) & np.uint64(1) for place in range(len(counted))],
        dtype=np.bool_,
    )


def _bit(entry: Indicator, each: Counted, place: int) -> str:
    """The bit of a part where a row is of it; of one at a code, which is bound by the part's place."""
    is_of = _PARTS[entry.kind][each.part] + (f" AND {each.by} = $code_{place}" if each.by else "")
    return f"CASE WHEN {is_of} THEN {2 ** (place % WORD)}::UBIGINT ELSE 0::UBIGINT END"


def _unit_id(unit: Unit) -> str:
    """The column that tells what is counted apart: people, whatever their rows, or the units that rows are part of."""
    if unit.of:
        return unit.of.key
    return "person_id" if unit.name == "person" else "unit_id"


def _rows(entry: Indicator) -> str:
    """The rows of a measure; of one that counts parts of units, with the unit and the code that each is part of."""
    unit = units()[entry.unit]
    if unit.of is None:
        return f"{INDICATOR}{entry.id}"
    return f"""(
            SELECT counted.*, mart.{unit.of.key}, mart.{unit.of.by}
            FROM {INDICATOR}{entry.id} AS counted
            INNER JOIN {unit.mart} AS mart ON counted.unit_id = mart.{unit.key}
        ) AS part_of"""


class Places:
    """The rows of each part of a measure, found once for all pairs of nested measures: `place` is the same number in
    the rows of any part that stand for the same cell.

    Those of a part at one code of a dimension are named by their other dimensions alone.
    """

    def __init__(self, counts: pl.DataFrame, nested: Sequence[Nested]) -> None:
        """counts: the table of counts. nested: the pairs whose parts, and rests, are asked for."""
        parts = counts.partition_by("indicator", "part", as_dict=True)
        none = counts.clear()
        wanted: dict[Counted | str, pl.DataFrame] = {
            each: at_code(parts.get((each.indicator, each.part), none), each)
            for each in dict.fromkeys(each for pair in nested for each in (pair.whole, pair.part))
        }
        wanted |= {pair.rest: parts.get((pair.rest, REST), none) for pair in nested}
        found = [rows.with_columns(of=pl.lit(number, pl.Int64)) for number, rows in enumerate(wanted.values())]
        rows = pl.concat([none.with_columns(of=pl.lit(None, pl.Int64)), *found])
        names = rows.select(_KEYS).unique(maintain_order=True).with_row_index("place")
        placed = rows.join(names, on=list(_KEYS), how="left", nulls_equal=True, maintain_order="left")
        #: Every row asked for, part after part.
        self.rows = placed.drop("of", "place")
        by_part = placed.select("of", "place", "number", "row").with_row_index("at").partition_by("of", as_dict=True)
        self._empty = placed.clear().select("place", "number", "row").with_row_index("at")
        self._of = {each: by_part[(number,)].drop("of") for number, each in enumerate(wanted) if (number,) in by_part}

    def of(self, counted: Counted | str) -> pl.DataFrame:
        """The rows of a part, or of a rest by its name: `place`, `number`, `row`, and `at`, where each stands in
        `rows`."""
        return self._of.get(counted, self._empty)


def with_rests(counts: pl.DataFrame, nested: Sequence[Nested], rules: Rules) -> pl.DataFrame:
    """The table of counts with what lies between each pair of nested measures, in every cell where that is few.

    Such a rest is shown nowhere; its row has the name that the pair gives it and part REST, once for all pairs between
    which it lies. A rest of many is no secret and ties nothing else, so it has no row.
    """
    columns = [name for name in counts.columns if name != "row"]
    before = {name: pl.lit(None, pl.Int64) for name in ("before", "before_reach") if name in columns}
    places = Places(counts.filter("is_published"), nested)
    left = pl.col("number") - pl.col("inner")
    found = [pl.DataFrame(schema={"at": pl.UInt32, "number": pl.Int64, "indicator": pl.String})]
    for pair in nested:
        inner = places.of(pair.part).select("place", inner="number")
        rest = places.of(pair.whole).join(inner, on="place", maintain_order="left").select("at", number=left)
        few = rest.filter(pl.col("number").is_between(1, rules.hidden_under - 1))
        found.append(few.with_columns(indicator=pl.lit(pair.rest)))
    few = pl.concat(found, how="vertical_relaxed")
    rests = places.rows[few["at"]].with_columns(
        few["number"],
        few["indicator"],
        people=few["number"],
        part=pl.lit(REST),
        is_published=pl.lit(value=False),
        is_shown=pl.lit(value=False),
        **before,
    )
    once = rests.select(columns).unique(["indicator", *_KEYS], keep="first", maintain_order=True)
    return pl.concat([counts.select(columns), once], how="vertical_relaxed").with_row_index("row")


def between(counts: pl.DataFrame, nested: Sequence[Nested]) -> list[pl.DataFrame]:
    """For each pair, the ties between the whole, the part of it that another measure counts, and the rest, where that
    is few: `parent`, `child`."""
    places = Places(counts, nested)
    found = []
    for pair in nested:
        rests = places.of(pair.rest)
        parents = places.of(pair.whole).select("place", parent="row")
        children = pl.concat([places.of(pair.part), rests]).select("place", child="row")
        few = rests.select("place").join(parents, on="place", maintain_order="left")
        found.append(few.join(children, on="place", maintain_order="left").select("parent", "child"))
    return found


def at_code(own: pl.DataFrame, counted: Counted) -> pl.DataFrame:
    """Of the rows of a part those that it counts; at one code of a dimension, named by their other dimensions alone."""
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
