"""Reads the audit trail for the screens and says whether its chain is whole: the newest months only, in bounded time.

`python -m pipelines audit` checks all of it, with a second implementation of the format, and says what was done to it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ui import trail

#: A refused attempt, newest first: when, reader, where, reason.
Refused = tuple[str, str, str, str]

#: Number and hash of a line.
End = tuple[int, str]

#: The end of a file is read back so far to find its last line.
TAIL_BYTES = 65_536


@dataclass(frozen=True)
class Seen:
    """What the newest days of a trail hold, and whether it is whole as far as it was read."""

    problem: str
    at: int | None
    since: dt.date
    lines: int
    number: int
    hash: str
    by_day: dict[tuple[str, str], int]
    readers: dict[str, int]
    refused: tuple[Refused, ...]
    mended: tuple[tuple[str, str], ...]


@dataclass
class _Tally:
    """Counts records as they pass."""

    since: str
    newest: int
    only: frozenset[str] | None

    def __post_init__(self) -> None:
        self.by_day: Counter[tuple[str, str]] = Counter()
        self.readers: dict[str, set[str]] = {}
        self.refused: deque[Refused] = deque(maxlen=self.newest)
        self.mended: deque[tuple[str, str]] = deque(maxlen=self.newest)

    def add(self, record: dict[str, Any]) -> None:
        day = str(record["when"])[:10]
        if day < self.since or (self.only is not None and record["reader"] not in self.only):
            return
        self.by_day[day, record["what"]] += 1
        if record["what"] == trail.MENDED:
            self.mended.append((record["when"], record["detail"].get("reason", "")))
            return
        self.readers.setdefault(day, set()).add(record["reader"])
        if record["what"] == "refused":
            reason = record["detail"].get("reason", "")
            self.refused.append((record["when"], record["reader"], record["where"], reason))


def look(folder: Path, since: dt.date, newest: int, only: frozenset[str] | None = None) -> Seen | None:
    """What was recorded since a day, and the newest few refused attempts; None where nothing was ever recorded.

    Only the files of these months are read, and the end of the one before them, which the first must continue.
    only: keys of the readers whose records are counted; all of them by default. The chain is checked in any case.
    """
    tally = _Tally(since.isoformat(), newest, only)
    with trail.locked(folder, writing=False):
        head, names = trail.read_head(folder), trail.files(folder)
        sizes = {name: (folder / name).stat().st_size for name in names}
    if head is None and not names:
        return None
    recent = {name: size for name, size in sizes.items() if name >= f"trail-{since:%Y-%m}.jsonl"}
    older = [name for name in names if name not in recent]
    start = _end_of(folder / older[-1], sizes[older[-1]]) if older else _beginning(head)
    checked = follow(folder, recent, head, start, tally.add)
    return Seen(
        problem=checked.problem,
        at=checked.at,
        since=since,
        lines=checked.lines,
        number=head.number if head else 0,
        hash=head.hash if head else "",
        by_day=dict(tally.by_day),
        readers={day: len(keys) for day, keys in tally.readers.items()},
        refused=tuple(reversed(tally.refused)),
        mended=tuple(reversed(tally.mended)),
    )


@dataclass(frozen=True)
class Checked:
    """The first problem, with the number of the line that it begins with (None where all is whole); lines that hold."""

    problem: str
    at: int | None
    lines: int


def _beginning(head: trail.Head | None) -> End:
    """Number and hash before the first line of the oldest file."""
    done = head.archived if head else None
    return (done.number, done.hash) if done else (0, trail.GENESIS)


def _end_of(path: Path, size: int) -> End:
    """Number and hash of the last whole line of a file, sought within its last bytes."""
    with path.open("rb") as file:
        file.seek(max(0, size - TAIL_BYTES))
        tail = file.read(min(size, TAIL_BYTES))
    whole = (line for raw in reversed(tail.splitlines(keepends=True)) if (line := trail.parsed(raw)))
    last = next(whole, None)
    return (last.number, last.hash) if last else (0, trail.GENESIS)


def follow(
    folder: Path, sizes: dict[str, int], head: trail.Head | None, start: End, each: Callable[[dict[str, Any]], None]
) -> Checked:
    """Walk the chain through the files, as long as they were, handing each record on; goes on after a problem.

    start: number and hash of the line before the first.
    """
    problem, at, lines, end = "", None, 0, start
    for name, size in sizes.items():
        torn = b""
        for place, raw in enumerate(_lines(folder / name, size), 1):
            line = trail.parsed(raw)
            if line is None:
                torn += raw
                continue
            follows = line.number == end[0] + 1 and line.previous == end[1] and (not torn or _is_told(torn, line))
            if not problem and not follows:
                at = end[0] + 1
                problem = f"line {at:,} is altered, missing or out of its place (at line {place:,} of {name})"
            each(dict(line.record))
            end, torn, lines = (line.number, line.hash), b"", lines + 1
        if torn and not problem:
            at = end[0] + 1
            problem = f"{name} ends in something that is no whole line, after line {end[0]:,}"
    if not problem:
        problem, at = _against_head(head, end)
    return Checked(problem, at, lines)


def _lines(path: Path, size: int) -> Iterator[bytes]:
    """The lines of a file up to a size, each with its newline."""
    with path.open("rb") as file:
        while size > 0 and (raw := file.readline(size)):
            size -= len(raw)
            yield raw


def _is_told(torn: bytes, line: trail.Line) -> bool:
    """Whether a record sets apart the very bytes before it."""
    detail = line.record.get("detail", {})
    return (
        line.record.get("what") == trail.MENDED
        and detail.get("bytes") == str(len(torn))
        and detail.get("sha256") == hashlib.sha256(torn).hexdigest()
    )


def _against_head(head: trail.Head | None, end: End) -> tuple[str, int | None]:
    """Whether the last line is the one that the head names."""
    number, last = end
    if head is None:
        return "the head file is missing or damaged", number
    if number < head.number:
        return f"line {number + 1:,} is missing: the trail ends at line {number:,} of {head.number:,}", number + 1
    if number > head.number:
        return f"line {head.number + 1:,} stands after the last line that was recorded", head.number + 1
    return ("", None) if last == head.hash else (f"line {number:,} is not the one that was recorded", number)
