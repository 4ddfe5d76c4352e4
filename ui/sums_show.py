"""Draws "Add places together" on the Turnaround page: the sum of several boards or laboratories, with its range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
import streamlit as st

from catalogue.dimensions import dimensions
from ui import audit, words
from ui.cited_figure_link import cite
from ui.data import Snapshot
from ui.download import neutral
from ui.draw_table import draw_table
from ui.figure import Figure, Query
from ui.figures import ask, latest_year
from ui.filters import Choice
from ui.show import cited, status_line
from ui.sums import Range, Rounding, stands_for, sum_of
from ui.turnaround_measures import VOLUMES, WITHIN

#: The dimension that is added up where the view holds none.
USUAL = "requesting_board"

#: What is added up: name in a sentence, its heading, and how many rounded counts each shown one is made of. Requests
#: due are the two parts of a share, reported within standard and not.
RECEIVED, DUE = ("received", "Requests received", 1), ("due", "Requests due", 2)

TITLE = "Add places together"


@dataclass(frozen=True)
class Counts:
    """One thing that is added up: its shown counts by place, None where one is hidden."""

    verb: str
    heading: str
    roundings: int
    by_place: dict[str, int | None]
    figure: Figure

    def of(self, places: Sequence[str]) -> list[int | None]:
        """The counts of some places; a place that the release has no cell of is hidden too."""
        return [self.by_place.get(place) for place in places]


def add_places(snapshot: Snapshot, choice: Choice) -> None:
    """The section: a choice of places, their sum as a sentence, and the parts as a table."""
    st.header(TITLE, anchor="sum")
    name = choice.view.dimension or USUAL
    counts = counted(snapshot, choice)
    labels = _options(snapshot, name, counts)
    if not labels:
        st.info("These months hold no 12 months by place that could be added up.")
        return
    figure = counts[0].figure
    period = words.period("year", *figure.cells.select("period_start", "period_end").row(0))
    plural = dimensions()[name].plural
    st.markdown(f"**Requests received and due. {figure.place}, {plural} of your choice. {period}.**")
    chosen = st.multiselect(
        f"{plural.capitalize()} to add",
        list(labels),
        format_func=lambda code: labels.get(code, code),
        key=f"add_{choice.view.key if choice.view.dimension else 'board'}",
        bind="query-params",
        placeholder="Choose two or more",
    )
    places = [code for code in labels if code in chosen]
    rounding = Rounding(snapshot.release.rounded_to, snapshot.release.hidden_under)
    st.markdown(sentence(counts, [labels[code] for code in places], places, rounding, period))
    if not places:
        return
    rows = table(counts, {code: labels[code] for code in places}, rounding)
    draw_table(rows, f"{TITLE}: the parts, and their sum", is_whole=True)
    st.caption("  \n".join([_how(rounding), status_line(figure)]))
    st.download_button(
        "Download the sum and its parts as CSV",
        data=audit.on_download(
            snapshot.reader.key,
            counts[0].figure.id,
            snapshot.release.id,
            lambda: csv(rows, counts, snapshot, period),
        ),
        file_name=f"{'synthetic-' if snapshot.release.is_synthetic else ''}places-added-together.csv",
        mime="text/csv",
        on_click="ignore",
        key="download_sum",
    )
    cite(cited([part.figure for part in counts]), "sum")


def counted(snapshot: Snapshot, choice: Choice) -> list[Counts]:
    """What the release shows of each place in the newest 12 months; nothing that a reader could not see anyway."""
    name = choice.view.dimension or USUAL
    held = (("turnaround_category", choice.category),) if choice.category else ()
    where = snapshot.label("turnaround_category", choice.category) if choice.category else "All categories"
    found = []
    for indicator, (verb, heading, roundings) in ((VOLUMES, RECEIVED), (WITHIN, DUE)):
        start = latest_year(snapshot, indicator, choice.end)
        query = Query(indicator, "year", held, name, start, choice.end, newest_only=True)
        figure = ask(snapshot, query, where) if start else None
        if figure is None or figure.cells.is_empty():
            continue
        column = "value" if verb == "received" else "denominator"
        by_place = {
            row["code"]: int(row[column]) if row["state"] == "shown" and row[column] is not None else None
            for row in figure.cells.to_dicts()
        }
        found.append(Counts(verb, heading, roundings, by_place, figure))
    return found


def _options(snapshot: Snapshot, name: str, counts: Sequence[Counts]) -> dict[str, str]:
    """Code and label of the places that can be added, in the order of the list.

    Places that are shown apart are not offered together as well, so that nobody is counted twice.
    """
    held = {code for part in counts for code in part.by_place}
    merged = dimensions()[name].merged_into
    doubled = {whole for part, whole in merged.items() if part in held}
    return {
        code: label
        for code, label in snapshot.facts.labels.get(name, {}).items()
        if code in held and code not in doubled
    }


def sentence(
    counts: Sequence[Counts], names: Sequence[str], places: Sequence[str], rounding: Rounding, period: str
) -> str:
    """The sum in words: a range, never a single number that would claim to be exact."""
    if not places:
        return "Choose two or more places to see what they come to together."
    told = [_told(part, places, rounding) for part in counts]
    hidden = sorted(
        {name for part in counts for name, count in zip(names, part.of(places), strict=True) if count is None}
    )
    whose = names[0] if len(names) == 1 else f"these {len(names)} together"
    parts = [f"In the {period}, {whose} had {words.joined(told)}."]
    if hidden:
        parts.append(f"Hidden {words.HIDDEN}, so that no upper end can be told: {words.joined(hidden)}.")
    if len(names) == 1:
        parts.append("Choose another to add them up.")
    return " ".join(parts)


def _told(part: Counts, places: Sequence[str], rounding: Rounding) -> str:
    total = sum_of(part.of(places), rounding, part.roundings)
    if total.most is None and total.least == 0:
        return f"a number of requests {part.verb} that cannot be told"
    return f"**{in_words(total)}** requests {part.verb}"


def in_words(found: Range) -> str:
    """A range in a sentence: `between 35 and 50`, or `at least 35` where it has no upper end."""
    if found.most is None:
        return f"at least {words.number(found.least)}"
    return f"between {words.number(found.least)} and {words.number(found.most)}"


def table(counts: Sequence[Counts], labels: dict[str, str], rounding: Rounding) -> pl.DataFrame:
    """The parts as text, a row a place, and the sum in the last row."""
    rows = []
    for code, label in labels.items():
        row = {"Place": label}
        for part in counts:
            count = part.of([code])[0]
            row[part.heading] = words.HIDDEN if count is None else words.number(count)
            row[f"{part.heading} stands for"] = _short(stands_for(count, rounding, part.roundings))
        rows.append(row)
    together = {"Place": "Together"}
    for part in counts:
        together[part.heading] = ""
        together[f"{part.heading} stands for"] = _short(sum_of(part.of(list(labels)), rounding, part.roundings))
    return pl.DataFrame([*rows, together])


def _short(found: Range) -> str:
    if found.most is None:
        return f"{words.number(found.least)} or more"
    return f"{words.number(found.least)} to {words.number(found.most)}"


def _how(rounding: Rounding) -> str:
    return (
        f"Each count is rounded up or down to a multiple of {rounding.to}, so it stands for up to {rounding.reach} "
        "more or fewer; requests due are made of two such counts. The sum has the widths of its parts added up. A "
        "hidden count may be nought or large."
    )


def csv(rows: pl.DataFrame, counts: Sequence[Counts], snapshot: Snapshot, period: str) -> bytes:
    """The table as CSV, each row with what is needed to cite it, safe to open in a spreadsheet."""
    release = snapshot.release
    told = rows.with_columns(
        pl.lit(period).alias("Period"),
        pl.lit(counts[0].figure.place).alias("About"),
        pl.lit(release.data_to.isoformat() if release.data_to else "").alias("Data to"),
        pl.lit("synthetic, not for quotation" if release.is_synthetic else "").alias("Note"),
        pl.lit(" ".join(part.figure.id for part in counts)).alias("Figure ids"),
    )
    return neutral(told).write_csv(include_bom=True).encode("utf-8")
