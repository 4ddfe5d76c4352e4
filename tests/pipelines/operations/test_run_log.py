"""The log of runs: a line a run, with counts and reasons and nothing of a file; it never stops the run itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pipelines import build as building
from pipelines import releases
from pipelines.cli import main
from pipelines.folders import Folders
from pipelines.kept import at_rest
from pipelines.operations import run_log
from pipelines.progress import steps
from pipelines.quality.gate import Fault, StoppedError
from pipelines.stopwatch import counting, timed


def run(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--quiet", "--data", str(data), *arguments])


def lines(data: Path) -> list[dict[str, Any]]:
    return run_log.runs(Folders(data))


def test_a_run_leaves_one_line_with_what_it_came_to(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    assert run(tmp_path, "ingest").exit_code == 0
    (line,) = lines(tmp_path)
    assert (line["command"], line["outcome"], line["reason"]) == ("ingest", "done", "")
    assert set(line) == {
        "time", "command", "run", "code", "outcome", "reason", "seconds", "submissions", "new", "serving",
    }  # fmt: skip
    assert line["seconds"]["whole"] >= 0
    assert (tmp_path / "log" / "metrics.prom").read_text().count("genomics_last_run_failed{") == 1


def test_what_was_refused_is_counted_and_nothing_of_its_name_or_its_rows_is_kept(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "0101010024.csv").write_text("Ann Other,0101010024\n1,2\n")
    (inbox / "testing__EDI__2026-03__v1.csv").write_text("Ann Other,0101010024\n1,2\n")
    assert run(tmp_path, "ingest").exit_code == 1
    (line,) = lines(tmp_path)
    assert (line["outcome"], line["submissions"], line["new"]) == ("refused", {"refused": 2}, {"refused": 2})
    assert "Ingest" in line["seconds"]
    kept = "".join(path.read_text() for path in (tmp_path / "log").iterdir())
    assert not [told for told in ("Ann", "0101010024", "testing__EDI") if told in kept]


@pytest.mark.parametrize("command", ["build", "publish", "rollback", "refresh"])
def test_a_run_that_fails_is_told_with_its_reason_and_in_one_line_to_its_user(tmp_path: Path, command: str) -> None:
    (tmp_path / "inbox").mkdir()
    result = run(tmp_path, command)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    (line,) = lines(tmp_path)
    assert (line["command"], line["outcome"]) == (command, "failed")
    assert line["reason"]


def test_a_stopped_build_is_told_in_the_checks_own_sentence_without_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> None:
        fault = Fault("Every code is known.", ("Glasgow, May 2026",), "Send it again.")
        raise StoppedError("4,321 rows", "2 are to blame", [fault])

    monkeypatch.setattr(building, "build", stopped)
    assert "4,321" in run(tmp_path, "build").stderr
    assert [line["reason"] for line in lines(tmp_path)] == ["2 are to blame. Not met: Every code is known."]


def test_an_unexpected_error_is_told_by_its_kind_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("0101010024")

    monkeypatch.setattr(releases, "publish", broken)
    run(tmp_path, "publish")
    (line,) = lines(tmp_path)
    assert "builtins.ValueError" in line["reason"]
    assert "0101010024" not in json.dumps(line)


def test_a_run_that_somebody_stops_is_told_as_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(releases, "publish", interrupted)
    run(tmp_path, "publish")
    assert [line["outcome"] for line in lines(tmp_path)] == ["stopped"]


@pytest.mark.parametrize("arguments", [["status"], ["releases"], ["ingest", "/no/such"], ["publish", "--help"]])
def test_what_only_reads_or_does_not_run_leaves_no_line_and_no_folder(tmp_path: Path, arguments: list[str]) -> None:
    run(tmp_path, *arguments)
    assert not (tmp_path / "log").exists()


def test_where_no_line_can_be_written_stderr_says_so_and_the_run_stands(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "log").write_text("a file where the folder should be")
    result = run(tmp_path, "ingest")
    assert (result.exit_code, result.stdout) == (0, "Nothing new in the inbox\n")
    assert result.stderr == "The log of runs or its metrics cannot be written: File exists\n"


def test_a_register_that_cannot_be_read_is_left_to_the_command_to_tell(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "register.sqlite").write_bytes(b"")
    assert run(tmp_path, "ingest").stderr.count("\n") == 1
    (line,) = lines(tmp_path)
    assert (line["submissions"], line["new"], line["outcome"]) == (None, None, "failed")


def test_a_start_that_serves_on_after_an_error_is_told_as_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = releases.Release(tmp_path / "r1", {"set_aside": []})
    for name in ("current", "last_good"):
        monkeypatch.setattr(releases, name, lambda _: served)
    assert run(tmp_path, "start").exit_code == 0
    (line,) = lines(tmp_path)
    assert (line["command"], line["outcome"], line["serving"]) == ("start", "failed", "r1")


def test_a_full_file_is_put_aside_and_the_oldest_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_log, "FULL_BYTES", 200)
    folders = Folders(tmp_path)
    for number in range(60):
        run_log.append(folders.log, {"time": f"{number:02}", "command": "build", "outcome": "done"})
    assert len(list(folders.log.iterdir())) == run_log.KEPT_FILES + 1
    times = [line["time"] for line in run_log.runs(folders)]
    assert times == sorted(times)
    assert times[-1] == "59"
    assert 10 < len(times) < 60


def test_a_torn_line_is_passed_over(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    run_log.append(folders.log, {"time": "1", "command": "build", "outcome": "done"})
    with (folders.log / run_log.NAME).open("a") as file:
        file.write('{"time": "2", "comm\n[]\n')
    run_log.append(folders.log, {"time": "3", "command": "build", "outcome": "done"})
    assert [line["time"] for line in run_log.runs(folders)] == ["1", "3"]


def test_the_seconds_of_a_piece_of_work_are_added_up_only_while_somebody_asks() -> None:
    with counting("Build"):
        pass
    with timed() as seconds:
        for _ in range(2):
            with steps("Build", 1, quiet=True):
                pass
        with counting("Protect"):
            pass
    with counting("Later"):
        pass
    assert set(seconds) == {"Build", "Protect"}


def test_a_refresh_that_finds_nothing_to_do_leaves_a_short_line_and_metrics_to_the_timer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(at_rest, "served_still", lambda *_: "first")
    assert run(tmp_path, "refresh").exit_code == 0
    (line,) = lines(tmp_path)
    assert set(line) == {"time", "command", "run", "seconds", "outcome", "reason", "serving"}
    assert (line["outcome"], line["serving"]) == ("done", "first")
    assert not (tmp_path / "log" / "metrics.prom").exists()
    assert run(tmp_path, "metrics").exit_code == 0
    assert "genomics_last_run_success_timestamp_seconds" in (tmp_path / "log" / "metrics.prom").read_text()
