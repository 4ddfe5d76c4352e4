"""Draws the parts of My board: both sides, categories, the oldest, specialties, tests, and boards that are like it."""

from __future__ import annotations

import polars as pl
import streamlit as st

from ui import charts, my_board_parts_words, show, theme, words
from ui import download as downloads
from ui.cited_figure_link import cite
from ui.data import OwnBoard, Snapshot
from ui.draw_table import draw_table
from ui.figure import Query
from ui.figures import ask
from ui.folded import folded
from ui.guard import Context
from ui.my_board import View
from ui.my_board_like import DIMENSION, MEASURES, WITHIN, Beside, beside
from ui.my_board_parts import is_provisional, year_of
from ui.my_board_show import Worked, download, draw_chart, twin

#: The sections of the page, by anchor, as the list at its head names them.
CONTENTS = {
    "now": "What is open and overdue",
    "sides": "Our residents and our requesters",
    "categories": "By turnaround category",
    "stuck": "Where it waits",
    "oldest": "Oldest open requests",
    "within": "Within standard by month",
    "overdue": "Overdue by month",
    "breaches": "Days between missed due dates",
    "specialties": "By specialty",
    "tests": "By test",
    "like": "Beside Scotland and boards like ours",
    "work": "Work list",
}


def contents() -> None:
    """Links to the sections, since the page is long."""
    st.markdown("On this page: " + ", ".join(f"[{label}](#{anchor})" for anchor, label in CONTENTS.items()) + ".")


def trust(context: Context, board: OwnBoard, view: View) -> None:
    """The quality of the data behind the page, and the way to the definitions."""
    st.caption("  \n".join(grades(context.snapshot, board, view)))
    st.page_link("pages/definitions.py", label="What these measures count: Definitions")


def grades(snapshot: Snapshot, board: OwnBoard, view: View) -> list[str]:
    """The quality grade of the board's newest month, of the measures that the page follows, a line a grade."""
    asked = (ask(snapshot, Query(name, "month", ((DIMENSION[view.side], board.code),))) for name in MEASURES)
    found: dict[str, list[str]] = {}
    for figure in filter(None, asked):
        found.setdefault(words.quality_of(figure), []).append(words.lower_first(figure.entry.title))
    return [f"{said.removesuffix('.')}: {words.joined(titles)}." for said, titles in found.items()]


def span_of(board: OwnBoard) -> str:
    """The months that the shares of parts cover, in words."""
    return my_board_parts_words.year(year_of(board))


def target_of(snapshot: Snapshot) -> float | None:
    """The line that shares within standard are judged by."""
    entry = snapshot.indicator(WITHIN)
    return entry.target.value / 100 if entry and entry.target and entry.target.unit == "percent" else None


def about_line(snapshot: Snapshot) -> str:
    """What that line is."""
    entry = snapshot.indicator(WITHIN)
    return words.about_target(entry) if entry else ""


def sides(board: OwnBoard, shown: Worked) -> None:
    """Requests of residents and of requesters, one below the other."""
    title, says = my_board_parts_words.sides(shown.sides)
    st.header(title, anchor="sides")
    draw_table(my_board_parts_words.table_of_sides(shown.sides, span_of(board)), title)
    st.caption(f"{says} {_provisional(board)}".strip())


def _provisional(board: OwnBoard) -> str:
    return "The newest month is provisional: late reports may change it." if is_provisional(board) else ""


def categories(snapshot: Snapshot, board: OwnBoard, name: str, shown: Worked) -> None:
    """Every turnaround category against the line, with what is open and overdue now."""
    names = snapshot.facts.labels.get("turnaround_category", {})
    target = target_of(snapshot)
    title, says = my_board_parts_words.categories(shown.categories, names, target, span_of(board))
    st.header(title, anchor="categories")
    st.markdown(says)
    if shown.categories.filter(state="shown").height:
        chart = charts.side_by_side(
            shown.categories.filter(state="shown"), list(names.items()), axis="Reported within standard",
            say=my_board_parts_words.say_category, alt=f"{title}. {says} Every value is in the table below the chart.",
            target=target, target_label=f"{target:.0%} line" if target else "",
        )  # fmt: skip
        draw_chart(snapshot, name, "categories", chart)
        st.caption(
            "Lines are 95% intervals (Wilson): they say how far chance alone could move a share. "
            f"{_provisional(board)} {about_line(snapshot)} A category that is chosen above is passed over here."
        )
    if shown.categories.height:
        twin("By category: table", my_board_parts_words.table_of_categories(shown.categories, names), alt=title)


def oldest(snapshot: Snapshot, shown: Worked) -> None:
    """The open requests that were received first."""
    labels = snapshot.facts.labels
    labs, names = labels.get("performing_lab", {}), labels.get("turnaround_category", {})
    title, says = my_board_parts_words.oldest(shown.oldest, labs)
    st.header(title, anchor="oldest")
    st.markdown(says)
    if shown.oldest.height:
        draw_table(my_board_parts_words.table_of_oldest(shown.oldest, labs, names), title, is_whole=True)


def specialties(context: Context, board: OwnBoard, view: View, shown: Worked) -> None:
    """What each specialty sent, and how much of it was not accepted at first."""
    names = context.snapshot.facts.labels.get("referrer_specialty", {})
    title, says = my_board_parts_words.specialties(shown.specialties, names)
    _group(context, board, view, "specialties", "Specialty", title, says, shown.specialties)


def tests(context: Context, board: OwnBoard, view: View, shown: Worked) -> None:
    """The tests whose results are late most often."""
    title, says = my_board_parts_words.tests(shown.tests)
    _group(context, board, view, "tests", "Test", title, says, shown.tests)


def _group(
    context: Context, board: OwnBoard, view: View, key: str, what: str, title: str, says: str, rows: pl.DataFrame
) -> None:
    st.header(title, anchor=key)
    span = span_of(board)
    whole = (
        " They are of all categories and laboratories, whatever is chosen above." if view.category or view.lab else ""
    )
    st.markdown(f"**Requests sent or due in the {span}.**{whole} {says}")
    if rows.is_empty():
        return
    names = context.snapshot.facts.labels.get("referrer_specialty", {}) if what == "Specialty" else {}
    few = my_board_parts_words.FEW_NAMED if what == "Specialty" else my_board_parts_words.FEW_TESTS
    if box := folded(f"By {what.lower()}: table and download", f"table_{key}"):
        with box:
            draw_table(my_board_parts_words.table_of_groups(rows, names, what), title)
            st.markdown(
                "Sent: received in these months, whatever became of it. Not accepted at first: returned, queried or "
                "rejected, of those where that was written down. Due and late: by due date, as in the published "
                f"measure. {my_board_parts_words.CLEAR} {few}"
            )
            download(context, board, view, key, rows)


def like(context: Context, board: OwnBoard, view: View) -> Beside:
    """The board beside Scotland and the boards that are like it, by published figures."""
    snapshot = context.snapshot
    found = beside(snapshot, board, view)
    title, says = my_board_parts_words.like(found)
    st.header(title, anchor="like")
    st.markdown(says)
    if WITHIN not in found.cells:
        return found
    target = target_of(snapshot)
    chart = charts.side_by_side(
        found.cells[WITHIN], list(found.places), axis="Reported within standard", say=my_board_parts_words.say_like,
        alt=f"{title}. {says} Every value is in the table below the chart.", target=target,
        target_label=f"{target:.0%} line" if target else "", highlight=found.own,
    )  # fmt: skip
    figure = found.figures[WITHIN]
    name = downloads.file_name(figure).removesuffix(".csv")
    st.plotly_chart(
        chart.figure.plotly(), theme=None, config=theme.plotly_config(name), alt=chart.alt, key="chart_like"
    )
    st.caption(
        f"Lines are 95% intervals (Wilson). Your board is drawn as a diamond. {periods(found)} "
        f"{show.status_line(figure)}"
    )
    cite([(words.lower_first(one.entry.title), one.id) for one in found.figures.values()], "like")
    twin("Beside Scotland and boards like ours: table", my_board_parts_words.table_of_like(found), alt=title)
    return found


def periods(found: Beside) -> str:
    """The periods of what is compared, in a sentence."""
    return " ".join(f"{figure.entry.title}: {words.span(figure)}." for figure in found.figures.values())
