"""The Outlook page: findings as titles, ranges, the check against the past, and each state said in words."""

from __future__ import annotations

import re

import duckdb

from tests.pages.conftest import text_of
from tests.pages.page_tables import tables
from tests.ui.store import make_store

PAGE = "outlook"


def titles(app):
    return [header.value for header in app.header]


def test_it_has_six_charts_each_with_its_finding_table_and_download(open_page):
    app = open_page(PAGE)
    assert not app.exception
    charts = app.get("plotly_chart")
    assert len(charts) == 6
    assert len(tables(app)) == len(app.get("download_button")) == len(titles(app)) == 7
    assert all(any(chart.proto.alt.startswith(f"{title}.") for title in titles(app)) for chart in charts)


def test_the_first_title_says_how_many_of_which_requests_by_when(open_page):
    app = open_page(PAGE)
    assert titles(app)[0] == (
        "About 210 to 395 of the requests open on 4 November 2026 will pass their due date by 18 November "
        "unless something changes"
    )
    assert [metric.value for metric in app.metric[:3]] == ["135", "300", "540"]
    assert "Requests already overdue that day, and requests that had not arrived, are not in it" in text_of(app)
    assert re.search(r"In the past 12 months, \d+% of all that passed their due date within 14 days", text_of(app))


def test_the_address_chooses_days_and_place(open_page):
    app = open_page(PAGE, view="Laboratory", lab="Edinburgh", ahead="28 days")
    assert titles(app)[0].startswith("About 110 to 210 of the requests at Edinburgh that were open")
    assert "by 2 December" in titles(app)[0]
    board = open_page(PAGE, view="Requesting board", board="Fife")
    assert "from Fife" in titles(board)[0]
    assert "Boards have no forecast of their own: this is Scotland's." in text_of(board)


def test_the_check_against_the_past_is_told_in_plain_words(open_page):
    app = open_page(PAGE)
    assert "In 22 of the last 24 months the range held what happened" in titles(app)
    assert "It is meant to in about 22 of 24." in text_of(app)
    assert "27 requests off" not in text_of(app)
    assert "25 requests off" in text_of(app)


def test_a_range_that_held_too_seldom_and_a_simple_forecast_that_was_nearer_are_said(open_page):
    text = text_of(open_page(PAGE, view="Laboratory", lab="Edinburgh"))
    assert "take the range for too narrow" in text
    assert "nearer, so it is the better one here" in text
    assert "came as near or nearer here: it says about" in text


def test_the_months_ahead_say_which_forecast_is_the_better_one(open_page):
    text = text_of(open_page(PAGE))
    assert re.search(
        r"(the trend is nearer, so the trend is|gains nothing on it, so the simple one is) drawn full", text
    )
    assert "April 2027" in text


def test_a_place_with_few_people_is_hidden_and_says_what_it_needs(open_page):
    app = open_page(PAGE, view="Requesting board", board="Orkney")
    assert titles(app)[0] == "Open requests that will pass their due date: hidden [c]"
    assert "needs 20 people whose requests fall due" in text_of(app)


def test_a_release_of_hidden_figures_gives_no_number_of_any_of_them(open_page):
    app = open_page(PAGE, "hidden")
    assert not app.get("plotly_chart")
    assert not tables(app)
    assert titles(app)[0] == "Open requests that will pass their due date: hidden [c]"


def test_an_empty_release_says_that_it_cannot_be_told_yet(open_page):
    app = open_page(PAGE, "empty")
    assert "Open requests that will pass their due date: cannot be told yet" in titles(app)
    assert "12 month-ends" in text_of(app)


def test_a_laboratory_whose_extract_is_older_is_named(open_page):
    text = text_of(open_page(PAGE, "late"))
    assert "Older queue" in text
    assert "Dundee (taken on 4 September 2026)" in text
    assert "Older queue" not in text_of(open_page(PAGE))


def test_a_release_from_before_there_was_an_outlook_says_so(open_page, tmp_path):
    store = make_store(tmp_path, "full")
    with duckdb.connect(str(store)) as con:
        for table in ("breach_forecast", "breach_forecast_past", "breach_forecast_scores"):
            con.execute(f"DROP TABLE {table}")
        con.execute("DROP TABLE share_forecast")
    app = open_page(PAGE, tmp_path)
    assert not app.exception
    assert titles(app)[0] == "Open requests that will pass their due date: not in this release"
    assert "made before there was an outlook" in text_of(app)
    assert any("weeks of work in hand" in title for title in titles(app))
