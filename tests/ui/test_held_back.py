"""What readers are told of a build that stopped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines import held_back as build_side
from pipelines.folders import Folders
from pipelines.quality.gate import Fault, StoppedError
from ui.held_back import NAME, held_back


def note(folder: Path, *to_blame: str) -> None:
    fault = Fault("Every code is known.", to_blame, "Send it again.")
    build_side.note(Folders(folder), StoppedError("4,321 rows do not", "2 are to blame", [fault, fault]))


def test_what_the_build_leaves_is_read_back_with_each_to_blame_once(tmp_path: Path) -> None:
    assert held_back(tmp_path) is None
    note(tmp_path, "Glasgow, May 2026", "Dundee, May 2026")
    told = held_back(tmp_path)
    assert told is not None
    assert told.to_blame == ("Glasgow, May 2026", "Dundee, May 2026")
    assert told.sentence.endswith(
        "no release could be made of what was sent: 2 are to blame. "
        "To be corrected: Glasgow, May 2026; Dundee, May 2026."
    )
    assert "4,321" not in told.sentence


def test_many_to_blame_are_counted(tmp_path: Path) -> None:
    note(tmp_path, *(f"Glasgow, May {year}" for year in range(2017, 2027)))
    told = held_back(tmp_path)
    assert told is not None
    assert told.sentence.endswith("Glasgow, May 2022; and 4 more.")


@pytest.mark.parametrize("content", ["", "{", "[]", json.dumps({"stopped_at": "never"})])
def test_a_note_that_cannot_be_read_still_says_that_data_are_held_back(tmp_path: Path, content: str) -> None:
    (tmp_path / "releases").mkdir()
    (tmp_path / "releases" / NAME).write_text(content)
    told = held_back(tmp_path)
    assert told is not None
    assert told.sentence == "No release could be made of what was sent."
