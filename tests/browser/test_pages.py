"""Pages in a real browser, wide and narrow: nothing fails, nothing overflows, nothing comes from outside."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from playwright.sync_api import TimeoutError, expect

from ui import narrow_menu

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = {
    "/": "Genomic medicine in NHS Scotland",
    "/turnaround": "Turnaround",
    "/definitions": "Definitions",
    "/data_quality": "Data quality",
    "/data_quality?of=Laboratory&lab=Glasgow": "Data quality",
    "/turnaround?view=Requesting+board&board=Orkney&category=Whole+genome": "Turnaround",
}

#: Data that a page may send to the browser.
BYTES_A_PAGE = 1_000_000


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(("path", "heading"), PAGES.items())
def test_a_page_is_whole_at_both_widths_and_asks_nothing_of_the_world(served, visit, path, heading, width):
    tab = visit(width)
    page = tab.open(f"{served}{path}")
    assert page.inner_text("h1") == heading
    assert page.locator("[data-testid=stException]").count() == 0
    assert page.title().endswith("- Genomic medicine in NHS Scotland")
    assert page.locator("html").get_attribute("lang") == "en"
    assert not tab.problems
    assert not tab.outside
    assert 0 < tab.bytes < BYTES_A_PAGE
    overflow = (
        "() => { const m = document.querySelector('[data-testid=stMain]'); return m.scrollWidth - m.clientWidth }"
    )
    assert page.evaluate(overflow) <= 0
    assert page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth") <= 0


def test_every_page_has_a_title_of_its_own(served, visit):
    tab = visit()
    titles = {tab.open(f"{served}{path}").title() for path in ("/", "/turnaround", "/definitions", "/data_quality")}
    assert len(titles) == 4


def test_charts_have_an_accessible_name_that_states_the_finding(served, visit):
    page = visit().open(f"{served}/turnaround")
    names = [figure.get_attribute("aria-label") or "" for figure in page.get_by_role("figure").all()]
    assert [name.endswith("Every value is in the table below the chart.") for name in names] == [True] * 6


def test_filters_live_in_the_address_and_survive_a_reload(served, visit):
    tab = visit()
    page = tab.open(f"{served}/turnaround?view=Laboratory&lab=Dundee&from=Jan+2024")
    assert "Dundee (laboratory). Jan 2024 to Oct 2026" in page.inner_text("[data-testid=stMain]")
    page.reload()
    tab.settle()
    assert all(part in page.url for part in ("view=Laboratory", "lab=Dundee", "from=Jan"))
    assert "Dundee (laboratory). Jan 2024 to Oct 2026" in page.inner_text("[data-testid=stMain]")


def test_choosing_a_filter_changes_the_page_and_its_address(served, visit):
    tab = visit()
    page = tab.open(f"{served}/turnaround")
    page.get_by_role("combobox", name="Turnaround category").click()
    page.get_by_role("option", name="NIPT").click()
    page.wait_for_url("**category=NIPT**")
    page.get_by_text("Scotland, NIPT").first.wait_for()
    tab.settle()
    assert not tab.problems


def test_a_link_of_the_home_page_opens_the_view_it_speaks_of(served, visit):
    tab = visit()
    page = tab.open(f"{served}/")
    page.get_by_role("link", name="Dundee, 77.3%").click()
    page.wait_for_url("**/turnaround?**")
    page.get_by_role("heading", level=1, name="Turnaround").wait_for()
    page.get_by_text("Dundee (laboratory)").first.wait_for()
    assert "lab=Dundee" in page.url


def open_menu(page):
    """Opens the menu where it is folded away, and waits until it stands still."""
    unfold = page.locator("[data-testid=stExpandSidebarButton]")
    if unfold.count():
        unfold.click()
    menu = page.locator("[data-testid=stSidebar][data-collapsed=false]")
    menu.wait_for()
    for _ in range(100):
        if menu.bounding_box()["x"] >= 0:
            return
        page.wait_for_timeout(50)
    raise AssertionError("the menu does not come to a stand")


def look_as(page, role):
    """Chooses a role in the menu; a list that opens while the page is still being drawn closes again."""
    option = page.get_by_role("option", name=role)
    for _ in range(5):
        page.get_by_role("combobox", name="Look as").click()
        with contextlib.suppress(TimeoutError):
            option.click(timeout=5_000)
            return
    raise AssertionError(f"{role} cannot be chosen")


def test_on_a_narrow_screen_choosing_a_page_folds_the_menu_away_and_choosing_a_role_does_not(served, visit):
    tab = visit(390)
    page = tab.open(f"{served}/")
    open_menu(page)
    look_as(page, "Planner")
    page.get_by_role("link", name="Assumptions", exact=True).wait_for()
    tab.settle()
    assert page.locator("[data-testid=stSidebar][data-collapsed=false]").count() == 1
    page.get_by_role("link", name="Turnaround", exact=True).click()
    page.locator("[data-testid=stSidebar][data-collapsed=true]").wait_for(state="attached")
    page.get_by_role("heading", level=1, name="Turnaround").wait_for()
    tab.settle()
    open_menu(page)
    page.get_by_role("link", name="Definitions", exact=True).click()
    page.locator("[data-testid=stSidebar][data-collapsed=true]").wait_for(state="attached")
    assert not tab.problems


def test_on_a_wide_screen_the_menu_stays_and_what_folds_it_takes_no_room(served, visit):
    tab = visit()
    page = tab.open(f"{served}/")
    page.get_by_role("link", name="Turnaround", exact=True).first.click()
    page.get_by_role("heading", level=1, name="Turnaround").wait_for()
    tab.settle()
    assert page.locator("[data-testid=stSidebar][data-collapsed=false]").count() == 1
    assert page.locator(f".{narrow_menu.MARK}").get_attribute("data-page") == "turnaround"
    assert page.locator(f"[data-testid=stElementContainer]:has(.{narrow_menu.MARK})").bounding_box() is None


def test_the_table_can_be_opened_and_the_download_is_the_figure(served, visit, tmp_path: Path):
    tab = visit()
    page = tab.open(f"{served}/turnaround")
    page.get_by_text("Table and download").first.click()
    button = page.get_by_role("button", name="Download as CSV").first
    button.wait_for()
    tab.settle()
    with page.expect_download() as download:
        button.click()
    saved = tmp_path / "figure.csv"
    download.value.save_as(saved)
    assert download.value.suggested_filename == "synthetic-reported-within-standard-scotland-2021-05-to-2026-10.csv"
    assert len(saved.read_text(encoding="utf-8-sig").splitlines()) == 67
    assert not tab.problems


def open_all(tab) -> None:
    """Opens every closed part of a page, those within others too. Each click waits for its part to open: a second
    click before that would close it again."""
    closed, opened = (tab.page.locator(f"details{state} > summary") for state in (":not([open])", "[open]"))
    while closed.count():
        before = opened.count()
        closed.first.click()
        expect(opened).to_have_count(before + 1)
        tab.settle()


@pytest.mark.parametrize("path", ["/turnaround", "/data_quality"])
def test_no_table_and_no_link_is_cut_off_on_a_phone_whatever_is_opened(served, visit, path):
    tab = visit(390)
    page = tab.open(f"{served}{path}")
    open_all(tab)
    wider = """() => [...document.querySelectorAll('[data-testid=stTable], .gm-fold')].map(box =>
        box.querySelector('table').getBoundingClientRect().width - box.getBoundingClientRect().width)"""
    found = page.evaluate(wider)
    assert len(found) > 5
    assert max(found) <= 0
    cut = """() => [...document.querySelectorAll('[data-testid=stMain] [data-testid=stPageLink-NavLink] :is(p, span)')]
        .filter(part => part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).overflow !== 'visible')
        .map(part => part.textContent)"""
    assert page.evaluate(cut) == []


def test_the_filters_can_be_used_by_keyboard(served, visit):
    tab = visit()
    page = tab.open(f"{served}/turnaround")
    view = page.get_by_role("combobox", name="View")
    view.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.type("Labor")
    page.keyboard.press("Enter")
    page.wait_for_url("**view=Laboratory**")
    page.get_by_text("Aberdeen (laboratory)").first.wait_for()


def test_a_grade_leads_to_its_reasons_and_the_matrix_scrolls_within_itself(served, visit):
    tab = visit(390)
    page = tab.open(f"{served}/data_quality")
    matrix = page.locator(".gm-matrix").nth(1)
    assert matrix.evaluate("box => box.scrollWidth > box.clientWidth")
    matrix.get_by_role("link", name="Poor: People tested with a recorded ethnic group, Borders").click()
    page.wait_for_url("**board=Borders**")
    page.get_by_text("Why a measure has its grade for NHS Borders").wait_for()
    tab.settle()
    assert "Record the ethnic group at request" in page.inner_text("[data-testid=stMain]")
    assert not tab.problems
