"""Charts as pure functions: Polars columns in, a Plotly figure and its text alternative out. No screens."""

from __future__ import annotations

import datetime as dt
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from ui import marks, theme
from ui.drawing import Drawing
from ui.marks import Percentile
from ui.words import HIDDEN, MARK

#: The mark of each period status: a full point is final; an open one, drawn on white, may change.
SYMBOLS = {"final": "circle", "provisional": "circle", "incomplete": "diamond"}

HEIGHT = 380
ROW_HEIGHT = 30

#: What stands on either side of a single period.
HALF_A_YEAR = dt.timedelta(days=182)
#: The width of the bar of a single period, in thousandths of a second: a day's, were it left out.
ONE_BAR = 60 * 86_400_000

#: The two ends of a row of days.
ENDS = (
    Percentile("median", "Median", theme.NAVY, "circle"),
    Percentile("p90", "90th percentile", theme.CLARET, "diamond"),
)

#: As many marks of hidden points fit side by side on a narrow screen.
MARKS = 12

Say = Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True)
class Chart:
    """A drawn figure and the words that stand for it."""

    figure: Drawing
    alt: str
    key: tuple[str, ...] = ()


@dataclass(frozen=True)
class Event:
    """Something that may break a series: drawn as a lettered line, explained below the chart."""

    start: dt.date
    end: dt.date | None
    label: str


@dataclass(frozen=True)
class Line:
    """One line of a chart over time."""

    name: str
    statistic: str
    colour: str
    dash: str = "solid"
    band: bool = False


def over_time(
    cells: pl.DataFrame,
    lines: Sequence[Line],
    *,
    axis: str,
    say: Say,
    alt: str,
    share: bool = False,
    target: float | None = None,
    target_label: str = "",
    events: Sequence[Event] = (),
) -> Chart:
    """Lines over time with interval band, open points where provisional, gaps and a mark where hidden.

    cells: columns period_start, period_end, period_status, statistic, state, value, lower, upper and
    label (the period in words).
    `share`: values are shares and drawn as per cent from the lowest needed to 100.
    """
    cells = _placed(cells)
    scale = 100 if share else 1
    figure = theme.blank(HEIGHT)
    for line in lines:
        rows = cells.filter(pl.col("statistic") == line.statistic).sort("period_start")
        if len(lines) > 1 and "shown" not in rows["state"]:
            continue
        if line.band:
            for run in _runs(rows):
                _band(figure, run, scale)
        _line(figure, rows, line, scale, say, legend=len(lines) > 1)
    low, high = _range(cells, scale, target, share)
    _absent(figure, cells.filter(pl.col("statistic") == lines[0].statistic), low + 0.02 * (high - low))
    if target is not None:
        _target(figure, cells, target * scale, target_label, scale)
    key = _events(figure, cells, events)
    figure.update_yaxes(title_text=axis, range=[low, high], ticksuffix="%" if share else "")
    _name_one_period(figure, cells)
    return Chart(figure, alt, key)


def side_by_side(
    cells: pl.DataFrame,
    labels: Sequence[tuple[str, str]],
    *,
    axis: str,
    say: Say,
    alt: str,
    target: float | None = None,
    target_label: str = "",
    highlight: str | None = None,
) -> Chart:
    """Shares of several groups with their intervals, in the order of the list (never by rank), against a target.

    cells: columns code, state, value, lower, upper; labels: code and name of each group to draw.
    """
    rows = {row["code"]: row for row in cells.to_dicts()}
    drawn = [(name, rows[code]) for code, name in labels if code in rows]
    each = marks.row_height([name for name, _ in drawn], ROW_HEIGHT)
    figure = theme.blank(110 + each * max(len(drawn), 2))
    shown = [(name, row) for name, row in drawn if row["state"] == "shown"]
    marks.ranges_across(
        figure,
        [
            marks.Mark(
                name,
                100 * row["value"],
                _beyond(row["value"], row["lower"]),
                _beyond(row["upper"], row["value"]),
                say(row),
                row["code"] == highlight,
            )
            for name, row in shown
        ],
    )
    lows = [100 * (row["lower"] if row["lower"] is not None else row["value"]) for _, row in shown]
    floor = max(0.0, 10 * ((min([*lows, 100 * target if target else 100]) - 4) // 10))
    marks.absent(figure, drawn, floor + 0.01 * (100 - floor))
    if target is not None:
        _upright(figure, 100 * target, target_label)
    # Beyond 100% as far as half a mark and half a tick's label reach, on the narrowest screen.
    figure.update_xaxes(title_text=axis, ticksuffix="%", range=[floor, 100 + 0.06 * (100 - floor)], side="bottom")
    marks.names_down(figure, [name for name, _ in drawn])
    return Chart(figure, alt)


def percentiles_side_by_side(
    cells: pl.DataFrame,
    labels: Sequence[tuple[str, str]],
    targets: Mapping[str, float],
    *,
    axis: str,
    say: Say,
    alt: str,
) -> Chart:
    """Median and 90th percentile of several groups joined by a line, with the days of the standard as a tick.

    cells: columns code, statistic, state, value. The scale doubles at each step, since standards run from 3 to 84 days.
    """
    rows = {(row["code"], row["statistic"]): row for row in cells.to_dicts()}
    drawn = [(code, name) for code, name in labels if (code, "median") in rows]
    figure = theme.blank(130 + ROW_HEIGHT * max(len(drawn), 2))
    said = {key: say(row) for key, row in rows.items() if marks.is_shown(row)}
    marks.percentile_pairs(figure, drawn, rows, ENDS, "%{{y}}, {end}: %{{text}}", said)
    aimed = [(name, targets[code]) for code, name in drawn if code in targets]
    if aimed:
        figure.add_scatter(
            x=[target for _, target in aimed],
            y=[name for name, _ in aimed],
            mode="markers",
            name="Standard in force",
            marker={"symbol": "line-ns", "size": 16, "line": {"color": theme.INK, "width": 3}},
            hovertemplate="%{y}, standard: %{x} days<extra></extra>",
        )
    marks.absent(figure, [(name, rows[(code, "median")]) for code, name in drawn], 1.05)
    values = [row["value"] for row in rows.values() if marks.is_shown(row)] + [target for _, target in aimed]
    figure.update_xaxes(
        title_text=axis,
        type="log",
        tickvals=[2**step for step in range(10)],
        range=[0, _log10(1.25 * max([2, *values]))],
    )
    marks.names_down(figure, [name for _, name in drawn])
    return Chart(figure, alt)


def open_by_age(
    totals: pl.DataFrame,
    counts: pl.DataFrame,
    ages: pl.DataFrame,
    age_labels: Sequence[tuple[str, str]],
    *,
    axes: tuple[str, str],
    say: Say,
    alt: str,
    events: Sequence[Event] = (),
) -> Chart:
    """Open requests at each month's end stacked by age, and below it, on the same months, the share past due.

    totals: the share past due, columns period_start, label, state, value, lower, upper, numerator, denominator.
    counts: open requests of all ages, columns period_start, label, state, value.
    ages: the same by age, with a column code; empty where ages are not published.
    A month in which an age is not shown is one bar of all ages in a colour of its own: a stack without it would stand
    too low. Where that is not shown either, the month has its mark.
    """
    figure = theme.blank(520)
    totals = _placed(totals)
    unsplit = ages.filter(pl.col("state") != "shown")["period_start"].unique()
    ages = ages.filter(~pl.col("period_start").is_in(unsplit.implode()))
    split = ages["period_start"].unique()
    for place, (code, name) in enumerate(age_labels):
        rows = ages.filter(pl.col("code") == code)
        if rows.is_empty():
            continue
        figure.add_bar(
            x=rows["period_start"].to_list(),
            y=rows["value"].to_list(),
            name=name,
            marker={
                "color": theme.SEQUENCE[min(place, len(theme.SEQUENCE) - 1)],
                "line": {"color": theme.NAVY, "width": 0.5},
            },
            text=rows["label"].to_list(),
            textposition="none",
            hovertemplate=f"%{{text}}, {name}: %{{y:,}} open<extra></extra>",
        )
    whole = _placed(counts.filter(~pl.col("period_start").is_in(split.implode())))
    rows = whole.filter((pl.col("state") == "shown") & pl.col("value").is_not_null())
    if rows.height:
        figure.add_bar(
            x=rows["period_start"].to_list(),
            y=rows["value"].to_list(),
            name=f"All ages, some hidden {HIDDEN}" if unsplit.len() else "All ages",
            marker={"color": theme.WHOLE if unsplit.len() else theme.SEQUENCE[3]},
            showlegend=True,
            text=rows["label"].to_list(),
            textposition="none",
            hovertemplate="%{text}: %{y:,} open<extra></extra>",
        )
    line = Line("Past due", "share", theme.CLARET)
    for run in _runs(totals):
        _band(figure, run, 100, "rgba(128, 22, 80, 0.15)", axis="y2")
    _line(figure, totals, line, 100, say, legend=False, axis="y2")
    _absent(figure, totals, 0, axis="y2")
    _absent(figure, whole, 0)
    key = _events(figure, totals, events)
    _, high = _range(totals, 100, None, share=False)
    figure.update_layout(
        barmode="stack",
        bargap=0.08,
        yaxis={"title": {"text": axes[0]}, "domain": [0.44, 1], "rangemode": "tozero", "separatethousands": True},
        yaxis2={
            "title": {"text": axes[1]},
            "domain": [0, 0.34],
            "ticksuffix": "%",
            "range": [0, min(100, high)],
            "anchor": "x",
        },
        xaxis={"anchor": "y2"},
        legend={"traceorder": "normal"},
    )
    return Chart(figure, alt, key)


def bars_over_time(cells: pl.DataFrame, *, axis: str, say: Say, alt: str, events: Sequence[Event] = ()) -> Chart:
    """Counts over time as bars from nought; a provisional or incomplete period is drawn in outline.

    cells: columns period_start, period_end, period_status, state, value, label.
    """
    figure = theme.blank(HEIGHT - 40)
    cells = _placed(cells)
    rows = cells.sort("period_start").to_dicts()
    figure.add_bar(
        x=[row["at"] for row in rows],
        y=[row["value"] for row in rows],
        width=ONE_BAR if cells["at"].n_unique() == 1 else None,
        customdata=[row["period_start"].isoformat() for row in rows],
        marker={
            "color": [theme.NAVY if row["period_status"] == "final" else theme.SEQUENCE[0] for row in rows],
            "line": {"color": theme.NAVY, "width": [0 if row["period_status"] == "final" else 1.5 for row in rows]},
        },
        text=[f"{row['label']}: {say(row)}" for row in rows],
        textposition="none",
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )
    _absent(figure, cells, 0)
    key = _events(figure, cells, events)
    figure.update_layout(bargap=0.12)
    figure.update_yaxes(title_text=axis, rangemode="tozero", separatethousands=True)
    _name_one_period(figure, cells)
    return Chart(figure, alt, key)


def _name_one_period(figure: Drawing, cells: pl.DataFrame) -> None:
    """Where a single period is drawn, its name below it: an axis of time would count thousandths of a second."""
    if cells["at"].n_unique() == 1:
        day = cells["at"][0]
        around = [day - HALF_A_YEAR, day + HALF_A_YEAR]
        figure.update_xaxes(tickvals=[day], ticktext=[cells["label"][0]], range=around)


def _line(
    figure: Drawing, rows: pl.DataFrame, line: Line, scale: float, say: Say, legend: bool, axis: str | None = None
) -> None:
    """The line breaks where a value is not shown. `customdata` is the first day of each point's period."""
    points = rows.to_dicts()
    sizes = [5 if row["period_status"] == "final" else 9 for row in points]
    figure.add_scatter(
        x=[row["at"] for row in points],
        customdata=[row["period_start"].isoformat() for row in points],
        y=[scale * row["value"] if marks.is_shown(row) else None for row in points],
        mode="lines+markers",
        name=line.name,
        connectgaps=False,
        line={"color": line.colour, "width": 2.5, "dash": line.dash},
        marker={
            "size": sizes,
            "symbol": [SYMBOLS.get(row["period_status"], "circle") for row in points],
            "color": [line.colour if row["period_status"] == "final" else theme.PAPER for row in points],
            "line": {"color": line.colour, "width": 1.5},
            "opacity": 1,
        },
        text=[f"{row['label']}: {say(row)}" for row in points],
        hovertemplate="%{text}<extra></extra>" if not legend else f"{line.name}, %{{text}}<extra></extra>",
        showlegend=legend,
        yaxis=axis,
    )


def _runs(rows: pl.DataFrame) -> list[pl.DataFrame]:
    """Unbroken runs of shown rows, so that a band never spans a gap."""
    runs: list[list[dict[str, Any]]] = [[]]
    for row in rows.sort("period_start").to_dicts():
        if marks.is_shown(row) and row["lower"] is not None and row["upper"] is not None:
            runs[-1].append(row)
        elif runs[-1]:
            runs.append([])
    return [pl.DataFrame(run) for run in runs if len(run) > 1]


def _band(figure: Drawing, run: pl.DataFrame, scale: float, colour: str = theme.BAND, axis: str | None = None) -> None:
    days = run["at"].to_list()
    figure.add_scatter(
        x=days + days[::-1],
        y=[scale * value for value in run["upper"]] + [scale * value for value in reversed(run["lower"].to_list())],
        fill="toself",
        fillcolor=colour,
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        showlegend=False,
        yaxis=axis,
    )


def _placed(cells: pl.DataFrame) -> pl.DataFrame:
    """The cells with the day `at` which each is drawn: a month at its start, a longer period at its middle.

    At its start, a quarter would lie on the wrong side of an event within it.
    """
    length = pl.col("period_end") - pl.col("period_start")
    middle = (pl.col("period_start").cast(pl.Datetime) + length / 2).cast(pl.Date)
    return cells.with_columns(
        pl.when(length.dt.total_days() > 31).then(middle).otherwise(pl.col("period_start")).alias("at")
    )


def _absent(figure: Drawing, rows: pl.DataFrame, height: float, axis: str = "y") -> None:
    """The shorthand in place of points that are not shown, never a stand-in number; only as many marks as fit."""
    marked = _that_fit(rows)
    if marked:
        figure.add_scatter(
            x=[row["at"] for row in marked],
            y=[height] * len(marked),
            yaxis=axis,
            mode="text",
            text=[MARK[row["state"]] for row in marked],
            textposition="top center",
            textfont={"size": 11, "color": theme.GREY},
            hovertext=[row["label"] for row in marked],
            hovertemplate="%{hovertext}: %{text}<extra></extra>",
            showlegend=False,
        )


def _that_fit(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """The rows not shown that can be marked without their marks overlapping; the table has them all."""
    absent = rows.filter(pl.col("state") != "shown").sort("at").to_dicts()
    if not absent:
        return []
    room = (rows["at"].max() - rows["at"].min()) / MARKS  # type: ignore[operator]
    marked: list[dict[str, Any]] = []
    for row in absent:
        if not marked or row["at"] - marked[-1]["at"] >= room:
            marked.append(row)
    return marked


def _target(figure: Drawing, cells: pl.DataFrame, target: float, label: str, scale: float) -> None:
    """A target as a dashed line, named at its newest end on the side where the newest points are not."""
    days = cells["at"]
    shown = cells.filter(pl.col("state") == "shown").sort("at")["value"]
    is_above = shown.len() > 0 and scale * shown[-1] >= target
    figure.add_scatter(
        x=[days.min(), days.max()],
        y=[target, target],
        mode="lines",
        line={"color": theme.INK, "width": 2, "dash": "dash"},
        hoverinfo="skip",
        showlegend=False,
    )
    figure.add_annotation(
        x=0.99,
        xref="paper",
        xanchor="right",
        y=target,
        yanchor="top" if is_above else "bottom",
        text=label,
        showarrow=False,
        yshift=-1 if is_above else 1,
    )


def _upright(figure: Drawing, target: float, label: str) -> None:
    figure.add_shape(
        type="line",
        x0=target,
        x1=target,
        y0=0,
        y1=1,
        yref="paper",
        line={"color": theme.INK, "width": 2, "dash": "dash"},
    )
    figure.add_annotation(x=target, y=1, yref="paper", yanchor="bottom", text=label, showarrow=False)
    figure.update_layout(margin={"t": 30})


def _events(figure: Drawing, cells: pl.DataFrame, events: Sequence[Event]) -> tuple[str, ...]:
    """Lettered lines at events within the months drawn; gives the key to the letters."""
    if cells.is_empty():
        return ()
    first, last = cells["period_start"].min(), cells["period_end"].max()
    inside = [event for event in events if first < (event.end or event.start) <= last]  # type: ignore[operator]
    lettered = list(zip(string.ascii_uppercase, inside, strict=False))
    if not lettered:
        return ()
    days = [event.start if event.start > first else event.end or event.start for _, event in lettered]  # type: ignore[operator]
    for (letter, _), day in zip(lettered, days, strict=True):
        _dotted(figure, day)
        _letter(figure, letter, day)
    figure.update_layout(margin={"t": 26}, legend={"y": 1.08})
    return tuple(f"{letter}: {event.label} ({_span(event)})" for letter, event in lettered)


def _dotted(figure: Drawing, day: dt.date) -> None:
    """An upright line at a day, from the foot of a chart to its top."""
    line = {"color": theme.GREY, "width": 1, "dash": "dot"}
    figure.add_shape(type="line", x0=day, x1=day, y0=0, y1=1, yref="paper", line=line)


def _letter(figure: Drawing, letter: str, day: dt.date) -> None:
    """The letter above the line at a day."""
    figure.add_annotation(
        x=day,
        y=1,
        yref="paper",
        yanchor="bottom",
        text=f"<b>{letter}</b>",
        showarrow=False,
        font={"color": theme.GREY},
    )


def _span(event: Event) -> str:
    start = f"{event.start.day} {event.start:%b %Y}"
    return f"{start} to {event.end.day} {event.end:%b %Y}" if event.end else start


def _range(cells: pl.DataFrame, scale: float, target: float | None, share: bool) -> tuple[float, float]:
    """Bounds of the upright axis: from nought, save shares that all lie high, which start at a round ten below."""
    shown = cells.filter(pl.col("state") == "shown")
    lows = [value for value in shown.select(pl.min_horizontal("lower", "value")).to_series() if value is not None]
    highs = [value for value in shown.select(pl.max_horizontal("upper", "value")).to_series() if value is not None]
    if not highs:
        return (0, 100 if share else 1)
    if share:
        lowest = scale * min([*lows, target if target is not None else 1])
        return (max(0, 10 * ((lowest - 6) // 10)), 101)
    return (0, 1.08 * scale * max(highs))


def _beyond(outer: float | None, inner: float | None) -> float:
    return 100 * max(0.0, outer - inner) if outer is not None and inner is not None else 0.0


def _log10(value: float) -> float:
    return len(str(int(value))) if value <= 0 else float(pl.Series([value]).log(10)[0])
