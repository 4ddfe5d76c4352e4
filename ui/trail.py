"""The audit trail's files and how a record is added: JSON lines, each chained to the one before by its hash.

The format is described in docs/audit.md; `python -m pipelines audit` reads it on its own.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import json
import logging
import os
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

LOG = logging.getLogger(__name__)

HEAD, LOCK = "head.json", "lock"
FILE_NAME = re.compile(r"trail-\d{4}-\d{2}\.jsonl")

#: What the first line of a trail names as the hash before it.
GENESIS = "0" * 64

#: The head file is overwritten in place: within one sector it is written whole or not at all, and needs no new room.
HEAD_BYTES = 512

#: The end of every line: its own hash, over the canonical JSON that stands before it.
OWN_HASH = re.compile(rb',"hash":"([0-9a-f]{64})"\}')
OWN_HASH_BYTES = 75

#: Seconds to wait for another writer before a record counts as not written.
PATIENCE = 5.0

#: Written by the trail itself where it had to be mended: `reason` says what was found.
MENDED = "mended"

#: Readers that are no person: somebody unknown, and the trail itself.
NOBODY, TRAIL = "nobody", "trail"

_THREADS = threading.Lock()


@dataclass(frozen=True)
class Line:
    """A line of the trail whose own hash holds."""

    number: int
    previous: str
    hash: str
    record: Mapping[str, Any]


@dataclass(frozen=True)
class Archived:
    """Where the archived part of a trail ends."""

    file: str
    number: int
    hash: str


@dataclass(frozen=True)
class Head:
    """The newest line of a trail, and how long its file is with it."""

    number: int = 0
    hash: str = GENESIS
    file: str = ""
    size: int = 0
    archived: Archived | None = None


def composed(fields: Mapping[str, Any], number: int, previous: str) -> tuple[bytes, str]:
    """A record as its line, and the line's hash."""
    whole = {**fields, "number": number, "previous": previous}
    body = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")
    own = hashlib.sha256(body).hexdigest()
    return body[:-1] + f',"hash":"{own}"}}\n'.encode("ascii"), own


def parsed(raw: bytes) -> Line | None:
    """A line of a file, with its newline; None where it is not whole or its own hash does not hold."""
    ending = OWN_HASH.fullmatch(raw[-OWN_HASH_BYTES - 1 : -1])
    if ending is None or not raw.endswith(b"\n"):
        return None
    body, own = raw[: -OWN_HASH_BYTES - 1] + b"}", ending[1].decode()
    if hashlib.sha256(body).hexdigest() != own:
        return None
    try:
        record = json.loads(body)
        return Line(record["number"], record["previous"], own, record)
    except (ValueError, KeyError, TypeError):
        return None


def read_head(folder: Path) -> Head | None:
    """The head file; None where there is none or it cannot be understood."""
    try:
        held = json.loads((folder / HEAD).read_bytes())
        old = held["archived"]
        archived = Archived(str(old["file"]), int(old["number"]), str(old["hash"])) if old else None
        head = Head(int(held["number"]), str(held["hash"]), str(held["file"]), int(held["size"]), archived)
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    return head if FILE_NAME.fullmatch(head.file) else None


def files(folder: Path) -> list[str]:
    """Names of the trail's files, oldest first; those that were archived and not yet removed are left out."""
    head = read_head(folder)
    done = head.archived.file if head and head.archived else ""
    names = (path.name for path in folder.iterdir()) if folder.is_dir() else ()
    return sorted(name for name in names if FILE_NAME.fullmatch(name) and name > done)


@contextmanager
def locked(folder: Path, *, writing: bool) -> Iterator[None]:
    """Hold the trail against other threads and processes; TimeoutError where another holds it for too long.

    A reader does without the lock where there is no lock file: then nothing was ever written.
    """
    deadline = time.monotonic() + PATIENCE
    if not _THREADS.acquire(timeout=PATIENCE):
        raise TimeoutError("another thread holds the audit trail")
    try:
        try:
            handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT if writing else os.O_RDONLY, 0o640)
        except FileNotFoundError:
            if writing:
                raise
            yield
            return
        try:
            _wait_for(handle, fcntl.LOCK_EX if writing else fcntl.LOCK_SH, deadline)
            yield
        finally:
            os.close(handle)
    finally:
        _THREADS.release()


def _wait_for(handle: int, kind: int, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise TimeoutError("another process holds the audit trail") from None
            time.sleep(0.001)


def append(folder: Path, records: Sequence[Mapping[str, Any]]) -> Head:
    """Add records to the trail and give its new head; on return they are on the disk.

    records: the fields of each but `when`, `number` and `previous`. Raises OSError (TimeoutError among them) where they
    could not be written; then none of them is in the trail.
    """
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    with locked(folder, writing=True):
        now = dt.datetime.now(dt.UTC)
        head = read_head(folder)
        name = max(f"trail-{now:%Y-%m}.jsonl", head.file if head else "")
        if head is None or not _is_at_end(folder, head, name):
            head = _mended(folder, head)
            name = max(name, head.file)
        return _written(folder, head, name, records)


def _is_at_end(folder: Path, head: Head, name: str) -> bool:
    """Whether the files are as the head says."""
    if head.file and (not (folder / head.file).exists() or (folder / head.file).stat().st_size != head.size):
        return False
    return name == head.file or not (folder / name).exists()


def _written(folder: Path, head: Head, name: str, records: Sequence[Mapping[str, Any]]) -> Head:
    """Write lines and the head that goes with them: all or nothing."""
    when = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    is_new = not (folder / name).exists()
    handle = os.open(folder / name, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        size = os.fstat(handle).st_size
        text = b"\n" if size and os.pread(handle, 1, size - 1) != b"\n" else b""
        number, last = head.number, head.hash
        for fields in records:
            number += 1
            line, last = composed({"when": when, **fields}, number, last)
            text += line
        new = replace(head, number=number, hash=last, file=name, size=size + len(text))
        try:
            if os.write(handle, text) != len(text):
                raise OSError(28, "No space left on device")
            os.fdatasync(handle)
            if is_new:
                _sync_folder(folder)
            write_head(folder, new)
        except OSError:
            with suppress(OSError):
                os.ftruncate(handle, size)
            raise
    finally:
        os.close(handle)
    return new


def write_head(folder: Path, head: Head) -> None:
    """Overwrite the head file; to be called by who holds the lock for writing."""
    text = json.dumps(asdict(head), sort_keys=True).encode("ascii").ljust(HEAD_BYTES - 1) + b"\n"
    handle = os.open(folder / HEAD, os.O_RDWR | os.O_CREAT, 0o640)
    try:
        if os.pwrite(handle, text, 0) != len(text):
            raise OSError(28, "No space left on device")
    finally:
        os.close(handle)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# What a crash, a power cut or a hand in the files leaves behind


def _mended(folder: Path, head: Head | None) -> Head:
    """The head after whatever stands beyond it has been taken in and recorded.

    Nothing is taken out: bytes that are no line stay where they are, and a record after them fixes how many they are
    and their hash. What is missing before the head stays missing, for the check to find.
    """
    names = files(folder)
    if head is None and not names:
        return Head()
    found: list[dict[str, str]] = []
    if head is None:
        head = _last_whole(folder, names)
        found.append({"reason": "head file missing"})
        LOG.error("the audit trail has lost its head file; `python -m pipelines audit` says what can be told")
    for name in [name for name in names if name >= head.file]:
        head, more = _taken_in(folder, head, name)
        if found := [*more, *found]:
            head = _written(folder, head, name, [mend(detail) for detail in found])
            found = []
    if head.file and (not (folder / head.file).exists() or (folder / head.file).stat().st_size < head.size):
        LOG.error("lines are missing at the end of the audit trail; `python -m pipelines audit` says which")
    return head


def mend(detail: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a record of the trail's own, which says what was found and mended."""
    return {"what": MENDED, "reader": TRAIL, "where": TRAIL, "release": "", "detail": detail}


def _taken_in(folder: Path, head: Head, name: str) -> tuple[Head, list[dict[str, str]]]:
    """The head after the lines that stand beyond it in a file, and what is to be recorded of them and of the rest."""
    start = head.size if name == head.file else 0
    beyond = (folder / name).read_bytes()[start:]
    found: list[dict[str, str]] = []
    first = head.number
    while beyond:
        raw, _, rest = beyond.partition(b"\n")
        line = parsed(raw + b"\n")
        if line is None or line.number != head.number + 1 or line.previous != head.hash:
            break
        start += len(raw) + 1
        head = replace(head, number=line.number, hash=line.hash, file=name, size=start)
        beyond = rest
    if head.number > first:
        found.append({"reason": "lines after the head", "lines": str(head.number - first)})
    if beyond:
        torn = beyond if beyond.endswith(b"\n") else beyond + b"\n"
        digest = hashlib.sha256(torn).hexdigest()
        # It goes first, since it must stand directly after the bytes that it tells of.
        found.insert(0, {"reason": "torn line", "bytes": str(len(torn)), "sha256": digest})
    return head, found


def _last_whole(folder: Path, names: Sequence[str]) -> Head:
    """The head as the files themselves have it: after the last whole line of the newest file that holds one."""
    for name in reversed(names):
        at, head = 0, None
        for raw in (folder / name).read_bytes().splitlines(keepends=True):
            at += len(raw)
            if line := parsed(raw):
                head = Head(line.number, line.hash, name, at)
        if head:
            return head
    return Head()
