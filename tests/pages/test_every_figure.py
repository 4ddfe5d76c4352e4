"""No number on any page lacks definition, period, quality or id; where a measure is shown is what the pages cite."""

from __future__ import annotations

import csv

import pytest

from tests.conftest import Published
from tests.pages.conftest import Open
from tests.pages.sections_of import sections
from tests.pages.where_shown import cited_by
from ui.definition_show import TITLES
from ui.where_shown import FOUND

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("small")]
#: Sections whose numbers are no figures of a measure, and what they are; each still says its period or its source.
NOT_FIGURES = {
    ("aims", "states"): "how many aims are in each state, by the rule beside it",
    ("aim", "actions"): "items of the programme return, as reported on its day",
    ("programme", ""): "items of the programme return, as reported on its day",
    ("re_aim", "overview"): "how many of the measures below go which way",
    ("gap_scanner", "found"): "how many of the gaps below are called different",
    ("definitions", ""): "the standards and the words",
    ("glossary", ""): "words",
    ("equity_summary", "area_scotland"): "the page is one sheet to print: definitions and ids stand at its end",
}
PAGES = (*TITLES, "aims", "aim", "re_aim")


@pytest.mark.parametrize("page", PAGES)
def test_every_section_with_numbers_has_definition_period_quality_and_id(
    small: Published, open_page: Open, page: str
) -> None:
    app = open_page(page, small.folders.data)
    assert not app.exception
    lacking = {
        (section.anchor, section.title): section.lacks
        for section in sections(app)
        if section.drawn and section.lacks and not {(page, section.anchor), (page, "")} & NOT_FIGURES.keys()
    }
    assert lacking == {}


@pytest.mark.parametrize("page", TITLES)
def test_the_list_of_where_a_measure_is_shown_is_what_the_pages_cite(
    small: Published, open_page: Open, page: str
) -> None:
    with FOUND.open(encoding="utf-8", newline="") as file:
        told = {row["indicator"] for row in csv.DictReader(file) if row["page"] == page}
    found = cited_by(open_page(page, small.folders.data))
    assert found == told, "run `python -m tests.pages.where_shown` on such a release and look at what changed"


def test_what_is_cited_below_a_page_on_one_measure_is_of_that_measure(small: Published, open_page: Open) -> None:
    app = open_page("definitions", small.folders.data, indicator="ethnicity_recorded")
    assert cited_by(app) == {"ethnicity_recorded"}
    assert sections(app)[1].lacks - {"definition"} == set()
