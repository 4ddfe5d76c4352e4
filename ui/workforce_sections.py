"""The sections of the page Workforce in their order: each a finding, a table, its download and what it measures."""

from __future__ import annotations

from collections.abc import Callable

from ui import workforce_measures as measures
from ui.data import Snapshot
from ui.made_once import made_once
from ui.outlook_sections import Part
from ui.workforce_filters import Choice
from ui.workforce_people_sections import by_one, reasons, trainees
from ui.workforce_posts_sections import alone, bands, in_hours, over_time, posts
from ui.workforce_waits_sections import waits


@made_once(300)
def _built(key: str, name: str, choice: Choice, _snapshot: Snapshot) -> Part:  # noqa: ARG001 - key: the release
    return SECTIONS[name](_snapshot, choice)


def build(snapshot: Snapshot, name: str, choice: Choice) -> Part:
    """A section of the page, made once for a release and a choice."""
    return _built(snapshot.key, name, choice, snapshot)


def is_told(snapshot: Snapshot) -> bool:
    """Whether the release shows any posts."""
    return measures.one(measures.whole(measures.figure(snapshot, measures.VACANCY))) is not None


SECTIONS: dict[str, Callable[[Snapshot, Choice], Part]] = {
    "posts": posts,
    "over_time": over_time,
    "hours": in_hours,
    "bands": bands,
    "long": by_one("long"),
    "turnover": by_one("turnover"),
    "reasons": reasons,
    "absence": by_one("absence"),
    "retirement": by_one("retirement"),
    "alone": alone,
    "trainees": trainees,
    "waits": waits,
}
