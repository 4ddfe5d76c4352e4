"""A cited figure comes back byte for byte from its own release, and a wrong id or a changed file is told."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from catalogue.contracts import ROOT
from pipelines import releases
from pipelines.cited import cited_file, notes
from pipelines.errors import PipelineError
from pipelines.folders import Folders
from pipelines.releases import STORE
from tests.ui.cited_releases import SERIES, A, publish_another, sealed

WITHIN = f"{A}/{SERIES}"


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """A data folder with release A, published."""
    folders = Folders(tmp_path)
    sealed(folders, A, "2026-11-15T08:00:00+00:00")
    releases.publish(folders, A)
    return folders


def _command(folders: Folders, *words: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "pipelines", "--data", str(folders.data), "figure", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False)


def test_a_figure_comes_back_byte_for_byte_after_later_releases_and_a_rollback(folders):
    before = cited_file(folders, WITHIN)
    other = publish_another(folders, "B")
    publish_another(folders, "C")
    assert cited_file(folders, f"{other}/{SERIES}").content != before.content
    assert cited_file(folders, WITHIN).content == before.content
    releases.roll_back(folders)
    assert cited_file(folders, WITHIN).content == before.content


def test_the_notes_say_whether_the_release_is_still_the_one_served(folders):
    assert "the one being served" in notes(folders, cited_file(folders, WITHIN))[0]
    newer = publish_another(folders, "B")
    assert f"not the newest: {newer}" in notes(folders, cited_file(folders, WITHIN))[0]
    releases.roll_back(folders)
    told = notes(folders, cited_file(folders, f"{newer}/{SERIES}"))
    assert f"no longer served: {A}" in told[0]


def test_every_release_that_was_served_is_listed_once_in_order(folders):
    newer = publish_another(folders, "B")
    releases.roll_back(folders)
    releases.publish(folders, newer)
    assert folders.published.read_text(encoding="utf-8").split() == [A, newer]


def test_the_command_prints_the_bytes_alone_and_its_notes_apart(folders):
    content = cited_file(folders, WITHIN).content
    ran = _command(folders, WITHIN)
    assert ran.stdout == content
    assert hashlib.sha256(content).hexdigest() in ran.stderr.decode()


def test_the_command_says_whether_the_hash_is_the_same(folders):
    content = cited_file(folders, WITHIN).content
    same = _command(folders, WITHIN, "--check", hashlib.sha256(content).hexdigest().upper())
    assert (same.returncode, same.stdout) == (0, b"The same\n")
    other = _command(folders, WITHIN, "--check", "0" * 64)
    assert (other.returncode, other.stdout) == (1, b"")
    assert b"not the same" in other.stderr


@pytest.mark.parametrize("name", [STORE, "manifest.json"])
def test_a_release_whose_files_have_changed_is_not_quoted(folders, name):
    path = folders.releases / A / name
    if name == STORE:
        with duckdb.connect(str(path)) as con:
            con.execute("UPDATE cells SET value = 0.99 WHERE indicator = 'reported_within_standard'")
    else:
        path.write_text("{}")
    with pytest.raises(PipelineError, match=r"has changed since it was built|is not here"):
        cited_file(folders, WITHIN)


@pytest.mark.parametrize(
    "asked",
    [
        "no_such_measure/scotland/all/month/2026-01..2026-10",
        "reported_within_standard/sex/all/year/2025-11..2026-10",
        "reported_within_standard/technology+performing_lab/all+EDI/year/2025-11..2026-10",
        "reported_within_standard/performing_lab/XXX/month/2026-01..2026-10",
        "reported_within_standard/scotland/all/month/1999-01..1999-02",
        "reported_within_standard/scotland/all/month/2026-01..2026-10/median",
        "data_quality/checks/no_such_check",
    ],
)
def test_what_the_release_does_not_hold_is_told(folders, asked):
    with pytest.raises(PipelineError, match="holds no such"):
        cited_file(folders, f"{A}/{asked}")


@pytest.mark.parametrize("text", ["", "a/b", "../../etc/passwd", "x" * 100_000, f"{A}/i' OR 1=1/scotland/all/month/x"])
def test_what_is_no_id_is_told(folders, text):
    with pytest.raises(PipelineError, match="an id reads"):
        cited_file(folders, text)


def test_a_release_that_is_not_here_is_told(folders):
    with pytest.raises(PipelineError, match="is not here"):
        cited_file(folders, f"20200101T000000Z-0/{SERIES}")
    with pytest.raises(PipelineError, match="is not here"):
        cited_file(folders, f"current/{SERIES}")


def test_a_release_with_other_tables_is_told_with_the_version_that_reads_it(folders):
    other = "20261101T080000Z-old"
    sealed(folders, other, "2026-11-01T08:00:00+00:00", "DROP TABLE grades")
    with pytest.raises(PipelineError, match="another version of this product"):
        cited_file(folders, f"{other}/{SERIES}")


@pytest.mark.slow
@pytest.mark.xdist_group("small")
def test_a_figure_of_a_built_release_comes_back(copy_of_small: Folders) -> None:
    serving = releases.current(copy_of_small)
    assert serving is not None
    by = "reported_within_standard/performing_lab+turnaround_category/EDI+all/year/2025-11..2026-10"
    content = cited_file(copy_of_small, f"{serving.release_id}/{by}").content.decode("utf-8")
    rows = [line.split(",") for line in content.splitlines() if line.startswith("2025-11-01")]
    assert len(rows) > 5
    assert {row[3] for row in rows} == {"EDI"}
    assert any("[c]" in row for row in rows)
