"""The smallest set of hires that brings so many requests within standard by a date, found by simulation.

A set is a number of posts of each role, all from one day on. Every set meets the same requests with the same work, so
that few replications tell which is better. The search rests on one law: more people never make it worse. It first finds
the fewest of each role that will do if nobody else is short; no set with fewer can do, so it starts from these, and
tries every set of one post more, then of two more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from capacity.laboratory_plan import Plan, with_change
from capacity.scenario_outcomes import between
from capacity.simulation import ALL, simulate

#: Posts of each role in the order of the roles searched.
Set = tuple[int, ...]


class TooManySetsError(RuntimeError):
    """So many sets were tried that the search was given up."""


@dataclass(frozen=True)
class Goal:
    """So many of the requests due in the months from the first to the last, in percent, in the mean of replications.

    category: of one category, or of all together.
    """

    first: dt.date
    last: dt.date
    percent: float = 90.0
    category: str = ALL


@dataclass(frozen=True)
class Search:
    """What was found.

    hires: posts by role, without those of which none is needed; None where even `most` of each role will not do.
    reached: the percentage with them, or with `most` of each. is_smallest: whether every smaller set was ruled out.
    curve: `posts` from none on, the best `percent` that so many reach among the sets tried, and how many of them are of
    each role, a column a role; rows that reach no more than fewer posts are left out. tried: sets simulated.
    """

    hires: Mapping[str, int] | None
    reached: float
    is_smallest: bool
    curve: pl.DataFrame
    tried: int


@dataclass
class Trials:
    """Simulates sets of hires, each once."""

    plan: Plan
    roles: Sequence[str]
    start: dt.date
    goal: Goal
    replications: int
    seed: int
    most_sets: int
    progress: Callable[[int], None] | None = None
    threads: int | None = None
    known: dict[Set, float] = field(default_factory=dict)

    def percent(self, hires: Set) -> float:
        """The percentage within standard with a set."""
        if hires not in self.known:
            if len(self.known) >= self.most_sets:
                raise TooManySetsError
            plan = with_hires(self.plan, dict(zip(self.roles, hires, strict=True)), self.start)
            months = simulate(plan, self.replications, self.seed, self.threads).months
            self.known[hires] = goal_percent(months, self.goal)
            if self.progress is not None:
                self.progress(len(self.known))
        return self.known[hires]

    def is_enough(self, hires: Set) -> bool:
        """Whether a set reaches the goal; known without a simulation where a smaller one does, or a larger does not."""
        if hires in self.known:
            return self.known[hires] >= self.goal.percent
        for other, percent in self.known.items():
            if percent >= self.goal.percent and _within(other, hires):
                return True
            if percent < self.goal.percent and _within(hires, other):
                return False
        return self.percent(hires) >= self.goal.percent


def with_hires(plan: Plan, hires: Mapping[str, int], start: dt.date) -> Plan:
    """The plan with so many posts more of each role from a day on."""
    roles = tuple(
        with_change(role, max(start, plan.start), float(hires[role.code])) if hires.get(role.code) else role
        for role in plan.roles
    )
    return replace(plan, roles=roles)


def goal_percent(months: pl.DataFrame, goal: Goal) -> float:
    """The mean over replications of the percentage within standard that a goal is about; 100 where nothing is due."""
    found = between(months, goal.first, goal.last).filter(category=goal.category)["in_standard_pct"].mean()
    return 100.0 if found is None else float(found)  # type: ignore[arg-type]


def smallest_hires(
    plan: Plan,
    roles: Sequence[str],
    start: dt.date,
    goal: Goal,
    most: int = 10,
    replications: int = 10,
    seed: int = 1,
    most_sets: int = 400,
    progress: Callable[[int], None] | None = None,
    threads: int | None = None,
) -> Search:
    """The fewest posts that reach a goal, from a day on; of two sets as small, the one that reaches more.

    most: of each role. most_sets: sets simulated at the most; where they run out, the smallest found that will do is
    given, and `is_smallest` says so. progress: called with the sets simulated.
    """
    trials = Trials(plan, roles, start, goal, replications, seed, most_sets, progress, threads)
    nobody, everybody = (0,) * len(roles), (most,) * len(roles)
    if trials.is_enough(nobody):
        return _told(trials, nobody, True)
    if not trials.is_enough(everybody):
        return _told(trials, None, True)
    best, is_smallest = everybody, False
    try:
        fewest = tuple(_fewest(trials, everybody, place) for place in range(len(roles)))
        best = _climbed(trials, fewest, most)
        for posts in range(sum(fewest), sum(best)):
            enough = [one for one in _sets(fewest, posts - sum(fewest), most) if trials.is_enough(one)]
            if enough:
                best = max(enough, key=lambda one: (trials.percent(one), one))
                break
        else:
            equal = [one for one in _sets(fewest, sum(best) - sum(fewest), most) if trials.is_enough(one)]
            best = max(equal, key=lambda one: (trials.percent(one), one))
        is_smallest = True
        _fill_curve(trials, best)
    except TooManySetsError:
        if is_smallest:
            return _told(trials, best, True)
        found = [one for one, percent in trials.known.items() if percent >= goal.percent]
        best = min(found, key=lambda one: (sum(one), -trials.known[one], one))
        return _told(trials, best, False)
    return _told(trials, best, True)


def _within(small: Set, large: Set) -> bool:
    return all(a <= b for a, b in zip(small, large, strict=True))


def _fewest(trials: Trials, everybody: Set, place: int) -> int:
    """The fewest posts of one role with which the goal is reached where there are enough of all others."""
    low, high = 0, everybody[place]
    while low < high:
        middle = (low + high) // 2
        if trials.is_enough((*everybody[:place], middle, *everybody[place + 1 :])):
            high = middle
        else:
            low = middle + 1
    return low


def _climbed(trials: Trials, fewest: Set, most: int) -> Set:
    """A set that will do, from the fewest on, each time one post more where it helps most."""
    here = fewest
    while not trials.is_enough(here):
        steps = [
            (*here[:place], here[place] + 1, *here[place + 1 :]) for place in range(len(here)) if here[place] < most
        ]
        here = max(steps, key=lambda one: (trials.percent(one), one))
    return here


def _sets(fewest: Set, more: int, most: int) -> Iterator[Set]:
    """Every set with so many posts more than the fewest."""
    if len(fewest) == 1:
        if fewest[0] + more <= most:
            yield (fewest[0] + more,)
        return
    for own in range(min(more, most - fewest[0]) + 1):
        for rest in _sets(fewest[1:], more - own, most):
            yield (fewest[0] + own, *rest)


def _fill_curve(trials: Trials, best: Set) -> None:
    """One post more at a time where it helps most, towards the set found: what the first posts bring."""
    here: Set = (0,) * len(best)
    while here != best:
        steps = [
            (*here[:place], here[place] + 1, *here[place + 1 :])
            for place in range(len(here))
            if here[place] < best[place]
        ]
        here = max(steps, key=lambda one: (trials.percent(one), one))


def _told(trials: Trials, best: Set | None, is_smallest: bool) -> Search:
    everybody = max(trials.known, key=sum)
    # A set that was known to do without a simulation has no percentage yet.
    trials.most_sets = max(trials.most_sets, len(trials.known) + 1)
    reached = trials.percent(everybody if best is None else best)
    ends = sum(everybody) if best is None else sum(best)
    rows, so_far = [], -1.0
    for posts in range(ends + 1):
        here = [(percent, one) for one, percent in trials.known.items() if sum(one) == posts]
        if here and max(here)[0] > so_far:
            so_far, one = max(here)
            rows.append((posts, so_far, *one))
    hires = None if best is None else {role: n for role, n in zip(trials.roles, best, strict=True) if n}
    names = {"posts": pl.Int64, "percent": pl.Float64} | dict.fromkeys(trials.roles, pl.Int64)
    curve = pl.DataFrame(rows, schema=names, orient="row")
    return Search(hires, reached, is_smallest, curve, len(trials.known))
