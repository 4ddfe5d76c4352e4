"""Runs of scenarios on a release: the plan of a laboratory with what is supposed, its simulation, the hires it needs.

Work goes on in the background and is kept by the hash of all that it rests on, so that the same scenario is worked out
once and gives the same figures to everybody who opens it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from capacity.assumptions import Assumptions
from capacity.hires import Goal, Search, smallest_hires
from capacity.laboratory_plan import Plan
from capacity.scenario_outcomes import by_year
from capacity.scenarios import Scenario, applied, moved, run_hash, with_scenario
from capacity.simulation import ALL, simulate, summarise
from capacity.site_plan import site_plan
from ui import demand_measures, simulation_inputs
from ui.data import Snapshot
from ui.scenario_jobs import Job, Progress, jobs

#: The last month that is simulated: the strategy's last financial year ends with it.
LAST_MONTH = dt.date(2030, 3, 1)

SEED, REPLICATIONS = 1, 100

#: Of the search for hires: fewer replications a set, since sets meet the same requests; posts of a role at the most.
SEARCH_REPLICATIONS, MOST_POSTS, MOST_SETS = 10, 12, 250

#: Roles that are so busy, in percent of their hours, come into question for hires.
BUSY = 60.0


#: What is drawn of each month.
MEASURES = ("in_standard_pct", "open_count")


class NothingKnownError(RuntimeError):
    """The release does not tell what a simulation needs."""


@dataclass(frozen=True)
class Outcome:
    """What came of a scenario at a laboratory.

    years: by replication, financial year and category. months: of all categories together, summarised. roles: mean
    `utilisation_pct` of each. run: the hash of all that it rests on.
    """

    site: str
    scenario: Scenario
    run: str
    years: pl.DataFrame
    months: pl.DataFrame
    roles: pl.DataFrame


def first_month(snapshot: Snapshot) -> dt.date:
    """The first day of the month after the newest requests, on which plans begin."""
    start = simulation_inputs.newest_start(snapshot)
    if start is None:
        raise NothingKnownError
    return start


def months_ahead(start: dt.date) -> int:
    """Months from a start to the last that is simulated."""
    return max((LAST_MONTH.year - start.year) * 12 + LAST_MONTH.month - start.month + 1, 12)


def name_of(snapshot: Snapshot, site: str, scenario: Scenario, given: Assumptions) -> str:
    """The hash that a run is kept and cited by."""
    return run_hash(scenario, given, SEED, REPLICATIONS, f"{snapshot.release.id}/{site}")


def plan_of(snapshot: Snapshot, site: str, scenario: Scenario, given: Assumptions) -> Plan:
    """The plan of a laboratory under a scenario."""
    start = first_month(snapshot)
    demand = demand_measures.demand_by_site(snapshot, scenario.drivers)
    known = simulation_inputs.site_known(snapshot, site, start)
    staff = simulation_inputs.staff_known(snapshot, start)
    if demand is None or known is None or staff.filter(site=site).is_empty():
        raise NothingKnownError
    assumptions = applied(given, scenario)
    plan = site_plan(known, assumptions, moved(demand, scenario.moves), staff, start, months_ahead(start))
    return with_scenario(plan, scenario, assumptions)


def run(snapshot: Snapshot, site: str, scenario: Scenario, given: Assumptions) -> Job:
    """A scenario at a laboratory: asked for, under way or done."""
    own = name_of(snapshot, site, scenario, given)
    if (known := jobs().get(f"run/{own}")) is not None and known.problem is None:
        return known
    # Here and not in the background, where nothing may read a release.
    plan = plan_of(snapshot, site, scenario, given)

    def work(progress: Progress) -> Outcome:
        simulated = simulate(plan, REPLICATIONS, SEED, progress=lambda done, of: progress(done / of))
        whole = simulated.months.filter(category=ALL).select("replication", "month", *MEASURES)
        used = simulated.roles.group_by("role", maintain_order=True).agg(pl.col("utilisation_pct").mean())
        return Outcome(site, scenario, own, by_year(simulated.months), summarise(whole, ["month"]), used)

    return jobs().start(f"run/{own}", work)


def search_name(snapshot: Snapshot, site: str, scenario: Scenario, given: Assumptions, goal: Goal) -> str:
    """What a search for hires is kept by."""
    return f"hires/{name_of(snapshot, site, scenario, given)}/{goal.first}/{goal.last}/{goal.percent:g}"


def search(
    snapshot: Snapshot, site: str, scenario: Scenario, given: Assumptions, goal: Goal, busy: Sequence[str]
) -> Job:
    """The smallest hire set that reaches a goal under a scenario."""

    own = search_name(snapshot, site, scenario, given, goal)
    if (known := jobs().get(own)) is not None and known.problem is None:
        return known
    plan = plan_of(snapshot, site, scenario, given)

    def work(progress: Progress) -> Search:
        return smallest_hires(
            plan, busy, hires_start(plan.start, goal), goal, MOST_POSTS, SEARCH_REPLICATIONS, SEED, MOST_SETS,
            progress=lambda tried: progress(tried / MOST_SETS),
        )  # fmt: skip

    return jobs().start(own, work)


def hires_start(start: dt.date, goal: Goal) -> dt.date:
    """The day on which hires start: the first 1 April of the plan, or its first day where the goal is before that."""
    april = dt.date(start.year + (start > dt.date(start.year, 4, 1)), 4, 1)
    return april if april < goal.first else start


def busy_roles(outcome: Outcome) -> list[str]:
    """Roles that come into question for hires, the busiest first; the busiest of all where none is busy."""
    ranked = outcome.roles.sort("utilisation_pct", descending=True, nulls_last=True)
    found: list[str] = ranked.filter(pl.col("utilisation_pct") >= BUSY)["role"].to_list()
    return found or ranked["role"].to_list()[:1]


def goal_of(year: int, percent: float) -> Goal:
    """So many within standard in the last quarter of a financial year that ends in a year."""
    return Goal(dt.date(year, 1, 1), dt.date(year, 3, 1), percent)
