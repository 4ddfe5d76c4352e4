"""The download of a fair comparison: every place with its counts, expected number, limits and what is read of it."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import streamlit as st

from ui import audit, comparison, download, words
from ui.comparison_sections import Compared
from ui.data import Snapshot


def csv(snapshot: Snapshot, found: Compared) -> bytes:
    """The comparison as CSV, in the order of the list; shorthand where a place is hidden."""
    fair = found.adjusted.places.select(
        "code",
        adjusted="value",
        lower_95="near_low",
        upper_95="near_high",
        lower_998="far_low",
        upper_998="far_high",
        reads=pl.col("verdict").map_elements(lambda verdict: comparison.reads(verdict, by_mix=True), pl.String),
    )
    crude = found.crude.places.select("code", crude="value")
    labels = dict(snapshot.facts.labels.get(found.dimension, {}))
    joined = found.table.join(crude, on="code", how="left", maintain_order="left").join(
        fair, on="code", how="left", maintain_order="left"
    )
    numbers = ["requests", "late", "expected_late", *crude.columns[1:], *fair.columns[1:-1]]
    frame = joined.select(
        pl.lit(f"{found.figure.entry.number} {found.figure.entry.title}").alias("measure"),
        pl.col("code").replace_strict(labels, default=pl.col("code"), return_dtype=pl.String).alias(found.dimension),
        "period_start",
        "period_end",
        *(
            pl.when(pl.col("state") == "shown")
            .then(pl.col(name).cast(pl.String))
            .otherwise(pl.lit(words.HIDDEN))
            .alias(name)
            for name in numbers
        ),
        "reads",
        pl.lit("synthetic, not for quotation" if snapshot.release.is_synthetic else "").alias("note"),
        pl.lit(found.figure.id).alias("figure_id"),
    )
    return download.neutral(frame).write_csv(include_bom=True).encode("utf-8")


def download_button(snapshot: Snapshot, found: Compared) -> None:
    """The button; the file is made, and the download recorded, when it is pressed."""
    st.download_button(
        "Download the comparison as CSV",
        data=_later(snapshot, found),
        file_name=download.file_name(found.figure).replace(".csv", "-allowing-for-mix.csv"),
        mime="text/csv",
        on_click="ignore",
        key="download_comparison",
    )


def _later(snapshot: Snapshot, found: Compared) -> Callable[[], bytes]:
    return audit.on_download(snapshot.reader.key, found.figure.id, snapshot.release.id, lambda: csv(snapshot, found))
