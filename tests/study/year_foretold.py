"""The newest year of a release, simulated from its start: `python -m tests.study.year_foretold FOLDER`.

docs/capacity.md has what it printed for the demonstration; the Scenarios page scores one laboratory in the same way.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import polars as pl

from capacity.backtest import SHARE, beside, foretold, happened, of_all, scores, usual_miss, widened
from capacity.calibration import calibrate
from capacity.simulation import simulate
from capacity.site_plan import site_plan, with_answered
from ui.access import demonstration
from ui.capacity_inputs import assumptions
from ui.data import Snapshot
from ui.scenario_runs import FIRST_SEEN
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

#: Replications, and months simulated so that the days of the year's last requests are known.
REPLICATIONS, MONTHS = 40, 15

#: Staff of a year that came: the first census that holds at its start is so many days older at most.
CENSUS_DAYS = 130


def year_foretold(snapshot: Snapshot) -> pl.DataFrame:
    """The columns of `capacity.backtest.beside`, with the intervals allowing for the usual miss, by `site` and `staff`
    (`known`: in post at the start; `came`: at each census of the year); empty where nothing is told."""
    end = newest_start(snapshot)
    assert end is not None, "the release tells no requests by month"
    start, long_before = end.replace(year=end.year - 1), end.replace(year=end.year - 2)
    every = staff_by_census(snapshot).filter(pl.col("from_date") >= start - dt.timedelta(days=CENSUS_DAYS))
    staff = {"known": staff_known(snapshot, start), "came": every.drop("known_on")}
    demand, frames = demand_known(snapshot, start), []
    for site in sites():
        known = site_known(snapshot, site, start)
        if known is None:
            continue
        known = calibrate(known, assumptions(), staff_of_year(snapshot, start), start).known
        miss = usual_miss(observed_months(snapshot, site, FIRST_SEEN, start), start)
        came = happened(observed_months(snapshot, site, start, end), start)
        before = happened(observed_months(snapshot, site, long_before, start), long_before)
        for name, posts in staff.items():
            plan = site_plan(known, assumptions(), demand, posts, start, MONTHS)
            simulated = with_answered(simulate(plan, REPLICATIONS), known, plan)
            rows = widened(beside(foretold(simulated, start, end), came, before), miss)
            frames.append(rows.with_columns(site=pl.lit(site), staff=pl.lit(name)))
    return pl.concat(frames)


def main() -> None:
    """Print the score of the shares in time, over all laboratories and of each."""
    rows = of_all(year_foretold(Snapshot(demonstration(), Path(sys.argv[1])))).filter(measure=SHARE)
    for (staff,), own in rows.group_by("staff", maintain_order=True):
        for name, some in [("all", own), *((str(site), part) for (site,), part in own.group_by("site"))]:
            sys.stdout.write(f"{staff}, {name}: {scores(some)[0]}\n")


if __name__ == "__main__":
    main()
