"""A file takes its place whole, and what it holds is on the disk before its name is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipelines.folders import BUILDING, make_folder, put_in_place, tree_to_disk, whole_file


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is written out and what is renamed, in order; names without their random parts."""
    found: list[str] = []
    fsync, rename = os.fsync, Path.replace

    def synced(handle: int) -> None:
        found.append(f"on disk: {Path(f'/proc/self/fd/{handle}').readlink().name.rpartition('-')[2]}")
        fsync(handle)

    def renamed(path: Path, target: Path) -> Path:
        found.append(f"named: {target.name}")
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed)
    return found


def test_bytes_come_before_the_name_and_new_folders_before_both(tmp_path: Path, events: list[str]) -> None:
    with whole_file(tmp_path / "lake" / "testing" / "rows") as partial:
        partial.write_text("rows")
    assert events == [
        f"on disk: {tmp_path.name.rpartition('-')[2]}", "on disk: lake", "on disk: rows", "named: rows",
        "on disk: testing",
    ]  # fmt: skip


def test_a_tree_is_written_out_to_the_last_file_before_it_gets_its_name(tmp_path: Path, events: list[str]) -> None:
    place = tmp_path / f"{BUILDING}r"
    make_folder(place / "quality" / "docs")
    (place / "store").write_text("figures")
    (place / "quality" / "docs" / "page").write_text("page")
    events.clear()
    tree_to_disk(place)
    put_in_place(place, tmp_path / "r")
    assert set(events[:-3]) == {"on disk: store", "on disk: quality", "on disk: docs", "on disk: page"}
    assert events[-3:] == ["on disk: r", "named: r", f"on disk: {tmp_path.name.rpartition('-')[2]}"]


def test_what_fails_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "current"
    path.write_text("old")

    def write() -> None:
        with whole_file(path) as partial:
            partial.write_text("ne")
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        write()
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("current", "old")]
