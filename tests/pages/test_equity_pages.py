"""Waits and answers, Gap scanner, Diversity of what is known, Equity summary: what they say, withhold, never say."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from catalogue.citations import parse
from catalogue.dimensions import dimensions
from catalogue.indicators import indicators
from tests.pages.conftest import Open, text_of
from tests.pages.page_tables import tables
from tests.ui.store import make_store
from ui import audit
from ui.group_gap_words import RESULTS, short_title

NEVER = re.compile(r"\b(BAME|BME|non-white|ancestral)\b", re.IGNORECASE)
EQUITY = ("waits_answers", "gap_scanner", "knowledge", "equity_summary")


def anchors(app) -> dict[str, str]:
    return {header.proto.anchor: header.value for header in app.header}


def folded(app) -> str:
    """The tables that fold on a narrow screen."""
    return "".join(element.proto.body for element in app.get("html") if "gm-fold" in element.proto.body)


@pytest.fixture(scope="module")
def poorly_recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release in which 60% of people have a recorded ethnic group."""
    place = tmp_path_factory.mktemp("poorly")
    store = make_store(place, "full")
    with duckdb.connect(str(store)) as con:
        con.execute(
            "UPDATE cells SET numerator = CAST(0.6 * denominator AS BIGINT), value = 0.6 "
            "WHERE indicator = 'ethnicity_recorded' AND state = 'shown'"
        )
    return place


@pytest.mark.parametrize("page", EQUITY)
def test_groups_are_named_as_the_census_names_them(open_page: Open, page):
    text = text_of(open_page(page))
    assert not NEVER.search(text)
    for match in re.finditer(r"[^.]*\bancestry\b[^.]*", text):
        assert "not recorded" in match[0]


def test_recording_stands_first_where_groups_are_ethnic_and_only_there(open_page: Open):
    assert next(iter(anchors(open_page("waits_answers")))) == "recording"
    assert "recording" not in anchors(open_page("waits_answers", by="SIMD quintile"))


@pytest.mark.parametrize("page", ["waits_answers", "knowledge", "equity_summary"])
def test_gaps_between_ethnic_groups_are_withheld_below_the_line_with_what_would_be_needed(
    open_page: Open, poorly_recorded: Path, page
):
    app = open_page(page, poorly_recorded)
    assert not app.exception
    text = text_of(app) + folded(app)
    assert "withheld" in text
    assert "people tested would need a recorded ethnic group" in text
    if page == "waits_answers":
        assert not {"shares", "unknown", "wrongly"} & anchors(app).keys()
        assert not app.get("plotly_chart")
        assert "Asian" not in text


def test_other_groupings_stay_where_ethnic_groups_are_withheld(open_page: Open, poorly_recorded: Path):
    app = open_page("waits_answers", poorly_recorded, by="SIMD quintile")
    assert len(app.get("plotly_chart")) == 3


@pytest.mark.parametrize("measure", sorted(RESULTS))
def test_results_are_never_drawn_or_told_crude(open_page: Open, measure):
    app = open_page("waits_answers", measure=short_title(indicators()[measure]), by="SIMD quintile")
    assert not app.exception
    found = anchors(app)
    assert found["shares"] == "The shares of each group stand in the table only"
    assert all("as it is:" not in chart.proto.alt for chart in app.get("plotly_chart"))
    assert len(app.get("plotly_chart")) <= 2


def test_unknown_groups_stand_in_the_tables_as_no_group(open_page: Open):
    text = text_of(open_page("waits_answers"))
    for name in ("Declined to say", "Not known", "Not recorded", "Code not recognised"):
        assert f"{name} (no group)" in text


def test_raw_stands_beside_like_for_like_with_what_is_taken_for_granted(open_page: Open):
    app = open_page("waits_answers", by="SIMD quintile")
    table = next(table.value for table in tables(app) if "Could be compared" in table.value)
    assert list(table)[2:4] == ["Like for like, points (95% limits)", "As it is, points"]
    text = text_of(app)
    assert "same in turnaround category, technology, performing laboratory and month" in text
    assert "people are alike but for their group" in text
    assert "says nothing of rank" in text


def test_children_and_people_who_need_an_interpreter_are_one_click_away(open_page: Open):
    links = {link.proto.label: link.proto.query_string for link in open_page("waits_answers").get("page_link")}
    assert "Age+group" in links["Children"] or "Age%20group" in links["Children"]
    app = open_page("waits_answers", by="Interpreter needed")
    assert "people who need an interpreter" in anchors(app)["gap"]


def test_no_laboratory_is_named_or_chosen(open_page: Open):
    app = open_page("waits_answers")
    assert not any("laborator" in box.label.lower() for box in app.selectbox)
    assert "Dundee" not in text_of(app)


def test_rates_of_wrong_recording_are_an_assumption_that_a_reader_changes(open_page: Open):
    app = open_page("waits_answers", measure="Uncertain results")
    assert "An assumption, and yours to change" in text_of(app)
    inputs = {box.label: box for box in app.number_input}
    assert inputs["White: recorded rightly, of 100"].value == 100.0
    before = anchors(app)["wrongly"]
    inputs["White: recorded rightly, of 100"].set_value(99.5)
    box = next(box for box in app.selectbox if box.label == "People recorded wrongly are recorded")
    box.select_index(1).run()
    assert not app.exception
    assert anchors(app)["wrongly"] != before
    rates = next(table.value for table in tables(app) if "Of 100 people who are" in table.value)
    assert len(rates) >= 2


@pytest.mark.parametrize("by", [dimension.label for dimension in dimensions().values() if dimension.compared_with])
def test_every_grouping_and_a_board_open(open_page: Open, by):
    app = open_page("waits_answers", by=by, lives_in="Fife")
    assert not app.exception
    where = "Fife" if by in ("Recorded ethnic group", "SIMD quintile", "Urban rural class") else "Scotland"
    assert where in text_of(app)


def test_choices_that_the_address_makes_up_fall_back(open_page: Open):
    for page in EQUITY:
        app = open_page(page, measure="Hack", by="Hack", lives_in="Nowhere", shown="Hack")
        assert not app.exception


def test_every_filter_of_the_address_is_one_that_the_trail_knows(open_page: Open):
    keys = {"measure", "by", "lives_in", "shown"}
    assert keys <= audit.FILTERS
    for page in EQUITY:
        bound = {box.key for box in open_page(page).selectbox if box.key in audit.FILTERS}
        assert bound <= keys


def test_the_scanner_says_how_many_were_looked_at_and_what_chance_gave(open_page: Open):
    app = open_page("gap_scanner")
    assert re.match(r"\d+ of 1,\d{3} gaps between groups of people are called different", anchors(app)["found"])
    assert "shuffles of the same data" in text_of(app)
    assert "neither a gap nor the lack of one" in text_of(app)


def test_the_scanner_lists_what_is_chosen_and_only_so_many_at_once(open_page: Open):
    app = open_page("gap_scanner", shown="Every gap shown")
    assert folded(app).count('scope="row"') == 150
    assert any(box.label == "Rows" for box in app.selectbox)
    one = open_page("gap_scanner", measure="Research offered", by="SIMD quintile", lives_in="Scotland")
    assert set(re.findall(r'data-head="Place">([^<]*)<', folded(one))) == {"Scotland"}


def test_on_hidden_figures_nothing_is_called_a_gap(open_page: Open):
    app = open_page("gap_scanner", "hidden")
    assert anchors(app)["found"] == "No gap between groups of people is shown in this release"
    assert "cannot be told" in text_of(open_page("knowledge", "hidden")) or "withheld" in text_of(
        open_page("knowledge", "hidden")
    )


def test_knowledge_says_that_ancestry_cannot_be_read_from_a_recorded_group(open_page: Open):
    app = open_page("knowledge")
    assert "Genetic ancestry is not recorded, and cannot be read from them" in text_of(app)
    assert {"variants", "resolved", "deposits", "consents", "diversity"} <= anchors(app).keys()


def test_the_summary_stands_for_scotland_and_the_board_chosen(open_page: Open):
    app = open_page("equity_summary", lives_in="Fife")
    assert list(anchors(app).values()) == ["Scotland", "Fife"]
    text = text_of(app)
    assert "What to do next, and why" in folded(app)
    assert "Who is reached" in text
    assert any(button.proto.label.startswith("Summary to print") for button in app.get("download_button"))


@pytest.mark.parametrize("page", ["gap_scanner", "equity_summary"])
def test_the_shares_behind_the_gaps_named_are_cited_each_once(open_page: Open, page: str):
    app = open_page(page)
    ids = [code.value for code in app.code]
    assert ids
    assert len(ids) == len(set(ids))
    assert all(parse(figure_id).spread for figure_id in ids)
