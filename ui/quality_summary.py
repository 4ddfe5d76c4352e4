"""The first lines of the page Data quality: what is wrong, since when, what it touches and what to do, at a glance."""

from __future__ import annotations

import polars as pl

from ui import words
from ui.data import Snapshot
from ui.quality_checks import Issue, blame, issues
from ui.quality_loaded import NOT_USED, newest_files
from ui.quality_place import Place
from ui.quality_words import DIMENSIONS, STATES, rows_to_mend, so_many


def judged(snapshot: Snapshot) -> bool:
    """Whether the release says anything of its data: without it, silence would look like good news."""
    return not (snapshot.table("checks").is_empty() and snapshot.table("submissions").is_empty())


def summary(snapshot: Snapshot, place: Place) -> list[tuple[str, str]]:
    """Question and answer, four of them; empty where nothing is wrong."""
    found = issues(snapshot, place)
    files = newest_files(snapshot, place)
    troubled = {} if files.is_empty() else _troubled(files)
    if not found and not troubled:
        return []
    return [
        ("What is wrong", _wrong(found, troubled)),
        ("Since when", _since(found)),
        ("What it touches", _touched(snapshot, found)),
        ("What to do first", _first(snapshot, place, found, troubled)),
    ]


def _troubled(files: pl.DataFrame) -> dict[str, int]:
    return {state: number for state in STATES if state != "loaded" and (number := int((files["state"] == state).sum()))}


def _wrong(found: list[Issue], troubled: dict[str, int]) -> str:
    told = []
    if found:
        critical = sum(issue.severity == "critical" for issue in found)
        kinds = {name: sum(issue.dimension == name for issue in found) for name in DIMENSIONS}
        parts = words.joined([f"{number} on {name}" for name, number in kinds.items() if number])
        parts = f"on {found[0].dimension}" if len(found) == 1 else parts
        mark = f", {critical} of them critical" if critical else ""
        told.append(
            f"{so_many(len(found), 'check is', 'checks are')} open{mark}{',' if len(found) == 1 else ':'} {parts}."
        )
    if troubled:
        total = so_many(sum(troubled.values()), "file of the newest 12 months is", "files of the newest 12 months are")
        parts = words.joined([f"{number} {STATES[state][1].lower()}" for state, number in troubled.items()])
        told.append(f"{total} in trouble: {parts}.")
    return " ".join(told)


def _since(found: list[Issue]) -> str:
    """How many are new, and since when the oldest has been open."""
    if not found:
        return "The files below say for which months."
    new = sum(issue.is_new for issue in found)
    days = [issue.open_since for issue in found if issue.open_since is not None and not issue.is_new]
    told = [f"{new} of them {'is' if new == 1 else 'are'} new in this release."] if new else []
    if days:
        who = "The oldest has" if len(found) > 1 else "It has"
        told.append(f"{who} been open since the release of {words.long_date(min(days))}.")
    return " ".join(told) or "No earlier release is remembered, so this is not known."


def _touched(snapshot: Snapshot, found: list[Issue]) -> str:
    touched = {measure for issue in found for measure in issue.touches}
    total = len(snapshot.facts.indicators)
    if not touched:
        return "No published measure."
    return (
        f"{len(touched)} of {so_many(total, 'published measure', 'published measures')}; the grades below say how far."
    )


def _first(snapshot: Snapshot, place: Place, found: list[Issue], troubled: dict[str, int]) -> str:
    """Files that are not in use first, since nothing else mends a month that is not there; then what mends most."""
    unused = sum(troubled.get(state, 0) for state in NOT_USED)
    files = f"Send {so_many(unused, 'file that is', 'files that are')} missing or set aside. " if unused else ""
    return f"{files}{_most(snapshot, place, found)}".strip() or "See below which files are late or stale."


def _most(snapshot: Snapshot, place: Place, found: list[Issue]) -> str:
    if not found:
        return ""
    critical = next((issue for issue in found if issue.severity == "critical"), None)
    if critical is not None:
        return f"The critical check first: {critical.name}. {critical.to_do}".strip()
    rows = blame(snapshot, place)
    if rows.is_empty():
        return found[0].to_do or "See the open checks below."
    row = rows.to_dicts()[0]
    what = next(issue for issue in found if issue.id == row["check_id"])
    told = f"{row['who']}, rows to mend: {rows_to_mend(row['rows'], row['hidden'])}, where this does not hold: "
    return f"{told}{what.sentence} {what.to_do}".strip()
