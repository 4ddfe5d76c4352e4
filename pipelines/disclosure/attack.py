"""The attack on our own release: linear programming over every tie at once, as a patient reader with a solver would.

A count is safe where two ways of filling the release's tables, both fitting every shown number and every tie, differ in
it by the forbidden width or more. Each solution of a linear programme is one such way for all counts at once, and the
truth is another, so a few directions clear nearly all counts; those left are minimised and maximised one by one
(Fischetti and Salazar 2001, Manag Sci 47:1008, the auditing problem of cell suppression). Solved by HiGHS.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import highspy
import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.disclosure.bounds import NO_LIMIT, Limits, Watched
from pipelines.disclosure.relations import Relations
from pipelines.errors import PipelineError

#: A count without an upper limit is taken to be no more than this above what it is. It only helps the attacker, and
#: keeps every programme bounded.
ABOVE = 100.0
#: How near a solution of the programme may be to a whole number and still count as it.
NEARLY = 1e-5
#: A reduced cost under this is nought.
NO_COST = 1e-7
#: HiGHS's numbers for its two simplex methods. From one objective to the next the primal one goes on from a filling
#: that still fits, and takes about two thirds of the time.
PRIMAL, DUAL = 4, 1


@dataclass(frozen=True)
class Block:
    """Counts that are attacked together: rows of the table of counts, and what to call them."""

    name: str
    rows: NDArray[np.int64]


@dataclass
class Audit:
    """What the attack did and found. `told` holds rows of counts known too well, which never leave the build, and
    `told_in` the blocks of these; `told_by` has, for each of them, the rows whose own limits hold it so narrow;
    `narrowest` is the narrowest range among the counts that are not told."""

    blocks: int = 0
    blocks_of: int = 0
    watched: int = 0
    one_by_one: int = 0
    narrowest: float = np.inf
    seconds: float = 0.0
    told: list[int] = field(default_factory=list)
    told_in: list[Block] = field(default_factory=list)
    told_by: dict[int, NDArray[np.int64]] = field(default_factory=dict)

    def add(self, other: Audit) -> None:
        """Add what another attack did."""
        for name in ("blocks", "blocks_of", "watched", "one_by_one", "seconds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.narrowest = min(self.narrowest, other.narrowest)
        self.told += other.told
        self.told_in += other.told_in
        self.told_by |= other.told_by

    @property
    def as_entry(self) -> dict[str, object]:
        """What the manifest says of it: no count, and no place of one."""
        return {
            "blocks_attacked": self.blocks,
            "blocks_in_all": self.blocks_of,
            "small_counts_attacked": self.watched,
            "solved_one_by_one": self.one_by_one,
            "narrowest_range_not_told": None if np.isinf(self.narrowest) else int(self.narrowest),
            "told": len(self.told),
            "seconds": round(self.seconds, 1),
        }


def attack(
    blocks: Iterable[Block],
    number: NDArray[np.float64],
    ties: Relations,
    limits: Limits,
    watch: Watched,
    directions: int,
    seconds: float = np.inf,
) -> Audit:
    """Attack each block in turn; none is begun once the time is up.

    number: the exact counts. limits: what each count by itself tells (`first_limits`). The counts told to within
    `watch.within` are in `told`. Raises PipelineError where the solver fails, since nothing is proved then.
    """
    started = time.monotonic()
    is_watched = np.zeros(number.size, dtype=bool)
    is_watched[watch.rows] = True

    def one(block: Block) -> Audit:
        if time.monotonic() - started > seconds:
            return Audit(blocks_of=1)
        found = _attack_block(block, number, ties, limits, is_watched, watch.within, directions, PRIMAL)
        # Which counts are told is one answer; which limits hold them, of several that do, depends on the method.
        if found.told:
            found = _attack_block(block, number, ties, limits, is_watched, watch.within, directions, DUAL)
        found.told_in = [block] if found.told else []
        return found

    found = Audit()
    for block in blocks:
        found.add(one(block))
    found.seconds = time.monotonic() - started
    return found


def _attack_block(
    block: Block,
    number: NDArray[np.float64],
    ties: Relations,
    limits: Limits,
    is_watched: NDArray[np.bool_],
    within: int,
    directions: int,
    method: int,
) -> Audit:
    """method: PRIMAL, or DUAL, which holds to the limits that it always held to, so that the same cells are hidden from
    release to release."""
    targets = np.flatnonzero(is_watched[block.rows])
    found = Audit(blocks=1, blocks_of=1, watched=targets.size)
    if not targets.size:
        return found
    programme = _Programme(block.rows, number, ties, limits, method)
    least, most = number[block.rows].copy(), number[block.rows].copy()
    left = targets
    for direction in _directions(directions, left.size):
        if not left.size:
            break
        answer = programme.solve(left, direction[: left.size])
        np.minimum(least, answer, out=least)
        np.maximum(most, answer, out=most)
        cleared = _whole(least, most)[left] >= within
        left = left[~cleared]
    while left.size:
        found.one_by_one += 1
        target, left = left[:1], left[1:]
        holds = np.zeros(block.rows.size, dtype=bool)
        for sign in (1.0, -1.0):
            answer = programme.solve(target, np.array([sign]))
            holds |= programme.holding()
            np.minimum(least, answer, out=least)
            np.maximum(most, answer, out=most)
        found.told_by[int(block.rows[target[0]])] = block.rows[holds]
        left = left[_whole(least, most)[left] < within]
    width = _whole(least, most)[targets]
    found.narrowest = float(width[width >= within].min(initial=np.inf))
    found.told = block.rows[targets[width < within]].tolist()
    found.told_by = {row: found.told_by[row] for row in found.told}
    return found


def _whole(least: NDArray[np.float64], most: NDArray[np.float64]) -> NDArray[np.float64]:
    """The width between the whole numbers within the limits."""
    return np.floor(most + NEARLY) - np.ceil(least - NEARLY)


def _directions(how_many: int, size: int) -> Iterator[NDArray[np.float64]]:
    """All down, all up, then signs that follow a fixed sequence, so that the same release is attacked the same way."""
    yield np.ones(size)
    yield -np.ones(size)
    draws = np.random.default_rng(size)
    for _ in range(how_many - 2):
        yield draws.choice([-1.0, 1.0], size)


class _Programme:
    """The linear programme of a block, solved for one objective after another from where the last one ended."""

    def __init__(
        self, rows: NDArray[np.int64], number: NDArray[np.float64], ties: Relations, limits: Limits, method: int
    ) -> None:
        place = np.full(number.size, -1, dtype=np.int64)
        place[rows] = np.arange(rows.size)
        inside = place[ties.count] >= 0
        outside = np.bincount(ties.tie[~inside], minlength=ties.size) > 0
        pairs = np.flatnonzero(inside & ~outside[ties.tie])
        kept, renumbered = np.unique(ties.tie[pairs], return_inverse=True)
        order = np.argsort(renumbered, kind="stable")
        upper = np.minimum(limits[1][rows], np.where(limits[1][rows] >= NO_LIMIT, number[rows] + ABOVE, np.inf))
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = rows.size, kept.size
        model.col_cost_ = np.zeros(rows.size)
        model.col_lower_, model.col_upper_ = limits[0][rows], upper
        model.row_lower_, model.row_upper_ = ties.low[kept], ties.high[kept]
        matrix = highspy.HighsSparseMatrix()
        matrix.format_ = highspy.MatrixFormat.kRowwise
        matrix.num_col_, matrix.num_row_ = rows.size, kept.size
        matrix.start_ = np.concatenate([[0], np.cumsum(np.bincount(renumbered, minlength=kept.size))])
        matrix.index_, matrix.value_ = place[ties.count[pairs]][order], ties.sign[pairs][order]
        model.a_matrix_ = matrix
        self.size = rows.size
        self.solver = highspy.Highs()  # type: ignore[no-untyped-call]
        self.solver.setOptionValue("output_flag", False)
        self.solver.setOptionValue("threads", 1)
        self.solver.setOptionValue("simplex_strategy", method)
        self.solver.passModel(model)

    def solve(self, targets: NDArray[np.int64], direction: NDArray[np.float64]) -> NDArray[np.float64]:
        """A filling of the block's counts that makes the sum of direction times target as small as it can be."""
        cost = np.zeros(self.size)
        cost[targets] = direction
        self.solver.changeColsCost(self.size, np.arange(self.size, dtype=np.int32), cost)
        self.solver.run()
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise PipelineError(
                "build: disclosure control: the attack on the release could not be carried out "
                f"({self.solver.modelStatusToString(self.solver.getModelStatus())}); nothing is published unproved"
            )
        return np.asarray(self.solver.getSolution().col_value)

    def holding(self) -> NDArray[np.bool_]:
        """Which counts' own limits hold the last answer where it is: those whose reduced cost is not nought."""
        found: NDArray[np.bool_] = np.abs(np.asarray(self.solver.getSolution().col_dual)) > NO_COST
        return found


def blocks_of_periods(counts: pl.DataFrame, families: Iterable[frozenset[str]]) -> list[Block]:
    """A block for each family of linked indicators and each period in which anything of it is shown."""
    found = []
    for family in families:
        own = counts.filter(pl.col("indicator").is_in(list(family)))
        for (grain, start), cells in own.group_by("grain", "period_start", maintain_order=True):
            if not _tells(cells):
                continue
            found.append(Block(f"{min(family)} {grain} {start}", cells["row"].to_numpy().astype(np.int64)))
    return found


def _tells(cells: pl.DataFrame) -> bool:
    """Whether this release, or the one before, shows any of these counts."""
    earlier = "before" in cells.columns and cells["before"].is_not_null().any()
    return bool(cells["is_shown"].any()) or bool(earlier)


def blocks_across_periods(counts: pl.DataFrame, families: Iterable[frozenset[str]], order: str) -> list[Block]:
    """A block for each family and quarter with its months, in an order that nobody chose: that of a hash of its name.

    order: what the hash begins with.
    """
    found = []
    for family in families:
        own = counts.filter(pl.col("indicator").is_in(list(family)))
        if own["grain"].n_unique() == 1 or "month" not in own["grain"].unique():
            continue
        for start, end in own.filter(grain="quarter").select("period_start", "period_end").unique().iter_rows():
            cells = own.filter((pl.col("period_start") >= start) & (pl.col("period_end") <= end))
            if not _tells(cells.filter(grain="month")):
                continue
            found.append(Block(f"{min(family)} across {start}", cells["row"].to_numpy().astype(np.int64)))
    return sorted(found, key=lambda block: hashlib.sha256(f"{order}:{block.name}".encode()).hexdigest())
