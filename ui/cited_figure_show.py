"""Draws the page Cited figure: the id, the figure as chart and table, its exact file, and how to check it."""

from __future__ import annotations

from typing import NoReturn

import polars as pl
import streamlit as st

from catalogue.citations import LONGEST
from ui import audit, quotable, show, tables, theme, words
from ui.cited_figure import CitedFigure, NoFigureError, find
from ui.data import Snapshot
from ui.draw_table import draw_table
from ui.figure import Release
from ui.guard import synthetic_banner

#: The name of the id in the address of the page, `/cited_figure?id=…`, so it is never renamed.
ID = "id"

#: The most rows of a table of data on the page; the file has all.
MOST_ROWS = 100


def choose() -> str:
    """Draws the field for an id and gives what is in it; it lets in one character too many, so that such is refused."""
    return (
        st.text_input(
            "Figure id",
            key=ID,
            bind="query-params",
            max_chars=LONGEST + 1,
            placeholder="release/indicator/cube/codes/grain/from..to",
        )
        or ""
    )


def draw(current: Snapshot, text: str) -> None:
    """The figure that an id names, or why there is none, or how to cite where no id is given."""
    if not text.strip():
        how()
        return
    try:
        cited = find(current, text)
    except NoFigureError as problem:
        refused(problem)
    st.header(cited.title, anchor="figure")
    st.markdown(f"**{cited.subtitle}**")
    _whose(cited, current)
    st.markdown(cited.summary)
    _quote(cited)
    _picture(cited)
    _file(cited)
    if cited.figure is not None:
        with st.expander("What this measures", type="compact"):
            st.markdown(show.definition(cited.snapshot, cited.figure))


def how() -> None:
    """What the page is for, where no id is given."""
    st.info(
        "Every figure of this dashboard has an id, beside it and in each download. Paste one above to see the figure "
        "again as its release had it, also after later releases."
    )


def refused(problem: NoFigureError) -> NoReturn:
    """Why an id leads to nothing; nothing of what was asked for is repeated."""
    st.header(problem.title, anchor="refused")
    st.error(str(problem))
    st.stop()


def _whose(cited: CitedFigure, current: Snapshot) -> None:
    """From which release, whether that is the newest, and the way to the newest."""
    own, served = cited.snapshot.release, current.release
    made, other = _made(own, served), _made(served, own)
    if own.id == served.id:
        st.markdown(f"From the release of {made}, the newest.")
        return
    if own.is_synthetic and not served.is_synthetic:
        synthetic_banner()
    is_older = own.created_at is None or served.created_at is None or own.created_at <= served.created_at
    why = (
        f"which is not the newest: that is of {other}" if is_older else f"which is no longer served; that of {other} is"
    )
    st.warning(f"**From the release of {made}, {why}.** The figure may have changed since.")
    if cited.newest:
        st.button("Show the newest figure", on_click=_open, args=(cited.newest,), key="newest")
    else:
        st.markdown("The newest release has no such figure.")


def _made(release: Release, other: Release) -> str:
    """When a release was made; of two of the same day, the time of day too."""
    at = release.created_at
    if at is None:
        return "an unknown day"
    same_day = other.id != release.id and other.created_at is not None and other.created_at.date() == at.date()
    return f"{words.long_date(at.date())}{f', {at:%H:%M} UTC' if same_day else ''}"


def _open(figure_id: str) -> None:
    st.session_state[ID] = figure_id


def _quote(cited: CitedFigure) -> None:
    """The figure as a paragraph to paste, where it has one value that is shown."""
    if told := quotable.paragraph(cited):
        with st.expander(
            "To quote: a paragraph with value, period, definition, caveat, quality and id", type="compact"
        ):
            st.code(told, language=None, wrap_lines=True)


def _picture(cited: CitedFigure) -> None:
    if cited.chart is not None:
        st.plotly_chart(
            cited.chart.figure.plotly(),
            theme=None,
            config=theme.plotly_config(cited.file_name.removesuffix(".csv")),
            alt=cited.chart.alt,
            key="chart_cited",
        )
    if cited.note:
        st.caption(cited.note)
    if cited.figure is not None:
        st.caption(show.status_line(cited.figure))
        draw_table(
            tables.table(cited.figure, cited.labels or {}, cited.column),
            cited.title,
            named_by=tables.named_by(cited.figure),
        )
        st.caption(". ".join(f"{mark} {meaning}" for mark, meaning in words.SHORTHAND.items()) + ".")
    elif cited.rows is not None:
        if cited.rows.height > MOST_ROWS:
            st.markdown(f"The first {MOST_ROWS} of {words.number(cited.rows.height)} rows; the file has them all.")
        draw_table(_as_text(cited.rows.head(MOST_ROWS)), cited.title)


def _as_text(rows: pl.DataFrame) -> pl.DataFrame:
    """Every value as text, lists joined, so that nothing is read as a formula or as marks of the screen."""
    lists = [name for name, kind in rows.schema.items() if kind == pl.List(pl.String)]
    return rows.with_columns(pl.col(name).list.join("; ") for name in lists).with_columns(
        pl.all().cast(pl.String).fill_null("")
    )


def _file(cited: CitedFigure) -> None:
    st.subheader("The exact file", anchor="file")
    st.download_button(
        "Download the cited file (CSV)",
        data=audit.on_download(
            cited.snapshot.reader.key, cited.citation.id, cited.snapshot.release.id, lambda: cited.content
        ),
        file_name=cited.file_name,
        mime="text/csv",
        on_click="ignore",
        key="download_cited",
    )
    st.markdown("SHA-256 of the file. Whoever holds the same file holds the same figure.")
    st.code(cited.fingerprint, language=None, wrap_lines=True)
    st.markdown("To make the file again, or check it, where the releases are kept:")
    st.code(
        f"python -m pipelines figure '{cited.citation.id}'\n"
        f"python -m pipelines figure '{cited.citation.id}' --check {cited.fingerprint}",
        language=None,
        wrap_lines=True,
    )
