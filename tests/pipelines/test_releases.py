"""Releases: sealed once, served by a pointer, rolled back, and checked by hash."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import shutil
from pathlib import Path

import pytest

from pipelines import releases
from pipelines.errors import PipelineError
from pipelines.folders import BUILDING, Folders, put_in_place

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
    for name in ("20260101T000000Z-a", "20260201T000000Z-b"):
        make(folders, name)
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
    folders.kept.mkdir(parents=True)
    (folders.build / f"{BUILDING}x.duckdb").write_text("half")
    (folders.kept / f"{BUILDING}0a1b-protection").write_text("half")
    (folders.kept / "findings").write_text("whole")
    assert len(releases.releases(folders)) == 1
    releases.sweep(folders)
    assert not list(folders.releases.glob(f"{BUILDING}*"))
    assert [path for path in folders.build.rglob("*") if path.is_file()] == [folders.kept / "findings"]


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


NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def made_at(folders: Folders, clock: dt.datetime, recipe: str = "abcdef01") -> str:
    return make(folders, releases.new_id(folders, recipe, clock)).release_id


def test_ids_are_in_the_order_of_making_whatever_the_clock_says(folders: Folders) -> None:
    clocks = [NOON, NOON + dt.timedelta(days=800), NOON - dt.timedelta(days=30), NOON + dt.timedelta(hours=1)]
    made = [made_at(folders, clock) for clock in clocks]
    assert made == [
        "20260301T120000Z-abcdef01", "20280509T120000Z-abcdef01", "20280509T120001Z-abcdef01",
        "20280509T120002Z-abcdef01",
    ]  # fmt: skip
    assert [release.release_id for release in releases.releases(folders)] == made
    releases.publish(folders, made[2])
    assert releases.publish(folders).release_id == made[3]
    assert releases.roll_back(folders).release_id == made[2]


def test_no_id_is_given_twice_even_after_its_folder_is_gone_and_the_clock_was_put_back(folders: Folders) -> None:
    first = made_at(folders, NOON)
    shutil.rmtree(folders.releases / first)
    assert made_at(folders, NOON) == "20260301T120001Z-abcdef01"
    assert releases.new_id(folders, "abcdef01", NOON) == "20260301T120002Z-abcdef01"  # of a build that then failed
    folders.last_id.unlink()
    assert made_at(folders, NOON) == "20260301T120002Z-abcdef01"


def test_a_summer_clock_gives_the_time_in_utc(folders: Folders) -> None:
    summer = dt.timezone(dt.timedelta(hours=1))
    assert (
        releases.new_id(folders, "abcdef01", dt.datetime(2026, 7, 1, 0, 30, tzinfo=summer))[:16] == "20260630T233000Z"
    )


def three(folders: Folders) -> tuple[str, str, str]:
    """Three releases, each of which was served; the newest is."""
    made = tuple(f"2026010{day}T000000Z-{day}" for day in (1, 2, 3))
    for name in made:
        releases.publish(folders, make(folders, name).release_id)
    return made


def damage(folders: Folders, name: str, how: str) -> None:
    if how == "gone":
        shutil.rmtree(folders.releases / name)
    elif how == "without a manifest":
        (folders.releases / name / releases.MANIFEST).unlink()
    else:
        (folders.releases / name / releases.STORE).write_text("other")


@pytest.mark.parametrize("how", ["gone", "without a manifest", "changed"])
def test_the_newest_good_one_before_it_stands_in_for_a_release_that_is_lost(folders: Folders, how: str) -> None:
    first, second, third = three(folders)
    damage(folders, third, how)
    good = releases.last_good(folders)
    assert good is not None
    assert good.release_id == second
    told = releases.trouble(folders)
    assert third in told[0]
    assert f"readers are shown {second} meanwhile" in told[-1]
    damage(folders, second, how)
    good = releases.last_good(folders)
    assert good is not None
    assert good.release_id == first
    damage(folders, first, how)
    assert releases.last_good(folders) is None
    assert "no figures" in releases.trouble(folders)[-1]


def test_neither_a_newer_release_nor_one_that_was_never_served_stands_in(folders: Folders) -> None:
    first, second, third = three(folders)
    never = make(folders, "20260102T120000Z-never").release_id
    assert releases.publish(folders, second).release_id < never < third
    shutil.rmtree(folders.releases / second)
    good = releases.last_good(folders)
    assert good is not None
    assert good.release_id == first


def test_nothing_is_wrong_with_a_whole_release_or_before_the_first(folders: Folders) -> None:
    assert releases.trouble(folders) == []
    assert releases.last_good(folders) is None
    _, _, third = three(folders)
    assert releases.trouble(folders) == []
    good = releases.last_good(folders)
    assert good is not None
    assert good.release_id == third


def test_a_new_release_takes_the_place_of_one_that_is_lost(folders: Folders) -> None:
    _, _, third = three(folders)
    damage(folders, third, "gone")
    served, is_new = releases.serve_built(folders, make(folders, "20260104T000000Z-4"))
    assert (served.release_id, is_new, releases.trouble(folders)) == ("20260104T000000Z-4", True, [])


@pytest.mark.parametrize("steps", range(3))
def test_a_publication_that_was_cut_short_is_not_taken_for_a_rollback(
    folders: Folders, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    *before, third = three(folders)
    newest = make(folders, "20260104T000000Z-4")
    calls = itertools.count()

    def cut_short(partial: Path, path: Path) -> None:
        if next(calls) == steps:
            raise KeyboardInterrupt
        put_in_place(partial, path)

    monkeypatch.setattr("pipelines.folders.put_in_place", cut_short)
    with contextlib.suppress(KeyboardInterrupt):
        releases.publish(folders)
    monkeypatch.undo()
    was_cut_short = steps < 2
    assert was_cut_short == (next(calls) == steps + 1)
    releases.serve_built(folders, newest)
    assert folders.current.read_text().strip() == newest.release_id
    assert set(releases.published(folders)) == {*before, third, newest.release_id}
    after = make(folders, "20260105T000000Z-5").release_id
    releases.publish(folders)
    assert set(folders.published.read_text().split()) == {*before, third, newest.release_id, after}


def test_a_release_that_was_rolled_back_from_is_not_served_by_itself(folders: Folders) -> None:
    _, second, third = three(folders)
    releases.roll_back(folders)
    newest = releases.releases(folders)[-1]
    assert newest.release_id == third
    served, is_new = releases.serve_built(folders, newest)
    assert (served.release_id, is_new) == (second, False)
    damage(folders, second, "changed")
    with pytest.raises(PipelineError, match=f"served since a rollback.*publish {third}"):
        releases.serve_built(folders, newest)
    assert folders.current.read_text().strip() == second


def test_a_pointer_that_cannot_be_read_is_written_again_by_the_next_release(folders: Folders) -> None:
    _, _, third = three(folders)
    folders.current.write_bytes(b"\xff\xfe")
    served, is_new = releases.serve_built(folders, releases.releases(folders)[-1])
    assert (served.release_id, is_new) == (third, True)
    assert folders.current.read_text().strip() == third


def test_rolling_back_from_a_release_that_is_gone_serves_the_one_before_it(folders: Folders) -> None:
    _, second, third = three(folders)
    damage(folders, third, "gone")
    assert releases.roll_back(folders).release_id == second


def test_rolling_back_never_serves_what_no_reader_has_had(folders: Folders) -> None:
    make(folders, "20260101T000000Z-0")
    _, second, _ = three(folders)
    make(folders, "20260102T120000Z-unseen")
    assert releases.roll_back(folders).release_id == second
    assert releases.roll_back(folders).release_id == "20260101T000000Z-1"
    with pytest.raises(PipelineError, match="no release before 20260101T000000Z-1 was ever served"):
        releases.roll_back(folders)
    assert "20260102T120000Z-unseen" not in releases.published(folders)


def test_a_list_of_what_was_served_that_cannot_be_read_says_so(folders: Folders) -> None:
    three(folders)
    folders.published.write_bytes(b"\xff\xfe")
    with pytest.raises(PipelineError, match="releases/published cannot be read"):
        releases.published(folders)
