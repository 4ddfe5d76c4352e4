"""What chance explains, drawn over a series: limits break where a section ends, and signals are told by shape."""

from __future__ import annotations

import polars as pl

from tests.ui.signals_series import CLASSIC, FIRST, points
from tests.ui.store import month_after
from tests.ui.test_signals import STEADY
from ui.charts import Chart
from ui.drawing import Drawing
from ui.signals import judge
from ui.signals_presets import BY_NAME
from ui.spc_charts import SIGNALS, add_chance, better_or_worse


def over(frame: pl.DataFrame, **how: object) -> Drawing:
    days = frame["period"].to_list()
    base = Drawing()
    base.add_scatter(x=days, y=frame["value"].to_list(), customdata=[str(day) for day in days])
    told = frame.select(
        "value", "centre", "section", "direction", period_start="period", lower_limit="lower", upper_limit="upper"
    )
    return add_chance(Chart(base, ""), told, **how).figure


def test_limits_break_between_sections_and_no_line_joins_them():
    judged = judge(points({"a": STEADY * 2}, starts=month_after(FIRST, 16)), CLASSIC)
    centre = next(trace for trace in over(judged).data if trace.name == "Average")
    assert list(centre.y).count(None) == 1
    assert centre.connectgaps is False


def test_signals_are_told_apart_by_shape_and_by_whether_they_are_better():
    judged = judge(points({"a": [*STEADY, 0.5]}), CLASSIC)
    names = {trace.name: trace.marker.symbol for trace in over(judged, signals=better_or_worse("higher")).data}
    assert names["Lower than chance explains: worse"] == "triangle-down"
    fewer_is_better = better_or_worse("lower")
    assert fewer_is_better[-1][2] == "Lower than chance explains: better"
    assert better_or_worse("neither") is SIGNALS


def test_limits_beyond_what_a_share_can_be_are_drawn_at_its_edge():
    judged = judge(points({"a": [0.99, 0.9] * 10}), CLASSIC)
    upper = next(trace for trace in over(judged, most=1.0).data if trace.name == "Limits of chance")
    assert max(upper.y) == 100


def test_a_run_chart_has_no_limits_to_draw():
    judged = judge(points({"a": STEADY}), BY_NAME["scottish_run_chart"])
    assert "Limits of chance" not in {trace.name for trace in over(judged, centre="Median").data}
