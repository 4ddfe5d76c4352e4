"""The page Definitions: every measure found and told in full, with SQL, worked example, changes, pages, downloads."""

from __future__ import annotations

import csv
import io
import json
import re

import duckdb
import pytest

from catalogue.citations import parse
from catalogue.contracts import ROOT
from catalogue.indicators import indicators
from pipelines.models import read_models
from tests.pages.conftest import text_of
from tests.ui.store import make_store
from ui import definition_download
from ui.access import demonstration
from ui.data import Snapshot
from ui.definition_show import TITLES

PUBLISHED = {name: entry for name, entry in indicators().items() if entry.published}
SQL = {model.path.stem: model.sql for model in read_models() if model.path.parent.name == "indicators"}


#: One measure of each kind, unit and form of derivation.
ONE_OF_A_KIND = sorted(
    {(e.kind, e.unit, e.formula.kind if e.formula else "", e.has_cube(())): e.id for e in PUBLISHED.values()}.values()
)


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """The full release, opened."""
    folder = tmp_path_factory.mktemp("full")
    make_store(folder, "full")
    return Snapshot(demonstration(), folder)


def listed(app):
    """The measures that the list links to."""
    links = [link.proto for link in app.main.get("page_link")]
    return [link.label for link in links if "indicator=" in link.query_string]


def test_every_published_measure_is_listed(open_page):
    titles = [f"{entry.number} {entry.title}" for entry in PUBLISHED.values()]
    found = listed(open_page("definitions"))
    assert len(found) == len(titles)
    assert all(label.startswith(title) for label, title in zip(sorted(found), sorted(titles), strict=True))


def test_the_address_names_one_measure_and_it_is_told_in_full(open_page):
    app = open_page("definitions", indicator="reported_within_standard")
    assert app.header[0].value == "2.1 Requests reported within standard"
    text = text_of(app)
    entry = indicators()["reported_within_standard"]
    for told in (entry.numerator.split()[0], "Higher is better", "90%", "95%, Wilson score", entry.owner, "requests"):
        assert told in text
    assert "Newest, Scotland:" in text
    assert "Data to " in text
    codes = [code.value for code in app.code]
    assert SQL["reported_within_standard"].strip() in codes
    assert any(parse(code).indicator == "reported_within_standard" for code in codes if code.count("/") >= 5)
    assert "one day late" in " ".join(str(html.value) for html in app.get("html"))
    labels = {expander.label for expander in app.expander}
    assert {"The worked example that tests it", "Where it is shown", "Downloads", "History of changes (0)"} <= labels


@pytest.mark.parametrize("name", ["no_such_measure", "", "'; DROP TABLE cells; --"])
def test_an_address_that_names_no_measure_gives_the_list(open_page, name):
    app = open_page("definitions", indicator=name)
    assert not app.exception
    assert len(listed(app)) == len(PUBLISHED)
    assert ("has no measure of the name" in text_of(app)) == bool(name)


@pytest.mark.parametrize("name", ONE_OF_A_KIND)
def test_a_measure_of_any_kind_is_told_without_an_exception(open_page, name):
    app = open_page("definitions", indicator=name)
    assert not app.exception
    assert app.header[0].value == f"{PUBLISHED[name].number} {PUBLISHED[name].title}"


def test_a_word_anywhere_in_a_definition_finds_the_measure(open_page):
    found = listed(open_page("definitions", search="paused days taken"))
    assert any("2.1 Requests reported within standard" in label for label in found)
    assert len(found) < len(PUBLISHED)


def test_a_search_without_a_hit_says_so(open_page):
    app = open_page("definitions", search="zebra")
    assert listed(app) == []
    assert "None of" in app.header[0].value


def test_filters_narrow_the_list(open_page):
    app = open_page("definitions", has="No usable data yet")
    assert len(listed(app)) == sum(entry.kind == "awaited" for entry in PUBLISHED.values())
    app = open_page("definitions", dimension="Reach")
    assert len(listed(app)) == sum(entry.re_aim == "reach" for entry in PUBLISHED.values())


def test_a_measure_without_data_says_which_return_would_mend_it(open_page):
    awaited = next(entry for entry in PUBLISHED.values() if entry.kind == "awaited")
    assert awaited.awaits.split(".")[0] in text_of(open_page("definitions", indicator=awaited.id))


def test_a_release_made_before_texts_were_kept_says_so(open_page, tmp_path):
    with duckdb.connect(str(make_store(tmp_path, "full"))) as con:
        con.execute("DROP TABLE definitions")
        con.execute("DROP TABLE definition_parts")
    app = open_page("definitions", tmp_path, indicator="reported_within_standard")
    assert not app.exception
    assert "before SQL and worked examples were kept" in text_of(app)


def test_the_catalogue_as_csv_and_json_has_every_measure_with_its_sql(full):
    told = json.loads(definition_download.catalogue_json(full))
    assert [row["id"] for row in told["measures"]] == list(full.facts.indicators)
    by_id = {row["id"]: row for row in told["measures"]}
    assert {name: row["sql"] for name, row in by_id.items() if row["sql"]} == {
        name: sql for name, sql in SQL.items() if name in PUBLISHED
    }
    rows = list(csv.DictReader(io.StringIO(definition_download.catalogue_csv(full).decode("utf-8-sig"))))
    assert [row["id"] for row in rows] == [row["id"] for row in told["measures"]]
    assert rows[0]["aims"] == "; ".join(str(aim) for aim in told["measures"][0]["aims"])


@pytest.mark.parametrize("name", ["reported_within_standard", "open_requests", "turnaround_days"])
def test_the_file_of_all_figures_has_every_cell_once_with_its_id_and_none_hidden_is_told(full, name):
    rows = list(csv.DictReader(io.StringIO(definition_download.cells(full, full.indicator(name)).decode("utf-8-sig"))))
    cells = full.measure(name)
    assert len(rows) == cells.height
    assert len({row["figure_id"] for row in rows}) == len(rows)
    for row, cell in list(zip(rows, cells.iter_rows(named=True), strict=True))[:: max(1, len(rows) // 200)]:
        citation = parse(row["figure_id"])
        assert (citation.indicator, citation.grain, citation.first) == (name, cell["grain"], cell["period_start"])
        assert list(citation.codes) == [cell[f"d{place}"] for place in (1, 2, 3) if cell[f"d{place}"] is not None]
        if cell["state"] == "confidential":
            assert {row[column] for column in definition_download.NUMBERS} == {"[c]"}


def test_titles_of_pages_are_those_of_the_menu():
    titles = dict(re.findall(r'st\.Page\("pages/(\w+)\.py", title="([^"]+)"', (ROOT / "app.py").read_text()))
    assert {name: titles[name] for name in TITLES} == TITLES


def test_standards_from_elsewhere_are_named_comparators(open_page):
    text = text_of(open_page("definitions"))
    assert "England (comparator)" in text
    assert "UK (comparator)" in text


def test_a_date_that_is_assumed_and_the_note_of_a_standard_are_told(open_page):
    text = text_of(open_page("definitions"))
    assert "From Jan 2010 (date assumed)" in text
    assert "The clock start is not printed; receipt is assumed" in text


def test_shorthand_is_explained(open_page):
    text = text_of(open_page("definitions"))
    assert "[c],Confidential: hidden because it stands for fewer than 10 people, or could give" in text.replace('"', "")


def test_closing_a_definition_leaves_the_list_and_what_is_looked_for(open_page):
    app = open_page("definitions", indicator="reported_within_standard", search="paused")
    app.button("close_definition").click().run()
    assert not app.exception
    assert app.header[0].value.endswith("answer to what you look for")
    assert "indicator" not in app.query_params
