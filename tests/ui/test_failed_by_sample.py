"""Failed samples by type: which are told as above or below all together, and what is said where they are hidden."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from ui.failed_by_sample import failed_by_sample, finding
from ui.figure import Query
from ui.figures import ask

LABELS = {"ffpe": "FFPE tissue", "blood": "Blood (EDTA)", "saliva": "Saliva", "cvs": "Chorionic villus"}
TOGETHER = {"state": "shown", "value": 0.022}


def of_types(snapshot, *rows):
    """A figure of 12 months whose cells are these: code, state, share and its 95% interval."""
    figure = ask(snapshot, Query("reported_within_standard", "year", newest_only=True))
    cells = pl.DataFrame(rows, schema=["code", "state", "value", "lower", "upper"], orient="row")
    period = figure.cells.row(0, named=True)
    dated = cells.with_columns(period_start=pl.lit(period["period_start"]), period_end=pl.lit(period["period_end"]))
    return replace(figure, cells=dated)


def test_a_type_is_above_or_below_where_its_whole_interval_is(snapshot):
    figure = of_types(
        snapshot,
        ("ffpe", "shown", 0.075, 0.07, 0.08),
        ("blood", "shown", 0.01, 0.008, 0.012),
        ("saliva", "shown", 0.03, 0.02, 0.045),
        ("cvs", "confidential", None, None, None),
    )
    title, summary = finding(figure, TOGETHER, LABELS)
    assert title == "1 of the 3 types of sample shown fails clearly more often than all together"
    assert summary.startswith("All together: 2.2% of requests with a known outcome in the 12 months to October 2026.")
    assert "Clearly above: FFPE tissue (7.5%). Clearly below: Blood (EDTA) (1.0%)." in summary
    assert "Saliva" not in summary
    assert "[c]" in summary


def test_where_every_type_is_hidden_no_number_is_told(snapshot):
    title, summary = finding(of_types(snapshot, ("cvs", "confidential", None, None, None)), TOGETHER, LABELS)
    assert title == "Failed samples by type: every type is hidden [c]"
    assert "%" not in summary


def test_without_the_share_of_all_none_is_called_above_it(snapshot):
    figure = of_types(snapshot, ("ffpe", "shown", 0.075, 0.07, 0.08))
    for hidden in (None, {"state": "confidential", "value": None}):
        assert finding(figure, hidden, LABELS)[0] == "Failed samples by type: 1 shown, and none to compare with"


def test_a_release_without_figures_by_type_says_so(snapshot):
    section = failed_by_sample(snapshot, (), "Scotland")
    assert section.chart is None
    assert section.title == "Requests with a failed or insufficient sample: no figures for these filters"
