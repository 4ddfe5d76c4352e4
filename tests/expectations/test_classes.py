"""Each expectation class passes sound rows, counts bad ones, and says plainly what it cannot judge."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import polars as pl
import pytest

from expectations import domain, groups, lists
from expectations.domain import CountingExpectation
from pipelines.quality.checks import Check
from tests.expectations.checking import check, page
from tests.expectations.examples import EXAMPLES, Example, Rows, frame

every_class = pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)


def found(example: Example, rows: pl.DataFrame) -> Check:
    (one,) = check(rows, example.make(), **{name: pl.DataFrame(other) for name, other in example.others.items()})
    return one


def test_every_class_has_an_example() -> None:
    def classes(base: type[CountingExpectation]) -> Iterator[type[CountingExpectation]]:
        for one in base.__subclasses__():
            yield one
            yield from classes(one)

    modules = {module.__name__ for module in (domain, groups, lists)}
    named = {one.__name__ for one in classes(CountingExpectation) if one.__module__ in modules}
    assert named - {"GroupsExpectation"} == EXAMPLES.keys()


@every_class
def test_sound_rows_pass(example: Example) -> None:
    one = found(example, pl.DataFrame(example.sound))
    assert (one.status, one.rows_failing) == ("pass", 0)
    assert one.parts == ()


@every_class
def test_bad_rows_are_counted_with_what_was_checked(example: Example) -> None:
    one = found(example, frame(example.bad, example.sound))
    assert (one.status, one.rows_checked, one.rows_failing) == ("warn", example.checked, example.failing)


@every_class
def test_as_many_as_are_allowed_pass(example: Example) -> None:
    assert found(example, frame(example.edge, example.sound)).status == "pass"


@every_class
def test_an_empty_table_is_not_applicable(example: Example) -> None:
    one = found(example, pl.DataFrame(example.sound).clear())
    expected = "pass" if example.make().__class__.__name__ == "ExpectFewReturned" else "not_applicable"
    assert one.status == expected


@every_class
def test_a_missing_column_is_an_error_that_names_it(example: Example) -> None:
    left = pl.DataFrame(example.sound).with_columns(another=1).drop(example.column)
    one = found(example, left)
    assert one.status == "error"
    assert example.column in str(one.error)


@every_class
def test_a_column_without_any_value_has_a_clear_answer(example: Example) -> None:
    sound = pl.DataFrame(example.sound)
    blank = sound.with_columns(pl.lit(None, dtype=sound.schema[example.column]).alias(example.column))
    assert found(example, blank).status == example.all_null


@every_class
@pytest.mark.parametrize("rows", ["sound", "bad"])
def test_data_docs_show_the_sentence_and_the_counts(example: Example, rows: str) -> None:
    told: Rows = getattr(example, rows)
    one = found(example, frame(told, example.sound))
    others = {name: pl.DataFrame(other) for name, other in example.others.items()}
    text = words(page(frame(told, example.sound), example.make(), **others))
    assert one.sentence in text
    assert f"{one.rows_failing} of {one.rows_checked} {one.counted} (" in text
    assert ("To do: Mend the row." in text) == (one.status == "warn")
    assert "SELECT" not in text


def test_data_docs_show_a_share_in_percent() -> None:
    rows = pl.DataFrame({"days": [-1] + [0] * 2_999})
    rare = domain.ExpectNoRows(
        condition="days < 0", says="None.", at_most=0.5, severity="warning", meta=EXAMPLES["ExpectNoRows"].make().meta
    )
    assert "1 of 3,000 rows (0.0333%)" in words(page(rows, rare))


def test_data_docs_tell_where_nothing_was_checked_and_where_nothing_could_be() -> None:
    none = EXAMPLES["ExpectNoRows"].make()
    assert "There were no rows to check." in words(page(pl.DataFrame({"days": []}, schema={"days": pl.Int64}), none))
    assert "Could not be checked." in words(page(pl.DataFrame({"other": [1]}), none))


def test_data_docs_keep_the_words_of_a_count_that_was_taken_out() -> None:
    none = EXAMPLES["ExpectNoRows"].make()
    shown = page(pl.DataFrame({"days": [-1, 0]}), none, change={"unexpected_count": "under 10", "element_count": 20})
    assert "under 10 of 20 rows" in words(shown)


def words(document: str) -> str:
    """The text of a page, its markup and the spaces that it left taken out."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", "", document)))
