"""Sentences in plain English: values, periods, findings, changes and how sure one can be. No screens."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from catalogue.contracts import ROOT
from catalogue.dimensions import within_a_sentence
from catalogue.indicators import Indicator
from methods.proportions import newcombe_difference
from methods.rates import count_ratio_interval
from ui.figure import Figure, Quality

HIDDEN = "[c]"
NOT_AVAILABLE = "[x]"

#: Why a figure is hidden, as the glossary has it.
WHY_HIDDEN = "stands for fewer than 10 people, or could give such a number away"

#: Shorthand used in tables and downloads, and what it means.
SHORTHAND = {
    HIDDEN: f"Confidential: hidden because it {WHY_HIDDEN}; percentiles need more people",
    NOT_AVAILABLE: "Not available: cannot be worked out, for instance a percentile that is not reached yet",
}

MARK = {"confidential": HIDDEN, "not_available": NOT_AVAILABLE}

STATUS_MARK = {
    "official": "Official",
    "follows_official_wording": "Follows official wording",
    "uk": "UK",
    "candidate": "Candidate",
}

PERIOD_STATUS = {"final": "Final", "provisional": "Provisional", "incomplete": "Incomplete"}

#: Symbol and word of each grade.
GRADE = {
    "good": ("\N{BLACK CIRCLE}", "Good"),
    "fair": ("\N{CIRCLE WITH LEFT HALF BLACK}", "Fair"),
    "poor": ("\N{WHITE CIRCLE}", "Poor"),
}

STATISTIC = {
    "share": "Share",
    "count": "Number",
    "growth": "Growth",
    "median": "Median",
    "p90": "90th percentile",
    "p95": "95th percentile",
}

#: Shares of fewer than this many are given in whole per cent: a decimal would claim more than rounded counts can tell.
DECIMALS_FROM = 1_000

#: Counts are rounded to 5, so each may be this much higher or lower.
ROUNDING = 2.5
_COUNTS = {"now": pl.Float64, "before": pl.Float64}

#: Where fewer groups than this are shown, or fewer than half, a finding first says how many are hidden.
FEW_SHOWN = 3

#: When the clock of a standard starts.
CLOCK = {
    "received": "receipt by the laboratory",
    "collected": "the sample being taken",
    "dna_extracted": "DNA being ready",
    "decision": "the decision to test",
}

#: What is said where the months asked for hold no whole period.
NONE_WITHIN = {
    "month": "No figure is held for these months",
    "quarter": "No whole quarter lies within these months, and months hold too few requests",
    "year": "No whole 12 months lie within these months",
}

GLOSSARY_ROW = re.compile(r"^\|(?P<term>[^|]+)\|(?P<meaning>[^|]+)\|")

Row = Mapping[str, Any]


def percent(value: float, denominator: int | None = None) -> str:
    """A share as per cent, with a decimal only where the denominator bears it."""
    places = 1 if denominator is not None and denominator >= DECIMALS_FROM else 0
    return f"{100 * value:.{places}f}%"


def points(difference: float) -> str:
    """The size of a difference of shares in percentage points, without its sign."""
    size = f"{abs(100 * difference):.1f}"
    return f"{size} percentage point{'' if size == '1.0' else 's'}"


def days(value: float) -> str:
    """A number of days."""
    return f"{value:,.0f} day{'' if round(value) == 1 else 's'}"


def minus(number: str) -> str:
    """A formatted number, or a few, with a true minus sign where there was a hyphen."""
    return number.replace("-", "\N{MINUS SIGN}")


def number(value: float) -> str:
    """A count with thousands separated."""
    return f"{value:,.0f}"


def amount(row: Row) -> str:
    """The value of a row in the indicator's unit, or its shorthand where it is not shown."""
    if row["state"] != "shown" or row["value"] is None:
        return MARK.get(row["state"], NOT_AVAILABLE)
    if row["statistic"] == "count":
        return number(row["value"])
    if row["statistic"] in ("median", "p90", "p95"):
        return days(row["value"])
    return percent(row["value"], row["denominator"])


def month(day: dt.date) -> str:
    """A month in words."""
    return f"{day:%B %Y}"


def short_month(day: dt.date) -> str:
    """A month in short: the label that the address of a page holds, so it never changes."""
    return f"{day:%b %Y}"


def long_date(day: dt.date | None) -> str:
    """A date in words."""
    return f"{day.day} {day:%B %Y}" if day else "not stated"


def period(grain: str, start: dt.date, end: dt.date) -> str:
    """A period in words: `October 2026`, `July to September 2026`, `12 months to October 2026`."""
    if grain == "month":
        return month(start)
    if grain == "quarter":
        return f"{start:%B} to {end:%B %Y}"
    return f"12 months to {month(end)}"


def span(figure: Figure) -> str:
    """The months that a figure covers."""
    if figure.first is None or figure.last is None:
        return "no period"
    if figure.query.newest_only:
        return period(figure.query.grain, figure.first, figure.last)
    return f"{short_month(figure.first)} to {short_month(figure.last)}"


def when(grain: str, row: Row, snapshot: bool = False) -> str:
    """When a row's value held: `in October 2026`, or `at the end of October 2026` for a snapshot."""
    if snapshot:
        return f"at the end of {month(row['period_end'])}"
    return ("in the " if grain == "year" else "in ") + period(grain, row["period_start"], row["period_end"])


def provisional(row: Row) -> str:
    """A mark in words where a period may still change; empty where it is final."""
    return {"provisional": "Provisional", "incomplete": "Incomplete"}.get(row["period_status"], "")


def joined(names: list[str]) -> str:
    """Names as a list in a sentence: `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


# Change and uncertainty


def difference(now: Row, before: Row) -> dict[str, float] | None:
    """Difference of two shares with its 95% interval (Newcombe), from shown counts; None where a count is not shown."""
    return _difference((now["numerator"], now["denominator"], before["numerator"], before["denominator"]))


@lru_cache(maxsize=4096)
def _difference(counts: tuple[int | None, ...]) -> dict[str, float] | None:
    """Worked out once for a view: its title, its summary and its judgement all ask for it."""
    frame = pl.DataFrame([counts], schema=dict.fromkeys("abcd", pl.Float64), orient="row")
    a, b, c, d = (pl.col(name) for name in "abcd")
    found: Row = frame.select(newcombe_difference(a, b, c, d).alias("x"))["x"][0]
    return None if found["reason"] else {name: found[name] for name in ("value", "lower", "upper")}


def direction(now: Row, before: Row) -> int | None:
    """1 clearly up, -1 clearly down, 0 no clear change on a year before; None where it cannot be judged.

    Shares: the interval of the difference lies wholly on one side of nought. Days: the two 95% intervals do not
    overlap, which is the stricter test.
    """
    if now["statistic"] == "share":
        gap = difference(now, before)
        if gap is None:
            return None
        return 1 if gap["lower"] > 0 else -1 if gap["upper"] < 0 else 0
    if now["lower"] is None or before["lower"] is None or now["upper"] is None or before["upper"] is None:
        return None
    return 1 if now["lower"] > before["upper"] else -1 if now["upper"] < before["lower"] else 0


def change(entry: Indicator, now: Row, before: Row | None) -> str:
    """One sentence on the change from the same period a year before, with how sure one can be."""
    if before is None:
        return "No figure for the same period a year before to compare with."
    if now["statistic"] == "count":
        return _change_of_count(now, before)
    way = direction(now, before)
    if way is None:
        return f"A year before: {amount(before)}. Too little to say whether it changed."
    if now["statistic"] == "share":
        return _change_of_share(entry, now, before, way)
    if way == 0:
        return f"No clear change on a year before ({amount(before)}): the 95% intervals overlap."
    longer = "longer" if way > 0 else "shorter"
    gap = days(abs(now["value"] - before["value"]))
    return f"{gap} {longer} than a year before ({amount(before)}){_judged(entry, way)}."


def _change_of_share(entry: Indicator, now: Row, before: Row, way: int) -> str:
    gap = difference(now, before)
    assert gap is not None
    bounds = minus(f"95% interval {100 * gap['lower']:+.1f} to {100 * gap['upper']:+.1f}")
    was = amount(before)
    if way == 0:
        return f"No clear change on a year before ({was}; {bounds} points)."
    side = "higher" if way > 0 else "lower"
    return f"{points(gap['value'])} {side} than a year before ({was}; {bounds}){_judged(entry, way)}."


def growth_range(now: Row, before: Row) -> tuple[float, float] | None:
    """Growth of a shown count on an earlier one as a 95% range of fractions; None where either count is nought."""
    counts = pl.DataFrame({"now": [now["value"]], "before": [before["value"]]}, schema=_COUNTS)
    found = counts.select(count_ratio_interval(pl.col("now"), pl.col("before"), rounding=ROUNDING)).item()
    return None if found["lower"] is None else (found["lower"] - 1, found["upper"] - 1)


def _grown(now: Row, before: Row) -> str:
    """`5% more`, or nothing where the range of the growth takes in no change."""
    found = growth_range(now, before)
    if found is None or found[0] <= 0 <= found[1]:
        return ""
    grown = now["value"] / before["value"] - 1
    return f"{abs(grown):.0%} {'more' if grown > 0 else 'fewer'}"


def _change_of_count(now: Row, before: Row) -> str:
    found = growth_range(now, before)
    was = number(before["value"] or 0)
    if found is None:
        return f"A year before: {was}."
    bounds = minus(f"95% range {100 * found[0]:+.0f}% to {100 * found[1]:+.0f}%")
    grown = _grown(now, before)
    if not grown:
        return f"No clear change on a year before ({was}; {bounds})."
    return f"{grown} than a year before ({was}; {bounds})."


def _judged(entry: Indicator, way: int) -> str:
    if entry.better == "context":
        return ""
    return ": an improvement" if (way > 0) == (entry.better == "higher") else ": a worsening"


def against_target(row: Row, target: float) -> str:
    """Where a share's interval lies against a target share: `below`, `at or above`, or `not clearly different from`."""
    if row["lower"] is None or row["upper"] is None:
        return "not clearly different from"
    if row["upper"] < target:
        return "below"
    return "at or above" if row["lower"] >= target else "not clearly different from"


def about_target(entry: Indicator) -> str:
    """What the entry's caveats say of the line that shares are judged by; empty where they say nothing."""
    if entry.target is None:
        return ""
    return next((text for text in entry.caveats if text.startswith(f"The {entry.target.value:g}% line")), "")


# Findings: titles of charts


def short_change(now: Row, before: Row | None) -> str:
    """The change on a year before in a few words, for a title; empty where there is nothing to say."""
    if before is None:
        return ""
    if now["statistic"] == "count":
        grown = _grown(now, before)
        return f", {grown} than a year before" if grown else ", no clear change on a year before"
    way = direction(now, before)
    if way is None:
        return ""
    return {1: ", up on a year before", -1: ", down on a year before", 0: ", no clear change on a year before"}[way]


def nothing_to_show(figure: Figure | None, measure: str) -> tuple[str, str] | None:
    """Title and sentence where a figure has nothing to show; None where it has."""
    if figure is None:
        return f"{measure}: not in this release", "The current release does not publish this measure."
    title = figure.entry.title
    if figure.state == "not_published":
        return (
            f"{title}: not published for this view",
            "Only registered combinations are published, so that nobody can be told apart. Choose a wider view above.",
        )
    if figure.state == "empty" and figure.history.height:
        return f"{title}: no figures for these months", f"{NONE_WITHIN[figure.query.grain]}. Choose other months above."
    if figure.state == "empty":
        return (
            f"{title}: no figures for these filters",
            "Nothing was recorded for this view in these months. Choose other filters above.",
        )
    if figure.state == "hidden":
        return (
            f"{title}: every figure is hidden [c]",
            f"Each figure here is hidden because it {WHY_HIDDEN}{_more_for(figure)}. Choose a wider view above.",
        )
    if figure.state == "not_available":
        return (
            f"{title}: too few to work out [x]",
            "There are too few requests here for a figure that can be relied on. Choose a wider view above.",
        )
    return None


def _newest_first(figure: Figure, what: str, title: str, summary: str, more: str = "") -> tuple[str, str]:
    """The finding and summary, or, where the newest period is hidden, that it is, and the old finding as its summary.

    So an old figure is never read as today's. what: what is hidden; more: what is known of the newest period all the
    same.
    """
    row = figure.unshown
    if row is None:
        return title, summary
    moment = when(figure.query.grain, row, snapshot=figure.entry.kind == "snapshot")
    mark = f"hidden {HIDDEN}" if row["state"] == "confidential" else f"not available {NOT_AVAILABLE}"
    return f"{what} is {mark} {moment}", f"{more} Last shown: {lower_first(title)}.".strip()


def within_standard(figure: Figure, target: float | None) -> tuple[str, str]:
    """Finding and summary of the share within standard over time."""
    now = figure.headline
    if now is None:
        return f"{figure.entry.title}: no complete period to report", "Only incomplete periods are held for this view."
    before = figure.a_year_before
    moment = when(figure.query.grain, now)
    title = f"{amount(now)} of requests due {moment} were reported within standard{short_change(now, before)}"
    sentences = [change(figure.entry, now, before)]
    if target is not None and now["lower"] is not None:
        interval = f"{100 * now['lower']:.1f}% to {100 * now['upper']:.1f}%"
        sentences.append(f"The share is {against_target(now, target)} the {target:.0%} line (95% interval {interval}).")
    return _newest_first(figure, "The share of requests reported within standard", title, " ".join(sentences))


def by_group(figure: Figure, plural: str, target: float, counted: frozenset[str] | None = None) -> tuple[str, str]:
    """Finding and summary of shares side by side against a target; counted: the codes that sentences count, or all."""
    rows = _of(figure.cells, counted)
    shown = [row for row in rows if row["state"] == "shown"]
    below = sum(against_target(row, target) == "below" for row in shown)
    above = sum(against_target(row, target) == "at or above" for row in shown)
    spans = f"and {len(shown) - below - above or 'none'} where the interval spans it, in the {span(figure)}."
    if hidden := mostly_hidden(rows):
        clearly = f"{below or 'none'} clearly below the {target:.0%} line, {above or 'none'} clearly at or above it"
        return f"{hidden} {plural} are hidden {HIDDEN}", f"Of the {len(shown)} shown, {clearly}, {spans}"
    title = f"{so_many(below, len(shown), of_shown(plural, rows))} clearly below the {target:.0%} line"
    return title, f"{above or 'None'} clearly at or above it, {spans}{left_out(rows)}"


def waits(figure: Figure) -> tuple[str, str]:
    """Finding and summary of percentiles over time: estimates, since some requests are still open."""
    now = figure.headline
    if now is None:
        return (
            f"{figure.entry.title}: not reached yet",
            "The newest requests are still waiting, so no percentile can be told yet.",
        )
    ninetieth = _same_period(figure, now, "p90")
    title = f"Half of requests received {when(figure.query.grain, now)} are expected within {days(now['value'])}"
    if ninetieth is not None:
        title += f", nine in ten within {days(ninetieth['value'])}"
    sentences = ["These are estimates, in which requests still open are counted as still waiting."]
    if now["period_status"] == "provisional":
        title = f"Provisional: {lower_first(title)}"
        sentences.append(
            "They are provisional: some of these requests are still open, and late reports may change them."
        )
    if ninetieth is None:
        sentences.append("When nine in ten are expected is not shown: too few people, or not reached yet.")
    sentences.append(f"Median: {lower_first(change(figure.entry, now, figure.a_year_before))}")
    newest = figure.unshown
    if newest is not None and newest["state"] == "not_available":
        sentences.append(f"The median of later requests cannot be told yet {NOT_AVAILABLE}.")
        return title, " ".join(sentences)
    return _newest_first(figure, "The median for requests received", title, " ".join(sentences))


def waits_by_group(
    figure: Figure, plural: str, targets: Mapping[str, float], counted: frozenset[str] | None = None
) -> tuple[str, str]:
    """Finding and summary of percentiles side by side against target days; counted: the codes counted, or all."""
    rows = _of(figure.statistic("p90"), counted)
    judged = [row for row in rows if row["state"] == "shown" and row["code"] in targets]
    method = "Estimates, in which requests still open are counted as still waiting"
    if hidden := mostly_hidden(rows):
        over = sum(row["value"] > targets[row["code"]] for row in judged)
        few = f"Of the {len(judged)} with a standard to compare, {over or 'none'} above it." if judged else ""
        medians = left_out(_of(figure.statistic("median"), counted))
        told = f" Medians:{medians}" if medians else ""
        return (
            f"The 90th percentile is hidden {HIDDEN} for {hidden} {plural}",
            f"{few} {method}, {span(figure)}.{told}".strip(),
        )
    if not judged:
        return f"How long requests took: {plural} side by side", (
            f"Median and 90th percentile, {span(figure)}. {method}.{left_out(rows)}"
        )
    over = sum(row["value"] > targets[row["code"]] for row in judged)
    where = f"{over} of {len(judged)} {of_shown(plural, rows)}"
    title = f"In {where}, more than one request in ten is expected to exceed the standard"
    return title, (
        f"The 90th percentile against the days of the standard in force, {span(figure)}, in calendar days "
        f"from the start of the clock, less paused days. {method}.{left_out(rows)}"
    )


def backlog(figure: Figure, still_open: Row | None = None) -> tuple[str, str]:
    """Finding and summary of open requests, from a figure without ages; still_open: the newest count of all of them."""
    now = figure.headline
    if now is None:
        return f"{figure.entry.title}: no complete month to report", "Only incomplete months are held for this view."
    moment = when("month", now, snapshot=True)
    late, still = now["numerator"], now["denominator"]
    title = f"{number(late)} of {number(still)} open requests were past due {moment} ({amount(now)})"
    summary = f"Share past due: {lower_first(change(figure.entry, now, figure.a_year_before))}"
    more = ""
    if still_open is not None:
        more = f"{amount(still_open)} requests were open {when('month', still_open, snapshot=True)}."
    return _newest_first(figure, "Past due", title, summary, more)


def volumes(figure: Figure) -> tuple[str, str]:
    """Finding and summary of requests received."""
    now = figure.headline
    if now is None:
        return f"{figure.entry.title}: no complete period to report", "Only incomplete periods are held for this view."
    before = figure.a_year_before
    title = f"{number(now['value'])} requests were received {when(figure.query.grain, now)}{short_change(now, before)}"
    return _newest_first(figure, "The number of requests received", title, change(figure.entry, now, before))


def _of(cells: pl.DataFrame, counted: frozenset[str] | None) -> list[dict[str, Any]]:
    return [row for row in cells.to_dicts() if counted is None or row["code"] in counted]


def mostly_hidden(rows: list[dict[str, Any]]) -> str:
    """`14 of 15` where so many groups are hidden that a count of the rest would mislead; empty where they are not."""
    hidden = sum(row["state"] == "confidential" for row in rows)
    shown = sum(row["state"] == "shown" for row in rows)
    few = shown < FEW_SHOWN or 2 * shown < len(rows)
    return f"{hidden} of {len(rows)}" if hidden and few else ""


def _same_period(figure: Figure, row: Row, statistic: str) -> Row | None:
    rows = figure.statistic(statistic).filter(
        (pl.col("period_start") == row["period_start"]) & (pl.col("state") == "shown")
    )
    return rows.row(0, named=True) if rows.height else None


def so_many(found: int, of: int, plural: str) -> str:
    """The subject of a sentence: `3 of the 4 laboratories are`, `All 4 ... are`, `Both ... are`, `None of ... is`."""
    if of == 1:
        return f"The only one of the {plural} is{'' if found else ' not'}"
    if found == of == 2:
        return f"Both {plural} are"
    if found == of and of > 1:
        return f"All {of} {plural} are"
    return f"{found or 'None'} of the {of} {plural} {'is' if found < 2 else 'are'}"


def of_shown(plural: str, rows: list[dict[str, Any]]) -> str:
    """The name of groups in a count of those shown: `boards`, or `boards shown` where others are not."""
    return plural if all(row["state"] == "shown" for row in rows) else f"{plural} shown"


def left_out(rows: list[dict[str, Any]]) -> str:
    """How many groups are hidden or cannot be told, as sentences; empty where all are shown."""
    hidden = sum(row["state"] == "confidential" for row in rows)
    missing = sum(row["state"] == "not_available" for row in rows)
    text = ""
    if hidden:
        text += f" {hidden} hidden {HIDDEN}."
    if missing:
        text += f" {missing} cannot be told {NOT_AVAILABLE}."
    return text


def lower_first(text: str) -> str:
    """A text as it goes on within a sentence: a small first letter, but `SIMD` as it is."""
    return within_a_sentence(text)


def in_series_notes(figure: Figure) -> list[str]:
    """What a reader must know of the points of a series: which may change, which are hidden or missing."""
    rows = figure.statistic(figure.statistics[0])
    notes = []
    if since := _first(rows, "provisional"):
        notes.append(f"Open points are provisional (the first: {since}): late reports may change them.")
    if since := _first(rows, "incomplete"):
        notes.append(f"Open diamonds are incomplete (from {since}): not everything has been submitted.")
    if hidden := _so_many_points(figure, "confidential"):
        notes.append(f"{hidden.format(f'hidden {HIDDEN}')}: each {WHY_HIDDEN}{_more_for(figure)}.")
    if missing := _so_many_points(figure, "not_available"):
        notes.append(f"{missing.format(f'not available {NOT_AVAILABLE}')}: not reached yet, or too few.")
    without = [STATISTIC[name] for name in figure.statistics[1:] if "shown" not in figure.statistic(name)["state"]]
    if without:
        notes.append(f"No line is drawn where nothing of it is shown: {joined(without)}.")
    return notes


def _more_for(figure: Figure) -> str:
    """That percentiles need more people than counts, where a figure has them."""
    return "; percentiles need more people" if figure.entry.kind == "time_to_event" else ""


def _so_many_points(figure: Figure, state: str) -> str:
    """How many points are in a state, with a place for its name; by statistic where there are several."""
    found = {name: figure.statistic(name).filter(pl.col("state") == state).height for name in figure.statistics}
    some = {name: count for name, count in found.items() if count}
    if len(found) == 1 or not some:
        return "".join(f"{count} {{}}" for count in some.values())
    return "Points {} (" + ", ".join(f"{STATISTIC[name].lower()} {count}" for name, count in some.items()) + ")"


def _first(rows: pl.DataFrame, status: str) -> str:
    """The first month of a status, in short; empty where there is none."""
    months: list[dt.date] = rows.filter(pl.col("period_status") == status)["period_start"].to_list()
    return short_month(min(months)) if months else ""


def grain_note(figure: Figure) -> str:
    """Which grain was chosen and why."""
    if figure.query.grain == "month":
        return "A point a month."
    if figure.query.grain == "quarter":
        return "A point a quarter, because months hold too few requests."
    return "A point for 12 months, because shorter periods hold too few requests."


def reason(text: str) -> str:
    """A reason of a grade as part of a sentence, in the words of the glossary."""
    return text.rstrip(".").replace("residence board", "board of residence")


def grade_cell(grade: str | None) -> str:
    """A grade as a cell of a table, its symbol never parted from its word."""
    mark, word = GRADE.get(grade or "", ("", "Not graded"))
    return f"{mark}\N{NO-BREAK SPACE}{word}" if mark else word


def graded(grade: Quality | None) -> str:
    """A grade as symbol and word: `\N{CIRCLE WITH LEFT HALF BLACK} fair`."""
    if grade is None:
        return "not graded"
    mark, word = GRADE.get(grade.grade, ("", grade.grade))
    return f"{mark} {word.lower()}".strip()


def quality(grade: Quality | None) -> str:
    """Quality grade and why, in one line."""
    why = f" ({'; '.join(reason(text) for text in grade.reasons)})" if grade and grade.reasons else ""
    return f"{graded(grade)}{why}"


def quality_of(figure: Figure) -> str:
    """The grade of a figure's own place at its headline, and how many of its periods or groups are poor."""
    grade = figure.quality
    said = f"Data quality: {graded(grade)}"
    if grade is None or grade.start is None:
        return f"{said}."
    if until := figure.graded_until:
        said += f" in {'the ' if figure.query.grain == 'year' else ''}{period(figure.query.grain, grade.start, until)}"
    said += "."
    if grade.periods > 1 and grade.poor_periods:
        said += f" Poor in {grade.poor_periods} of the newest {grade.periods} {figure.query.grain}s."
    if grade.poor_groups:
        said += f" Poor for {grade.poor_groups} of the {grade.groups} shown side by side."
    return said


def why_graded(grade: Quality, how: str) -> str:
    """The reasons of a grade, what to do, and how grades are made, as Markdown."""
    lines = [f"**Why {graded(grade)}**"] + [f"- {reason(text)}." for text in grade.reasons]
    if not grade.reasons:
        lines.append("- Nothing is known to be wrong with these data.")
    if grade.to_do:
        lines += ["", "**What to do**", *(f"- {text}" for text in grade.to_do)]
    if how:
        lines += ["", f"**How grades are made.** {how}"]
    return "\n".join(lines)


def gaps_shown(row: Row, needed: float) -> tuple[bool, str]:
    """Whether gaps between ethnic groups may be shown where this share of people has one recorded, and why not.

    row: a row of the share of people with a recorded ethnic group. needed: the share under which no gap is shown.
    """
    if row["state"] != "shown" or row["value"] is None:
        return False, f"How many people have a recorded ethnic group is hidden {HIDDEN}, so gaps are not shown"
    if row["value"] < needed:
        recorded = percent(row["value"], row["denominator"])
        return False, f"Recorded for {recorded} of people; below {needed:.0%} gaps are not shown"
    return True, ""


def gaps_by_group(figure: Figure, plural: str) -> str:
    """For how many groups side by side gaps would not be shown, in a sentence; empty where there is none.

    figure: the share of people with a recorded ethnic group.
    """
    needed = figure.release.gaps_need_recorded
    rows = [row for row in figure.cells.to_dicts() if row["state"] == "shown"]
    short = sum(not gaps_shown(row, needed)[0] for row in rows)
    if not short:
        return ""
    return f"Below {needed:.0%} recorded, gaps between ethnic groups are not shown: {short} of {len(rows)} {plural}."


def rows_behind(grade: Quality | None) -> str:
    """The rows behind a figure: of which extracts, accepted and returned to the sender; nothing where no extract is
    behind it yet."""
    if grade is None or grade.accepted_rows is None or not (grade.extracts or grade.accepted_rows):
        return ""
    returned = (
        f"{number(grade.returned_rows)} returned to the sender"
        if grade.returned_rows is not None
        else "returned rows not stated"
    )
    names = list(grade.extracts)
    whose = f" of the {joined(names)} extract{'s' if len(names) > 1 else ''}" if names else " of the extracts behind it"
    return f"{number(grade.accepted_rows)} rows{whose} accepted, {returned} (rounded to 5)"


def iso_date(text: str) -> str:
    """An ISO date in words; other text as it is."""
    try:
        return long_date(dt.date.fromisoformat(text[:10]))
    except ValueError:
        return text


def glossary(path: Path = ROOT / "docs" / "glossary.md") -> dict[str, str]:
    """Terms and meanings from the table of docs/glossary.md; empty where there is no such file."""
    if not path.exists():
        return {}
    rows = [match for line in path.read_text(encoding="utf-8").splitlines() if (match := GLOSSARY_ROW.match(line))]
    return {match["term"].strip(): match["meaning"].strip() for match in rows[2:]}
