"""A newcomer adds an indicator with three new files and edits none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from catalogue.contracts import ROOT
from catalogue.reference import labels
from pipelines import releases
from pipelines.folders import Folders
from pipelines.releases import STORE
from tests.pages.conftest import Open, as_served, open_page, stores, text_of  # noqa: F401 - fixtures
from ui import definition_download
from ui.access import demonstration
from ui.data import Snapshot

CODE = (
    "app.py",
    "capacity",
    "catalogue",
    "expectations",
    "methods",
    "pages",
    "pipelines",
    "reference",
    "sql",
    "tests",
    "ui",
)

SQL = """-- One row a request accepted first time or not, rejected ones included.
SELECT
    request_id AS unit_id,
    person_id,
    received_date AS period_date,
    CASE WHEN first_pass_accepted = 'yes' THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_requests
WHERE first_pass_accepted <> 'not_recorded'
"""
ENTRY = """number: "12.9"
kind: share
title: Requests accepted first time
question: Do referrers send what the laboratory needs?
aims: [12]
re_aim: implementation
unit: request
numerator: Requests accepted without rejection or return
denominator: All requests received, rejected ones included
better: higher
status: candidate
cubes:
  - [requesting_board, directory]
interval: wilson
source: Testing extract
owner: Activity
reviewed: 2026-11-21
published: true
"""
EXAMPLE = """given:
  mart_requests:
    - {request_id: a, person_id: p, received_date: 2026-03-02, first_pass_accepted: 'yes'}
    - {request_id: b, person_id: q, received_date: 2026-03-02, first_pass_accepted: 'no'}
    - {request_id: c, person_id: r, received_date: 2026-03-02, first_pass_accepted: not_recorded}
expect:
  - {unit_id: a, person_id: p, period_date: 2026-03-02, numerator: 1, denominator: 1}
  - {unit_id: b, person_id: q, period_date: 2026-03-02, numerator: 0, denominator: 1}
"""
FILES = {
    "sql/indicators/first_time_right.sql": SQL,
    "sql/indicators/first_time_right.yml": ENTRY,
    "tests/indicators/first_time_right.yml": EXAMPLE,
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the code with the newcomer's three files."""
    place = tmp_path / "checkout"
    place.mkdir()
    for name in CODE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, place / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, place / name)
    for name, text in FILES.items():
        assert not (place / name).exists()
        (place / name).write_text(text)
    return place


def run(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_three_files_make_an_indicator(
    checkout: Path,
    copy_of_tiny: Folders,
    open_page: Open,  # noqa: F811
) -> None:
    tested = run(checkout, "pytest", "-q", "-p", "no:cacheprovider", "tests/indicators", "tests/sql")
    assert tested.returncode == 0, tested.stdout
    built = run(checkout, "pipelines", "--quiet", "--data", str(copy_of_tiny.data), "refresh")
    assert built.returncode in (0, 1), built.stderr
    serving = releases.current(copy_of_tiny)
    assert serving is not None
    with duckdb.connect(str(serving.folder / STORE), read_only=True) as store:
        found = store.execute(
            "SELECT cube, count(*) FROM cells WHERE indicator = 'first_time_right' AND state = 'shown' GROUP BY cube"
        ).fetchall()
        entry = store.execute("SELECT entry FROM indicators WHERE id = 'first_time_right'").fetchall()
    assert {"", "requesting_board", "directory", "requesting_board+directory"} == {cube for cube, _ in found}
    assert "Requests accepted first time" in entry[0][0]
    _it_is_on_every_page_by_itself(open_page, copy_of_tiny)


def _it_is_on_every_page_by_itself(open_page: Open, folders: Folders) -> None:  # noqa: F811
    """Under its aim, in RE-AIM, in Definitions with SQL and example, and in the files of the catalogue."""
    named = "12.9 Requests accepted first time"
    aim = f"12 {labels('aims')['12']}"
    assert named in text_of(open_page("aim", folders.data, aim=aim))
    assert named in text_of(open_page("re_aim", folders.data))
    app = open_page("definitions", folders.data, indicator="first_time_right")
    assert app.header[0].value == named
    assert SQL.strip() in [code.value for code in app.code]
    assert any("Must come out" in markdown.value for markdown in app.markdown)
    snapshot = Snapshot(demonstration(), folders.data)
    (row,) = [row for row in definition_download.catalogue(snapshot) if row["id"] == "first_time_right"]
    assert (row["sql"], row["worked_example"]) == (SQL, EXAMPLE)
    cells = definition_download.cells(snapshot, snapshot.facts.indicators["first_time_right"]).decode("utf-8-sig")
    assert cells.count("first_time_right/") == snapshot.measure("first_time_right").height
