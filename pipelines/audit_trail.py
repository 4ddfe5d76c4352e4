"""Verifies the app's audit trail from its documented format (docs/audit.md) alone, and archives its old months.

It shares no code with the screens that write the trail, so that a fault in one is found by the other.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.errors import PipelineError

NAME = re.compile(r"trail-(\d{4}-\d{2})\.jsonl")
ARCHIVE = "archive"
HEAD = "head.json"
HEAD_BYTES = 512
START = (0, "0" * 64)

#: Number and hash of a line.
End = tuple[int, str]


@dataclass(frozen=True)
class Entry:
    """A line of the trail: where it stands, its bytes, and its record where it is one whose own hash holds."""

    file: str
    place: int
    raw: bytes
    record: dict[str, Any] | None

    @property
    def number(self) -> int:
        """The number that the line gives itself."""
        return int(self.record["number"]) if self.record else 0

    @property
    def where(self) -> str:
        """The place of the line in its file, for a message."""
        return f"{self.file}:{self.place}"


@dataclass
class Verdict:
    """What a check of a trail found: its first problem, what it holds, and where it ends."""

    problem: str = ""
    at: int | None = None
    lines: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    mended: Counter[str] = field(default_factory=Counter)
    end: End = START
    ended: str = ""
    anchored_at: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is altered, missing, added or out of its place."""
        return not self.problem


def verify(folder: Path, since: str = "", anchor: str = "", archived: Path | None = None) -> Verdict:
    """Check a whole trail from its first line to the one that its head names.

    since: counts only records of this day (YYYY-MM-DD) and later. anchor: a hash kept elsewhere, which the trail must
    hold. archived: a folder with archived months, to be checked as one chain with the others.
    """
    head, paths, sizes = _held(folder)
    done = head.get("archived") if head else None
    start = (done["number"], done["hash"]) if done and archived is None else START
    if archived is not None:
        older = _named(archived, "", done["file"] if done else "")
        paths, sizes = [*older, *paths], {**{path: path.stat().st_size for path in older}, **sizes}
    verdict = Verdict(end=start)
    if head is None and not paths:
        if anchor:
            verdict.problem = "no trail is held, so the hash given is not in it"
        return verdict
    _walk(verdict, paths, sizes, since, anchor)
    if not verdict.problem:
        _compare_with_head(verdict, head)
    if not verdict.problem and anchor and verdict.anchored_at is None and start[1] != anchor:
        verdict.problem = "the hash given is not in the trail: lines up to it were taken away or written anew"
    return verdict


def _held(folder: Path) -> tuple[dict[str, Any] | None, list[Path], dict[Path, int]]:
    """The head, the files that are not archived, oldest first, and their sizes at one moment between two records."""
    with _locked(folder, os.O_RDONLY, fcntl.LOCK_SH):
        head = _head(folder)
        done = head.get("archived") if head else None
        paths = _named(folder, done["file"] if done else "")
        return head, paths, {path: path.stat().st_size for path in paths}


def moment(folder: Path) -> tuple[bytes | None, dict[Path, int]]:
    """The head file, None where there is none, and the size of each file of the trail, at one moment between records.

    A copy of each file up to its size, with this head, is a whole trail whatever is added meanwhile.
    """
    with _locked(folder, os.O_RDONLY, fcntl.LOCK_SH):
        head = folder / HEAD
        sizes = {path: path.stat().st_size for path in _named(folder, "")}
        return (head.read_bytes() if head.exists() else None), sizes


def _head(folder: Path) -> dict[str, Any] | None:
    try:
        head = json.loads((folder / HEAD).read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return None
    wanted = {"number": int, "hash": str, "file": str, "size": int}
    is_whole = isinstance(head, dict) and all(isinstance(head.get(name), kind) for name, kind in wanted.items())
    return head if is_whole and NAME.fullmatch(head["file"]) else None


def _named(folder: Path, after: str, to: str = "~") -> list[Path]:
    """The trail's files in a folder, by name, after one name and up to another."""
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in found if NAME.fullmatch(path.name) and after < path.name <= (to or "~"))


@contextmanager
def _locked(folder: Path, flags: int, kind: int) -> Iterator[None]:
    """Hold the trail's lock; nothing is held where the lock file does not exist, since then nothing was written."""
    try:
        handle = os.open(folder / "lock", flags)
    except FileNotFoundError:
        yield
        return
    try:
        fcntl.flock(handle, kind)
        yield
    finally:
        os.close(handle)


# The chain


def entries(path: Path, size: int) -> Iterator[Entry]:
    """The lines of a file, up to a size."""
    with path.open("rb") as file:
        place = 0
        while size > 0 and (raw := file.readline(size)):
            size, place = size - len(raw), place + 1
            yield Entry(path.name, place, raw, _record(raw))


def _record(raw: bytes) -> dict[str, Any] | None:
    """The record of a line; None unless the line is its canonical form, as long as a line is, and its hash holds."""
    try:
        record = json.loads(raw)
        own = record.pop("hash")
        body = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        canonical = f'{body[:-1]},"hash":"{own}"}}\n'.encode("ascii")
        is_told = isinstance(record["number"], int) and isinstance(record["previous"], str)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if not is_told or canonical != raw or hashlib.sha256(body.encode("ascii")).hexdigest() != own:
        return None
    return {**record, "hash": own}


def _walk(verdict: Verdict, paths: Sequence[Path], sizes: dict[Path, int], since: str, anchor: str) -> None:
    """Follow the chain through the files up to the first problem."""
    before = ""
    for path in paths:
        odd: list[Entry] = []
        for entry in entries(path, sizes[path]):
            if entry.record is None:
                odd.append(entry)
                continue
            if odd and not _sets_apart(entry.record, odd):
                verdict.problem, verdict.at = _what_of(odd[0], entry, verdict.end), verdict.end[0] + 1
                return
            if (entry.number - 1, entry.record["previous"]) != verdict.end:
                rest = _numbers(paths, sizes)
                verdict.problem, verdict.at = _why(entry, verdict.end, before, rest), verdict.end[0] + 1
                return
            odd = []
            _count(verdict, entry.record, since, anchor)
        if odd:
            verdict.problem, verdict.at = _unfinished(odd[0], verdict.end), verdict.end[0] + 1
            return
        before = path.name


def _count(verdict: Verdict, record: dict[str, Any], since: str, anchor: str) -> None:
    verdict.lines += 1
    verdict.end, verdict.ended = (record["number"], record["hash"]), str(record["when"])
    if record["hash"] == anchor:
        verdict.anchored_at = record["number"]
    if str(record["when"])[:10] >= since:
        verdict.counts[str(record["what"])] += 1
        if record["what"] == "mended":
            verdict.mended[str(record["detail"].get("reason"))] += int(record["detail"].get("lines", "1"))


def _sets_apart(record: dict[str, Any], odd: Sequence[Entry]) -> bool:
    """Whether a record says that the bytes before it are a line that a crash left unfinished."""
    torn = b"".join(entry.raw for entry in odd)
    told = (record["detail"].get("bytes"), record["detail"].get("sha256"))
    return record["what"] == "mended" and told == (str(len(torn)), hashlib.sha256(torn).hexdigest())


def _numbers(paths: Sequence[Path], sizes: dict[Path, int]) -> Counter[int]:
    """How often each number stands in the trail; read only once something is wrong."""
    return Counter(entry.number for path in paths for entry in entries(path, sizes[path]) if entry.record)


# What was done to it


def _why(entry: Entry, end: End, before: str, numbers: Counter[int]) -> str:
    """What is wrong at a line that does not follow the one before it."""
    wanted = end[0] + 1
    if entry.number == wanted:
        return f"{entry.where}: line {wanted:,} does not follow line {end[0]:,}: one of them was written anew"
    if entry.number < wanted and numbers[entry.number] > 1:
        return f"{entry.where}: line {entry.number:,} stands there a second time: inserted"
    if numbers[wanted]:
        return f"{entry.where}: line {entry.number:,} stands where line {wanted:,} belongs: lines are out of order"
    if entry.number > wanted:
        missing = _lines(wanted, entry.number - 1)
        if entry.place == 1:
            place = f"between {before} and {entry.file}" if before else f"before {entry.file}"
            return f"{missing} missing {place}: a file or its end was deleted"
        return f"{entry.where}: {missing} missing before it: deleted"
    return f"{entry.where}: line {entry.number:,} stands after line {end[0]:,}: lines are out of order"


def _what_of(odd: Entry, after: Entry, end: End) -> str:
    """What is wrong at a line whose own hash does not hold."""
    if (after.number - 1, after.record and after.record["previous"]) == end:
        return f"{odd.where}: inserted: it is no line of the trail, and line {after.number:,} follows without it"
    return f"{odd.where}: line {end[0] + 1:,} is altered: its own hash does not hold"


def _unfinished(odd: Entry, end: End) -> str:
    return (
        f"{odd.where}: what follows line {end[0]:,} is no whole line: altered, cut short or added; where the app "
        "stopped in the middle of writing, its next record sets this apart"
    )


def _compare_with_head(verdict: Verdict, head: dict[str, Any] | None) -> None:
    number, last = verdict.end
    verdict.at = number + 1
    if head is None:
        verdict.problem = (
            "head.json is missing or damaged, so lines may be missing at the end; compare with a hash kept elsewhere"
        )
    elif number < head["number"]:
        verdict.problem = f"{_lines(number + 1, head['number'])} missing at the end: deleted"
    elif number > head["number"]:
        verdict.at = head["number"] + 1
        verdict.problem = (
            f"{_lines(head['number'] + 1, number)} after the last line recorded: added by hand, or written as the "
            "power failed; then the app's next record says so"
        )
    elif last != head["hash"]:
        verdict.at = number
        verdict.problem = f"line {number:,}, the last, is not the one that was recorded: written anew"
    else:
        verdict.at = None


def _lines(first: int, last: int) -> str:
    return f"line {first:,} is" if first == last else f"lines {first:,} to {last:,} are"


# Archiving


def archive(folder: Path, before: str) -> list[str]:
    """Move whole months before one (YYYY-MM) into the trail's own folder `archive`; gives their names.

    The last archived line's number and hash stay in the head, from which the remaining chain is verified. Raises
    PipelineError where the trail is not whole: what is wrong must be looked at first.
    """
    verdict = verify(folder)
    if verdict.problem:
        raise PipelineError(f"audit: nothing was archived, since the trail is not whole: {verdict.problem}")
    place, moved = folder / ARCHIVE, []
    with _locked(folder, os.O_RDWR, fcntl.LOCK_EX):
        for path in _named(folder, ""):
            head = _head(folder)
            if head is None or path.name >= min(f"trail-{before}.jsonl", head["file"]):
                break
            place.mkdir(mode=0o750, exist_ok=True)
            done = head.get("archived")
            if not done or path.name > done["file"]:
                _copy(path, place / path.name)
                last = [entry for entry in entries(path, path.stat().st_size) if entry.record][-1]
                assert last.record is not None
                end = {"file": path.name, "number": last.number, "hash": last.record["hash"]}
                _write_head(folder, {**head, "archived": end})
            path.unlink()
            moved.append(path.name)
    return moved


def _copy(path: Path, to: Path) -> None:
    """A copy that is on the disk before what it was made from is removed."""
    partial = to.with_name(f".{to.name}")
    shutil.copy2(path, partial)
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(to)


def _write_head(folder: Path, head: dict[str, Any]) -> None:
    text = json.dumps(head, sort_keys=True).encode("ascii").ljust(HEAD_BYTES - 1) + b"\n"
    with (folder / HEAD).open("r+b") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


# For people and programs


def told(verdict: Verdict, since: str = "") -> list[str]:
    """The lines that the command prints of a whole trail."""
    if not verdict.lines:
        return ["Nothing has been recorded yet"]
    number, last = verdict.end
    lines = [f"The audit trail is whole: {verdict.lines:,} lines, the last is line {number:,} of {verdict.ended}"]
    lines += [f"  {what:10} {count:10,}" for what, count in sorted(verdict.counts.items())] or ["  nothing recorded"]
    if since:
        lines[0] += f"; since {since}:"
    lines += [f"  mended: {reason} ({count:,})" for reason, count in sorted(verdict.mended.items())]
    if verdict.anchored_at is not None:
        lines.append(f"The hash given is that of line {verdict.anchored_at:,}")
    return [*lines, f"Head: {last} (keep it elsewhere; --head checks later that it is still in the trail)"]


def as_json(verdict: Verdict) -> dict[str, Any]:
    """The same for programs."""
    return {
        "is_whole": verdict.is_whole,
        "problem": verdict.problem or None,
        "first_wrong_line": verdict.at,
        "lines": verdict.lines,
        "counts": dict(verdict.counts),
        "mended": dict(verdict.mended),
        "head": {"number": verdict.end[0], "hash": verdict.end[1]},
        "anchored_at": verdict.anchored_at,
    }
