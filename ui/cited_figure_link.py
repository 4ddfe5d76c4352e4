"""How a figure is cited where it stands: its id, which can be copied, and a link that opens it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ui.folded import folded

PAGE = "pages/cited_figure.py"


def cite(ids: Sequence[tuple[str, str]], key: str) -> None:
    """A folded part with a line for each id, as `lines` draws them; nothing where there is nothing to cite."""
    count = sum(1 for _, figure_id in ids if figure_id)
    if count and (box := folded("Cite this figure" if count == 1 else f"Cite these figures ({count})", f"cite_{key}")):
        with box:
            lines(ids, key)


def lines(ids: Sequence[tuple[str, str]], key: str) -> None:
    """A line for each id; one that is empty, since there is nothing to cite, is left out.

    ids: what is cited, in words that go on from "Cite", and its id. key: tells the lines of a page apart.
    """
    for number, (what, figure_id) in enumerate((what, figure_id) for what, figure_id in ids if figure_id):
        label = f"Cite {what}"
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"cite_{key}_{number}"):
            st.page_link(PAGE, label=label, query_params={"id": figure_id}, width="content")
            st.code(figure_id, language=None, wrap_lines=True, width="stretch")
