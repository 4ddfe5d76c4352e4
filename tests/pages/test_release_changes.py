"""The page Changes since the last release: every state is designed, and what is told is what both releases show."""

from __future__ import annotations

import pytest

from pipelines import releases
from pipelines.folders import Folders
from tests.pages.conftest import text_of
from tests.ui.cited_releases import A, sealed
from tests.ui.test_release_changes import RAISED, REDEFINED, SENT_AGAIN, B


@pytest.fixture
def serve(tmp_path):
    """Publishes two releases, the second changed by some SQL; gives the data folder."""

    def made(*changes):
        folders = Folders(tmp_path / "data")
        sealed(folders, A, "2026-11-15T08:00:00+00:00")
        releases.publish(folders, A)
        sealed(folders, B, "2026-12-11T08:00:00+00:00", *changes)
        releases.publish(folders, B)
        return folders.data

    return made


def told(app):
    """The text of a page with its folding tables."""
    return text_of(app) + " ".join(str(html.value) for html in app.get("html"))


def test_the_first_release_says_that_there_is_none_before(open_page):
    app = open_page("release_changes")
    assert app.header[0].value == "This is the first release"


def test_nothing_moved_is_said(open_page, serve):
    app = open_page("release_changes", serve())
    assert not app.exception
    assert app.header[0].value.startswith("None of ")
    assert "No definition changed" in [header.value for header in app.header]


def test_what_moved_is_told_by_measure_with_its_cause_and_both_ids(open_page, serve):
    app = open_page(
        "release_changes", serve(RAISED, REDEFINED, SENT_AGAIN), moved="2.1 Requests reported within standard"
    )
    assert not app.exception
    text = told(app)
    assert "1 definition changed in a way that may move numbers" in text
    assert "Table mart_turnaround differs" in text
    assert "Definition (also: data sent again)." in text
    assert "+1.0 percentage point" in text
    codes = [code.value for code in app.code]
    assert any(code.startswith(B) for code in codes)
    assert any(code.startswith(A) for code in codes)


def test_hundreds_of_moved_figures_are_grouped_by_measure(open_page, serve):
    app = open_page("release_changes", serve("UPDATE cells SET numerator = numerator + 5 WHERE state = 'shown'"))
    assert not app.exception
    assert "figures of Scotland moved, in " in app.header[0].value
    assert int(app.header[0].value.split(" of ")[0].replace(",", "")) > 300


def test_a_figure_hidden_since_is_told_as_hidden(open_page, serve):
    hide = (
        "UPDATE cells SET state = 'confidential', value = NULL, lower = NULL, upper = NULL, numerator = NULL, "
        "denominator = NULL WHERE indicator = 'reported_within_standard' AND cube = '' AND grain = 'month'"
    )
    app = open_page("release_changes", serve(hide))
    assert not app.exception
    assert "now hidden" in told(app)
    assert "[c]" in told(app)
