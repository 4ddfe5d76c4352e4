"""Data that several test files share: synthetic submissions taken all the way to a published release."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sys
import tempfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

from pipelines import releases
from pipelines.build import build
from pipelines.demo import write_demo
from pipelines.folders import Folders
from pipelines.ingest import ingest
from pipelines.ingest.register import Register, Submission
from pipelines.lake import lake_file
from pipelines.releases import STORE, Release
from pipelines.settings import ATTACK_ENVIRONMENT
from tests.few_measures import few_measures
from tests.second import plain
from ui import drawing, folded

# Laws are tried on the same cases in every run, so that a failure is of the change that it comes with; `make study`
# tries many more, new ones each time.
settings.register_profile("usual", deadline=None, max_examples=25, derandomize=True, database=None)
settings.register_profile("study", deadline=None, max_examples=1_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))
#: Whether studies run whole, as under `make study`; CI runs a part of each.
IS_STUDY = os.environ.get("HYPOTHESIS_PROFILE") == "study"


# The same rounding in every run and in every process of one, in a place that is the tests' own.
ROUNDING_SECRET = Path(tempfile.gettempdir(), f"genomics-tests-{os.getuid()}", "rounding-secret")
ROUNDING_SECRET.parent.mkdir(mode=0o700, exist_ok=True)
ROUNDING_SECRET.touch(mode=0o600)
ROUNDING_SECRET.write_text("7" * 64, encoding="ascii")
os.environ["GENOMICS_ROUNDING_SECRET"] = str(ROUNDING_SECRET)
# Every chart that a test draws is checked by Plotly.
drawing.IS_CHECKED = True
# What a reader may open is read by tests with the page.
folded.IS_MADE_CLOSED = True
# The simulation's machine code is made once for all processes of the tests, and lies beside the packages that it is
# made with: it is run, so nobody may write it who may not write these.
os.environ.setdefault("GENOMICS_COMPILED", str(Path(sys.prefix, "compiled")))
# Releases of the tests are attacked for a few seconds; tests/attack attacks one in full.
os.environ[ATTACK_ENVIRONMENT] = "2"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever rests on the small release, or on the tiny one, is slow and runs where that was made, whether or not it
    says so itself."""
    for item in items:
        for shared in ("small", "tiny"):
            if shared in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.slow)
                item.add_marker(pytest.mark.xdist_group(shared))


_PASSED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that passed leaves its folder empty, so that copies of releases do not add up until the disk is full.

    The folder itself stays: pytest would give its name to another test, and an app keeps a store open by its path. What
    a test made read-only may stay in it.
    """
    report = yield
    if report.when == "call":
        item.stash[_PASSED] = report.passed
    if report.when == "teardown" and report.passed and item.stash.get(_PASSED, False):
        folder = getattr(item, "funcargs", {}).get("tmp_path")
        for found in folder.iterdir() if folder else ():
            if found.is_dir() and not found.is_symlink():
                shutil.rmtree(found, ignore_errors=True)
            else:
                found.unlink()
    return report


@dataclass(frozen=True)
class Published:
    """A data folder with a published release, and what its ingest registered.

    `store` is a copy of the protected store: an app in the same process holds the release's own open with settings of
    its own, and a database is opened with one set of settings only.
    """

    folders: Folders
    release: Release
    registered: list[Submission]
    store: Path

    @property
    def truth(self) -> Path:
        """The demonstration's answer sheet."""
        return self.folders.inbox / "truth.json"


#: When the synthetic submissions arrive: before those of October 2026 are due.
ARRIVED = dt.datetime(2026, 11, 5, tzinfo=dt.UTC)


def published(place: Path, years: float, requests_per_year: int) -> Published:
    """Synthetic submissions to October 2026, ingested, built and published in a new data folder."""
    folders = Folders(place / "data")
    write_demo(folders.inbox, years, requests_per_year, seed=11, until="2026-10", quiet=True)
    registered = ingest(folders, folders.inbox, quiet=True, now=ARRIVED)
    release = releases.publish(folders, build(folders, quiet=True).release_id)
    store = shutil.copy(release.folder / STORE, place / "store.duckdb")
    return Published(folders, release, registered, store)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Two and a half years of 6,000 requests; tests that use it belong to the group `small`."""
    return published(tmp_path_factory.mktemp("small"), years=2.5, requests_per_year=6_000)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """A year of 1,500 requests and few measures, for tests of how releases come about, whatever stands in them; its
    tests belong to the group `tiny`."""
    with few_measures():
        return published(tmp_path_factory.mktemp("tiny"), years=1, requests_per_year=1_500)


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Five and a half years of 60,000 requests, as `make run` makes them; its tests belong to the group `full`."""
    return published(tmp_path_factory.mktemp("full"), years=5.5, requests_per_year=60_000)


@pytest.fixture(scope="session")
def plain_requests(small: Published) -> list[plain.Request]:
    """The small record's accepted requests, worked out a second time in plain Python."""
    with Register(small.folders.register) as register:
        files = {
            extract: [lake_file(small.folders, submission) for submission in register.in_use(extract)]
            for extract in ("testing", "turnaround")
        }
    return plain.requests(files["testing"], files["turnaround"])


@pytest.fixture
def copy_of_small(small: Published, tmp_path: Path) -> Folders:
    """A copy of the small data folder that a test may change."""
    shutil.copytree(small.folders.data, tmp_path / "data")
    return Folders(tmp_path / "data")


@pytest.fixture
def copy_of_tiny(tiny: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Folders]:
    """A copy of the tiny data folder that a test may change, and build anew from in less time: releases of it have few
    measures and are attacked for a moment only."""
    monkeypatch.setenv(ATTACK_ENVIRONMENT, "0.1")
    shutil.copytree(tiny.folders.data, tmp_path / "data")
    with few_measures():
        yield Folders(tmp_path / "data")
