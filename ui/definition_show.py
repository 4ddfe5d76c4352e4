"""Draws the page Definitions: the measure chosen in full, and the list of those that a reader looks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from catalogue.dictionary import dictionary
from catalogue.indicators import Indicator
from ui import (
    aim_words,
    audit,
    definition_download,
    glossary,
    show,
    tables,
    where_shown,
    words,
    worked_example,
)
from ui.aim_measures import Told, tell
from ui.cited_figure_link import cite
from ui.data import Snapshot
from ui.definition_filters import address, forget_address, keep_address, named
from ui.definition_list import STATES, states_of
from ui.draw_table import draw_table
from ui.folded import folded

PAGE = "pages/definitions.py"

#: Pages that any reader may open and that were found to cite measures, with their titles.
TITLES: Mapping[str, str] = {
    "home": "Home",
    "programme": "Programme",
    "turnaround": "Turnaround",
    "where_stuck": "Where it is stuck",
    "comparison": "Fair comparison",
    "signals": "Signals",
    "outlook": "Outlook",
    "workforce": "Workforce",
    "reach": "Who is reached",
    "waits_answers": "Waits and answers",
    "gap_scanner": "Gap scanner",
    "knowledge": "Diversity of what is known",
    "equity_summary": "Equity summary",
    "data_quality": "Data quality",
    "ethnicity_recording": "Ethnicity recording",
}

#: Links of the list do not look as if each were the page that is open.
LIST_STYLE = """<style>
[class*="st-key-measures_from_"] [data-testid="stPageLink-NavLink"] { background: none; }
[class*="st-key-measures_from_"] [data-testid="stPageLink-NavLink"] p { font-weight: 400; }
</style>"""

NO_TEXTS = (
    "This release was made before SQL and worked examples were kept in releases; the next release will have them."
)


def chosen(snapshot: Snapshot) -> Indicator | None:
    """Draws the measure that the address names, in full; None where it names none that the release has."""
    asked, entry = named(snapshot)
    if entry is not None:
        keep_address(entry)
        measure(snapshot, entry)
        st.button("Close this definition", on_click=forget_address, key="close_definition")
    elif asked:
        st.info("The current release has no measure of the name in this address. The list below has all that it has.")
    return entry


def measure(snapshot: Snapshot, entry: Indicator) -> None:
    """Everything on one measure: newest value, words, SQL, worked example, changes, pages and downloads."""
    st.header(f"{entry.number} {entry.title}", anchor="measure")
    told = tell(snapshot, entry.id)
    if told is not None:
        _newest(told)
    told_of = tables.definition(snapshot, entry)
    st.markdown("\n".join(f"- **{about}:** {glossary.linked(says)}" for about, says in told_of.items()))
    _terms(" ".join(told_of.values()))
    sql, example = definition_download.texts_of(snapshot).get(entry.id, ("", ""))
    _sql(snapshot, entry, sql)
    _example(entry, worked_example.read(example))
    _changes(entry)
    _pages(entry)
    _downloads(snapshot, entry)


def _newest(told: Told) -> None:
    """The newest value of Scotland with period, quality and id; why there is none."""
    st.markdown(f"**Newest, Scotland:** {aim_words.value(told)}")
    if told.figure is not None and told.row is not None:
        st.caption(show.status_line(told.figure))
    cite([("this figure", told.figure_id)], "newest")


def _terms(text: str) -> None:
    """What the words of the definition mean, without leaving the page."""
    found = glossary.used(text)
    if found and (box := folded(f"Words used here ({len(found)})", "terms")):
        with box:
            st.markdown("\n".join(f"- **{term}:** {meaning}" for term, meaning in found.items()))
            st.page_link("pages/glossary.py", label="Glossary: all words")


def _sql(snapshot: Snapshot, entry: Indicator, sql: str) -> None:
    if box := folded("The SQL as it was run", "sql"):
        with box:
            if sql:
                st.markdown("One row an eligible unit; shares, intervals and disclosure control follow from the entry.")
                st.code(sql, language="sql", wrap_lines=True)
            else:
                st.markdown(_without_sql(snapshot, entry))
            if told := rests_on(snapshot, entry):
                st.markdown(told)


def _without_sql(snapshot: Snapshot, entry: Indicator) -> str:
    """Why a measure has no SQL: it waits for a return, follows from others, or its release kept none."""
    if entry.kind == "awaited":
        return f"No SQL is run: the measure awaits a return. {entry.awaits}"
    if entry.formula is None:
        return NO_TEXTS
    of, to = (snapshot.indicator(name or "") for name in (entry.formula.of, entry.formula.to))
    named_of = f"*{of.number} {of.title}*" if of else entry.formula.of
    if entry.formula.kind == "share_within":
        return f"No SQL of its own: the share of {named_of} within each {entry.formula.over}, from the shown counts."
    if entry.formula.kind == "growth_on_year":
        return f"No SQL of its own: the growth of {named_of} on the same period a year before, from the shown counts."
    named_to = f"*{to.number} {to.title}*" if to else entry.formula.to
    return f"No SQL of its own: {named_of} as a share of {named_to}, from the shown counts."


#: What the parts of a definition are called.
PARTS = {"table": "Tables on the way", "reference": "Reference tables", "extract": "Extracts"}


def rests_on(snapshot: Snapshot, entry: Indicator) -> str:
    """The tables, reference tables and extracts that a measure rests on, as a list; empty in an older release."""
    parts = snapshot.built_table("definition_parts")
    if parts is None:
        return ""
    own = parts.filter(indicator=entry.id)
    lines = []
    for part, title in PARTS.items():
        names = own.filter(part=part)["name"].to_list()
        if names:
            lines.append(f"- **{title}:** {', '.join(f'`{name}`' for name in names)}")
    return "\n".join(lines)


def _example(entry: Indicator, example: worked_example.Example | None) -> None:
    if box := folded("The worked example that tests it", "example"):
        with box:
            if example is None:
                awaits = "It has none: there is nothing to work until the return comes."
                st.markdown(awaits if entry.kind == "awaited" else NO_TEXTS)
                return
            st.markdown(
                "Made-up rows worked by hand. Every change of the product is tested against them: these rows go in, "
                "and exactly these must come out."
            )
            for name, frame in example.given.items():
                st.markdown(f"**Goes in: {name}**")
                draw_table(frame, f"Rows of {name} that go in", folds=True)
            st.markdown("**Must come out**")
            draw_table(example.expect, "Rows that must come out", folds=True)


def _changes(entry: Indicator) -> None:
    if box := folded(f"History of changes ({len(entry.changes)})", "changes"):
        with box:
            lines = [
                f"- {words.long_date(change.date)}: {change.what}"
                for change in sorted(entry.changes, key=lambda change: change.date, reverse=True)
            ]
            st.markdown("\n".join(lines) or "None is written down since the measure was first published.")
            st.page_link("pages/release_changes.py", label="What changed since the release before")


def _pages(entry: Indicator) -> None:
    if box := folded("Where it is shown", "shown"):
        with box:
            for page, label, query in where_shown.links(entry, TITLES):
                st.page_link(page, label=label, query_params=query)


def _downloads(snapshot: Snapshot, entry: Indicator) -> None:
    release, name = snapshot.release, entry.id.replace("_", "-")
    made_up = "synthetic-" if release.is_synthetic else ""
    if box := folded("Downloads", "downloads"):
        with box:
            if entry.kind != "awaited":
                st.markdown(
                    "All figures of this measure in this release: every place, group and period, each with its id."
                )
                st.download_button(
                    "Download the figures as CSV",
                    data=audit.on_download(
                        snapshot.reader.key,
                        f"definitions/{entry.id}",
                        release.id,
                        lambda: definition_download.cells(snapshot, entry),
                    ),
                    file_name=f"{made_up}{name}-all-figures.csv",
                    mime="text/csv",
                    on_click="ignore",
                    key="download_cells",
                )
            catalogue(snapshot, "measure")


def catalogue(snapshot: Snapshot, key: str) -> None:
    """The whole catalogue as CSV and JSON, and the dictionary of the extracts."""
    st.markdown(
        "The catalogue: every measure with its words, SQL and worked example. The dictionary: every column sent."
    )
    files = {
        "csv": ("Catalogue as CSV", "measures.csv", "text/csv", definition_download.catalogue_csv),
        "json": ("Catalogue as JSON", "measures.json", "application/json", definition_download.catalogue_json),
        "dictionary": ("Data dictionary", "data-dictionary.md", "text/markdown", lambda _: dictionary().encode()),
    }
    with st.container(horizontal=True):
        for name, (label, file, mime, make) in files.items():
            st.download_button(
                label,
                data=audit.on_download(
                    snapshot.reader.key,
                    f"definitions/catalogue-{name}",
                    snapshot.release.id,
                    lambda make=make: make(snapshot),  # type: ignore[misc]
                ),
                file_name=file,
                mime=mime,
                on_click="ignore",
                key=f"catalogue_{name}_{key}",
            )


def listed(snapshot: Snapshot, entries: Sequence[Indicator]) -> None:
    """The measures found as links, by number, each with what the release has of it where that is not a figure."""
    every = len(snapshot.facts.indicators)
    st.header(_list_title(len(entries), every), anchor="measures")
    if not every:
        st.info("The current release publishes no measures.")
        return
    if not entries:
        st.info("No measure holds all that you look for. Try fewer words, or set a filter back to All.")
    states = states_of(snapshot)
    half = -(-len(entries) // 2)
    st.html(LIST_STYLE)
    for column, part in zip(st.columns(2), (entries[:half], entries[half:]), strict=True):
        with column, st.container(key=f"measures_from_{part[0].id if part else 'none'}"):
            for entry in part:
                state = states[entry.id]
                mark = "" if state == "shown" else f" ({words.lower_first(STATES[state])})"
                st.page_link(PAGE, label=f"{entry.number} {entry.title}{mark}", query_params=address(entry.id))


def _list_title(found: int, every: int) -> str:
    if found == every:
        return f"{every} measures"
    return f"{found or 'None'} of {every} measures {'answers' if found < 2 else 'answer'} to what you look for"
