"""Data Docs: a page a table, in words, without a count that may not be shown, and nothing from outside."""

from __future__ import annotations

import datetime as dt
import html
import re
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import polars as pl
import pytest

from catalogue.disclosure import rules
from catalogue.indicators import indicators
from pipelines.disclosure.secret import Secret
from pipelines.models import read_models
from pipelines.quality.checks import Check
from pipelines.quality.data_docs import WORDS, write_data_docs
from pipelines.quality.results import check_months, check_parts, check_rows
from pipelines.quality.rows_shown import shown_rows

STATUSES = ("pass", "warn", "fail", "not_applicable", "error")
FAILING = {"pass": 0, "warn": 7, "fail": 43, "not_applicable": 0, "error": None}


def checks(sentence: str = "Every code is known.") -> pl.DataFrame:
    """A check of each status on stg_testing, and one that passes on ref_boards."""
    found = [
        Check(
            table="stg_testing", name=status, expectation="expect_column_values_to_not_be_null",
            column="directory" if status == "pass" else None, sentence=sentence, severity="critical",
            dimension="conformance", owner="Laboratory data stewards", why="Why.", to_do="Correct the code.",
            affects=(), status=status, counted="rows", rows_checked=0 if status == "not_applicable" else 1_003,
            rows_failing=FAILING[status], at_most=0.0, error="Binder Error: secret" if status == "error" else None,
        )
        for status in STATUSES
    ]  # fmt: skip
    found.append(
        Check(
            "ref_boards", "key", "expect_key_to_be_unique", None, "No two rows share a code.", "critical", "uniqueness",
            "Data pipeline", "Why.", "", (), "pass", "rows", 16, 0, 0.0, None,
        )
    )  # fmt: skip
    exact = {
        "checks": check_rows(found, read_models(), indicators()),
        "check_parts": check_parts((), read_models()),
        "check_months": check_months(duckdb.connect(), (), read_models()),
    }
    return shown_rows(exact, Secret.of("5e" * 32), rules())["checks"]


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    write_data_docs(tmp_path / "docs", checks(), dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC))
    return tmp_path / "docs"


def words_in(page: Path) -> str:
    return " ".join(html.unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", page.read_text(), flags=re.S)).split())


class Addresses(HTMLParser):
    """Every address that a page names, and every tag that could load or run something."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loading: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "link", "img", "iframe", "object", "embed", "form", "base", "video", "audio", "source"):
            self.loading.append(tag)
        self.loading += [name for name, _ in attrs if name == "src" or name.startswith("on")]
        self.links += [value or "" for name, value in attrs if name == "href"]


def test_there_is_a_page_a_table_and_an_index_that_leads_to_each(docs: Path) -> None:
    pages = {page.name for page in docs.iterdir()}
    assert pages == {"index.html", "stg_testing.html", "ref_boards.html"}
    reader = Addresses()
    reader.feed((docs / "index.html").read_text())
    assert set(reader.links) == pages - {"index.html"}


def test_no_page_loads_anything_or_leads_elsewhere(docs: Path) -> None:
    for page in docs.iterdir():
        reader = Addresses()
        reader.feed(page.read_text())
        assert reader.loading == []
        assert all((docs / link).exists() for link in reader.links)
        assert not re.search("https?:", page.read_text())
        assert "default-src 'none'" in page.read_text()


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_is_told_in_words(docs: Path, status: str) -> None:
    assert WORDS[status] in words_in(docs / "stg_testing.html")
    assert f"{WORDS[status]}: 1" in words_in(docs / "index.html")


def test_counts_are_those_that_may_be_shown(docs: Path) -> None:
    words = words_in(docs / "stg_testing.html")
    assert "Some [c] of 1,005 rows fail." in words
    assert "40 of 1,005 rows fail (4.0%)." in words
    assert "There was nothing to check." in words
    assert not re.search(r"\b(7|43|1,?003)\b", words)


def test_a_tolerated_share_is_told_beside_what_fails(tmp_path: Path) -> None:
    tolerant = checks().with_columns(at_most=pl.lit(0.05))
    write_data_docs(tmp_path / "docs", tolerant, dt.datetime(2026, 11, 22, tzinfo=dt.UTC))
    assert "40 of 1,005 rows fail (4.0%). Up to 5.0% may." in words_in(tmp_path / "docs" / "stg_testing.html")


def test_an_open_check_says_what_to_do_and_who_answers_for_it(docs: Path) -> None:
    assert words_in(docs / "stg_testing.html").count("What to do: Correct the code.") == 3
    assert "Laboratory data stewards" in words_in(docs / "stg_testing.html")


def test_what_a_database_said_of_an_error_is_left_out(docs: Path) -> None:
    assert "secret" not in (docs / "stg_testing.html").read_text()


def test_a_sentence_is_text_and_never_markup(tmp_path: Path) -> None:
    write_data_docs(
        tmp_path / "docs", checks("<script>alert(1)</script> $under {braces}"), dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
    )
    page = tmp_path / "docs" / "stg_testing.html"
    reader = Addresses()
    reader.feed(page.read_text())
    assert reader.loading == []
    assert "<script>alert(1)</script> $under {braces}" in html.unescape(page.read_text())
