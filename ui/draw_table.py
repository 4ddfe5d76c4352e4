"""The one way to draw a table of text: as a table where it fits a phone, folding into cards where it does not."""

from __future__ import annotations

import polars as pl
import streamlit as st

from ui import folding_table
from ui.literal import literal

#: More columns than these are cut off at the width of a phone.
MOST_COLUMNS = 5

#: A table of more rows than these scrolls within the page.
TALL = 16


def draw_table(
    frame: pl.DataFrame,
    title: str,
    *,
    folds: bool = False,
    named_by: int = 1,
    is_literal: bool = False,
    is_whole: bool = False,
) -> None:
    """Draw a frame of text. A table of few columns reads Markdown; a wide one folds, and shows text as it is.

    title: what it is, for a reader who hears it. folds: into cards on a narrow screen, however few its columns.
    named_by: how many of the first columns name a row, and head its card. is_literal: no cell is read as Markdown.
    is_whole: all rows are seen at once, however many.
    """
    is_tall = frame.height > TALL and not is_whole
    if folds or frame.width > MOST_COLUMNS:
        st.html(folding_table.html(frame, title, named_by=named_by, is_tall=is_tall))
        return
    if is_literal:
        frame = frame.with_columns(pl.all().map_elements(literal, pl.String))
    st.table(frame, height=folding_table.TALL_PIXELS if is_tall else "content", hide_index=True, alt=title)
