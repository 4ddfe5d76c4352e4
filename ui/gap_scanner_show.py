"""Draws the page Gap scanner: what was found against chance, the filters, the list and its download."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import streamlit as st

from catalogue.dimensions import dimensions
from ui import gap_scanner, group_gap_charts, group_gaps_download, theme, words
from ui import group_gap_words as said
from ui.cited_figure_link import lines
from ui.data import Snapshot
from ui.draw_table import draw_table
from ui.folded import folded
from ui.gap_scanner import LISTED, PAGE_ROWS, Scan
from ui.gap_verdict import SHORT
from ui.group_gaps import PLACE, SCOTLAND, Gaps, compared

WIDTH = 260

#: The most ids below the list; the file has the id of each gap.
MOST_CITED = 30


def against_chance(snapshot: Snapshot, gaps: Gaps, found: Scan) -> None:
    """The finding, and what the same looked like where no group can differ."""
    title, summary = gap_scanner.title(found), gap_scanner.summary(found)
    st.header(title, anchor="found")
    st.markdown(f"**Gaps between groups of people. Scotland and boards of residence. {period(gaps)}**")
    st.markdown(summary)
    if not found.comparisons:
        return
    chart = group_gap_charts.by_chance(
        found.found, found.by_chance, alt=f"{title}. {summary} The numbers are in the table below the chart."
    )
    config = theme.plotly_config("gaps-called-different-and-by-chance")
    st.plotly_chart(chart.figure.plotly(), theme=None, config=config, alt=chart.alt, key="chart_by_chance")
    st.caption(f"Data to {words.long_date(snapshot.release.data_to)}. {_qualities(gaps)}")
    if box := folded("Table: called different, as recorded and by chance", "called_different"):
        with box:
            rows = [
                ("As recorded", found.found),
                *((f"Shuffle {n}", count) for n, count in enumerate(found.by_chance, 1)),
            ]
            frame = pl.DataFrame(
                [(name, str(count)) for name, count in rows], schema=["Data", "Called different"], orient="row"
            )
            draw_table(frame, "Gaps called different, as recorded and in each shuffle", is_whole=True)


def period(gaps: Gaps) -> str:
    """The 12 months that most measures are of, in words; some are counted later and end in other months."""
    if gaps.rows.is_empty():
        return "No period"
    row = gaps.rows.select("period_start", "period_end").row(0, named=True)
    text = words.period("year", row["period_start"], row["period_end"])
    return f"{text[:1].upper()}{text[1:]}"


def _qualities(gaps: Gaps) -> str:
    """How good the data behind the gaps shown are."""
    shown = gaps.rows.filter(pl.col("state") == "shown")
    counts = dict(shown["grade"].value_counts().iter_rows())
    told = [
        f"{words.GRADE[name][1].lower()} for {words.number(counts[name])}" for name in words.GRADE if name in counts
    ]
    return f"Data quality: {words.joined(told)} of the gaps shown." if told else "Data quality: not graded."


def listed(snapshot: Snapshot, gaps: Gaps) -> None:
    """The filters and the list."""
    entries, labels = compared(snapshot), snapshot.facts.labels
    st.header("Every gap, in the order of the lists", anchor="gaps")
    places = {SCOTLAND: "Scotland", **labels.get(PLACE, {})}
    held = set(gaps.rows["area"])
    with st.container(border=True, key="filters"), st.container(horizontal=True):
        what = _one("List", list(LISTED), {}, "shown", "")
        measure = _one(
            "Measure", list(entries), {n: said.short_title(e) for n, e in entries.items()}, "measure", "All measures"
        )
        own = [
            name for name, known in dimensions().items() if known.compared_with and name in set(gaps.rows["dimension"])
        ]
        grouping = _one("Compare by", own, {name: dimensions()[name].label for name in own}, "by", "All groupings")
        place = _one("People who live in", [code for code in places if code in held], places, "lives_in", "All places")
    rows = gap_scanner.chosen(gaps.rows, measure, grouping, place, what or next(iter(LISTED)))
    rows = gap_scanner.in_list_order(rows, snapshot)
    _counted(rows.height, gaps, measure, grouping, place)
    if rows.height:
        _table(rows, snapshot)
    all_rows = gap_scanner.in_list_order(gaps.rows, snapshot)
    group_gaps_download.button(
        snapshot, all_rows, "gaps-between-groups-of-people", "download_all_gaps",
        f"Download all {words.number(all_rows.height)} gaps as CSV",
    )  # fmt: skip


def _one(label: str, options: list[str], names: Mapping[str, str], key: str, every: str) -> str:
    """A choice of one option, or of all where `every` names that."""
    chosen = st.selectbox(
        label, ["", *options] if every else options,
        format_func=lambda name: names.get(name, name) if name else every, key=key, bind="query-params", width=WIDTH,
    )  # fmt: skip
    return chosen if chosen in options else ""


def _counted(height: int, gaps: Gaps, measure: str, grouping: str, place: str) -> None:
    """How many are listed, and how many of the same choice are not shown at all."""
    held = {name: code for name, code in (("measure", measure), ("dimension", grouping), ("area", place)) if code}
    own = gaps.rows.filter(**held) if held else gaps.rows
    unshown = {name: int((own["verdict"] == name).sum()) for name in ("hidden", "withheld", "too_few")}
    told = [f"{words.number(count)} {SHORT[name].lower()}" for name, count in unshown.items() if count]  # type: ignore[index]
    rest = f" Of this choice {words.joined(told)}: neither a gap nor the lack of one." if told else ""
    st.markdown(f"**{words.number(height)} listed.**{rest}")


def _table(rows: pl.DataFrame, snapshot: Snapshot) -> None:
    pages = -(-rows.height // PAGE_ROWS)
    part = 0
    if pages > 1:
        spans = [
            f"{words.number(PAGE_ROWS * n + 1)} to {words.number(min(PAGE_ROWS * (n + 1), rows.height))}"
            for n in range(pages)
        ]
        chosen = st.selectbox("Rows", spans, key=f"rows_{rows.height}", width=WIDTH)
        part = spans.index(chosen) if chosen in spans else 0
    listed = rows.slice(part * PAGE_ROWS, PAGE_ROWS)
    frame = gap_scanner.table(listed, compared(snapshot), snapshot.facts.labels)
    draw_table(frame, "Gaps between groups of people", folds=True)
    key = said.key_to_verdicts(rows.to_dicts())
    st.caption(
        "Like for like: pooled over requests that are alike; points are percentage points, the group less the one "
        f"compared with. {key} Data quality is that of the measure at the place. The order says nothing of rank."
    )
    cite_shares(snapshot, listed, "gaps")


def cite_shares(snapshot: Snapshot, rows: pl.DataFrame, key: str) -> None:
    """The ids of the shares behind some gaps, each once, and the way to what is measured; key: as `cite` has it."""
    box = folded("Cite the shares behind these gaps; what is measured", f"cite_{key}")
    if box is None:
        return
    entries, labels = compared(snapshot), snapshot.facts.labels
    named = {
        figure_id: f"{words.lower_first(said.short_title(entries[row['measure']]))}, by "
        f"{words.lower_first(dimensions()[row['dimension']].label)}, {said.area(row['area'], labels)}"
        for figure_id, row in zip(group_gaps_download.figure_ids(snapshot, rows), rows.to_dicts(), strict=True)
    }
    with box:
        st.page_link("pages/definitions.py", label="Definitions of all measures")
        lines([(what, figure_id) for figure_id, what in list(named.items())[:MOST_CITED]], key)
        if len(named) > MOST_CITED:
            st.markdown(f"Named are the first {MOST_CITED} of {len(named)}; the file has the id of each gap.")
