"""The small record that tests of keeping and restoring share, and a backup of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipelines.folders import Folders
from pipelines.keeping import backup
from pipelines.keeping.backup import Made
from tests.pipelines.keeping.record import make_record


@pytest.fixture(autouse=True)
def _at_ease(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting for what else the machine has to write to its disk."""
    monkeypatch.setattr(os, "sync", lambda: None)


@pytest.fixture
def record(tmp_path: Path) -> Folders:
    return make_record(tmp_path / "data")


@pytest.fixture
def kept(record: Folders, tmp_path: Path) -> Made:
    """A whole backup of the small record in tmp_path / "kept"."""
    return backup.backup(record, tmp_path / "kept", quiet=True)
