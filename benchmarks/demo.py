"""Making a million synthetic requests, against writing as many bytes."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.measuring import Measure, wall
from pipelines.demo import write_demo

YEARS, REQUESTS_PER_YEAR = 5.5, 182_000


def measure() -> Measure:
    """Wall seconds of both."""
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "demo"
        seconds = wall(lambda: write_demo(out, YEARS, REQUESTS_PER_YEAR, until="2026-10", quiet=True))
        size = sum(path.stat().st_size for path in out.iterdir())
        block = bytes(1_000_000)
        floor = wall(lambda: _write(Path(place) / "floor", block, size // len(block)))
    work = f"demonstration extracts, {YEARS * REQUESTS_PER_YEAR:,.0f} requests, {size / 1e6:,.0f} MB"
    return Measure(work, "as many bytes written", "under 60 s", seconds, floor)


def _write(path: Path, block: bytes, count: int) -> None:
    with path.open("wb") as file:
        for _ in range(count):
            file.write(block)
