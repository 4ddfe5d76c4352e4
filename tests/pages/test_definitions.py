"""The Definitions page: every published measure, whatever it is, the standards with their jurisdiction, the terms."""

from __future__ import annotations

from catalogue.indicators import indicators
from tests.pages.conftest import text_of


def test_every_published_measure_is_defined(open_page):
    app = open_page("definitions")
    titles = [heading.value for heading in app.subheader]
    assert titles == [f"{entry.number} {entry.title}" for entry in indicators().values() if entry.published]


def test_the_address_chooses_one_measure(open_page):
    app = open_page("definitions", measure="2.1 Requests reported within standard")
    assert [heading.value for heading in app.subheader] == ["2.1 Requests reported within standard"]


def test_standards_from_elsewhere_are_named_comparators(open_page):
    text = text_of(open_page("definitions"))
    assert "England (comparator)" in text
    assert "UK (comparator)" in text


def test_a_date_that_is_assumed_and_the_note_of_a_standard_are_told(open_page):
    text = text_of(open_page("definitions"))
    assert "From Jan 2010 (date assumed)" in text
    assert "The clock start is not printed; receipt is assumed" in text


def test_shorthand_and_terms_are_explained(open_page):
    text = text_of(open_page("definitions"))
    assert "[c],Confidential: hidden because it stands for fewer than 10 people, or could give" in text.replace('"', "")
    assert "requesting board" in text
