"""What `status` prints of the submissions, for people and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what only says that nothing is new has no need of it
    from pipelines.ingest.register import Register, Submission


def as_status(register: Register) -> list[dict[str, Any]]:
    """Every submission as `status --json` prints it, in the order of registration.

    Rows that the build returned count as returned, no longer as loaded. Exact counts: for stewards and the build side.
    """
    returned = register.build_returns()
    return [_described(entry, returned.get(entry.submission_id, {})) for entry in register.all()]


def _described(entry: Submission, by_build: Mapping[str, int]) -> dict[str, Any]:
    moved = sum(by_build.values())
    reasons = {code: entry.reasons.get(code, 0) + by_build.get(code, 0) for code in [*entry.reasons, *by_build]}
    return {
        "file": entry.file,
        "extract": entry.extract,
        "submitter": entry.submitter,
        "period": entry.period,
        "version": entry.version,
        "sha256": entry.sha256,
        "state": entry.state,
        "rows_read": entry.rows_read,
        "rows_loaded": entry.rows_loaded - moved,
        "rows_returned": entry.rows_returned + moved,
        "reasons": reasons,
        "refused_because": entry.refused_because,
    }


def counts(entries: Sequence[Submission]) -> str:
    """What an ingest did, in a line."""
    if not entries:
        return "Nothing new in the inbox"
    by_state = Counter(entry.state for entry in entries)
    loaded, returned = (sum(getattr(entry, name) for entry in entries) for name in ("rows_loaded", "rows_returned"))
    states = ", ".join(f"{count:,} {state}" for state, count in by_state.items())
    return f"{len(entries):,} submissions read: {states}; {loaded:,} rows loaded, {returned:,} returned"


def summary(rows: Sequence[Mapping[str, Any]], set_aside: Sequence[Mapping[str, Any]] = ()) -> list[str]:
    """What `status` prints for people: counts by extract and submitter, then what the release being served set aside
    and every refused submission, each with why.

    rows: as `as_status` gives them. set_aside: as the manifest of the release being served lists it.
    """
    lines = []
    out, instead = ({entry[name] for entry in set_aside} for name in ("file", "used_instead"))
    standing = [row for row in rows if row["file"] not in out]
    used = [
        row
        for row in standing
        if row["state"] == "accepted" or (row["state"] == "superseded" and row["file"] in instead)
    ]
    for extract, submitter in sorted({(row["extract"], row["submitter"]) for row in used}):
        own = [row for row in used if (row["extract"], row["submitter"]) == (extract, submitter)]
        loaded, returned = sum(r["rows_loaded"] for r in own), sum(r["rows_returned"] for r in own)
        newest = max(r["period"] for r in own)
        sent = f"{extract:11} {submitter:10} {len(own):4} periods to {newest}"
        lines.append(f"{sent}  {loaded:10,} rows in use  {returned:7,} returned")
    lines += set_aside_lines(set_aside)
    lines += [f"refused: {row['file']}: {row['refused_because']}" for row in rows if row["state"] == "refused"]
    return lines or ["No submissions yet"]


def set_aside_lines(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line for each submission that a manifest lists as set aside: why, what is used instead, and what to do."""
    return [
        f"set aside: {entry['file']}: {entry['because']} "
        + (
            f"{entry['used_instead']} is used instead. "
            if entry["used_instead"]
            else "Nothing is used for this month. "
        )
        + f"To do: {entry['to_do']}"
        for entry in entries
    ]
