"""Readers through publishes: each page is of one whole release. 50 through 100 in `make study`, 12 through 25 here."""

from __future__ import annotations

import threading
import time
from collections import Counter
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines import releases
from pipelines.folders import BUILDING, Folders
from tests.conftest import IS_STUDY
from tests.ui.store import make_store
from ui.access import demonstration
from ui.data import Snapshot

READERS, PUBLISHES = (50, 100) if IS_STUDY else (12, 25)
MEASURE = "reported_within_standard"
#: A release is made for every so many publishes; the others go to an older one and come back.
MADE_EVERY = 3
CELLS = """
INSERT INTO cells
SELECT '{measure}', cube, code, NULL, NULL, 'month', DATE '2026-01-01' + INTERVAL (month) MONTH, DATE '2026-01-31',
       'final', 'share', 'shown', {number}, {number}, {number}, {number}, {number}
FROM (VALUES ('', NULL), ('residence_board', 'S08000020')) AS held (cube, code), range(6) AS months (month)
"""

pytestmark = pytest.mark.slow


def make(folders: Folders, empty: bytes, number: int) -> str:
    """Seal a release of which every figure is its number; its id."""
    name = f"20260101T{number // 60:04}{number % 60:02}Z-{number:08x}"
    building = folders.releases / f"{BUILDING}{name}"
    building.mkdir(parents=True)
    store = building / releases.STORE
    store.write_bytes(empty)
    with duckdb.connect(str(store)) as con:
        con.execute(CELLS.format(measure=MEASURE, number=number))
        con.execute("UPDATE release SET value = ? WHERE key = 'release_id'", [name])
        con.execute("CHECKPOINT")
    rest = {"created_at": "2026-01-01T00:00:00+00:00", "is_synthetic": True, "lake": {}, "recipe": name}
    return releases.seal(folders, building, name, rest).release_id


def numbers(snapshot: Snapshot) -> set[float]:
    """Every figure that a reader gets of one page: of Scotland, side by side, and by two ways of asking."""
    frames = [
        snapshot.cells(MEASURE, "month", {}),
        snapshot.cells(MEASURE, "month", {}, "residence_board"),
        snapshot.measure(MEASURE),
        snapshot.of_scotland(),
    ]
    assert [frame.height for frame in frames] == [6, 6, 12, 6]
    columns = ("value", "lower", "upper", "numerator", "denominator")
    return {float(value) for frame in frames for value in frame.select(pl.concat_list(columns).explode()).to_series()}


def test_through_many_publishes_every_page_of_every_reader_is_of_one_whole_release(tmp_path: Path) -> None:
    empty = make_store(tmp_path / "empty", "empty").read_bytes()
    folders = Folders(tmp_path / "data")
    number_of = {make(folders, empty, 1): 1}
    releases.publish(folders)
    problems: list[str] = []
    seen: list[Counter[str]] = [Counter() for _ in range(READERS)]
    done = threading.Event()

    def read(reader: int) -> None:
        while not done.is_set():
            try:
                snapshot = Snapshot(demonstration(), folders.data)
                found, name = numbers(snapshot), snapshot.release.id
            except Exception as error:  # noqa: BLE001 - what this looks for
                problems.append(repr(error))
                return
            if found != {float(number_of[name])} or snapshot.stands_in_for is not None:
                problems.append(f"{name} gave {sorted(found)}")
            seen[reader][name] += 1

    readers = [threading.Thread(target=read, args=(number,)) for number in range(READERS)]
    for one in readers:
        one.start()
    for turn in range(PUBLISHES):
        if turn % MADE_EVERY == 0:
            number = len(number_of) + 1
            # Known to the readers before it can be served.
            number_of[f"20260101T{number // 60:04}{number % 60:02}Z-{number:08x}"] = number
            make(folders, empty, number)
            chosen = releases.publish(folders).release_id
        elif turn % MADE_EVERY == 1:
            chosen = releases.roll_back(folders).release_id
        else:
            chosen = releases.publish(folders).release_id
        wait_for_a_reader(seen, chosen)
    done.set()
    for one in readers:
        one.join()
    assert problems == []
    pages = sum((counter for counter in seen), Counter[str]())
    assert all(seen)
    assert len(pages) == len(number_of)
    print(f"{pages.total()} pages of {READERS} readers through {PUBLISHES} publishes of {len(pages)} releases")  # noqa: T201


def wait_for_a_reader(seen: list[Counter[str]], name: str) -> None:
    """Until some reader had a page of a release, so that none is published for nobody; 60 seconds at the most."""
    before, until = sum(counter[name] for counter in seen), time.monotonic() + 60
    while sum(counter[name] for counter in seen) == before and time.monotonic() < until:
        time.sleep(0.01)
