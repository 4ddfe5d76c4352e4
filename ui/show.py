"""Draws figures on the screen: heading, summary, chart, notes, status line, table, download and definition."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import polars as pl
import streamlit as st

from catalogue.dimensions import dimensions
from catalogue.indicators import STATUS
from ui import audit, download, tables, theme, words
from ui.attention import Item
from ui.cited_figure_link import cite, lines
from ui.data import Snapshot
from ui.draw_table import draw_table
from ui.figure import Figure
from ui.filters import address
from ui.folded import folded
from ui.headlines import Headline
from ui.section import Section

#: The measure that says whether gaps between ethnic groups may be shown.
RECORDED = "ethnicity_recorded"

#: More links than this are folded.
MANY_LINKS = 6


def section(snapshot: Snapshot, shown: Section) -> None:
    """One section of a page: at most one chart, with everything that belongs to it."""
    st.header(shown.title, anchor=shown.name)
    if shown.subtitle:
        st.markdown(f"**{shown.subtitle}**")
    if shown.chart is None and shown.table is None:
        st.info(shown.summary)
    elif shown.chart is None:
        st.markdown(shown.summary)
    else:
        st.markdown(shown.summary)
        st.plotly_chart(
            shown.chart.figure.plotly(),
            theme=None,
            config=theme.plotly_config(download.file_name(shown.figures[0]).removesuffix(".csv")),
            alt=shown.chart.alt,
            key=f"chart_{shown.name}",
        )
    if shown.table is not None:
        draw_table(shown.table, shown.title, folds=shown.folds, is_whole=not shown.folds)
    if shown.figures:
        st.caption("  \n".join([*_notes(shown), status_line(shown.figures[0])]))
        cite(cited(shown.figures), shown.name)
        _table(snapshot, shown)
        _why_graded(shown)
        _definition(snapshot, shown)


def _notes(shown: Section) -> list[str]:
    """What belongs to the chart, a line each: the letters, then how to read it."""
    if shown.chart is None and shown.table is None:
        return []
    key = shown.chart.key if shown.chart else ()
    letters = ["Lettered lines: " + "; ".join(key) + "."] if key else []
    gaps = _gaps_note(shown)
    return [*letters, *([" ".join(shown.notes)] if shown.notes else []), *([gaps] if gaps else [])]


def _gaps_note(shown: Section) -> str:
    """For how many places too few people have a recorded ethnic group for gaps to be shown, beside that measure."""
    figure = shown.figures[0]
    if figure.entry.id != RECORDED or figure.query.spread is None:
        return ""
    return words.gaps_by_group(figure, dimensions()[figure.query.spread].plural)


def status_line(figure: Figure) -> str:
    """Data to, then the quality of the data behind it: one line that stands beside every figure."""
    return f"Data to {words.long_date(figure.release.data_to)}. {words.quality_of(figure)}"


def cited(figures: Sequence[Figure]) -> list[tuple[str, str]]:
    """What is cited of a section, in words, and its id: `this figure`, or each of several by its name."""
    if len(figures) == 1:
        return [("this figure", figures[0].id)]
    return [(words.lower_first(named(figure)), figure.id) for figure in figures]


def named(figure: Figure) -> str:
    """What a figure is, in a few words: its measure, and what stands side by side."""
    spread = figure.query.spread
    return f"{figure.entry.title}, by {dimensions()[spread].inline}" if spread else figure.entry.title


def _table(snapshot: Snapshot, shown: Section) -> None:
    if box := folded("Table and download", f"table_{shown.name}"):
        with box:
            for number, figure in enumerate(shown.figures):
                labels: Mapping[str, str] = shown.labels or {}
                what = f", by {words.lower_first(shown.column)}" if figure.query.spread else ""
                if len(shown.figures) > 1:
                    st.markdown(f"**{figure.entry.title}{what}**")
                draw_table(
                    tables.table(figure, labels, shown.column),
                    f"{figure.entry.title}{what}, {figure.place}",
                    named_by=tables.named_by(figure),
                )
                which = f" {words.lower_first(figure.entry.title)}{what}" if number else ""
                st.download_button(
                    f"Download{which} as CSV",
                    data=later(snapshot, figure),
                    file_name=download.file_name(figure),
                    mime="text/csv",
                    on_click="ignore",
                    key=f"download_{shown.name}_{number}",
                )
            st.markdown(". ".join(f"{mark} {meaning}" for mark, meaning in words.SHORTHAND.items()) + ".")


def later(snapshot: Snapshot, figure: Figure) -> Callable[[], bytes]:
    """The file is made, and the download recorded, when the button is pressed, not at every run."""
    release = snapshot.release.id
    return audit.on_download(
        snapshot.reader.key, figure.id, release, lambda: download.csv(figure, snapshot.facts.labels)
    )


def _why_graded(shown: Section) -> None:
    """The reasons of the grade, one click away."""
    figure = shown.figures[0]
    if figure.quality is not None and (box := folded("Data quality: why, and what to do", f"quality_{shown.name}")):
        box.markdown(words.why_graded(figure.quality, figure.release.how_graded))


def _definition(snapshot: Snapshot, shown: Section) -> None:
    if box := folded("What this measures", f"definition_{shown.name}"):
        box.markdown(definition(snapshot, shown.figures[0]))


def definitions(snapshot: Snapshot, figures: Sequence[Figure]) -> str:
    """The measure of each figure as `definition` tells it; one that several figures are of is told once."""
    measures = {figure.entry.id: figure for figure in figures}
    return "\n\n".join(definition(snapshot, figure) for figure in measures.values())


def definition(snapshot: Snapshot, figure: Figure) -> str:
    """The definition of a figure's measure as a list."""
    entry = figure.entry
    lines = [
        f"- **Measure:** {entry.number} {entry.title}. {entry.question}",
        f"- **Counted:** {entry.numerator}",
        f"- **Out of:** {entry.denominator}",
        f"- **Source:** {entry.source}. {words.rows_behind(figure.quality)}".rstrip(" ."),
        f"- **Status:** {STATUS[entry.status]}",
    ]
    if entry.target:
        lines.append(f"- **Target:** {tables.target(snapshot, entry)}")
    lines += [f"- {caveat}" for caveat in entry.caveats]
    return "\n".join(lines)


def headlines(shown: list[Headline]) -> None:
    """Headline measures as bordered tiles: three and then two a row, one below the other on a narrow screen."""
    for row in (shown[:3], shown[3:]):
        for column, headline in zip(st.columns(len(row) or 1), row, strict=False):
            with column, st.container(border=True, height="stretch"):
                _headline(headline)
    if box := folded("Cite these figures; data quality and definitions", "headlines"):
        with box:
            lines([(words.lower_first(headline.label), headline.cited) for headline in shown], "headlines")
            why = [
                f"- {headline.label}: data quality {words.quality(headline.figure.quality)}."
                for headline in shown
                if headline.figure
            ]
            st.markdown("\n".join(why))
            st.page_link("pages/definitions.py", label="Definitions of all measures")


def _headline(headline: Headline) -> None:
    """Value first, then when, then what changed, then what to know of the data."""
    st.metric(f"**{headline.label}**", headline.value)
    mark = f" ({headline.mark.lower()})" if headline.mark else ""
    first = ". ".join(line for line in (f"{headline.when}{mark}", headline.beside) if line)
    st.markdown(f"{first}.\n\n{headline.change}")
    if headline.figure is not None:
        st.caption(words.quality_of(headline.figure))


def attention(items: list[Item], line: str, judged: bool) -> None:
    """What needs attention as sentences, each with links that open the Turnaround page at the view it speaks of.

    line: what the line is by which shares are judged. judged: whether there was any figure to judge; without one,
    silence would look like good news.
    """
    if line:
        st.markdown(line)
    if not judged:
        st.markdown("Nothing can be judged: this release shows no headline figure.")
    elif not items:
        st.markdown(
            "Nothing stands out by the rules of this page: no late data, nothing clearly below its line, "
            "no growing backlog, no poor data."
        )
    for number, item in enumerate(items):
        with st.container(border=True):
            st.markdown(f"**{item.subject}.** {item.sentence}")
            if len(item.links) > MANY_LINKS:
                if box := folded(f"Which {len(item.links)}", f"which_{number}"):
                    with box:
                        _links(item)
            else:
                _links(item)


def _links(item: Item) -> None:
    if item.links:
        with st.container(horizontal=True, gap="small"):
            for label, query in item.links:
                st.page_link("pages/turnaround.py", label=label, query_params=query, width="content")


AIMS, TURNAROUND, QUALITY = "pages/aims.py", "pages/turnaround.py", "pages/data_quality.py"

MANAGER = "Health-board manager"

#: Who comes, what for, and where it is found: page, label and query of a link.
READERS: tuple[tuple[str, str, str, str, dict[str, str]], ...] = (
    (
        MANAGER,
        "Results for your residents and your requesters, and what is overdue.",
        TURNAROUND,
        "Turnaround by health board",
        address("board"),
    ),
    (
        "Strategy lead",
        "Where each aim of the strategy stands, on what evidence, and what cannot be told yet.",
        AIMS,
        "Aims of the strategy",
        {},
    ),
    ("Laboratory", "Your own turnaround, backlog and volumes.", TURNAROUND, "Turnaround by laboratory", address("lab")),
    (
        "Workforce planner",
        "Which role has more work than hours, how many posts are short to 2029-30, and what moves that.",
        "pages/capacity.py",
        "Capacity",
        {},
    ),
    ("Data steward", "What was sent, what is wrong with it, and what to mend first.", QUALITY, "Data quality", {}),
    (
        "Equity reviewer",
        "What can be said of fairness between groups of people, how sure it is, and what to do next.",
        "pages/equity_summary.py",
        "Equity summary",
        {},
    ),
)


def where_to_go(is_manager: bool = False) -> None:
    """The pages that exist, by group of readers; is_manager: whether the reader has a board's exact figures."""
    columns = [column for _ in range(0, len(READERS) + 1, 2) for column in st.columns(2)]
    for column, (reader, purpose, page, label, query) in zip(columns, READERS, strict=False):
        with column, st.container(border=True, height="stretch"):
            st.markdown(f"**{reader}**\n\n{purpose}")
            if is_manager and reader == MANAGER:
                st.page_link("pages/my_board.py", label="My board: what is overdue now, and the work list")
            st.page_link(page, label=label, query_params=query)
    with columns[len(READERS)], st.container(border=True, height="stretch"):
        st.markdown("**Anyone quoting a figure**\n\nWhat a measure counts, its source and its standard.")
        st.page_link("pages/definitions.py", label="Definitions")


def standards(snapshot: Snapshot) -> None:
    """Turnaround standards with jurisdiction and dates; one from outside Scotland is named as a comparator."""
    frame = tables.standards(snapshot)
    if frame.is_empty():
        st.info("The current release holds no standards.")
        return
    st.markdown(
        "A request is judged by the version in force when it was received. Where Scotland has none written down, "
        "one from England or the UK stands in and is named a comparator."
    )
    draw_table(frame, "Turnaround standards", is_whole=True)


def shorthand() -> None:
    """The shorthand of tables and downloads, and the status marks of measures."""
    draw_table(pl.DataFrame({"Mark": list(words.SHORTHAND), "Meaning": list(words.SHORTHAND.values())}), "Shorthand")
    names = [words.STATUS_MARK[name] for name in STATUS]
    draw_table(pl.DataFrame({"Status of a measure": names, "Meaning": list(STATUS.values())}), "Status of measures")
