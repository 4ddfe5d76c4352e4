"""A table that folds keeps every heading with its cell, and no text of its cells is run."""

from __future__ import annotations

import polars as pl

from ui.folding_table import html


def test_each_cell_has_its_heading_and_each_row_its_name():
    text = html(pl.DataFrame({"Finding": ["Lower"], "Size": ["9.4"]}), "Findings")
    assert '<th role="rowheader" scope="row">Lower</th><td role="cell" data-head="Size">9.4</td>' in text
    assert "<caption>Findings</caption>" in text


def test_texts_are_escaped():
    text = html(pl.DataFrame({"<b>": ["<script>x</script>"], "a": ['"><i>']}), "<u>")
    assert "<script>x" not in text
    assert '"><i>' not in text
    assert "<u>" not in text


def test_a_row_may_be_named_by_two_columns_which_then_have_no_heading_beside_them():
    text = html(pl.DataFrame({"Period": ["2026"], "Group": ["NIPT"], "Share": ["95%"]}), "Shares", named_by=2)
    assert '<th role="rowheader" scope="row">2026</th><th role="rowheader" scope="row">NIPT</th><td' in text
    assert text.count("data-head=") == 1


def test_a_tall_table_scrolls_in_a_box_that_the_keyboard_reaches():
    short, tall = (html(pl.DataFrame({"a": ["x"]}), "Rows", is_tall=is_tall) for is_tall in (False, True))
    assert 'tabindex="0"' not in short
    assert 'tabindex="0" role="region" aria-label="Rows"' in tall
