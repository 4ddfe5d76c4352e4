"""A figure as a paragraph to paste."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines import releases
from pipelines.folders import Folders
from tests.ui.cited_releases import BY_LAB, SERIES, A, sealed
from ui import words
from ui.access import demonstration
from ui.cited_figure import find
from ui.data import ENVIRONMENT, Snapshot
from ui.quotable import MADE_UP, paragraph


@pytest.fixture
def now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Snapshot:
    """The reader's view of a published release."""
    folders = Folders(tmp_path)
    sealed(folders, A, "2026-11-15T08:00:00+00:00")
    releases.publish(folders, A)
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path))
    return Snapshot(demonstration())


def test_it_has_value_period_interval_definition_caveat_quality_source_and_id(now: Snapshot) -> None:
    cited = find(now, f"{A}/{SERIES}")
    told = paragraph(cited)
    assert told is not None
    assert told.startswith(MADE_UP)
    assert cited.figure is not None
    newest = cited.figure.cells.sort("period_start").row(-1, named=True)
    for part in (
        f"in October 2026: {words.amount(newest)}",
        f"({words.number(newest['numerator'])} of {words.number(newest['denominator'])})",
        "95% interval",
        "of all requests due in the period, reported or not",
        "Paused days are taken off",
        "rounded to protect people",
        "Data quality",
        "data to 31 October 2026",
        cited.citation.id,
    ):
        assert part in told, part


def test_a_time_names_its_percentile(now: Snapshot) -> None:
    told = paragraph(find(now, f"{A}/turnaround_days/scotland/all/quarter/2026-07..2026-09/median"))
    assert told is not None
    assert "days" in told


def test_groups_side_by_side_have_no_one_value_to_quote(now: Snapshot) -> None:
    assert paragraph(find(now, f"{A}/{BY_LAB}")) is None


def test_a_hidden_value_has_no_paragraph(now: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = Folders(tmp_path / "other")
    sealed(folders, A, "2026-11-15T08:00:00+00:00", "UPDATE cells SET state = 'confidential', value = NULL")
    releases.publish(folders, A)
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "other"))
    assert paragraph(find(Snapshot(demonstration()), f"{A}/{SERIES}")) is None
