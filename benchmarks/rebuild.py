"""A full rebuild, against copying the rows in use from the lake into a database file; and what little news costs.

The second writes where its time goes to `benchmarks/measured/rebuild.md`, from which `docs/benchmarks.md` takes it.
"""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import duckdb
import polars as pl

from benchmarks.measuring import Measure, wall
from catalogue.contracts import ROOT, extract_contracts
from pipelines import releases
from pipelines.build import build
from pipelines.folders import Folders
from pipelines.ingest import ingest as read_submissions
from pipelines.ingest.register import Register
from pipelines.lake import lake_views
from pipelines.stopwatch import timed

PAGE = ROOT / "benchmarks" / "measured" / "rebuild.md"

#: Columns of the table, with the names of the pieces of work that they add up.
PARTS = {
    "tables and checks": ("Build",),
    "count": ("Protect: count",),
    "hide and attack": ("Protect: hide and attack",),
    "shares and days": ("Protect: shares and days",),
    "gaps, outlook, stages": ("Gaps", "Outlook", "Stages"),
    "boards": ("Boards",),
}


def measure(folders: Folders, requests: int) -> list[Measure]:
    """Wall seconds of a rebuild that uses nothing of earlier ones, less its disclosure control, beside those of the
    copy; and of disclosure control by itself, as the manifest has them."""
    floor = min(wall(lambda: _copy(folders)) for _ in range(3))
    seconds = wall(lambda: build(folders, quiet=True, anew=True))
    told = releases.releases(folders)[-1].manifest["disclosure"]
    control = float(told["seconds"]["in_all"])
    return [
        Measure(
            f"full rebuild, {requests:,} requests, without disclosure control", "rows in use copied from the lake",
            "under 60 s", seconds - control, floor,
        ),
        Measure(
            "its disclosure control: hiding, the attack, the attack as each board", "", "under 300 s", control, None,
            f"{told['counts']:,} counts, {told['hidden_to_protect_others']:,} hidden to protect others",
        ),
    ]  # fmt: skip


def afterwards(folders: Folders, requests: int) -> list[Measure]:
    """A build from nothing attacked in full, then with what it kept: a file of staff sent again, a month of a
    laboratory sent again, and a refresh with nothing new, as a process of its own.

    Changes the folders: three submissions are added to the inbox, and releases are made of them. They are not marked as
    synthetic, so from the first on every period is attacked, as for real data, and the app shows none without sign-in.
    """
    work = (
        ("workforce", "from nothing, attacked in full", True),
        ("workforce", "one file of staff sent again", False),
        ("testing", "one month of a laboratory's tests sent again", False),
    )
    found, rows = [], []
    for extract, name, anew in work:
        _send_again(folders, extract)
        with timed() as parts:
            seconds = wall(partial(build, folders, quiet=True, anew=anew))
        attacked = releases.releases(folders)[-1].manifest["disclosure"]["attack"]
        blocks = f"{attacked['blocks_attacked'] - attacked['blocks_as_before']:,} of {attacked['blocks_attacked']:,}"
        found.append(Measure(f"build, {name}", "", "", seconds, None, f"{blocks} blocks attacked anew"))
        times = [sum(parts.get(part, 0.0) for part in names) for names in PARTS.values()]
        rows.append([name, f"{seconds:.0f} s", *(f"{time:.1f} s" for time in times), blocks])
    refresh = [sys.executable, "-m", "pipelines", "--quiet", "--data", str(folders.data), "refresh"]

    def run() -> None:
        subprocess.run(refresh, check=True, capture_output=True)

    run()
    found.append(Measure("refresh, nothing new", "", "under 1 s", min(wall(run) for _ in range(3)), None))
    PAGE.write_text(_page(rows, requests), encoding="utf-8")
    return found


def _page(rows: list[list[str]], requests: int) -> str:
    head = ["build", "whole", *PARTS, "blocks attacked anew"]
    return "\n".join(
        [
            "## What little news costs",
            "",
            f"{requests:,} requests, {dt.datetime.now(dt.UTC):%Y-%m-%d}, {os.cpu_count()} cores, one build after the "
            "other, attacked in full.",
            "Made by `make bench` (`benchmarks/rebuild.py`).",
            "",
            *(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)),
            "",
            ABOUT,
        ]
    )


ABOUT = """What nothing bears on is taken as the build before made it (docs/decisions/0023): a file of staff is in no
count of people tested. **A month of tests is not in proportion to its rows**: most tables rest on it and are made from
all months, and hiding, which looks at all periods of a measure at once, is worked anew; only its own periods are
counted, and of the attack only the blocks that changed are solved.
"""


def _send_again(folders: Folders, extract: str) -> None:
    """The newest period of an extract as a higher version, less its first row, read into the lake."""
    with Register(folders.register) as register:
        own = [sent for sent in register.in_use(extract) if sent.file.endswith(".csv")]
    last = max(own, key=lambda sent: (sent.period or "", sent.submitter or ""))
    again = last.file.replace(f"__v{last.version}.", f"__v{(last.version or 0) + 1}.")
    pl.read_csv(folders.inbox / last.file, infer_schema=False).slice(1).write_csv(folders.inbox / again)
    read_submissions(folders, folders.inbox, quiet=True)


def _copy(folders: Folders) -> None:
    with tempfile.TemporaryDirectory() as place, duckdb.connect(str(Path(place) / "copy.duckdb")) as con:
        con.execute("SET threads = 2")
        with Register(folders.register) as register:
            lake_views(con, folders, [s for name in extract_contracts() for s in register.in_use(name)])
        for name in extract_contracts():
            con.execute(f"CREATE TABLE {name} AS SELECT * FROM lake_{name}")
