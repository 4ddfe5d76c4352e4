"""The command line: exit codes, one clear line a problem, and no traceback."""

from __future__ import annotations

import contextlib
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipelines import held_back, releases
from pipelines.cli import main
from pipelines.folders import Folders
from pipelines.quality.gate import Fault, StoppedError
from tests.conftest import Published
from tests.pipelines.another_command import another_command


def run(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--quiet", "--data", str(data), *arguments])


@pytest.mark.parametrize("command", ["ingest", "build", "publish", "rollback", "refresh", "start"])
def test_while_another_command_is_at_work_every_writing_one_says_so_and_changes_nothing(
    tmp_path: Path, command: str
) -> None:
    (tmp_path / "inbox").mkdir()
    with another_command(Folders(tmp_path)):
        result = run(tmp_path, command)
        assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
        assert "another ingest, build or publish is at work here; wait until it has finished" in result.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"inbox", ".lock", "log"}


@pytest.mark.parametrize("command", ["build", "publish", "rollback", "refresh"])
def test_with_nothing_to_work_on_a_command_says_what_to_do(tmp_path: Path, command: str) -> None:
    (tmp_path / "inbox").mkdir()
    result = run(tmp_path, command)
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "arguments", [["no-such-command"], ["demo", "--years", "0"], ["publish", "a", "b"], ["ingest", "/no/such"]]
)
def test_wrong_usage_exits_with_2(tmp_path: Path, arguments: list[str]) -> None:
    assert run(tmp_path, *arguments).exit_code == 2


def test_options_of_the_group_may_stand_after_the_command(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    result = CliRunner().invoke(main, ["ingest", "--data", str(tmp_path), "--quiet"])
    assert (result.exit_code, result.stdout) == (0, "Nothing new in the inbox\n")


def test_an_unexpected_error_is_one_line_without_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("0101010024")

    monkeypatch.setattr(releases, "publish", broken)
    result = run(tmp_path, "publish")
    assert result.exit_code == 1
    assert "unexpected error (builtins.ValueError)" in result.stderr
    assert "0101010024" not in result.output
    with pytest.raises(ValueError):
        CliRunner().invoke(main, ["--data", str(tmp_path), "publish", "--verbose"], catch_exceptions=False)


def test_status_of_a_new_folder_is_empty(tmp_path: Path) -> None:
    assert json.loads(run(tmp_path, "status", "--json").stdout) == {"submissions": []}
    assert "nothing yet" in run(tmp_path, "status").stdout
    assert json.loads(run(tmp_path, "releases", "--json").stdout) == {"releases": []}
    assert not (tmp_path / "register.sqlite").exists()


def test_a_refused_submission_exits_with_1_and_is_named(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "holiday.csv").write_text("a,b\n1,2\n")
    result = run(tmp_path, "ingest")
    assert result.exit_code == 1
    assert "holiday.csv: refused" in result.stderr
    (row,) = json.loads(run(tmp_path, "status", "--json").stdout)["submissions"]
    assert (row["file"], row["state"]) == ("holiday.csv", "refused")
    assert set(row) == {
        "file", "extract", "submitter", "period", "version", "sha256", "state", "rows_read", "rows_loaded",
        "rows_returned", "reasons", "refused_because",
    }  # fmt: skip


def test_the_same_demonstration_twice_is_the_same_bytes(tmp_path: Path) -> None:
    for place in ("one", "two"):
        arguments = ["--years", "1", "--requests-per-year", "500", "--until", "2026-10", "--out", str(tmp_path / place)]
        assert run(tmp_path, "demo", *arguments).exit_code == 0
    files = [{path.name: path.read_bytes() for path in (tmp_path / place).iterdir()} for place in ("one", "two")]
    assert files[0] == files[1]
    assert len(files[0]) > 100


@pytest.mark.slow
def test_a_release_is_refreshed_rolled_back_published_and_verified(copy_of_tiny: Folders) -> None:
    data = copy_of_tiny.data
    first = releases.current(copy_of_tiny)
    assert first is not None
    again = run(data, "refresh")
    assert (again.exit_code, again.stdout.splitlines()[-1]) == (0, f"Serving {first.release_id}")
    assert run(data, "rollback").exit_code == 1
    listed = json.loads(run(data, "releases", "--json").stdout)["releases"]
    assert [(row["release_id"], row["is_current"]) for row in listed] == [(first.release_id, True)]
    assert run(data, "verify").exit_code == 0
    assert run(data, "publish", "no-such-release").exit_code == 1
    store = first.folder / releases.STORE
    store.write_bytes(store.read_bytes()[:-1])
    damaged = run(data, "verify")
    assert damaged.exit_code == 1
    assert "has changed since it was built" in damaged.stderr


@pytest.mark.slow
def test_a_refresh_of_which_all_was_refused_exits_with_1_and_says_that_nothing_is_new(copy_of_tiny: Folders) -> None:
    serving = releases.current(copy_of_tiny)
    assert serving is not None
    (copy_of_tiny.inbox / "testing__EDI__2026-03__v9.csv").write_text("")
    result = run(copy_of_tiny.data, "refresh")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-2:] == [
        "Nothing new to build; what was served before is served still", f"Serving {serving.release_id}",
    ]  # fmt: skip
    assert result.stderr.splitlines()[0].startswith("testing__EDI__2026-03__v9.csv: refused: ")
    assert result.stderr.splitlines()[-1] == "refresh: all that was new was refused, so no release came of it"
    assert run(copy_of_tiny.data, "refresh").exit_code == 0


@pytest.mark.slow
@pytest.mark.parametrize("command", ["refresh", "start"])
def test_a_release_that_was_rolled_back_stays_so_until_there_is_a_new_one(copy_of_tiny: Folders, command: str) -> None:
    older = releases.current(copy_of_tiny)
    assert older is not None
    name = "20990101T000000Z-newest"
    shutil.copytree(older.folder, copy_of_tiny.releases / name)
    manifest = older.folder / releases.MANIFEST
    manifest.write_text(manifest.read_text().replace(older.manifest["recipe"], "of older submissions"))
    built_only = run(copy_of_tiny.data, command)
    assert built_only.stdout.splitlines()[-1] == f"Serving {name}"
    assert run(copy_of_tiny.data, "rollback").stdout == f"Serving {older.release_id}\n"
    result = run(copy_of_tiny.data, command)
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, f"Serving {older.release_id}")
    assert "Nothing new to build" in result.stdout
    assert copy_of_tiny.current.read_text() == f"{older.release_id}\n"


def test_status_tells_why_the_last_build_stopped(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    fault = Fault("Every code is known.", ("Glasgow, May 2026", "Dundee, May 2026"), "Send it again.")
    held_back.note(folders, StoppedError("with 4,321 rows", "2 are to blame", [fault]))
    lines = run(tmp_path, "status").stdout.splitlines()
    assert lines[1].endswith("stopped: 2 are to blame")
    assert lines[2] == (
        "held back: not met: Every code is known. To blame: Glasgow, May 2026; Dundee, May 2026. To do: Send it again."
    )
    told = json.loads(run(tmp_path, "status", "--json").stdout)["held_back"]
    assert told["faults"][0]["to_blame"] == ["Glasgow, May 2026", "Dundee, May 2026"]
    assert "4,321" not in folders.held_back.read_text()
    held_back.clear(folders)
    assert json.loads(run(tmp_path, "status", "--json").stdout) == {"submissions": []}
    folders.held_back.write_text("{")
    assert run(tmp_path, "status").stderr == "held_back.json cannot be read; `python -m pipelines build` mends it\n"


@pytest.mark.slow
def test_a_damaged_lake_is_found(copy_of_tiny: Folders) -> None:
    path = next((copy_of_tiny.lake / "testing").glob("*/rows.parquet"))
    serving = releases.current(copy_of_tiny)
    assert serving is not None
    named = next(copy_of_tiny.lake / name.partition("__")[0] / name / path.name for name in serving.manifest["lake"])
    named.write_bytes(named.read_bytes() + b"x")
    assert "lake:" in run(copy_of_tiny.data, "verify").stderr


@pytest.mark.slow
def test_status_counts_every_row(small: Published) -> None:
    rows = json.loads(run(small.folders.data, "status", "--json").stdout)["submissions"]
    assert len(rows) == len(small.registered)
    assert {row["state"] for row in rows} == {"accepted", "refused", "superseded"}
    for row in rows:
        if row["state"] != "refused":
            assert row["rows_read"] == row["rows_loaded"] + row["rows_returned"]
            assert sum(row["reasons"].values()) >= row["rows_returned"]
    assert any("refused:" in line for line in run(small.folders.data, "status").stdout.splitlines())


@pytest.mark.slow
def test_an_unusable_folder_is_told_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    result = run(tmp_path / "data", "build")
    assert result.exit_code == 1
    assert "what was there before stands" in result.stderr


@pytest.mark.slow
@pytest.mark.parametrize("trouble", ["register emptied", "lake file gone", "another at work"])
def test_start_serves_the_good_release_whatever_happens_to_newer_work(copy_of_tiny: Folders, trouble: str) -> None:
    serving = releases.current(copy_of_tiny)
    assert serving is not None
    before = sorted(path.name for path in copy_of_tiny.lake.glob("*/*"))
    with contextlib.ExitStack() as held:
        if trouble == "register emptied":
            copy_of_tiny.register.write_bytes(b"")
        elif trouble == "lake file gone":
            name = next(iter(serving.manifest["lake"]))
            (copy_of_tiny.lake / name.partition("__")[0] / name / "rows.parquet").unlink()
        else:
            held.enter_context(another_command(copy_of_tiny))
        result = run(copy_of_tiny.data, "start")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == f"Serving {serving.release_id}"
    assert result.stderr.count("\n") == 1
    assert "unexpected" not in result.stderr
    assert sorted(path.name for path in copy_of_tiny.lake.glob("*/*")) == before
