"""The sections of the page Outcomes: what tests led to, over time or side by side, with what is not recorded apart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from catalogue.dimensions import dimensions
from ui import aim_series, aim_words, charts, marks, outcomes_charts, theme, words
from ui import outcomes_words as said
from ui.aim_measures import tell
from ui.aim_series import labelled
from ui.charts import Chart, Line
from ui.data import Snapshot
from ui.figure import Figure, Query
from ui.figures import ask, choose_grain, latest_year, of_scotland
from ui.made_once import made_once
from ui.measures_table import interval
from ui.outcomes_filters import Choice
from ui.outcomes_measures import ACTION, BY_NAME, MOSTLY_UNSAID, OUTCOMES, PLACE, VIEWS, YIELD, Outcome
from ui.section import Section

Fixed = tuple[tuple[str, str], ...]

NO_RANK = "Lines are 95% intervals (Wilson). The order is that of the list and says nothing of rank."


@made_once(400)
def _built(key: str, name: str, choice: Choice, _snapshot: Snapshot) -> Section:  # noqa: ARG001 - key: the release
    if name == "action":
        return _action(_snapshot, choice)
    outcome = BY_NAME[name]
    if outcome is YIELD:
        return _yield(_snapshot, choice)
    spread = _spread(_snapshot, outcome.indicator, choice)
    side = _side_by_side(_snapshot, outcome, choice, spread) if spread else None
    if side is not None and side.chart is not None:
        return side
    hidden = f"{VIEWS[choice.view]} every figure is hidden {words.HIDDEN}, so it stands over time."
    return _over_time(_snapshot, outcome, choice, (hidden,) if side is not None and side.figures else ())


def build(snapshot: Snapshot, name: str, choice: Choice) -> Section:
    """A section of the page, made once for a release and a choice."""
    return _built(snapshot.key, name, choice, snapshot)


def _spread(snapshot: Snapshot, indicator: str, choice: Choice) -> str | None:
    """The dimension to spread a measure by; None for a series, where none is chosen or published."""
    entry = snapshot.indicator(indicator)
    wanted = (choice.view, *(("test_purpose",) if _by_purpose(snapshot, indicator, choice) else ()))
    return choice.view if entry is not None and choice.view and entry.has_cube(wanted) else None


def _by_purpose(snapshot: Snapshot, indicator: str, choice: Choice) -> bool:
    """Whether a measure by technology is held at one purpose."""
    entry = snapshot.indicator(indicator)
    return choice.view == "technology" and entry is not None and entry.has_cube(("technology", "test_purpose"))


def _place(snapshot: Snapshot, indicator: str, choice: Choice) -> tuple[Fixed, str]:
    """The board held, where a measure is published by board, and its name."""
    entry = snapshot.indicator(indicator)
    if choice.board is None or entry is None or not entry.has_cube((PLACE,)):
        return (), "Scotland"
    return ((PLACE, choice.board),), f"{snapshot.label(PLACE, choice.board)} (board of residence)"


def _asides(snapshot: Snapshot, indicator: str, choice: Choice) -> list[str]:
    """What a choice could not change in a section, since no such figure is published."""
    entry = snapshot.indicator(indicator)
    if entry is None:
        return []
    if choice.view and _spread(snapshot, indicator, choice) is None:
        return [f"Not published {words.lower_first(VIEWS[choice.view])}, so it stands over time."]
    if choice.board is not None and not entry.has_cube((PLACE,)):
        return ["Not published by board, so this is all of Scotland."]
    return []


def _subtitle(figure: Figure, what: str) -> str:
    when = words.span(figure)
    return f"{what}. {figure.place}. {when[:1].upper()}{when[1:]}."


def _alt(title: str, summary: str) -> str:
    return f"{title}. {summary} Every value is in the table below the chart."


def _bare(name: str, short: str, figure: Figure | None) -> Section | None:
    """A section that says why there is no chart; None where there is something to draw."""
    nothing = words.nothing_to_show(figure, short)
    if nothing is None:
        return None
    kept = (figure,) if figure is not None and figure.cells.height else ()
    return Section(name, *nothing, subtitle=figure.place if figure else "", figures=kept)


def _recorded(snapshot: Snapshot, outcome: Outcome, figure: Figure) -> Figure | None:
    """For how many it is recorded, of the same place and length of time; None where that is not counted."""
    if not outcome.unsaid:
        return None
    query = replace(figure.query, indicator=outcome.unsaid)
    found = ask(snapshot, query, figure.place)
    return found if found is not None and found.cells.height else None


def _at(figure: Figure | None, row: dict[str, Any] | None) -> dict[str, Any] | None:
    """The row of the period of another row."""
    if figure is None or row is None:
        return None
    rows = figure.cells.filter(period_start=row["period_start"], statistic="share")
    return rows.row(0, named=True) if rows.height else None


def _both(*figures: Figure | None) -> tuple[Figure, ...]:
    return tuple(figure for figure in figures if figure is not None)


# All at once

#: Columns of the overview.
OVERVIEW_HEADINGS = ("What came of tests", "Newest", "95% interval", "Period", "Not recorded", "Data quality")


@dataclass(frozen=True)
class Overview:
    """All outcomes at once: the section, and what is cited of each line."""

    section: Section
    cited: list[tuple[str, str]]


@made_once(60)
def _all_at_once(key: str, choice: Choice, _snapshot: Snapshot) -> Overview:  # noqa: ARG001 - key: the release
    lines, cited, most = [], [], []
    for outcome in OUTCOMES:
        fixed, place = _place(_snapshot, outcome.indicator, choice)
        figure = ask(_snapshot, Query(outcome.indicator, "year", fixed), place)
        if figure is None or figure.cells.is_empty():
            continue
        row = _newest(figure)
        other = _at(_recorded(_snapshot, outcome, figure), row)
        unsaid = said.unsaid_share(other)
        if unsaid is not None and unsaid >= MOSTLY_UNSAID and not (outcome.within or outcome.apart):
            most.append(outcome.short)
        name = outcome.short if fixed or choice.board is None else f"{outcome.short}, Scotland"
        lines.append(_line(name, outcome, figure, row, other))
        cited.append((words.lower_first(name), figure.cited(row["period_start"], row["period_end"], ("share",))))
    if not lines:
        none = Section("overview", "Outcomes: none in this release", "The release publishes none of these measures.")
        return Overview(none, [])
    title, summary = said.overview([line[1] for line in lines], most)
    where = "Scotland" if choice.board is None else f"{_snapshot.label(PLACE, choice.board)} (board of residence)"
    table = pl.DataFrame(lines, schema=dict.fromkeys(OVERVIEW_HEADINGS, pl.String), orient="row")
    return Overview(
        Section("overview", title, summary, f"{where}. The newest 12 months of each.", table=table), cited
    )  # fmt: skip


def overview(snapshot: Snapshot, choice: Choice) -> Overview:
    """Every share of the page at once, made once for a release and a choice: its newest value, and for how many it is
    not recorded. The yield is left out, for it is never told over all technologies."""
    return _all_at_once(snapshot.key, Choice(board=choice.board), snapshot)


def _newest(figure: Figure) -> dict[str, Any]:
    """The newest complete period, shown or not; the newest of all where none is complete."""
    rows = figure.statistic("share").sort("period_start")
    complete = rows.filter(pl.col("period_status") != "incomplete")
    return (complete if complete.height else rows).row(-1, named=True)


def _line(name: str, outcome: Outcome, figure: Figure, row: dict[str, Any], other: dict[str, Any] | None) -> list[str]:
    unsaid = said.unsaid_share(other)
    missing = "Not told apart" if not outcome.unsaid else words.amount(other) if other else words.NOT_AVAILABLE
    if unsaid is not None:
        missing = f"{words.percent(unsaid)} of {outcome.of}"
    when = words.period("year", row["period_start"], row["period_end"])
    mark = words.provisional(row)
    return [
        name, words.amount(row), interval(row), f"{when}{f' ({mark.lower()})' if mark else ''}", missing,
        words.grade_cell(figure.grade),
    ]  # fmt: skip


# Over time


def _over_time(snapshot: Snapshot, outcome: Outcome, choice: Choice, aside: tuple[str, ...] = ()) -> Section:
    """A measure over time. aside: why, where something else was chosen."""
    fixed, place = _place(snapshot, outcome.indicator, choice)
    grain = choose_grain(snapshot, outcome.indicator, fixed)
    figure = ask(snapshot, Query(outcome.indicator, grain, fixed), place)
    if bare := _bare(outcome.name, outcome.short, figure):
        return bare
    assert figure is not None
    recorded = _recorded(snapshot, outcome, figure)
    title, summary = said.over_time(outcome, figure, _at(recorded, figure.headline))
    hints = [outcome.hint, *aside, *_asides(snapshot, outcome.indicator, choice)]
    notes = [*hints, *_of_bars(figure)]
    chart: Chart | None
    if grain == "year":
        chart = _bands(outcome, figure, recorded, _alt(title, summary))
    else:
        told = tell(snapshot, outcome.indicator, fixed)
        charted = aim_series.series(snapshot, told) if told is not None else None
        chart = charted.chart if charted is not None else None
        if told is not None and charted is not None:
            summary = f"{summary} {aim_words.direction(told)}".strip()
            notes = [*hints, *charted.notes]
            figure = charted.figures[0] if charted.figures else figure
            recorded = _recorded(snapshot, outcome, figure)
        if chart is not None and recorded is not None:
            chart = outcomes_charts.with_unsaid_below(chart, recorded.cells, outcome.bands[2])
            chart = Chart(chart.figure, _alt(title, summary), chart.key)
    return Section(
        outcome.name, title, summary, _subtitle(figure, figure.entry.title), chart, _both(figure, recorded),
        tuple(filter(None, notes)),
    )  # fmt: skip


def _of_bars(figure: Figure) -> list[str]:
    """What a reader must know of bars: which may change, which are hidden."""
    notes = words.in_series_notes(figure)
    if any(note.startswith("Open ") for note in notes):
        notes = ["Late reports may change a bar marked provisional or incomplete.", *notes]
    return [note for note in notes if not note.startswith("Open ")]


def bands_of(outcome: Outcome, figure: Figure, recorded: Figure | None) -> list[dict[str, Any]]:
    """A row a period: how many had the outcome, had it not, and are not recorded, as `outcomes_charts.bands` draws
    them."""
    rows = []
    stacks = recorded is not None and not outcome.apart
    for row in figure.statistic("share").sort("period_start").to_dicts():
        other = _at(recorded, row) if stacks else None
        shown = row["state"] == "shown"
        yes = row["numerator"] if shown else None
        no = row["denominator"] - row["numerator"] if shown else None
        unsaid = other["denominator"] - other["numerator"] if other is not None and other["state"] == "shown" else None
        if outcome.within and no is not None and unsaid is not None:
            no = max(no - unsaid, 0)
        rows.append(
            {
                "label": outcomes_charts.ends(row["period_end"]), "status": row["period_status"],
                "yes": yes, "no": no, "unsaid": unsaid, "mark": words.MARK.get(row["state"], words.NOT_AVAILABLE),
            }
        )  # fmt: skip
    return rows


def _bands(outcome: Outcome, figure: Figure, recorded: Figure | None, alt: str) -> Chart:
    yes, no, unsaid = outcome.bands
    stacked = outcome.bands if recorded is not None and not outcome.apart else (yes, no, "")
    chart = outcomes_charts.bands(bands_of(outcome, figure, recorded), stacked, alt=alt)
    if recorded is not None and outcome.apart:
        chart = outcomes_charts.apart(chart, recorded.cells, unsaid)
    return chart


# Side by side


def _side_by_side(snapshot: Snapshot, outcome: Outcome, choice: Choice, spread: str) -> Section:
    fixed: Fixed = ()
    place = "Scotland"
    if _by_purpose(snapshot, outcome.indicator, choice):
        fixed = (("test_purpose", choice.purpose),)
        place = f"Scotland, purpose: {words.lower_first(snapshot.label('test_purpose', choice.purpose))}"
    return _spread_out(snapshot, outcome, fixed, place, spread, [outcome.hint])


def _spread_out(
    snapshot: Snapshot, outcome: Outcome, fixed: Fixed, place: str, spread: str, hints: list[str]
) -> Section:
    """The newest 12 months side by side, in the order of the list."""
    start = latest_year(snapshot, outcome.indicator, None)
    query = Query(outcome.indicator, "year", fixed, spread, start, None, newest_only=True)
    figure = ask(snapshot, query, place)
    if bare := _bare(outcome.name, outcome.short, figure):
        return bare
    assert figure is not None
    recorded = _recorded(snapshot, outcome, figure)
    labels, dimension = snapshot.facts.labels.get(spread, {}), dimensions()[spread]
    rows = [row for row in figure.cells.to_dicts() if _counts(spread, row["code"])]
    title, summary = said.side_by_side(outcome, rows, dimension.plural, words.span(figure), labels)
    drawn = [code for code in _drawn(figure, recorded) if _counts(spread, code)]
    if len(drawn) < len(rows):
        hints = [*hints, "What is hidden altogether stands in the table to open only."]
    chart = outcomes_charts.side_by_side(
        figure.cells.filter(pl.col("code").is_in(drawn)), recorded.cells if recorded is not None else None,
        list(labels.items()),
        axis=outcome.short, unsaid=outcome.bands[2],
        say=lambda row: f"{words.amount(row)} ({interval(row)})", alt=_alt(title, summary),
    )  # fmt: skip
    return Section(
        outcome.name, title, summary,
        _subtitle(figure, f"{figure.entry.title}, by {dimension.inline}"),
        chart, _both(figure, recorded), tuple(filter(None, [NO_RANK, *hints])), labels, dimension.label,
    )  # fmt: skip


def _counts(spread: str, code: str) -> bool:
    """Whether a code is drawn and counted: of boards, the fourteen, each once; the table has merges and others too."""
    counted = of_scotland(spread)
    return counted is None or code in counted


def _drawn(figure: Figure, recorded: Figure | None) -> list[str]:
    """The codes of which anything is shown."""
    frames = [figure.cells, *([recorded.cells] if recorded is not None else [])]
    return pl.concat(frame.filter(state="shown")["code"] for frame in frames).unique().to_list()


def _yield(snapshot: Snapshot, choice: Choice) -> Section:
    """Yield by technology, of the purpose that it is counted for, within a clinical group where one is chosen."""
    fixed: Fixed = (("clinical_group", choice.group),) if choice.group else ()
    group = f", {words.lower_first(snapshot.label('clinical_group', choice.group))}" if choice.group else ""
    hints = [
        YIELD.hint,
        "Counted for the purpose of a diagnosis only; carrier, predictive, cascade and prenatal tests have none.",
    ]
    return _spread_out(snapshot, YIELD, fixed, f"Scotland, purpose: diagnosis{group}", "technology", hints)


#: Columns of the table of yields.
YIELD_HEADINGS = ("Technology", "Yield (95% interval)", "Explained", "Out of", "Does not say")


def yield_table(section: Section) -> pl.DataFrame | None:
    """Each stratum of the yield as a row: the share with its interval, both counts, and how many do not say. Those
    hidden altogether are left out."""
    if section.chart is None or not section.figures:
        return None
    figure, *rest = section.figures
    unsaid = {row["code"]: row for row in rest[0].cells.to_dicts()} if rest else {}
    labels = section.labels or {}
    lines = []
    drawn = _drawn(figure, rest[0] if rest else None)
    for row in sorted(
        figure.cells.filter(pl.col("code").is_in(drawn)).to_dicts(), key=lambda row: list(labels).index(row["code"])
    ):
        shown = row["state"] == "shown"
        mark = words.amount(row)
        size = f"{mark} ({interval(row)})" if shown else mark
        counts = [words.number(row[name]) if shown else mark for name in ("numerator", "denominator")]
        lines.append([labels[row["code"]], size, *counts, _so_many_unsaid(unsaid.get(row["code"]))])
    return pl.DataFrame(lines, schema=dict.fromkeys(YIELD_HEADINGS, pl.String), orient="row")


def _so_many_unsaid(row: dict[str, Any] | None) -> str:
    if row is None:
        return words.NOT_AVAILABLE
    if row["state"] != "shown":
        return words.amount(row)
    return f"{words.number(row['denominator'] - row['numerator'])} of {words.number(row['denominator'])}"


# Days to the first action


def _action(snapshot: Snapshot, choice: Choice) -> Section:
    short = "Days from report to first action"
    spread = _spread(snapshot, ACTION, choice)
    if spread:
        return _actions_side_by_side(snapshot, spread, short)
    fixed, place = _place(snapshot, ACTION, choice)
    figure = ask(snapshot, Query(ACTION, "year", fixed), place)
    if bare := _bare("action", short, figure):
        return bare
    assert figure is not None
    title, summary = said.action(figure)
    chart = charts.over_time(
        labelled(figure),
        [Line("Median", "median", theme.NAVY, band=True), Line("90th percentile", "p90", theme.CLARET, "dash")],
        axis="Days", say=_days, alt=_alt(title, summary),
    )  # fmt: skip
    notes = ["The shaded band is the 95% interval.", *_asides(snapshot, ACTION, choice), *words.in_series_notes(figure)]
    return Section(
        "action", title, summary, _subtitle(figure, figure.entry.title), chart, (figure,), tuple(notes)
    )  # fmt: skip


def _actions_side_by_side(snapshot: Snapshot, spread: str, short: str) -> Section:
    start = latest_year(snapshot, ACTION, None)
    figure = ask(snapshot, Query(ACTION, "year", (), spread, start, None, newest_only=True))
    if bare := _bare("action", short, figure):
        return bare
    assert figure is not None
    labels, dimension = snapshot.facts.labels.get(spread, {}), dimensions()[spread]
    every = [row for row in figure.statistic("median").to_dicts() if _counts(spread, row["code"])]
    medians = [row for row in every if row["state"] == "shown"]
    values = [row["value"] for row in medians]
    title = f"{short}: the median is hidden for all {dimension.plural}"
    if values:
        low, high = words.number(min(values)), words.days(max(values))
        title = f"Half of actionable reports are acted on within {low} to {high}, by {dimension.inline}"
    summary = f"Reports without a recorded action are counted as still waiting.{words.left_out(every)}"
    drawn = [(code, marks.in_lines(name, 20)) for code, name in labels.items() if _counts(spread, code)]
    chart = charts.percentiles_side_by_side(
        figure.cells, drawn, {}, axis="Days, doubling at each step", say=_days, alt=_alt(title, summary)
    )
    return Section(
        "action", title, summary, _subtitle(figure, f"{figure.entry.title}, by {dimension.inline}"), chart,
        (figure,), ("The order is that of the list and says nothing of rank.",), labels, dimension.label,
    )  # fmt: skip


def _days(row: Any) -> str:
    return f"{words.amount(row)} ({interval(row)})" if row["state"] == "shown" else words.amount(row)
