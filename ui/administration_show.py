"""Draws the page Administration: whether the trail is whole, what was looked at and refused, and the releases."""

from __future__ import annotations

import datetime as dt

import polars as pl
import streamlit as st

from ui import administration_charts, audit, theme
from ui import administration_words as say
from ui.draw_table import draw_table
from ui.manifests import HeldRelease
from ui.trail_check import Seen

#: The page reads so many days: the command reads the whole trail.
DAYS = 90

#: Of so many of the newest releases the page says what was done for disclosure control.
DISCLOSURES = 5

#: Reads the whole trail and says what was done to it.
COMMAND = "python -m pipelines audit"


def nothing_recorded() -> None:
    """No trail yet."""
    st.header("Nothing has been recorded yet", anchor="trail")
    st.info(
        "The audit trail begins with the first page that somebody opens. If this stays so although pages are looked "
        "at, the folder `audit` of the data folder cannot be written: the log says why."
    )


def chain(seen: Seen) -> None:
    """Whether the trail is whole, what was mended, and the hash to keep elsewhere."""
    title, told = say.about_chain(seen, DAYS)
    st.header(title, anchor="trail")
    if seen.problem:
        st.error(f"{told} Records that cannot be trusted may be among the counts below.")
        st.markdown(
            "Leave the folder `audit` as it is, make a copy of it, and have somebody who looks after the server run "
            "this: it reads the whole trail and says what was done to it."
        )
        st.code(COMMAND, language="bash")
    else:
        st.success(told)
    if audit.missed():
        st.warning(f"{audit.missed():,} records could not be written lately: the disk is full or the folder is closed.")
    if lines := say.mended(seen):
        st.markdown("**What the trail says of itself**\n" + "\n".join(f"- {line}" for line in lines))
    if not seen.problem:
        _to_keep(seen)


def _to_keep(seen: Seen) -> None:
    with st.expander("Keep this hash elsewhere", type="compact"):
        st.markdown(
            f"Whoever can write the trail's files could also write them all anew. The hash of record {seen.number:,}, "
            "kept on another machine, would show it. The log names the newest hash every 100 records."
        )
        st.code(f"{COMMAND} --head {seen.hash}", language="bash", wrap_lines=True)


def use(seen: Seen, today: dt.date) -> None:
    """Views, downloads and refused attempts by day."""
    title, told = say.about_use(seen, DAYS)
    st.header(title, anchor="use")
    if not seen.readers:
        st.info(told)
        return
    st.markdown(told)
    chart = administration_charts.by_day(seen, today)
    st.plotly_chart(
        chart.figure.plotly(), theme=None, config=theme.plotly_config("audit-by-day"), alt=chart.alt, key="chart_use"
    )
    st.caption(
        "A view is a page with a choice of filters, recorded once until another is chosen. Readers are told apart by "
        "codes, never by name. Days are those of Coordinated Universal Time (UTC)."
    )
    with st.expander("Table", type="compact"):
        _table(say.by_day(seen), "Records by day, the newest day first")


def refused(seen: Seen) -> None:
    """The newest refused attempts, each with its reason."""
    rows = say.refused(seen)
    if rows.is_empty():
        st.header("No attempt was refused", anchor="refused")
        st.markdown(f"Nobody was turned away in the last {DAYS} days.")
        return
    total = say.counted(seen, "refused")
    st.header("1 attempt was refused" if total == 1 else f"{total:,} attempts were refused", anchor="refused")
    shown = "All of them" if rows.height == total else f"The newest {rows.height}"
    st.markdown(f"{shown}, the newest first; from the last {DAYS} days.")
    st.caption("“nobody” is somebody of whom nothing is known: not signed in, or with a sign-in that is not accepted.")
    _table(rows, "Refused attempts, the newest first")


def releases(held: tuple[HeldRelease, ...]) -> None:
    """The releases that are kept, and what their manifests say."""
    st.header(say.about_releases(held) if held else "No release is kept", anchor="releases")
    if not held:
        st.info("There is no release in the data folder that may be listed here.")
        return
    if any(not release.is_readable for release in held):
        st.warning("A release below cannot be read. `python -m pipelines verify` says what is wrong with it.")
    _table(say.releases(held), "Releases, the newest first")
    for release in held[:DISCLOSURES]:
        with st.expander(f"Disclosure control of {release.id}", type="compact"):
            st.markdown("\n".join(f"- {line}" for line in say.disclosure(release)))


def _table(rows: pl.DataFrame, alt: str) -> None:
    draw_table(rows, alt, is_literal=True)
