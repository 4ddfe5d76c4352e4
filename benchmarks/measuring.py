"""Timing: the work and its floor in turn, so that a machine's moods touch both."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """One budget: what was measured, against what, and what is allowed."""

    work: str
    floor: str
    budget: str
    seconds: float
    floor_seconds: float | None
    note: str = ""

    @property
    def ratio(self) -> str:
        """The work's time as a multiple of its floor's."""
        return f"{self.seconds / self.floor_seconds:.2f}" if self.floor_seconds else ""

    @property
    def row(self) -> str:
        """The measure as a row of the page."""
        floor = f"{self.floor_seconds:.2f} s" if self.floor_seconds else ""
        cells = [self.work, f"{self.seconds:.2f} s", self.floor, floor, self.ratio, self.budget, self.note]
        return f"| {' | '.join(cells)} |"


def wall(work: Callable[[], object]) -> float:
    """Seconds by the clock on the wall."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def processor(work: Callable[[], object]) -> float:
    """Seconds of processor time of this process, all threads."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    work()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def in_turn(
    work: Callable[[], object], floor: Callable[[], object], timer: Callable[[Callable[[], object]], float], runs: int
) -> tuple[float, float]:
    """Medians of the work's and the floor's times, run in turn after one run of each that does not count."""
    work()
    floor()
    pairs = [(timer(work), timer(floor)) for _ in range(runs)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)
