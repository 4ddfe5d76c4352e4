"""Which code and lists a simulation rests on, in one short text: another version of either is another run."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from catalogue.contracts import ROOT

#: All code below these, and the lists of standards, holidays and laboratories that no table of assumptions holds.
DECIDING = (
    "capacity/*.py",
    "reference/laboratories.csv",
    "reference/public_holidays.csv",
    "reference/turnaround_standards.csv",
)


@cache
def code_version(more: Sequence[str] = (), root: Path = ROOT) -> str:
    """Twelve characters that change whenever one of these files does, or is there no longer.

    more: files beside DECIDING that a run rests on, as patterns below the root.
    """
    digest = hashlib.sha256()
    for pattern in (*DECIDING, *more):
        for path in sorted(root.glob(pattern)):
            content = path.read_bytes()
            digest.update(f"{path.relative_to(root).as_posix()}:{len(content)}:".encode() + content)
    return digest.hexdigest()[:12]
