"""The download of gaps between groups: a row a gap with size, limits, bands, quality and verdict, safe to open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl
import streamlit as st

from catalogue.citations import Citation
from ui import audit, download, words
from ui.data import Snapshot
from ui.figure import Figure, Query
from ui.figures import ask
from ui.gap_verdict import MEANS, SHORT
from ui.group_gap_words import area
from ui.group_gaps import AREA, PLACE, SCOTLAND, SUPPOSED, Gaps
from ui.waits_answers_filters import Choice

NUMBERS = (
    "gap", "lower", "upper", "comparable", "p_under", "raw", "raw_lower", "raw_upper",
    *(f"{name}_{end}" for name in SUPPOSED for end in ("lowest", "highest")), "tipping",
)  # fmt: skip
VERDICTS = ("verdict", "if_mixed", "if_alike")


def of(gaps: Gaps, choice: Choice) -> pl.DataFrame:
    """The gaps of a choice of the page Waits and answers."""
    return gaps.rows.filter(measure=choice.measure, dimension=choice.dimension, area=choice.area)


def csv(snapshot: Snapshot, gaps: pl.DataFrame) -> bytes:
    """Gaps as CSV; a gap that is hidden or withheld holds its word and no number.

    gaps: rows of `group_gaps.Gaps`.
    """
    labels, release = snapshot.facts.labels, snapshot.release
    is_told = (pl.col("state") == "shown") & (pl.col("verdict") != "withheld")
    mark = pl.col("verdict").replace_strict(
        {"withheld": "withheld", "hidden": words.HIDDEN}, default=words.NOT_AVAILABLE, return_dtype=pl.String
    )
    titles = {name: f"{entry.number} {entry.title}" for name, entry in snapshot.facts.indicators.items()}
    names = {(name, code): label for name, own in labels.items() for code, label in own.items()}

    def label_of(column: str) -> pl.Series:
        pairs = gaps.select("dimension", column).iter_rows()
        return pl.Series(column, [names.get((name, code), code) for name, code in pairs], pl.String)

    frame = gaps.with_columns(label_of("code"), label_of("compared_with")).select(
        measure=pl.col("measure").replace_strict(titles, return_dtype=pl.String),
        grouping="dimension",
        place=pl.Series([area(code, labels) for code in gaps["area"]], dtype=pl.String),
        group="code",
        compared_with="compared_with",
        is_known_group="is_known",
        period_start="period_start",
        period_end="period_end",
        **{name: pl.when(is_told).then(pl.col(name).cast(pl.String).fill_null("")).otherwise(mark) for name in NUMBERS},
        called_different=pl.when(is_told).then(pl.col("is_found").cast(pl.String)).otherwise(mark),
        quality=pl.col("grade").fill_null(""),
        **{name: pl.col(name).replace_strict(SHORT, return_dtype=pl.String) for name in VERDICTS},
        means=pl.col("verdict").replace_strict(MEANS, return_dtype=pl.String),
        unit=pl.lit("difference of shares"),
        data_to=pl.lit(release.data_to.isoformat() if release.data_to else ""),
        note=pl.lit("synthetic, not for quotation" if release.is_synthetic else ""),
        release=pl.lit(release.id),
        figure_id=pl.Series(figure_ids(snapshot, gaps), dtype=pl.String),
    )
    return download.neutral(frame).write_csv(include_bom=True).encode("utf-8")


def figure_ids(snapshot: Snapshot, gaps: pl.DataFrame) -> list[str]:
    """The citable id of the shares behind each gap: all groups of its measure, grouping and place side by side."""
    ids = []
    for measure, dimension, place, *months in gaps.select(*AREA, "period_start", "period_end").iter_rows():
        names = (dimension,) if place == SCOTLAND else (PLACE, dimension)
        codes = (None,) if place == SCOTLAND else (place, None)
        ids.append(Citation(snapshot.release.id, measure, names, codes, "year", *months).id)
    return ids


def figure_of(snapshot: Snapshot, measure: str, dimension: str, place: str, start: date | None) -> Figure | None:
    """The shares of all groups of a place, in the 12 months that begin on a day."""
    fixed = () if place == SCOTLAND else ((PLACE, place),)
    where = area(place, snapshot.facts.labels)
    return ask(snapshot, Query(measure, "year", fixed, dimension, start, newest_only=True), where)


def button(snapshot: Snapshot, gaps: pl.DataFrame, name: str, key: str, label: str = "Download as CSV") -> None:
    """The button; the file is made, and the download recorded, when it is pressed."""
    made_up = "synthetic-" if snapshot.release.is_synthetic else ""
    st.download_button(
        label,
        data=_later(snapshot, gaps, name),
        file_name=f"{made_up}{name}.csv",
        mime="text/csv",
        on_click="ignore",
        key=key,
    )


def _later(snapshot: Snapshot, gaps: pl.DataFrame, name: str) -> Callable[[], bytes]:
    return audit.on_download(snapshot.reader.key, name, snapshot.release.id, lambda: csv(snapshot, gaps))
