"""What the page Where it is stuck shows: the longest stage, where it is longest, and what holds requests up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
import streamlit as st

from catalogue.dimensions import dimensions
from ui import measures_table, stage_charts, words
from ui.data import Snapshot
from ui.failed_by_sample import failed_by_sample
from ui.figure import Figure, Query
from ui.figures import ask, latest_year, of_scotland
from ui.made_once import made_once
from ui.section import Section

STAGES = "stage_days"
REASONS = "pause_reason_share"

#: What holds requests up, in the order of their path.
HELD_UP = ("failed_samples", "repeat_samples", "paused_requests", "forwarded_requests", "performed_outside_scotland")

#: What may be looked at: its name in the address, which is never changed, and its dimension.
VIEWS = {
    "Scotland": None,
    "Laboratory": "performing_lab",
    "Turnaround category": "turnaround_category",
}
WIDTH = 230

COUNTED = (
    "Counted in a stage are the accepted requests received in the 12 months that have entered it; those still in it "
    "count as still waiting (censored), and those that have not reached it are not counted. Days are calendar days, "
    "with pauses left in."
)
SHARES = (
    "Share of all days: of all days that requests received in the 12 months and reported since have spent in stages "
    "that are over, in whole per cent."
)


@dataclass(frozen=True)
class Choice:
    """What a reader chose: a place, if any, and the stage to compare, if not the longest."""

    dimension: str | None = None
    code: str | None = None
    stage: str | None = None

    @property
    def fixed(self) -> tuple[tuple[str, str], ...]:
        """The dimension held at one code."""
        return ((self.dimension, self.code),) if self.dimension and self.code else ()


@dataclass(frozen=True)
class Path:
    """The stages of one place in the newest 12 months: the figure, and each stage's share of all days, and the year
    before; the longest stage where it can be told."""

    figure: Figure
    shares: Mapping[str, int]
    before: Mapping[str, int]
    longest: str | None


def choose(snapshot: Snapshot) -> Choice:
    """Draws the filters and gives what was chosen; what the release does not know falls back to the default."""
    with st.container(border=True, key="filters"), st.container(horizontal=True):
        view = st.selectbox("Look at", list(VIEWS), key="path_of", bind="query-params", width=WIDTH)
        dimension = VIEWS.get(view or "Scotland")
        code = None
        if dimension:
            code = _one(dimensions()[dimension].label, snapshot.facts.labels.get(dimension, {}), f"path_{dimension}")
        stages = snapshot.facts.labels.get("stage", {})
        stage = st.selectbox(
            "Stage to compare",
            ["", *stages],
            format_func=lambda name: stages.get(name, name) if name else "The longest",
            key="stage",
            bind="query-params",
            width=WIDTH + 60,
        )
    return Choice(dimension if code else None, code, stage if stage in stages else None)


def _one(label: str, options: Mapping[str, str], key: str) -> str | None:
    if not options:
        return None
    chosen = st.selectbox(
        label, list(options), format_func=lambda code: options.get(code, code), key=key, bind="query-params"
    )
    return chosen if chosen in options else next(iter(options))


def place(snapshot: Snapshot, choice: Choice) -> str:
    """Where the figures are of, in words."""
    return snapshot.label(choice.dimension, choice.code) if choice.dimension else "Scotland"


def path(snapshot: Snapshot, choice: Choice) -> Path | None:
    """The stages of the place chosen; None where the release does not have them."""
    start = latest_year(snapshot, STAGES, None)
    figure = ask(
        snapshot,
        Query(STAGES, "year", choice.fixed, "stage", start, None, newest_only=True),
        place(snapshot, choice),
    )
    if figure is None:
        return None
    shares = _shares(snapshot, choice, start)
    before = _shares(snapshot, choice, start.replace(year=start.year - 1)) if start else {}
    return Path(figure, shares, before, _longest(figure, shares))


def _shares(snapshot: Snapshot, choice: Choice, start: dt.date | None) -> dict[str, int]:
    """Each stage's share of all days of a place in the 12 months from a day, in per cent; empty where hidden."""
    table = snapshot.built_table("stage_shares")
    if table is None or start is None:
        return {}
    own = table.filter(
        pl.col("period_start") == start,
        pl.col("state") == "shown",
        dimension=choice.dimension or "",
        code=choice.code or "",
    )
    return dict(own.select("stage", "pct").iter_rows())


def _longest(figure: Figure, shares: Mapping[str, int]) -> str | None:
    """The stage with the greatest share of all days; where shares are hidden, that with the longest median.

    Of two that are level, the earlier one on the path.
    """
    order = list(dimensions()["stage"].labels)
    shown = [row for row in figure.statistic("median").to_dicts() if row["state"] == "shown"]
    sizes: dict[str, float] = dict(shares) if shares else {row["code"]: row["value"] for row in shown}
    return max(sizes, key=lambda stage: (sizes[stage], -order.index(stage)), default=None)


def _row(figure: Figure, stage: str, statistic: str = "median", period: dt.date | None = None) -> dict[str, Any] | None:
    rows = (figure.cells if period is None else figure.history).filter(
        pl.col("statistic") == statistic, pl.col("state") == "shown", code=stage
    )
    rows = rows if period is None else rows.filter(pl.col("period_start") == period)
    return rows.row(0, named=True) if rows.height else None


def _before(figure: Figure, stage: str) -> dict[str, Any] | None:
    """The median of a stage a year before, where shown."""
    start = figure.first
    return _row(figure, stage, "median", start.replace(year=start.year - 1)) if start else None


def stages(snapshot: Snapshot, choice: Choice) -> Section:
    """Which stage takes longest, and whether that changed."""
    name, found = "stages", path(snapshot, choice)
    labels = snapshot.facts.labels.get("stage", {})
    if found is None or found.longest is None:
        title = "Days in each stage"
        nothing = words.nothing_to_show(found.figure if found else None, title)
        return Section(name, *(nothing or (f"{title}: too few to tell", "Choose a wider view above.")))
    figure, stage = found.figure, found.longest
    share, was = found.shares.get(stage), found.before.get(stage)
    title = f"{labels.get(stage, stage)} takes longest"
    if share is not None:
        title += f": {share}% of all days"
        if was is not None:
            title += f" ({was}% the year before)"
    sentences = [_through(figure, stage)]
    now, then = _row(figure, stage), _before(figure, stage)
    if now is not None:
        sentences.append(f"Median: {words.lower_first(words.change(figure.entry, now, then))}")
    longest_then = max(found.before, key=lambda code: found.before[code], default=None)
    if longest_then and longest_then != stage:
        sentences.append(f"The year before, {words.lower_first(labels[longest_then])} took longest.")
    summary = " ".join(filter(None, sentences))
    chart = stage_charts.stages(
        figure.cells,
        list(labels.items()),
        highlight=stage,
        say=words.amount,
        alt=f"{title}. {summary} Every value is in the table below the chart.",
    )
    return Section(
        name, title, summary, f"Days in each stage. {figure.place}. {_period(figure)}", chart, (figure,),
        (COUNTED, *([SHARES] if found.shares else []), *_unsettled(figure)), labels, "Stage",
        _stage_table(found, labels),
    )  # fmt: skip


def _through(figure: Figure, stage: str) -> str:
    """By when half and nine in ten are through a stage."""
    half, most = _row(figure, stage), _row(figure, stage, "p90")
    if half is None:
        return ""
    text = f"Half of the requests that entered it are through within {words.days(half['value'])}"
    return f"{text}, nine in ten within {words.days(most['value'])}." if most else f"{text}."


def _stage_table(found: Path, labels: Mapping[str, str]) -> pl.DataFrame:
    """A row a stage, in the order of the path."""
    cells = {(row["code"], row["statistic"]): row for row in found.figure.cells.to_dicts()}
    rows = []
    for stage, label in labels.items():
        median, most = cells.get((stage, "median")), cells.get((stage, "p90"))
        if median is None:
            continue
        before = _before(found.figure, stage)
        rows.append(
            {
                "Stage": f"{label} (longest)" if stage == found.longest else label,
                "Share of all days": _pct(found.shares.get(stage)),
                "A year before": _pct(found.before.get(stage)),
                "Median": words.amount(median),
                "Median a year before": words.amount(before) if before else words.NOT_AVAILABLE,
                "Nine in ten within": words.amount(most) if most else words.HIDDEN,
            }
        )
    return pl.DataFrame(rows)


def _pct(share: int | None) -> str:
    return words.HIDDEN if share is None else f"{share}%"


def _period(figure: Figure) -> str:
    text = words.span(figure)
    return f"{text[:1].upper()}{text[1:]} of receipt"


def _unsettled(figure: Figure) -> list[str]:
    status = figure.cells["period_status"].unique().to_list()
    settled = "provisional" not in status and "incomplete" not in status
    return [] if settled else ["The newest 12 months may still change."]


def by_laboratory(snapshot: Snapshot, choice: Choice) -> Section:
    """The stage by laboratory."""
    return _compared(snapshot, choice, "performing_lab", "by_laboratory")


def by_category(snapshot: Snapshot, choice: Choice) -> Section:
    """The stage by turnaround category."""
    return _compared(snapshot, choice, "turnaround_category", "by_category")


def _compared(snapshot: Snapshot, choice: Choice, dimension: str, name: str) -> Section:
    """One stage of every place of a dimension side by side, all of Scotland, against Scotland's median."""
    found = path(snapshot, choice)
    stage = choice.stage or (found.longest if found else None)
    start = latest_year(snapshot, STAGES, None)
    everywhere = path(snapshot, Choice())
    title = f"Where it takes longest, by {dimensions()[dimension].inline}"
    if stage is None or everywhere is None:
        return Section(name, f"{title}: nothing to show", "The release shows no stage of the path for this view.")
    query = Query(STAGES, "year", (("stage", stage),), dimension, start, None, newest_only=True)
    figure = ask(snapshot, query, "Scotland")
    if nothing := words.nothing_to_show(figure, title):
        return Section(name, *nothing)
    assert figure is not None
    label = snapshot.label("stage", stage)
    labels = snapshot.facts.labels.get(dimension, {})
    scotland = _row(everywhere.figure, stage)
    counted = of_scotland(dimension)
    rows = [row for row in figure.statistic("median").to_dicts() if counted is None or row["code"] in counted]
    shown = [row for row in rows if row["state"] == "shown"]
    finding = f"{label}: hidden {words.HIDDEN}"
    summary = f"Too few people for a median of this stage, {dimensions()[dimension].inline} apart."
    if shown and scotland is not None:
        finding, summary = _told(figure, label, scotland, dimension, rows, labels)
    chart = stage_charts.places(
        figure.cells,
        list(labels.items()),
        against=scotland["value"] if scotland else None,
        say=words.amount,
        alt=f"{finding}. {summary} Every value is in the table below the chart.",
    )
    notes = ["The order is that of the list and says nothing of rank.", *_unsettled(figure)]
    if dimension == "performing_lab":
        notes.append("Laboratories do different tests, so a longer stage need not be a slower laboratory.")
    return Section(
        name, finding, summary, f"{label}, by {dimensions()[dimension].inline}. Scotland. {_period(figure)}",
        chart, (figure,), tuple(notes), labels, dimensions()[dimension].label,
    )  # fmt: skip


def _told(
    figure: Figure,
    label: str,
    scotland: Mapping[str, Any],
    dimension: str,
    rows: list[dict[str, Any]],
    labels: Mapping[str, str],
) -> tuple[str, str]:
    """Finding and summary of one stage by place: where it is longer than in Scotland, or, of categories, which do
    different work, where it is longer than a year before; and where it changed."""
    plural = dimensions()[dimension].plural
    shown = [row for row in rows if row["state"] == "shown"]
    some = plural if len(shown) == len(rows) else f"{plural} shown"
    ways = [(row, _way(figure, row)) for row in shown]
    slower, faster = ([_name(row, labels) for row, way in ways if way == side] for side in (1, -1))
    against = f"Scotland: half are through within {words.days(scotland['value'])}."
    apart = f"Clearly means that the 95% intervals of two medians do not overlap.{words.left_out(rows)}"
    changes = [f"Clearly longer than a year before: {words.joined(slower)}." if slower else ""]
    changes.append(f"Clearly shorter than a year before: {words.joined(faster)}." if faster else "")
    changed = " ".join(filter(None, changes)) or f"No clear change on a year before in any of the {some}."
    if dimension == "turnaround_category":
        finding = f"{label}: clearly longer than a year before in {len(slower) or 'none'} of the {len(shown)} {some}"
        return finding, f"{changed} {against} {apart}"
    longer = [_name(row, labels) for row in shown if words.direction(row, scotland) == 1]
    finding = (
        f"{label}: clearly longer than in Scotland as a whole in {len(longer) or 'none'} of the {len(shown)} {some}"
    )
    named = f"Longer than in Scotland: {words.joined(longer)}. " if longer else ""
    return finding, f"{named}{changed} {against} {apart}"


def _name(row: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    return labels.get(row["code"], row["code"])


def _way(figure: Figure, row: Mapping[str, Any]) -> int | None:
    """Whether a place's median is clearly longer (1) or shorter (-1) than a year before."""
    start = row["period_start"]
    before = _row(figure, row["code"], "median", start.replace(year=start.year - 1))
    return words.direction(row, before) if before else None


def held_up(snapshot: Snapshot, choice: Choice) -> Section:
    """Failed and repeated samples, pauses, and work done elsewhere, of the place chosen."""
    figures = [figure for name in HELD_UP if (figure := _measure(snapshot, name, choice)) is not None]
    where = place(snapshot, choice)
    if not figures:
        return Section("held_up", "What holds requests up: not in this release", "None of these measures is published.")
    told = [(figure, row) for figure in figures if figure.unshown is None and (row := figure.headline)]
    changed = [figure for figure, row in told if _is_clear(row, figure.a_year_before)]
    title = f"{len(changed) or 'None'} of {len(told)} things that hold requests up clearly changed on a year before"
    named = words.joined([words.lower_first(figure.entry.title) for figure in changed])
    summary = f"Changed: {named}." if changed else "Differences are within what chance explains."
    if not told:
        title, summary = f"What holds requests up: every figure is hidden {words.HIDDEN}", "Choose a wider view above."
    notes = [
        "Forwarded and sent outside Scotland are of the requests that a laboratory received; the others, where a "
        "laboratory is chosen, of those that it performed."
    ]
    shown = tuple(figure for figure in figures if figure.cells.height)
    return Section(
        "held_up", title, summary, f"Samples, pauses and work done elsewhere. {where}. Newest 12 months", None, shown,
        tuple(notes), table=measures_table.rows(figures),
    )  # fmt: skip


def failed(snapshot: Snapshot, choice: Choice) -> Section:
    """Failed samples by type, of the place chosen."""
    return failed_by_sample(snapshot, choice.fixed, place(snapshot, choice))


def _is_clear(now: Mapping[str, Any], before: Mapping[str, Any] | None) -> bool:
    return before is not None and bool(words.direction(now, before))


def _measure(snapshot: Snapshot, name: str, choice: Choice) -> Figure | None:
    """A measure of the place chosen; of a laboratory as the one that received where that is how it is published."""
    entry, fixed = snapshot.indicator(name), choice.fixed
    is_of_receipt = entry is not None and entry.has_cube(("receiving_lab",))
    if choice.dimension == "performing_lab" and choice.code and is_of_receipt:
        fixed = (("receiving_lab", choice.code),)
    return measures_table.year_of(snapshot, name, fixed, place(snapshot, choice))


def reasons(snapshot: Snapshot, choice: Choice) -> Section:
    """Why the clock is stopped, as shares of all accepted requests."""
    name, title = "pauses", "Why the clock is stopped"
    start = latest_year(snapshot, REASONS, None)
    query = Query(REASONS, "year", choice.fixed, "pause_reason", start, None, newest_only=True)
    figure = ask(snapshot, query, place(snapshot, choice))
    if nothing := words.nothing_to_show(figure, title):
        return Section(name, *nothing)
    assert figure is not None
    labels = snapshot.facts.labels.get("pause_reason", {})
    rows = [row for row in figure.cells.to_dicts() if row["code"] != "none"]
    shown = [row for row in rows if row["state"] == "shown"]
    if not shown:
        finding, summary = f"{title}: every reason is hidden {words.HIDDEN}", "Choose a wider view above."
    else:
        most = max(shown, key=lambda row: row["value"])
        finding = f"{labels.get(most['code'], most['code'])} is the most frequent reason of the pauses shown: "
        finding += f"{100 * most['value']:.1f}% of requests"
        summary = f"Shares are of all accepted requests received, paused or not.{words.left_out(rows)}"
    return Section(
        name, finding, summary, f"Requests by reason of the pause. {figure.place}. {_period(figure)}", None, (figure,),
        ("A request has one reason, the one that its laboratory sent last.",), labels, "Reason of the pause",
        _reason_table(figure, labels),
    )  # fmt: skip


def _reason_table(figure: Figure, labels: Mapping[str, str]) -> pl.DataFrame:
    """A row a reason in the order of the list, with the share a year before."""
    start = figure.first
    history = figure.history.filter(pl.col("period_start") == start.replace(year=start.year - 1)) if start else None
    before = {row["code"]: row for row in history.to_dicts()} if history is not None else {}
    return pl.DataFrame(
        [
            {
                "Reason": labels.get(row["code"], row["code"]),
                "Share of requests": _fine(row),
                "95% interval": measures_table.interval(row),
                "A year before": _fine(before[row["code"]]) if row["code"] in before else words.NOT_AVAILABLE,
            }
            for row in figure.cells.to_dicts()
        ]
    )


def _fine(row: Mapping[str, Any]) -> str:
    """A small share with a decimal, since whole per cent would make most of them one."""
    return f"{100 * row['value']:.1f}%" if row["state"] == "shown" else words.MARK[row["state"]]


@made_once(200)
def _built(key: str, name: str, choice: Choice, _snapshot: Snapshot) -> Section:  # noqa: ARG001 - key: the release
    return SECTIONS[name](_snapshot, choice)


def build(snapshot: Snapshot, name: str, choice: Choice) -> Section:
    """A section of the page, made once for a release and a choice."""
    return _built(snapshot.key, name, choice, snapshot)


#: The sections in the order of the page.
SECTIONS: dict[str, Callable[[Snapshot, Choice], Section]] = {
    "stages": stages,
    "by_laboratory": by_laboratory,
    "by_category": by_category,
    "held_up": held_up,
    "failed_samples": failed,
    "pauses": reasons,
}
