"""The pages of releases that are there already, however large: first views and new filters, against an app of one line.

`python -m benchmarks.served --data FOLDER --about "10 million requests" [--data ... --about ...]` serves each folder's
release in turn and writes `benchmarks/measured/pages.md`, from which `docs/benchmarks.md` takes it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
from collections.abc import Sequence
from pathlib import Path

from benchmarks import pages
from benchmarks.measuring import Measure
from catalogue.contracts import ROOT
from pipelines.folders import Folders

PAGE = ROOT / "benchmarks" / "measured" / "pages.md"


def table(about: str, found: Sequence[Measure]) -> list[str]:
    """The measures of one release as lines of Markdown."""
    floor = found[0].floor_seconds or 0.0
    return [
        f"### {about}",
        "",
        f"The app of one line: {floor:.4f} s, 95th percentile.",
        "",
        "| view | time | times the app of one line | budget | sent |",
        "| --- | --- | --- | --- | --- |",
        *(f"| {one.work} | {one.seconds:.2f} s | {one.ratio} | {one.budget} | {one.note} |" for one in found),
        "",
    ]


def main() -> None:
    """Measure, print, and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, action="append", required=True, help="a data folder with a release served")
    parser.add_argument("--about", action="append", required=True, help="its release, in words; one for each --data")
    asked = parser.parse_args()
    lines = [
        "## Pages of releases of several sizes",
        "",
        f"`python -m benchmarks.served`, {dt.datetime.now(dt.UTC):%Y-%m-%d}, {os.cpu_count()} cores. The machine of",
        "the first table needed 0.0063 s for the app of one line: compare ratios, not seconds.",
        "",
    ]
    for folder, about in zip(asked.data, asked.about, strict=True):
        found = table(about, pages.measure(Folders(folder.resolve())))
        print("\n".join(found), flush=True)
        lines += found
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
