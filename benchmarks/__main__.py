"""`python -m benchmarks`: measures every budget that exists by now and writes docs/benchmarks.md."""

from __future__ import annotations

import datetime as dt
import os
import platform
import tempfile
from pathlib import Path

from benchmarks import capacity, demo, expectations, ingest, large_expectations, methods, pages, rebuild
from benchmarks.measuring import Measure
from catalogue.contracts import ROOT
from pipelines import releases
from pipelines.demo import write_demo
from pipelines.folders import Folders
from pipelines.ingest import ingest as read_submissions
from pipelines.progress import steps

PAGE = ROOT / "docs" / "benchmarks.md"
MEASURED = ROOT / "benchmarks" / "measured"
YEARS, REQUESTS_PER_YEAR = 5.5, 60_000
HEAD = "| work | time | floor | floor's time | ratio | budget | note |\n| --- | --- | --- | --- | --- | --- | --- |"


def main() -> None:
    """Measure and write the page."""
    with tempfile.TemporaryDirectory() as place, steps("Benchmarks", 8) as progress:
        progress.doing("demonstration extracts")
        found: list[Measure] = [demo.measure()]
        progress.done()
        progress.doing("ingest")
        found.append(ingest.measure())
        progress.done()
        folders = Folders(Path(place) / "data")
        write_demo(folders.inbox, YEARS, REQUESTS_PER_YEAR, until="2026-10", quiet=True)
        read_submissions(folders, folders.inbox, quiet=True)
        progress.doing("rebuild")
        requests = round(YEARS * REQUESTS_PER_YEAR)
        found += rebuild.measure(folders, requests)
        progress.done()
        progress.doing("expectations")
        found += [expectations.measure(folders), large_expectations.measure(folders)]
        progress.done()
        releases.publish(folders)
        progress.doing("pages")
        found += pages.measure(folders)
        progress.done()
        progress.doing("what little news costs")
        found += rebuild.afterwards(folders, requests)
        progress.done()
        progress.doing("simulation")
        found += capacity.measure()
        progress.done()
        progress.doing("methods")
        statistics = methods.table()
        progress.done()
    PAGE.write_text(page(found, statistics), encoding="utf-8")


def page(found: list[Measure], statistics: str) -> str:
    """The page as Markdown."""
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "Made by `make bench`. Each time stands beside that of a floor measured in the same run: quote the ratio,",
            "since machines are noisy.",
            "",
            f"Machine: {machine}. Date: {dt.datetime.now(dt.UTC):%Y-%m-%d}.",
            "",
            HEAD,
            *(measure.row for measure in found),
            "",
            NOTES,
            "## Statistics",
            "",
            ABOUT_METHODS,
            "",
            statistics,
            "",
            *on_demand(),
        ]
    )


def on_demand() -> list[str]:
    """The sections of what takes too long for `make bench`, each as its benchmark wrote it; after it, in a file whose
    name goes on (`load.md`, `load_before.md`), what was measured otherwise."""
    return [path.read_text(encoding="utf-8") for path in sorted(MEASURED.glob("*.md"))]


NOTES = """Notes:

- The rebuild is of everything: staging, marts, checks, indicators, cells, release; its disclosure control has a row of
  its own, every period attacked in full.
- The expectations are over their budget at this size: the library costs about five thousandths of a second a check,
  whatever the rows; on ten million requests that is lost in the work of the database.
- Pages are asked over the websocket, each view in a session of its own, so a view includes opening the session.
"""

ABOUT_METHODS = """Processor seconds, all threads, the median of five runs after one that does not count, in turn with
the peer on the same inputs (`benchmarks/methods_data.py`). R's times were measured once, on a machine of the same kind,
with the versions that `tests/golden/` names; they are whole seconds of another day, so only their order of size counts.

- The score interval's peer finds no limits for about one pair in twenty of these.
- The peer of diversity gives three indices without limits, ours five with limits. For Shannon's index alone, on a ready
  matrix and without limits, SciPy's `entropy` is faster than both."""


if __name__ == "__main__":
    main()
