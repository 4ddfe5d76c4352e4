"""Small stores for the tests of what screens share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ui.store import make_store
from ui.access import demonstration
from ui.data import Snapshot


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a full release."""
    folder = tmp_path_factory.mktemp("full")
    make_store(folder, "full")
    return folder


@pytest.fixture(scope="session")
def late(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a release whose newest months are incomplete."""
    folder = tmp_path_factory.mktemp("late")
    make_store(folder, "late")
    return folder


@pytest.fixture
def snapshot(full: Path) -> Snapshot:
    """The full release, opened."""
    return Snapshot(demonstration(), full)
