"""Citing in a real browser: the link beside a figure opens it, also under a base path; the id can be copied."""

from __future__ import annotations

import hashlib
import urllib.parse

import pytest

from pipelines import releases
from pipelines.cited import cited_file
from pipelines.folders import Folders
from tests.browser.conftest import BASE_PATH, serving
from tests.ui.cited_releases import SERIES, A, publish_another, sealed

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BASE = "genomics"


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Two releases, and the bytes of a figure of the older one as the command gives them."""
    folders = Folders(tmp_path_factory.mktemp("cited"))
    sealed(folders, A, "2026-11-15T08:00:00+00:00")
    releases.publish(folders, A)
    content = cited_file(folders, f"{A}/{SERIES}").content
    newer = publish_another(folders, "B")
    return folders.data, newer, content


@pytest.fixture(scope="module")
def below(kept, tmp_path_factory):
    """A server of these releases below a base path."""
    with serving(kept[0], tmp_path_factory.mktemp("server") / "log", env={BASE_PATH: BASE}) as url:
        yield url


def _cites(page):
    """The first figure's line to cite it by, opened."""
    page.locator("[data-testid=stExpander] summary", has_text="Cite th").first.click()
    line = page.locator("[class*='st-key-cite_']:has(a)").first
    line.wait_for()
    return line


@pytest.mark.parametrize("path", ["/turnaround", "/ethnicity_recording", "/data_quality"])
def test_the_link_beside_a_figure_opens_it_below_a_base_path(below, visit, kept, path):
    tab = visit()
    page = tab.open(f"{below}{path}")
    line = _cites(page)
    shown = line.locator("code").inner_text()
    assert shown.startswith(kept[1])
    line.locator("a").click()
    page.wait_for_selector("h1:has-text('Cited figure')")
    tab.settle()
    asked = urllib.parse.urlsplit(page.url)
    assert asked.path == f"/{BASE}/cited_figure"
    assert urllib.parse.parse_qs(asked.query)["id"] == [shown]
    assert page.get_by_label("Figure id").input_value() == shown
    assert "the newest." in page.inner_text("[data-testid=stMain]")
    assert not tab.outside


@pytest.mark.parametrize("width", [1280, 390])
def test_a_link_to_an_older_figure_gives_its_bytes_and_leads_to_the_newest(below, visit, kept, width):
    _, newer, content = kept
    tab = visit(width)
    page = tab.open(f"{below}/cited_figure?id={urllib.parse.quote(f'{A}/{SERIES}')}")
    assert "which is not the newest" in page.inner_text("[data-testid=stMain]")
    with page.expect_download() as waited:
        page.get_by_role("button", name="Download the cited file (CSV)").click()
    assert waited.value.path().read_bytes() == content
    assert hashlib.sha256(content).hexdigest() in page.inner_text("[data-testid=stMain]")
    assert page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth") <= 0
    page.get_by_role("button", name="Show the newest figure").click()
    page.wait_for_selector("text=the newest.")
    assert page.get_by_label("Figure id").input_value().startswith(newer)
    assert not tab.problems


def test_the_id_can_be_copied_where_it_stands(below, visit):
    page = visit().open(f"{below}/turnaround")
    place = _cites(page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    place.locator("[data-testid=stCode]").hover()
    place.get_by_role("button", name="Copy to clipboard").click()
    assert page.evaluate("() => navigator.clipboard.readText()") == place.locator("code").inner_text()
