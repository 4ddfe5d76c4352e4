"""What a record of so many requests takes: time, memory and disk of making, reading and building it.

`python -m benchmarks.sizes --millions 1 --millions 10 [--engine sc://HOST:PORT] [--keep FOLDER]` runs the commands that
a deployment runs, each in a process of its own, and writes `benchmarks/measured/sizes.md`, from which
`docs/benchmarks.md` takes it. With an engine, the build is done once more on it. A record that --keep holds already is
not made again, only built.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalogue.contracts import ROOT
from pipelines.folders import Folders
from pipelines.operations.run_log import NAME

PAGE = ROOT / "benchmarks" / "measured" / "sizes.md"
YEARS = 5.5

#: Seconds for each attack on a synthetic release, so that sizes are compared and not how long the attack may take.
ATTACK_SECONDS = "2"


@dataclass(frozen=True)
class Step:
    """What one command took: seconds by the clock and of the processor, the most memory, and the disk of its output.

    parts: seconds by the clock of the pieces of work that the run log tells of.
    """

    requests: int
    work: str
    seconds: float
    processor: float
    memory_bytes: int
    disk_bytes: int
    parts: dict[str, float]

    @property
    def row(self) -> str:
        """The step as a row of the page."""
        cells = [
            f"{self.requests:,}",
            self.work,
            f"{self.seconds:,.0f} s",
            f"{self.processor:,.0f} s",
            f"{1e6 * self.seconds / self.requests:,.1f} µs",
            f"{self.memory_bytes / 2**30:.1f} GiB",
            f"{self.disk_bytes / 1e9:,.2f} GB",
            f"{self.disk_bytes / self.requests:,.0f} B",
        ]
        return f"| {' | '.join(cells)} |"

    @property
    def pieces(self) -> str:
        """The pieces of work as a row of the page, the longest first."""
        longest = sorted(self.parts.items(), key=lambda part: -part[1])
        told = ", ".join(f"{name} {seconds:,.1f} s" for name, seconds in longest)
        return f"| {self.requests:,} | {self.work} | {told} |"


def measure(folders: Folders, requests: int, engine: str | None) -> Iterator[Step]:
    """Make, read and build a record of about so many requests, and build it once more on the engine where one is named.

    folders: an empty data folder, or one whose record was made and read before. SystemExit where a command fails.
    """
    if not folders.register.exists():
        a_year = str(round(requests / YEARS))
        yield _step(folders, requests, "extracts", folders.inbox, "demo", "--requests-per-year", a_year)
        # Exit code 1 says that a submission was refused, as the demonstration's faulty ones are.
        yield _step(folders, requests, "ingest", folders.lake, "ingest", allowed=(0, 1))
    yield _step(folders, requests, "build, DuckDB", folders.releases, "build", "--anew")
    if engine:
        yield _step(folders, requests, "build, other engine", folders.releases, "build", "--anew", "--engine", engine)


def _step(
    folders: Folders, requests: int, work: str, output: Path, *command: str, allowed: Sequence[int] = (0,)
) -> Step:
    before = _size(output)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "GENOMICS_ATTACK_SECONDS": ATTACK_SECONDS}
    line = [sys.executable, "-m", "pipelines", "--data", str(folders.data), "--quiet", *command]
    started = time.perf_counter()
    process = subprocess.Popen(line, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in allowed:
        raise SystemExit(f"{work}: exit code {process.returncode}: {said.decode(errors='replace')[-500:]}")
    return Step(
        requests,
        work,
        seconds,
        used.ru_utime + used.ru_stime,
        1024 * used.ru_maxrss,
        _size(output) - before,
        _parts(folders, command[0]),
    )


def _parts(folders: Folders, command: str) -> dict[str, float]:
    """Seconds of each piece of work of the command that ended last, as its run was logged; none where it was not."""
    log = folders.log / NAME
    last = json.loads(log.read_text(encoding="utf-8").splitlines()[-1]) if log.exists() else {}
    told: dict[str, float] = last["seconds"] if last.get("command") == command else {}
    return {name: seconds for name, seconds in told.items() if name != "whole"}


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.exists() else 0


def page(found: Sequence[Step]) -> str:
    """What was measured, as a section of Markdown."""
    return "\n".join(
        [
            "## Sizes",
            "",
            f"`python -m benchmarks.sizes`, {dt.datetime.now(dt.UTC):%Y-%m-%d}, {os.cpu_count()} cores. Each command",
            f"in a process of its own, {YEARS:g} years of record, attack sampled. Memory: the most that it held. Disk:",
            "of what the command makes (inbox, lake, release).",
            "",
            "| requests | work | time | processor | time a request | memory | disk | disk a request |",
            "| --- | --- | --- | --- | --- | --- | --- | --- |",
            *(step.row for step in found),
            "",
            "Where the time of a build goes, by the clock. *Build* is the tables and their checks, *Protect* the cells",
            "and their protection; the rest stands beside them.",
            "",
            "| requests | work | pieces |",
            "| --- | --- | --- |",
            *(step.pieces for step in found if step.parts),
            "",
        ]
    )


def main() -> None:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--millions", type=float, action="append", help="requests; may be given more than once")
    parser.add_argument("--engine", help="a Spark Connect server that sees this machine's files, sc://HOST:PORT")
    parser.add_argument("--keep", type=Path, help="where the records are made and stay; a passing folder by default")
    asked = parser.parse_args()
    found = []
    with tempfile.TemporaryDirectory() as passing:
        for millions in asked.millions or [1, 10]:
            place = (asked.keep or Path(passing)).resolve() / f"{millions:g}m"
            for step in measure(Folders(place), round(millions * 1e6), asked.engine):
                found.append(step)
                print(step.row, flush=True)
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    main()
