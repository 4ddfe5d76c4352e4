"""One control chart of the page Signals: its finding, picture, reasons for rebases, table and download."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from catalogue.dimensions import dimensions
from ui import charts, signals, signals_words, spc_charts, theme, words
from ui.charts import Chart, Event, Line
from ui.data import Snapshot
from ui.figure import Figure, Query
from ui.figures import ask
from ui.made_once import made_once
from ui.signals import Charts
from ui.signals_filters import Choice
from ui.signals_presets import allowance, false_alarms, rules_in_words

NAME = "chart"

#: Events that may break a series of turnaround, whatever is chosen.
TOPICS = ("general", "standards", "workforce")


@dataclass(frozen=True)
class Shown:
    """All that the section of one chart shows; without a chart, title and summary say why."""

    title: str
    summary: str
    subtitle: str = ""
    icon: Mapping[str, Any] | None = None
    chart: Chart | None = None
    figure: Figure | None = None
    notes: tuple[str, ...] = ()
    table: pl.DataFrame | None = None


def build(snapshot: Snapshot, choice: Choice) -> Shown:
    """The section for a choice, made once for a release."""
    return _built(snapshot.key, choice, snapshot)


@made_once(300)
def _built(key: str, choice: Choice, _snapshot: Snapshot) -> Shown:  # noqa: ARG001 - key: the release
    drawn = signals.charts(_snapshot, choice.measure, choice.view.dimension, choice.preset)
    if drawn is None:
        return Shown("No figure in this release", "The current release does not publish this measure.")
    code = charted(drawn, choice.code)
    place = _snapshot.label(choice.view.dimension or "", code) or "Scotland"
    if code not in drawn.icons:
        why = drawn.without.get(code, "The release holds no figure for it.")
        if drawn.points.is_empty():
            why = "The release holds no monthly or quarterly figures that can be shown: they are missing or hidden."
        return Shown(f"{place}: no chart can be drawn", why)
    rows = drawn.of(code)
    title, summary = signals_words.finding(drawn, code, place)
    figure = _figure(_snapshot, drawn, code, place)
    notes = _notes(_snapshot, drawn, code)
    if code != choice.code:
        alone = _snapshot.label(choice.view.dimension or "", choice.code)
        notes = (f"{alone} alone has too few requests for a point a quarter, so this is of {place.lower()}.", *notes)
    told = f"{title}. {summary} Every value is in the table below the chart."
    first, last = rows["period"].min(), rows["period_end"].max()
    unit = "quarter" if drawn.grain(code) == "quarter" else "month"
    span = f"{words.short_month(first)} to {words.short_month(last)}"  # type: ignore[arg-type]
    kind = "Run chart" if drawn.preset.is_run_chart else "XmR chart"
    return Shown(
        title,
        summary,
        f"{drawn.measure.label}, by {unit} {drawn.measure.dated}. {place}. {span}. {kind}.",
        drawn.icons[code],
        _chart(drawn, rows, [*_events(_snapshot), *_rebases(_snapshot, drawn, code)], told),
        figure,
        notes,
        _table(drawn, rows),
    )


def charted(drawn: Charts, code: str) -> str:
    """The code whose chart stands for a place: its own, or that of the merge it belongs to."""
    known = dimensions().get(drawn.dimension or "")
    into = known.merged_into.get(code, code) if known else code
    return into if code not in drawn.icons and into in drawn.icons else code


def _figure(snapshot: Snapshot, drawn: Charts, code: str, place: str) -> Figure | None:
    fixed = ((drawn.dimension, code),) if drawn.dimension else ()
    return ask(snapshot, Query(drawn.measure.indicator, drawn.grain(code), fixed), place)


def _chart(drawn: Charts, rows: pl.DataFrame, events: list[Event], alt: str) -> Chart:
    """The series as every chart over time has it, with what chance explains drawn over it."""
    share = drawn.measure.statistic == "share"
    told = [signals_words.say(row, drawn) for row in rows.to_dicts()]
    limits = [pl.when(pl.col("value").is_not_null()).then(pl.col(name)) for name in ("lower", "upper")]
    cells = rows.with_columns(
        *limits, pl.Series("told", told, dtype=pl.String), period_start=pl.col("period"),
        statistic=pl.lit(drawn.measure.statistic),
        label=pl.Series([signals_words.period(row) for row in rows.to_dicts()], dtype=pl.String),
    )  # fmt: skip
    chart = charts.over_time(
        cells,
        [Line(drawn.measure.label, drawn.measure.statistic, theme.NAVY)],
        axis=drawn.measure.label,
        say=lambda row: str(row["told"]),
        alt=alt,
        share=share,
        target=drawn.target,
        target_label=f"{drawn.target:.0%} line" if drawn.target is not None else "",
        events=events,
    )
    points = rows.select(
        "value", "centre", "section", "direction", period_start="period", lower_limit="lower", upper_limit="upper"
    )
    return spc_charts.add_chance(
        chart,
        points,
        scale=100 if share else 1,
        centre=drawn.preset.centre.capitalize(),
        signals=spc_charts.better_or_worse(drawn.better),
        most=1.0 if share else None,
    )


def _events(snapshot: Snapshot) -> list[Event]:
    rows = snapshot.facts.events.filter(pl.col("topic").is_in(TOPICS))
    return [Event(row["start_date"], row["end_date"], row["label"]) for row in rows.to_dicts()]


def _own_rebases(snapshot: Snapshot, drawn: Charts, code: str) -> list[dict[str, Any]]:
    rows = signals.baselines_of(snapshot, drawn.measure, drawn.dimension)
    return rows.filter(pl.col("code").is_in(["", code])).sort("starts").to_dicts()


def _rebases(snapshot: Snapshot, drawn: Charts, code: str) -> list[Event]:
    found = []
    for row in _own_rebases(snapshot, drawn, code):
        if row["judged_from"] is not None:
            until = row["judged_from"] - dt.timedelta(days=1)
            found.append(Event(row["starts"], until, "settling: drawn, not judged"))
        found.append(Event(row["judged_from"] or row["starts"], None, "limits start again"))
    return found


def _notes(snapshot: Snapshot, drawn: Charts, code: str) -> tuple[str, ...]:
    """What belongs to the chart: rules and their false alarms, rebases with reasons, open points, the line."""
    kept = drawn.of(code)["carried_over"].drop_nulls()
    held, grain = (kept.item(-1) if kept.len() else None), drawn.grain(code)
    signal = rules_in_words(drawn.preset, held)
    notes = [f"Rules: {drawn.preset.label}. A signal is {signal}. {false_alarms(drawn.preset)}"]
    if about := allowance(drawn.preset, held, signals.NOT_IN_LIMITS[grain], grain):
        notes.append(about)
    for row in _own_rebases(snapshot, drawn, code):
        what = "The median starts" if drawn.preset.is_run_chart else "Average and limits start"
        decided = f"Decided on {words.long_date(row['decided_on'])}; source: {row['source']}."
        since = words.month(row["judged_from"] or row["starts"])
        settling = f" Points from {words.month(row['starts'])} until then are settling: drawn, and not judged."
        notes.append(f"{what} again in {since}: {row['reason']}{settling * bool(row['judged_from'])} {decided}")
    rows = drawn.of(code)
    if not rows["is_final"].all():
        notes.append("Open points are provisional or incomplete: they may change and are not judged.")
    if hidden := rows.filter(pl.col("value").is_null()).height:
        why = f"hidden {words.HIDDEN} or not available {words.NOT_AVAILABLE}"
        notes.append(f"{hidden} of {rows.height} points are {why}; they break a run of points.")
    if drawn.grain(code) == "quarter":
        notes.append("Months would stand for too few requests, so there is a point a quarter.")
    if drawn.measure.statistic == "share":
        notes.append("Counts are rounded to 5, which makes small places vary a little more; the limits include it.")
        entry = snapshot.indicator(drawn.measure.indicator)
        notes += [about] if entry and (about := words.about_target(entry)) else []
    return tuple(notes)


def _table(drawn: Charts, rows: pl.DataFrame) -> pl.DataFrame:
    """Every point, newest first: value, counts, centre, limits, signal and status as text."""
    told = []
    for row in rows.sort("period", descending=True).to_dicts():
        size = row["denominator"]
        hidden = words.MARK.get(row["state"], words.NOT_AVAILABLE)
        cells = {
            "Period": signals_words.period(row),
            drawn.measure.label: signals_words.amount(drawn.measure, row["value"], size)
            if row["value"] is not None
            else hidden,
            drawn.preset.centre.capitalize(): signals_words.amount(drawn.measure, row["centre"], size),
        }
        if not drawn.preset.is_run_chart:
            cells["Limits of chance"] = _limits(drawn, row)
        told.append(
            cells
            | {
                "Signal": _signal(drawn, row),
                "Status": words.PERIOD_STATUS.get(row["period_status"], row["period_status"]),
            }
        )
    return pl.DataFrame(told)


def _signal(drawn: Charts, row: Mapping[str, Any]) -> str:
    if row["is_settling"]:
        return "settling, not judged"
    return signals_words.mark(row, drawn.preset) if row["is_final"] else "not judged"


def _limits(drawn: Charts, row: Mapping[str, Any]) -> str:
    if row["lower"] is None:
        return words.NOT_AVAILABLE
    low, high = (signals_words.amount(drawn.measure, row[name], row["denominator"]) for name in ("lower", "upper"))
    return f"{low} to {high}"
