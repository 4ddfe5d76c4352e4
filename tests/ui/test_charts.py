"""Tests of ui/charts.py: hidden values are drawn as hidden, gaps as gaps, and nothing depends on colour alone."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from typing import Any

import polars as pl
import pytest

from ui import charts, theme
from ui.charts import Event, Line


def series(states: list[str], status: list[str] | None = None, statistic: str = "share") -> pl.DataFrame:
    """A point a month, of a share that falls by a hundredth a month where it is shown."""
    rows = []
    for number, state in enumerate(states):
        shown = state == "shown"
        start = dt.date(2026, number + 1, 1)
        rows.append(
            {
                "period_start": start,
                "period_end": (start + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1),
                "period_status": status[number] if status else "final",
                "statistic": statistic,
                "state": state,
                "value": 0.9 - number / 100 if shown else None,
                "lower": 0.85 - number / 100 if shown else None,
                "upper": 0.95 - number / 100 if shown else None,
                "numerator": 90 if shown else None,
                "denominator": 100 if shown else None,
                "code": "a",
                "label": f"{start:%B %Y}",
            }
        )
    return pl.DataFrame(rows, schema_overrides={"value": pl.Float64, "lower": pl.Float64, "upper": pl.Float64})


def say(row: Any) -> str:
    """What a point says."""
    return str(row["value"])


def draw(cells: pl.DataFrame, **more: Any) -> charts.Chart:
    """The chart of a share over time."""
    line = [Line("Share", "share", theme.NAVY, band=True)]
    return charts.over_time(cells, line, axis="Share", say=say, alt="a", share=True, **more)


def traces(chart: charts.Chart, mode: str) -> list[Any]:
    """Traces of a mode."""
    return [trace for trace in chart.figure.data if trace.mode == mode]


def test_a_hidden_month_breaks_the_line_and_is_marked_without_a_number():
    chart = draw(series(["shown", "confidential", "shown", "not_available"]))
    (line,) = traces(chart, "lines+markers")
    assert list(line.y) == [90.0, None, 88.0, None]
    assert line.connectgaps is False
    marks = [text for trace in traces(chart, "text") for text in trace.text]
    assert marks == ["[c]", "[x]"]


def test_the_band_never_spans_a_gap():
    chart = draw(series(["shown", "shown", "confidential", "shown", "shown"]))
    bands = [trace for trace in chart.figure.data if trace.fill == "toself"]
    assert [len(band.x) for band in bands] == [4, 4]


def test_provisional_and_incomplete_points_are_open_and_differ_in_shape():
    chart = draw(series(["shown"] * 3, ["final", "provisional", "incomplete"]))
    marker = traces(chart, "lines+markers")[0].marker
    assert list(marker.color) == [theme.NAVY, theme.PAPER, theme.PAPER]
    assert list(marker.symbol) == ["circle", "circle", "diamond"]


def test_events_within_the_months_get_a_letter_and_a_key():
    events = [
        Event(dt.date(2020, 3, 23), dt.date(2021, 8, 9), "Long ago"),
        Event(dt.date(2026, 2, 1), None, "Change"),
        Event(dt.date(2026, 1, 5), dt.date(2026, 3, 9), "Pause"),
    ]
    chart = draw(series(["shown"] * 4), events=events)
    assert chart.key == ("A: Change (1 Feb 2026)", "B: Pause (5 Jan 2026 to 9 Mar 2026)")
    assert len(chart.figure.layout.shapes) == 2


def test_shares_start_at_a_round_ten_below_the_lowest_and_counts_at_nought():
    assert draw(series(["shown"] * 3), target=0.9).figure.layout.yaxis.range == (70, 101)
    counts = series(["shown", "confidential"]).with_columns(pl.col("value") * 1000)
    bars = charts.bars_over_time(counts, axis="Requests", say=say, alt="a")
    assert bars.figure.layout.yaxis.rangemode == "tozero"
    assert bars.figure.data[0].y[1] is None


def test_groups_keep_the_order_of_the_list_and_hidden_ones_their_place():
    cells = pl.concat(
        series([state]).with_columns(pl.lit(code).alias("code"))
        for code, state in (("b", "shown"), ("a", "confidential"), ("c", "shown"))
    )
    chart = charts.side_by_side(
        cells, [("a", "Ay"), ("b", "Bee"), ("c", "Sea")], axis="Share", say=say, alt="x", target=0.9
    )
    assert list(chart.figure.layout.yaxis.categoryarray) == ["Sea", "Bee", "Ay"]
    assert list(chart.figure.data[0].y) == ["Bee", "Sea"]
    (mark,) = traces(chart, "text")
    assert (list(mark.y), list(mark.text)) == (["Ay"], ["[c]"])


def test_percentiles_carry_the_standard_as_a_tick():
    both = [series(["shown"], statistic=name).with_columns(pl.lit(8.0).alias("value")) for name in ("median", "p90")]
    chart = charts.percentiles_side_by_side(pl.concat(both), [("a", "Ay")], {"a": 14.0}, axis="Days", say=say, alt="x")
    ticks = [trace for trace in chart.figure.data if trace.name == "Standard in force"]
    assert list(ticks[0].x) == [14.0]
    assert chart.figure.layout.xaxis.type == "log"


def test_the_backlog_stacks_ages_and_draws_the_share_below():
    totals = series(["shown", "shown", "confidential"])
    ages = series(["shown"] * 3).with_columns(value=pl.lit(100.0))
    chart = charts.open_by_age(totals, ages, ages, [("a", "0 to 14 days")], axes=("Open", "Past due"), say=say, alt="x")
    bars = [trace for trace in chart.figure.data if trace.type == "bar"]
    assert [list(bar.y) for bar in bars] == [[100, 100, 100]]
    assert chart.figure.layout.barmode == "stack"
    assert any(trace.yaxis == "y2" and trace.mode == "lines+markers" for trace in chart.figure.data)
    assert chart.figure.layout.xaxis.anchor == "y2"


def test_a_month_with_a_hidden_age_is_one_bar_of_all_ages_and_a_hidden_total_is_marked():
    counts = series(["shown", "shown", "confidential"]).with_columns(value=pl.Series([150.0, 150.0, None]))
    young = series(["shown", "shown", "confidential"]).with_columns(value=pl.Series([100.0, 140.0, None]))
    old = series(["shown", "confidential", "confidential"]).with_columns(
        value=pl.Series([50.0, None, None], dtype=pl.Float64), code=pl.lit("b")
    )
    chart = charts.open_by_age(
        counts, counts, pl.concat([young, old]), [("a", "Young"), ("b", "Old")], axes=("", ""), say=say, alt="x"
    )
    bars = {trace.name: (list(trace.x), list(trace.y)) for trace in chart.figure.data if trace.type == "bar"}
    january, february, march = (dt.date(2026, month, 1) for month in (1, 2, 3))
    assert bars["Young"] == ([january], [100])
    assert bars["Old"] == ([january], [50])
    assert bars["All ages, some hidden [c]"] == ([february], [150])
    marks = [
        list(trace.x)
        for trace in chart.figure.data
        if trace.type == "scatter" and (trace.mode, trace.yaxis) == ("text", "y")
    ]
    assert marks == [[march]]


def test_quarters_are_drawn_at_their_middle_and_carry_their_first_day():
    quarters = pl.DataFrame(
        {
            "period_start": [dt.date(2026, 1, 1), dt.date(2026, 4, 1)],
            "period_end": [dt.date(2026, 3, 31), dt.date(2026, 6, 30)],
        }
    )
    cells = series(["shown", "shown"]).drop("period_start", "period_end").hstack(quarters)
    (line,) = traces(draw(cells), "lines+markers")
    assert list(line.x) == [dt.date(2026, 2, 14), dt.date(2026, 5, 16)]
    assert list(line.customdata) == ["2026-01-01", "2026-04-01"]
    (months,) = traces(draw(series(["shown", "shown"])), "lines+markers")
    assert list(months.x) == [dt.date(2026, 1, 1), dt.date(2026, 2, 1)]


def test_a_line_of_which_nothing_is_shown_is_not_in_the_legend():
    cells = pl.concat([series(["shown"] * 2, statistic="median"), series(["confidential"] * 2, statistic="p90")])
    lines = [Line("Median", "median", theme.NAVY), Line("90th percentile", "p90", theme.CLARET)]
    chart = charts.over_time(cells, lines, axis="Days", say=say, alt="a")
    assert [trace.name for trace in traces(chart, "lines+markers")] == ["Median"]


def test_marks_of_many_hidden_points_are_thinned_so_that_they_do_not_overlap():
    months = pl.date_range(dt.date(2021, 1, 1), dt.date(2026, 1, 1), "1mo", eager=True)
    cells = (
        series(["confidential"])
        .drop("period_start", "period_end")
        .join(pl.DataFrame({"period_start": months, "period_end": months.dt.month_end()}), how="cross")
    )
    (mark,) = traces(draw(cells), "text")
    assert 10 <= len(mark.text) <= charts.MARKS + 1


def test_a_series_with_nothing_shown_still_draws_its_marks():
    chart = draw(series(["confidential"] * 3), target=0.9)
    assert [text for trace in traces(chart, "text") for text in trace.text] == ["[c]"] * 3


@pytest.mark.parametrize(("target", "side"), [(0.5, "top"), (0.95, "bottom")])
def test_a_target_is_named_at_its_newest_end_away_from_the_points(target, side):
    label = next(
        note for note in draw(series(["shown"] * 3), target=target, target_label="line").figure.layout.annotations
    )
    assert (label.text, label.xanchor, label.yanchor) == ("line", "right", side)


def test_a_share_of_nearly_everybody_and_its_tick_lie_within_the_chart():
    rows = series(["shown"]).with_columns(value=pl.lit(0.99), lower=pl.lit(0.97), upper=pl.lit(1.0))
    chart = charts.side_by_side(rows, [("a", "A")], axis="Share", say=say, alt="a", target=0.7)
    assert chart.figure.layout.xaxis.range[1] > 101


@pytest.mark.parametrize("drawn", [draw, lambda cells: charts.bars_over_time(cells, axis="n", say=say, alt="a")])
def test_a_single_period_is_named_below_its_point_and_several_are_left_to_the_axis(drawn):
    one, two = drawn(series(["shown"])), drawn(series(["shown", "shown"]))
    assert list(one.figure.layout.xaxis.ticktext) == ["January 2026"]
    assert one.figure.layout.xaxis.range[0] < one.figure.layout.xaxis.tickvals[0] < one.figure.layout.xaxis.range[1]
    assert two.figure.layout.xaxis.ticktext is None


def test_charts_bring_their_own_template_and_send_nothing_away():
    figure = draw(series(["shown"] * 2)).figure
    assert figure.layout.template.layout.paper_bgcolor == theme.PAPER
    assert theme.PLOTLY_CONFIG["showSendToCloud"] is False
    assert theme.plotly_config("x")["toImageButtonOptions"] == {"format": "svg", "filename": "x"}
    json.loads(figure.plotly().to_json())


@pytest.mark.slow
def test_charts_and_words_do_not_import_the_screen_library():
    code = "import sys, ui.charts, ui.words, ui.theme; sys.exit('streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
