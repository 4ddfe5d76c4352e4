"""Sentences of the parts of My board: sides, categories, specialties, tests, the oldest, boards that are like it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl

from ui import words
from ui.my_board import SIDES, STAGES, STANDINGS
from ui.my_board_like import BACKLOG, SCOTLAND, WAITS, WITHIN, Beside
from ui.my_board_parts import Side
from ui.my_board_words import at, requests

#: How a specialty or test stands to the whole board, in the words of a table.
STANDING = {"higher": "Clearly higher", "lower": "Clearly lower", "alike": "Not clearly different"}

OTHERS = "All others together"

CLEAR = (
    "Clearly means that the 99.8% interval lies apart from the share of the whole board: stricter than 95%, since many "
    "are compared at once."
)

FEW_NAMED = (
    "A specialty is named where it stands for 10 people or more; the others are added together, because "
    "with a name few of them could be told in the work list."
)

FEW_TESTS = (
    "A test is named where it stands for 10 people or more, 5 of whom had a late result; the others are added "
    "together, because with a name few of them could be told in the work list."
)


def year(span: tuple[dt.date, dt.date] | None, provisional: bool = False) -> str:
    """The months that the shares of parts cover: `12 months to October 2026 (provisional)`."""
    if span is None:
        return "no whole month"
    count = (span[1].year - span[0].year) * 12 + span[1].month - span[0].month + 1
    mark = " (provisional: late reports may change them)" if provisional else ""
    return f"{count} month{'' if count == 1 else 's'} to {words.month(span[1])}{mark}"


def interval(row: Mapping[str, Any], denominator: int | None = None) -> str:
    """A 95% interval of a share, with decimals where its denominator bears them; the shorthand where there is none."""
    if row["lower"] is None or row["upper"] is None:
        return words.NOT_AVAILABLE
    return f"{words.percent(row['lower'], denominator)} to {words.percent(row['upper'], denominator)}"


def share(numerator: int, denominator: int) -> str:
    """A share as per cent, or the shorthand where it is a share of nothing."""
    return words.percent(numerator / denominator, denominator) if denominator else words.NOT_AVAILABLE


def sides(both: list[Side]) -> tuple[str, str]:
    """Title and sentence on requests asked for by the board and those of its residents."""
    requesting, residence = both
    title = (
        f"{requesting.overdue:,} of the {requesting.open:,} open requests that we asked for are overdue, and "
        f"{residence.overdue:,} of the {residence.open:,} for our residents"
    )
    return title, (
        "Most requests are both and count in each line. Requests for residents that another board asked for are in the "
        "second line only, and requests that we asked for people who live elsewhere in the first only."
    )


def table_of_sides(both: list[Side], span: str) -> pl.DataFrame:
    """A line a side: what is open now and the share within standard of the newest 12 months."""
    return pl.DataFrame(
        {
            "Requests": SIDES[one.side],
            "Open": words.number(one.open),
            "Overdue": words.number(one.overdue),
            "Due within 14 days": words.number(one.soon),
            "Within standard": share(one.within_standard, one.due),
            "95% interval": interval({"lower": one.lower, "upper": one.upper}, one.due),
            f"Due in the {span}": words.number(one.due),
        }
        for one in both
    )


def categories(rows: pl.DataFrame, names: Mapping[str, str], target: float | None, span: str) -> tuple[str, str]:
    """Title and sentence on categories: how many lie clearly below the line, and which."""
    judged = rows.filter(state="shown").to_dicts()
    if not judged:
        return "No request has fallen due in any category", f"In the {span}."
    if target is None:
        return f"Within standard in {len(judged)} categories", f"In the {span}."
    below = [names.get(row["code"], row["code"]) for row in judged if words.against_target(row, target) == "below"]
    above = sum(words.against_target(row, target) == "at or above" for row in judged)
    spans = len(judged) - len(below) - above
    counted = words.so_many(len(below), len(judged), "turnaround categories")
    which = f"Below it: {words.joined(below)}. " if below else ""
    return (
        f"{counted} clearly below the {target:.0%} line",
        f"{which}{above or 'None'} clearly at or above it, and {spans or 'none'} where the interval spans it, in the "
        f"{span}.",
    )


def table_of_categories(rows: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """A line a category."""
    order = {code: place for place, code in enumerate(names)}
    return pl.DataFrame(
        {
            "Category": names.get(row["code"], row["code"]),
            "Within standard": share(row["within_standard"], row["due"]),
            "95% interval": interval(row, row["due"]),
            "Due": words.number(row["due"]),
            "Late": words.number(row["due"] - row["within_standard"]),
            "Open now": words.number(row["open"]),
            "Overdue now": words.number(row["overdue"]),
        }
        for row in sorted(rows.to_dicts(), key=lambda row: order.get(row["code"], len(order)))
    )


def say_category(row: Mapping[str, Any]) -> str:
    """What hovering over a category says."""
    value = share(row["within_standard"], row["due"])
    return f"{value} of {requests(row['due'])}, 95% interval {interval(row, row['due'])}"


def oldest(rows: pl.DataFrame, labs: Mapping[str, str]) -> tuple[str, str]:
    """Title and sentence on the open requests that were received first. rows: as `my_board_parts.oldest` has them."""
    if rows.is_empty():
        return "No request is open", "There is nothing that waits."
    first = rows.row(0, named=True)
    title = (
        f"The oldest open request was received {words.days(first['open_days'])} before the newest extract, and waits "
        f"{at(first['performing_lab'], labs)}"
    )
    overdue = rows.filter(standing="overdue").height
    listed = "the one" if rows.height == 1 else f"the {rows.height} that were received first"
    return title, (
        f"Of {listed}, {overdue or 'none'} {'is' if overdue == 1 else 'are'} overdue: some tests are given longer. "
        "Days since receipt are all days, with those on which the clock was paused."
    )


def table_of_oldest(rows: pl.DataFrame, labs: Mapping[str, str], categories: Mapping[str, str]) -> pl.DataFrame:
    """A line a request, the oldest first."""
    return rows.select(
        pl.col("request_id").alias("Request"),
        pl.col("open_days").alias("Days since receipt"),
        pl.col("performing_lab").replace(dict(labs)).alias("Laboratory"),
        pl.col("stage").replace(STAGES).alias("Last step done"),
        pl.col("turnaround_category").replace(dict(categories)).alias("Category"),
        pl.col("standing").replace(STANDINGS).alias("Status"),
        pl.col("days_over").alias("Days over"),
        pl.col("paused_days").alias("Days paused"),
    )


def specialties(rows: pl.DataFrame, names: Mapping[str, str]) -> tuple[str, str]:
    """Title and sentence on requests that were not accepted at first, by specialty."""
    sent, back = int(rows["first_pass_known"].sum()), int(rows["not_accepted_first"].sum())
    if not sent:
        return "No request was sent by any specialty", ""
    found = _named(rows, names, "higher")
    more = f": clearly more from {words.joined(found)}" if found else ": no specialty clearly stands out"
    rejected = int(rows["rejected"].sum())
    of_them = f"{rejected:,} of the {int(rows['requests'].sum()):,} sent were rejected for good"
    return (
        f"{share(back, sent)} of {requests(sent)} were not accepted at first{more}",
        f"{of_them}.",
    )


def tests(rows: pl.DataFrame) -> tuple[str, str]:
    """Title and sentence on late results by test."""
    named = rows.filter(pl.col("code").is_not_null())
    if named.is_empty():
        return "No test has enough late results to be named", "All tests are counted together in the table."
    late = (named["due"] - named["within_standard"]).sum()
    whole = (rows["due"] - rows["within_standard"]).sum()
    found = _named(named, {}, "lower")
    more = f", {len(found)} of them clearly more often late than the whole board" if found else ""
    so_many = "1 test has" if named.height == 1 else f"{named.height} tests have"
    return (
        f"{so_many} {late:,} of the {whole:,} late results{more}",
        f"Clearly more often late: {words.joined(found)}." if found else "No test clearly stands out.",
    )


def _named(rows: pl.DataFrame, names: Mapping[str, str], standing: str) -> list[str]:
    return [names.get(code, code) for code in rows.filter(standing=standing)["code"].drop_nulls()]


def table_of_groups(rows: pl.DataFrame, names: Mapping[str, str], what: str) -> pl.DataFrame:
    """A line a specialty or test. what: `Specialty` or `Test`."""
    back = what == "Specialty"
    return pl.DataFrame(
        {
            what: OTHERS if row["code"] is None else names.get(row["code"], row["code"]),
            "Sent": words.number(row["requests"]),
            "Not accepted at first": words.number(row["not_accepted_first"]),
            "Rejected": words.number(row["rejected"]),
            "Due": words.number(row["due"]),
            "Late": words.number(row["due"] - row["within_standard"]),
            "Not accepted at first, share" if back else "Within standard": words.NOT_AVAILABLE
            if row["value"] is None
            else words.percent(row["value"]),
            "95% interval": interval(row),
            "Against the board": STANDING[row["standing"]] if row["code"] is not None else "",
        }
        for row in rows.to_dicts()
    )


def like(beside: Beside) -> tuple[str, str]:
    """Title and sentence on a board beside Scotland and the boards that are like it."""
    own, scotland = beside.row(WITHIN, beside.own, "share"), beside.row(WITHIN, SCOTLAND, "share")
    name = dict(beside.places)[beside.own]
    if own is None or scotland is None or scotland["state"] != "shown":
        return "No figure to compare is published for this view", "Choose all categories."
    if own["state"] != "shown":
        mark = words.MARK.get(own["state"], words.NOT_AVAILABLE)
        return f"{name} cannot be compared: its published share is hidden {mark}", _grouping(beside)
    against = words.against_target(own, scotland["value"])
    how = {"below": "clearly below", "at or above": "clearly above"}.get(against, against)
    span = words.span(beside.figures[WITHIN])
    title = f"{name}, {words.amount(own)} within standard in the {span}, is {how} Scotland's {words.amount(scotland)}"
    shown = [beside.row(WITHIN, code, "share") for code, _ in beside.places if code not in (beside.own, SCOTLAND)]
    values = sorted(row["value"] for row in shown if row and row["state"] == "shown")
    range_of = f"Boards like it: {words.percent(values[0])} to {words.percent(values[-1])}. " if values else ""
    return title, f"{range_of}{_grouping(beside)}"


def _grouping(beside: Beside) -> str:
    return (
        f"Group: {beside.group.lower()} ({words.lower_first(beside.reason)}). These are the published figures, rounded "
        "and hidden as for everybody, of every laboratory, so your own can differ a little from the exact one. "
        "They are not adjusted for which tests were asked for."
    )


def table_of_like(beside: Beside) -> pl.DataFrame:
    """A line a board, the own one first, Scotland last."""
    lines = []
    for code, name in beside.places:
        within = beside.row(WITHIN, code, "share")
        backlog = beside.row(BACKLOG, code, "share")
        line = {"Board": name, "Within standard": _amount(within)}
        line["95% interval"] = (
            interval(within, within["denominator"]) if within and within["state"] == "shown" else _amount(within)
        )
        line["Half reported in"] = _amount(beside.row(WAITS, code, "median"))
        line["Nine in ten in"] = _amount(beside.row(WAITS, code, "p90"))
        line["Open past due"] = _amount(backlog)
        lines.append(line)
    return pl.DataFrame(lines)


def _amount(row: Mapping[str, Any] | None) -> str:
    return words.NOT_AVAILABLE if row is None else words.amount(row)


def say_like(row: Mapping[str, Any]) -> str:
    """What hovering over a board says."""
    return (
        f"{words.amount(row)}, 95% interval {interval(row, row['denominator'])}"
        if row["state"] == "shown"
        else words.amount(row)
    )
