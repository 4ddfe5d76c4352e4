"""The pages Capacity and Assumptions: findings as titles, what an address sets, who may see, and empty states."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.pages.conftest import text_of
from tests.pages.page_tables import tables
from tests.ui.store import make_store
from tests.ui.workforce_store import add_workforce

PAGE = "capacity"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("staff")
    add_workforce(make_store(place, "full"))
    return place


@pytest.fixture
def staffed(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "data")
    return tmp_path / "data"


def titles(app):
    return [header.value for header in app.header]


def listed(app) -> str:
    """The table of inputs, which folds on a narrow screen."""
    return "".join(element.proto.body for element in app.get("html"))


def as_planner(open_page, folder: Path, page: str = "assumptions", **query: str):
    app = open_page("home", folder)
    app.session_state["look_as"] = "planner"
    app.switch_page(f"pages/{page}.py")
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def test_every_section_has_a_finding_a_table_and_a_download(open_page, staffed):
    app = open_page(PAGE, staffed)
    assert not app.exception
    assert len(titles(app)) == 8
    assert len(tables(app)) == len(app.get("download_button")) == 8
    assert len(app.get("plotly_chart")) == 4
    assert all(
        any(chart.proto.alt.startswith(f"{title}.") for title in titles(app)) for chart in app.get("plotly_chart")
    )
    assert "in Glasgow have more work than hours" in titles(app)[0]


def test_the_page_says_that_the_minutes_are_assumed_and_whose_load_is_not_counted(open_page, staffed):
    text = text_of(open_page(PAGE, staffed))
    assert "The minutes of casework are starting assumptions" in text
    assert "no extract counts appointments" in text
    assert "taken as 5 each" in text


def test_a_laboratory_and_a_role_are_chosen_in_the_address(open_page, staffed):
    app = open_page(PAGE, staffed, lab="Dundee", staff="Genetic technologist")
    assert "of the last" in titles(app)[1]
    assert titles(app)[1].startswith("Genetic technologists in Dundee were above 0.85 in")
    assert "Dundee" in titles(app)[2]


def test_a_short_quarter_of_technologists_shows_at_its_laboratory_and_date(open_page, staffed):
    text = text_of(open_page(PAGE, staffed, lab="Dundee", staff="Genetic technologist"))
    assert "in January to March 2024" in text or "in April to June 2024" in text


def test_values_in_the_address_are_in_force_and_said(open_page, staffed):
    app = open_page(PAGE, staffed, set="minutes/clinical_scientist:3,growth/all:0.1")
    assert "growth of requests a year at 10% (assumed: 5%)" in app.warning[1].value
    assert "Clinical scientists in Glasgow" in titles(app)[0]
    assert "Requests grow by 10% a year" in text_of(app)


def test_an_address_that_names_nonsense_is_said_and_left_out(open_page, staffed):
    app = open_page(PAGE, staffed, set="luck/all:7")
    assert "1 value in the address of this page cannot be used" in app.warning[1].value
    assert titles(app) == titles(open_page(PAGE, staffed))


def test_without_staff_the_page_says_what_it_needs(open_page):
    app = open_page(PAGE)
    assert not app.exception
    assert "posts by role from the workforce extract" in app.info[0].value
    assert not titles(app)


def test_the_inputs_are_for_planners(open_page, staffed):
    assert open_page("assumptions", staffed).title[0].value == "You cannot open this page"
    app = as_planner(open_page, staffed)
    assert not app.exception
    assert app.title[0].value == "Assumptions"
    assert "Everything stands as assumed" in titles(app)[0]
    assert "Agenda for Change: 27, 29 or 33 days" in listed(app)


def test_a_changed_value_moves_the_loads_and_stands_in_the_address(open_page, staffed):
    app = as_planner(open_page, staffed, inputs="Time not spent on requests")
    before = titles(app)[0]
    app.number_input[0].set_value(0.5).run()
    assert not app.exception
    assert app.query_params["set"] in (
        "non_case_share/laboratory_support:0.5",
        ["non_case_share/laboratory_support:0.5"],
    )
    assert titles(app)[0] != before
    assert "4 of 24 load ratios move" in titles(app)[0]
    assert "laboratory support workers in Glasgow most" in titles(app)[0]
    put_back = [button for button in app.button if button.key == "put_back"]
    put_back[0].click().run()
    assert titles(app)[0] == before


def test_a_fact_without_a_range_is_listed_and_cannot_be_set(open_page, staffed):
    app = as_planner(open_page, staffed, inputs="Time at work")
    assert "Weeks in a year" not in next(box for box in app.selectbox if box.label == "Change").options
    assert "Weeks in a year" in listed(app)


def test_a_value_that_makes_no_sense_is_refused_in_words(open_page, staffed):
    app = as_planner(open_page, staffed, inputs="Time not spent on requests")
    app.number_input[0].set_value(1.5).run()
    assert not app.exception
    assert any("cannot be used" in warning.value for warning in app.warning)
    assert "Everything stands as assumed" in titles(app)[0]


def test_all_minutes_of_a_role_move_at_once(open_page, staffed):
    app = as_planner(open_page, staffed, set="minutes/genetic_technologist:2")
    assert "4 of 24 load ratios move; genetic technologists in Glasgow most" in titles(app)[0]
    assert "Minutes of genetic technologists at 2 times the table" in app.warning[1].value
    assert len(app.get("plotly_chart")) == 1
