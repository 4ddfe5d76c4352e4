"""What is told of the releases that are held, whatever state their folders are in."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from ui import manifests
from ui.access import NotAllowedError, Role, demonstration
from ui.data import audit_trail, held_releases

WHOLE = {"created_at": "2026-11-15T08:00:00+00:00", "is_synthetic": False, "checks": {"pass": 2}}


def put(folder: Path, name: str, text: str) -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / "manifest.json").write_text(text)


def test_where_no_release_was_ever_built_there_is_none(tmp_path: Path) -> None:
    assert manifests.held(tmp_path / "releases") == ()


def test_the_newest_comes_first_and_the_current_one_is_marked(tmp_path: Path) -> None:
    for name in ("2025", "2026", ".building-x"):
        put(tmp_path, name, json.dumps(WHOLE))
    (tmp_path / "current").write_text("2025\n")
    assert [(release.id, release.is_current) for release in manifests.held(tmp_path)] == [
        ("2026", False),
        ("2025", True),
    ]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"is_synthetic": true}', json.dumps(WHOLE | {"checks": 3})])
def test_a_manifest_that_cannot_be_understood_is_neither_real_nor_synthetic(tmp_path: Path, text: str) -> None:
    put(tmp_path, "2026", text)
    (release,) = manifests.held(tmp_path)
    assert (release.is_readable, release.is_real, release.is_synthetic) == (False, False, False)


def test_only_a_manifest_that_says_so_makes_a_release_synthetic(tmp_path: Path) -> None:
    put(tmp_path, "2026", json.dumps(WHOLE | {"is_synthetic": "yes"}))
    assert manifests.held(tmp_path)[0].is_real


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_releases_and_trail_are_read_for_administrators_only(tmp_path: Path, role: Role) -> None:
    with pytest.raises(NotAllowedError):
        held_releases(demonstration(role), tmp_path)
    with pytest.raises(NotAllowedError):
        audit_trail(demonstration(role), dt.date(2026, 1, 1), tmp_path)
