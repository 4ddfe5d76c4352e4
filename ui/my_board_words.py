"""Sentences of the page My board: exact figures of one health board in plain English. No screens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl

from methods.spc_icons import spc_icons
from ui import words
from ui.my_board import RARE_AT_MOST, RARE_FROM, RARE_MONTHS, RULES, SOON_DAYS, Now, View
from ui.signals_presets import by_the_rules, marks_in_words

#: What a request waits after, by the last thing that was done to it.
AFTER = {
    "received": "after receipt",
    "dna_extracted": "after DNA extraction",
    "sequenced": "after sequencing",
    "analysed": "after analysis",
    "authorised": "after authorisation",
}

#: What each rule of a control chart means, in the words of a table.
RULE = marks_in_words(RULES, "centre")

LIMITS = (
    "Dashed lines are the limits within which chance alone would keep nearly every point. A triangle marks what is "
    "more than chance "
    f"{by_the_rules(RULES)}."
)


def exact(board: str) -> str:
    """What stands at the top of the page."""
    return (
        f"**Exact figures of {board}, for its managers only: do not publish or forward.** "
        "Small numbers are not protected here."
    )


def requests(count: int) -> str:
    """`1 request`, `2 requests`."""
    return f"{count:,} request{'' if count == 1 else 's'}"


def finding(now: Now) -> str:
    """The title: how many are open, overdue, and due soon."""
    more = "1 more falls" if now.soon == 1 else f"{words.number(now.soon)} more fall"
    if not now.open:
        return "No request is open"
    if not now.overdue:
        soon = f"; {now.soon:,} {'falls' if now.soon == 1 else 'fall'} due in the next {SOON_DAYS} days"
        whole = "The one open request is not" if now.open == 1 else f"None of the {now.open:,} open requests is"
        return f"{whole} overdue{soon}"
    are = "is" if now.overdue == 1 else "are"
    whole = "The one open request" if now.open == 1 else f"{now.overdue:,} of {now.open:,} open requests"
    return f"{whole} {are} overdue, and {more} due in the next {SOON_DAYS} days"


def by_how_much(now: Now) -> str:
    """How far the overdue are past their due date; empty where none is."""
    if now.over_median is None or now.over_most is None:
        return ""
    if now.overdue == 1:
        return f"It is {words.days(now.over_most)} past its due date."
    return (
        f"Half of the overdue are {now.over_median:g} days or more past their due date, "
        f"the longest {words.days(now.over_most)}."
    )


def as_at(now: Now) -> str:
    """The day on which open requests are judged, and that days go on from there."""
    if now.judged is None:
        return ""
    first, last = now.judged
    day = words.long_date(first) if first == last else f"{words.long_date(first)} to {words.long_date(last)}"
    each = "day" if first == last else "days"
    return f"As at {day}, the {each} of the laboratories' newest extracts; what was done since is not known here."


def without_due_date(now: Now) -> str:
    """That some open requests have no due date; empty where all have."""
    if not now.no_due_date:
        return ""
    have = "has" if now.no_due_date == 1 else "have"
    return (
        f"{requests(now.no_due_date)} {have} no due date, since the turnaround extract has no row or no standard for "
        f"{'it' if now.no_due_date == 1 else 'them'}."
    )


def stuck(waits: pl.DataFrame, labs: Mapping[str, str]) -> tuple[str, str]:
    """Where most overdue requests wait, as a title and a sentence; of all open ones where none is overdue.

    waits: as `my_board.waiting` returns it.
    """
    if waits.is_empty():
        return "Nothing is waiting", "No request of this view is open."
    column, what = ("overdue", "overdue") if waits["overdue"].sum() else ("open", "open")
    total = int(waits[column].sum())
    lab, in_lab = _most(waits, "performing_lab", column)
    stage, in_stage = _most(waits, "stage", column)
    where = at(lab, labs)
    most = waits.group_by("performing_lab").agg(pl.col(column).sum()).filter(pl.col(column) == in_lab)
    if total == 1:
        return f"The {what} request waits {where}, {AFTER[stage]}", "It is the only one."
    verb = "waits" if in_lab == 1 else "wait"
    after = f"{_part(in_stage, total, again=True)} {AFTER[stage]}"
    if most.height > 1:
        names = words.joined([labs.get(code, code) for code in most["performing_lab"].sort()])
        title = f"Of {total:,} {what} requests, {in_lab:,} {verb} in each of {names}, and {after}"
    else:
        title = f"{_part(in_lab, total)} {total:,} {what} requests {verb} {where}, and {after}"
    stages = waits.group_by("stage").agg(pl.col(column).sum()).filter(pl.col(column) > 0)
    order = {name: place for place, name in enumerate(AFTER)}
    rows = sorted(stages.to_dicts(), key=lambda row: order[row["stage"]])
    parts = [f"{row[column]:,} {AFTER[row['stage']]}" for row in rows]
    return title, f"Of the {what}: {words.joined(parts)}."


def at(lab: str, labs: Mapping[str, str]) -> str:
    """Where a request waits: `in Glasgow`, `outside Scotland`, or that no laboratory is recorded."""
    elsewhere = {"OUT": "outside Scotland", "not_recorded": "where no laboratory is recorded"}
    return elsewhere.get(lab) or f"in {labs.get(lab, lab)}"


def _most(waits: pl.DataFrame, name: str, column: str) -> tuple[str, int]:
    """The laboratory or stage with the most requests, and how many."""
    counts = waits.group_by(name).agg(pl.col(column).sum()).sort(column, name, descending=[True, False])
    return counts.row(0)


def _part(part: int, whole: int, again: bool = False) -> str:
    if part == whole:
        return "all" if again else "All"
    return f"{part:,}" if again else f"{part:,} of"


def movement(chart: pl.DataFrame, better: str, target: float | None = None) -> str:
    """What a control chart says in words; why it says nothing where it does."""
    row = spc_icons(chart, better=better, target=target).row(0, named=True) if chart.height else {}
    return row.get("sentence") or "There are too few months, or they differ too little, to say what is chance."


def within(chart: pl.DataFrame) -> str:
    """The title on requests within standard: the newest month in which any fell due."""
    known = chart.filter(pl.col("value").is_not_null())
    if known.is_empty():
        return "No request has fallen due"
    row = known.row(-1, named=True)
    mark = " (provisional)" if row["period_status"] == "provisional" else ""
    return (
        f"{words.percent(row['value'], row['denominator'])} of {requests(row['denominator'])} due in "
        f"{words.month(row['period'])} {'was' if row['denominator'] == 1 else 'were'} reported within standard{mark}"
    )


def of_how_many(chart: pl.DataFrame) -> str:
    """What stands beside the newest share within standard: of how many, when, and whether it may still change."""
    known = chart.filter(pl.col("value").is_not_null())
    if known.is_empty():
        return "Nothing has fallen due"
    row = known.row(-1, named=True)
    mark = " (provisional)" if row["period_status"] == "provisional" else ""
    return f"Of {row['denominator']:,} due in {words.month(row['period'])}{mark}"


def overdue(chart: pl.DataFrame) -> str:
    """The title on overdue requests at the month's end: the newest one."""
    known = chart.filter(pl.col("value").is_not_null())
    if known.is_empty():
        return "No month's end has been reached"
    row = known.row(-1, named=True)
    count = round(row["value"])
    return (
        f"{requests(count)} {'was' if count == 1 else 'were'} open past the due date at the end of "
        f"{words.month(row['period'])}"
    )


def breaches(days: pl.DataFrame, newest: int, now: Now, view: View) -> tuple[str, str, bool]:
    """Title and sentence on the days between breaches, and whether there is a chart to draw.

    days: as `my_board.breach_days` returns them. newest: breaches in the newest months.
    """
    if days.is_empty():
        return "No due date has been missed", "No request of this view was late in the whole record.", False
    last: dt.date = days["period"].to_list()[-1]
    quiet = (now.judged[1] - last).days if now.judged else None
    since = f"The last due date that was missed is {words.long_date(last)}"
    since += f", {words.days(quiet)} before the newest extract." if quiet is not None else "."
    title = f"{requests(newest)} missed the due date in the newest {RARE_MONTHS} months"
    if newest > RARE_AT_MOST:
        narrower = "" if view.category and view.lab else " Choose a category or a laboratory: rare ones are shown here."
        return (
            title,
            f"{since} That is too often for the days between them to tell more than the charts above.{narrower}",
            False,
        )
    if days.height < RARE_FROM:
        return title, f"{since} There are too few to draw.", False
    return title, since, True


def table_of_months(monthly: pl.DataFrame) -> pl.DataFrame:
    """The monthly counts as text, the newest month first."""
    rows = []
    for row in monthly.sort("month", descending=True).to_dicts():
        share = words.percent(row["within_standard"] / row["due"], row["due"]) if row["due"] else words.NOT_AVAILABLE
        rows.append(
            {
                "Month": words.month(row["month"]),
                "Received": _count(row["received"]),
                "Due": _count(row["due"]),
                "Within standard": _count(row["within_standard"]),
                "Share": share,
                "Median days": _count(row["median_days"]),
                "90th percentile": _count(row["p90_days"]),
                "Open at its end": _count(row["open_at_end"]),
                "Overdue at its end": _count(row["overdue_at_end"]),
                "Status": words.PERIOD_STATUS.get(row["period_status"], row["period_status"]),
            }
        )
    return pl.DataFrame(rows)


def _count(value: float | None) -> str:
    return words.NOT_AVAILABLE if value is None else words.number(value)


def say_share(row: Mapping[str, Any]) -> str:
    """What hovering over a month of requests within standard says."""
    value = words.percent(row["value"], row["denominator"])
    return f"{words.month(row['period'])}: {value}, {row['numerator']:,} of {row['denominator']:,}{_cause(row)}"


def say_count(row: Mapping[str, Any]) -> str:
    """What hovering over a month's end says."""
    return f"End of {words.month(row['period'])}: {row['value']:,.0f} of {row['open_at_end']:,} open{_cause(row)}"


def say_gap(row: Mapping[str, Any]) -> str:
    """What hovering over a breach says."""
    return f"{words.long_date(row['period'])}: {words.days(row['value'])} after the one before{_cause(row)}"


def _cause(row: Mapping[str, Any]) -> str:
    return f". {RULE[row['special_cause']]}" if row["special_cause"] in RULE else ""
