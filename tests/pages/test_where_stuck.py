"""Where it is stuck: the longest stage in the title, whether it changed, by place, and what else holds requests up."""

from __future__ import annotations

from tests.pages.conftest import text_of


def test_the_title_says_which_stage_takes_longest_and_what_it_was_a_year_before(open_page):
    app = open_page("where_stuck")
    assert app.header[0].value == (
        "End of assay to end of analysis takes longest: 35% of all days (38% the year before)"
    )
    assert "Half of the requests that entered it are through within" in text_of(app)


def test_it_has_three_charts_and_says_who_is_counted(open_page):
    app = open_page("where_stuck")
    assert len(app.get("plotly_chart")) == 3
    text = text_of(app)
    assert "those that have not reached it are not counted" in text
    assert "in stages that are over, in whole per cent" in text
    assert "says nothing of rank" in text


def test_a_laboratory_and_a_stage_can_be_chosen_in_the_address(open_page):
    app = open_page("where_stuck", path_of="Laboratory", path_performing_lab="Dundee", stage="Dispatch to receipt")
    assert not app.exception
    text = text_of(app)
    assert "Days in each stage. Dundee." in text
    assert any(header.value.startswith("Dispatch to receipt: ") for header in app.header)


def test_a_category_without_a_measure_says_that_it_is_not_published(open_page):
    app = open_page("where_stuck", path_of="Turnaround category", path_turnaround_category="Whole genome")
    assert "Not published for this view" in text_of(app)


def test_pauses_are_told_by_reason_as_shares_of_all_requests(open_page):
    app = open_page("where_stuck")
    assert app.header[-1].value == (
        "Awaiting information is the most frequent reason of the pauses shown: 1.6% of requests"
    )


def test_on_a_release_whose_figures_are_hidden_no_number_is_told(open_page):
    app = open_page("where_stuck", "hidden")
    assert not app.get("plotly_chart")
    assert "hidden [c]" in app.header[0].value


def test_what_the_address_does_not_know_falls_back_to_scotland(open_page):
    app = open_page("where_stuck", path_of="Hack", stage="'; DROP TABLE cells")
    assert not app.exception
    assert "Days in each stage. Scotland." in text_of(app)
