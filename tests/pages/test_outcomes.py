"""Outcomes: what it says, what it never says, and what stands where nothing can be told."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from tests.pages.conftest import Open, text_of
from tests.ui.store import make_store
from ui.outcomes_measures import ORDER, VIEWS


def headers(app) -> dict[str, str]:
    return {header.proto.anchor: header.value for header in app.header}


def folded(app) -> str:
    """The tables that fold on a narrow screen."""
    return "".join(element.proto.body for element in app.get("html") if "gm-fold" in element.proto.body)


def test_the_sections_stand_in_their_order_below_all_outcomes_at_once(open_page: Open) -> None:
    app = open_page("outcomes")
    assert not app.exception
    assert list(headers(app)) == ["overview", *ORDER]


def test_titles_tell_the_finding_and_for_how_many_it_is_not_recorded(open_page: Open) -> None:
    told = headers(open_page("outcomes"))
    assert told["overview"] == "11 of 11 outcomes can be told; for 1 of them most reports do not say"
    assert told["care"] == "Care was changed after 20.0% of reports that say; not recorded for 40%"
    assert told["urgent"].startswith("Cannot be told for 60% of urgent reports of children")
    assert told["acted"].startswith("70.0% of actionable reports were acted on within 90 days")
    assert told["cascade"].endswith("relatives not recorded for 35% of reports of a pathogenic variant")
    assert told["consent"] == "70.0% of people offered research consented; not recorded for 10%"


def test_what_the_unrecorded_could_change_is_told_with_both_ends(open_page: Open) -> None:
    """Of 100 reports 60 say, 12 of them yes: the share of all lies between 12% and 52%."""
    text = text_of(open_page("outcomes"))
    assert "the share of all would lie between 12% and 52%" in text


def test_the_yield_is_told_by_technology_only_and_never_over_all(open_page: Open) -> None:
    app = open_page("outcomes")
    assert headers(app)["yield"] == "Diagnostic yield: from 20% to 40% in the 3 technologies shown"
    assert "Diagnostic yield by technology" in folded(app)
    ids = [code.value for code in app.code if "/diagnostic_yield/" in code.value]
    assert ids
    assert all("technology" in each for each in ids)


def test_the_yield_of_a_clinical_group_has_its_own_strata(open_page: Open) -> None:
    app = open_page("outcomes", group="Cardiology")
    assert not app.exception
    assert any("technology+clinical_group" in code.value for code in app.code)
    assert "purpose: diagnosis, cardiology" in text_of(app)


@pytest.mark.parametrize("view", VIEWS.values())
def test_every_view_runs_and_says_where_a_measure_has_none(open_page: Open, view: str) -> None:
    app = open_page("outcomes", show=view)
    assert not app.exception
    assert list(headers(app)) == ["overview", *ORDER]
    if view != "Over time":
        assert f"Not published {view[:1].lower()}{view[1:]}, so it stands over time." in text_of(app)


@pytest.mark.parametrize("view", VIEWS.values())
def test_no_laboratory_is_named_and_nothing_is_ranked(open_page: Open, view: str) -> None:
    text = text_of(open_page("outcomes", show=view)) + folded(open_page("outcomes", show=view))
    assert not re.search(r"\b(Dundee|Edinburgh|(?<!Greater )Glasgow|Aberdeen)\b", text)
    assert not re.search(r"\b(best|worst|highest|lowest|league)\b", text.lower())


def test_care_by_technology_is_told_within_one_purpose(open_page: Open) -> None:
    app = open_page("outcomes", show="By technology")
    assert any("care_changed_by_180_days/technology+test_purpose/all+diagnostic" in code.value for code in app.code)
    app = open_page("outcomes", show="By technology", purpose="Predictive")
    assert any("technology+test_purpose/all+predictive" in code.value for code in app.code)


def test_a_board_is_shown_where_it_is_published_and_scotland_otherwise_by_name(open_page: Open) -> None:
    app = open_page("outcomes", lives_in="Fife")
    assert not app.exception
    text = text_of(app)
    assert "Care changed, of reports 180 days old. Fife (board of residence)." in text
    assert "Not published by board, so this is all of Scotland." in text
    assert "Urgent results of children that changed care, Scotland" in folded(app)


def test_where_the_newest_months_are_hidden_the_title_says_so_and_the_old_figure_is_named_as_old(
    open_page: Open, tmp_path: Path
) -> None:
    store = make_store(tmp_path, "full")
    with duckdb.connect(str(store)) as con:
        con.execute(
            "UPDATE cells SET state = 'confidential', value = NULL, lower = NULL, upper = NULL, numerator = NULL, "
            "denominator = NULL WHERE indicator = 'cascade_uptake' AND period_start = "
            "(SELECT max(period_start) FROM cells WHERE indicator = 'cascade_uptake')"
        )
    app = open_page("outcomes", tmp_path)
    assert not app.exception
    assert headers(app)["cascade"].startswith("Relatives tested within a year: hidden [c] in the 12 months to")
    assert "Last shown: 45.0% of eligible relatives were tested within a year" in text_of(app)


def test_a_release_from_before_these_measures_says_so(open_page: Open, tmp_path: Path) -> None:
    store = make_store(tmp_path, "full")
    with duckdb.connect(str(store)) as con:
        for table in ("cells", "quality"):
            con.execute(f"DELETE FROM {table} WHERE indicator IN ('acted_on_in_90_days', 'care_change_recorded')")
        con.execute("DELETE FROM indicators WHERE id IN ('acted_on_in_90_days', 'care_change_recorded')")
    app = open_page("outcomes", tmp_path)
    assert not app.exception
    assert headers(app)["acted"] == "Acted on within 90 days: not in this release"
    assert "For how many reports 180 days old it is not recorded cannot be told [x]." in text_of(app)


def test_every_line_at_once_can_be_cited(open_page: Open) -> None:
    app = open_page("outcomes")
    assert sum(code.value.endswith("/share") for code in app.code) >= 11
