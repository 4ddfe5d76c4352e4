"""Every page on every kind of release: no exception, the banner, and a designed screen where nothing can be shown."""

from __future__ import annotations

import re

import duckdb
import pytest

from tests.pages.conftest import text_of
from tests.pages.page_tables import tables
from tests.ui.store import make_store

PAGES = (
    "home",
    "aims",
    "aim",
    "outcomes",
    "re_aim",
    "programme",
    "turnaround",
    "signals",
    "outlook",
    "workforce",
    "capacity",
    "demand",
    "where_stuck",
    "comparison",
    "waits_answers",
    "gap_scanner",
    "knowledge",
    "equity_summary",
    "data_quality",
    "ethnicity_recording",
    "reach",
    "definitions",
    "glossary",
    "release_changes",
    "cited_figure",
)


@pytest.mark.parametrize("variant", ["full", "empty", "hidden", "late"])
@pytest.mark.parametrize("page", PAGES)
def test_the_page_runs_and_says_that_its_figures_are_synthetic(open_page, page, variant):
    app = open_page(page, variant)
    assert not app.exception
    assert "Synthetic figures" in app.warning[0].value
    assert len(app.title) == 1


@pytest.mark.parametrize("page", PAGES)
def test_without_a_release_the_page_says_how_to_make_one(open_page, page, tmp_path):
    app = open_page(page, tmp_path)
    assert not app.exception
    assert app.title[0].value == "No figures have been published yet"
    assert "python -m pipelines refresh" in app.code[0].value


@pytest.mark.parametrize("page", PAGES)
def test_a_real_release_is_refused_and_none_of_it_is_sent(open_page, page, tmp_path):
    make_store(tmp_path, "full", synthetic=False)
    app = open_page(page, tmp_path)
    assert not app.exception
    assert app.title[0].value == "Sign-in is needed for this release"
    assert not app.metric
    assert not tables(app)
    assert not app.get("plotly_chart")
    assert "Dundee" not in text_of(app)


@pytest.mark.parametrize("page", PAGES)
def test_a_damaged_release_gives_a_plain_message_and_no_traceback(open_page, page, tmp_path):
    store = make_store(tmp_path, "full")
    with duckdb.connect(str(store)) as con:
        con.execute("ALTER TABLE cells DROP COLUMN lower")
        con.execute("DROP TABLE quality")
    app = open_page(page, tmp_path)
    assert not app.exception
    assert app.title[0].value == "These figures cannot be shown just now"
    assert "duckdb" not in text_of(app).lower()
    assert str(tmp_path) not in text_of(app)


def test_a_query_that_fails_in_the_middle_of_a_page_gives_a_plain_message(open_page, tmp_path):
    store = make_store(tmp_path, "full")
    with duckdb.connect(str(store)) as con:
        con.execute("ALTER TABLE cells DROP COLUMN lower")
    app = open_page("turnaround", tmp_path)
    assert not app.exception
    assert "could not be read" in app.error[0].value


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("variant", ["full", "hidden", "late"])
def test_the_words_are_those_of_the_house(open_page, page, variant):
    text = text_of(open_page(page, variant)).lower()
    assert not re.search(r"\b(trusts?|colors?|worst|nan|null|inf)\b", text)
    assert not any(ord(letter) >= 0x1F000 for letter in text)


@pytest.mark.parametrize("page", PAGES)
def test_a_table_that_folds_holds_no_markdown_since_it_shows_text_as_it_is(open_page, page):
    cells = [
        str(cell) for table in tables(open_page(page)) if table.folds for row in table.value.to_numpy() for cell in row
    ]
    assert [cell for cell in cells if re.search(r"\*\*|\]\(|:material/|\\[_*:\[]", cell)] == []
