"""Draws the page Glossary: a field to look for a word, and the terms with their meanings."""

from __future__ import annotations

import polars as pl
import streamlit as st

from ui import glossary, words
from ui.draw_table import draw_table

LONGEST = 80


def draw() -> None:
    """The terms that hold what is looked for, all of them where nothing is."""
    text = st.text_input(
        "Search",
        key=glossary.WORD,
        bind="query-params",
        max_chars=LONGEST,
        placeholder="a word, or a part of one",
    )
    every, found = words.glossary(), glossary.found(text or "")
    if not every:
        st.header("The glossary is not part of this installation", anchor="terms")
        st.info("It is `docs/glossary.md`, which belongs to every copy of the dashboard.")
        return
    st.header(_title(len(found), len(every)), anchor="terms")
    if not found:
        st.info("No term holds all of these words. Try fewer of them, or a part of one.")
        return
    frame = pl.DataFrame({"Term": list(found), "Meaning": list(found.values())})
    draw_table(frame, "Terms and their meanings", folds=True)


def _title(found: int, every: int) -> str:
    if found == every:
        return f"{every} terms"
    return f"{found or 'None'} of {every} terms {'holds' if found < 2 else 'hold'} what you look for"
