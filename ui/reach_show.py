"""Draws the sections of the page Who is reached: finding, chart or table, notes, status, citation, download."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from catalogue.dimensions import dimensions
from ui import audit, ethnicity_download, show, theme, words
from ui.cited_figure_link import cite
from ui.data import Snapshot
from ui.ethnicity_sections import Part
from ui.figure import Figure
from ui.show import TALL, TALL_PIXELS

#: More ids than this are folded.
MANY = 2


def part(snapshot: Snapshot, shown: Part) -> None:
    """One section with everything that belongs to it."""
    st.header(shown.title, anchor=shown.name)
    if shown.subtitle:
        st.markdown(f"**{shown.subtitle}**")
    if shown.table is None:
        st.info(shown.summary)
        return
    st.markdown(shown.summary)
    if shown.chart is not None:
        st.plotly_chart(
            shown.chart.figure,
            theme=None,
            config=theme.plotly_config(ethnicity_download.file_name(shown).removesuffix(".csv")),
            alt=shown.chart.alt,
            key=f"chart_{shown.name}",
        )
    if shown.is_table:
        _table(shown)
    st.caption("  \n".join([*filter(None, [" ".join(shown.notes)]), show.status_line(shown.figures[0])]))
    _citations(snapshot, shown)
    with st.expander("Download" if shown.is_table else "Table and download", type="compact"):
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
    quality = shown.figures[0].quality
    if quality is not None:
        with st.expander("Data quality: why, and what to do", type="compact"):
            st.markdown(words.why_graded(quality, shown.figures[0].release.how_graded))
    with st.expander("What this measures", type="compact"):
        entries = {figure.entry.id: figure for figure in shown.figures}
        st.markdown("\n\n".join(show.definition(snapshot, figure) for figure in entries.values()))


def _citations(snapshot: Snapshot, shown: Part) -> None:
    """The ids of the figures that a section rests on, folded where they are many."""
    if len(shown.figures) <= MANY:
        cite([(name, each) for name, each in named(snapshot, shown.figures) if each], shown.name)
        return
    with st.expander(f"Cite these figures ({len(shown.figures)})", type="compact"):
        cite(named(snapshot, shown.figures), shown.name)


def named(snapshot: Snapshot, figures: tuple[Figure, ...]) -> list[tuple[str, str]]:
    """What each figure is, in words, with its id: its measure, what is held, and what stands side by side."""
    if len(figures) == 1:
        return show.cited(figures)
    found = []
    for figure in figures:
        held = [snapshot.label(name, code) for name, code in figure.query.fixed]
        spread = figure.query.spread
        beside = [f"by {words.lower_first(dimensions()[spread].label)}"] if spread else []
        found.append((words.lower_first(", ".join([figure.entry.title, *held, *beside])), figure.id))
    return found


def _table(shown: Part) -> None:
    assert shown.table is not None
    tall = shown.table.height > TALL and not shown.is_table
    st.table(shown.table, height=TALL_PIXELS if tall else "content", hide_index=True, alt=shown.title)


def _later(snapshot: Snapshot, shown: Part) -> Callable[[], bytes]:
    """The file is made, and the download recorded, when the button is pressed, not at every run."""
    return audit.on_download(
        snapshot.reader.key,
        shown.figures[0].id,
        snapshot.release.id,
        lambda: ethnicity_download.csv(shown, snapshot.facts.labels, snapshot.release),
    )
