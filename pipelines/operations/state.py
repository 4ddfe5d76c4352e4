"""What can be told of a data folder now: what is served, how old it is, who is late, what is refused or held back."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines import held_back, releases
from pipelines.errors import PipelineError
from pipelines.folders import Folders
from pipelines.ingest.register import Register, Submission
from pipelines.ingest.submission_name import SHAPE
from pipelines.operations.run_log import runs
from pipelines.releases import Release
from pipelines.settings import SUBMISSION_DUE_DAY
from pipelines.timeliness import MONTHLY, month_of

#: Days after submissions are due by which they have been refreshed (deploy/genomics-refresh.timer: the next morning).
REFRESHED_AFTER = 2

#: What a run comes to where somebody must look at it, and the commands whose work others do as well.
FAILED = ("failed", "stopped")
MADE_GOOD_BY = dict.fromkeys(("refresh", "start"), ("ingest", "build", "publish", "refresh", "start"))

#: Free disk under which the next build is in danger: a build keeps its warehouse twice, and its spill.
LEAST_FREE_BYTES = 10 * 2**30


@dataclass(frozen=True)
class State:
    """A data folder at a time. Counts are of submissions and releases, never of people.

    submissions: None where the register cannot be read. late: months due and not sent, by extract and submitter; 0 for
    who has sent all. unreadable: names of release folders without a whole manifest. held: the note of a stopped build.
    free_bytes: disk that is free for the data folder. damage: what is wrong with the release served, which readers are
    shown another for.
    """

    at: dt.datetime
    serving: Release | None
    newest: Release | None
    unreadable: tuple[str, ...]
    submissions: tuple[Submission, ...] | None
    late: dict[tuple[str, str], int]
    held: dict[str, Any] | None
    runs: tuple[dict[str, Any], ...]
    free_bytes: int
    damage: tuple[str, ...] = ()

    @property
    def damaged(self) -> set[str]:
        """Names of releases without a whole manifest, and of the one served where it is not as it was built."""
        return {*self.unreadable, *([self.serving.release_id] if self.serving and self.damage else [])}

    @property
    def data_to(self) -> dt.date | None:
        """The last day of the newest month in the release being served."""
        return _data_to(self.serving) if self.serving else None

    @property
    def data_expected_to(self) -> dt.date:
        """The last day of the month that a release is to hold by now."""
        day = self.at.date() - dt.timedelta(days=SUBMISSION_DUE_DAY + REFRESHED_AFTER - 1)
        return day.replace(day=1) - dt.timedelta(days=1)

    @property
    def failures(self) -> list[dict[str, Any]]:
        """The newest run of each command, where it did not come to an end of its own and none since made it good."""
        last: dict[str, dict[str, Any]] = {}
        for run in self.runs:
            last[run["command"]] = run
            if run["outcome"] == "done":
                last |= dict.fromkeys(MADE_GOOD_BY.get(run["command"], ()), run)
        return [run for _, run in sorted(last.items()) if run["outcome"] in FAILED]


def look(folders: Folders, now: dt.datetime | None = None) -> State:
    """The state of a data folder; nothing is written. now: the time, with a zone."""
    at = now or dt.datetime.now(dt.UTC)
    sent = submissions(folders)
    held = releases.releases(folders)
    return State(
        at=at,
        serving=served(folders),
        newest=held[-1] if held else None,
        unreadable=tuple(releases.unreadable(folders)),
        submissions=None if sent is None else tuple(sent),
        late=late(sent or (), at.date()),
        held=_note(folders),
        runs=tuple(runs(folders)),
        free_bytes=shutil.disk_usage(folders.data if folders.data.exists() else folders.data.parent).free,
        damage=tuple(_damage(folders)),
    )


def _damage(folders: Folders) -> list[str]:
    """What is wrong with the release served; nothing where the pointer to it cannot be read, which is told as such."""
    try:
        return releases.trouble(folders)
    except PipelineError:
        return []


def served(folders: Folders) -> Release | None:
    """The release being served; None where there is none, or the pointer to it cannot be read."""
    try:
        return releases.current(folders)
    except PipelineError:
        return None


def submissions(folders: Folders) -> list[Submission] | None:
    """Every submission; none where nothing was ever sent, None where the register cannot be read."""
    if not folders.register.exists():
        return []
    try:
        with Register(folders.register) as register:
            return register.all()
    except (PipelineError, sqlite3.Error, ValueError):
        return None


def late(sent: Iterable[Submission], today: dt.date) -> dict[tuple[str, str], int]:
    """Months that are due and not there, of each monthly extract and submitter, from its first month in use on.

    A month is late from the day after it was due (settings.SUBMISSION_DUE_DAY of the month after). Who never sent an
    extract is not expected to.
    """
    have: dict[tuple[str, str], set[dt.date]] = {}
    for entry in sent:
        if entry.state == "accepted" and entry.extract in MONTHLY and entry.submitter and entry.period:
            have.setdefault((entry.extract, entry.submitter), set()).add(month_of(entry.period))
    due_to = (today - dt.timedelta(days=SUBMISSION_DUE_DAY)).replace(day=1) - dt.timedelta(days=1)
    return {
        who: sum(month not in months for month in _months(min(months), due_to)) for who, months in sorted(have.items())
    }


def refused(sent: Sequence[Submission]) -> list[Submission]:
    """Refused submissions whose extract, submitter and period were not accepted since: they must be sent again.

    A file whose name could not be read belongs to nobody and is left out.
    """
    accepted: set[tuple[str | None, str | None, str | None]] = set()
    found = []
    for entry in reversed(sent):
        key = (entry.extract, entry.submitter, entry.period)
        if entry.state != "refused":
            accepted.add(key)
        elif entry.submitter and key not in accepted:
            found.append(entry)
    return found[::-1]


def problems(state: State) -> list[str]:
    """What somebody should look at, a line each; empty where all is as it should be."""
    found = []
    if state.serving is None:
        found.append("No release is served.")
    elif (state.data_to or dt.date.min) < state.data_expected_to:
        found.append(f"The release served has data to {state.data_to}; by now {state.data_expected_to} is expected.")
    found += [f"{line[0].upper()}{line[1:]}." for line in state.damage]
    found += [f"The manifest of release {name} cannot be read." for name in state.unreadable]
    if state.submissions is None:
        found.append("The register of submissions cannot be read.")
    found += [
        f"{submitter} has not sent {extract}: {months} {'month is' if months == 1 else 'months are'} overdue."
        for (extract, submitter), months in state.late.items()
        if months
    ]
    found += [
        f"{entry.submitter}'s {entry.extract} for {entry.period} was refused, and nothing was accepted since."
        for entry in refused(state.submissions or ())
    ]
    if state.held is not None:
        found.append(f"Newer submissions are held back: {state.held['reason']}")
    found += [
        f"The last {run['command']} ({run['time']}) {'was' if run['outcome'] == 'stopped' else 'has'} {run['outcome']}"
        f"{': ' + run['reason'] if run.get('reason') else '.'}"
        for run in state.failures
    ]
    if state.free_bytes < LEAST_FREE_BYTES:
        found.append(f"{state.free_bytes / 2**30:.1f} GiB of disk are free; a build may need {LEAST_FREE_BYTES >> 30}.")
    return found


def _data_to(release: Release) -> dt.date | None:
    named = (SHAPE.fullmatch(file) for file in release.manifest.get("inputs", {}))
    months = [dt.date(int(n["year"]), int(n["month"]), 1) for n in named if n and n["extract"] == "testing"]
    return _month_end(max(months)) if months else None


def _month_end(month: dt.date) -> dt.date:
    return (month + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)


def _months(first: dt.date, to: dt.date) -> Sequence[dt.date]:
    count = (to.year - first.year) * 12 + to.month - first.month + 1
    numbers = range(first.year * 12 + first.month - 1, first.year * 12 + first.month - 1 + max(count, 0))
    return [dt.date(number // 12, number % 12 + 1, 1) for number in numbers]


def _note(folders: Folders) -> dict[str, Any] | None:
    try:
        return held_back.held_back(folders)
    except PipelineError as problem:
        return {"reason": str(problem)}
