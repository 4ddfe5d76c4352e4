"""The pages for strategy leads: aims, the evidence for one, RE-AIM and the programme."""

from __future__ import annotations

import datetime as dt

import duckdb
import pytest

from tests.pages.conftest import text_of
from tests.ui.programme_store import frame, insert, item
from tests.ui.store import make_store


def headers(app) -> dict[str, str]:
    return {header.proto.anchor: header.value for header in app.header}


def test_every_aim_has_a_card_with_its_state_in_words(open_page):
    app = open_page("aims")
    assert not app.exception
    assert [card.value.split(" ")[0] for card in app.subheader] == [str(number) for number in range(1, 14)]
    assert app.subheader[1].value == "2 National test directories: off course"
    assert "Of the 13 aims, " in headers(app)["states"]


def test_the_measures_are_labelled_as_a_proposal_with_their_marks(open_page):
    text = text_of(open_page("aims"))
    assert "these measures are a proposal" in text
    assert "**2.1 Requests reported within standard** (Official)" in text
    assert "**2.2 Open requests past their due date** (Candidate)" in text


def test_a_measure_is_told_with_period_target_quality_and_id(open_page):
    text = text_of(open_page("aims"))
    line = next(part for part in text.split("\n- ") if part.startswith("**2.1 "))
    assert "July to September 2026" in line
    assert "Target 90%" in line
    assert "written down in Scotland for two prenatal categories only" in line
    assert "Data quality: ● good." in line
    assert "reported_within_standard/scotland/all/quarter/2026-07..2026-09/share" in line


def test_an_awaited_measure_says_what_return_would_fix_it(open_page):
    text = text_of(open_page("aims"))
    assert "No data yet. What would fix it: a table of minutes per test" in text


@pytest.mark.parametrize("asked", ["6", "6 Workforce model"])
def test_an_address_opens_the_evidence_of_its_aim(open_page, asked):
    app = open_page("aim", aim=asked)
    assert not app.exception
    assert app.selectbox(key="aim").value == "6 Workforce model"
    assert headers(app)["state"].startswith("Workforce model: ")


def test_an_address_of_no_aim_opens_the_first(open_page):
    app = open_page("aim", aim="99")
    assert not app.exception
    assert headers(app)["state"].startswith("New tests, quickly: ")


def test_the_evidence_goes_from_the_aim_to_definition_rows_and_id(open_page):
    app = open_page("aim", aim="2")
    text = text_of(app)
    assert "**Counted:** Requests whose first authorised report came within the standard" in text
    assert "326,455 rows of the testing and turnaround extracts accepted, 2,340 returned to the sender" in text
    assert any("reported_within_standard/scotland" in code.value for code in app.code)
    assert len(app.get("plotly_chart")) == 1
    assert "Reported" not in headers(app)["series"] or app.get("plotly_chart")[0].proto.alt


@pytest.mark.parametrize("number", range(1, 14))
def test_the_evidence_of_every_aim_and_measure_runs(open_page, number):
    app = open_page("aim", aim=str(number))
    box = app.selectbox(key=f"measure_of_{number}")
    for option in range(len(box.options)):
        app.selectbox(key=f"measure_of_{number}").select_index(option).run()
        assert not app.exception, box.options[option]


def test_what_an_action_holds_up_is_told_across_aims(open_page):
    text = text_of(open_page("aim", aim="1"))
    assert "*Model for funding* (overdue by 396 days) holds up *Restart evaluation* (aim 1)" in text
    assert "*Item L2, Dundee* (aim 9)" in text


def test_re_aim_says_once_that_the_word_is_reach(open_page):
    app = open_page("re_aim")
    assert not app.exception
    assert text_of(app).count("*research*") == 1
    assert list(headers(app)) == ["overview", "reach", "effectiveness", "adoption", "implementation", "maintenance"]


def test_the_programme_names_overdue_actions_boards_and_the_pause(open_page):
    app = open_page("programme")
    assert not app.exception
    told = headers(app)
    assert told["milestones"] == "2 of 5 actions due are overdue"
    assert told["agreements"] == "12 of 14 boards have signed the national data sharing agreement"
    assert told["proposals"] == "2 of 6 test proposals wait for a decision, 1 is live"
    text = text_of(app)
    assert "Not signed: Ayrshire and Arran and Borders." in text
    assert "paused since 14 October 2024" in text


def test_actions_are_chosen_by_owner(open_page):
    app = open_page("programme", owner="Directory lead")
    assert headers(app)["milestones"] == "1 of 1 actions due is overdue"


def test_a_release_without_the_items_has_a_designed_page(open_page, tmp_path):
    store = make_store(tmp_path, "full")
    with duckdb.connect(str(store)) as con:
        con.execute("DROP TABLE programme_items; DROP TABLE programme_history")
    for page in ("aims", "aim", "re_aim", "programme"):
        app = open_page(page, tmp_path)
        assert not app.exception
    assert headers(app)["milestones"] == "The programme is not in this release"


def test_kinds_of_items_that_were_not_reported_say_so(open_page, tmp_path):
    store = make_store(tmp_path, "full")
    with duckdb.connect(str(store)) as con:
        insert(con, frame(item("A1")))
    app = open_page("programme", tmp_path)
    assert not app.exception
    assert headers(app)["agreements"] == "Agreements: nothing reported"
    assert headers(app)["milestones"] == "No action is due yet"


@pytest.mark.parametrize(("page", "asked"), [("aim", {"aim": "1"}), ("programme", {})])
def test_what_a_sender_writes_of_an_action_is_never_read_as_markdown(open_page, tmp_path, page, asked):
    link = "[Plan](https://example.org)"
    late = {"title": link, "owner": link, "narrative": f"{link} $x$", "due_date": dt.date(2026, 1, 31)}
    store = make_store(tmp_path, "full")
    with duckdb.connect(str(store)) as con:
        insert(con, frame(item("A1", **late), item("A2", **late, depends_on="A1")))
    app = open_page(page, tmp_path, **asked)
    assert not app.exception
    read = [element.value for kind in (app.markdown, app.caption, app.header, app.info) for element in kind]
    assert any(r"\[Plan\](https\://example.org)" in text for text in read)
    assert not any(link in text for text in read)
    assert not any(link in table.value.to_csv() for table in app.table)


def test_home_leads_strategy_leads_to_the_aims(open_page):
    labels = [link.proto.label for link in open_page("home").main.get("page_link")]
    assert "Aims of the strategy" in labels
