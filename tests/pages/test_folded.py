"""Closed parts of a page are sent empty, and filled when a reader opens them."""

from __future__ import annotations

import pytest

from ui import folded


@pytest.fixture
def lazy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folded, "IS_MADE_CLOSED", False)


def within(app, label: str):
    """The first part of the page that is called so."""
    return next(part for part in app.expander if part.label == label)


@pytest.mark.usefixtures("lazy")
def test_closed_parts_hold_nothing_and_what_stands_open_is_all_there(open_page):
    app = open_page("turnaround")
    assert not app.exception
    assert len(app.get("plotly_chart")) >= 4
    closed = [part for part in app.expander if part.label in ("Table and download", "What this measures")]
    assert len(closed) >= 8
    assert not any(part.children for part in closed)
    assert not app.get("download_button")


@pytest.mark.usefixtures("lazy")
def test_an_opened_part_is_filled_and_the_others_stay_empty(open_page):
    app = open_page("turnaround")
    app.session_state["folded_table_within"] = True
    app.run()
    assert not app.exception
    assert len(app.get("download_button")) >= 1
    assert within(app, "Table and download").children
    assert not within(app, "What this measures").children
