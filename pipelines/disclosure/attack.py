"""The attack on our own release: linear programming over every tie at once, as a patient reader with a solver would.

A count is safe where two ways of filling the release's tables, both fitting every shown number and every tie, differ in
it by the forbidden width or more. Each solution of a linear programme is one such way for all counts at once, and the
truth is another, so a few directions clear nearly all counts; those left are minimised and maximised one by one
(Fischetti and Salazar 2001, Manag Sci 47:1008, the auditing problem of cell suppression). Solved by HiGHS.
"""

from __future__ import annotations

import hashlib
import platform
import time
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field, fields
from functools import cache
from importlib.metadata import version

import highspy
import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.disclosure.bounds import NO_LIMIT, Limits, Watched
from pipelines.disclosure.relations import Relations
from pipelines.errors import PipelineError
from pipelines.hashes import code_version, of_texts

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
#: How much work of the solver (`_Programme.work`) passes for a second: about what one processor did with 330,000
#: requests, where work and time of blocks went together (r 0.999).
WORK_A_SECOND = 20_000_000


@dataclass(frozen=True)
class Block:
    """Counts that are attacked together: rows of the table of counts, and what to call them."""

    name: str
    rows: NDArray[np.int64]


@dataclass(frozen=True)
class Problem:
    """All that the attack on a block works from, so that what it finds is a function of this alone.

    Counts stand at their places in the block: what each is, the limits that each by itself tells, and whether it is
    never to be told to within `within`. Ties that lie whole within the block are rows of a sparse matrix: `starts`,
    `places` and `signs`, between `low` and `high`. directions: how many are tried at once. method: PRIMAL or DUAL.
    """

    number: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    is_watched: NDArray[np.bool_]
    starts: NDArray[np.int64]
    places: NDArray[np.int64]
    signs: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    within: int
    directions: int
    method: int

    @property
    def key(self) -> str:
        """A SHA-256 over every part of the problem, the code that solves it and the versions of the solver."""
        digest = hashlib.sha256(solved_by().encode())
        for part in fields(self):
            value = np.ascontiguousarray(getattr(self, part.name))
            digest.update(f"{part.name} {value.dtype.str} {value.shape};".encode())
            digest.update(value.tobytes())
        return digest.hexdigest()


@dataclass(frozen=True)
class Finding:
    """What the attack on a block found, by places in the block: the counts that are told, and for each the counts whose
    own limits hold it so narrow; the narrowest range of those that are not told, how many were solved one by one, and
    the work that it took (`_Programme.work`)."""

    told_by: Mapping[int, tuple[int, ...]]
    narrowest: float
    one_by_one: int
    work: int


#: What earlier attacks found, by the problem's key.
Known = MutableMapping[str, Finding]


@dataclass
class Audit:
    """What the attack did and found. `told` holds rows of counts known too well, which never leave the build, and
    `told_in` the blocks of these; `told_by` has, for each of them, the rows whose own limits hold it so narrow;
    `narrowest` is the narrowest range among the counts that are not told; `known` of the blocks were exactly those of
    an earlier attack, whose findings stand."""

    blocks: int = 0
    blocks_of: int = 0
    known: int = 0
    watched: int = 0
    one_by_one: int = 0
    narrowest: float = np.inf
    seconds: float = 0.0
    told: list[int] = field(default_factory=list)
    told_in: list[Block] = field(default_factory=list)
    told_by: dict[int, NDArray[np.int64]] = field(default_factory=dict)

    def add(self, other: Audit) -> None:
        """Add what another attack did."""
        for name in ("blocks", "blocks_of", "known", "watched", "one_by_one", "seconds"):
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
            "blocks_as_before": self.known,
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
    known: Known | None = None,
) -> Audit:
    """Attack each block in turn; none is begun once the time is up.

    number: the exact counts. limits: what each count by itself tells (`first_limits`). seconds: reckoned in work of the
    solver (WORK_A_SECOND), so that the same counts are attacked on every machine. known: findings of earlier attacks,
    which stand for exactly the same problem, and to which new ones are added; one found before counts as much work as
    it did then. The counts told to within `watch.within` are in `told`. Raises PipelineError where the solver fails,
    since nothing is proved then.
    """
    started, spent, known = time.monotonic(), 0, {} if known is None else known
    is_watched = np.zeros(number.size, dtype=bool)
    is_watched[watch.rows] = True
    cut = _Cut(number, ties, limits, is_watched, watch.within, directions)
    found = Audit()
    for block in blocks:
        if spent > seconds * WORK_A_SECOND:
            found.add(Audit(blocks_of=1))
            continue
        one, work = _attack_block(block, cut, known)
        spent += work
        found.add(one)
    found.seconds = time.monotonic() - started
    return found


def _attack_block(block: Block, cut: _Cut, known: Known) -> tuple[Audit, int]:
    """What the attack on a block found, and the work that it took."""
    targets = int(cut.is_watched[block.rows].sum())
    if not targets:
        return Audit(blocks=1, blocks_of=1), 0
    finding, is_known = _finding(cut.problem(block.rows, PRIMAL), known)
    work = finding.work
    # Which counts are told is one answer; which limits hold them, of several that do, depends on the method.
    if finding.told_by:
        finding, is_known = _finding(cut.problem(block.rows, DUAL), known)
        work += finding.work
    audit = Audit(1, 1, int(is_known), targets, finding.one_by_one, finding.narrowest)
    audit.told_by = {int(block.rows[at]): block.rows[list(holding)] for at, holding in finding.told_by.items()}
    audit.told = list(audit.told_by)
    audit.told_in = [block] if audit.told else []
    return audit, work


def _finding(problem: Problem, known: Known) -> tuple[Finding, bool]:
    """What the attack finds, and whether that was known."""
    key = problem.key
    if (before := known.get(key)) is not None:
        return before, True
    known[key] = found = solve(problem)
    return found, False


def solve(problem: Problem) -> Finding:
    """Attack a block: PipelineError where the solver fails."""
    targets = np.flatnonzero(problem.is_watched)
    programme = _Programme(problem)
    least, most = problem.number.copy(), problem.number.copy()
    one_by_one, left, holding = 0, targets, {}
    for direction in _directions(problem.directions, left.size):
        if not left.size:
            break
        answer = programme.solve(left, direction[: left.size])
        np.minimum(least, answer, out=least)
        np.maximum(most, answer, out=most)
        left = left[_whole(least, most)[left] < problem.within]
    while left.size:
        one_by_one += 1
        target, left = left[:1], left[1:]
        holds = np.zeros(problem.number.size, dtype=bool)
        for sign in (1.0, -1.0):
            answer = programme.solve(target, np.array([sign]))
            holds |= programme.holding()
            np.minimum(least, answer, out=least)
            np.maximum(most, answer, out=most)
        holding[int(target[0])] = tuple(np.flatnonzero(holds).tolist())
        left = left[_whole(least, most)[left] < problem.within]
    width = _whole(least, most)[targets]
    narrowest = float(width[width >= problem.within].min(initial=np.inf))
    told_by = {at: holding[at] for at in targets[width < problem.within].tolist()}
    return Finding(told_by, narrowest, one_by_one, programme.work)


@cache
def solved_by() -> str:
    """Which code and which solver find what is found."""
    return of_texts([code_version(), platform.python_version(), np.__version__, version("highspy")])


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


class _Cut:
    """Cuts the problem of a block out of the whole table of counts and its ties."""

    def __init__(
        self,
        number: NDArray[np.float64],
        ties: Relations,
        limits: Limits,
        is_watched: NDArray[np.bool_],
        within: int,
        directions: int,
    ) -> None:
        self._number, self._ties, self._limits, self.is_watched = number, ties, limits, is_watched
        self._within, self._directions = within, directions
        #: The place of each row in the block being cut, -1 outside it; as it was again after each.
        self._place = np.full(number.size, -1, dtype=np.int64)

    def problem(self, rows: NDArray[np.int64], method: int) -> Problem:
        """The problem of a block. method: PRIMAL, or DUAL, which holds to the limits that it always held to, so that
        the same cells are hidden from release to release."""
        self._place[rows] = np.arange(rows.size)
        touching = self._ties.of_counts(rows)
        pairs = self._ties.pairs(touching)
        place, lengths = self._place[self._ties.count[pairs]], np.bincount(self._ties.tie[pairs])[touching]
        self._place[rows] = -1
        is_whole = np.bincount(np.repeat(np.arange(touching.size), lengths)[place < 0], minlength=touching.size) == 0
        kept, inside = touching[is_whole], np.repeat(is_whole, lengths)
        return Problem(
            self._number[rows],
            self._limits[0][rows],
            self._limits[1][rows],
            self.is_watched[rows],
            np.concatenate([[0], np.cumsum(lengths[is_whole])]),
            place[inside],
            self._ties.sign[pairs[inside]],
            self._ties.low[kept],
            self._ties.high[kept],
            self._within,
            self._directions,
            method,
        )


class _Programme:
    """The linear programme of a block, solved for one objective after another from where the last one ended."""

    def __init__(self, problem: Problem) -> None:
        columns, rows = problem.number.size, problem.low.size
        no_limit = problem.upper >= NO_LIMIT
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = columns, rows
        model.col_cost_ = np.zeros(columns)
        model.col_lower_ = problem.lower
        model.col_upper_ = np.minimum(problem.upper, np.where(no_limit, problem.number + ABOVE, np.inf))
        model.row_lower_, model.row_upper_ = problem.low, problem.high
        matrix = highspy.HighsSparseMatrix()
        matrix.format_ = highspy.MatrixFormat.kRowwise
        matrix.num_col_, matrix.num_row_ = columns, rows
        matrix.start_, matrix.index_, matrix.value_ = problem.starts, problem.places, problem.signs
        model.a_matrix_ = matrix
        self.size = columns
        #: The work so far: for each solution its columns, and its rows as often as the simplex method moved on.
        self.work = 0
        self._rows = rows
        self.solver = highspy.Highs()  # type: ignore[no-untyped-call]
        self.solver.setOptionValue("output_flag", False)
        self.solver.setOptionValue("threads", 1)
        self.solver.setOptionValue("simplex_strategy", problem.method)
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
        self.work += self.size + self._rows * int(self.solver.getInfo().simplex_iteration_count)
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
