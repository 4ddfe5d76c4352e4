"""Hides shown counts until no hidden one can be worked out by following the ties between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from catalogue.disclosure import Rules
from pipelines.disclosure.bounds import Limits, Watched, first_limits, propagate, told, told_together, watched
from pipelines.disclosure.relations import Relations
from pipelines.errors import PipelineError

#: Rounds in all, and those that hide one count of a tie at a time; later ones hide all that a tie shows.
ROUNDS, PATIENT = 40, 12
NOBODY: NDArray[np.int64] = np.empty(0, dtype=np.int64)
CANNOT = "build: disclosure control: a small count can be worked out whatever is hidden beside it"


def hide_enough(
    counts: pl.DataFrame, ties: Relations, rules: Rules, known: Sequence[NDArray[np.int64]] = ()
) -> pl.DataFrame:
    """The table of counts with `is_shown` false wherever a shown count would tell a small one.

    known: for each reader who knows some counts exactly (a board's own manager), the rows of these; a count of theirs
    is no secret from them, and no other may be told to them. Each round hides, in every tie that narrows a watched
    count, the smallest shown count, the sum last. PipelineError where the rounds do not end, which would be a fault of
    this module: nothing is published then.
    """
    watch = watched(counts, rules)
    readers = [_Reader(own) for own in (NOBODY, *known)]
    for turn in range(ROUNDS):
        everybody = propagate(ties, first_limits(counts, rules))
        chosen: list[NDArray[np.int64]] = []
        for reader in readers:
            if chosen and chosen[0].size and reader is readers[1]:
                break
            chosen.append(_to_hide_from(reader, counts, ties, rules, watch, everybody, turn >= PATIENT))
        rows = np.unique(np.concatenate(chosen))
        if not rows.size:
            return counts
        counts = hide(counts, rows, rules)
    raise PipelineError(CANNOT)


@dataclass
class _Reader:
    """Somebody who may attack: the rows that they know exactly, and what they could work out without any release."""

    own: NDArray[np.int64]
    no_secret: NDArray[np.int64] | None = None


def _to_hide_from(
    reader: _Reader,
    counts: pl.DataFrame,
    ties: Relations,
    rules: Rules,
    watch: Watched,
    everybody: Limits,
    all_at_once: bool,
) -> NDArray[np.int64]:
    """What to hide so that this reader is told less; nothing where they are told nothing.

    everybody: the limits that any reader knows. What a reader could work out without any release (people who are all
    their own) is not told by this one.
    """
    own = reader.own
    limits, touched = everybody, None
    if own.size:
        limits = propagate(ties, knowing(everybody, counts, own), own)
        touched = ties.of_counts(np.flatnonzero((limits[0] > everybody[0]) | (limits[1] < everybody[1])))
    narrow = np.union1d(told(limits, watch), told_together(counts, ties, limits, watch, touched))
    if narrow.size and reader.no_secret is None:
        reader.no_secret = np.union1d(own, told_without_release(counts, ties, rules, watch, own))
    if reader.no_secret is not None:
        narrow = np.setdiff1d(narrow, reader.no_secret)
    if not narrow.size:
        return NOBODY
    first = knowing(first_limits(counts, rules), counts, own)
    chosen = to_hide(counts, ties, limits, first, narrow, own, all_at_once)
    if not chosen.size:
        raise PipelineError(CANNOT)
    return chosen


def told_without_release(
    counts: pl.DataFrame, ties: Relations, rules: Rules, watch: Watched, own: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The watched counts that a reader who knows the rows `own` can work out although this release shows nothing.

    What the release before told cannot be taken back by hiding it now.
    """
    unshown = counts.with_columns(is_shown=pl.lit(value=False))
    return told(propagate(ties, knowing(first_limits(unshown, rules), counts, own)), watch)


def knowing(limits: Limits, counts: pl.DataFrame, own: NDArray[np.int64]) -> Limits:
    """The limits for a reader who knows some rows exactly."""
    lower, upper = limits[0].copy(), limits[1].copy()
    lower[own] = upper[own] = counts["number"].to_numpy()[own]
    return lower, upper


def hide(counts: pl.DataFrame, rows: NDArray[np.int64], rules: Rules) -> pl.DataFrame:
    """The table with these rows hidden. Both parts of a share go together; its whole takes their place where it may."""
    hidden = pl.col("row").is_in(pl.Series(rows, dtype=pl.UInt32).implode())
    cell = ["indicator", "cube", "d1", "d2", "d3", "grain", "period_start"]
    goes = pl.col("part").is_in(["in", "out"]) & hidden.filter(pl.col("part").is_in(["in", "out"])).any().over(cell)
    appears = (
        (pl.col("part") == "whole")
        & ~pl.col("is_shown")
        & (pl.col("is_shown") & hidden & pl.col("part").is_in(["in", "out"])).any().over(cell)
        & (pl.col("people") >= rules.hidden_under)
    )
    return counts.with_columns(is_shown=(pl.col("is_shown") & ~hidden & ~goes) | appears)


def hide_beside(counts: pl.DataFrame, ties: Relations, rules: Rules, told_rows: Sequence[int]) -> pl.DataFrame:
    """The table with more hidden beside counts that an attack on all ties at once was told; PipelineError where nothing
    beside them is shown."""
    first = first_limits(counts, rules)
    narrow = np.unique(np.asarray(told_rows, dtype=np.int64))
    chosen = to_hide(counts, ties, propagate(ties, first), first, narrow, NOBODY)
    if not chosen.size:
        raise PipelineError(CANNOT)
    return hide(counts, chosen, rules)


def to_hide(
    counts: pl.DataFrame,
    ties: Relations,
    limits: Limits,
    first: Limits,
    narrow: NDArray[np.int64],
    own: NDArray[np.int64],
    all_at_once: bool = False,
) -> NDArray[np.int64]:
    """The counts to hide so that these narrow ones widen: of each tie that bears on them, the smallest that is shown,
    or all of them.

    Where no tie of a narrow count holds a shown one, the counts that share its ties pass on what they were told, so
    theirs are looked at instead. Hiding what the reader knows anyway (`own`) would help nobody. Figures of Scotland as
    a whole are hidden only where nothing else is left to hide.
    """
    shown, number = counts["is_shown"].to_numpy().copy(), counts["number"].to_numpy()
    shown[own] = False
    for _ in range(3):
        bearing = np.unique(ties.tie[np.isin(ties.count, narrow)])
        pairs = np.flatnonzero(np.isin(ties.tie, bearing))
        open_pairs = pairs[shown[ties.count[pairs]]]
        if open_pairs.size:
            chosen = np.unique(ties.count[open_pairs]) if all_at_once else _smallest(ties, open_pairs, number)
            national = (counts["cube"] == "").to_numpy()[chosen]
            return chosen if national.all() else chosen[~national]
        tightened = (limits[0] > first[0]) | (limits[1] < first[1])
        near = np.unique(ties.count[pairs])
        narrow = near[tightened[near]]
    return np.empty(0, dtype=np.int64)


def _smallest(ties: Relations, pairs: NDArray[np.int64], number: NDArray[np.int64]) -> NDArray[np.int64]:
    """In each tie, the smallest of these counts; a sum goes only where no part of it is left to hide."""
    frame = pl.DataFrame(
        {
            "tie": ties.tie[pairs],
            "row": ties.count[pairs],
            "is_sum": ties.sign[pairs] < 0,
            "number": number[ties.count[pairs]],
        }
    )
    chosen = frame.sort("is_sum", "number", "row").group_by("tie", maintain_order=True).first()
    return chosen["row"].unique().sort().to_numpy()
