"""Releases: sealed once, served by a pointer, rolled back, and checked by hash."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines import releases
from pipelines.errors import PipelineError
from pipelines.folders import BUILDING, Folders

REST = {"created_at": "2026-01-01T00:00:00+00:00", "is_synthetic": True}


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)


def make(folders: Folders, release_id: str, content: str = "figures") -> releases.Release:
    building = folders.releases / f"{BUILDING}{release_id}"
    building.mkdir(parents=True)
    (building / releases.STORE).write_text(content)
    return releases.seal(folders, building, release_id, {"lake": {}, "recipe": release_id} | REST)


def test_the_newest_release_is_served_by_default(folders: Folders) -> None:
    make(folders, "20260101T000000Z-a")
    make(folders, "20260201T000000Z-b")
    releases.publish(folders)
    assert folders.current.read_text().strip() == "20260201T000000Z-b"


def test_rolling_back_serves_the_release_before_and_keeps_both(folders: Folders) -> None:
    make(folders, "20260101T000000Z-a")
    make(folders, "20260201T000000Z-b")
    releases.publish(folders)
    assert releases.roll_back(folders).release_id == "20260101T000000Z-a"
    assert [r.release_id for r in releases.releases(folders)] == ["20260101T000000Z-a", "20260201T000000Z-b"]
    with pytest.raises(PipelineError, match="no release before"):
        releases.roll_back(folders)


def test_a_release_is_never_written_twice(folders: Folders) -> None:
    make(folders, "20260101T000000Z-a")
    with pytest.raises(PipelineError, match="never written twice"):
        make(folders, "20260101T000000Z-a", "other figures")


@pytest.mark.parametrize("damage", ["changed", "missing"])
def test_a_damaged_release_is_named_and_not_served(folders: Folders, damage: str) -> None:
    good = make(folders, "20260101T000000Z-a")
    releases.publish(folders)
    bad = make(folders, "20260201T000000Z-b")
    store = bad.folder / releases.STORE
    store.write_text("other") if damage == "changed" else store.unlink()
    assert [damage in problem for problem in releases.problems(bad)] == [True]
    with pytest.raises(PipelineError, match=damage):
        releases.publish(folders)
    assert folders.current.read_text().strip() == good.release_id


def test_what_an_unfinished_build_left_is_swept_and_never_listed(folders: Folders) -> None:
    make(folders, "20260101T000000Z-a")
    (folders.releases / f"{BUILDING}20260301T000000Z-c").mkdir()
    folders.build.mkdir()
    (folders.build / f"{BUILDING}x.duckdb").write_text("half")
    assert len(releases.releases(folders)) == 1
    releases.sweep(folders)
    assert not list(folders.releases.glob(f"{BUILDING}*"))
    assert not list(folders.build.iterdir())


@pytest.mark.parametrize("manifest", [None, "{bad", "{}", "[]"])
def test_a_release_whose_manifest_cannot_be_read_stops_nothing(folders: Folders, manifest: str | None) -> None:
    make(folders, "20260101T000000Z-a")
    broken = folders.releases / "20260201T000000Z-b"
    broken.mkdir()
    if manifest is not None:
        (broken / releases.MANIFEST).write_text(manifest)
    assert releases.publish(folders).release_id == "20260101T000000Z-a"
    assert releases.unreadable(folders) == ["20260201T000000Z-b"]


def test_a_pointer_that_cannot_be_read_says_what_to_do(folders: Folders) -> None:
    make(folders, "20260101T000000Z-a")
    folders.current.write_bytes(b"\xff\xfe")
    with pytest.raises(PipelineError, match="publish"):
        releases.current(folders)
    assert releases.publish(folders).release_id == "20260101T000000Z-a"


def test_nothing_is_served_before_the_first_release(folders: Folders) -> None:
    assert releases.current(folders) is None
    with pytest.raises(PipelineError, match="no release yet"):
        releases.publish(folders)


def test_a_database_that_was_not_closed_is_not_sealed(folders: Folders) -> None:
    building = folders.releases / f"{BUILDING}20260101T000000Z-a"
    building.mkdir(parents=True)
    (building / "protected.duckdb.wal").write_text("")
    with pytest.raises(PipelineError, match="not closed"):
        releases.seal(folders, building, "20260101T000000Z-a", {"lake": {}} | REST)
