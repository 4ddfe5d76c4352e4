"""Charts of My board: every point and limit is drawn; better and worse are told by shape and words, not by colour."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from methods.special_causes import special_causes
from methods.xmr import xmr_limits
from ui.my_board import OPEN, STAGES, STANDINGS
from ui.my_board_charts import PARTS, by_stage, control_chart


def series(values: list[float | None]) -> pl.DataFrame:
    days = [dt.date(2024, 1, 1) + dt.timedelta(days=31 * number) for number in range(len(values))]
    points = pl.DataFrame({"period": days, "value": values}, schema={"period": pl.Date, "value": pl.Float64})
    return special_causes(xmr_limits(points), "making_data_count_7")


STEADY = [10.0, 12, 9, 11, 10, 12, 9, 11, 10, 12, 9, 11, 10]


def drawn(values: list[float | None], **how):
    usual = {"axis": "Overdue", "say": lambda row: f"{row['value']:g}", "alt": "Said.", "better": "lower"}
    return control_chart(series(values), **(usual | how)).figure


def test_a_missing_point_is_left_out_and_every_other_is_drawn():
    figure = drawn([*STEADY, None, 10.0])
    line = next(trace for trace in figure.data if trace.mode == "lines+markers")
    assert len(line.x) == len(line.y) == 14
    assert {trace.name for trace in figure.data} >= {"Limits of chance", "Centre"}


@pytest.mark.parametrize(
    ("better", "value", "name", "symbol"),
    [
        ("lower", 60.0, "Higher than chance: worse", "triangle-up"),
        ("higher", 60.0, "Higher than chance: better", "triangle-up"),
        ("lower", -40.0, "Lower than chance: better", "triangle-down"),
        ("higher", -40.0, "Lower than chance: worse", "triangle-down"),
    ],
)
def test_a_special_cause_is_marked_by_shape_and_named_better_or_worse(better, value, name, symbol):
    marks = [trace for trace in drawn([*STEADY, value], better=better).data if trace.name == name]
    assert [trace.marker.symbol for trace in marks] == [symbol]
    assert marks[0].y == (value,)


def test_shares_and_their_target_are_drawn_as_per_cent():
    figure = drawn([value / 20 for value in STEADY], share=True, target=0.9, target_label="90% line")
    assert figure.layout.yaxis.ticksuffix == "%"
    assert figure.layout.shapes[0].y0 == 90
    assert max(figure.data[3].y) == pytest.approx(60)


def test_an_empty_series_draws_nothing_and_fails_nowhere():
    assert not any(trace.x for trace in drawn([]).data)


def test_each_part_of_a_bar_has_a_colour_and_the_urgent_ones_differ_by_pattern():
    assert set(PARTS) == set(OPEN)
    assert len({pattern for _, pattern in PARTS.values()}) == 3


def test_bars_hold_the_counts_of_each_stage_added_over_laboratories():
    waits = pl.DataFrame(
        {
            "stage": ["received", "received", "analysed"],
            "overdue": [1, 2, 0],
            "soon": [0, 0, 4],
            "later": [5, 0, 0],
            "no_due_date": [0, 0, 0],
        }
    )
    standings = {name: STANDINGS[name] for name in OPEN}
    figure = by_stage(waits, STAGES, standings, alt="Said.").figure
    bars = {trace.name: dict(zip(trace.y, trace.x, strict=True)) for trace in figure.data}
    assert bars["Overdue"]["Received"] == 3
    assert bars["Due within 14 days"]["Analysed"] == 4
    assert STANDINGS["no_due_date"] not in bars
