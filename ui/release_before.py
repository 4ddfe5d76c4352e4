"""The release that was served before the one being shown, or why the two cannot be compared."""

from __future__ import annotations

from dataclasses import dataclass

from ui import words
from ui.data import BrokenReleaseError, RealReleaseError, Snapshot, UnknownReleaseError


@dataclass(frozen=True)
class Before:
    """The release before; without one, `title` and `why` say what stands in its place."""

    snapshot: Snapshot | None
    title: str = ""
    why: str = ""


def release_before(current: Snapshot) -> Before:
    """The newest release that was ever served and is older than the one being shown, opened for the same reader."""
    name = current.before
    if name is None:
        return Before(
            None,
            "This is the first release",
            "No release was served before it, so there is nothing to compare it with. From the next release on, this "
            "page tells which definitions changed and which figures moved.",
        )
    made = _made(name)
    try:
        found = Snapshot(current.reader, current.folder, name)
    except UnknownReleaseError:
        return Before(
            None,
            "The release before is no longer kept here",
            f"It was made {made}. The people who look after this dashboard can restore it from the archive.",
        )
    except RealReleaseError:
        return Before(None, "Sign-in is needed for the release before", "It holds real figures.")
    except BrokenReleaseError:
        return Before(
            None,
            "The release before cannot be read",
            f"It was made {made}, by another version of this dashboard or it is damaged, so it cannot be compared.",
        )
    if found.release.is_synthetic != current.release.is_synthetic:
        return Before(
            None,
            "The release before cannot be compared",
            "One of the two holds synthetic figures and the other real ones.",
        )
    return Before(found)


def _made(name: str) -> str:
    """When a release was made, by its name."""
    day = name[:8]
    is_day = len(day) == 8 and day.isdigit()
    return f"on {words.iso_date(f'{day[:4]}-{day[4:6]}-{day[6:]}')}" if is_day else "at an unknown time"
