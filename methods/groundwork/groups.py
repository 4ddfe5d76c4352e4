"""Takes a frame with several rows a group apart into groups and numbers, and puts the answers together again."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from methods.estimates import FIELDS
from methods.groundwork.frames import as_number, require_columns

#: The column that numbers the groups.
GROUP = "_group"


def numbered_groups(
    frame: pl.DataFrame, by: Sequence[str], needed: Sequence[str], optional: Sequence[str] = ()
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The groups with their names, and the rows with their numbers: two frames that share the number of the group.

    They are apart so that groups may be named by columns of any name, whatever a method calls its own.

    frame: has the columns `by` and `needed`, and may have `optional`; those two hold numbers. ValueError otherwise.
    Returns one row a group, with `by` (a null there is a group of its own); and the rows, with `needed` and `optional`
    as floats, NaN made null and null where not given, in an order that does not depend on the one they came in.
    """
    require_columns(frame, by, needed, {*optional, "measure", *FIELDS, GROUP})
    given = [name for name in [*needed, *optional] if name in frame.columns]
    if wrong := {name: str(frame.schema[name]) for name in given if not _holds_numbers(frame.schema[name])}:
        raise ValueError(f"columns of numbers are needed, not {wrong}")
    number = (pl.struct(by).rle_id() if by else pl.lit(0)).cast(pl.UInt32).alias(GROUP)
    numbers = [as_number(name) for name in given]
    numbers += [pl.lit(None, pl.Float64).alias(name) for name in optional if name not in given]
    whole = frame.select(*by, *numbers)
    whole = (whole.sort(by) if by else whole).with_columns(number)
    rows = whole.select(GROUP, *needed, *optional)
    return whole.select(GROUP, *by).unique(GROUP, keep="first").sort(GROUP), rows.sort(rows.columns)


def measure(
    name: str, method: str, value: pl.Expr, limits: Sequence[pl.Expr], fault: pl.Expr, limit_fault: pl.Expr
) -> list[pl.Expr]:
    """The columns of one measure of a group: `measure` and the five of `methods.estimates.FIELDS`.

    limits: two, in either order. fault: why there is no value; limit_fault: why there are no limits to it. Both are
    columns of `methods.reasons.reason`, null where nothing is wrong.
    """
    why = pl.coalesce(fault, limit_fault)
    return [
        pl.lit(name).alias("measure"),
        pl.when(fault.is_null()).then(value).alias("value"),
        pl.when(why.is_null()).then(pl.min_horizontal(*limits)).alias("lower"),
        pl.when(why.is_null()).then(pl.max_horizontal(*limits)).alias("upper"),
        pl.lit(method).alias("method"),
        why.alias("reason"),
    ]


def measured(
    keys: pl.DataFrame, groups: pl.DataFrame, measures: Sequence[Sequence[pl.Expr]], about: Sequence[str] = ()
) -> pl.DataFrame:
    """One row a group and measure, the measures of a group together and in the order given.

    keys: as `numbered_groups` gives them. groups: one row a group, with its number, `about` (columns to keep) and what
    the measures are made of.
    """
    by = [name for name in keys.columns if name != GROUP]
    if clash := sorted(set(by) & set(about)):
        raise ValueError(f"by names the groups, so it cannot be {clash}, which the method gives")
    answers = pl.concat([groups.select(GROUP, *columns, *about) for columns in measures])
    answers = answers.sort(GROUP, maintain_order=True).join(keys, on=GROUP, how="left", maintain_order="left")
    return answers.select(*by, pl.exclude(GROUP, *by))


def _holds_numbers(kind: pl.DataType) -> bool:
    return kind.is_numeric() or kind == pl.Null
