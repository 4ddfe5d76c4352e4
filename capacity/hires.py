"""The smallest set of hires that brings so many requests within standard by a date, found by simulation.

A set is a number of posts of each role, all from one day on. Every set meets the same requests with the same work, so
that few replications tell which is better. The search rests on one law: more people never make it worse. It first
finds the fewest of each role that will do if nobody else is short; no set with fewer can do. It then finds a set from
which no post can be left out, and as far as the sets that may be simulated go, tries every smaller one, the smallest
first. Where no set will do, it finds one that comes near the most that people can bring, and tells what would still be
late.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import comb

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


#: Where no set reaches the goal, the one found comes so near what `most` of each role reach, in percentage points.
NEAR = 1.0

#: Steps in which the curve goes from nobody to the set found.
CURVE_STEPS = 12


@dataclass(frozen=True)
class Search:
    """What was found.

    hires: posts by role, without those of which none is needed; None where even `most` of each role will not do.
    reached: the percentage with them, or with `most` of each. is_smallest: whether every smaller set was ruled out.
    nearest, near_percent: where `hires` is None, a set that comes within NEAR of what is reached, none of whose posts
    can be left out. late: by `category`, the requests that miss their standard with `most` of each role: `due_count`
    and `late_count`, means over replications; empty where the goal is reached.
    curve: `posts` from none on, the best `percent` that so many reach among the sets tried, and how many of them are of
    each role, a column a role; rows that reach no more than fewer posts are left out. tried: sets simulated.
    """

    hires: Mapping[str, int] | None
    reached: float
    is_smallest: bool
    curve: pl.DataFrame
    tried: int
    nearest: Mapping[str, int] | None = None
    near_percent: float | None = None
    late: pl.DataFrame = field(default_factory=pl.DataFrame)


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
            self.known[hires] = goal_percent(self.months(hires), self.goal)
            if self.progress is not None:
                self.progress(len(self.known))
        return self.known[hires]

    def months(self, hires: Set) -> pl.DataFrame:
        """What a set brings, month by month."""
        plan = with_hires(self.plan, dict(zip(self.roles, hires, strict=True)), self.start)
        return simulate(plan, self.replications, self.seed, self.threads).months

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


def until(plan: Plan, last: dt.date) -> Plan:
    """The plan up to a month and no longer: what falls due by then comes out the same, in less time."""
    months = (last.year - plan.start.year) * 12 + last.month - plan.start.month + 1
    if not 1 <= months < plan.months:
        return plan
    categories = tuple(replace(category, arrivals=category.arrivals[:months]) for category in plan.categories)
    return replace(plan, months=months, categories=categories)


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

    most: of each role. most_sets: sets simulated at the most, beside a few for the curve; where they run out, the
    smallest found that will do is given, and `is_smallest` says so. progress: called with the sets simulated.
    """
    trials = Trials(until(plan, goal.last), roles, start, goal, replications, seed, most_sets, progress, threads)
    nobody, everybody = (0,) * len(roles), (most,) * len(roles)
    if trials.is_enough(nobody):
        return _told(trials, nobody, True)
    if not trials.is_enough(everybody):
        return _as_near_as_can_be(trials, everybody)
    best, is_smallest = everybody, False
    try:
        fewest = tuple(_fewest(trials, everybody, place) for place in range(len(roles)))
        best = _trimmed(trials, fewest, _scaled(trials, fewest, everybody))
        best = _smallest(trials, fewest, best, most)
        is_smallest = True
        _fill_curve(trials, best)
    except TooManySetsError:
        if not is_smallest:
            found = [one for one, percent in trials.known.items() if percent >= goal.percent]
            best = min(found, key=lambda one: (sum(one), -trials.known[one], one))
            _fill_curve_as_far_as_it_goes(trials, best)
    return _told(trials, best, is_smallest)


def _as_near_as_can_be(trials: Trials, everybody: Set) -> Search:
    """What is told where no set reaches the goal: how near people alone bring it, and who is late for other reasons."""
    reached = trials.percent(everybody)
    trials.goal = replace(trials.goal, percent=reached - NEAR)
    near = everybody
    try:
        nobody = (0,) * len(everybody)
        if trials.is_enough(nobody):
            near = nobody
        else:
            fewest = tuple(_fewest(trials, everybody, place) for place in range(len(everybody)))
            near = _trimmed(trials, fewest, _scaled(trials, fewest, everybody))
        _fill_curve(trials, near)
    except TooManySetsError:
        found = [one for one, percent in trials.known.items() if percent >= trials.goal.percent]
        near = min(found, key=lambda one: (sum(one), -trials.known[one], one))
    told = _told(trials, None, True)
    posts = {role: n for role, n in zip(trials.roles, near, strict=True) if n}
    trials.most_sets = max(trials.most_sets, len(trials.known) + 1)
    return replace(told, nearest=posts, near_percent=trials.percent(near), late=_late(trials, everybody))


def _late(trials: Trials, hires: Set) -> pl.DataFrame:
    """Requests due and late by category in the months of the goal, with a set: means over replications."""
    own = between(trials.months(hires), trials.goal.first, trials.goal.last).filter(pl.col("category") != ALL)
    late = (pl.col("due_count") - pl.col("in_standard_count")).sum() / trials.replications
    return (
        own.group_by("category", maintain_order=True)
        .agg(due_count=pl.col("due_count").sum() / trials.replications, late_count=late)
        .sort("late_count", "category", descending=[True, False])
    )


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


def _scaled(trials: Trials, fewest: Set, everybody: Set) -> Set:
    """A set that will do on the straight way from the fewest to everybody, as near to the fewest as one post tells."""
    longest = max(most - few for few, most in zip(fewest, everybody, strict=True))

    def at(part: int) -> Set:
        return tuple(few + part * (most - few) // max(longest, 1) for few, most in zip(fewest, everybody, strict=True))

    low, high = 0, longest
    while low < high:
        middle = (low + high) // 2
        if trials.is_enough(at(middle)):
            high = middle
        else:
            low = middle + 1
    return at(high)


def _trimmed(trials: Trials, fewest: Set, enough: Set) -> Set:
    """The set without posts that can be left out, role by role, those with most posts to spare first."""
    here = enough
    for place in sorted(range(len(here)), key=lambda place: fewest[place] - enough[place]):
        low, high = fewest[place], here[place]
        while low < high:
            middle = (low + high) // 2
            if trials.is_enough((*here[:place], middle, *here[place + 1 :])):
                high = middle
            else:
                low = middle + 1
        here = (*here[:place], high, *here[place + 1 :])
    return here


def _smallest(trials: Trials, fewest: Set, enough: Set, most: int) -> Set:
    """The smallest set that will do, at most as large as one that does; TooManySetsError where that takes too many."""
    for posts in range(sum(fewest), sum(enough) + 1):
        more = posts - sum(fewest)
        # What is known to be in vain is not begun; a set may be known without a simulation, so this is a bound above.
        if comb(more + len(fewest) - 1, more) > 4 * (trials.most_sets - len(trials.known)):
            raise TooManySetsError
        found = [one for one in _sets(fewest, more, most) if trials.is_enough(one)]
        if found:
            return max(found, key=lambda one: (trials.percent(one), one))
    return enough


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
    """Towards the set found, a few posts at a time where they help most: what the first posts bring."""
    stride = -(-sum(best) // CURVE_STEPS)
    here: Set = (0,) * len(best)
    while here != best:
        steps = [
            (*here[:place], min(here[place] + stride, best[place]), *here[place + 1 :])
            for place in range(len(here))
            if here[place] < best[place]
        ]
        here = max(steps, key=lambda one: (trials.percent(one), one))


def _fill_curve_as_far_as_it_goes(trials: Trials, best: Set) -> None:
    """The same beyond the sets that a search may simulate: the curve is what a planner reads first."""
    trials.most_sets = len(trials.known) + (CURVE_STEPS + len(best)) * len(best)
    _fill_curve(trials, best)


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
