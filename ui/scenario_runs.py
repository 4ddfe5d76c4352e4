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
from capacity.backtest import Score, beside, foretold, happened, scores, usual_miss, widened
from capacity.calibration import Calibrated, calibrate
from capacity.code_version import code_version
from capacity.hires import Goal, Search, smallest_hires
from capacity.laboratory_plan import Plan
from capacity.scenario_outcomes import by_year, ranges
from capacity.scenarios import Scenario, applied, run_hash, with_demand, with_scenario
from capacity.simulation import ALL, simulate, summarise
from capacity.site_plan import SiteKnown, site_plan, with_answered
from ui import demand_measures, simulation_inputs
from ui.data import Snapshot
from ui.scenario_jobs import Job, Progress, jobs

#: The last month that is simulated: the strategy's last financial year ends with it.
LAST_MONTH = dt.date(2030, 3, 1)

SEED, REPLICATIONS = 1, 100

#: Of the search for hires: fewer replications a set, since sets meet the same requests; posts of a role at the most.
SEARCH_REPLICATIONS, MOST_POSTS, MOST_SETS = 10, 40, 250

#: Roles that are so busy, in percent of their hours, come into question for hires.
BUSY = 60.0


#: A year that is scored is simulated on for some months, until its requests are over.
MONTHS_SCORED = 16

#: The first month of which waits are compared; before it are the months of the pandemic and the first of the record.
FIRST_SEEN = dt.date(2021, 11, 1)

#: What is drawn of each month.
MEASURES = ("in_standard_pct", "open_count")


#: What reads of a release what a simulation gets: a run rests on these too.
READING = (
    "ui/capacity_inputs.py",
    "ui/demand_measures.py",
    "ui/figures.py",
    "ui/scenario_runs.py",
    "ui/simulation_inputs.py",
)


class NothingKnownError(RuntimeError):
    """The release does not tell what a simulation needs."""


@dataclass(frozen=True)
class Outcome:
    """What came of a scenario at a laboratory.

    years: by replication, financial year and category. months: of all categories together, summarised. roles: mean
    `utilisation_pct` of each. staff: by role and day, as the plan has them. miss: how
    far numbers of a year usually lie from those of the year before. run: the hash of all that it rests on.
    """

    site: str
    scenario: Scenario
    run: str
    years: pl.DataFrame
    months: pl.DataFrame
    roles: pl.DataFrame
    staff: pl.DataFrame
    miss: pl.DataFrame

    def ranges(self) -> pl.DataFrame:
        """Every measure by year and category, its range allowing for what changes from year to year unforeseen."""
        return widened(ranges(self.years), self.miss)


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
    release = f"{snapshot.release.id}/{site}"
    return run_hash(scenario, given, SEED, REPLICATIONS, release, code_version(READING))


@dataclass(frozen=True)
class _Read:
    """What was read of a release for the plan of a laboratory under a scenario, before anything is worked out."""

    calibration: Job
    demand: pl.DataFrame
    staff: pl.DataFrame
    start: dt.date
    scenario: Scenario
    given: Assumptions

    def known(self) -> SiteKnown:
        """The laboratory with its calibrated delays; the worker takes one thing at a time, so they are there."""
        self.calibration.ended.wait()
        if self.calibration.problem is not None:
            raise self.calibration.problem
        found: Calibrated = self.calibration.result
        return found.known

    def plan(self) -> Plan:
        """The plan."""
        known = self.known()
        assumptions = applied(self.given, self.scenario)
        demand, months = with_demand(self.demand, self.scenario), months_ahead(self.start)
        plan = site_plan(known, assumptions, demand, self.staff, self.start, months)
        return with_scenario(plan, self.scenario, assumptions)


def _read(snapshot: Snapshot, site: str, scenario: Scenario, given: Assumptions) -> _Read:
    start = first_month(snapshot)
    # Refused here what cannot be, before anything is worked out.
    applied(given, scenario)
    demand = demand_measures.demand_by_site(snapshot, scenario.drivers)
    staff = simulation_inputs.staff_known(snapshot, start)
    if demand is None or staff.filter(site=site).is_empty():
        raise NothingKnownError
    return _Read(calibration(snapshot, site, given, start), demand, staff, start, scenario, given)


def calibration(snapshot: Snapshot, site: str, given: Assumptions, start: dt.date) -> Job:
    """The delays of a laboratory from the year before a day: at the values as assumed, whatever a scenario sets."""
    own = f"calibration/{snapshot.release.id}/{site}/{given.hash}/{start}"
    if (job := jobs().get(own)) is not None and job.problem is None:
        return job
    known = simulation_inputs.site_known(snapshot, site, start)
    staff = simulation_inputs.staff_of_year(snapshot, start)
    if known is None or staff.filter(site=site).is_empty():
        raise NothingKnownError

    def work(progress: Progress) -> Calibrated:
        progress(0.0)
        return calibrate(known, given, staff, start, SEED)

    return jobs().start(own, work)


def run(snapshot: Snapshot, site: str, scenario: Scenario, given: Assumptions) -> Job:
    """A scenario at a laboratory: asked for, under way or done."""
    own = name_of(snapshot, site, scenario, given)
    if (job := jobs().get(f"run/{own}")) is not None and job.problem is None:
        return job
    # Here and not in the background, where nothing may read a release.
    read = _read(snapshot, site, scenario, given)
    miss = _misses(snapshot, site, read.start)

    def work(progress: Progress) -> Outcome:
        plan = read.plan()
        simulated = simulate(plan, REPLICATIONS, SEED, progress=lambda done, of: progress(done / of))
        simulated = with_answered(simulated, read.known(), plan)
        whole = simulated.months.filter(category=ALL).select("replication", "month", "category", *MEASURES)
        used = simulated.roles.group_by("role", maintain_order=True).agg(pl.col("utilisation_pct").mean())
        months = widened(summarise(whole, ["month", "category"]), miss)
        return Outcome(site, scenario, own, by_year(simulated.months), months, used, _staff(plan), miss)

    return jobs().start(f"run/{own}", work)


def _misses(snapshot: Snapshot, site: str, start: dt.date) -> pl.DataFrame:
    """The usual miss of a laboratory's numbers from year to year, before a day: `category`, `measure`, `miss`, `of`."""
    return usual_miss(simulation_inputs.observed_months(snapshot, site, FIRST_SEEN, start), start)


def _staff(plan: Plan) -> pl.DataFrame:
    return pl.DataFrame(
        [(role.code, row.from_date, row.wte, row.minutes) for role in plan.roles for row in role.staff],
        schema={"role": pl.String, "from_date": pl.Date, "wte": pl.Float64, "minutes": pl.Float64},
        orient="row",
    )


def search_name(snapshot: Snapshot, site: str, scenario: Scenario, given: Assumptions, goal: Goal) -> str:
    """What a search for hires is kept by."""
    return f"hires/{name_of(snapshot, site, scenario, given)}/{goal.first}/{goal.last}/{goal.percent:g}"


def search(
    snapshot: Snapshot, site: str, scenario: Scenario, given: Assumptions, goal: Goal, busy: Sequence[str]
) -> Job:
    """The smallest hire set that reaches a goal under a scenario."""
    own = search_name(snapshot, site, scenario, given, goal)
    if (job := jobs().get(own)) is not None and job.problem is None:
        return job
    read = _read(snapshot, site, scenario, given)

    def work(progress: Progress) -> Search:
        return smallest_hires(
            read.plan(), busy, hires_start(read.start, goal), goal, MOST_POSTS, SEARCH_REPLICATIONS, SEED, MOST_SETS,
            progress=lambda tried: progress(tried / MOST_SETS),
        )  # fmt: skip

    return jobs().start(own, work)


def score(snapshot: Snapshot, site: str, given: Assumptions) -> Job | None:
    """How the year before the newest data was foretold from its start; None where it cannot be told."""
    start = first_month(snapshot)
    before, long_before = start.replace(year=start.year - 1), start.replace(year=start.year - 2)
    own = f"score/{snapshot.release.id}/{site}/{given.hash}"
    if (job := jobs().get(own)) is not None and job.problem is None:
        return job
    try:
        calibrated = calibration(snapshot, site, given, before)
    except NothingKnownError:
        return None
    demand = simulation_inputs.demand_known(snapshot, before)
    staff = simulation_inputs.staff_known(snapshot, before)
    came, was = (
        happened(simulation_inputs.observed_months(snapshot, site, first, end), first)
        for first, end in ((before, start), (long_before, before))
    )

    miss = _misses(snapshot, site, before)

    def work(progress: Progress) -> list[Score]:
        if calibrated.problem is not None:
            raise calibrated.problem
        found: Calibrated = calibrated.result
        plan = site_plan(found.known, given, demand, staff, before, MONTHS_SCORED)
        simulated = simulate(plan, REPLICATIONS, SEED, progress=lambda done, of: progress(done / of))
        simulated = with_answered(simulated, found.known, plan)
        return scores(widened(beside(foretold(simulated, before, start), came, was), miss))

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
