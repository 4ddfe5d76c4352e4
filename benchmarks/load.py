"""How many readers one machine carries: sessions that read pages over the websocket and think in between.

`python -m benchmarks.load --data FOLDER [--sessions N]... [--processes N]... [--seconds N]` serves the folder's release
on this machine, has so many sessions read pages at once, first on servers that were just started and then again on the
same ones, and writes what they waited to `benchmarks/measured/load.md`, from which `docs/benchmarks.md` takes it. With
several processes each has its share of the readers, as nginx divides them (docs/deployment.md). It speaks to this
machine alone.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import itertools
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.pages import FILTERED, PLAIN
from catalogue.contracts import ROOT
from tests.browser import talk
from tests.browser.conftest import serving

PAGE = ROOT / "benchmarks" / "measured" / "load.md"

#: Seconds that a reader looks at a page before asking for the next: evenly from half to one and a half times this.
THINKS = 5.0

#: Sessions begin over this many seconds, as people do not all come at once.
COME_IN = 10.0

#: The share of views that ask for new filters of the same page; the others open another page.
FILTERS = 0.6


@dataclass(frozen=True)
class Load:
    """What some sessions met: seconds of every view and of it all, the servers' processor seconds and most memory, and
    what went wrong."""

    processes: int
    sessions: int
    is_cold: bool
    seconds: tuple[float, ...]
    lasted: float
    processor: float
    memory_bytes: int
    wrong: tuple[str, ...]

    def within(self, share: float) -> float:
        """The seconds within which this share of the views was answered."""
        return sorted(self.seconds)[round(share * (len(self.seconds) - 1))]

    @property
    def row(self) -> str:
        """The load as a row of the page."""
        cells = [
            f"{self.processes}",
            f"{self.sessions}",
            "just started" if self.is_cold else "the same, again",
            f"{len(self.seconds):,}",
            f"{statistics.median(self.seconds):.2f} s",
            f"{self.within(0.95):.2f} s",
            f"{max(self.seconds):.2f} s",
            f"{self.processor / self.lasted:.0%}",
            f"{self.memory_bytes / 2**20:,.0f} MiB",
            f"{len(self.wrong)}",
        ]
        return f"| {' | '.join(cells)} |"


def measure(folder: Path, processes: int, sessions: int, seconds: float) -> list[Load]:
    """Servers that were just started, then the same servers once more. folder: a data folder with a release served.

    seconds: how long readers go on asking, after all have come in.
    """
    with ExitStack() as held:
        place = Path(held.enter_context(tempfile.TemporaryDirectory()))
        urls = [
            held.enter_context(serving(folder, place / f"log{number}", prepares=True)) for number in range(processes)
        ]
        return [_carried(urls, sessions, seconds, is_cold) for is_cold in (True, False)]


def _carried(urls: Sequence[str], sessions: int, seconds: float, is_cold: bool) -> Load:
    servers = [_server(url) for url in urls]
    before, started = sum(map(_processor, servers)), time.perf_counter()
    views, wrong = talk.run(_all(urls, sessions, seconds, seed=1 if is_cold else 2))
    lasted = time.perf_counter() - started
    processor, memory = sum(map(_processor, servers)) - before, sum(map(_most_memory, servers))
    return Load(len(urls), sessions, is_cold, tuple(views), lasted, processor, memory, tuple(wrong))


async def _all(urls: Sequence[str], sessions: int, seconds: float, seed: int) -> tuple[list[float], list[str]]:
    views: list[float] = []
    wrong: list[str] = []
    until = time.perf_counter() + COME_IN + seconds
    async with asyncio.TaskGroup() as group:
        for number in range(sessions):
            reader = random.Random(f"{seed} {number}")
            group.create_task(_reads(urls[number % len(urls)], reader, until, views, wrong))
    return views, wrong


async def _reads(url: str, reader: random.Random, until: float, views: list[float], wrong: list[str]) -> None:
    """One reader: comes in, and asks for one view after another until the time is over."""
    await asyncio.sleep(reader.uniform(0, COME_IN))
    async with talk.connect(url) as socket:
        for page, query in _choices(reader):
            started = time.perf_counter()
            await socket.send(talk.rerun(url, page, query))
            answer = await talk.answer(socket)
            views.append(time.perf_counter() - started)
            wrong += answer.exceptions
            await asyncio.sleep(reader.uniform(0.5 * THINKS, 1.5 * THINKS))
            if time.perf_counter() > until:
                return


def _choices(reader: random.Random) -> Iterator[tuple[str, str]]:
    """A page after another, each with some of its filters asked for."""
    while True:
        page = reader.choice([*PLAIN, *FILTERED])
        yield page, ""
        while page in FILTERED and reader.random() < FILTERS:
            yield page, reader.choice(FILTERED[page])


def _server(url: str) -> Path:
    """The folder in /proc of the process that serves an address."""
    port = url.rsplit(":", 1)[1].encode()
    lines = ((path.parent, path.read_bytes().split(b"\0")) for path in Path("/proc").glob("[0-9]*/cmdline"))
    return next(process for process, line in lines if b"--server.port" in line and port in line)


def _processor(server: Path) -> float:
    """Processor seconds of a process so far."""
    user, system = (server / "stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _most_memory(server: Path) -> int:
    """The most bytes of memory that a process has held so far."""
    lines = (server / "status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def page(found: Sequence[Load], data: str) -> str:
    """What was measured, as a section of Markdown."""
    return "\n".join(
        [
            "## Readers at once",
            "",
            f"`python -m benchmarks.load`, {dt.datetime.now(dt.UTC):%Y-%m-%d}, {data}. Server and readers share the",
            f"machine's {os.cpu_count()} cores. A reader opens a page, or asks for other filters of it, and looks for",
            f"{THINKS:g} seconds on average; the pages are those measured above. Processor: the servers', of one core.",
            "",
            "| processes | sessions | server | views | median | 95th | longest | processor | memory | errors |",
            "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
            *(load.row for load in found),
            "",
        ]
    )


def main() -> None:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="a data folder whose release is served")
    parser.add_argument("--sessions", type=int, action="append", help="how many at once; may be given more than once")
    parser.add_argument("--processes", type=int, action="append", help="servers; may be given more than once")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--about", default="330,000 requests", help="the release, in words")
    asked = parser.parse_args()
    found = []
    for processes, sessions in itertools.product(asked.processes or [1, 2], asked.sessions or [50, 100]):
        for load in measure(asked.data.resolve(), processes, sessions, asked.seconds):
            found.append(load)
            print(load.row, *sorted(set(load.wrong))[:3], flush=True)
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(found, asked.about), encoding="utf-8")


if __name__ == "__main__":
    main()
