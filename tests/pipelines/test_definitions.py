"""Fingerprints of definitions: what decides a number changes them, words and comments do not; texts are kept as run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalogue.indicators import DECIDES_NUMBERS, Indicator, indicators
from pipelines import definitions
from pipelines.definitions import definition_rows, fingerprints, part_rows
from pipelines.models import read_models
from tests.conftest import Published

MODELS = read_models()
WITHIN = "reported_within_standard"
GROWTH = "technology_growth"
ENTRIES = {name: indicators()[name] for name in (WITHIN, "requests_received", GROWTH)}


def marks(entries=ENTRIES, models=MODELS):
    return fingerprints(part_rows(entries, models, "a secret"))


def with_sql(name, text):
    """The models with another text of one of them."""
    return [replace(model, sql=text(model.sql)) if model.name == name else model for model in MODELS]


def test_a_measure_rests_on_its_sql_its_tables_reference_tables_and_extracts():
    parts = part_rows(ENTRIES, MODELS, "a secret").filter(indicator=WITHIN)
    found = set(parts.select("part", "name").iter_rows())
    assert {
        ("sql", WITHIN),
        ("table", "mart_turnaround"),
        ("table", "stg_testing"),
        ("reference", "turnaround_standards"),
        ("extract", "testing"),
        ("extract", "turnaround"),
        ("choices", WITHIN),
        ("words", WITHIN),
    } <= found
    assert ("extract", "workforce") not in found


def test_a_derived_measure_rests_on_what_it_follows_from():
    parts = part_rows(ENTRIES, MODELS, "a secret").filter(indicator=GROWTH)
    assert ("sql", "requests_received") in set(parts.select("part", "name").iter_rows())
    changed = marks(models=with_sql("indicator_requests_received", lambda sql: f"{sql} LIMIT 1"))
    assert changed[GROWTH] != marks()[GROWTH]


@pytest.mark.parametrize("name", [f"indicator_{WITHIN}", "mart_turnaround", "stg_turnaround"])
def test_other_sql_anywhere_on_the_way_is_another_definition(name):
    changed = marks(models=with_sql(name, lambda sql: f"{sql} LIMIT 1"))
    assert changed[WITHIN] != marks()[WITHIN]


def test_a_comment_a_line_break_and_blanks_are_not():
    changed = marks(models=with_sql("mart_turnaround", lambda sql: f"-- More said.\n{sql.replace('    ', '  ')}\n\n"))
    assert changed == marks()


def test_a_literal_is_told_from_a_name():
    first = with_sql("mart_turnaround", lambda _: "SELECT 'a' AS b")
    assert marks(models=first) != marks(models=with_sql("mart_turnaround", lambda _: 'SELECT "a" AS b'))


def test_words_of_an_entry_are_no_other_definition_but_their_part_differs():
    changed = ENTRIES | {WITHIN: ENTRIES[WITHIN].model_copy(update={"title": "Reported in time"})}
    assert marks(changed) == marks()
    assert not part_rows(changed, MODELS, "a secret").equals(part_rows(ENTRIES, MODELS, "a secret"))


def test_choices_of_an_entry_are():
    changed = ENTRIES | {WITHIN: ENTRIES[WITHIN].model_copy(update={"run_in_months": 4})}
    assert [name for name in ENTRIES if marks(changed)[name] != marks()[name]] == [WITHIN]
    assert set(DECIDES_NUMBERS) <= set(Indicator.model_fields)


def test_texts_are_those_of_the_files_and_one_without_an_example_has_none(tmp_path):
    (tmp_path / f"{WITHIN}.yml").write_text("given: {}\n")
    rows = {row[0]: row[1:] for row in definition_rows(ENTRIES, MODELS, tmp_path).iter_rows()}
    sql = next(model.sql for model in MODELS if model.name == f"indicator_{WITHIN}")
    assert rows[WITHIN] == (sql, "given: {}\n")
    assert rows[GROWTH] == (None, None)


def test_an_unpublished_measure_tells_nothing():
    hidden = {WITHIN: ENTRIES[WITHIN].model_copy(update={"published": False})}
    assert definition_rows(hidden, MODELS).is_empty()
    assert set(part_rows(hidden, MODELS, "a secret")["indicator"]) == {""}


def test_the_secret_itself_is_never_a_part():
    parts = part_rows(ENTRIES, MODELS, "its fingerprint").filter(part="rounding")
    assert parts["fingerprint"].to_list() == ["its fingerprint"]
    assert definitions.EXAMPLES.is_dir()


def test_the_manifest_names_one_fingerprint_a_published_measure(small: Published):
    published = {name: entry for name, entry in indicators().items() if entry.published}
    assert set(small.release.manifest["definitions"]) == set(published)
    assert small.release.manifest["definitions"][WITHIN] == marks()[WITHIN]
