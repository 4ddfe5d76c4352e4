"""Words of the page Data quality: states, statuses, dimensions, tables, counts and shares. No screens."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from ui import words

#: What became of a file: a mark, a word, and what it means.
STATES = {
    "loaded": ("●", "Loaded", "in use, and sent in time, or due before its sender began to send"),
    "late": ("◐", "Late", "in use, but first extracted after the day it was due"),
    "stale": ("◇", "Stale", "in use, but it still has open requests and was not sent again with the newest extract"),
    "unusable": ("✕", "Unusable", "sent, but every row of it was returned"),
    "set_aside": ("✕", "Set aside", "sent, but not used, because it failed a critical check"),
    "missing": ("○", "Missing", "expected, and nothing usable has been sent"),
    "not_due": ("·", "Not due yet", "still to be sent"),
}

#: What a check found: a mark, a word, and what it means.
STATUSES = {
    "fail": ("✕", "Failed", "a critical check that was not met"),
    "error": ("?", "Could not be made", "its table or column is not there, so nobody knows"),
    "warn": ("◐", "Warning", "not met; the figures that it touches say so"),
    "not_applicable": ("–", "Nothing to check", "there were no rows to check, which is not a pass"),
    "pass": ("●", "Passed", "met"),
}
OPEN = ("fail", "error", "warn")

#: The dimensions of quality in the order of the page, and the question that each asks.
DIMENSIONS = {
    "timeliness": "Did it come when it was due?",
    "completeness": "Is everything there?",
    "conformance": "Does it follow the agreed codes and formats?",
    "plausibility": "Can it be so?",
    "consistency": "Do the tables agree with each other?",
    "uniqueness": "Is anything counted twice?",
    "agreement": "Does it agree with another source?",
}

EXTRACT = {
    "testing": "Testing",
    "turnaround": "Turnaround",
    "outcomes": "Outcomes",
    "workforce": "Workforce",
    "programme": "Programme",
}
TABLES = {"dq_submissions": "Files sent", "dq_fields": "Fields of each file", "dq_values": "Values in each file"}
PREFIXES = {"stg_": "{} extract", "lake_": "{} extract", "mart_": "{} table", "ref_": "List of {}"}

COLUMN_NAME = re.compile(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b")
REPLACED = {
    r"\bresidence board\b": "board of residence",
    r"\blab\b": "laboratory",
    r"\bafc band\b": "Agenda for Change band",
}


def table(name: str) -> str:
    """A checked table in words: `Testing extract`."""
    if name in TABLES:
        return TABLES[name]
    for prefix, form in PREFIXES.items():
        if name.startswith(prefix):
            plain_name = name.removeprefix(prefix).replace("_", " ")
            return form.format(plain_name if form.startswith("List") else plain_name[:1].upper() + plain_name[1:])
    return name.replace("_", " ")


def plain(sentence: str) -> str:
    """A check's sentence with its column names as words."""
    text = COLUMN_NAME.sub(lambda match: match[0].replace("_", " "), sentence)
    for found, instead in REPLACED.items():
        text = re.sub(found, instead, text)
    return text[:1].upper() + text[1:]


def months(start: dt.date, end: dt.date) -> str:
    """A span of months in short: `Nov 2025 to Oct 2026`."""
    return f"{words.short_month(start)} to {words.short_month(end)}" if start != end else words.short_month(start)


def day(date: dt.date) -> str:
    """A day in short, for the head of a column: `15 Nov`."""
    return f"{date.day} {date:%b}"


def count(value: int | None) -> str:
    """A protected count, or its shorthand."""
    return words.HIDDEN if value is None else words.number(value)


def share(value: float | None) -> str:
    """A protected share, which is held to a tenth of a per cent, or its shorthand."""
    return words.HIDDEN if value is None else f"{100 * value:.1f}%"


def allowed(at_most: float) -> str:
    """The share that may fail: `none may`, or `at most 0.1% may`."""
    return "none may" if at_most <= 0 else f"at most {100 * at_most:.3g}% may"


def nouns(check: Mapping[str, Any]) -> tuple[str, str]:
    """What a check counts, one and many: `file` and `files`. Older releases say only whether it is rows or groups."""
    counted = str(check["counted"])
    return check.get("noun") or counted.removesuffix("s"), check.get("nouns") or counted


def against_threshold(check: Mapping[str, Any]) -> str:
    """What a check found against what it allows, in one sentence."""
    if check["status"] == "error":
        return "It could not be made: its table or column is not there."
    if check["counted"] == "groups":
        failing, (_, many) = check["rows_failing"] or 0, nouns(check)
        verb = "falls" if failing == 1 else "fall"
        found = f"{words.number(failing)} of {count(check['rows_checked'])} {many} {verb} short"
        return f"{found}; {allowed(check['at_most'])}."
    of = f"of {count(check['rows_checked'])} rows"
    if check["rows_failing"] is None:
        return f"Some {words.HIDDEN} {of} fail; {allowed(check['at_most'])}."
    shared = f" ({share(check['share'])})" if check["share"] is not None else ""
    return f"{words.number(check['rows_failing'])} {of}{shared} fail; {allowed(check['at_most'])}."


def so_many(counted: int, one: str, many: str) -> str:
    """A number and its noun: `1 check`, `3 checks`."""
    return f"{words.number(counted)} {one if counted == 1 else many}"


def to_mend(part: Mapping[str, Any]) -> str:
    """What a repair would mend, with its unit: rows as far as they are told, else files or whatever a check counts.

    part: `rows` shown, parts whose rows are `hidden`, and, of a check that counts groups, how many of these
    fail (`groups`) and their `noun` and `nouns`.
    """
    rows, hidden, groups = part["rows"], part["hidden"], part["groups"]
    if groups is not None:
        fail = so_many(groups, part["noun"], part["nouns"])
        if rows is None:
            return fail
        return so_many(rows, "row", "rows") + ("" if groups == 1 else f" in {fail}")
    if rows is None:
        few = f"Some rows {words.HIDDEN}"
        return few if hidden == 1 else f"{few} in each of {hidden} parts"
    more = f" and more: {so_many(hidden, 'hidden part', 'hidden parts')} {words.HIDDEN} left out" if hidden else ""
    return f"{so_many(rows, 'row', 'rows')}{more}"
