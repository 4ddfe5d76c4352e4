"""Draws the sections of the page Ethnicity recording: finding, chart or table, notes, status, download, definition."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ui import audit, ethnicity_download, show, theme, words
from ui.cited_figure_link import cite
from ui.data import Snapshot
from ui.draw_table import draw_table
from ui.ethnicity_sections import Part
from ui.folded import folded

Draw = Callable[[Snapshot, Part], None]


def cite_each(snapshot: Snapshot, shown: Part) -> None:  # noqa: ARG001 - one of several ways to cite
    """The ids of the figures that a section rests on, one after another."""
    cite(show.cited(shown.figures), shown.name)


def part(snapshot: Snapshot, shown: Part, citations: Draw = cite_each, quality: Draw | None = None) -> None:
    """One section with everything that belongs to it.

    citations, quality: draw the ids of its figures, and why its data are graded as they are.
    """
    st.header(shown.title, anchor=shown.name)
    if shown.subtitle:
        st.markdown(f"**{shown.subtitle}**")
    if shown.table is None:
        st.info(shown.summary)
        return
    st.markdown(shown.summary)
    if shown.chart is not None:
        st.plotly_chart(
            shown.chart.figure.plotly(),
            theme=None,
            config=theme.plotly_config(ethnicity_download.file_name(shown).removesuffix(".csv")),
            alt=shown.chart.alt,
            key=f"chart_{shown.name}",
        )
    if shown.is_table:
        _table(shown)
    st.caption("  \n".join([*filter(None, [" ".join(shown.notes)]), show.status_line(shown.figures[0])]))
    citations(snapshot, shown)
    if box := folded("Download" if shown.is_table else "Table and download", f"table_{shown.name}"):
        with box:
            if not shown.is_table:
                _table(shown)
            st.download_button(
                "Download as CSV",
                data=_later(snapshot, shown),
                file_name=ethnicity_download.file_name(shown),
                mime="text/csv",
                on_click="ignore",
                key=f"download_{shown.name}",
            )
            st.markdown(". ".join(f"{mark} {meaning}" for mark, meaning in words.SHORTHAND.items()) + ".")
    if quality is not None:
        quality(snapshot, shown)
    if box := folded("What this measures", f"definition_{shown.name}"):
        with box:
            st.markdown(show.definitions(snapshot, shown.figures))


def _table(shown: Part) -> None:
    assert shown.table is not None
    draw_table(shown.table, shown.title, is_whole=shown.is_table)


def _later(snapshot: Snapshot, shown: Part) -> Callable[[], bytes]:
    """The file is made, and the download recorded, when the button is pressed, not at every run."""
    return audit.on_download(
        snapshot.reader.key,
        shown.figures[0].id,
        snapshot.release.id,
        lambda: ethnicity_download.csv(shown, snapshot.facts.labels, snapshot.release),
    )
