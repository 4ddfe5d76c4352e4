"""The app in a real browser on a release of more than 300,000 requests."""

from __future__ import annotations

import json

import duckdb
import pytest

from tests.browser.conftest import serving
from tests.conftest import Published

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("full")]


def test_home_and_turnaround_come_up_on_300_000_requests(full: Published, visit, tmp_path) -> None:
    assert full.release.manifest["row_counts"]["mart_requests"] >= 300_000
    with duckdb.connect(str(full.store), read_only=True) as store:
        quarter = store.execute(
            "SELECT value FROM cells WHERE indicator = 'reported_within_standard' AND cube = '' "
            "AND grain = 'quarter' AND period_start = DATE '2026-07-01'"
        ).fetchall()
    with serving(full.folders.data, tmp_path / "log") as url:
        tab = visit()
        home = tab.open(f"{url}/")
        assert f"{100 * quarter[0][0]:.1f}%" in home.inner_text("[data-testid=stMain]")
        assert "Synthetic figures" in home.inner_text("[data-testid=stMain]")
        page = tab.open(f"{url}/turnaround?view=Laboratory&lab=Glasgow")
        assert page.locator("[data-testid=stPlotlyChart]").count() == 6
        assert page.locator("[data-testid=stException]").count() == 0
        assert not tab.problems
        assert not tab.outside
    assert json.loads((full.release.folder / "manifest.json").read_text())["is_synthetic"] is True
