"""The home page: headline measures with change and uncertainty, what needs attention, where to go."""

from __future__ import annotations

from tests.pages.conftest import text_of


def test_headline_measures_have_value_period_change_and_quality(open_page):
    app = open_page("home")
    labels = {metric.label.strip("*"): metric.value for metric in app.metric}
    assert list(labels) == [
        "Reported within standard",
        "Open requests past due",
        "Half of results expected in",
        "Requests received",
        "Ethnic group recorded",
    ]
    assert labels["Reported within standard"] == "79.8%"
    text = text_of(app)
    assert "In July to September 2026 (provisional). Of 20,070 requests due; below the 90% line." in text
    assert "No clear change on a year before (79.8%; 95% interval" in text
    assert "1,300 of 6,005 open" in text
    assert "5% more than a year before (19,090; 95% range +3% to +7%)." in text
    assert "Data quality: \N{CIRCLE WITH LEFT HALF BLACK} fair in" in text
    assert "- Ethnic group recorded: data quality \N{CIRCLE WITH LEFT HALF BLACK} fair (Open issues (1% to 5%" in text


def test_what_needs_attention_names_it_and_links_to_the_view(open_page):
    app = open_page("home")
    text = text_of(app)
    assert "All 4 performing laboratories are clearly below the 90% line for requests due in the 12 months" in text
    assert (
        "**Growing backlog.** Glasgow: 695 open requests were past due at the end of October 2026, up from 480" in text
    )
    assert "**Poor data quality.** People tested with a recorded ethnic group" in text
    assert "All 14 requesting boards are clearly below" in text
    assert "The 90% line is written down in Scotland for two prenatal categories only" in text
    links = {link.proto.label: link.proto.query_string for link in app.get("page_link")}
    assert links["Dundee, 77.3%"] == "view=Laboratory&lab=Dundee"
    assert links["Whole genome, 65.7%"] == "view=Scotland&category=Whole+genome"


def test_groups_are_listed_in_their_own_order_and_never_ranked(open_page):
    app = open_page("home")
    labels = [link.proto.label.split(",")[0] for link in app.get("page_link")]
    assert labels.index("Aberdeen") < labels.index("Dundee") < labels.index("Edinburgh") < labels.index("Glasgow")


def test_a_late_laboratory_comes_first(open_page):
    text = text_of(open_page("home", "late"))
    assert "**Late data.** Dundee has not sent all its data: testing (newest held: August 2026)" in text
    assert text.index("Late data") < text.index("**Within standard.**")


def test_hidden_headlines_show_as_c(open_page):
    app = open_page("home", "hidden")
    assert {metric.value for metric in app.metric} == {"[c]"}


def test_the_empty_release_claims_nothing(open_page):
    app = open_page("home", "empty")
    assert {metric.value for metric in app.metric} == {"[x]"}
    assert "Nothing can be judged" in text_of(app)
