"""What is told of a data folder: how old its release is, who is late, what was refused, which run failed."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.folders import Folders
from pipelines.ingest.register import Submission
from pipelines.operations import run_log, state

NOON = dt.time(12, tzinfo=dt.UTC)


def at(day: str) -> dt.datetime:
    return dt.datetime.combine(dt.date.fromisoformat(day), NOON)


def sent(period: str, place: str = "accepted", extract: str = "testing", submitter: str = "EDI") -> Submission:
    name = f"{extract}__{submitter}__{period}__v1"
    return Submission(
        submission_id=f"{name}__0", file=f"{name}.csv", extract=extract, submitter=submitter, period=period, version=1,
        sha256="0", bytes=1, registered_at="2026-01-01T00:00:00+00:00", state=place,  # type: ignore[arg-type]
        rows_read=1, rows_loaded=1, rows_returned=0, reasons={}, refused_because=None, drift=(), extracted_on=None,
        is_synthetic=True,
    )  # fmt: skip


def served(folders: Folders, newest: str = "2026-10") -> None:
    """A release with data to the end of a month, being served."""
    manifest = {
        "files": {}, "lake": {}, "recipe": "", "created_at": "2026-11-16T06:00:00+00:00", "is_synthetic": True,
        "inputs": dict.fromkeys(
            (f"testing__EDI__{newest}__v1.csv", "testing__GLA__2025-01__v2.csv", "programme__SGV__2027-01__v1.csv"), ""
        ),
    }  # fmt: skip
    folder = folders.releases / "20261116T060000Z-abc"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    folders.current.write_text(f"{folder.name}\n")


def logged(folders: Folders, *runs: tuple[str, str]) -> None:
    for number, (command, outcome) in enumerate(runs):
        line: dict[str, Any] = {"time": f"2026-11-16T06:{number:02}:00+00:00", "command": command, "outcome": outcome}
        run_log.append(folders.log, line | {"reason": "", "seconds": {"whole": 1.5}})


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        ("2026-11-15", "2026-09-30"),
        ("2026-11-16", "2026-09-30"),
        ("2026-11-17", "2026-10-31"),
        ("2026-12-16", "2026-10-31"),
        ("2026-12-17", "2026-11-30"),
        ("2027-01-10", "2026-11-30"),
    ],
)
def test_a_month_is_expected_in_a_release_the_day_after_the_refresh_of_it(
    tmp_path: Path, today: str, expected: str
) -> None:
    assert state.look(Folders(tmp_path), at(today)).data_expected_to == dt.date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("today", "months"), [("2026-11-15", 0), ("2026-11-16", 1), ("2026-12-15", 1), ("2027-01-16", 3)]
)
def test_a_month_is_late_from_the_day_after_it_was_due(today: str, months: int) -> None:
    found = state.late([sent("2026-08"), sent("2026-09")], dt.date.fromisoformat(today))
    assert found == {("testing", "EDI"): months}


def test_a_gap_in_between_is_late_too_and_only_monthly_extracts_in_use_are_judged() -> None:
    entries = [
        sent("2026-07"),
        sent("2026-08", "refused"),
        sent("2026-08", "superseded"),
        sent("2026-09"),
        sent("2026-09", extract="workforce", submitter="GLA"),
    ]
    assert state.late(entries, dt.date(2026, 10, 20)) == {("testing", "EDI"): 1}


def test_a_refused_submission_waits_until_its_month_is_accepted_and_a_file_without_a_name_belongs_to_nobody() -> None:
    nameless = Submission(**{**vars(sent("2026-07", "refused")), "extract": None, "submitter": None, "period": None})
    mended, waiting = sent("2026-07", "refused"), sent("2026-08", "refused")
    assert state.refused([mended, waiting, nameless, sent("2026-07")]) == [waiting]
    assert state.refused([sent("2026-07"), mended]) == [mended]


def test_of_a_folder_that_is_as_it_should_be_nothing_is_told(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    served(folders)
    logged(folders, ("refresh", "done"))
    found = state.look(folders, at("2026-12-10"))
    assert (state.problems(found), found.data_to) == ([], dt.date(2026, 10, 31))


def test_an_old_release_is_told_from_the_day_on_which_a_newer_one_is_expected(tmp_path: Path) -> None:
    served(Folders(tmp_path))
    told = state.problems(state.look(Folders(tmp_path), at("2026-12-17")))
    assert told == ["The release served has data to 2026-10-31; by now 2026-11-30 is expected."]


def test_a_damaged_release_that_another_stands_in_for_is_told(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    served(folders)
    path = folders.releases / "20261116T060000Z-abc" / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "files": {"protected.duckdb": "0" * 64}}))
    found = state.look(folders, at("2026-12-10"))
    assert found.damaged == {"20261116T060000Z-abc"}
    assert state.problems(found)[0].startswith("Release 20261116T060000Z-abc: protected.duckdb is missing")


def test_whatever_is_wrong_is_told_a_line_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = Folders(tmp_path)
    (folders.releases / "20260101T000000Z-torn").mkdir(parents=True)
    folders.register.write_bytes(b"")
    folders.held_back.write_text('{"stopped_at": "", "reason": "too few rows", "faults": []}')
    logged(folders, ("refresh", "failed"), ("verify", "stopped"))
    monkeypatch.setattr(state, "LEAST_FREE_BYTES", 2**60)
    told = state.problems(state.look(folders, at("2026-12-10")))
    for beginning in (
        "No release is served.",
        "The manifest of release 20260101T000000Z-torn cannot be read.",
        "The register of submissions cannot be read.",
        "Newer submissions are held back: too few rows",
        "The last refresh (2026-11-16T06:00:00+00:00) has failed.",
        "The last verify (2026-11-16T06:01:00+00:00) was stopped.",
    ):
        assert beginning in told
    assert "GiB of disk are free" in told[-1]


@pytest.mark.parametrize(
    ("runs", "left"),
    [
        ([("refresh", "failed"), ("refresh", "done")], []),
        ([("build", "failed"), ("refresh", "done")], []),
        ([("refresh", "failed"), ("build", "done")], ["refresh"]),
        ([("verify", "failed"), ("refresh", "done")], ["verify"]),
        ([("refresh", "done"), ("refresh", "stopped")], ["refresh"]),
        ([("ingest", "refused")], []),
    ],
)
def test_a_failure_stands_until_a_run_makes_it_good(
    tmp_path: Path, runs: list[tuple[str, str]], left: list[str]
) -> None:
    logged(Folders(tmp_path), *runs)
    assert [run["command"] for run in state.look(Folders(tmp_path), at("2026-12-10")).failures] == left


def test_the_command_exits_with_1_and_a_line_a_problem_or_0_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = CliRunner().invoke(main, ["--data", str(tmp_path), "health"])
    assert (empty.exit_code, empty.stderr.splitlines()[0], empty.stdout) == (1, "No release is served.", "")
    served(Folders(tmp_path), f"{dt.datetime.now(dt.UTC):%Y-%m}")
    monkeypatch.setattr(state, "LEAST_FREE_BYTES", 0)
    well = CliRunner().invoke(main, ["--data", str(tmp_path), "health"])
    assert (well.exit_code, well.stdout, well.stderr) == (0, "All is well\n", "")
    told = json.loads(CliRunner().invoke(main, ["--data", str(tmp_path), "health", "--json"]).stdout)
    assert (told["serving"], told["problems"]) == ("20261116T060000Z-abc", [])
