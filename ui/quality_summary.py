"""The first lines of the page Data quality: what is wrong, since when, what it touches and what to do, at a glance."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ui import words
from ui.data import Snapshot
from ui.ethnicity_measures import RECORDED
from ui.quality_checks import Issue, blame, issues
from ui.quality_grades import ORDER, Graded, graded
from ui.quality_loaded import IN_ORDER, NOT_USED, newest_files
from ui.quality_place import Place
from ui.quality_recording import Recording, recording
from ui.quality_words import DIMENSIONS, STATES, plain, so_many, to_mend

#: As many months or measures are named before the rest is counted.
NAMED = 3

#: As many reasons of a grade, and things to do, are told of the poorest one; the page has them all.
REASONS = 2


@dataclass(frozen=True)
class Summary:
    """Question and answer, four of them, and none where nothing is wrong.

    measures: how many are graded for the place; files: whether it is to send any; recording: what is said of its
    recording of ethnic group, where that is below the target.
    """

    answers: tuple[tuple[str, str], ...]
    measures: int
    files: bool
    recording: Recording | None = None


@dataclass(frozen=True)
class _Known:
    """All that the answers are made of: `below` has the grades that are not good, the poorest first."""

    snapshot: Snapshot
    place: Place
    issues: list[Issue]
    troubled: pl.DataFrame
    below: list[Graded]
    measures: int
    recording: Recording | None


def judged(snapshot: Snapshot) -> bool:
    """Whether the release says anything of its data: without it, silence would look like good news."""
    return not (snapshot.table("checks").is_empty() and snapshot.table("submissions").is_empty())


def summary(snapshot: Snapshot, place: Place, found: list[Issue] | None = None) -> Summary:
    """The four answers for a place. found: its open checks, where they are at hand."""
    found = issues(snapshot, place) if found is None else found
    files = newest_files(snapshot, place)
    troubled = files if files.is_empty() else files.filter(~pl.col("state").is_in(IN_ORDER))
    grades = list(graded(snapshot, [place], "year").values())
    below = sorted((one for one in grades if one.grade != ORDER[-1]), key=lambda one: ORDER.index(one.grade))
    if not found and troubled.is_empty() and not below:
        return Summary((), len(grades), not files.is_empty())
    touched = {measure for issue in found for measure in issue.measures} | {one.entry.id for one in below}
    seldom = recording(snapshot, place) if RECORDED in touched else None
    known = _Known(snapshot, place, found, troubled, below, len(grades), seldom)
    answers = (
        ("What is wrong", _wrong(known)),
        ("Since when", _since(known)),
        ("What it touches", _touched(known)),
        ("What to do first", _first(known)),
    )
    return Summary(answers, len(grades), not files.is_empty(), seldom)


def _states(troubled: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The files that are not in order by state, in the order of STATES; a state without any is left out."""
    if troubled.is_empty():
        return {}
    by_state = {state: troubled.filter(state=state) for state in STATES}
    return {state: rows for state, rows in by_state.items() if rows.height}


def _wrong(known: _Known) -> str:
    found, told = known.issues, []
    if known.recording:
        told.append(known.recording.says)
    if found:
        critical = sum(issue.severity == "critical" for issue in found)
        kinds = {name: sum(issue.dimension == name for issue in found) for name in DIMENSIONS}
        parts = words.joined([f"{number} on {name}" for name, number in kinds.items() if number])
        parts = f"on {found[0].dimension}" if len(found) == 1 else parts
        mark = f", {critical} of them critical" if critical else ""
        told.append(
            f"{so_many(len(found), 'check is', 'checks are')} open{mark}{',' if len(found) == 1 else ':'} {parts}."
        )
    if states := _states(known.troubled):
        total = so_many(known.troubled.height, "file of the newest 12 months is", "files of the newest 12 months are")
        parts = words.joined([f"{rows.height} {STATES[state][1].lower()}" for state, rows in states.items()])
        told.append(f"{total} in trouble: {parts}.")
    if not found and not states:
        told.append(f"No check or file names {known.place.name}, but what others sent bears on its figures.")
        told += [plain(reason) for reason in known.below[0].reasons[:REASONS]]
    return " ".join(told)


def _since(known: _Known) -> str:
    """How many are new, since when the oldest has been open, and of which months the files in trouble are."""
    found = known.issues
    new = sum(issue.is_new for issue in found)
    told = [f"{new} of {len(found)} {'is' if new == 1 else 'are'} new in this release."] if new else []
    if older := [issue for issue in found if issue.open_since is not None and not issue.is_new]:
        oldest = min(older, key=lambda issue: str(issue.open_since))
        who = "The oldest has" if len(found) > 1 else "It has"
        least, limit = (" at least", ", the oldest release remembered") if oldest.is_oldest else ("", "")
        told.append(f"{who} been open{least} since the release of {words.long_date(oldest.open_since)}{limit}.")
    elif found and not new:
        told.append("At least since this release: no earlier one is remembered.")
    if states := _states(known.troubled):
        named = [f"{STATES[state][1].lower()} for {_months(rows)}" for state, rows in states.items()]
        told.append(f"Files: {'; '.join(named)}.")
    return " ".join(told) or "The reasons name the months, where they are known."


def _months(rows: pl.DataFrame) -> str:
    periods = rows["period"].unique().sort().to_list()
    if len(periods) <= NAMED:
        return words.joined([words.month(period) for period in periods])
    return f"{len(periods)} months from {words.month(periods[0])} to {words.month(periods[-1])}"


def _touched(known: _Known) -> str:
    """Of how many measures, and which grades that gives."""
    touched = {measure for issue in known.issues for measure in issue.measures}
    total = len(known.snapshot.facts.indicators)
    told = [f"{len(touched)} of {so_many(total, 'published measure', 'published measures')}."] if touched else []
    if known.below:
        tally = words.joined(
            [_graded(known.below, grade) for grade in ORDER if grade in {g.grade for g in known.below}]
        )
        measures = so_many(known.measures, "measure", "measures")
        told.append(f"Of the data behind {measures} of {known.place.name}, {tally}.")
    elif touched:
        told.append(f"The data behind all measures graded for {known.place.name} are good all the same.")
    return " ".join(told) or "No published measure."


def _graded(below: list[Graded], grade: str) -> str:
    """How many measures have a grade, and the first of them by name: `1 poor (Open requests)`."""
    named = [one.entry.title for one in below if one.grade == grade]
    more = [f"{len(named) - NAMED} more"] if len(named) > NAMED else []
    return f"{len(named)} {grade} ({words.joined([*named[:NAMED], *more])})"


def _first(known: _Known) -> str:
    """Files that are not in use first, since nothing else mends a month that is not there; then what mends most."""
    states = _states(known.troubled)
    unused = sum(states[state].height for state in NOT_USED if state in states)
    many = so_many(unused, "file that is not in use", "files that are not in use")
    told = [f"Send {many}."] if unused else []
    told += [_most(known)] if known.issues else []
    if not known.issues and known.below:
        told += [plain(text) for text in known.below[0].to_do[:REASONS]]
    return " ".join(filter(None, told)) or "See below which files are late or stale."


def _most(known: _Known) -> str:
    found = known.issues
    critical = next((issue for issue in found if issue.severity == "critical"), None)
    if critical is not None:
        return f"The critical check first: {critical.name}. {critical.to_do}".strip()
    rows = blame(known.snapshot, known.place)
    if rows.is_empty():
        return found[0].to_do or "See the open checks below."
    row = rows.to_dicts()[0]
    what = next(issue for issue in found if issue.id == row["check_id"])
    if known.recording and known.recording.to_do and RECORDED in what.measures:
        return f"{known.recording.to_do} {what.to_do}".strip()
    amount = words.lower_first(to_mend(row))
    return f"{row['who']}, up to {amount}, where this does not hold: {what.sentence} {what.to_do}".strip()
