"""Small audit trails for tests: written line by line in the format, over several months."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from ui import trail

MONTHS = {"2026-08": 3, "2026-09": 4, "2026-10": 5}


def make_trail(folder: Path, months: Mapping[str, int] = MONTHS, *, every_refused: int = 4) -> Path:
    """A whole trail: so many lines a month, spread over its days, each so many-th of them a refused attempt."""
    folder.mkdir(parents=True, exist_ok=True)
    number, last, size = 0, trail.GENESIS, 0
    for month, lines in months.items():
        first = dt.datetime.fromisoformat(f"{month}-01").replace(tzinfo=dt.UTC)
        written = []
        for place in range(lines):
            number += 1
            when = first + dt.timedelta(seconds=28 * 86_400 * place / lines)
            line, last = trail.composed(fields(number, when, number % every_refused == 0), number, last)
            written.append(line)
        size = (folder / f"trail-{month}.jsonl").write_bytes(b"".join(written))
    trail.write_head(folder, trail.Head(number, last, f"trail-{max(months)}.jsonl", size))
    (folder / trail.LOCK).touch()
    return folder


def fields(number: int, when: dt.datetime, is_refused: bool) -> dict[str, object]:
    """What a line tells, beside its number and hashes."""
    return {
        "when": when.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "what": "refused" if is_refused else "download" if number % 7 == 0 else "view",
        "reader": f"{number % 5:016x}",
        "where": "my_board" if is_refused else "turnaround",
        "release": "20261115T080000Z-full",
        "detail": {"reason": "wrong_role"} if is_refused else {"board": "Fife"},
    }


def files_of(folder: Path) -> list[Path]:
    """The trail's files, oldest first."""
    return sorted(folder.glob("trail-*.jsonl"))


def read(folder: Path) -> list[bytes]:
    """Every line of a trail, with its newline."""
    return [line for path in files_of(folder) for line in path.read_bytes().splitlines(keepends=True)]
