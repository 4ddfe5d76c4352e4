"""A full rebuild, against copying the rows in use from the lake into a database file."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb

from benchmarks.measuring import Measure, wall
from catalogue.contracts import extract_contracts
from pipelines import releases
from pipelines.build import build
from pipelines.folders import Folders
from pipelines.ingest.register import Register
from pipelines.lake import lake_views


def measure(folders: Folders, requests: int) -> list[Measure]:
    """Wall seconds of a rebuild after which nothing is left of the release before, less its disclosure control, beside
    those of the copy; and of disclosure control by itself, as the manifest has them."""
    floor = min(wall(lambda: _copy(folders)) for _ in range(3))
    seconds = wall(lambda: _rebuild(folders))
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


def unchanged(folders: Folders) -> Measure:
    """A rebuild with nothing new."""
    seconds = min(wall(lambda: build(folders, quiet=True)) for _ in range(3))
    return Measure("rebuild, nothing changed", "", "", seconds, None)


def _rebuild(folders: Folders) -> None:
    for release in releases.releases(folders):
        manifest = release.folder / releases.MANIFEST
        manifest.write_text(manifest.read_text().replace(release.manifest["recipe"], "another"))
    build(folders, quiet=True)


def _copy(folders: Folders) -> None:
    with tempfile.TemporaryDirectory() as place, duckdb.connect(str(Path(place) / "copy.duckdb")) as con:
        con.execute("SET threads = 2")
        with Register(folders.register) as register:
            lake_views(con, folders, [s for name in extract_contracts() for s in register.in_use(name)])
        for name in extract_contracts():
            con.execute(f"CREATE TABLE {name} AS SELECT * FROM lake_{name}")
