"""The line that relates the shares of several pages: each with its own period, and none where there is one only."""

from __future__ import annotations

from tests.ui.store import make_store
from ui.access import demonstration
from ui.data import Snapshot
from ui.figure import Query
from ui.figures import ask
from ui.headlines import of_three_periods
from ui.words import amount, period


def test_each_share_stands_with_its_period_and_its_page(snapshot):
    told = of_three_periods(snapshot)
    assert told.startswith("Pages show one share within standard over different months:")
    for grain, page in (("month", "Turnaround"), ("quarter", "this page"), ("year", "Fair comparison")):
        row = ask(snapshot, Query("reported_within_standard", grain)).headline
        assert row is not None
        assert amount(row) in told
        assert period(grain, row["period_start"], row["period_end"]) in told
        assert page in told


def test_a_release_without_the_measure_has_no_such_line(tmp_path):
    make_store(tmp_path, "empty")
    assert of_three_periods(Snapshot(demonstration(), tmp_path)) == ""
