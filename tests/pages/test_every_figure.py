"""No number on any page lacks definition, period, quality or id; where a measure is shown is what the pages cite."""

from __future__ import annotations

import csv

import pytest

from tests.conftest import Published
from tests.pages.conftest import Open
from tests.pages.sections_of import Shown, sections
from tests.pages.where_shown import cited_by
from ui.definition_show import TITLES
from ui.where_shown import FOUND

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("small")]
ALL_BUT_PERIOD = {"definition", "quality", "id"}

#: Sections whose numbers are no figures of a measure: what they may go without, and what they are.
NOT_FIGURES: dict[tuple[str, str], tuple[set[str], str]] = {
    ("aims", "states"): ({"definition", "id"}, "how many aims are in each state, by the rule beside it"),
    ("aim", "actions"): (ALL_BUT_PERIOD, "items of the programme return, as reported on its day"),
    ("programme", ""): (ALL_BUT_PERIOD, "items of the programme return, as reported on its day"),
    ("re_aim", "overview"): ({"period", *ALL_BUT_PERIOD}, "how many of the measures below go which way"),
    ("gap_scanner", "found"): ({"definition", "id"}, "how many of the gaps below are called different"),
    ("gap_scanner", "gaps"): ({"period"}, "its period stands above, once for the page"),
    ("equity_summary", ""): (ALL_BUT_PERIOD, "one sheet to print: definitions and ids stand at its end"),
    ("data_quality", ""): ({"definition", "quality"}, "the quality itself: each check says what must hold"),
}
PAGES = (*TITLES, "aims", "aim", "re_aim")


def lacking(page: str, section: Shown) -> set[str]:
    """What a section lacks and needs."""
    without = [NOT_FIGURES[key][0] for key in ((page, section.anchor), (page, "")) if key in NOT_FIGURES]
    return section.lacks - set().union(*without) if section.drawn else set()


@pytest.mark.parametrize("page", PAGES)
def test_every_section_with_numbers_has_definition_period_quality_and_id(
    small: Published, open_page: Open, page: str
) -> None:
    app = open_page(page, small.folders.data)
    assert not app.exception
    assert [(section.anchor, found) for section in sections(app) if (found := lacking(page, section))] == []


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
