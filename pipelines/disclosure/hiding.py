"""Hides shown counts until no hidden one can be worked out by following the ties between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from catalogue.disclosure import Rules
from pipelines.disclosure.bounds import Limits, Watched, bearing, first_limits, propagate, told, told_together, watched
from pipelines.disclosure.relations import Relations
from pipelines.errors import PipelineError

#: Rounds in all, and those for a reader that hide one count of a tie at a time; later ones hide all that a tie shows.
ROUNDS, PATIENT = 40, 12
NOBODY: NDArray[np.int64] = np.empty(0, dtype=np.int64)
CANNOT = "build: disclosure control: a small count can be worked out whatever is hidden beside it"


class Unreleased:
    """What readers could work out although the release showed nothing: it cannot be taken back by hiding, and is the
    same however much is hidden, so it is worked out once for each reader."""

    def __init__(self, counts: pl.DataFrame, ties: Relations, rules: Rules) -> None:
        """counts: the table of counts, whatever of it is shown."""
        self._counts, self._ties, self._rules = counts.with_columns(is_shown=pl.lit(value=False)), ties, rules
        self._told: dict[bytes, NDArray[np.int64]] = {}

    @cached_property
    def _everybody(self) -> Limits:
        return propagate(self._ties, first_limits(self._counts, self._rules))

    def told(self, own: NDArray[np.int64] = NOBODY) -> NDArray[np.int64]:
        """The watched counts that a reader who knows the rows `own` can work out from these, from the ties and from
        what the release before told."""
        reader = own.tobytes()
        if reader not in self._told:
            limits = propagate(self._ties, knowing(self._everybody, self._counts, own), own)
            self._told[reader] = told(limits, watched(self._counts, self._rules))
        return self._told[reader]


def hide_enough(
    counts: pl.DataFrame,
    ties: Relations,
    rules: Rules,
    known: Sequence[NDArray[np.int64]] = (),
    unreleased: Unreleased | None = None,
) -> pl.DataFrame:
    """The table of counts with `is_shown` false wherever a shown count would tell a small one.

    known: for each reader who knows some counts exactly (a board's own manager), the rows of these; a count of theirs
    is no secret from them, and no other may be told to them. unreleased: what they could work out without the release,
    where that was worked out before. Each round hides, in every tie that narrows a watched count, the smallest shown
    count, the sum last. PipelineError where the rounds do not end, which would be a fault of this module: nothing is
    published then.
    """
    watch, anyway = watched(counts, rules), unreleased or Unreleased(counts, ties, rules)
    readers = [_Reader(own) for own in (NOBODY, *known)]
    for _ in range(ROUNDS):
        everybody = propagate(ties, first_limits(counts, rules))
        chosen: list[NDArray[np.int64]] = []
        for reader in readers:
            if chosen and chosen[0].size and reader is readers[1]:
                break
            chosen.append(_to_hide_from(reader, counts, ties, rules, watch, everybody, anyway))
        rows = np.unique(np.concatenate(chosen))
        if not rows.size:
            return counts
        counts = hide(counts, rows, rules)
    raise PipelineError(CANNOT)


@dataclass
class _Reader:
    """Somebody who may attack: the rows that they know exactly, and how often something was hidden from them."""

    own: NDArray[np.int64]
    turns: int = 0


def _to_hide_from(
    reader: _Reader,
    counts: pl.DataFrame,
    ties: Relations,
    rules: Rules,
    watch: Watched,
    everybody: Limits,
    anyway: Unreleased,
) -> NDArray[np.int64]:
    """What to hide so that this reader is told less; nothing where they are told nothing.

    everybody: the limits that any reader knows. anyway: what a reader could work out without any release (people who
    are all their own) is not told by this one.
    """
    own = reader.own
    limits, touched = everybody, None
    if own.size:
        limits = propagate(ties, knowing(everybody, counts, own), own)
        touched = ties.of_counts(np.flatnonzero((limits[0] > everybody[0]) | (limits[1] < everybody[1])))
    narrow, together = told(limits, watch), told_together(counts, ties, limits, watch, touched)
    if narrow.size or together.size:
        no_secret = np.union1d(own, anyway.told(own))
        narrow = np.setdiff1d(narrow, no_secret)
        together = _with_a_secret(counts, ties, together, no_secret)
    if not narrow.size and not together.size:
        return NOBODY
    first = knowing(first_limits(counts, rules), counts, own)
    reader.turns += 1
    chosen = to_hide(counts, ties, limits, first, narrow, own, together, all_at_once=reader.turns > PATIENT)
    if not chosen.size:
        raise PipelineError(CANNOT)
    return chosen


def _with_a_secret(
    counts: pl.DataFrame, ties: Relations, chosen: NDArray[np.int64], no_secret: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Of these ties, those that hold a hidden count which the reader does not know anyway."""
    pairs = ties.pairs(chosen)
    is_secret = ~counts["is_shown"].to_numpy()
    is_secret[no_secret] = False
    return np.intersect1d(chosen, ties.tie[pairs[is_secret[ties.count[pairs]]]])


def knowing(limits: Limits, counts: pl.DataFrame, own: NDArray[np.int64]) -> Limits:
    """The limits for a reader who knows some rows exactly."""
    lower, upper = limits[0].copy(), limits[1].copy()
    lower[own] = upper[own] = counts["number"].to_numpy()[own]
    return lower, upper


def numbered_cells(counts: pl.DataFrame) -> pl.DataFrame:
    """The table of counts with `cell`, a number that the parts of one cell share: found once, asked for often."""
    first = pl.col("row").cast(pl.Int64).first()
    return counts.with_columns(cell=first.over("indicator", "cube", "d1", "d2", "d3", "grain", "period_start"))


def _cells(counts: pl.DataFrame) -> NDArray[np.int64]:
    return (counts if "cell" in counts.columns else numbered_cells(counts))["cell"].to_numpy()


def hide(counts: pl.DataFrame, rows: NDArray[np.int64], rules: Rules) -> pl.DataFrame:
    """The table with these rows hidden. Both parts of a share go together; its whole takes their place where it may."""
    cell, part, is_shown = _cells(counts), counts["part"], counts["is_shown"].to_numpy()
    is_hidden = np.zeros(counts.height, dtype=bool)
    is_hidden[rows] = True
    is_part = part.is_in(["in", "out"]).to_numpy()
    share_goes = np.zeros(counts.height, dtype=bool)
    share_goes[cell[is_part & is_hidden & is_shown]] = True
    goes = share_goes[cell]
    appears = (part == "whole").to_numpy() & goes & (counts["people"] >= rules.hidden_under).to_numpy()
    stays = is_shown & ~is_hidden & ~(is_part & goes)
    return counts.with_columns(is_shown=pl.Series(stays | appears))


def told_by_release(
    counts: pl.DataFrame, told_by: Mapping[int, NDArray[np.int64]], own: NDArray[np.int64] = NOBODY
) -> dict[int, NDArray[np.int64]]:
    """Of the counts that an attack was told, those that this release tells, each with the rows that show what tells it.

    told_by: for each count told, the rows whose own limits hold it so narrow. Where none of these is shown, or only
    ones that the reader knows anyway (`own`), the same limits hold without this release, and hiding would not help.
    """
    tells = _telling(counts)
    tells[own] = -1
    found = {row: np.unique(tells[rows[tells[rows] >= 0]]) for row, rows in told_by.items()}
    return {row: rows for row, rows in found.items() if rows.size}


def hide_beside(counts: pl.DataFrame, rules: Rules, told_by: Mapping[int, NDArray[np.int64]]) -> pl.DataFrame:
    """The table with one more count hidden beside each that an attack was told: of the rows that tell it
    (`told_by_release`) the smallest, one of Scotland as a whole last."""
    number, is_national = counts["number"].to_numpy(), (counts["cube"] == "").to_numpy()
    chosen = {
        min(rows.tolist(), key=lambda row: (is_national[row], number[row], row))
        for rows in told_by.values()
        if rows.size
    }
    return hide(counts, np.array(sorted(chosen), dtype=np.int64), rules)


def to_hide(
    counts: pl.DataFrame,
    ties: Relations,
    limits: Limits,
    first: Limits,
    narrow: NDArray[np.int64],
    own: NDArray[np.int64],
    together: NDArray[np.int64] = NOBODY,
    all_at_once: bool = False,
) -> NDArray[np.int64]:
    """The counts to hide so that these narrow ones widen: of each tie that bears on them, the smallest that is shown,
    or all of them.

    together: ties that must hold less shown although no single count of theirs is narrow. Where no tie that gives a
    narrow count its limits holds a shown one, the counts that share it pass on what they were told, so the ties that
    give those their limits are looked at, and so on; a count that only an attack on all ties at once tells has all its
    ties looked at. Hiding what the reader knows anyway (`own`) would help nobody. A sum, such as a figure of Scotland,
    goes only where no part of it is left to hide.
    """
    tells, number = _telling(counts), counts["number"].to_numpy()
    tells[own] = -1
    told_by = np.union1d(bearing(ties, limits, first, narrow), together)
    chosen, looked_at = told_by, narrow
    while chosen.size:
        pairs = _that_tell(ties, chosen, tells)
        if pairs.size:
            return np.unique(tells[_smallest(ties, pairs, number, all_at_once)])
        near = np.setdiff1d(ties.count[ties.pairs(chosen)], looked_at)
        looked_at, chosen = np.union1d(looked_at, near), bearing(ties, limits, first, near)
    near = np.union1d(narrow, ties.count[ties.pairs(told_by)])
    for _ in range(2):
        pairs = _that_tell(ties, ties.of_counts(near), tells)
        if pairs.size:
            return np.unique(tells[_smallest(ties, pairs, number, all_at_once)])
        near = np.unique(ties.count[ties.pairs(ties.of_counts(near))])
    return np.empty(0, dtype=np.int64)


def _that_tell(ties: Relations, chosen: NDArray[np.int64], tells: NDArray[np.int64]) -> NDArray[np.int64]:
    """The pairs of these ties whose count is shown."""
    pairs = ties.pairs(chosen)
    return pairs[tells[ties.count[pairs]] >= 0]


def _telling(counts: pl.DataFrame) -> NDArray[np.int64]:
    """For each count the row that shows it, or -1: its own, or, of a share's whole, that of one of its shown parts."""
    cell, part, is_shown = _cells(counts), counts["part"], counts["is_shown"].to_numpy()
    row = np.arange(counts.height)
    part_of_cell = np.full(counts.height, -1)
    inside = row[is_shown & (part == "in").to_numpy()]
    part_of_cell[cell[inside]] = inside
    return np.where(is_shown, row, np.where((part == "whole").to_numpy(), part_of_cell[cell], -1))


def _smallest(
    ties: Relations, pairs: NDArray[np.int64], number: NDArray[np.int64], all_at_once: bool
) -> NDArray[np.int64]:
    """In each tie, the smallest of these counts, or all; a sum goes only where no part of it is left to hide."""
    frame = pl.DataFrame(
        {
            "tie": ties.tie[pairs],
            "row": ties.count[pairs],
            "is_sum": ties.sign[pairs] < 0,
            "number": number[ties.count[pairs]],
        }
    )
    if all_at_once:
        chosen = frame.filter(pl.col("is_sum") == pl.col("is_sum").min().over("tie"))
    else:
        chosen = frame.sort("is_sum", "number", "row").group_by("tie", maintain_order=True).first()
    return chosen["row"].to_numpy()
