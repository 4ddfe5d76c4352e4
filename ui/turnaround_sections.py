"""The sections of the Turnaround page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from catalogue.dimensions import dimensions
from ui import charts, theme, words
from ui.charts import Event, Line
from ui.data import Snapshot
from ui.figure import Figure, Query
from ui.figures import ask, choose_grain, latest_year, of_scotland
from ui.filters import Choice
from ui.made_once import made_once
from ui.section import Section
from ui.turnaround_measures import (
    BACKLOG,
    OPEN,
    VOLUMES,
    WAITS,
    WITHIN,
    standard_in_words,
    standards_in_force,
    target_of,
)

#: Events that bear on turnaround, whatever is chosen.
TOPICS = ("general", "standards", "workforce")


@made_once(300)
def _built(key: str, name: str, choice: Choice, _snapshot: Snapshot) -> Section:  # noqa: ARG001 - key: the release
    return SECTIONS[name](_snapshot, choice)


def build(snapshot: Snapshot, name: str, choice: Choice) -> Section:
    """A section of the page, made once for a release and a choice."""
    return _built(snapshot.key, name, choice, snapshot)


def place(snapshot: Snapshot, choice: Choice) -> str:
    """Where the figures are of, in words: `Fife (requesting board), whole genome`."""
    where = "Scotland"
    if choice.view.dimension:
        where = f"{snapshot.label(choice.view.dimension, choice.code)} ({words.lower_first(choice.view.label)})"
    return f"{where}, {snapshot.label('turnaround_category', choice.category)}" if choice.category else where


def _series(snapshot: Snapshot, indicator: str, choice: Choice, spread: str | None = None) -> Figure | None:
    grain = choose_grain(snapshot, indicator, choice.fixed)
    query = Query(indicator, grain, choice.fixed, spread, choice.start, choice.end)
    return ask(snapshot, query, place(snapshot, choice))


def _labelled(figure: Figure, cells: pl.DataFrame | None = None) -> pl.DataFrame:
    """The cells with each period in words, for hovering."""
    frame = figure.cells if cells is None else cells
    spans = pl.struct("period_start", "period_end").map_elements(
        lambda row: words.period(figure.query.grain, row["period_start"], row["period_end"]), pl.String
    )
    return frame.with_columns(spans.alias("label"))


def _say(row: Mapping[str, Any]) -> str:
    """What hovering over a point says: the value with its interval, or its shorthand."""
    text = words.amount(row)
    if row["state"] == "shown" and row["lower"] is not None and row["upper"] is not None:
        if row["statistic"] == "share":
            text += f" (95% interval {100 * row['lower']:.1f}% to {100 * row['upper']:.1f}%)"
        else:
            text += f" (95% interval {row['lower']:,.0f} to {row['upper']:,.0f})"
    if row.get("period_status") in ("provisional", "incomplete"):
        text += f", {row['period_status']}"
    return text


def _events(snapshot: Snapshot, choice: Choice) -> list[Event]:
    topics = [*TOPICS, *(["nipt"] if choice.category == "nipt" else [])]
    rows = snapshot.facts.events.filter(pl.col("topic").is_in(topics))
    return [Event(row["start_date"], row["end_date"], row["label"]) for row in rows.to_dicts()]


def _subtitle(figure: Figure, what: str, grain: str = "") -> str:
    return f"{what}. {figure.place}. {words.span(figure)[:1].upper()}{words.span(figure)[1:]}. {grain}".strip()


def _bare(snapshot: Snapshot, name: str, measure: str, figure: Figure | None) -> Section | None:
    """A section without a chart, which says why there is none; None where there is something to draw."""
    nothing = words.nothing_to_show(figure, measure)
    if nothing is None:
        return None
    if figure is None:
        return Section(name, *nothing)
    kept = (figure,) if figure.cells.height else ()
    spread = figure.query.spread
    labels = snapshot.facts.labels.get(spread, {}) if spread else None
    column = dimensions()[spread].label if spread else ""
    return Section(name, *nothing, subtitle=figure.place, figures=kept, labels=labels, column=column)


def _alt(title: str, summary: str, notes: list[str]) -> str:
    return " ".join([f"{title}.", summary, *notes, "Every value is in the table below the chart."])


def within_over_time(snapshot: Snapshot, choice: Choice) -> Section:
    """Share of due requests reported within standard, over time."""
    figure = _series(snapshot, WITHIN, choice)
    if bare := _bare(snapshot, "within", "Requests reported within standard", figure):
        return bare
    assert figure is not None
    target = target_of(figure)
    title, summary = words.within_standard(figure, target)
    notes = words.in_series_notes(figure)
    chart = charts.over_time(
        _labelled(figure),
        [Line("Share", "share", theme.NAVY, band=True)],
        axis="Reported within standard",
        say=_say,
        alt=_alt(title, summary, notes),
        share=True,
        target=target,
        target_label=f"{target:.0%} line",
        events=_events(snapshot, choice),
    )
    standard = standards_in_force(snapshot).get(choice.category or "")
    notes = ["The shaded band is the 95% interval (Wilson).", *notes, *_line(figure)]
    notes.append(
        "Requests that are overdue and still open count as not in time; other ways to count stand further down."
    )
    if standard:
        notes.append(standard_in_words(standard))
    return Section(
        "within",
        title,
        summary,
        _subtitle(figure, figure.entry.title, words.grain_note(figure)),
        chart,
        (figure,),
        tuple(notes),
    )


def _side(snapshot: Snapshot, choice: Choice, indicator: str) -> tuple[Figure | None, str]:
    """The newest 12 months side by side: by laboratory for one category of Scotland, otherwise by category."""
    spread = "performing_lab" if choice.category and not choice.view.dimension else "turnaround_category"
    fixed = tuple((name, code) for name, code in choice.fixed if name != spread)
    start = latest_year(snapshot, indicator, choice.end)
    where = Choice(choice.view, choice.code, choice.category if spread == "performing_lab" else None)
    query = Query(indicator, "year", fixed, spread, start, choice.end, newest_only=True)
    return ask(snapshot, query, place(snapshot, where)), spread


def within_by_group(snapshot: Snapshot, choice: Choice) -> Section:
    """Share within standard side by side for the newest 12 months."""
    figure, spread = _side(snapshot, choice, WITHIN)
    if bare := _bare(snapshot, "groups", "Requests reported within standard, side by side", figure):
        return bare
    assert figure is not None
    target, dimension = target_of(figure), dimensions()[spread]
    labels = snapshot.facts.labels.get(spread, {})
    title, summary = words.by_group(figure, dimension.plural, target, of_scotland(spread))
    chart = charts.side_by_side(
        figure.cells,
        list(labels.items()),
        axis="Reported within standard",
        say=_say,
        alt=_alt(title, summary, []),
        target=target,
        target_label=f"{target:.0%} line",
        highlight=choice.category,
    )
    notes = [
        "Lines are 95% intervals (Wilson). The order is that of the list and says nothing of rank.",
        *_unsettled(figure),
        *_abroad(figure, spread, labels),
        *_line(figure),
    ]
    if choice.category and spread == "turnaround_category":
        notes.append(f"The category chosen, {labels.get(choice.category, choice.category)}, is drawn as a diamond.")
    return Section(
        "groups", title, summary, _subtitle(figure, f"{figure.entry.title}, by {dimension.inline}"),
        chart, (figure,), tuple(notes), labels, dimension.label,
    )  # fmt: skip


def _line(figure: Figure) -> list[str]:
    """What the line is that shares are judged by."""
    about = words.about_target(figure.entry)
    return [about] if about else []


def _abroad(figure: Figure, spread: str, labels: Mapping[str, str]) -> list[str]:
    """Which of the places drawn no sentence counts, since they are not of NHS Scotland."""
    counted = of_scotland(spread)
    drawn = figure.cells["code"].unique(maintain_order=True).to_list()
    others = [labels.get(code, code) for code in drawn if counted is not None and code not in counted]
    return [f"Drawn but not counted in the text: {words.joined(others)}."] if others else []


def _unsettled(figure: Figure) -> list[str]:
    """Whether the one period of a figure may still change."""
    status = figure.cells["period_status"].unique().to_list()
    if "incomplete" in status:
        return ["The 12 months are incomplete: not everything has been submitted."]
    return ["The 12 months are provisional: late reports may change them."] if "provisional" in status else []


def waits_over_time(snapshot: Snapshot, choice: Choice) -> Section:
    """Median, 90th and 95th percentile of days to report, over time, open requests counted as still waiting."""
    figure = _series(snapshot, WAITS, choice)
    if bare := _bare(snapshot, "waits", "Days from clock start to report", figure):
        return bare
    assert figure is not None
    title, summary = words.waits(figure)
    notes = words.in_series_notes(figure)
    standard = standards_in_force(snapshot).get(choice.category or "")
    days = _target_days(standard)
    chart = charts.over_time(
        _labelled(figure),
        [
            Line("Median", "median", theme.NAVY, band=True),
            Line("90th percentile", "p90", theme.CLARET, "dash"),
            Line("95th percentile", "p95", theme.TEAL, "dot"),
        ],
        axis="Days",
        say=_say,
        alt=_alt(title, summary, notes),
        target=days,
        target_label=f"Standard: {days:.0f} days" if days else "",
        events=_events(snapshot, choice),
    )
    notes = [
        "Open requests are counted as still waiting (censored), not left out, so a backlog does not flatter.",
        *notes,
        *([standard_in_words(standard)] if standard else []),
    ]
    by = {"month": "by month of receipt", "quarter": "by quarter of receipt", "year": "by 12 months of receipt"}
    what = f"{figure.entry.title}, {by[figure.query.grain]}"
    return Section(
        "waits", title, summary, _subtitle(figure, what, words.grain_note(figure)), chart, (figure,), tuple(notes)
    )


def waits_by_group(snapshot: Snapshot, choice: Choice) -> Section:
    """Median and 90th percentile side by side for the newest 12 months, against the days of the standard."""
    figure, spread = _side(snapshot, choice, WAITS)
    if bare := _bare(snapshot, "wait_groups", "Days from clock start to report, side by side", figure):
        return bare
    assert figure is not None
    labels, dimension = snapshot.facts.labels.get(spread, {}), dimensions()[spread]
    targets = _targets(snapshot, choice, spread, figure)
    title, summary = words.waits_by_group(figure, dimension.plural, targets, of_scotland(spread))
    chart = charts.percentiles_side_by_side(
        figure.cells.filter(pl.col("statistic") != "p95"),
        list(labels.items()),
        targets,
        axis="Days (each step doubles)",
        say=_say,
        alt=_alt(title, summary, []),
    )
    foreign = sorted({row["jurisdiction"] for row in standards_in_force(snapshot).values()} - {"Scotland"})
    notes = [*_unsettled(figure), *_abroad(figure, spread, labels)]
    if foreign:
        notes.append(
            f"Standards from {words.joined(foreign)} stand in as comparators where Scotland has none written down; "
            "the Definitions page lists them."
        )
    return Section(
        "wait_groups", title, summary, _subtitle(figure, f"{figure.entry.title}, by {dimension.inline}"),
        chart, (figure,), tuple(notes), labels, dimension.label,
    )  # fmt: skip


def backlog(snapshot: Snapshot, choice: Choice) -> Section:
    """Open requests at each month's end by age, with the share past due."""
    figure = _series(snapshot, BACKLOG, choice)
    if bare := _bare(snapshot, "backlog", "Open requests past their due date", figure):
        return bare
    assert figure is not None
    ages = _series(snapshot, OPEN, choice, "open_age")
    split = ages if ages is not None and ages.state == "shown" else None
    counts = _series(snapshot, OPEN, choice)
    title, summary = words.backlog(figure, counts.headline if counts else None)
    notes = words.in_series_notes(figure)
    chart = charts.open_by_age(
        _labelled(figure),
        _open_counts(figure, counts),
        _labelled(split) if split else _labelled(figure, figure.cells.clear()),
        list(snapshot.facts.labels.get("open_age", {}).items()),
        axes=("Open requests", "Past due"),
        say=_say,
        alt=_alt(title, summary, notes),
        events=_events(snapshot, choice),
    )
    whole = _without_ages(split)
    if not split:
        hidden = ages is not None and ages.state == "hidden"
        why = f"Every age is hidden {words.HIDDEN}" if hidden else "Ages are not published for this combination"
        notes.append(f"{why}, so all ages are drawn together.")
    elif whole:
        notes.append(
            f"In {whole} of {split.cells['period_start'].n_unique()} months an age is hidden {words.HIDDEN}: "
            "there one grey bar stands for all ages. The table has their number, and that of each age that is shown."
        )
    shown = [figure, split, counts if whole or not split or figure.unshown else None]
    what = "Open requests at each month's end, by days since receipt"
    return Section(
        "backlog", title, summary, _subtitle(figure, what), chart, tuple(part for part in shown if part), tuple(notes),
        snapshot.facts.labels.get("open_age", {}), dimensions()["open_age"].label,
    )  # fmt: skip


def _open_counts(figure: Figure, counts: Figure | None) -> pl.DataFrame:
    """Open requests of all ages by month; from the share past due where the release has no count of its own."""
    if counts is not None and counts.state == "shown":
        return _labelled(counts)
    return _labelled(figure, figure.cells.with_columns(value=pl.col("denominator").cast(pl.Float64)))


def _without_ages(ages: Figure | None) -> int:
    """The number of months in which at least one age is not shown."""
    return 0 if ages is None else ages.cells.filter(pl.col("state") != "shown")["period_start"].n_unique()


def volumes(snapshot: Snapshot, choice: Choice) -> Section:
    """Requests received over time."""
    figure = _series(snapshot, VOLUMES, choice)
    if bare := _bare(snapshot, "volumes", "Requests received", figure):
        return bare
    assert figure is not None
    title, summary = words.volumes(figure)
    notes = words.in_series_notes(figure)
    notes = [note.replace("Open points", "Pale bars").replace("Open diamonds", "Pale bars") for note in notes]
    chart = charts.bars_over_time(
        _labelled(figure),
        axis="Requests",
        say=_say,
        alt=_alt(title, summary, notes),
        events=_events(snapshot, choice),
    )
    return Section(
        "volumes",
        title,
        summary,
        _subtitle(figure, figure.entry.title, words.grain_note(figure)),
        chart,
        (figure,),
        tuple(notes),
    )


def _target_days(standard: Mapping[str, Any] | None) -> float | None:
    """Days of a standard in calendar days; None for one in working days, which a calendar axis cannot show."""
    return float(standard["target_days"]) if standard and standard["day_type"] == "calendar" else None


def _targets(snapshot: Snapshot, choice: Choice, spread: str, figure: Figure) -> dict[str, float]:
    days = {code: _target_days(row) for code, row in standards_in_force(snapshot).items()}
    if spread == "turnaround_category":
        return {code: value for code, value in days.items() if value is not None}
    same = days.get(choice.category or "")
    return {code: same for code in figure.cells["code"].unique() if code and same is not None}


#: The sections in the order of the page: at most six charts.
SECTIONS: dict[str, Callable[[Snapshot, Choice], Section]] = {
    "within": within_over_time,
    "groups": within_by_group,
    "waits": waits_over_time,
    "wait_groups": waits_by_group,
    "backlog": backlog,
    "volumes": volumes,
}
