"""A refresh is spared only where nothing that it would look at has changed since the last one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines import hashes
from pipelines.disclosure.secret import ENVIRONMENT
from pipelines.errors import PipelineError
from pipelines.folders import BUILDING, Folders
from pipelines.kept import at_rest
from tests.pipelines.another_command import another_command


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folders:
    """A data folder after a refresh, as far as its files go."""
    found = Folders(tmp_path / "data")
    for path in (
        found.inbox / "testing__EDI__2026-03__v1.csv",
        found.lake / "testing" / "testing__EDI__2026-03__v1" / "rows.parquet",
        found.returns / "EDI" / "testing__EDI__2026-03__v1.csv",
        found.releases / "first" / "manifest.json",
        found.register,
        tmp_path / "secret",
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("something")
    found.current.write_text("first\n")
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "secret"))
    at_rest.note(found, at_rest.given(found.inbox), lambda: True)
    return found


def test_where_nothing_has_changed_the_release_being_served_is_known(folders: Folders) -> None:
    assert at_rest.served_still(folders, folders.inbox) == "first"
    assert not list(folders.data.rglob(f"{BUILDING}*"))


def same_size_and_day(path: Path) -> None:
    """Other bytes, as many of them, with the time of the last change set back."""
    before = path.stat()
    path.write_text("Something")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize(
    "change",
    [
        lambda f: (f.inbox / "testing__EDI__2026-04__v1.csv").write_text("new"),
        lambda f: same_size_and_day(f.inbox / "testing__EDI__2026-03__v1.csv"),
        lambda f: (f.inbox / "testing__EDI__2026-03__v1.csv").unlink(),
        lambda f: same_size_and_day(f.lake / "testing" / "testing__EDI__2026-03__v1" / "rows.parquet"),
        lambda f: (f.lake / "testing" / "testing__EDI__2026-03__v1" / "rows.parquet").unlink(),
        lambda f: (f.returns / "EDI" / "testing__EDI__2026-03__v1.csv").unlink(),
        lambda f: same_size_and_day(f.releases / "first" / "manifest.json"),
        lambda f: f.current.write_text("other\n"),
        lambda f: (f.releases / f"{BUILDING}second").mkdir(),
        lambda f: same_size_and_day(f.register),
        lambda f: same_size_and_day(f.data.parent / "secret"),
    ],
)
def test_whatever_changes_is_looked_at(folders: Folders, change: Callable[[Folders], object]) -> None:
    change(folders)
    assert at_rest.served_still(folders, folders.inbox) is None


def test_another_inbox_and_another_secret_are_looked_at(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    (folders.data / "other").mkdir()
    assert at_rest.served_still(folders, folders.data / "other") is None
    assert at_rest.served_still(folders, folders.data / "nowhere") is None
    monkeypatch.setenv(ENVIRONMENT, str(folders.data / "elsewhere"))
    assert at_rest.served_still(folders, folders.inbox) is None


def test_changed_code_is_looked_at(folders: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "added.sql"
    copy.write_text("SELECT 1")
    monkeypatch.setattr(at_rest, "code_files", lambda: [*hashes.code_files(), copy])
    assert at_rest.served_still(folders, folders.inbox) is None


def test_what_arrives_while_a_refresh_runs_is_new_to_the_next_one(folders: Folders) -> None:
    before = at_rest.given(folders.inbox)
    (folders.inbox / "testing__EDI__2026-04__v1.csv").write_text("arrived after the inbox was read")
    at_rest.note(folders, before, lambda: True)
    assert at_rest.served_still(folders, folders.inbox) is None


def test_what_another_command_took_in_and_nobody_built_is_not_noted_as_built(folders: Folders) -> None:
    same_size_and_day(folders.register)
    at_rest.note(folders, at_rest.given(folders.inbox), lambda: False)
    assert at_rest.served_still(folders, folders.inbox) is None


def test_a_note_cut_short_or_damaged_is_no_note(folders: Folders) -> None:
    note = folders.kept / at_rest.NOTE
    for content in (b"", note.read_bytes()[:-2], b"\xff" * 40):
        note.write_bytes(content)
        assert at_rest.served_still(folders, folders.inbox) is None


def test_a_refresh_waits_for_nobody_and_is_not_told_of_work_half_done(folders: Folders) -> None:
    with another_command(folders), pytest.raises(PipelineError, match="at work"):
        at_rest.served_still(folders, folders.inbox)


def test_an_unchanged_refresh_says_what_it_always_said_and_loads_nothing_that_it_does_not_need(
    folders: Folders,
) -> None:
    program = (
        "import sys\n"
        "from pipelines.cli import main\n"
        f"main(['--data', {str(folders.data)!r}, 'refresh'], standalone_mode=False)\n"
        "print({'polars', 'duckdb', 'great_expectations', 'pydantic', 'numpy', 'rich'} & sys.modules.keys())"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.splitlines() == [
        "Nothing new in the inbox",
        "Nothing new to build; what was served before is served still",
        "Serving first",
        "set()",
    ]


def test_a_new_machine_has_no_secret_yet_and_the_one_that_is_made_is_news(tmp_path, monkeypatch):
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "secret"))
    (tmp_path / "inbox").mkdir()
    without = at_rest.given(tmp_path / "inbox")
    (tmp_path / "secret").write_text("7" * 64)
    assert at_rest.given(tmp_path / "inbox") != without
