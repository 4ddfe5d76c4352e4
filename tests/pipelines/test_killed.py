"""A refresh killed at any point leaves the old release or the new one, whole, and the next refresh mends the rest."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from catalogue.contracts import ROOT
from pipelines import releases
from pipelines.demo import write_demo
from pipelines.folders import BUILDING, Folders
from pipelines.ingest.register import Register
from pipelines.settings import ATTACK_ENVIRONMENT
from pipelines.status import as_status

pytestmark = pytest.mark.slow
POINTS = 6


def start(folders: Folders, inbox: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.few_measures", "--quiet", "--data", str(folders.data), "refresh", str(inbox)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), ATTACK_ENVIRONMENT: "0.1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def assert_whole(folders: Folders) -> None:
    """Whatever is served, and whatever is registered, is complete."""
    serving = releases.current(folders)
    if serving is not None:
        assert releases.problems(serving) == []
    if folders.register.exists():
        with Register(folders.register) as register:
            for entry in register.all():
                if entry.state != "refused":
                    assert (folders.lake / str(entry.extract) / entry.submission_id / "rows.parquet").exists()
                    assert entry.rows_read == entry.rows_loaded + entry.rows_returned


def test_killed_at_random_points(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    write_demo(inbox, years=0.5, requests_per_year=400, seed=3, until="2026-10", quiet=True)
    folders = Folders(tmp_path / "data")
    started = time.monotonic()
    assert start(folders, inbox).wait() == 0
    takes = time.monotonic() - started
    draw = random.Random(20261121)
    for point in range(POINTS):
        place = Folders(tmp_path / f"killed{point}")
        process = start(place, inbox)
        # Stratified, so that ingest, build and publish are each hit.
        time.sleep(takes * (point + draw.random()) / POINTS)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert_whole(place)
        assert start(place, inbox).wait() == 0
        assert_whole(place)
        assert _same_state(place, folders)
        assert not list(place.data.rglob(f"{BUILDING}*"))


def _same_state(one: Folders, other: Folders) -> bool:
    states: list[list[object]] = []
    for folders in (one, other):
        with Register(folders.register) as register:
            states.append([*sorted((row["file"], row["state"], row["rows_loaded"]) for row in as_status(register))])
        serving = releases.current(folders)
        assert serving is not None
        states[-1].append(sorted(serving.manifest["inputs"].items()))
    return states[0] == states[1]
