"""Ways to count what is due and late, on the Turnaround page."""

from __future__ import annotations

from tests.pages.conftest import text_of
from tests.pages.page_tables import tables


def test_the_two_shares_stand_side_by_side_with_the_reason_why_they_differ(open_page):
    app = open_page("turnaround")
    title = next(header.value for header in app.header if "of those reported" in header.value)
    assert "of requests due were in time" in title
    text = text_of(app)
    assert "Overdue requests that are still open count as not in time in the first share and are left out" in text
    table = next(table.value for table in tables(app) if "Change on a year before" in table.value)
    assert list(table["Measure"]) == [
        "2.1 Requests reported within standard",
        "2.1a Reported requests that were within standard",
        "V2 Days from clock start to report, median",
        "V2a Days from clock start to report, pauses included, median",
    ]


def test_history_by_todays_standard_is_marked_as_such_and_names_what_changed(open_page):
    app = open_page("turnaround")
    assert any(header.value.startswith("Judged by today's standard") for header in app.header)
    text = text_of(app)
    assert "Known familial variant" in text
    assert "Nobody worked to it then" in text


def test_a_category_names_the_version_of_its_standard_and_whose_it_is(open_page):
    text = text_of(open_page("turnaround", category="Complex rare disease"))
    assert "Comparator standard (England): Large panel or exome for rare disease, 42 calendar days" in text
    assert "Version 2 of the standard, in force from Apr 2023, a date that is assumed." in text


def test_a_view_that_is_not_published_says_so(open_page):
    text = text_of(open_page("turnaround", view="Requesting board", board="Fife", category="NIPT"))
    assert "Not published for this view" in text
