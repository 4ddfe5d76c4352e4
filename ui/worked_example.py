"""A measure's worked example in plain view: the rows that go in, and what must come out of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
import yaml


@dataclass(frozen=True)
class Example:
    """The tables that go in, by name, and the rows that must come out, all as text."""

    given: dict[str, pl.DataFrame]
    expect: pl.DataFrame


def read(text: str) -> Example | None:
    """The example that a release keeps; None where it keeps none."""
    if not text:
        return None
    told: dict[str, Any] = yaml.safe_load(text)
    return Example({name: _table(rows) for name, rows in told["given"].items()}, _table(told["expect"]))


def _table(rows: list[dict[str, object]]) -> pl.DataFrame:
    """Rows as text in the order of their columns; a column that only some rows name is empty in the others."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pl.DataFrame(
        [[_cell(row.get(name)) for name in names] for row in rows], schema=dict.fromkeys(names, pl.String), orient="row"
    )


def _cell(value: object) -> str:
    if value is None:
        return "empty"
    return str(value).lower() if isinstance(value, bool) else str(value)
