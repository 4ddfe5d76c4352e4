"""What is loaded, late, missing, stale or set aside: every file of the newest months."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from ui import words
from ui.data import Snapshot
from ui.quality_matrix import Cell, Matrix, Row
from ui.quality_panel import Panel, Twin
from ui.quality_place import Place, of_place
from ui.quality_words import EXTRACT, STATES, count, day, months, so_many

NAME = "loaded"

#: The newest months that the matrix shows.
MONTHS = 12

TONE = {
    "loaded": "good",
    "late": "fair",
    "stale": "fair",
    "unusable": "poor",
    "set_aside": "poor",
    "missing": "poor",
    "not_due": "",
}

#: States in which nothing of the newest version is in use, though it should be.
NOT_USED = ("missing", "set_aside", "unusable")

#: States in which nothing is wrong.
IN_ORDER = ("loaded", "not_due")


def newest_files(snapshot: Snapshot, place: Place) -> pl.DataFrame:
    """The files of the newest months that a place sent or should have sent, in the order of the page."""
    files = snapshot.table("submissions")
    if files.is_empty():
        return files
    first = pl.lit(files["period"].max()).dt.offset_by(f"-{MONTHS - 1}mo")
    extracts = {name: number for number, name in enumerate(EXTRACT)}
    rank = pl.col("extract").replace_strict(extracts, default=len(extracts), return_dtype=pl.Int64)
    return of_place(files.filter(pl.col("period") >= first), place).sort(rank, "label", "submitter", "period")


def loaded(snapshot: Snapshot, place: Place) -> Panel:
    """The files of the newest months as a matrix of extract and sender by month, newest month first."""
    files = newest_files(snapshot, place)
    if files.is_empty():
        return _nothing(snapshot, place)
    title, summary = finding(files)
    first, last = _ends(files)
    return Panel(
        NAME,
        title,
        summary,
        f"Files sent. {place.label}. {months(first, last)}.",
        matrix=_matrix(files),
        notes=(
            "Newest month first; under each month, when its files were due. A blank cell: nothing expected.",
            " ".join(f"{mark} {word}: {meaning}." for mark, word, meaning in STATES.values()),
        ),
        twins=(Twin("Files of these months, troubled ones first", _table(files), "files"),),
    )


def _nothing(snapshot: Snapshot, place: Place) -> Panel:
    if snapshot.table("submissions").is_empty():
        return Panel(NAME, "No file is listed in this release", "The release says nothing of what was sent.")
    return Panel(
        NAME,
        f"{place.name[:1].upper()}{place.name[1:]} sends no files of its own",
        "Laboratories send the testing data of every health board. What they did not send is shown for Scotland, "
        "and what it does to this board's figures is told by their grades, below.",
    )


def _ends(files: pl.DataFrame) -> tuple[dt.date, dt.date]:
    return files["period"].min(), files["period"].max()  # type: ignore[return-value]


def finding(files: pl.DataFrame) -> tuple[str, str]:
    """Title and summary: the newest month first, then all of them."""
    _, last = _ends(files)
    newest = files.filter(pl.col("period") == last).to_dicts()
    unused = [row for row in newest if row["state"] in NOT_USED]
    month = words.month(last)
    total = so_many(len(newest), "file", "files")
    if unused:
        title = f"{len(unused)} of {total} for {month} {_is(unused)} {_or({row['state'] for row in unused})}"
    elif troubled := [row for row in newest if row["state"] not in IN_ORDER]:
        states = _or({row["state"] for row in troubled})
        title = f"Every file sent for {month} is in use, but {len(troubled)} of {len(newest)} {_is(troubled)} {states}"
    else:
        title = _all_in_order(newest, month)
        earlier = files.filter(~pl.col("state").is_in(IN_ORDER)).height
        title += f"; {earlier} of earlier months {'is' if earlier == 1 else 'are'} not in order" if earlier else ""
    tally = {state: files.filter(pl.col("state") == state).height for state in STATES}
    told = words.joined([f"{number} {STATES[state][1].lower()}" for state, number in tally.items() if number])
    due = max(row["due_on"] for row in newest)
    verb = "is" if any(row["state"] == "not_due" for row in newest) else "was"
    whose = f" {_named(unused)}." if unused else ""
    return title, f"{month} {verb} due by {words.long_date(due)}.{whose} Files of all the months below: {told}."


def _all_in_order(newest: list[dict[str, Any]], month: str) -> str:
    waiting = sum(row["state"] == "not_due" for row in newest)
    if waiting:
        return f"{len(newest) - waiting} of {so_many(len(newest), 'file', 'files')} for {month} are loaded; " + (
            f"the other {waiting} {'is' if waiting == 1 else 'are'} not due yet"
        )
    if len(newest) == 1:
        return f"The one file for {month} is loaded"
    return f"All {len(newest)} files for {month} are loaded"


def _is(rows: list[dict[str, Any]]) -> str:
    return "is" if len(rows) == 1 else "are"


def _or(states: set[str]) -> str:
    return " or ".join(STATES[state][1].lower() for state in STATES if state in states)


def _named(rows: list[dict[str, Any]]) -> str:
    """Which files, by sender: `Not in use: Dundee (testing, turnaround)`."""
    by_sender: dict[str, list[str]] = {}
    for row in rows:
        by_sender.setdefault(row["label"], []).append(row["extract"])
    return "Not in use: " + "; ".join(f"{label} ({', '.join(names)})" for label, names in by_sender.items())


def _matrix(files: pl.DataFrame) -> Matrix:
    periods = files.select("period", "due_on").unique("period").sort("period", descending=True).rows()
    groups = []
    for (extract,), rows in files.group_by(["extract"], maintain_order=True):
        lines = []
        for (label,), own in rows.group_by(["label"], maintain_order=True):
            cells = {row["period"]: _cell(row) for row in own.to_dicts()}
            lines.append(Row(label, tuple(cells.get(period) for period, _ in periods)))
        groups.append((EXTRACT.get(extract, extract), tuple(lines)))
    return Matrix(
        "What became of each file, by extract, sender and month",
        "Sent by",
        tuple((words.short_month(period), f"due {day(due)}") for period, due in periods),
        tuple(groups),
    )


def _cell(row: dict[str, Any]) -> Cell:
    mark, word, _ = STATES[row["state"]]
    return Cell(mark, word, TONE[row["state"]])


def _table(files: pl.DataFrame) -> pl.DataFrame:
    """The files as text, those in trouble first, then newest first."""
    rows = files.sort(pl.col("state").is_in(IN_ORDER), -pl.col("period").dt.epoch("d"), maintain_order=True).to_dicts()
    return pl.DataFrame(
        [
            {
                "Month": words.short_month(row["period"]),
                "Extract": EXTRACT.get(row["extract"], row["extract"]),
                "Sent by": row["label"],
                "State": STATES[row["state"]][1],
                "Why": row["reason"] or "",
                "Due by": words.long_date(row["due_on"]),
                "First extracted": words.long_date(row["first_extracted_on"]) if row["first_extracted_on"] else "",
                "Version": f"{row['version']}" if row["version"] is not None else "",
                "Rows loaded": ""
                if row["state"] in (*NOT_USED, "not_due") and row["rows_loaded"] is None
                else count(row["rows_loaded"]),
                "Usual rows": words.number(row["typical_rows"]) if row["typical_rows"] is not None else "",
                "Rows returned": "" if row["state"] in ("missing", "not_due") else count(row["rows_returned"]),
            }
            for row in rows
        ]
    )
