"""The series of one measure with what chance explains drawn over it, for the evidence page of an aim."""

from __future__ import annotations

import polars as pl

from ui import aim_words, charts, signals, spc_charts, theme, words
from ui.aim_measures import Told
from ui.charts import Chart, Event, Line
from ui.data import Snapshot
from ui.figure import Figure, Query
from ui.figures import ask
from ui.section import Section
from ui.signals_presets import DEFAULT, by_the_rules

#: Events that may break a series of any aim.
TOPICS = ("general", "standards", "workforce", "programme")
#: Shares that all lie under this are drawn on an axis of their own, so that a change can be seen.
LOW = 0.5

LINES = {
    "share": [Line("Share", "share", theme.NAVY, band=True)],
    "median": [Line("Median", "median", theme.NAVY, band=True), Line("90th percentile", "p90", theme.CLARET, "dash")],
}


def series(snapshot: Snapshot, told: Told) -> Section:
    """The measure over time: what it says, its points, the limits of its control chart and what may have broken it."""
    name = f"{told.entry.number} {told.entry.title}"
    if told.figure is None or told.row is None:
        kept = (told.figure,) if told.figure is not None and told.figure.cells.height else ()
        return Section("series", f"{name}: nothing to draw", aim_words.unusable(told), figures=kept)
    figure = _drawn_figure(snapshot, told)
    newest = aim_words.value(told)
    title = _title(told)
    summary = " ".join(
        part
        for part in (newest, aim_words.direction(told), aim_words.target(snapshot, told), aim_words.chance(told))
        if part
    )
    chart = _chart(snapshot, told, figure, f"{title}. {summary}")
    span = words.span(figure)
    return Section(
        "series", title, summary, f"{name}. Scotland. {span[:1].upper()}{span[1:]}. {_points_told(figure)}",
        chart, (figure,), _notes(told, figure),
    )  # fmt: skip


def _title(told: Told) -> str:
    """The finding: the newest value, and which way it goes where that can be told."""
    way = {"improving": "improving", "worsening": "getting worse", "steady": "no real change"}
    moves = f", {way[told.variation]}" if told.variation else ""
    assert told.row is not None
    assert told.figure is not None
    moment = words.when(told.figure.query.grain, told.row, told.entry.kind == "snapshot")
    return f"{told.entry.title}: {words.amount(told.row)} {moment}{moves}"


def _drawn_figure(snapshot: Snapshot, told: Told) -> Figure:
    """The figure whose points are drawn: those of the control chart where there is one, otherwise those told."""
    assert told.figure is not None
    grain = told.drawn.grain("") if told.drawn else told.figure.query.grain
    if grain == told.figure.query.grain:
        return told.figure
    return ask(snapshot, Query(told.entry.id, grain, told.figure.query.fixed), told.figure.place) or told.figure


def _chart(snapshot: Snapshot, told: Told, figure: Figure, alt: str) -> Chart | None:
    """The picture; None for a growth, or where there is one point only, which the table tells."""
    statistic = figure.statistics[0]
    if figure.cells["period_start"].n_unique() < 2 or statistic == "growth":
        return None
    cells = labelled(figure)
    rows = snapshot.facts.events.filter(pl.col("topic").is_in(TOPICS)).to_dicts()
    events = [Event(row["start_date"], row["end_date"], row["label"]) for row in rows]
    if statistic == "count":
        return charts.bars_over_time(cells, axis=told.entry.title, say=words.amount, alt=alt, events=events)
    with_band = cells.filter(statistic=statistic)["lower"].null_count() < cells.filter(statistic=statistic).height
    is_judged = told.drawn is not None and told.points >= signals.ENOUGH
    lines = LINES[statistic] if with_band and not is_judged else [Line("Share", statistic, theme.NAVY)]
    share = statistic == "share"
    chart = charts.over_time(
        cells,
        lines,
        axis="Share" if share else "Days",
        say=words.amount,
        alt=alt,
        share=share,
        target=told.target,
        target_label=f"{told.target:.0%} line" if told.target is not None else "",
        events=events,
    )
    if is_judged:
        chart = spc_charts.add_chance(
            chart, _limits(told), signals=spc_charts.better_or_worse(told.entry.better), most=1.0
        )
    return _low(chart, cells, told.target) if share else chart


def _limits(told: Told) -> pl.DataFrame:
    assert told.drawn is not None
    return told.drawn.of("").select(
        "value", "centre", "section", "direction", period_start="period", lower_limit="lower", upper_limit="upper"
    )


def _low(chart: Chart, cells: pl.DataFrame, target: float | None) -> Chart:
    """Small shares on an axis from nought to a little above the highest."""
    highest = cells.select(pl.max_horizontal("upper", "value").max()).item()
    if target is None and highest is not None and highest < LOW:
        chart.figure.update_yaxes(range=[0, 115 * highest])
    return chart


def labelled(figure: Figure) -> pl.DataFrame:
    """The cells with each period in words, for hovering."""
    spans = pl.struct("period_start", "period_end").map_elements(
        lambda row: words.period(figure.query.grain, row["period_start"], row["period_end"]), pl.String
    )
    return figure.cells.with_columns(spans.alias("label"))


def _points_told(figure: Figure) -> str:
    """How long a point is, and why where shorter ones are published too."""
    if figure.entry.grains[0] == figure.query.grain:
        return {"month": "A point a month.", "quarter": "A point a quarter.", "year": "A point for 12 months."}[
            figure.query.grain
        ]
    return words.grain_note(figure)


def _notes(told: Told, figure: Figure) -> tuple[str, ...]:
    notes = [*words.in_series_notes(figure)]
    if told.figure is not None and figure.query.grain != told.figure.query.grain:
        notes.append(f"The value in the heading is of another length of time; its id: `{told.figure_id}`.")
    is_judged = told.drawn is not None and told.points >= signals.ENOUGH
    if figure.cells["lower"].null_count() < figure.cells.height and not is_judged:
        notes.insert(0, "The shaded band is the 95% interval.")
    if told.drawn is not None and told.points >= signals.ENOUGH:
        notes.append(f"Signals are marked {by_the_rules(DEFAULT.name)}.")
        notes += _rebases(told.drawn)
    return tuple(notes)


def _rebases(drawn: signals.Charts) -> list[str]:
    """From when limits start again, where they do."""
    rows = drawn.of("").filter("rebase").to_dicts()
    return [
        f"Average and limits start again in {words.month(row['period'])}; the page Signals says why." for row in rows
    ]
