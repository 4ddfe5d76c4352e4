"""ui/draw_table.py: what fits a phone is drawn as a table, and what does not folds into cards."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from catalogue.contracts import ROOT


def script(columns: int, rows: int = 1, **how: object) -> None:
    import polars as pl

    from ui.draw_table import draw_table

    draw_table(pl.DataFrame({f"Heading {place}": ["*text*"] * rows for place in range(columns)}), "The title", **how)


def drawn(columns: int, rows: int = 1, **how: object) -> AppTest:
    app = AppTest.from_function(script, args=(columns, rows), kwargs=how).run()
    assert not app.exception
    return app


def test_five_columns_stay_a_table_and_six_fold():
    assert len(drawn(5).table) == 1
    assert not drawn(6).table
    assert 'class="gm-fold"' in drawn(6).get("html")[0].value


def test_few_columns_fold_where_that_is_asked_for():
    assert not drawn(2, folds=True).table


def test_a_table_that_folds_shows_marks_of_markdown_as_they_are_and_so_does_a_literal_one():
    assert "*text*</td>" in drawn(6).get("html")[0].value
    assert drawn(2).table[0].value.iloc[0, 0] == "*text*"
    assert drawn(2, is_literal=True).table[0].value.iloc[0, 0] == r"\*text\*"
    assert "*text*</td>" in drawn(6, is_literal=True).get("html")[0].value


def test_many_rows_scroll_in_a_box_unless_the_whole_is_to_be_seen():
    assert "gm-fold tall" not in drawn(6, rows=16).get("html")[0].value
    assert "gm-fold tall" in drawn(6, rows=17).get("html")[0].value
    assert "gm-fold tall" not in drawn(6, rows=17, is_whole=True).get("html")[0].value


def test_no_page_draws_a_table_in_another_way():
    files = [path for folder in ("ui", "pages") for path in (ROOT / folder).glob("*.py")]
    ways = ("st.table(", "st.dataframe(", "folding_table.html(")
    assert {path.name for path in files if any(way in path.read_text() for way in ways)} == {"draw_table.py"}
