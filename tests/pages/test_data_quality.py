"""The Data quality page: what is wrong, since when, what it touches, what to do, for each place."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pytest

from tests.conftest import Published
from tests.pages.conftest import Open, text_of
from tests.pages.page_tables import tables
from tests.ui.store import make_store

MENDS = "It would mend up to"


def matrices(app):
    """The matrices of a page as HTML."""
    return [element.proto.body for element in app.get("html") if "<table>" in element.proto.body]


def changed(folder: Path, *statements: str) -> Path:
    """A data folder with a full release of which some rows are changed."""
    store = make_store(folder, "full")
    with duckdb.connect(str(store)) as con:
        for statement in statements:
            con.execute(statement)
    return folder


def test_the_four_questions_are_answered_at_the_top(open_page):
    text = text_of(open_page("data_quality"))
    answers = text[text.index("**What is wrong:**") :]
    assert "6 checks are open: 3 on completeness, 2 on plausibility and 1 on agreement." in answers
    assert "3 files of the newest 12 months are in trouble: 1 late, 1 stale and 1 set aside." in answers
    assert (
        "**Since when:** The oldest has been open at least since the release of 15 December 2025, the oldest release "
        "remembered. Files: late for September 2026; stale for August 2026; set aside for June 2026." in answers
    )
    assert re.search(r"\*\*What it touches:\*\* 6 of \d+ published measures", answers)
    assert (
        "**What to do first:** Send 1 file that is not in use. "
        "Borders, up to 9,450 rows, where this does not hold: Ethnic group" in answers
    )


def test_the_newest_files_come_first_with_mark_word_and_deadline(open_page):
    app = open_page("data_quality")
    loaded = matrices(app)[0]
    assert loaded.index("Oct 2026") < loaded.index("Sep 2026") < loaded.index("Nov 2025")
    assert "<small>due 15 Nov</small>" in loaded
    assert len(re.findall("Loaded</span>", loaded)) == 12 * 12 - 3
    for mark, word in (("◐", "Late"), ("◇", "Stale"), ("✕", "Set aside")):
        assert f'<span aria-hidden="true">{mark}</span> {word}</span>' in loaded
    assert app.header[0].value == "All 12 files for October 2026 are loaded; 3 of earlier months are not in order"
    assert "Set aside: nearly every report date is the same day." in text_of(app)


def test_missing_files_are_the_finding_and_named(open_page):
    app = open_page("data_quality", "late")
    assert app.header[0].value == "2 of 12 files for October 2026 are missing"
    assert "Not in use: Dundee (testing, turnaround)." in text_of(app)


def test_an_open_check_says_how_far_since_when_what_it_touches_whose_it_is_and_what_to_do(open_page):
    text = text_of(open_page("data_quality"))
    card = text[text.index("**◐ Warning. Should hold:** A turnaround row") :].split("**◐ Warning")[1]
    assert "1,240 of 326,455 rows (0.4%) fail; at most 2% may." in card
    assert "Open at least since the release of 15 December 2025, the oldest that is remembered." in card
    assert "Failing rows first in August 2021, newest in October 2026; in 7 of the newest 12 months." in card
    assert "2.1 Requests reported within standard, 2.2 Open requests past their due date" in card
    assert "**To do:** Correct the rows in the return file" in card
    assert "Owner: Laboratory data stewards." in card
    assert "(Threshold chosen 21 November 2026.)" in card


def test_a_count_under_ten_is_hidden_and_a_check_that_could_not_be_made_is_not_a_pass(open_page):
    text = text_of(open_page("data_quality"))
    assert "Some [c] of 310,220 rows fail; none may." in text
    assert "**? Could not be made. Should hold:** The population of every group is known." in text
    assert "1 had nothing to check, which is not a pass." in text


@pytest.mark.parametrize(
    ("query", "finding", "blamed"),
    [
        ({"of": "Laboratory", "lab": "Dundee"}, "3 checks are open for the Dundee laboratory", "turnaround row"),
        ({"of": "Health board", "board": "Fife"}, "No check is open for NHS Fife", ""),
        ({"of": "Health board", "board": "Borders"}, "1 check is open for NHS Borders", "Ethnic group is recorded"),
    ],
)
def test_the_address_chooses_whose_data_and_only_checks_that_blame_it_are_open(open_page, query, finding, blamed):
    app = open_page("data_quality", **query)
    titles = [header.value for header in app.header]
    assert not app.exception
    assert any(title.startswith(finding) for title in titles)
    assert blamed in text_of(app)


def test_a_board_with_nothing_wrong_is_told_so(open_page):
    app = open_page("data_quality", of="Health board", board="Fife")
    assert "Nothing is wrong with the data of NHS Fife" in app.success[0].value
    assert "Nothing to mend for NHS Fife" in [header.value for header in app.header]


def test_a_board_that_no_check_blames_is_not_green_where_its_figures_are_poor(open_page, tmp_path):
    """Rows of a laboratory fail, and a board's grade is poor for it: the board sends no file and no check names it."""
    poor = changed(
        tmp_path,
        "UPDATE grades SET grade = 'poor', reasons = ['Timeliness: the testing extract from Aberdeen came late.'], "
        "to_do = ['Aberdeen: send in time.'] WHERE code = 'S08000029' AND dimension = 'requesting_board' "
        "AND indicator = 'requests_received'",
    )
    app = open_page("data_quality", poor, of="Health board", board="Fife")
    text = text_of(app)
    assert not app.success
    assert "No check or file names NHS Fife, but what others sent bears on its figures. Timeliness: the testing" in text
    assert re.search(r"Of the data behind \d+ measures of NHS Fife, 1 poor \(Requests received\)\.", text)
    assert "**What to do first:** Aberdeen: send in time." in text


def test_a_board_that_sends_no_file_is_not_said_to_have_sent_any(open_page):
    said = open_page("data_quality", of="Health board", board="Fife").success[0].value
    assert "file" not in said
    assert re.search(r"no check is open and the data behind all \d+ measures are good\.$", said)


def test_a_board_below_the_line_is_told_its_share_why_and_where_to_read_more(open_page, tmp_path):
    seldom = changed(
        tmp_path,
        "UPDATE cells SET value = 0.6, numerator = 0.6 * denominator, lower = 0.58, upper = 0.62 "
        "WHERE indicator = 'ethnicity_recorded' AND cube = 'residence_board' AND d1 = 'S08000016'",
    )
    app = open_page("data_quality", seldom, of="Health board", board="Borders")
    text = text_of(app)
    assert re.search(
        r"Ethnic group is recorded for 60(\.0)?% of people tested in the 12 months to October 2026; 70% is wanted\. "
        r"Where there is no group, mostly nothing was written down",
        text,
    )
    assert re.search(r"first:\*\* Up to [\d,]+ people can be asked or their codes mended, declined left out", text)
    link = next(link.proto for link in app.get("page_link") if "Ethnicity recording: Borders" in link.proto.label)
    assert (link.page, link.query_string) == ("ethnicity_recording", "lives_in=Borders")


def test_a_board_that_the_release_does_not_know_is_scotland_and_said_to_be(open_page):
    app = open_page("data_quality", of="Health board", board="Nowhere")
    assert "No health board of this release is chosen, so this is Scotland." in text_of(app)
    assert app.selectbox(key="board").value is None
    assert "6 checks are open" in text_of(app)


def test_files_that_are_not_due_yet_are_no_trouble_and_unusable_ones_are(open_page, tmp_path):
    waiting = changed(
        tmp_path,
        "UPDATE submissions SET state = 'loaded'",
        "UPDATE submissions SET state = 'not_due' WHERE submitter = 'DUN' AND period = '2026-10-01'",
        "UPDATE submissions SET state = 'unusable' WHERE submitter = 'EDI' AND period = '2026-09-01'",
    )
    app = open_page("data_quality", waiting)
    title = (
        "9 of 12 files for October 2026 are loaded; the other 3 are not due yet; 3 of earlier months are not in order"
    )
    assert app.header[0].value == title
    assert "3 files of the newest 12 months are in trouble: 3 unusable." in text_of(app)
    assert "October 2026 is due by 15 November 2026." in text_of(app)


def test_grades_stand_as_a_matrix_and_each_leads_to_its_reasons(open_page):
    app = open_page("data_quality")
    grades = matrices(app)[1]
    assert "4 of 14 health boards have poor data for “People tested with a recorded ethnic group”" in "".join(
        header.value for header in app.header
    )
    link = re.search(r'<a href="\?(of=Health\+board&amp;board=Borders&amp;measure=E1\+[^"]*)"[^>]*>', grades)
    assert link
    assert 'aria-label="Poor: People tested with a recorded ethnic group, Borders. Read the reasons."' in link[0]


def test_the_reasons_of_a_grade_say_what_to_do(open_page):
    app = open_page(
        "data_quality", of="Health board", board="Borders", measure="E1 People tested with a recorded ethnic group"
    )
    text = text_of(app)
    assert app.subheader[0].value == "E1 People tested with a recorded ethnic group, Borders"
    assert text.index("○ Poor**") < text.index("**What is wrong:**")
    assert "**12 months to October 2026 and July to September 2026: ○ Poor**" in text
    assert "**To do:** Record the ethnic group at request" in text


def test_the_quarter_can_be_chosen(open_page):
    app = open_page("data_quality", span="Newest quarter")
    assert "July to September 2026" in "".join(header.value for header in app.header)


def test_what_to_mend_first_is_ranked_by_rows_and_hidden_counts_come_last(open_page):
    app = open_page("data_quality")
    table = next(table.value for table in tables(app) if MENDS in table.value.columns)
    assert table["Whose"].is_unique
    rows = [int(text.split(" ")[0].replace(",", "")) for text in table[MENDS] if text[0].isdigit()]
    assert rows == sorted(rows, reverse=True)
    assert rows[0] == 9_450
    assert table[MENDS].iloc[-1].startswith("Some rows [c]")


def test_one_check_is_drawn_by_month_with_its_verdict_limits_and_method(open_page):
    app = open_page("data_quality", check="Turnaround table: No request takes longer than two years")
    chart = app.get("plotly_chart")[0]
    drawn = {trace["name"]: trace for trace in json.loads(chart.proto.spec)["data"] if "name" in trace}
    assert {"Failing rows", "Average", "Limits of chance", "Higher than chance: worse"} <= set(drawn)
    text = text_of(app)
    assert "up is worse: find out why and act" in text
    assert "P′ chart (Laney)" in text
    assert chart.proto.alt.endswith("Every value is in the table below the chart.")


def test_each_laboratory_has_a_verdict_of_its_own(open_page):
    app = open_page("data_quality", check="Turnaround table: No request takes longer than two years")
    table = next(table.value for table in tables(app) if "What it says" in table.value.columns)
    said = dict(zip(table["Sent by"], table["What it says"], strict=True))
    assert set(said) == {"Aberdeen", "Dundee", "Edinburgh", "Glasgow"}
    assert "up is worse" in said["Glasgow"]
    assert "up is worse" not in said["Edinburgh"]


def test_a_check_whose_every_month_is_hidden_draws_nothing_and_says_so(open_page):
    app = open_page("data_quality", "hidden", of="Laboratory", lab="Glasgow")
    text = text_of(app)
    for table in tables(app):
        if MENDS in table.value.columns:
            assert all(value.startswith("Some rows [c]") for value in table.value[MENDS])
    assert not re.search(r"\d+ of [\d,]+ rows \([\d.]+%\) fail;", text)


def test_a_check_of_a_small_table_hides_how_many_rows_it_looked_at(open_page, tmp_path):
    small = changed(
        tmp_path,
        "UPDATE checks SET rows_checked = NULL, rows_failing = NULL, share = NULL "
        "WHERE check_id = 'stg_testing.specialty_in_force'",
        "UPDATE check_months SET rows_checked = NULL, rows_failing = NULL, share = NULL WHERE submitter = 'ABE'",
    )
    app = open_page("data_quality", small)
    assert not app.exception
    table = next(table.value for table in tables(app) if "May fail" in table.value.columns)
    row = table[table["Check"] == "Testing extract: Every specialty code was in force"].iloc[0]
    assert (row["Checked"], row["Failing"], row["Share"]) == ("[c]", "[c]", "[c]")


def test_fields_left_blank_are_charted_by_laboratory_and_a_rise_is_the_finding(open_page, tmp_path):
    worse = changed(
        tmp_path,
        "UPDATE fields SET unknown_share = 0.3 "
        "WHERE submitter = 'EDI' AND field = 'priority' AND period >= '2026-10-01'",
    )
    app = open_page("data_quality", worse)
    titles = [header.value for header in app.header]
    assert "Left blank more often than chance would explain: priority in Edinburgh (30%)" in titles
    table = next(
        table.value
        for table in tables(app)
        if "Blank or not recorded" in table.value.columns and "Field" in table.value.columns
    )
    assert list(table.iloc[0][["Field", "Sent by", "Blank or not recorded"]]) == ["Priority", "Edinburgh", "30%"]


def test_fields_that_are_as_ever_are_no_finding(open_page):
    assert "No field is left blank more often than it used to be" in [
        header.value for header in open_page("data_quality").header
    ]


def test_every_check_is_in_a_table_with_its_result_open_ones_first(open_page):
    app = open_page("data_quality")
    table = next(table.value for table in tables(app) if "May fail" in table.value.columns)
    results = list(table["Result"])
    assert len(results) == 12
    assert results[0] == "? Could not be made"
    assert results[-1] == "● Passed"
    assert list(table.loc[table["Result"] == "– Nothing to check", "Failing"]) == [""]


def test_every_table_has_a_download(open_page):
    app = open_page("data_quality")
    assert len(app.get("download_button")) == len(tables(app)) >= 9


def test_a_release_in_which_all_is_well_says_so_once_and_opens_nothing(open_page, tmp_path):
    sound = changed(
        tmp_path,
        "UPDATE checks SET status = 'pass', rows_failing = 0, share = 0",
        "DELETE FROM check_parts",
        "DELETE FROM check_months",
        "UPDATE check_history SET status = 'pass', rows_failing = 0",
        "UPDATE submissions SET state = 'loaded', reason = ''",
        "UPDATE grades SET grade = 'good', reasons = [], to_do = []",
    )
    app = open_page("data_quality", sound)
    assert not app.exception
    assert "Nothing is wrong with the data of Scotland" in app.success[0].value
    titles = [header.value for header in app.header]
    assert titles == [
        "All 12 files for October 2026 are loaded",
        "No check is open for Scotland",
        "No health board or laboratory has poor or fair data for any measure",
        "Nothing to mend for Scotland",
        "No check has failing rows by month",
        "No field is left blank more often than it used to be",
        "12 of 12 checks passed",
    ]


def test_an_empty_release_is_not_taken_for_good_news(open_page):
    app = open_page("data_quality", "empty")
    assert not app.success
    assert "Nothing can be judged" in app.info[0].value
    assert [header.value for header in app.header][:3] == [
        "No file is listed in this release",
        "No check is held in this release",
        "No grade is held in this release",
    ]


def test_a_critical_check_comes_first_and_is_what_to_do_first(open_page, tmp_path):
    failing = changed(
        tmp_path,
        "UPDATE checks SET status = 'fail', rows_failing = 25, share = 0.0, to_do = 'Send it again.' "
        "WHERE check_id = 'mart_requests.key'",
    )
    text = text_of(open_page("data_quality", failing))
    assert "7 checks are open, 1 of them critical" in text
    assert "not in use. The critical check first: Requests table: Every request stands once. Send it again." in text


def test_text_of_the_release_is_never_run_as_markup(open_page, tmp_path):
    odd = changed(tmp_path, "UPDATE submissions SET label = '<img src=x onerror=alert(1)>' WHERE submitter = 'DUN'")
    assert all("<img" not in matrix for matrix in matrices(open_page("data_quality", odd)))


@pytest.mark.slow
@pytest.mark.xdist_group("small")
def test_the_page_tells_what_a_published_release_holds(small: Published, open_page: Open) -> None:
    with duckdb.connect(str(small.store), read_only=True) as store:
        newest = "period > (SELECT max(period) FROM submissions) - INTERVAL 12 MONTH"
        ((files, loaded),) = store.execute(
            f"SELECT count(*), count(*) FILTER (WHERE state = 'loaded') FROM submissions WHERE {newest}"
        ).fetchall()
        ((checks, passed, opened),) = store.execute(
            "SELECT count(*), count(*) FILTER (WHERE status = 'pass'), "
            "count(*) FILTER (WHERE status IN ('warn', 'fail', 'error')) FROM checks"
        ).fetchall()
        poor = store.execute(
            "SELECT count(DISTINCT code) FROM grades WHERE indicator = 'ethnicity_recorded' AND grain = 'year' "
            "AND grade = 'poor' AND dimension IN ('requesting_board', 'residence_board') "
            "AND period_start = (SELECT max(period_start) FROM grades WHERE grain = 'year')"
        ).fetchall()[0][0]
    app = open_page("data_quality", small.folders.data)
    assert not app.exception
    titles = [header.value for header in app.header]
    assert matrices(app)[0].count("</td>") - matrices(app)[0].count("<td></td>") == files
    assert matrices(app)[0].count("Loaded</span>") == loaded
    assert f"{passed} of {checks} checks passed" in titles
    assert any(title.startswith(f"{opened} check") for title in titles)
    assert matrices(app)[1].count("Poor: People tested with a recorded ethnic group") >= poor > 0
