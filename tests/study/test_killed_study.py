"""A refresh that is killed at any point, or has no room on the disk, leaves the last good release served; the next one
mends the rest.

`make study` kills 200 refreshes and mends after each; CI kills 20, and mends after every fifth: the others meet what
the kill before them left.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner
from polars.testing import assert_frame_equal

from catalogue.contracts import ROOT
from pipelines import releases
from pipelines.cli import main
from pipelines.demo import write_demo
from pipelines.folders import BUILDING, Folders
from pipelines.ingest.register import Register
from pipelines.lake import damaged
from pipelines.settings import ATTACK_ENVIRONMENT
from pipelines.status import as_status
from tests.conftest import IS_STUDY
from ui.access import Reader, Role
from ui.data import Snapshot

pytestmark = pytest.mark.slow

POINTS, MEND_EVERY = (200, 1) if IS_STUDY else (20, 5)
PHASES = ("ingest", "build", "publish")
VIEWER = Reader("k", "", frozenset({Role.VIEWER}))
MEASURE = "reported_within_standard"
#: What arrives after the first release: a month of one laboratory, and the programme's.
LATER = ("testing__DUN__2026-10", "turnaround__DUN__2026-10", "outcomes__DUN__2026-10", "programme__SGV__2026-10")


class Killing:
    """The process that runs refreshes and has them killed; see `tests.study.killing`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.study.killing"],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT), ATTACK_ENVIRONMENT: "0.01"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def refresh(self, folders: Folders, inbox: Path, **kill: float) -> dict[str, Any]:
        """Refresh, and kill it `kill_at` a step or `kill_after` seconds; what came of it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"data": str(folders.data), "inbox": str(inbox), **kill}) + "\n")
        self._process.stdin.flush()
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@dataclass(frozen=True)
class World:
    """A data folder with one release, an inbox with more than went into it, and what an undisturbed refresh makes."""

    killing: Killing
    inbox: Path
    base: Folders
    undisturbed: Folders
    steps: list[str]
    seconds: float

    def copy(self, place: Path) -> Folders:
        """Another such data folder: files that are never changed in place are shared."""
        shutil.copytree(self.base.data, place, copy_function=_link_or_copy)
        return Folders(place)


def _link_or_copy(source: str, target: str) -> None:
    is_other_disk = Path(source).stat().st_dev != Path(target).parent.stat().st_dev
    if is_other_disk or Path(source).suffix not in (".parquet", ".duckdb", ".html", ".css"):
        shutil.copy2(source, target)
    else:
        os.link(source, target)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    place = tmp_path_factory.mktemp("killed")
    inbox, later = place / "inbox", place / "later"
    write_demo(inbox, years=0.5, requests_per_year=300, seed=3, until="2026-10", quiet=True)
    later.mkdir()
    for path in [path for path in inbox.iterdir() if path.name.startswith(LATER)]:
        path.rename(later / path.name)
    killing = Killing()
    base = Folders(place / "base")
    assert killing.refresh(base, inbox)["code"] == 0
    for path in later.iterdir():
        path.rename(inbox / path.name)
    world = World(killing, inbox, base, Folders(place / "undisturbed"), [], 0)
    told = killing.refresh(world.copy(world.undisturbed.data), inbox)
    assert told["code"] == 0
    yield World(killing, inbox, base, world.undisturbed, told["steps"], told["seconds"])
    killing.close()


def figures(folders: Folders) -> pl.DataFrame:
    """What a reader of the app gets of a measure."""
    return Snapshot(VIEWER, folders.data).measure(MEASURE)


def command(folders: Folders, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["--data", str(folders.data), *arguments])
    return result.exit_code, result.output


def assert_stands(folders: Folders, world: World) -> None:
    """One whole release is served, the old one or the new; what is registered is whole; commands speak plainly."""
    serving, first = releases.current(folders), releases.current(world.base)
    assert serving is not None
    assert first is not None
    is_old = serving.release_id == first.release_id
    assert releases.problems(serving) == releases.trouble(folders) == []
    assert_frame_equal(figures(folders), figures(world.base if is_old else world.undisturbed))
    with Register(folders.register) as register:
        entries = register.all()
        assert damaged(folders, [entry for entry in entries if entry.state != "refused"], register.lake_files()) == []
        assert {row["rows_read"] - row["rows_loaded"] - row["rows_returned"] for row in as_status(register)} <= {0}
    code, said = command(folders, "verify")
    assert (code, bool(re.search(r"(release is as it was|releases are as they were) built\n", said))) == (0, True), said
    assert f"Serving: {serving.release_id}" in command(folders, "status")[1]
    assert "current" in command(folders, "releases")[1]


def state(folders: Folders) -> dict[str, object]:
    """What two data folders with the same releases have in common."""
    serving = releases.current(folders)
    assert serving is not None
    with Register(folders.register) as register:
        rows = sorted(
            (row["file"], row["state"], row["rows_loaded"], row["rows_returned"]) for row in as_status(register)
        )
    told = {name: serving.manifest[name] for name in ("inputs", "lake", "recipe", "row_counts", "checks")}
    returned = {str(path.relative_to(folders.returns)): path.read_bytes() for path in folders.returns.rglob("*.csv")}
    letters = sorted(str(path.relative_to(folders.returns)) for path in folders.returns.rglob("*.md"))
    return {"submissions": rows, "returned": returned, "letters": letters, **told}


def assert_mended(folders: Folders, world: World) -> None:
    """A refresh that is left alone gives what an undisturbed one gives, and nothing lies about."""
    told = world.killing.refresh(folders, world.inbox)
    assert told.get("code") == 0, told
    assert_stands(folders, world)
    assert state(folders) == state(world.undisturbed)
    assert_frame_equal(figures(folders), figures(world.undisturbed))
    assert not list(folders.data.rglob(f"{BUILDING}*"))
    assert releases.unreadable(folders) == []


def points(world: World, draw: random.Random) -> Iterator[dict[str, float]]:
    """Where to kill, for ever: at a step of each phase in turn, and every fourth time after a time."""
    by_phase = {phase: [n for n, one in enumerate(world.steps) if one == phase] for phase in PHASES}
    while True:
        for phase in PHASES:
            yield {"kill_at": draw.choice(by_phase[phase])}
        yield {"kill_after": draw.uniform(0, world.seconds)}


def test_a_refresh_killed_at_any_point_leaves_a_good_release_and_the_next_one_mends_the_rest(
    world: World, tmp_path: Path
) -> None:
    draw = random.Random(None if IS_STUDY else 20261129)
    killed: Counter[str] = Counter()
    folders, here = world.copy(tmp_path / "0"), 0
    for number, kill in enumerate(points(world, draw), 1):
        told = world.killing.refresh(folders, world.inbox, **kill)
        assert told["killed"] or told.get("code") == 0, (kill, told)
        assert_stands(folders, world)
        killed[_how(world, kill)] += told["killed"]
        here += 1
        if here == MEND_EVERY or not told["killed"]:
            assert_mended(folders, world)
            shutil.rmtree(folders.data)
            folders, here = world.copy(tmp_path / f"{number}"), 0
        if killed.total() >= POINTS and here == 0:
            break
    assert set(killed) == {*PHASES, "after a time"}
    print(f"{killed.total()} refreshes killed: {dict(killed)}")  # noqa: T201 - what a study tells


def _how(world: World, kill: dict[str, float]) -> str:
    return world.steps[int(kill["kill_at"])] if "kill_at" in kill else "after a time"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """A disk of its own: called with mount options, mounts it or changes it; skips where that is not allowed."""
    place = tmp_path / "disk"
    place.mkdir()

    def mount(options: str) -> Path:
        known = ["-o", f"remount,{options}"] if place.is_mount() else ["-t", "tmpfs", "-o", options, "tmpfs"]
        if subprocess.run(["mount", *known, str(place)], capture_output=True, check=False).returncode:
            pytest.skip("a disk of its own needs root and the right to mount")
        return place

    yield mount
    if place.is_mount():
        subprocess.run(["umount", "--lazy", str(place)], check=True)  # stores of it may be held open still


def size(place: Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in place.rglob("*"))


@pytest.mark.parametrize("room", [40_000, 400_000, 4_000_000] if IS_STUDY else [400_000])
def test_a_full_disk_is_told_and_a_refresh_with_more_room_mends_it(
    world: World, disk: Callable[[str], Path], room: int
) -> None:
    folders = world.copy(disk("size=200m") / "data")
    disk(f"size={size(folders.data) + room}")
    told = world.killing.refresh(folders, world.inbox)
    assert told["said"] == (
        "The disk is full: free space for the data folder and run this again; what was there before stands"
    )
    assert_stands(folders, world)
    disk("size=200m")
    assert_mended(folders, world)


def test_a_folder_that_may_not_be_written_is_told_and_served(world: World, disk: Callable[[str], Path]) -> None:
    folders = world.copy(disk("size=200m") / "data")
    disk("ro")
    told = world.killing.refresh(folders, world.inbox)
    assert told["said"] == (
        "The data folder may not be written: give this user the right to, and run this again; "
        "what was there before stands"
    )
    assert_stands(folders, world)
    disk("rw")


def test_of_two_refreshes_at_once_one_works_and_the_other_says_so(world: World, tmp_path: Path) -> None:
    folders = world.copy(tmp_path / "data")
    first: list[dict[str, Any]] = []
    working = threading.Thread(target=lambda: first.append(world.killing.refresh(folders, world.inbox)))
    working.start()
    while working.is_alive() and not list(folders.releases.glob(f"{BUILDING}*")):
        time.sleep(0.01)
    for other in (["refresh", str(world.inbox)], ["publish"], ["rollback"], ["ingest", str(world.inbox)]):
        code, said = command(folders, *other)
        assert (code, "another ingest, build or publish is at work here" in said) == (1, True), said
    working.join()
    assert first[0].get("code") == 0, first
    assert_stands(folders, world)
    assert state(folders) == state(world.undisturbed)
