"""The page Workforce: findings as titles, what an address sets, what only Scotland has, and empty and hidden states."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import polars as pl
import pytest

from tests.pages.conftest import text_of
from tests.pages.page_tables import tables
from tests.pages.sections_of import sections
from tests.ui.store import make_store
from tests.ui.workforce_store import add_workforce
from ui import workforce_waits_sections

PAGE = "workforce"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("staff")
    add_workforce(make_store(place, "full"))
    return place


@pytest.fixture
def staffed(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "data")
    return tmp_path / "data"


def titles(app) -> dict[str, str]:
    return {header.proto.anchor: header.value for header in app.header}


def test_every_section_has_a_finding_a_table_and_a_download(open_page, staffed):
    app = open_page(PAGE, staffed)
    assert not app.exception
    assert list(titles(app)) == [
        "posts", "over_time", "hours", "bands", "long", "turnover", "reasons", "absence", "retirement", "alone",
        "trainees", "waits", "known",
    ]  # fmt: skip
    assert len(tables(app)) == len(app.get("download_button")) == 12
    charts = app.get("plotly_chart")
    assert len(charts) == 10
    assert all(any(chart.proto.alt.startswith(f"{title}.") for title in titles(app).values()) for chart in charts)


def test_a_section_tells_each_measure_that_it_rests_on_once(open_page, staffed):
    shown = [section.text for section in sections(open_page(PAGE, staffed)) if "**Measure:** 6.3 " in section.text]
    assert shown
    assert all(text.count("**Measure:** 6.3 ") == 1 for text in shown)


def test_the_first_title_says_how_many_posts_are_vacant_of_how_many(open_page, staffed):
    found = titles(open_page(PAGE, staffed))
    # 29.4 posts in each of four laboratories are 117.6 in all, of which a tenth is vacant.
    assert found["posts"] == "12 of about 118 posts are vacant in Scotland: vacancy rate 10.0%"
    assert found["retirement"] == "25.0% of people in post are aged 55 or over, Scotland"
    assert found["bands"] == "Band 7 has the highest vacancy rate of all roles in Scotland: 12%"
    assert found["reasons"] == "Of those who left, 40% retired and 30% went to another NHS Scotland post"


def test_posts_stand_beside_establishment_and_hours(open_page, staffed):
    app = open_page(PAGE, staffed, lab="Glasgow")
    row = next(row for row in tables(app)[0].value.to_dict("records") if row["Role"] == "Clinical scientist")
    # 8 posts, 0.8 vacant: 7.2 in post at 36 hours a week are 259.2 hours.
    assert row == {
        "Role": "Clinical scientist", "In post (WTE)": "7.2", "Vacant (WTE)": "1", "Vacancy rate": "10%",
        "A year before": "10%", "Establishment (WTE)": "8", "In post of establishment": "90%",
        "Hours a week in post": "260",
    }  # fmt: skip


def test_a_laboratory_and_a_role_are_chosen_in_the_address(open_page, staffed):
    found = titles(open_page(PAGE, staffed, lab="Dundee", staff="Genetic technologist"))
    assert "genetic technologists is vacant in Dundee" in found["posts"]
    assert found["over_time"] == "The vacancy rate of genetic technologists in Dundee stands at 10%"
    assert "60%, on 30 June 2024" in text_of(open_page(PAGE, staffed, lab="Dundee", staff="Genetic technologist"))


def test_what_is_told_of_few_people_is_not_crossed_and_says_so(open_page, staffed):
    app = open_page(PAGE, staffed, lab="Dundee", staff="Genetic technologist")
    assert titles(app)["turnover"].endswith("(genetic technologists), Scotland")
    assert "Told by laboratory and by role, not by both" in text_of(app)
    assert "Trainees are few, so they are told for Scotland only" in text_of(app)


def test_a_role_without_figures_of_age_is_said_to_have_none(open_page, staffed):
    app = open_page(PAGE, staffed, staff="Bioinformatician")
    assert not app.exception
    assert "hidden, or nothing to tell" in titles(app)["retirement"]


def test_vacancies_beside_waits_are_no_proof_of_cause(open_page, staffed):
    app = open_page(PAGE, staffed, lab="Dundee")
    assert "**This is no proof of cause:**" in text_of(app)
    assert "[x]" not in titles(app)["waits"]


def test_it_says_what_is_known_nationally_and_by_whom(open_page, staffed):
    text = text_of(open_page(PAGE, staffed))
    assert "No survey of healthcare science" in text
    assert "consultant clinical geneticists" in text


def test_an_unknown_laboratory_or_role_in_the_address_falls_back_to_all(open_page, staffed):
    app = open_page(PAGE, staffed, lab="Atlantis", staff="Wizard")
    assert not app.exception
    assert titles(app) == titles(open_page(PAGE, staffed))


@pytest.mark.parametrize("kept", [True, False])
def test_a_release_without_posts_says_what_it_needs_and_still_what_is_known(open_page, tmp_path, kept):
    place = tmp_path / "data"
    store = make_store(place, "full")
    if not kept:
        add_workforce(store, keep=False)
    app = open_page(PAGE, place)
    assert not app.exception
    assert "It needs the workforce extract" in text_of(app)
    assert list(titles(app)) == ["known"]
    assert not app.get("plotly_chart")


def test_no_line_is_drawn_across_a_quarter_that_does_not_show_both():
    quarters = [dt.date(2026, 1, 1), dt.date(2026, 4, 1), dt.date(2026, 7, 1)]
    rows = pl.DataFrame({"period_start": quarters, "period_end": quarters, "vacancy": [0.1, 0.2, 0.3]})
    points = workforce_waits_sections._of_quarters(rows.filter(pl.col("vacancy") != 0.2), rows, "vacancy")
    assert [point["value"] for point in points] == pytest.approx([10.0, None, 30.0])
