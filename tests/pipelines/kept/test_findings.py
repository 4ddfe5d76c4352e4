"""Findings of an attack last from build to build, as long as they are asked for, and a damaged file counts as none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipelines.disclosure.attack import Finding
from pipelines.folders import BUILDING, Folders
from pipelines.kept.findings import FILE, Findings

TOLD = Finding({3: (1, 4), 7: ()}, 5.0, 2, 1234)
NOTHING_TOLD = Finding({}, np.inf, 0, 99)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)


def kept(folders: Folders, *asked_for: str, **found: Finding) -> None:
    """A build that asks for some findings and adds others."""
    findings = Findings(folders)
    assert all(key in findings for key in asked_for)
    findings.update(found)
    findings.keep()


def test_a_finding_comes_back_as_it_was(folders: Folders) -> None:
    kept(folders, told=TOLD, nothing=NOTHING_TOLD)
    again = Findings(folders)
    assert dict(again) == {"told": TOLD, "nothing": NOTHING_TOLD}
    assert again.get("other") is None
    assert not list(folders.data.rglob(f"{BUILDING}*"))


def test_what_two_builds_did_not_ask_for_is_forgotten(folders: Folders) -> None:
    kept(folders, a=TOLD, b=TOLD)
    kept(folders, "a")
    assert set(Findings(folders)) == {"a", "b"}
    kept(folders, "a")
    assert set(Findings(folders)) == {"a"}


def test_what_is_asked_for_again_stays(folders: Folders) -> None:
    kept(folders, a=TOLD)
    kept(folders)
    kept(folders, "a")
    kept(folders)
    assert set(Findings(folders)) == {"a"}


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b.replace(b'"1', b'"2', 1), lambda _: b""])
def test_a_damaged_file_counts_as_none_and_is_written_again(folders: Folders, damage) -> None:
    kept(folders, a=Finding({1: (2,)}, 5.0, 1, 3))
    path = folders.kept / FILE
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    assert path.read_bytes() != whole
    assert len(Findings(folders)) == 0
    kept(folders, b=TOLD)
    assert set(Findings(folders)) == {"b"}


def test_a_build_killed_while_it_writes_leaves_what_was_there(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(folders, a=TOLD)
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        kept(folders, b=TOLD)
    assert set(Findings(folders)) == {"a"}
