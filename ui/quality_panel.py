"""What one section of the page Data quality shows: a finding, a picture of it, its table, and how to read it."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ui.charts import Chart
from ui.quality_matrix import Matrix


@dataclass(frozen=True)
class Twin:
    """A table of text with its heading; the download has all its rows."""

    heading: str
    rows: pl.DataFrame
    #: What a file of it is named after.
    name: str
    #: Whether its few columns hold texts too long to stand side by side on a narrow screen.
    folds: bool = False


@dataclass(frozen=True)
class Panel:
    """All that one section shows; without matrix and chart, `title` and `summary` say why there is none."""

    name: str
    title: str
    summary: str
    subtitle: str = ""
    matrix: Matrix | None = None
    chart: Chart | None = None
    notes: tuple[str, ...] = ()
    twins: tuple[Twin, ...] = ()
