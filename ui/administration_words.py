"""What the page Administration says of the audit trail and of the releases: findings and tables of text. No screens."""

from __future__ import annotations

import datetime as dt

import polars as pl

from ui import disclosure_words
from ui.literal import literal
from ui.manifests import HeldRelease
from ui.trail_check import Seen
from ui.words import joined, long_date, number

#: Records of a day in the order of the table's columns.
KINDS = {
    "view": "Views",
    "download": "Downloads",
    "refused": "Refused attempts",
    "sign_in": "Sign-ins",
    "sign_out": "Sign-outs",
    "role": "Changes of role",
    "save": "Scenarios saved",
    "take_away": "Scenarios taken away",
}

#: Reasons of a refusal, as the guard records them.
REASONS = {
    "signed_out": "Not signed in",
    "unknown_session": "Sign-in not known here",
    "ended": "Signed out before",
    "idle": "Idle for too long",
    "too_long": "Signed in for too long",
    "token_expired": "Sign-in has expired",
    "revoked": "Access was withdrawn",
    "unknown_issuer": "Sign-in from a service that is not accepted",
    "unknown_audience": "Sign-in meant for another application",
    "unclear_claim": "Sign-in says something that cannot be understood",
    "unverified_email": "E-mail address not verified",
    "no_role": "No role",
    "unknown_board": "Unknown health board",
    "unknown_submitter": "Unknown submitter",
    "wrong_role": "Role does not open this page",
    "wrong_board": "Another health board's figures",
    "wrong_submitter": "Another submitter's returns",
}

#: What the trail records of itself.
MENDED = {
    "torn line": "a record was cut short while it was written (a crash or a power cut); what was left is set apart",
    "head file missing": "the file that names the newest record was missing or damaged, so records before this may be "
    "missing: compare with a hash kept elsewhere",
    "lines after the head": "records stood after the newest that was known: written as the power failed, or added "
    "by hand",
    "records lost": "records before this one could not be written (the disk was full or the folder closed)",
}

CHECKS = {
    "pass": ("passed", "passed"),
    "warn": ("warning", "warnings"),
    "fail": ("critical failure", "critical failures"),
    "error": ("could not be made", "could not be made"),
    "not_applicable": ("had nothing to check", "had nothing to check"),
}


def counted(seen: Seen, what: str) -> int:
    """How many records of a kind there are."""
    return sum(count for (_, kind), count in seen.by_day.items() if kind == what)


def about_chain(seen: Seen, days: int) -> tuple[str, str]:
    """Finding and sentence on whether the trail is whole."""
    if seen.problem:
        return "The audit trail is not whole", f"{seen.problem[:1].upper()}{seen.problem[1:]}."
    return "The audit trail is whole", (
        f"{number(seen.lines)} records in the files of the last {days} days: each follows the one before it, none is "
        f"altered, missing or out of its place. The newest is record {number(seen.number)}."
    )


def about_use(seen: Seen, days: int) -> tuple[str, str]:
    """Finding and sentence on what was looked at and refused."""
    views, files, refused = (counted(seen, what) for what in ("view", "download", "refused"))
    attempts = _so_many(refused, "attempt was refused", "attempts were refused") if refused else "nothing was refused"
    title = f"{_so_many(views, 'view', 'views')} and {_so_many(files, 'download', 'downloads')}; {attempts}"
    if not seen.readers:
        return "Nothing was looked at in these days", f"No record of the last {days} days."
    busiest = max(seen.readers.values())
    readers = _so_many(busiest, "reader", "readers")
    return title, f"The last {days} days, since {long_date(seen.since)}. At most {readers} on one day."


def by_day(seen: Seen) -> pl.DataFrame:
    """A row a day on which anything was recorded, the newest first."""
    days = sorted({day for day, _ in seen.by_day}, reverse=True)
    return pl.DataFrame(
        [
            {
                "Day": long_date(dt.date.fromisoformat(day)),
                **{label: number(seen.by_day.get((day, what), 0)) for what, label in KINDS.items()},
                "Readers": number(seen.readers.get(day, 0)),
            }
            for day in days
        ]
    )


def refused(seen: Seen) -> pl.DataFrame:
    """The newest refused attempts."""
    return pl.DataFrame(
        [
            {
                "When (UTC)": moment(when),
                "Why it was refused": REASONS.get(reason, reason.replace("_", " ")) or "not told",
                "What was asked for": where or "not known",
                "Reader code": reader,
            }
            for when, reader, where, reason in seen.refused
        ]
    )


def mended(seen: Seen) -> list[str]:
    """What the trail says of itself, newest first, in sentences."""
    return [f"{moment(when)}: {MENDED.get(reason, reason)}." for when, reason in seen.mended]


def releases(held: tuple[HeldRelease, ...]) -> pl.DataFrame:
    """A row a release, the newest first."""
    return pl.DataFrame(
        [
            {
                "Release": f"{release.id}{' (current)' if release.is_current else ''}",
                "Made (UTC)": f"{release.created_at:%d %b %Y, %H:%M}" if release.created_at else "not stated",
                "Figures": _figures(release),
                "Checks": _checks(release),
            }
            for release in held
        ]
    )


def about_releases(held: tuple[HeldRelease, ...]) -> str:
    """Finding on the releases."""
    current = next((release for release in held if release.is_current), None)
    kept = f"{_so_many(len(held), 'release is', 'releases are')} kept"
    if current is None:
        return f"{kept}; none of them is being shown"
    made = f" of {long_date(current.created_at.date())}" if current.created_at else ""
    newer = held.index(current)
    if newer:
        return f"{kept}; the one{made} is being shown, and {_so_many(newer, 'is', 'are')} newer"
    return f"{kept}; the newest{made} is being shown"


def moment(when: str) -> str:
    """A time of the trail in words, to the second."""
    return f"{dt.datetime.fromisoformat(when):%d %b %Y, %H:%M:%S}"


def _figures(release: HeldRelease) -> str:
    if not release.is_readable:
        return "Cannot be read"
    return "Real" if release.is_real else "Synthetic"


def _checks(release: HeldRelease) -> str:
    order = [*CHECKS, *(status for status in release.checks if status not in CHECKS)]
    told = [
        _so_many(release.checks[status], *CHECKS.get(status, (status, status)))
        for status in order
        if release.checks.get(status)
    ]
    if release.set_aside:
        told.append(_so_many(release.set_aside, "submission set aside", "submissions set aside"))
    return joined(told) or "not stated"


def disclosure(release: HeldRelease) -> list[str]:
    """What the manifest says of disclosure control and of the attack on it, a line each, whatever it is."""
    return [literal(line) for line in disclosure_words.sentences(release.disclosure)] or ["Nothing is stated."]


def _so_many(count: int, one: str, more: str) -> str:
    return f"{number(count)} {one if count == 1 else more}"
