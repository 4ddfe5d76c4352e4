"""Draws the page Equity summary, and puts it together as one file that prints on A4."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape

import polars as pl
import streamlit as st

from ui import audit, board_paper, equity_summary, gap_scanner, words
from ui import group_gap_words as said
from ui.board_paper import Part as Printed
from ui.data import Snapshot
from ui.draw_table import draw_table
from ui.equity_summary import Part, Reached
from ui.folded import folded
from ui.gap_scanner_show import cite_shares, period
from ui.gap_verdict import MEANS, SHORT
from ui.group_gaps import SCOTLAND, Gaps, compared
from ui.waits_answers_filters import areas

HOW = (
    "A gap is the share of a group less that of the group compared with, pooled over requests that are alike. It is "
    "named only where it is beyond chance (95% limits) and where people of unknown group, whoever they are, could not "
    "have made it. Groups are those recorded, in the words of Scotland's census; SIMD is of areas, not of people. "
    "Certainty: the 95% limits in points, and whether the gap is still called different once all are looked at."
)
#: The list of gaps whose shares are cited: those that the findings name.
CITED = "Beyond chance, taken alone"
FOOTING = "Equity summary. Rounded figures; hidden is not the same as equal"


def choose(snapshot: Snapshot) -> str:
    """Draws the choice of a board to stand beside Scotland and gives its code; empty for none."""
    named = areas(snapshot)
    with st.container(border=True, key="filters"):
        chosen = st.selectbox(
            "Beside Scotland, people who live in", ["", *named],
            format_func=lambda code: named.get(code, code) if code else "No board", key="lives_in", bind="query-params",
            width=300,
        )  # fmt: skip
    return chosen if chosen in named else ""


def draw(snapshot: Snapshot, gaps: Gaps, board: str, reached: Sequence[Reached] = ()) -> None:
    """The summary of Scotland and of the board chosen, and its downloads."""
    st.markdown(f"{gap_scanner.title(gap_scanner.scan(gaps))}. {HOW}")
    for area in filter(None, (SCOTLAND, board)):
        where = said.area(area, snapshot.facts.labels)
        st.header(where, anchor=f"area_{area.lower()}")
        st.markdown(f"**{period(gaps)}. Data to {words.long_date(snapshot.release.data_to)}.**")
        for part in (*equity_summary.parts_of_release(snapshot, area), equity_summary.reach(reached, area)):
            _part(part, where)
    listed = [gap_scanner.chosen(gaps.rows, "", "", area, CITED) for area in filter(None, (SCOTLAND, board))]
    cite_shares(snapshot, gap_scanner.in_list_order(pl.concat(listed), snapshot), "summary")
    if box := folded("What the words stand for", "meanings"):
        with box:
            st.markdown("\n".join(f"- **{SHORT[name]}:** {meaning}" for name, meaning in MEANS.items()))
    if box := folded("What is measured", "measured"):
        with box:
            st.markdown("\n".join(f"- {line}" for line in _measures(snapshot)))
            st.page_link("pages/definitions.py", label="Definitions of all measures")
    name = file_name(snapshot, board)
    st.download_button(
        "Summary to print (HTML, A4)", data=_later(snapshot, gaps, board, reached, name), file_name=name,
        mime="text/html", on_click="ignore", key="download_summary",
        help="Open the file in a browser and print it, or save it as PDF. It needs nothing from outside.",
    )  # fmt: skip


def _part(part: Part, where: str) -> None:
    st.subheader(part.title)
    if part.lines:
        draw_table(part.table, f"{part.title}, {where}", folds=True)
    if part.says:
        st.markdown(part.says)


def file_name(snapshot: Snapshot, board: str) -> str:
    """A name that says what and where."""
    where = re.sub(r"[^a-z0-9]+", "-", said.area(board or SCOTLAND, snapshot.facts.labels).lower()).strip("-")
    return f"{'synthetic-' if snapshot.release.is_synthetic else ''}equity-summary-{where}.html"


def _later(snapshot: Snapshot, gaps: Gaps, board: str, reached: Sequence[Reached], name: str) -> Callable[[], bytes]:
    """The file is made, and the download recorded, when the button is pressed."""
    return audit.on_download(
        snapshot.reader.key, name, snapshot.release.id, lambda: html(snapshot, gaps, board, reached).encode("utf-8")
    )


def html(snapshot: Snapshot, gaps: Gaps, board: str, reached: Sequence[Reached] = ()) -> str:
    """The summary as a file; every text is escaped, since names of places come from data."""
    labels, release = snapshot.facts.labels, snapshot.release
    places = [said.area(area, labels) for area in filter(None, (SCOTLAND, board))]
    title = f"Equity of genomic testing: {words.joined(places)}"
    made_up = '<div class="keep">Synthetic figures, made up to show how this works: do not quote.</div>'
    body = [made_up if release.is_synthetic else "", f"<h1>{escape(title)}</h1>"]
    body.append(f"<p>{escape(period(gaps))}. Data to {escape(words.long_date(release.data_to))}.</p>")
    body.append(f"<p><strong>{escape(gap_scanner.title(gap_scanner.scan(gaps)))}.</strong> {escape(HOW)}</p>")
    for area in filter(None, (SCOTLAND, board)):
        body.append(f"<h2>{escape(said.area(area, labels))}</h2>")
        for part in (*equity_summary.parts(snapshot, gaps, area), equity_summary.reach(reached, area)):
            printed = Printed(part.title, part.says, table=part.table if part.lines else None)
            body.append(board_paper.part_html(printed))
    meanings = [f"{SHORT[name]}: {meaning}" for name, meaning in MEANS.items()]
    body.append(f"<footer><h2>What the words stand for</h2><ul>{board_paper.list_html(meanings)}</ul>")
    about = [gap_scanner.summary(gap_scanner.scan(gaps)), *about_figures(snapshot)]
    body.append(f"<h2>What these figures are</h2><ul>{board_paper.list_html(about)}</ul>")
    body.append(f"<h2>Measures</h2><ul>{board_paper.list_html(_measures(snapshot))}</ul>")
    body.append(f'<p class="small">Release <code>{escape(release.id)}</code></p></footer>')
    return board_paper.document(title, FOOTING, "".join(body))


def about_figures(snapshot: Snapshot) -> list[str]:
    """How figures are protected, a line each."""
    release = snapshot.release
    return [
        f"Counts are rounded to {release.rounded_to}; what stands for under {release.hidden_under} people is hidden.",
        f"Gaps between ethnic groups are withheld where fewer than {release.gaps_need_recorded:.0%} of people have a "
        "recorded group.",
        "Like for like allows for kinds of test, and for laboratories and months where the measure says so; not for "
        "how ill people were or why they were referred.",
        "Ethnic group is that recorded; genetic ancestry is not recorded and cannot be read from it.",
    ]


def _measures(snapshot: Snapshot) -> list[str]:
    return [f"{entry.number} {said.short_title(entry)}: {entry.numerator}." for entry in compared(snapshot).values()]
