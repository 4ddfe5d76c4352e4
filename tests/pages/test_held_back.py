"""Every page says where newer data are held back, and why; a folder with nothing in it is told apart."""

from __future__ import annotations

from pathlib import Path

from pipelines import held_back
from pipelines.folders import Folders
from pipelines.quality.gate import Fault, StoppedError
from tests.pages.conftest import text_of
from tests.ui.store import make_store

STOP = StoppedError(
    "with 4,321 rows", "3 are to blame", [Fault("Every code is known.", ("Glasgow, May 2026",), "Send it again.")]
)


def test_newer_data_that_are_held_back_are_told_above_the_figures(open_page, tmp_path: Path):
    make_store(tmp_path, "full")
    held_back.note(Folders(tmp_path), STOP)
    for page in ("home", "data_quality"):
        app = open_page(page, tmp_path)
        (told,) = [warning.value for warning in app.warning if "held back" in warning.value]
        assert "3 are to blame. To be corrected: Glasgow, May 2026." in told
        assert "The figures here are those of the release before." in told
    held_back.clear(Folders(tmp_path))
    assert "held back" not in text_of(open_page("home", tmp_path))


def test_a_folder_whose_builds_all_stopped_does_not_look_like_an_empty_one(open_page, tmp_path: Path):
    assert "python -m pipelines demo" in open_page("home", tmp_path).get("code")[0].value
    held_back.note(Folders(tmp_path), STOP)
    app = open_page("home", tmp_path)
    assert app.title[0].value == "No figures have been published yet"
    assert "**What was sent is held back.**" in app.error[0].value
    assert "3 are to blame" in app.error[0].value
    assert not app.get("code")
