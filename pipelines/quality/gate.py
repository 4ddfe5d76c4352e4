"""The gate: what a build does about a critical failure. It sets few bad submissions aside, or it stops.

A check's failure is mended so only where every row that fails is known to be of a submission in use. The version used
before takes its place where there is one, and is judged too; where there is none, or it fails as well, the month is
missing. What other checks find is judged again without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from catalogue.reference import labels
from pipelines import settings
from pipelines.errors import PipelineError
from pipelines.ingest.register import Submission
from pipelines.quality.blame import Part
from pipelines.quality.checks import Check
from pipelines.timeliness import MONTHLY, month_of

#: Extracts whose rows are of no use without the testing extract of the same laboratory and month.
REST_ON_TESTING = ("turnaround", "outcomes")

#: Extracts of which some must be left, or there is nothing to count.
NEEDED = ("testing", "turnaround")

SEND_AGAIN = "Correct the file and send it again as a higher version; it is then judged anew."
USED_AGAIN = "Nothing: it is used again once the testing extract of its month is."


@dataclass(frozen=True)
class Fault:
    """A critical check that stops a build, without counts: what must hold, who is to blame, and what to do."""

    sentence: str
    to_blame: tuple[str, ...]
    to_do: str


class StoppedError(PipelineError):
    """The build cannot go on, and the last release stays.

    The message is for the build side. reason, faults: the same without counts, for every reader. checks: those that
    failed. blamed: ids of the submissions that they name.
    """

    def __init__(
        self,
        message: str,
        reason: str,
        faults: Sequence[Fault] = (),
        checks: Sequence[Check] = (),
        blamed: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.reason, self.faults, self.checks, self.blamed = reason, tuple(faults), tuple(checks), tuple(blamed)


@dataclass(frozen=True)
class SetAside:
    """A submission left out of a release, the checks that blame it, why and what to do in sentences, and what is used
    instead."""

    submission: Submission
    check_ids: tuple[str, ...]
    because: str
    to_do: str
    instead: Submission | None

    @property
    def as_entry(self) -> dict[str, Any]:
        """As the manifest holds it: no counts, and no values."""
        sent = self.submission
        return {
            "file": sent.file,
            "sha256": sent.sha256,
            "extract": sent.extract,
            "submitter": sent.submitter,
            "period": sent.period,
            "version": sent.version,
            "checks": list(self.check_ids),
            "because": self.because,
            "to_do": self.to_do,
            "used_instead": self.instead.file if self.instead else None,
        }


def gate(
    checks: Sequence[Check], in_use: Sequence[Submission], ever_sent: Sequence[Submission], already: Sequence[SetAside]
) -> tuple[SetAside, ...]:
    """What to leave out, `already` included, so that the build can go on; empty where no critical check fails.

    in_use: the submissions that the checks looked at. ever_sent: the whole register. already: left out by an earlier
    round of this build. Raises StoppedError, which names who is to blame and what to do, where the build must stop.
    """
    failed = [check for check in checks if check.stops_the_build]
    if not failed:
        return tuple(already)
    # What fails further on may come of a submission that another check can name; it is judged again without that one.
    blamed = _blamed([check for check in failed if _is_wholly_blamed(check, in_use)], in_use)
    if not blamed:
        raise _stopped(failed, in_use, "not every row that fails can be told to be of one submission")
    left_out = (*already, *_with_what_rests_on(blamed, in_use, ever_sent, already))
    months = {(one.submission.submitter, one.submission.period) for one in left_out}
    if len(months) > settings.SET_ASIDE_AT_MOST:
        raise _stopped(
            failed, in_use, f"{len(months)} laboratory-months are to blame, and at most "
            f"{settings.SET_ASIDE_AT_MOST} may be set aside"
        )  # fmt: skip
    for extract in NEEDED:
        if not any(s.extract == extract for s in used_instead(in_use, left_out)):
            raise _stopped(failed, in_use, f"no {extract} extract would be left")
    for month, share in _shares_lost(in_use, left_out).items():
        if share > settings.SET_ASIDE_SHARE_AT_MOST:
            raise _stopped(
                failed, in_use, f"those to blame receive over {settings.SET_ASIDE_SHARE_AT_MOST:.0%} of all requests, "
                f"and nothing could be used instead for {month_of(month):%B %Y}"
            )  # fmt: skip
    return left_out


def _shares_lost(in_use: Sequence[Submission], left_out: Sequence[SetAside]) -> dict[str, float]:
    """For each month in which nothing takes the place of what a laboratory sent, the share of all requests that such
    laboratories usually receive: by the median of their testing extracts, those left out apart where there are others.
    """
    last = {_key(one.submission): one for one in left_out}
    gone = {(s.submitter, s.period) for (s, instead) in ((o.submission, o.instead) for o in last.values())
            if instead is None and s.extract in MONTHLY}  # fmt: skip
    out = {one.submission.file for one in left_out}
    testing = [s for s in in_use if s.extract == "testing"]
    usual = {}
    for submitter in {s.submitter for s in testing}:
        own = [s for s in testing if s.submitter == submitter]
        usual[submitter] = median(s.rows_loaded for s in [s for s in own if s.file not in out] or own)
    lost: dict[str, float] = {}
    for submitter, period in gone:
        lost[str(period)] = lost.get(str(period), 0) + usual.get(submitter, 0)
    every = sum(usual.values())
    return {month: rows / every for month, rows in sorted(lost.items()) if every}


def used_instead(in_use: Sequence[Submission], left_out: Sequence[SetAside]) -> tuple[Submission, ...]:
    """The submissions in use once some are left out: what takes their place stands where they stood."""
    by_file = {one.submission.file: one for one in left_out}
    found = list(in_use)
    # A version that took another's place may itself have been left out in a later round.
    while any(s.file in by_file for s in found):
        found = [new for s in found if (new := by_file[s.file].instead if s.file in by_file else s) is not None]
    return tuple(found)


def _is_wholly_blamed(check: Check, in_use: Sequence[Submission]) -> bool:
    """Whether every failing row, or group, is of a submission in use."""
    of_groups = check.counted == "groups"
    accounted = sum((part.groups if of_groups else part.failing) or 0 for part in check.parts)
    return bool(
        check.error is None
        and check.rows_failing
        and accounted == check.rows_failing
        and all(_submission_of(part, in_use) for part in check.parts)
    )


def _submission_of(part: Part, in_use: Sequence[Submission]) -> Submission | None:
    told = (part.extract, part.submitter, part.period)
    return next((s for s in in_use if s.period and (s.extract, s.submitter, month_of(s.period)) == told), None)


def _blamed(failed: Sequence[Check], in_use: Sequence[Submission]) -> dict[str, list[Check]]:
    """The checks that blame each submission, by its file."""
    found: dict[str, list[Check]] = {}
    for check in failed:
        for part in check.parts:
            submission = _submission_of(part, in_use)
            if submission and check not in found.setdefault(submission.file, []):
                found[submission.file].append(check)
    return found


def _with_what_rests_on(
    blamed: Mapping[str, Sequence[Check]],
    in_use: Sequence[Submission],
    ever_sent: Sequence[Submission],
    already: Sequence[SetAside],
) -> list[SetAside]:
    """Those blamed, and those that rest on a testing extract without an earlier version: their rows would otherwise
    go back to the laboratory as rows of unknown requests."""
    tried = {_key(one.submission) for one in already}
    before = {s.file: None if _key(s) in tried else _version_before(s, ever_sent) for s in in_use if s.file in blamed}
    gone = {
        (s.submitter, s.period): blamed[s.file]
        for s in in_use
        if s.extract == "testing" and s.file in blamed and before[s.file] is None
    }
    found = []
    for s in in_use:
        rests_on = gone.get((s.submitter, s.period), ()) if s.extract in REST_ON_TESTING else ()
        if rests_on or s.file in blamed:
            reasons = [f"Not met: {check.sentence}" for check in blamed.get(s.file, ())]
            ids = dict.fromkeys(check.id for check in (*blamed.get(s.file, ()), *rests_on))
            because = " ".join(reasons) or "Its testing extract was set aside."
            to_do = SEND_AGAIN if reasons else USED_AGAIN
            found.append(SetAside(s, tuple(ids), because, to_do, None if rests_on else before[s.file]))
    return found


def _version_before(submission: Submission, ever_sent: Sequence[Submission]) -> Submission | None:
    """The newest version that this one replaced."""
    older = [
        s
        for s in ever_sent
        if _key(s) == _key(submission) and s.state == "superseded" and (s.version or 0) < (submission.version or 0)
    ]
    return max(older, key=lambda s: s.version or 0, default=None)


def _key(submission: Submission) -> tuple[str | None, str | None, str | None]:
    return submission.extract, submission.submitter, submission.period


def _stopped(failed: Sequence[Check], in_use: Sequence[Submission], reason: str) -> StoppedError:
    lines = [line for check in failed for line in _told_of(check, in_use)]
    message = "\n".join([*lines, f"build: stopped: {reason}; the last release stays as it is"])
    faults = [
        Fault(check.sentence, tuple(_organisation_and_month(part) for part in check.parts), check.to_do or SEND_AGAIN)
        for check in failed
    ]
    blamed = {s.submission_id for check in failed for part in check.parts if (s := _submission_of(part, in_use))}
    return StoppedError(message, reason, faults, failed, sorted(blamed))


def _told_of(check: Check, in_use: Sequence[Submission]) -> list[str]:
    """What failed, who is to blame, and what to do: a line each."""
    if check.error:
        return [f"build: {check.table}: {check.sentence} This could not be checked: {check.error}"]
    lines = [f"build: {check.table}: {check.sentence} {_so_many(check)}"]
    lines += [f"build: to blame: {_named(part, in_use)}" for part in check.parts]
    return [*lines, f"build: what to do: {check.to_do or SEND_AGAIN}"]


def _named(part: Part, in_use: Sequence[Submission]) -> str:
    submission = _submission_of(part, in_use)
    file = submission.file if submission else f"{part.extract or 'which extract is not told'}"
    return f"{_organisation_and_month(part)} ({file})"


def _organisation_and_month(part: Part) -> str:
    organisation = labels("organisations").get(part.submitter or "", part.submitter or "a submitter that is not told")
    month = f"{part.period:%B %Y}" if part.period else "a month that is not told"
    return f"{organisation}, {month}"


def _so_many(check: Check) -> str:
    """How many rows or groups fail. Exact: the build side only."""
    if not check.rows_failing:
        return "It is not so."
    one, many = check.nouns
    return f"1 {one} does not." if check.rows_failing == 1 else f"{check.rows_failing} {many} do not."
