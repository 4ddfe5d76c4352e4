"""Downloads of the page Ethnicity recording: one tidy table a section, every row with what is needed to cite it."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ui import download, words
from ui.ethnicity_sections import Part
from ui.figure import Release


def file_name(shown: Part) -> str:
    """A name that says what, where and when, with the section's own name."""
    return download.file_name(shown.figures[0]).replace(".csv", f"-{shown.name.replace('_', '-')}.csv")


def csv(shown: Part, labels: Mapping[str, Mapping[str, str]], release: Release) -> bytes:
    """The section as CSV: its own numbers where it has any, else the cells of its figures one below the other."""
    if shown.data is not None:
        return download.neutral(_citable(shown.data, shown, release)).write_csv(include_bom=True).encode("utf-8")
    files = [download.csv(figure, labels) for figure in shown.figures if figure.query.spread or len(shown.figures) == 1]
    files = files or [download.csv(figure, labels) for figure in shown.figures]
    return files[0] + b"".join(file.split(b"\n", 1)[1] for file in files[1:])


def _citable(data: pl.DataFrame, shown: Part, release: Release) -> pl.DataFrame:
    """Numbers as text, the shorthand where the row is not shown, and what a reader quotes the row by."""
    mark = pl.col("state").replace_strict(words.MARK, default="", return_dtype=pl.String)
    numbers = [name for name, kind in data.schema.items() if kind.is_numeric()]
    return data.with_columns(pl.col(name).cast(pl.String).fill_null(mark) for name in numbers).with_columns(
        measure=pl.lit(shown.subtitle),
        data_to=pl.lit(release.data_to.isoformat() if release.data_to else ""),
        note=pl.lit("synthetic, not for quotation" if release.is_synthetic else ""),
        figure_id=pl.lit(" ".join(figure.id for figure in shown.figures)),
    )
