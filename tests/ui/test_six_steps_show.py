"""The plan in six steps as a file: what it is cited by, every input, nothing from outside, nothing run."""

from __future__ import annotations

import datetime as dt

import polars as pl

from capacity.assumptions import read_assumptions
from capacity.hires import Search
from capacity.scenario_outcomes import by_year
from capacity.scenarios import More, Scenario
from capacity.simulation import simulate
from tests.capacity.plans import queue
from ui import six_steps_show
from ui.figure import Release
from ui.scenario_runs import Outcome

MISS = pl.DataFrame(schema={"category": pl.String, "measure": pl.String, "miss": pl.Float64})
RELEASE = Release(id="20261115T080000Z-x", created_at=None, data_to=dt.date(2026, 10, 31), extracted_on=None,
                  is_synthetic=True, next_due="")  # fmt: skip


def outcome(name: str, *more: More) -> Outcome:
    months = simulate(queue(5, 30, 1, months=18), 2).months
    roles = pl.DataFrame({"role": ["clinical_scientist"], "utilisation_pct": [88.0]})
    staff = pl.DataFrame({"role": ["clinical_scientist"], "from_date": [dt.date(2026, 11, 1)], "wte": [3.0],
                          "minutes": [250.0]})  # fmt: skip
    return Outcome("GLA", Scenario(name, more=more), "abc123abc123", by_year(months), months, roles, staff, MISS)


def test_the_file_tells_the_six_steps_the_run_and_every_input():
    chosen = outcome("Busy", More(0.1, dt.date(2027, 4, 1)))
    found = Search({"clinical_scientist": 2}, 91.0, True, pl.DataFrame(), 9)
    given = read_assumptions()
    html = six_steps_show.html(RELEASE, chosen, outcome("As planned"), found, given)
    for number in range(1, 7):
        assert f"<h2>Step {number}: " in html
    for told in ("abc123abc123, 100 simulations, seed 1", chosen.scenario.hash, given.hash, RELEASE.id,
                 "31 October 2026", "2 clinical scientists", "Synthetic figures: do not quote",
                 "10% more requests than forecast from 1 April 2027"):  # fmt: skip
        assert told in html
    assert all(key in html for key in given.rows)
    assert "<script" not in html
    assert "src=" not in html
