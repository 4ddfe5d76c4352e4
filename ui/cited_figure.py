"""A cited figure: from an id in an address to the release that it names, its cells, its chart and its exact bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from catalogue.citations import Citation, CitationError, TableCitation, parse
from catalogue.cited_files import Measure, ReleaseFacts, chosen, figure_bytes, fingerprint, table_bytes, table_rows
from catalogue.dimensions import dimensions
from catalogue.indicators import Indicator
from ui import words
from ui.charts import Chart
from ui.cited_figure_charts import chart_of
from ui.data import BrokenReleaseError, RealReleaseError, Snapshot, UnknownReleaseError
from ui.figure import Figure, Query
from ui.figures import ask
from ui.made_once import made_once

#: What each table on the data holds, in words.
TABLES = {
    "check_months": "Rows that fail a check, by month and sender",
    "check_parts": "Rows that fail a check, by whose they are",
    "checks": "Checks of the data",
    "fields": "Fields left blank, by month and sender",
    "grades": "Grades of the data behind a measure",
    "submissions": "Files sent",
}

#: As many characters of the id are in the name of its file.
NAME_LENGTH = 80

#: The longest that one period of a grain is, from its first day to its last.
MOST_DAYS = {"month": 30, "quarter": 91, "year": 365}


class NoFigureError(Exception):
    """An id leads to no figure; `title` says which way, the message why and what to do."""

    def __init__(self, title: str, message: str) -> None:
        super().__init__(message)
        self.title = title


@dataclass(frozen=True)
class CitedFigure:
    """What an id stands for.

    `content` is the exact file; `rows` the table of a citation of data, where there is no `figure`; `labels` and
    `column` name what stands side by side; `newest` is the id of the same in the release being served, if it has it.
    """

    citation: Citation | TableCitation
    snapshot: Snapshot
    content: bytes
    title: str
    subtitle: str
    summary: str
    figure: Figure | None = None
    chart: Chart | None = None
    note: str = ""
    labels: Mapping[str, str] | None = None
    column: str = ""
    rows: pl.DataFrame | None = None
    newest: str | None = None

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the file."""
        return fingerprint(self.content)

    @property
    def file_name(self) -> str:
        """A name that says which figure it is."""
        made_up = "synthetic-" if self.snapshot.release.is_synthetic else ""
        told = "".join(letter if letter.isalnum() else "-" for letter in self.citation.id.lower())
        return f"{made_up}cited-{told[:NAME_LENGTH].strip('-')}.csv"


def find(current: Snapshot, text: str) -> CitedFigure:
    """The figure that an id names, from its own release.

    current: the release being served. An address that lost its `+` on the way, as some programs read it, is mended.
    Raises NoFigureError.
    """
    try:
        citation = parse(text.strip().replace(" ", "+"))
    except CitationError as problem:
        raise NoFigureError("This is not the id of a figure", f"It was refused: {problem}.") from None
    try:
        own = citation.release == current.release.id
        snapshot = current if own else Snapshot(current.reader, release=citation.release)
        if isinstance(citation, TableCitation):
            return _table(snapshot, citation, current)
        return _figure(snapshot, citation, current)
    except UnknownReleaseError as problem:
        raise NoFigureError(
            "The release that this id names is not here",
            f"{problem} The people who look after this dashboard can restore it from the archive.",
        ) from None
    except RealReleaseError as problem:
        raise NoFigureError("Sign-in is needed for this release", str(problem)) from None
    except BrokenReleaseError as problem:
        raise NoFigureError(
            "The release that this id names cannot be read here",
            f"{problem} The version of the dashboard that made it can: `python -m pipelines figure` with this id.",
        ) from None


def _figure(snapshot: Snapshot, citation: Citation, current: Snapshot) -> CitedFigure:
    entry = _registered(snapshot, citation)
    cells = None if entry is None else snapshot.cells(entry.id, citation.grain, citation.held, citation.spread)
    if entry is None or cells is None or chosen(citation, cells).is_empty():
        raise NoFigureError(
            "The release holds no such figure",
            "The id reads well, but this release has no such measure, combination or months. Copy the id whole from "
            "the page or the file that it was cited from.",
        )
    figure = _shown(snapshot, citation)
    if citation.spread:
        labels, column = snapshot.facts.labels.get(citation.spread, {}), dimensions()[citation.spread].label
    else:
        labels, column = {}, ""
    what = f", by {words.lower_first(column)}" if column else ""
    chart, note = chart_of(figure, labels)
    return CitedFigure(
        citation,
        snapshot,
        figure_bytes(citation, cells, _measure(snapshot, entry), _facts(snapshot)),
        f"{entry.title}{what}",
        f"{figure.place}. {words.span(figure)[:1].upper()}{words.span(figure)[1:]}.",
        _summary(figure),
        figure,
        chart,
        note,
        labels,
        column,
        newest=_newest(citation, current),
    )


def _registered(snapshot: Snapshot, citation: Citation) -> Indicator | None:
    """The entry of the cited indicator, where the release publishes it and registers the cube and grain."""
    entry = snapshot.indicator(citation.indicator)
    if entry is None or citation.grain not in entry.grains or not set(citation.dimensions) <= dimensions().keys():
        return None
    return entry if citation.dimensions in entry.all_cubes else None


def _shown(snapshot: Snapshot, citation: Citation) -> Figure:
    query = Query(
        citation.indicator,
        citation.grain,  # type: ignore[arg-type]  # one of the entry's grains
        tuple(citation.held.items()),
        citation.spread,
        citation.first,
        citation.last.replace(day=1),
    )
    figure = ask(snapshot, query, place_of(snapshot, citation))
    assert figure is not None
    if figure.cells["period_start"].n_unique() == 1:
        figure = replace(figure, query=replace(query, newest_only=True))
    if citation.statistics:
        figure = replace(figure, cells=figure.cells.filter(pl.col("statistic").is_in(citation.statistics)))
    return figure


def place_of(snapshot: Snapshot, citation: Citation) -> str:
    """Where a figure is of, in words: `Fife (requesting board), Whole genome (turnaround category)`."""
    held = [f"{snapshot.label(name, code)} ({dimensions()[name].inline})" for name, code in citation.held.items()]
    return ", ".join(held) or "Scotland"


def _summary(figure: Figure) -> str:
    """The newest value in words; of groups side by side, how many are shown."""
    statistic = next(name for name in figure.statistics if name in figure.cells["statistic"])
    rows = figure.statistic(statistic).sort("period_start")
    last = rows.filter(pl.col("period_start") == pl.col("period_start").max())
    if figure.query.spread:
        shown = last.filter(pl.col("state") == "shown").height
        told = "all of them shown" if shown == last.height else f"{shown or 'none'} of them shown"
        return f"{last.height} groups in the newest period, {told}."
    row = last.row(0, named=True)
    mark = words.provisional(row)
    when = words.when(figure.query.grain, row, figure.entry.kind == "snapshot")
    named = f"{words.STATISTIC[statistic]}, newest value" if len(figure.statistics) > 1 else "Newest value"
    return f"{named}: **{words.amount(row)}** {when}{f' ({mark.lower()})' if mark else ''}."


def _newest(citation: Citation, current: Snapshot) -> str | None:
    """The id of the same figure in the release being served: a series to its newest period, one period the newest."""
    entry = _registered(current, citation)
    if entry is None or citation.release == current.release.id:
        return None
    cells = current.cells(entry.id, citation.grain, citation.held, citation.spread)
    if cells.is_empty():
        return None
    starts, ends = cells["period_start"], cells["period_end"]
    within = starts.filter(starts >= citation.first)
    is_one = (citation.last - citation.first).days <= MOST_DAYS[citation.grain]
    first = starts.max() if is_one or within.is_empty() else within.min()
    return replace(citation, release=current.release.id, first=first, last=ends.max()).id  # type: ignore[arg-type]


def _measure(snapshot: Snapshot, entry: Indicator) -> Measure:
    overall = snapshot.facts.quality.get(entry.id)
    return Measure(
        entry.number,
        entry.title,
        entry.kind,
        entry.unit,
        snapshot.facts.labels,
        snapshot.grades(entry.id),
        overall.grade if overall else "",
    )


def _facts(snapshot: Snapshot) -> ReleaseFacts:
    release = snapshot.release
    return ReleaseFacts(
        release.created_at.isoformat(timespec="seconds") if release.created_at else "",
        release.data_to.isoformat() if release.data_to else "",
        release.is_synthetic,
    )


@made_once(10)
def _table_bytes(key: str, citation: TableCitation, _snapshot: Snapshot) -> bytes:  # noqa: ARG001 - key: the release
    """The file of a whole table, which takes up to a second to write."""
    return table_bytes(citation, _snapshot.table(citation.table), _facts(_snapshot))  # type: ignore[arg-type]


def _table(snapshot: Snapshot, citation: TableCitation, current: Snapshot) -> CitedFigure:
    table = snapshot.table(citation.table)  # type: ignore[arg-type]  # the grammar has a closed list
    rows = table_rows(citation, table)
    if rows.is_empty():
        raise NoFigureError(
            "The release holds no such rows",
            "The id reads well, but this table of the release has no rows of that key.",
        )
    here = table_rows(citation, current.table(citation.table))  # type: ignore[arg-type]
    is_older = citation.release != current.release.id
    return CitedFigure(
        citation,
        snapshot,
        _table_bytes(snapshot.key, citation, snapshot),
        TABLES[citation.table],
        "All rows." if citation.row is None else f"Rows of {citation.row}.",
        f"{words.number(rows.height)} row{'' if rows.height == 1 else 's'}, protected like every figure.",
        rows=rows,
        newest=citation.of(current.release.id).id if is_older and here.height else None,
    )
