"""The capacity model's answers for a release and a set of overrides, worked once: load, gaps, backlog and effects."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from capacity import workload
from capacity.assumptions import Assumptions, Level
from capacity.workload import Effect
from ui import capacity_inputs
from ui.capacity_inputs import Inputs
from ui.capacity_overrides import Overrides
from ui.data import Snapshot
from ui.made_once import made_once

#: A quarter, in years.
QUARTER = 0.25

#: What the tornado can be of, by its label, which is part of the address of the page.
LOAD_NOW, SHORT_THEN = "Load ratio now", "Posts short in 2029-30"
ANSWERS = (LOAD_NOW, SHORT_THEN)

#: The names of assumptions that bear on each; the others are not tried, since that takes time.
OF_HOURS = ("minutes", "leave_days", "study_days", "absence", "non_case_share", "trainee_productivity", "supervision")
BEARS_ON = {LOAD_NOW: OF_HOURS, SHORT_THEN: (*OF_HOURS, "growth", "leaving", "replaced", "load_amber")}

#: What trainees do and take stands with this role.
OF_TRAINEES = ("trainee_productivity", "supervision")

PLACES = ("site", "period", "role")


@dataclass(frozen=True)
class Answers:
    """Tables by site and role, and the assumptions that they were worked with.

    now: load with its range and the gap. history: load by quarter. ahead: load and gap by financial year with
    `gap_low` and `gap_high`, by all minutes low and high. backlog, week, alone, recruits: as `capacity.workload` has
    them, for staff of the newest census.
    """

    inputs: Inputs
    assumptions: Assumptions
    now: pl.DataFrame
    history: pl.DataFrame
    ahead: pl.DataFrame
    backlog: pl.DataFrame
    week: pl.DataFrame
    alone: pl.DataFrame
    recruits: pl.DataFrame


def answers(snapshot: Snapshot, overrides: Overrides = ()) -> Answers | None:
    """Every answer for a release, worked once for a set of overrides; None where the release has not what it needs."""
    return _answers(snapshot.key, overrides, snapshot)


@made_once(40)
def _answers(key: str, overrides: Overrides, _snapshot: Snapshot) -> Answers | None:  # noqa: ARG001 - key: the release
    found = capacity_inputs.inputs(_snapshot)
    return None if found is None else work(found, capacity_inputs.assumptions().overridden(dict(overrides)))


def work(inputs: Inputs, given: Assumptions) -> Answers:
    """The answers."""
    demand, staff, absence = inputs.demand_now, inputs.now, inputs.absence
    loads = workload.load_with_range(
        demand, staff, given, 1.0, absence, inputs.people("most_wte"), inputs.people("least_wte")
    )
    now = workload.gaps(loads, staff, given, 1.0, absence)
    return Answers(
        inputs=inputs,
        assumptions=given,
        now=now,
        history=workload.load(inputs.quarters, inputs.staff, given, QUARTER, absence),
        ahead=_with_ends(inputs, given),
        backlog=workload.backlog(inputs.late, loads, given),
        week=workload.shorter_week(staff, given, absence),
        alone=workload.single_person(staff),
        recruits=workload.recruits(staff, given, inputs.leaving),
    )


def _with_ends(inputs: Inputs, given: Assumptions) -> pl.DataFrame:
    found = ahead(inputs, given)
    for level, name in (("low", "gap_low"), ("high", "gap_high")):
        end = ahead(inputs, given, level).select(*PLACES, pl.col("gap_wte").alias(name))  # type: ignore[arg-type]
        found = found.join(end, on=PLACES, how="left", maintain_order="left")
    return found


def ahead(inputs: Inputs, given: Assumptions, level: Level = "central") -> pl.DataFrame:
    """Load and gap in each financial year to 2029-30, with today's staff but for leavers who are not replaced."""
    demand = capacity_inputs.demand_ahead(inputs, given)
    since = max(capacity_inputs.years_from(inputs.census_day, inputs) + 0.5, 0.0)
    staff = workload.staff_ahead(inputs.now, given, inputs.years_ahead, since, inputs.leaving)
    loads = workload.load(demand, staff, given, 1.0, inputs.absence, level)
    return workload.gaps(loads, staff, given, 1.0, inputs.absence)


def effects(snapshot: Snapshot, overrides: Overrides, answer: str, site: str, role: str) -> list[Effect]:
    """What each assumption does to an answer at a site (empty: all four) for a role, the largest effect first."""
    return _effects(snapshot.key, overrides, answer, site, role, snapshot)


@made_once(60)
def _effects(
    key: str,  # noqa: ARG001 - the release
    overrides: Overrides,
    answer: str,
    site: str,
    role: str,
    _snapshot: Snapshot,
) -> list[Effect]:
    found = capacity_inputs.inputs(_snapshot)
    if found is None:
        return []
    given = capacity_inputs.assumptions().overridden(dict(overrides))
    return workload.tornado(given, number(found, answer, site, role), keys_of(given, answer, role))


def keys_of(given: Assumptions, answer: str, role: str) -> list[str]:
    """The assumptions with a range that can bear on an answer for a role: its own, and those of everybody."""
    others = set(given.roles) - {role}
    names = set(BEARS_ON[answer]) - (set() if role == workload.SCIENTIST else set(OF_TRAINEES))
    keys = (key.split("/")[:2] for key in workload.range_keys(given))
    return ["/".join(key) for key in keys if key[0] in names and key[1] not in others]


def number(inputs: Inputs, answer: str, site: str, role: str) -> Callable[[Assumptions], float]:
    """An answer as a number that assumptions give: of one site, or of all four together."""
    is_here = pl.col("site") == site if site else pl.lit(value=True)

    demand, staff = inputs.demand_now.filter(is_here), inputs.now.filter(is_here)

    def load_now(given: Assumptions) -> float:
        here = workload.load(demand, staff, given, 1.0, inputs.absence).filter(role=role)
        needed, there = (float(here[name].sum()) for name in ("hours_needed", "hours_available"))
        return needed / there if there > 0 else 0.0

    def short_then(given: Assumptions) -> float:
        last = ahead(inputs, given).filter(is_here, role=role, period=inputs.years_ahead[-1])
        return float(last["gap_wte"].clip(lower_bound=0).sum())

    return load_now if answer == LOAD_NOW else short_then


def quarter_of(start: dt.date) -> str:
    """A quarter in words: `July to September 2026`."""
    end = capacity_inputs.quarter_end(start)
    return f"{start:%B} to {end:%B %Y}"
