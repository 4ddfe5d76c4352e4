"""Draws what the page Outcomes has beside its sections: all outcomes at once, and the strata of the yield."""

from __future__ import annotations

import streamlit as st

from ui import outcomes, show, words
from ui.cited_figure_link import cite
from ui.data import Snapshot
from ui.draw_table import draw_table
from ui.outcomes_filters import Choice
from ui.section import Section


def overview(snapshot: Snapshot, choice: Choice) -> None:
    """Every share at once with period, interval and quality; each is defined in its own section below."""
    found = outcomes.overview(snapshot, choice)
    shown = found.section
    st.header(shown.title, anchor=shown.name)
    if shown.table is None:
        st.info(shown.summary)
        return
    st.markdown(f"**{shown.subtitle}**\n\n{shown.summary}")
    draw_table(shown.table, "What came of tests, at once", folds=True)
    st.caption(f"Data to {words.long_date(snapshot.release.data_to)}. Each is drawn and defined in its section below.")
    cite(found.cited, "overview")


def section(snapshot: Snapshot, shown: Section) -> None:
    """One section; below the yield its strata stand as a table, since they are the finding."""
    show.section(snapshot, shown)
    table = outcomes.yield_table(shown) if shown.name == "yield" else None
    if table is not None:
        draw_table(table, "Diagnostic yield by technology", folds=True)
