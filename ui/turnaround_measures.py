"""The measures of turnaround, what they are judged by, and the standards in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ui import words
from ui.data import Snapshot
from ui.figure import Figure
from ui.made_once import made_once

WITHIN = "reported_within_standard"
BACKLOG = "overdue_backlog"
OPEN = "open_requests"
WAITS = "turnaround_days"
VOLUMES = "requests_received"

#: Share aimed at where an entry names no target of its own.
USUAL_TARGET = 0.9


def target_of(figure: Figure) -> float:
    """The share aimed at, from the entry."""
    target = figure.entry.target
    return target.value / 100 if target and target.unit == "percent" else USUAL_TARGET


def standards_in_force(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    """The newest version of each category's standard."""
    return _standards(snapshot.key, snapshot)


@made_once(3)
def _standards(key: str, _snapshot: Snapshot) -> dict[str, dict[str, Any]]:  # noqa: ARG001 - key: the release
    rows = _snapshot.facts.standards.sort("turnaround_category", "valid_from")
    return {row["turnaround_category"]: row for row in rows.to_dicts()}


def standard_in_words(row: Mapping[str, Any]) -> str:
    """One standard with its jurisdiction: an English or UK one is named as a comparator."""
    start = words.CLOCK.get(row["clock_start_event"], row["clock_start_event"])
    own = row["jurisdiction"] == "Scotland"
    whose = "Scottish standard" if own else f"Comparator standard ({row['jurisdiction']})"
    assumed = "" if row["validity_basis"] == "stated" else ", a date that is assumed"
    return (
        f"{whose}: {row['label']}, {row['target_days']} {row['day_type']} days from {start}. "
        f"Version {row['version']:g} of the standard, in force from {words.short_month(row['valid_from'])}{assumed}."
    )
