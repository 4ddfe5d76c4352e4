"""ui/simulation_runs.py: calibrated once a release, a year foretold from its start, and said in plain numbers."""

from __future__ import annotations

import datetime as dt

import polars as pl

from capacity.backtest import SHARE
from ui.simulation_runs import YearForetold, past_words


def test_how_well_the_year_was_foretold_is_said_in_plain_numbers():
    start = dt.date(2025, 11, 1)
    row = {
        "category": "all",
        "measure": SHARE,
        "period": start,
        "mean": 80.0,
        "lower_95": 60.0,
        "lower_80": 70.0,
        "median": 80.0,
        "upper_80": 90.0,
        "upper_95": 95.0,
        "happened": 84.0,
        "before": 74.0,
        "site": "GLA",
    }
    rows = pl.DataFrame([row | {"staff": "known"}, row | {"staff": "came", "happened": 91.0}])
    past = YearForetold(start, rows, pl.DataFrame())
    assert past_words(past) == (
        "Simulated from November 2025: with the staff in post then, 1 of 1 quarters' shares fell in the 80% range; off "
        "by 4.0 percentage points on average, against 10.0 for “as the year before”; with the staff that then came and "
        "left, 0 of 1 quarters' shares fell in the 80% range; off by 11.0 percentage points on average, against 17.0 "
        "for “as the year before”."
    )
    assert past_words(YearForetold(start, rows.clear(), pl.DataFrame())) == ""
