"""Frames as the methods take them: the columns that are needed are there, and numbers are floats."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl


def require_columns(
    frame: pl.DataFrame, by: Sequence[str], needed: Sequence[str], reserved: Collection[str] = ()
) -> None:
    """ValueError where columns are missing, or where those of `by` have a name that the method needs or answers with.

    needed: columns that the method reads. reserved: further names that its answer has.
    """
    if absent := [name for name in (*by, *needed) if name not in frame.columns]:
        raise ValueError(f"columns {absent} are missing; there are {frame.columns}")
    if clash := sorted(set(by) & {*needed, *reserved}):
        raise ValueError(f"by names the groups, so it cannot be {clash}, which the method reads or gives")


def as_number(name: str) -> pl.Expr:
    """The column as floats, NaN taken as missing."""
    return pl.col(name).cast(pl.Float64).fill_nan(None)


def number_groups(rows: pl.DataFrame, by: Sequence[str]) -> pl.Series:
    """The number of the group of each row of a frame that is sorted by it."""
    number = pl.struct(by).rle_id() if by else pl.repeat(0, pl.len(), dtype=pl.UInt32)
    return rows.select(number.alias("group")).to_series()
