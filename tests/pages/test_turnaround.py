"""The Turnaround page: filters in its address, findings as titles, hidden values hidden everywhere."""

from __future__ import annotations

import json
import re

import pytest

from tests.pages.conftest import text_of
from tests.pages.page_tables import tables


def test_it_shows_at_most_six_charts_each_with_finding_text_table_and_download(open_page):
    app = open_page("turnaround")
    charts = app.get("plotly_chart")
    assert len(charts) == len(app.header) - 4 == 6
    for chart, title in zip(charts, app.header[:6], strict=True):
        assert chart.proto.alt.startswith(f"{title.value}.")
    # Seven figures stand behind the charts and eight behind the three tables, which stand open besides.
    assert len(tables(app)) - 3 == len(app.get("download_button")) == 15
    ids = [code.value for code in app.code]
    assert "20261115T080000Z-full/reported_within_standard/scotland/all/month/2021-05..2026-10" in ids


def test_titles_state_the_finding(open_page):
    titles = [header.value for header in open_page("turnaround").header]
    assert titles[0] == (
        "78.4% of requests due in October 2026 were reported within standard, no clear change on a year before"
    )
    assert titles[1] == "9 of the 16 turnaround categories are clearly below the 90% line"
    assert titles[4].startswith("1,300 of 6,005 open requests were past due at the end of October 2026")


def test_definition_period_quality_and_source_stand_beside_the_chart(open_page):
    text = text_of(open_page("turnaround"))
    assert "Data to 31 October 2026. Data quality: \N{BLACK CIRCLE} good in October 2026." in text
    assert "**How grades are made.** Each grade asks" in text
    assert "**Out of:** All requests due in the period, reported or not" in text
    assert "Open requests are counted as still waiting (censored)" in text
    assert "326,455 rows of the testing and turnaround extracts accepted, 2,340 returned to the sender" in text


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ({"view": "Laboratory", "lab": "Dundee"}, "Dundee (laboratory)"),
        ({"view": "Requesting board", "board": "Fife"}, "Fife (requesting board)"),
        ({"view": "Board of residence", "residence": "Lothian"}, "Lothian (board of residence)"),
        ({"category": "NIPT"}, "Scotland, NIPT"),
    ],
)
def test_the_address_chooses_the_view(open_page, query, place):
    app = open_page("turnaround", **query)
    assert not app.exception
    assert f"Requests reported within standard. {place}. May 2021 to Oct 2026." in text_of(app)


def test_the_address_chooses_the_months(open_page):
    app = open_page("turnaround", **{"from": "Jan 2024", "to": "Jun 2025"})
    assert "Requests reported within standard. Scotland. Jan 2024 to Jun 2025." in text_of(app)
    assert "12 months to October 2024" in text_of(app)


def test_months_without_a_whole_period_say_so_and_never_give_way_to_todays(open_page):
    app = open_page("turnaround", to="Mar 2022")
    titles = [header.value for header in app.header]
    assert titles[1] == "Requests reported within standard: no figures for these months"
    assert titles[3] == "Days from clock start to report: no figures for these months"
    assert "No whole 12 months lie within these months" in text_of(app)
    assert "October 2026." not in "".join(element.value for element in app.markdown[3:])


def test_months_in_the_wrong_order_are_turned_round_and_said_so(open_page):
    app = open_page("turnaround", **{"from": "Jun 2025", "to": "Jan 2024"})
    assert "The first month came after the last" in app.info[0].value
    assert "Jan 2024 to Jun 2025" in text_of(app)


def test_an_address_that_means_nothing_falls_back_to_scotland(open_page):
    app = open_page("turnaround", view="Hack", lab="<script>", category="'; DROP TABLE cells", **{"from": "x"})
    assert not app.exception
    assert "Requests reported within standard. Scotland. May 2021 to Oct 2026." in text_of(app)


def test_quarters_are_drawn_where_months_hold_too_few_and_the_page_says_so(open_page):
    text = text_of(open_page("turnaround", view="Requesting board", board="Borders", category="Standard cancer"))
    assert "A point a quarter, because months hold too few requests." in text


def test_one_category_of_scotland_is_compared_by_laboratory_with_its_standard_named(open_page):
    text = text_of(open_page("turnaround", category="Whole genome"))
    assert "by performing laboratory" in text
    assert "Comparator standard (England): Whole genome, 84 calendar days from DNA being ready." in text


def test_a_combination_that_is_not_published_says_so(open_page):
    text = text_of(open_page("turnaround", view="Requesting board", board="Fife", category="Standard cancer"))
    assert "Ages are not published for this combination" in text


def test_hidden_values_show_as_c_and_never_as_a_number(open_page):
    app = open_page("turnaround", "hidden")
    assert all("every figure is hidden [c]" in header.value for header in app.header[:6])
    assert not app.get("plotly_chart")
    for table in tables(app):
        told = ("Period", "Status", "Turnaround category", "Measure", "Change on a year before")
        shown = table.value.drop(columns=[name for name in table.value if name in told])
        assert set(shown.stack()) <= {"[c]", "[x]"}


def test_a_place_with_some_hidden_months_marks_them_and_leaves_a_gap(open_page):
    app = open_page("turnaround", view="Requesting board", board="Orkney")
    spec = json.loads(app.get("plotly_chart")[1].proto.spec)
    assert any("[c]" in trace["text"] for trace in spec["data"] if trace.get("mode") == "text")
    assert re.search(r"\d hidden \[c\]", text_of(app))


def test_incomplete_months_are_named_and_not_quoted(open_page):
    app = open_page("turnaround", "late")
    assert "due in August 2026" in app.header[0].value
    assert "Open diamonds are incomplete (from Sep 2026): not everything has been submitted." in text_of(app)


def test_the_empty_release_says_that_the_measure_is_not_in_it(open_page):
    app = open_page("turnaround", "empty")
    assert all("not in this release" in header.value for header in app.header[:6])


def _sum(app):
    """The sentence of the sum, and the table of its parts where there is one."""
    place = next(number for number, element in enumerate(app.markdown) if "of your choice" in element.value)
    of_places = [table.value for table in tables(app) if "Place" in table.value]
    return app.markdown[place + 1].value, of_places[0] if of_places else None


def test_no_place_chosen_says_what_to_do_and_shows_no_sum(open_page):
    sentence, parts = _sum(open_page("turnaround"))
    assert sentence == "Choose two or more places to see what they come to together."
    assert parts is None


def test_one_place_is_told_as_the_range_that_it_stands_for(open_page):
    sentence, parts = _sum(open_page("turnaround", add_board="Fife"))
    assert re.search(r"Fife had \*\*between [\d,]+ and [\d,]+\*\* requests received", sentence)
    assert sentence.endswith("Choose another to add them up.")
    assert len(parts) == 2


def test_several_places_are_told_as_a_range_that_is_the_sum_of_their_parts(open_page):
    sentence, parts = _sum(open_page("turnaround", view="Laboratory", add_lab=["Dundee", "Glasgow"]))
    assert re.search(r"these 2 together had \*\*between [\d,]+ and [\d,]+\*\* requests received and", sentence)
    lows, highs = zip(
        *([int(end.replace(",", "")) for end in text.split(" to ")] for text in parts["Requests due stands for"]),
        strict=True,
    )
    assert (lows[0] + lows[1], highs[0] + highs[1]) == (lows[2], highs[2])
    shown = [int(text.replace(",", "")) for text in parts["Requests due"][:2]]
    assert [shown[0] - 8, shown[1] - 8] == list(lows[:2])


def test_all_places_can_be_added(open_page):
    app = open_page("turnaround", view="Laboratory")
    choice = app.multiselect[0]
    labels = list(choice.options)
    app = open_page("turnaround", view="Laboratory", add_lab=labels)
    sentence, parts = _sum(app)
    assert f"these {len(labels)} together had" in sentence
    assert len(parts) == len(labels) + 1


def test_a_hidden_place_leaves_the_sum_without_an_upper_end_and_is_named(open_page):
    app = open_page("turnaround", add_board=["Fife", "Island boards together"], category="Acutely unwell child")
    sentence, parts = _sum(app)
    assert "**at least " in sentence
    assert "Hidden [c], so that no upper end can be told: Island boards together." in sentence
    assert list(parts["Requests received"])[1] == "[c]"
    assert list(parts["Requests received stands for"])[1] == "0 or more"


def test_where_every_place_is_hidden_the_sum_cannot_be_told(open_page):
    sentence, _ = _sum(open_page("turnaround", "hidden", add_board=["Fife", "Borders"]))
    assert "a number of requests received that cannot be told" in sentence
    assert not re.search(r"\d,\d|between|at least", sentence)


def test_what_is_no_place_is_left_out_of_the_sum(open_page):
    sentence, _ = _sum(open_page("turnaround", add_board=["Fife", "'; DROP TABLE cells"]))
    assert "Fife had" in sentence


def test_the_sum_heeds_the_months_and_the_empty_release_says_that_there_is_nothing_to_add(open_page):
    text = text_of(open_page("turnaround", to="Nov 2024", add_board="Fife"))
    assert "In the 12 months to October 2024, Fife had" in text
    assert "could be added up" in text_of(open_page("turnaround", "empty"))
