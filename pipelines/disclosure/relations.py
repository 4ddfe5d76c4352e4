"""What ties the counts of a release together: margins, merges, periods, parts of shares, and the same people twice.

A reader of the release knows every one of these ties, so whoever tries to work out a hidden count uses them all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from catalogue.dimensions import cube_name, dimensions
from catalogue.disclosure import Link, Rules, Side
from catalogue.indicators import Indicator
from pipelines.disclosure.nested import REST, Nested, between

#: What tells a cell from another in the same cube and period.
PLACE = ("d1", "d2", "d3")
WHEN = ("grain", "period_start", "period_end")


@dataclass(frozen=True)
class Relations:
    """Ties as a sparse matrix: for each tie `low <= sum of sign * count <= high`, over pairs (tie, count, sign).

    Pairs are in the order of their ties.
    """

    tie: NDArray[np.int64]
    count: NDArray[np.int64]
    sign: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @property
    def size(self) -> int:
        """How many ties there are."""
        return int(self.low.size)

    @cached_property
    def _pairs_from(self) -> NDArray[np.int64]:
        return np.concatenate([[0], np.cumsum(np.bincount(self.tie, minlength=self.size))])

    @cached_property
    def _by_count(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Ties in the order of the counts that they hold, and where each count's begin."""
        order = np.argsort(self.count, kind="stable")
        most = int(self.count.max(initial=-1)) + 1
        return self.tie[order], np.concatenate([[0], np.cumsum(np.bincount(self.count, minlength=most))])

    def of_counts(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """The ties that hold any of these counts."""
        ties, starts = self._by_count
        held = counts[counts < starts.size - 1]
        found = np.zeros(self.size, dtype=bool)
        found[ties[_ranges(starts[held], starts[held + 1])]] = True
        return np.flatnonzero(found)

    def pairs(self, ties: NDArray[np.int64]) -> NDArray[np.int64]:
        """Places of the pairs of these ties, tie by tie."""
        return _ranges(self._pairs_from[ties], self._pairs_from[ties + 1])


def _ranges(starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """The whole numbers from each start to before its end, one range after another."""
    lengths = ends - starts
    before = np.repeat(starts - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
    return before + np.arange(lengths.sum())


def relations(
    counts: pl.DataFrame, entries: Mapping[str, Indicator], rules: Rules, nested: Sequence[Nested] = ()
) -> Relations:
    """Every tie between rows of the table of counts (`row` and `pipelines.disclosure.counts.COUNT`).

    Requests add up exactly. A person may stand in two cells of a margin: whoever attacks is taken to know how many do,
    which is more than a reader can, so those ties are exact too. Over time, people of a quarter are at most the sum
    of its months and at least each month.
    """
    found: list[pl.DataFrame] = []
    for (name,), own in counts.filter(pl.col("part") != REST).group_by("indicator", maintain_order=True):
        entry = entries[str(name)]
        found += _margins(own, entry) + _merges(own, entry) + _shares(own) + _periods(own, entry)
    found += [tie for link in rules.links for tie in _link(counts, link, entries)]
    found += [
        tie.with_columns(is_exact=pl.lit(value=True), is_link=pl.lit(value=True)) for tie in between(counts, nested)
    ]
    return _together(found, counts["number"].to_numpy().astype(np.float64))


def _sums(parents: pl.DataFrame, children: pl.DataFrame, keys: Sequence[str], exact: bool = True) -> pl.DataFrame:
    """Ties `parent = sum of children` where both agree in `keys`: columns `parent`, `child`, `is_exact`."""
    return (
        parents.select(*keys, pl.col("row").alias("parent"))
        .join(children.select(*keys, pl.col("row").alias("child")), on=list(keys), nulls_equal=True)
        .select("parent", "child", is_exact=pl.lit(exact), is_link=pl.lit(value=False))
    )


def _without(frame: pl.DataFrame, place: int) -> pl.DataFrame:
    """The cells of a cube named by their other dimensions alone."""
    left = [name for number, name in enumerate(PLACE, 1) if number != place]
    return frame.with_columns(
        pl.col(left[0]).alias("k1"), pl.col(left[1]).alias("k2"), pl.lit(None, pl.String).alias("k3")
    )


def _named(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col(name).alias(f"k{number}") for number, name in enumerate(PLACE, 1))


KEYS = ("part", "k1", "k2", "k3", *WHEN)


def _margins(own: pl.DataFrame, entry: Indicator) -> list[pl.DataFrame]:
    """Each cube's cells summed over one dimension are the cells of the cube without it."""
    found = []
    for cube in entry.all_cubes:
        here = own.filter(cube=cube_name(cube))
        for place, name in enumerate(cube, 1):
            parents = _named(own.filter(cube=cube_name([other for other in cube if other != name])))
            children = _without(here, place)
            if len(cube) == 1:
                merges = [merge.code for merge in dimensions()[name].merges]
                children = children.filter(~pl.col(f"d{place}").is_in(merges))
            found.append(_sums(parents, children, KEYS))
    return found


def _merges(own: pl.DataFrame, entry: Indicator) -> list[pl.DataFrame]:
    """A merge is the sum of its members, where both stand."""
    found = []
    for cube in entry.all_cubes:
        for merge in dimensions()[cube[0]].merges if len(cube) == 1 else ():
            here = own.filter(cube=cube_name(cube))
            members = here.filter(pl.col("d1").is_in(merge.of))
            found.append(_sums(here.filter(d1=merge.code), members, ("part", *WHEN)))
    return found


def _shares(own: pl.DataFrame) -> list[pl.DataFrame]:
    """The whole of a share is its two parts."""
    keys = ("cube", *PLACE, *WHEN)
    return [_sums(own.filter(part="whole"), own.filter(pl.col("part").is_in(["in", "out"])), keys)]


def _periods(own: pl.DataFrame, entry: Indicator) -> list[pl.DataFrame]:
    """Months make quarters and years, and quarters make years where no month is counted; snapshots make nothing."""
    if entry.kind == "snapshot" or entry.grains == ["month"] or entry.unit == "open_request":
        return []
    adds_up = entry.unit != "person"
    own = own if adds_up else own.filter(pl.col("part").is_in(["count", "whole"]))
    keys = ("cube", "part", *PLACE)
    found = []
    for longer, shorter in (("quarter", "month"), ("year", "month"), ("year", "quarter")):
        if (
            longer not in entry.grains
            or shorter not in entry.grains
            or (shorter == "quarter" and "month" in entry.grains)
        ):
            continue
        long, short = own.filter(grain=longer), own.filter(grain=shorter)
        within = _periods_within(long, short)
        inner = short.join(within.rename({"period_start": "of"}), left_on="period_start", right_on="part_start")
        outer = long.with_columns(of=pl.col("period_start")).join(
            within.select("period_start").unique(), on="period_start"
        )
        found.append(_sums(outer, inner, (*keys, "of"), exact=adds_up))
    return found


def _periods_within(long: pl.DataFrame, short: pl.DataFrame) -> pl.DataFrame:
    """Which shorter periods make up a longer one, for those that they make up whole: `period_start`, `part_start`."""
    outer = long.select("period_start", "period_end").unique()
    inner = short.select(pl.col("period_start").alias("part_start"), pl.col("period_end").alias("part_end")).unique()
    pairs = outer.join(inner, how="cross").filter(
        (pl.col("part_start") >= pl.col("period_start")) & (pl.col("part_end") <= pl.col("period_end"))
    )
    days = (pl.col("part_end") - pl.col("part_start")).dt.total_days() + 1
    length = (pl.col("period_end") - pl.col("period_start")).dt.total_days() + 1
    return pairs.filter(days.sum().over("period_start") == length).select("period_start", "part_start")


def _link(counts: pl.DataFrame, link: Link, entries: Mapping[str, Indicator]) -> list[pl.DataFrame]:
    """Ties between indicators that count the same people, cell by cell; none where one of them is not published."""
    sides = (link.whole, *link.parts)
    if any(side.indicator not in entries for side in sides):
        return []
    keys = ("at", *WHEN)
    parts = pl.concat([_side(counts, side) for side in link.parts])
    first = _side(counts, link.parts[0])
    parents = _side(counts, link.whole).join(first, on=list(keys), how="semi")
    return [_sums(parents, parts.select("row", *keys), keys).with_columns(is_link=pl.lit(value=True))]


def _side(counts: pl.DataFrame, side: Side) -> pl.DataFrame:
    """The counts of one side with `at`: their place by dimension, less the dimensions that the side holds."""
    own = counts.filter(indicator=side.indicator, part=side.part)
    found = [own.clear().with_columns(at=pl.lit("", pl.String))]
    for (cube,), cells in own.group_by("cube", maintain_order=True):
        names = str(cube).split("+") if cube else []
        if not set(side.where) <= set(names):
            continue
        places = {name: f"d{number}" for number, name in enumerate(names, 1)}
        held = cells.filter(
            pl.all_horizontal(True, *(pl.col(places[name]) == code for name, code in side.where.items()))
        )
        rest = [pl.format("{}={}", pl.lit(name), pl.col(places[name])) for name in names if name not in side.where]
        found.append(held.with_columns(at=pl.concat_str(rest, separator=";") if rest else pl.lit("")))
    return pl.concat(found)


def _together(found: Sequence[pl.DataFrame], number: NDArray[np.float64]) -> Relations:
    """The ties as one sparse matrix, in an order that the counts alone decide, so that the same release is attacked the
    same way; a tie that is exact allows what the counts themselves differ by, and no more.

    Where two indicators that count the same people differ, by how much is itself a small count that nobody is told: the
    reader then knows which of them is the larger.
    """
    pairs = pl.concat(
        table.with_columns(kind=pl.lit(kind, pl.Int32)) for kind, table in enumerate(found) if table.height
    )
    sums = pairs.with_columns(tie=pl.struct("kind", "parent").rank("dense").cast(pl.Int64) - 1).sort("tie", "child")
    ties = sums.group_by("tie").agg(pl.col("parent", "is_exact", "is_link").first()).sort("tie")
    parent, exact, link = (ties[name].to_numpy() for name in ("parent", "is_exact", "is_link"))
    tie = np.concatenate([ties["tie"].to_numpy(), sums["tie"].to_numpy()])
    count = np.concatenate([parent, sums["child"].to_numpy()]).astype(np.int64)
    sign = np.concatenate([-np.ones(parent.size), np.ones(sums.height)])
    over = np.bincount(tie, weights=sign * number[count], minlength=parent.size)
    low, high = np.where(exact, over, 0.0), np.where(exact, over, np.inf)
    low, high = np.where(link & (over > 0), 0.0, low), np.where(link & (over > 0), np.inf, high)
    low, high = np.where(link & (over < 0), -np.inf, low), np.where(link & (over < 0), 0.0, high)
    at_least = sums.filter(~pl.col("is_exact"))
    extra = np.arange(at_least.height) + parent.size
    tie = np.concatenate([tie, extra, extra]).astype(np.int64)
    count = np.concatenate([count, at_least["parent"].to_numpy(), at_least["child"].to_numpy()]).astype(np.int64)
    sign = np.concatenate([sign, np.ones(extra.size), -np.ones(extra.size)])
    order = np.argsort(tie, kind="stable")
    return Relations(
        tie[order],
        count[order],
        sign[order],
        np.concatenate([low, np.zeros(extra.size)]),
        np.concatenate([high, np.full(extra.size, np.inf)]),
    )
