"""`prune`: what goes by which rule, and what never does; pruned releases verify and their figures stay."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import duckdb
import pytest

from pipelines import releases
from pipelines.cited import cited_file
from pipelines.errors import PipelineError
from pipelines.folders import Folders
from pipelines.hashes import sha256_of
from pipelines.ingest.register import Register
from pipelines.keeping.backup import backup
from pipelines.keeping.prune import Item, prune
from pipelines.keeping.restore import restore
from pipelines.keeping.retention import Retention, Rule, retention
from tests.pipelines.another_command import another_command
from tests.pipelines.keeping.record import contents, release, run, submission
from tests.ui.cited_releases import SERIES, A, publish_another, sealed
from ui.access import Role, demonstration
from ui.data import NoBoardDetailError, Snapshot

#: Long after everything in the record.
LATER = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
SERVED = [f"2026{month:02}16T060000Z-0000{month:04}" for month in range(1, 7)]


def rules(**keep: int | None) -> Retention:
    """No rule but those named: by their `keep`."""
    given = dict.fromkeys(Retention.model_fields) | keep
    return Retention(**{name: Rule(keep=value, reason="a test") for name, value in given.items()})


def on(day: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{day}T06:00:00+00:00")


@pytest.fixture
def year(tmp_path: Path) -> Folders:
    """Six releases, January to June, all served, the last one now; and one of March that was never served."""
    folders = Folders(tmp_path / "data")
    submission(folders, "2025-12", 1, "2026-01-10")
    for name in SERVED:
        release(folders, name)
    release(folders, "20260320T060000Z-00000099", publish=False)
    return folders


def going(folders: Folders, chosen: Retention, now: dt.datetime = LATER) -> dict[str, str]:
    """What would go, and by which rule."""
    return {item.what: item.rule for item in prune(folders, chosen, apply=False, now=now)}


def test_without_being_told_to_it_removes_nothing(year: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(year.data)
    result = run(year.data, "prune")
    assert result.exit_code == 0
    assert "nothing was removed, --apply does it" in result.stdout
    assert "releases/20260320T060000Z-00000099: 5 files" in result.stdout
    assert contents(year.data) == before


def test_boards_go_after_their_time_but_not_those_served_now_or_before(year: Folders) -> None:
    found = going(year, rules(boards=90), on("2026-05-01"))
    assert found == {f"releases/{name}/boards": "boards" for name in SERVED[:1]}
    assert going(year, rules(boards=90)) == {f"releases/{name}/boards": "boards" for name in SERVED[:4]}


def test_a_pruned_release_verifies_and_keeps_its_store_and_manifest(year: Folders) -> None:
    prune(year, rules(boards=1, quality=1, monthly_quality_years=1), apply=True, now=LATER)
    first = year.releases / SERVED[0]
    assert {path.name for path in first.iterdir()} == {"protected.duckdb", "manifest.json", "pruned.json"}
    assert run(year.data, "verify").exit_code == 0
    noted = json.loads((first / "pruned.json").read_text())["files"]
    assert {name: told["rule"] for name, told in noted.items()} == {
        "boards/S08000029.duckdb": "boards", "boards/S08000024.duckdb": "boards",
        "quality/docs/index.html": "monthly_quality_years",
    }  # fmt: skip


def test_a_file_that_was_lost_otherwise_is_still_missed(year: Folders) -> None:
    prune(year, rules(boards=1), apply=True, now=LATER)
    (year.releases / SERVED[0] / "protected.duckdb").unlink()
    (year.releases / SERVED[5] / "boards" / "S08000029.duckdb").unlink()
    said = run(year.data, "verify").stderr
    assert f"release {SERVED[0]}: protected.duckdb is missing" in said
    assert f"release {SERVED[5]}: boards/S08000029.duckdb is missing" in said
    # The last line is of the release being served, for which an older one stands in meanwhile.
    assert said.count("\n") == 3
    assert "meanwhile" in said.splitlines()[-1]


def test_a_pruned_file_that_is_there_again_must_be_as_it_was_built(year: Folders) -> None:
    prune(year, rules(boards=1), apply=True, now=LATER)
    again = year.releases / SERVED[0] / "boards" / "S08000029.duckdb"
    again.parent.mkdir()
    again.write_text("something else")
    assert "boards/S08000029.duckdb has changed since it was built" in run(year.data, "verify").stderr


def test_the_release_before_can_be_served_again_whole(year: Folders) -> None:
    prune(year, rules(boards=1, quality=1, monthly_quality_years=1, unpublished=1), apply=True, now=LATER)
    assert releases.roll_back(year).release_id == SERVED[4]
    assert (year.releases / SERVED[4] / "boards" / "S08000029.duckdb").exists()
    assert run(year.data, "verify").exit_code == 0


def test_after_a_rollback_what_is_newer_stays_whole_too(year: Folders) -> None:
    releases.roll_back(year)
    assert going(year, rules(boards=1)) == {f"releases/{name}/boards": "boards" for name in SERVED[:3]}


def test_a_release_that_was_never_served_goes_whole_and_one_that_waits_to_be_served_stays(year: Folders) -> None:
    waiting = release(year, "20260701T060000Z-00000100", publish=False)
    assert going(year, rules(unpublished=30), on("2026-04-18")) == {}
    prune(year, rules(unpublished=30), apply=True, now=LATER)
    assert [one.release_id for one in releases.releases(year)] == [*SERVED, waiting.release_id]


def test_where_it_is_not_known_what_was_served_no_release_goes(year: Folders) -> None:
    year.published.unlink()
    assert going(year, rules(unpublished=1)) == {}


def test_nothing_goes_before_anything_is_served(year: Folders) -> None:
    year.current.unlink()
    assert going(year, rules(boards=1, unpublished=1, replaced_rows=1, returned_rows=1)) == {}


def test_quality_pages_stay_longer_for_the_last_release_of_a_month(year: Folders) -> None:
    release(year, "20260701T060000Z-00000001")
    release(year, "20260801T060000Z-00000001")
    release(year, "20260901T060000Z-00000001")
    later = "20260128T060000Z-00000002"
    release(year, later)
    releases.publish(year, "20260901T060000Z-00000001")
    chosen = rules(quality=90, monthly_quality_years=2)
    assert going(year, chosen, on("2027-01-01")) == {f"releases/{SERVED[0]}/quality": "quality"}
    assert going(year, chosen, on("2028-02-01")) == {
        f"releases/{SERVED[0]}/quality": "quality", f"releases/{later}/quality": "monthly_quality_years",
    }  # fmt: skip


def test_rows_that_were_replaced_go_but_what_the_build_may_fall_back_on_stays(year: Folders) -> None:
    for version in (1, 2, 3, 5):
        submission(year, "2026-01", version, f"2026-02-{10 + version}")
    late = submission(year, "2026-01", 4, "2026-03-01", state="outdated")
    named = going(year, rules(replaced_rows=365), on("2027-02-14"))
    assert named == {
        "lake/testing/testing__EDI__2026-01__v1__abababab": "replaced_rows",
        "lake/testing/testing__EDI__2026-01__v2__abababab": "replaced_rows",
    }  # fmt: skip
    assert "lake/" + f"testing/{late.submission_id}" in going(year, rules(replaced_rows=365), on("2027-03-02"))
    prune(year, rules(replaced_rows=365), apply=True, now=LATER)
    held = {path.name for path in (year.lake / "testing").iterdir()}
    assert held == {f"testing__EDI__{rest}__abababab" for rest in ("2025-12__v1", "2026-01__v3", "2026-01__v5")}
    assert run(year.data, "verify").exit_code == 0


def test_rows_of_the_release_being_served_stay_although_they_were_replaced(year: Folders) -> None:
    for version in (2, 3):
        submission(year, "2025-12", version, f"2026-06-{16 + version}")
    serving = releases.current(year)
    assert list(serving.manifest["lake"]) == ["testing__EDI__2025-12__v1__abababab"]
    assert going(year, rules(replaced_rows=1)) == {}
    assert run(year.data, "verify").exit_code == 0


def test_returned_rows_go_after_their_time_and_letters_stay(year: Folders) -> None:
    with Register(year.register) as register:
        (sent,) = register.all()
        register._connection.execute("UPDATE submissions SET rows_returned = 1")
    folder = year.returns / "EDI"
    folder.mkdir(parents=True)
    stem = sent.file.removesuffix(".csv")
    for ending in (".csv", "__build.csv", "__letter.md"):
        (folder / f"{stem}{ending}").write_text("x")
    assert going(year, rules(returned_rows=365), on("2027-01-09")) == {}
    prune(year, rules(returned_rows=365), apply=True, now=on("2027-01-11"))
    assert {path.name for path in folder.iterdir()} == {f"{stem}__build.csv", f"{stem}__letter.md"}


def test_what_went_is_logged_and_a_second_run_finds_nothing(year: Folders) -> None:
    removed = prune(year, rules(boards=1, unpublished=1), apply=True, now=LATER)
    (line,) = (year.releases / "pruned.jsonl").read_text().splitlines()
    told = json.loads(line)
    assert told["at"] == "2030-01-01T00:00:00+00:00"
    assert [Item(**item) for item in told["removed"]] == removed
    assert prune(year, rules(boards=1, unpublished=1), apply=True, now=LATER) == []
    assert len((year.releases / "pruned.jsonl").read_text().splitlines()) == 1


def test_one_that_was_cut_off_after_its_note_is_finished_by_the_next(
    year: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(self: Path, missing_ok: bool = False) -> None:
        if self.name.endswith(".duckdb"):
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", cut_off)
        with pytest.raises(KeyboardInterrupt):
            prune(year, rules(boards=1), apply=True, now=LATER)
    assert run(year.data, "verify").exit_code == 0
    prune(year, rules(boards=1), apply=True, now=LATER)
    assert not (year.releases / SERVED[0] / "boards").exists()
    assert run(year.data, "verify").exit_code == 0


def test_it_removes_nothing_while_a_build_is_at_work(year: Folders) -> None:
    before = contents(year.data)
    with another_command(year), pytest.raises(PipelineError, match="at work"):
        prune(year, rules(boards=1), apply=True, now=LATER)
    assert contents(year.data) == before


def test_a_pruned_release_is_kept_and_restored_as_it_is(year: Folders, tmp_path: Path) -> None:
    prune(year, rules(boards=1), apply=True, now=LATER)
    made = backup(year, tmp_path / "kept", quiet=True)
    assert made.wrong == ()
    done = restore(Folders(tmp_path / "again"), [made.folder], quiet=True)
    assert done.wrong == ()
    assert contents(tmp_path / "again") == contents(year.data)


def test_a_figure_cited_from_a_pruned_release_is_the_same_and_the_app_says_that_boards_are_gone(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "data")
    sealed(folders, A, "2026-11-15T08:00:00+00:00")
    board = folders.releases / A / "boards" / "S08000029.duckdb"
    board.parent.mkdir()
    with duckdb.connect(str(board)) as con:
        con.execute("CREATE TABLE about AS SELECT 'board_code' AS key, 'S08000029' AS value")
    manifest = folders.releases / A / "manifest.json"
    told = json.loads(manifest.read_text())
    told["files"]["boards/S08000029.duckdb"] = sha256_of(board)
    manifest.write_text(json.dumps(told))
    releases.publish(folders, A)
    for letter in ("B", "C"):
        publish_another(folders, letter)
    before = cited_file(folders, f"{A}/{SERIES}")
    (item,) = prune(folders, retention(), apply=True, now=LATER)
    assert item.what == f"releases/{A}/boards"
    assert cited_file(folders, f"{A}/{SERIES}").content == before.content
    page = Snapshot(demonstration(Role.BOARD_MANAGER, board="S08000029"), folders.data, A)
    assert not page.cells("reported_within_standard", "month", {}).is_empty()
    with pytest.raises(NoBoardDetailError):
        page.own_board("S08000029")


def test_what_is_open_stays_readable_after_it_is_removed(year: Folders) -> None:
    path = year.releases / SERVED[0] / "boards" / "S08000029.duckdb"
    with path.open() as reader:
        prune(year, rules(boards=1), apply=True, now=LATER)
        assert not path.exists()
        assert reader.read() == f"boards/S08000029.duckdb of {SERVED[0]}"
