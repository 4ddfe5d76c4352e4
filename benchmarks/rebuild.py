"""A full rebuild, against copying the rows in use from the lake into a database file; and what little news costs."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import polars as pl

from benchmarks.measuring import Measure, wall
from catalogue.contracts import extract_contracts
from pipelines import releases
from pipelines.build import build
from pipelines.folders import Folders
from pipelines.ingest import ingest as read_submissions
from pipelines.ingest.register import Register
from pipelines.lake import lake_views


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


def afterwards(folders: Folders) -> list[Measure]:
    """With what the rebuild kept: a month of a laboratory sent again, a file of its workforce sent again, and a refresh
    with nothing new, as a process of its own.

    Changes the folders: two submissions are added to the inbox, and releases are made of them.
    """
    anew = float(releases.releases(folders)[-1].manifest["disclosure"]["seconds"]["in_all"])
    found = []
    for extract, work in (("testing", "one month sent again"), ("workforce", "one workforce file sent again")):
        _send_again(folders, extract)
        seconds = wall(lambda: build(folders, quiet=True))
        told = releases.releases(folders)[-1].manifest["disclosure"]
        attacked = told["attack"]["blocks_attacked"] - told["attack"]["blocks_as_before"]
        note = (
            f"disclosure control {told['seconds']['in_all']:.0f} s, from nothing {anew:.0f} s; "
            f"{attacked:,} of {told['attack']['blocks_attacked']:,} blocks attacked anew"
        )
        found.append(Measure(f"build, {work}", "", "", seconds, None, note))
    refresh = [sys.executable, "-m", "pipelines", "--quiet", "--data", str(folders.data), "refresh"]

    def run() -> None:
        subprocess.run(refresh, check=True, capture_output=True)

    run()
    return [*found, Measure("refresh, nothing new", "", "under 1 s", min(wall(run) for _ in range(3)), None)]


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
