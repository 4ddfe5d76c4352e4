"""Data Docs opened from disk by a browser that may not reach the network: read in full, nothing asked for."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from catalogue.indicators import indicators
from pipelines.models import read_models
from pipelines.quality.checks import Check
from pipelines.quality.data_docs import write_data_docs
from pipelines.quality.results import check_rows

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """Data Docs of one check that passes and one that fails for 43 of 1,003 rows."""
    said = ("Every code is known.", "critical", "conformance", "Laboratory data stewards", "Why.", "Correct the code.")
    found = [
        Check("stg_testing", name, "expect_it", "directory", *said, (), name, "rows", 1_003, failing, 0.0, None)
        for name, failing in {"pass": 0, "fail": 43}.items()
    ]
    folder = tmp_path / "docs"
    shown = check_rows(found, read_models(), indicators()).with_columns(
        rows_checked=pl.lit(1_005), rows_failing=pl.col("rows_failing").replace({43: 45}), share=pl.lit(0.045)
    )
    write_data_docs(folder, shown, dt.datetime(2026, 11, 22, tzinfo=dt.UTC))
    return folder


@pytest.mark.parametrize("width", [1280, 390])
def test_data_docs_tell_pass_and_fail_without_a_network(chromium: Any, docs: Path, width: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 900}, offline=True)
    page = context.new_page()
    asked: list[str] = []
    problems: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto((docs / "index.html").as_uri())
    assert page.inner_text("h1") == "Checks on the data"
    page.click("text=stg_testing")
    page.wait_for_selector("text=Checks of stg_testing")
    words = page.inner_text("main")
    assert "✓ Pass" in words
    assert "✗ Fail" in words
    assert "45 of 1,005 rows fail (4.5%)." in words
    assert "What to do: Correct the code." in words
    assert page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth") <= 0
    page.click("text=All tables")
    page.wait_for_selector("text=Checks on the data")
    context.close()
    assert asked
    assert all(url.startswith("file://") for url in asked)
    assert not problems
