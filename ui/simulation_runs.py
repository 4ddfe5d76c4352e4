"""Calibrated laboratories of a release, kept once worked out, and how well a year was foretold by simulating it.

known = calibrated(snapshot, "GLA").known
plan = plan_today(snapshot, "GLA", months=60)
past = year_foretold(snapshot)                  # for all laboratories; some seconds each at first
past_words(past)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
import streamlit as st

from capacity.assumptions import Assumptions
from capacity.backtest import (
    SHARE,
    Score,
    beside,
    foretold,
    happened,
    of_all,
    scores,
    usual_miss,
    widened,
)
from capacity.calibration import Calibrated, calibrate
from capacity.demand_drivers import Driver
from capacity.laboratory_plan import Plan
from capacity.simulation import simulate
from capacity.site_plan import site_plan, with_answered
from ui.capacity_inputs import assumptions as assumptions_of_product
from ui.data import Snapshot
from ui.demand_measures import demand_by_site
from ui.simulation_inputs import (
    demand_known,
    newest_start,
    observed_months,
    site_known,
    sites,
    staff_by_census,
    staff_known,
    staff_of_year,
)

#: Replications by which a past year is foretold, months simulated so that the days of its last requests are known.
PAST_REPLICATIONS, PAST_MONTHS = 40, 15

#: The first month of which waits are compared; before it are the months of the pandemic and the first of the record.
FIRST_SEEN = dt.date(2021, 11, 1)

#: Staff of a year that came: the first census that holds at its start is so many days older at most.
CENSUS_DAYS = 130


@dataclass(frozen=True)
class YearForetold:
    """A year simulated from its start, laboratory by laboratory.

    rows: `site`, `staff` (`known`: those in post at the start; `came`: those of each census of the year), and the
    columns of `capacity.backtest.beside`, the intervals allowing for the usual miss. fit: `Calibrated.fit` by site.
    """

    start: dt.date
    rows: pl.DataFrame
    fit: pl.DataFrame

    def shares(self, staff: str = "known") -> Score | None:
        """The score of the laboratories' shares in time by quarter, all categories together."""
        found = scores(of_all(self.rows).filter(staff=staff, measure=SHARE))
        return found[0] if found else None


def calibrated(
    snapshot: Snapshot, site: str, start: dt.date | None = None, given: Assumptions | None = None
) -> Calibrated | None:
    """A laboratory as known at a month's start, the newest by default, with its delays; None where nothing is told."""
    given = assumptions_of_product() if given is None else given
    begin = newest_start(snapshot) if start is None else start
    return None if begin is None else _calibrated(snapshot.key, given.hash, site, begin, snapshot, given)


@st.cache_resource(max_entries=16, show_spinner=False)
def _calibrated(
    key: str,  # noqa: ARG001 - the release
    told: str,  # noqa: ARG001 - the assumptions
    site: str,
    start: dt.date,
    _snapshot: Snapshot,
    _given: Assumptions,
) -> Calibrated | None:
    known = site_known(_snapshot, site, start)
    return None if known is None else calibrate(known, _given, staff_of_year(_snapshot, start), start)


def plan_today(
    snapshot: Snapshot,
    site: str,
    months: int,
    given: Assumptions | None = None,
    drivers: Sequence[Driver] = (),
    staff: pl.DataFrame | None = None,
) -> Plan | None:
    """The plan of a laboratory from the newest month on, staff as in the newest census where none are given."""
    found, start = calibrated(snapshot, site), newest_start(snapshot)
    if found is None or start is None:
        return None
    demand = demand_by_site(snapshot, drivers)
    return site_plan(
        found.known,
        assumptions_of_product() if given is None else given,
        demand_known(snapshot, start) if demand is None else demand,
        staff_known(snapshot, start) if staff is None else staff,
        start,
        months,
    )


def misses(snapshot: Snapshot, site: str, start: dt.date) -> pl.DataFrame:
    """The usual miss of a laboratory's numbers from year to year, before a day: `category`, `measure`, `miss`, `of`."""
    return usual_miss(observed_months(snapshot, site, FIRST_SEEN, start), start)


def year_foretold(snapshot: Snapshot) -> YearForetold | None:
    """The newest year, simulated from its start with what was known then; None where the release has no two years."""
    return _year_foretold(snapshot.key, assumptions_of_product().hash, snapshot)


@st.cache_resource(max_entries=2, show_spinner=False)
def _year_foretold(key: str, told: str, _snapshot: Snapshot) -> YearForetold | None:  # noqa: ARG001 - what it rests on
    end = newest_start(_snapshot)
    if end is None:
        return None
    start = end.replace(year=end.year - 1)
    frames, fits = [], []
    for site in sites():
        found = calibrated(_snapshot, site, start)
        if found is None:
            continue
        fits.append(found.fit.with_columns(site=pl.lit(site)))
        miss = misses(_snapshot, site, start)
        came = happened(observed_months(_snapshot, site, start, end), start)
        first = start.replace(year=start.year - 1)
        before = happened(observed_months(_snapshot, site, first, start), first)
        for name, staff in _staff(_snapshot, start).items():
            plan = site_plan(
                found.known, assumptions_of_product(), demand_known(_snapshot, start), staff, start, PAST_MONTHS
            )
            simulated = with_answered(simulate(plan, PAST_REPLICATIONS), found.known, plan)
            rows = widened(beside(foretold(simulated, start, end), came, before), miss)
            frames.append(rows.with_columns(site=pl.lit(site), staff=pl.lit(name)))
    return YearForetold(start, pl.concat(frames), pl.concat(fits)) if frames else None


def _staff(snapshot: Snapshot, start: dt.date) -> dict[str, pl.DataFrame]:
    every = staff_by_census(snapshot).filter(pl.col("from_date") >= start - dt.timedelta(days=CENSUS_DAYS))
    return {"known": staff_known(snapshot, start), "came": every.drop("known_on")}


def past_words(past: YearForetold) -> str:
    """How well the year was foretold, for beside a forecast."""
    said = []
    for staff, how in (("known", "the staff in post then"), ("came", "the staff that then came and left")):
        score = past.shares(staff)
        if score is not None:
            said.append(
                f"with {how}, {score.within_80} of {score.of} quarters' shares fell in the 80% range; off by "
                f"{score.off:.1f} percentage points on average, against {score.off_before:.1f} for “as the year before”"
            )
    return f"Simulated from {past.start:%B %Y}: " + "; ".join(said) + "." if said else ""
