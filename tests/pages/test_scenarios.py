"""The Scenarios page: findings as titles, what an address opens, who may see, saving, and each state said in words."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from capacity.compiling import EngineUnavailableError
from capacity.scenarios import More, Scenario, StaffChange, to_link
from tests.pages.conftest import text_of
from tests.pages.page_tables import tables
from tests.ui.store import make_store
from tests.ui.workforce_store import add_workforce
from ui import saved_scenarios, scenario_jobs, scenario_runs, scenario_show

PAGE = "scenarios"
MORE = Scenario("A busier year", more=(More(0.3, dt.date(2026, 11, 1)),))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("scenarios")
    add_workforce(make_store(place, "full"))
    return place


@pytest.fixture
def staffed(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A release with staff, simulated few times over so that a test is quick."""
    monkeypatch.setattr(scenario_show, "LONGEST_WAIT", 170.0)
    monkeypatch.setattr(scenario_runs, "REPLICATIONS", 2)
    monkeypatch.setattr(scenario_runs, "LAST_MONTH", dt.date(2028, 3, 1))
    shutil.copytree(made, tmp_path / "data")
    return tmp_path / "data"


def titles(app):
    return [header.value for header in app.header]


def as_planner(open_page, folder: Path, **query: str):
    app = open_page("home", folder)
    app.session_state["look_as"] = "planner"
    app.switch_page(f"pages/{PAGE}.py")
    for name, value in query.items():
        app.query_params[name] = value
    app.default_timeout = 180
    return app.run()


def test_the_finding_says_how_many_within_standard_with_a_range_and_as_planned(open_page, staffed):
    app = as_planner(open_page, staffed)
    assert not app.exception
    first = titles(app)[0]
    assert first.startswith("With 10% more requests a year, ")
    assert " within standard in 2027-28 at Glasgow; as planned, " in first
    assert len(app.get("plotly_chart")) == len(tables(app)) == 2
    assert "Open at the end of 2027-28" in text_of(app)
    assert "10% more requests than forecast from 1 November 2026" in text_of(app)


def test_a_link_opens_the_same_scenario_with_the_same_figures(open_page, staffed):
    first, again = (as_planner(open_page, staffed, own=to_link(MORE)) for _ in range(2))
    assert titles(first)[0].startswith("With a busier year, ")
    assert titles(first)[0] == titles(again)[0]
    assert tables(first)[0].value.equals(tables(again)[0].value)


@pytest.mark.parametrize("link", ["nonsense", to_link(MORE)[:-9], "x" * 20_000])
def test_a_damaged_link_is_said_and_the_page_goes_on(open_page, staffed, link):
    app = as_planner(open_page, staffed, own=link)
    assert not app.exception
    assert "The scenario of this link is not shown." in text_of(app)
    assert titles(app)[0].startswith("With 10% more requests a year, ")


def test_more_leavers_than_staff_are_refused_in_words(open_page, staffed):
    gone = Scenario("Nobody left", staff=(StaffChange("GLA", "clinical_scientist", dt.date(2027, 4, 1), -90.0),))
    app = as_planner(open_page, staffed, own=to_link(gone))
    assert not app.exception
    assert titles(app)[0] == "This scenario cannot be"


def test_values_of_the_page_assumptions_make_a_scenario(open_page, staffed):
    app = as_planner(open_page, staffed, set="minutes/clinical_scientist:1.5")
    assert titles(app)[0].startswith("With your values, ")


def test_a_planner_saves_a_scenario_and_takes_it_away(open_page, staffed):
    app = as_planner(open_page, staffed, own=to_link(MORE))
    app.button(key="save").click().run()
    assert saved_scenarios.saved(staffed).scenarios == [MORE]
    app.button(key="save").click().run()
    assert saved_scenarios.saved(staffed).scenarios == []


def test_the_hire_search_and_the_four_laboratories_go_on_in_the_background(open_page, staffed, monkeypatch):
    monkeypatch.setattr(scenario_runs, "MOST_POSTS", 1)
    monkeypatch.setattr(scenario_runs, "SEARCH_REPLICATIONS", 1)
    app = as_planner(open_page, staffed, goal="January to March 2028")
    app.button(key="search_hires").click().run()
    app.button(key="all_four").click().run()
    assert not app.exception
    scenario_jobs.jobs().start("last", lambda _: None).ended.wait(150)
    app.run()
    assert not app.exception
    assert any("by March 2028" in one for one in titles(app))
    assert any("people in" in one or "no board's residents" in one for one in titles(app))
    assert "Checked against last year at Glasgow." in text_of(app) or "cannot be checked" in text_of(app)
    assert "Between the boards best and worst served lie" in text_of(app)


def test_what_takes_long_goes_on_in_the_background(open_page, staffed, monkeypatch):
    monkeypatch.setattr(scenario_show, "LONGEST_WAIT", 0.0)
    later = Scenario("Later", more=(More(0.31, dt.date(2026, 11, 1)),))
    app = as_planner(open_page, staffed, own=to_link(later))
    assert not app.exception
    assert titles(app)[0] == "Waits under a scenario: being worked out"


def test_where_the_engine_cannot_run_the_page_says_so(open_page, staffed, monkeypatch):
    def refused(*args, **more):
        raise EngineUnavailableError("no")

    monkeypatch.setattr(scenario_runs, "calibrate", refused)
    scenario_jobs.jobs.cache_clear()
    app = as_planner(open_page, staffed)
    assert not app.exception
    assert titles(app)[0] == "Scenarios cannot be simulated on this server"
    scenario_jobs.jobs.cache_clear()


@pytest.mark.parametrize("variant", ["empty", "hidden"])
def test_a_release_that_does_not_tell_enough_says_so(open_page, stores, variant):
    app = as_planner(open_page, stores(variant))
    assert not app.exception
    assert titles(app) == ["Waits under a scenario: cannot be told"]


def test_a_viewer_may_not_see_it(open_page, staffed):
    app = open_page(PAGE, staffed)
    assert not titles(app)
    assert not app.get("plotly_chart")
