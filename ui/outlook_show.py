"""Draws the sections of the page Outlook: finding, tiles, chart, notes, status, table, download, what it measures."""

from __future__ import annotations

import re
from collections.abc import Callable

import polars as pl
import streamlit as st

from ui import audit, download, outlook_measures, outlook_words, show, theme, words
from ui.cited_figure_link import cite
from ui.data import Snapshot
from ui.draw_table import draw_table
from ui.figure import Release
from ui.folded import folded
from ui.outlook_sections import Part


def late(snapshot: Snapshot) -> None:
    """Which laboratories' queues are older than the rest, where there are any."""
    names = outlook_measures.older_queues(snapshot)
    if names:
        st.warning(outlook_words.late(names))


def part(snapshot: Snapshot, shown: Part, page: str = "outlook") -> None:
    """One section with everything that belongs to it; page: what its downloads are named and recorded by."""
    st.header(shown.title, anchor=shown.name)
    if shown.subtitle:
        st.markdown(f"**{shown.subtitle}**")
    if shown.table is None:
        st.info(shown.summary)
    else:
        st.markdown(shown.summary)
    _tiles(shown)
    if shown.chart is not None:
        st.plotly_chart(
            shown.chart.figure.plotly(),
            theme=None,
            config=theme.plotly_config(file_name(shown, snapshot.release, page).removesuffix(".csv")),
            alt=shown.chart.alt,
            key=f"chart_{shown.name}",
        )
    if shown.cards:
        st.html(shown.cards)
    status = [show.status_line(shown.figures[0])] if shown.figures else []
    if lines := [*filter(None, [" ".join(shown.notes)]), *status]:
        st.caption("  \n".join(lines))
    if shown.figures:
        cite([(f"what it rests on: {what}", figure_id) for what, figure_id in _rests_on(shown)], shown.name)
    _table(snapshot, shown, page)
    label = "How this is worked out, and what it rests on"
    if (shown.about or shown.figures) and (box := folded(label, f"about_{shown.name}")):
        box.markdown("\n\n".join(filter(None, [shown.about, show.definitions(snapshot, shown.figures)])))


def _rests_on(shown: Part) -> list[tuple[str, str]]:
    told = [figure.entry.title for figure in shown.figures]
    return [
        (words.lower_first(show.named(figure) if told.count(title) > 1 else title), figure.id)
        for title, figure in zip(told, shown.figures, strict=True)
    ]


def _tiles(shown: Part) -> None:
    if not shown.tiles:
        return
    for column, (label, value, beside) in zip(st.columns(len(shown.tiles)), shown.tiles, strict=True):
        with column, st.container(border=True, height="stretch"):
            st.metric(f"**{label}**", value)
            st.markdown(beside)


def _table(snapshot: Snapshot, shown: Part, page: str) -> None:
    if shown.table is None or shown.data is None:
        return
    if box := folded("Table and download", f"table_{shown.name}"):
        with box:
            draw_table(shown.table, shown.title, named_by=shown.named_by)
            st.download_button(
                "Download as CSV",
                data=_later(snapshot, shown, page),
                file_name=file_name(shown, snapshot.release, page),
                mime="text/csv",
                on_click="ignore",
                key=f"download_{shown.name}",
            )
            st.markdown(". ".join(f"{mark} {meaning}" for mark, meaning in words.SHORTHAND.items()) + ".")


def file_name(shown: Part, release: Release, page: str = "outlook") -> str:
    """A name that says what and whether it is made up."""
    made_up = "synthetic-" if release.is_synthetic else ""
    return f"{made_up}{page}-{re.sub(r'[^a-z0-9]+', '-', shown.name)}.csv"


def csv(shown: Part, release: Release) -> bytes:
    """The section as CSV: its numbers, the shorthand where one is not shown, and what a reader quotes the row by."""
    assert shown.data is not None
    data = shown.data
    mark = (
        pl.col("state").replace_strict(words.MARK, default="", return_dtype=pl.String)
        if "state" in data.columns
        else pl.lit("")
    )
    numbers = [name for name, kind in data.schema.items() if kind.is_numeric()]
    marked = data.with_columns(pl.col(name).cast(pl.String).fill_null(mark) for name in numbers).with_columns(
        measure=pl.lit(shown.title),
        data_to=pl.lit(release.data_to.isoformat() if release.data_to else ""),
        release=pl.lit(release.id),
        note=pl.lit("synthetic, not for quotation" if release.is_synthetic else ""),
        rests_on=pl.lit(" ".join(figure.id for figure in shown.figures)),
    )
    return download.neutral(marked).write_csv(include_bom=True).encode("utf-8")


def _later(snapshot: Snapshot, shown: Part, page: str) -> Callable[[], bytes]:
    """The file is made, and the download recorded, when the button is pressed, not at every run."""
    release = snapshot.release
    return audit.on_download(snapshot.reader.key, f"{page}/{shown.name}", release.id, lambda: csv(shown, release))
