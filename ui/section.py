"""A section of a page: a finding, what shows it, its figures and the notes that belong to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from ui.charts import Chart
from ui.figure import Figure


@dataclass(frozen=True)
class Section:
    """All that one section shows; `chart` is None where there is nothing to draw, and `title` and `summary` say why.

    table: what stands open in place of a chart, or below it, where the finding is a few figures side by side. folds:
    it is too wide for a narrow screen, where each of its rows becomes a card.
    """

    name: str
    title: str
    summary: str
    subtitle: str = ""
    chart: Chart | None = None
    figures: tuple[Figure, ...] = ()
    notes: tuple[str, ...] = ()
    labels: Mapping[str, str] | None = None
    column: str = ""
    table: pl.DataFrame | None = None
    folds: bool = False
