"""Signing in and out in Chromium, against a real sign-in service on loopback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.access.conftest import Person, Site, signed_site
from tests.browser import talk

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def sign_in_by_hand(page: Any, url: str, who: str) -> None:
    """Clicks through the sign-in as a reader does."""
    page.goto(url)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("textbox").fill(who)
    page.get_by_role("button", name="Authorize").click()
    page.get_by_role("button", name="Sign out").wait_for(timeout=60_000)


def cookies_of(page: Any) -> dict[str, str]:
    """The cookies that the browser holds for the app."""
    return {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}


def views(site: Site) -> list[tuple[str, dict[str, str]]]:
    """The views that the trail holds."""
    files = sorted((site.data / "audit").glob("*.jsonl"))
    lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    return [(line["where"], line["detail"]) for line in lines if line["what"] == "view"]


def test_a_reader_signs_in_sees_a_page_downloads_and_signs_out(site, visit, tmp_path: Path):
    tab = visit()
    page = tab.open(f"{site.url}/turnaround")
    assert page.inner_text("h1") == "Sign in to see the figures"
    assert page.get_by_role("link", name="Turnaround").count() == 0
    sign_in_by_hand(page, site.url, "viewer")
    page.get_by_text("Vera Viewer").wait_for()
    page.get_by_role("link", name="Turnaround").first.click()
    page.get_by_role("heading", level=1, name="Turnaround").wait_for()
    tab.settle()
    assert page.locator("[data-testid=stPlotlyChart]").count() == 6
    assert page.get_by_role("link", name="Administration").count() == 0
    tab.problems.clear()
    page.get_by_text("Table and download").first.click()
    button = page.get_by_role("button", name="Download as CSV").first
    button.wait_for()
    tab.settle()
    with page.expect_download() as download:
        button.click()
    download.value.save_as(tmp_path / "figure.csv")
    assert b"figure_id" in (tmp_path / "figure.csv").read_bytes()
    assert not tab.problems

    stolen = cookies_of(page)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/oauth2/end_session**")
    page.get_by_role("button").first.click()
    page.wait_for_url(f"{site.url}/**")
    page.get_by_role("heading", name="Sign in to see the figures").wait_for(timeout=60_000)
    assert "_streamlit_user" not in cookies_of(page)
    got = talk.run(talk.ask(site.url, "turnaround", cookies=stolen))
    assert (got.charts, "Your sign-in has ended" in got.text) == (0, True)
    assert Person(site.url, stolen).get("/media/" + "0" * 32 + ".csv").status_code == 403


def test_the_second_tab_is_signed_out_at_its_next_click(site, visit):
    tab = visit()
    sign_in_by_hand(tab.page, site.url, "viewer")
    second = tab.page.context.new_page()
    second.goto(f"{site.url}/turnaround")
    second.get_by_role("heading", level=1, name="Turnaround").wait_for()
    second.locator("[data-testid=stPlotlyChart] .main-svg").first.wait_for()
    tab.page.get_by_role("button", name="Sign out").click()
    tab.page.wait_for_url("**/oauth2/end_session**")
    second.get_by_role("combobox", name="Turnaround category").click()
    second.get_by_role("option", name="NIPT").click()
    second.get_by_role("heading", level=1, name="Your sign-in has ended").wait_for()
    second.wait_for_timeout(1_000)
    assert second.locator("[data-testid=stPlotlyChart]").count() == 0
    assert second.locator("[data-testid=stTable]").count() == 0
    assert second.get_by_role("link", name="Turnaround").count() == 0


def test_the_view_that_is_recorded_is_the_one_that_was_chosen(site, visit):
    tab = visit()
    sign_in_by_hand(tab.page, site.url, "viewer")
    page = tab.open(f"{site.url}/turnaround")
    page.get_by_role("combobox", name="Turnaround category").click()
    page.get_by_role("option", name="NIPT").click()
    page.wait_for_url("**category=NIPT**")
    # The address changes before the script of the choice begins, so the page may still look finished.
    for _ in range(200):
        if views(site)[-1] == ("turnaround", {"category": "NIPT"}):
            break
        page.wait_for_timeout(100)
    assert views(site)[-1] == ("turnaround", {"category": "NIPT"})


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(
    ("who", "path", "heading"),
    [
        (None, "/", "Sign in to see the figures"),
        ("viewer", "/administration", "You cannot open this page"),
        ("stranger", "/", "You have no access to this dashboard"),
    ],
)
def test_the_screens_that_say_no_fit_and_ask_nothing_of_the_world(site, visit, who, path, heading, width):
    tab = visit(width)
    if who:
        sign_in_by_hand(tab.page, site.url, who) if width > 500 else _narrow(tab.page, site.url, who)
    tab.outside.clear()
    tab.problems.clear()
    page = tab.open(f"{site.url}{path}")
    page.get_by_role("heading", level=1, name=heading).wait_for()
    assert page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert not tab.problems
    assert not tab.outside


def _narrow(page: Any, url: str, who: str) -> None:
    """On a narrow screen the sidebar, with the button to sign out, is folded away."""
    page.goto(url)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("textbox").fill(who)
    page.get_by_role("button", name="Authorize").click()
    page.wait_for_url(f"{url}/**")


def test_signing_in_works_behind_a_base_path(provider, visit, tmp_path):
    with signed_site(tmp_path, provider, base="genomics") as site:
        tab = visit()
        sign_in_by_hand(tab.page, site.url, "viewer")
        page = tab.open(f"{site.url}/turnaround")
        assert page.locator("[data-testid=stPlotlyChart]").count() == 6
        for path in ("/media/" + "0" * 32 + ".csv", "/_stcore/metrics"):
            assert httpx.get(f"{site.url}{path}").status_code == 403
