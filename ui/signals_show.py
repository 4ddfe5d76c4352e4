"""Draws the page Signals: what changed, one chart with its words, and all charts side by side."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import streamlit as st

from ui import download, show, signals, signals_chart, signals_words, small_multiples, theme, words
from ui.cited_figure_link import cite
from ui.data import Snapshot
from ui.draw_table import draw_table
from ui.figure import Figure, Query
from ui.figures import ask
from ui.folded import folded
from ui.signals import Charts
from ui.signals_filters import Choice, open_chart
from ui.what_changed import MOST, NEW, RULES, Change, Changes, by_chance, what_changed

PAGE = "pages/signals.py"

#: As many sentences of what changed stand open; the rest are folded. As many stand on the Home page.
FIRST, ON_HOME = 5, 3


def changes(snapshot: Snapshot, choice: Choice) -> None:
    """What changed, by the rules chosen: at most MOST sentences, each with the rule that made it and its chart."""
    found = what_changed(snapshot, choice.preset)
    st.header(_heading(found), anchor="what-changed")
    if not found.looked_at:
        st.info("The release holds no chart of requests reported within standard, so nothing can be said of changes.")
        return
    if not found.shown:
        st.markdown(f"No chart shows a real change in the {NEW} newest final months.")
    for number, change in enumerate(found.shown[:FIRST]):
        _sentence(change, number)
    rest = found.shown[FIRST:]
    if rest and (box := folded(f"{len(rest)} smaller change{'s' * (len(rest) > 1)}", "smaller_changes")):
        with box:
            for number, change in enumerate(rest, FIRST):
                _sentence(change, number)
    st.caption(_about(found))


def _sentence(change: Change, number: int) -> None:
    told, opens = st.columns([6, 1], vertical_alignment="top")
    told.markdown(f"{change.said} *Rule: {RULES[change.rule]}.*")
    opens.button(
        "Show chart",
        key=f"open_change_{number}",
        type="tertiary",
        help=f"Opens the chart of {change.place} below",
        on_click=open_chart,
        args=(change.query, change.code),
    )


def _heading(found: Changes) -> str:
    if not found.shown:
        return "What changed: nothing beyond chance"
    better = sum(change.way > 0 for change in found.found)
    worse = len(found.found) - better
    parts = [f"{better} for the better"] * (better > 0) + [f"{worse} for the worse"] * (worse > 0)
    return f"What changed: {words.joined(parts)}"


def _about(found: Changes) -> str:
    left = f" {len(found.found) - MOST} smaller ones are left out." if len(found.found) > MOST else ""
    return (
        f"A change is new where its rule holds in the {NEW} newest final months of a chart, or its newest quarter, and "
        "did not hold before. Looked at: requests reported within standard of Scotland, laboratories, requesting "
        "boards, turnaround categories and technologies. The largest stands first: how far the share moved, times the "
        "requests due."
        f"{left} {by_chance(found)}"
    )


def on_home(snapshot: Snapshot) -> None:
    """The largest changes under the headlines, with a way to all of them; nothing where the release has no charts."""
    found = what_changed(snapshot)
    if not found.looked_at:
        return
    told = [f"- {change.said}" for change in found.shown[:ON_HOME]]
    none = [f"Nothing beyond chance in the {NEW} newest final months."]
    with st.container(border=True):
        st.markdown("\n".join(["**What changed, beyond chance**", "", *(told or none)]))
        with st.container(horizontal=True, gap="small"):
            for change in found.shown[:ON_HOME]:
                st.page_link(PAGE, label=change.place, query_params=dict(change.query), width="content")
            st.page_link(PAGE, label="All signals", width="content")


def chart(snapshot: Snapshot, choice: Choice) -> None:
    """One chart with everything that belongs to it."""
    shown = signals_chart.build(snapshot, choice)
    st.header(shown.title, anchor=signals_chart.NAME)
    if shown.subtitle:
        st.markdown(f"**{shown.subtitle}**")
    if shown.chart is None or shown.figure is None or shown.table is None:
        st.info(shown.summary)
        return
    if shown.icon is not None and (icons := small_multiples.heading_icons(shown.icon)):
        st.html(icons)
    st.markdown(shown.summary)
    st.plotly_chart(
        shown.chart.figure.plotly(),
        theme=None,
        config=theme.plotly_config(download.file_name(shown.figure).removesuffix(".csv")),
        alt=shown.chart.alt,
        key="chart_signals",
    )
    letters = ["Lettered lines: " + "; ".join(shown.chart.key) + "."] if shown.chart.key else []
    st.caption("  \n".join([*letters, *shown.notes, show.status_line(shown.figure)]))
    cite(show.cited([shown.figure]), "signals")
    _table(snapshot, shown.table, shown.figure, shown.title, "signals")
    if box := folded("What this measures", "definition"):
        with box:
            st.markdown(show.definition(snapshot, shown.figure))


def _table(snapshot: Snapshot, table: pl.DataFrame, figure: Figure, title: str, key: str) -> None:
    if box := folded("Table and download", f"table_{key}"):
        with box:
            draw_table(table, title)
            st.download_button(
                "Download the figures as CSV",
                data=show.later(snapshot, figure),
                file_name=download.file_name(figure),
                mime="text/csv",
                on_click="ignore",
                key=f"download_{key}",
            )
            st.markdown(". ".join(f"{mark} {meaning}" for mark, meaning in words.SHORTHAND.items()) + ".")


def side_by_side(snapshot: Snapshot, choice: Choice) -> None:
    """All charts of the dimension on one scale, in the order of the list, each with its icons and words."""
    if choice.view.dimension is None:
        return
    drawn = signals.charts(snapshot, choice.measure, choice.view.dimension, choice.preset)
    if drawn is None or not drawn.icons:
        return
    labels = snapshot.facts.labels.get(choice.view.dimension, {})
    st.header(_together(drawn, choice.view.plural), anchor="side-by-side")
    st.html(small_multiples.key(drawn))
    st.html(small_multiples.cards(drawn, labels))
    st.caption(_scale(drawn))
    spread = ask(snapshot, Query(drawn.measure.indicator, "month", spread=choice.view.dimension))
    if spread is not None and spread.cells.height:
        _table(snapshot, _overview(drawn, labels, choice.view.label), spread, "All charts in words", "all")


def _together(drawn: Charts, plural: str) -> str:
    moves = [signals_words.MOVEMENT.get(icon["variation"] or "", "") for icon in drawn.icons.values()]
    better, worse = moves.count("improvement"), moves.count("concern")
    return (
        f"Of {len(moves)} {plural} with a chart, {better or 'none'} {'is' if better < 2 else 'are'} improving and "
        f"{worse or 'none'} {'is' if worse < 2 else 'are'} getting worse"
    )


def _scale(drawn: Charts) -> str:
    scale = small_multiples.Scale(drawn)
    share = drawn.measure.statistic == "share"
    low, high = (f"{value:.0%}" if share else words.days(value) for value in (scale.low, scale.high))
    steps = "" if share else ", equal steps up being equal in proportion,"
    line = f" Long dashes: the {drawn.target:.0%} line." if drawn.target is not None else ""
    limits = "" if drawn.preset.is_run_chart else " Dotted lines: limits of chance."
    return (
        f"Every chart runs from {low} to {high}{steps} and over the same months. Thin line: {drawn.preset.centre}."
        f"{limits}{line} Triangles: signals. Ring: a point that may still change. The order is that of the list and "
        "says nothing of rank."
    )


def _overview(drawn: Charts, labels: Mapping[str, str], column: str) -> pl.DataFrame:
    """Every chart in words: newest final point, limits and what the icons say."""
    rows = []
    for code, label in labels.items():
        if code not in drawn.icons:
            continue
        final = drawn.of(code).filter("is_final", pl.col("value").is_not_null())
        now = final.row(-1, named=True) if final.height else None
        rows.append(
            {
                column: label,
                "Newest final point": signals_words.period(now) if now else words.HIDDEN,
                drawn.measure.label: signals_words.amount(drawn.measure, now["value"], now["denominator"])
                if now
                else words.HIDDEN,
                "What it says": signals_words.sentence(drawn.icons[code], drawn.target),
                "Why": signals_words.mark(now, drawn.preset) if now else "",
            }
        )
    return pl.DataFrame(rows)
