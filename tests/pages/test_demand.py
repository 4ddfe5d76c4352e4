"""The Demand page: findings as titles, ranges, the naive forecast, the score, drivers in the address, each state."""

from __future__ import annotations

import re

import duckdb

from tests.pages.conftest import text_of
from tests.pages.page_tables import tables
from tests.ui.store import make_store

PAGE = "demand"


def titles(app):
    return [header.value for header in app.header]


def test_every_section_has_its_finding_table_and_download(open_page):
    app = open_page(PAGE)
    assert not app.exception
    assert len(titles(app)) == 5
    assert len(tables(app)) == len(app.get("download_button")) == 4
    charts = app.get("plotly_chart")
    assert len(charts) == 3
    assert all(any(chart.proto.alt.startswith(f"{title}.") for title in titles(app)) for chart in charts)


def test_the_first_title_says_from_how_many_to_how_many_with_a_range(open_page):
    title = titles(open_page(PAGE))[0]
    assert re.match(r"Requests are expected to (grow|fall|stay).* in 2029-30 \(80% range [\d,]+ to [\d,]+\)$", title)


def test_the_simple_forecast_and_the_score_stand_beside_it(open_page):
    app = open_page(PAGE)
    assert "The simple forecast, that the last year comes again, says" in text_of(app)
    assert any(
        re.match(r"Of \d+ past forecasts of a year ahead, \d+% fell in the 80% range", one) for one in titles(app)
    )
    assert re.search(r"They were [\d.]+% off on average, the simple forecast [\d.]+%", text_of(app))


def test_what_it_does_not_know_is_said(open_page):
    text = text_of(open_page(PAGE))
    assert "What this does not know" in text
    assert "a supposition moves the forecast and keeps the width of its range" in text


def number(title: str) -> int:
    """The requests of the last year in a title."""
    return int(re.findall(r"([\d,]+)(?: a year)? in 2029-30", title)[0].replace(",", ""))


def test_the_address_holds_what_is_supposed(open_page):
    base = number(titles(open_page(PAGE))[0])
    app = open_page(PAGE, growth="10%", growth_how="On top of the trend")
    assert titles(app)[0].startswith("With what is supposed, requests are expected to grow")
    assert number(titles(app)[0]) > 1.25 * base
    assert "Supposed: All requests: +10% a year on top of the trend" in text_of(app)
    assert f"Without what is supposed it is {base:,}" in text_of(app)


def test_growth_of_one_category_and_by_technology_are_chosen_by_name(open_page):
    app = open_page(PAGE, growth="15%", growth_how="On top of the trend", growth_of="Whole genome")
    assert "Supposed: Whole genome: +15% a year on top of the trend" in text_of(app)


def test_what_the_release_does_not_know_falls_back(open_page):
    app = open_page(PAGE, growth="7%", growth_of="Nonsense", by="Colour", switch_from="Abacus")
    assert not app.exception
    assert titles(app)[0].startswith("Requests are expected")


def test_a_release_of_hidden_figures_gives_no_number_of_any_of_them(open_page):
    app = open_page(PAGE, "hidden")
    assert not app.get("plotly_chart")
    assert not tables(app)
    assert titles(app)[0] == "Requests expected to March 2030: hidden [c]"


def test_an_empty_release_says_that_it_cannot_be_told_yet(open_page):
    app = open_page(PAGE, "empty")
    assert "Requests expected to March 2030: cannot be told yet" in titles(app)
    assert "21 months or more" in text_of(app)


def test_a_release_from_before_there_were_forecasts_says_so(open_page, tmp_path):
    store = make_store(tmp_path, "full")
    with duckdb.connect(str(store)) as con:
        con.execute("DROP TABLE demand_forecast")
    app = open_page(PAGE, tmp_path)
    assert not app.exception
    assert titles(app)[0] == "Requests expected to March 2030: not in this release"


def test_nothing_is_supposed_of_what_cannot_be_foretold(open_page):
    for variant in ("empty", "hidden"):
        app = open_page(PAGE, variant, growth="10%", switch_from="Large panel", switch_to="Whole genome", switch="50%")
        assert not app.exception
        assert "Supposed:" not in text_of(app)
        assert not app.expander or "Suppose something else" not in [one.label for one in app.expander]
