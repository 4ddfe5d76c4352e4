"""How a formula on whole arrays answers the rows of columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from methods.reasons import REASON, reason

Array = NDArray[np.float64]
#: Takes arrays by the names of their columns; returns value, lower and upper, NaN where there is none.
Formula = Callable[..., tuple[Array, Array, Array]]
#: Pairs of a condition on columns and the code of `methods.reasons` that it stands for.
Conditions = Sequence[tuple[pl.Expr, str]]

ANSWER = pl.Struct({**dict.fromkeys(("value", "lower", "upper"), pl.Float64), "method": pl.String, "reason": REASON})

INFINITE = float("inf")

#: Rows that a formula takes at once: few enough for its steps to stay in the processor's cache.
BLOCK = 16_384


def answer_rows(
    formula: Formula,
    columns: Mapping[str, pl.Expr],
    method: str | pl.Expr,
    faults: Conditions,
    gaps: Conditions = (),
) -> pl.Expr:
    """A struct of `methods.estimates.FIELDS` for each row, every step of the formula worked out once.

    Outside a lazy frame Polars works an expression out anew for each of its readers, so limits that share steps would
    take several times as long without this.

    formula: takes the columns as float arrays by name. method: what was done, or an expression of it. faults: pairs of
    a condition on the columns, by name, and its code; a row with a fault has no numbers, and a row that holds a null,
    NaN or infinite number has one without further words. gaps: the same for rows that are answered in part, where
    the formula gives NaN for the rest.

    Reasons: missing, not_finite, and the codes of `faults` and `gaps`.
    Source: `polars.Expr.map_batches`, which it is made of.
    """
    given = [pl.col(name) for name in columns]
    missing = pl.any_horizontal(*(column.is_null() | column.is_nan() for column in given))
    infinite = pl.any_horizontal(*((column == INFINITE) | (column == -INFINITE) for column in given))
    faults = [(missing, "missing"), (infinite, "not_finite"), *faults]
    is_unfit = pl.any_horizontal(*(condition for condition, _ in faults))
    done = pl.lit(method) if isinstance(method, str) else method

    def answer(rows: pl.Series) -> pl.Series:
        table = rows.struct.unnest()
        unfit = table.select(is_unfit).to_series().to_numpy()
        found = _in_blocks(formula, table)
        found[:, unfit] = np.nan
        value, lower, upper = (pl.Series(numbers, nan_to_null=True) for numbers in found)
        said = reason(*faults, *gaps) if gaps or unfit.any() else pl.lit(None, REASON)
        return table.select(value=value, lower=lower, upper=upper, method=done, reason=said).to_struct()

    numbers = pl.struct([column.cast(pl.Float64).alias(name) for name, column in columns.items()])
    return numbers.map_batches(answer, return_dtype=ANSWER, is_elementwise=True)


def _in_blocks(formula: Formula, table: pl.DataFrame) -> NDArray[np.float64]:
    """Value, lower and upper of every row: those that cannot be answered go through the formula too."""
    arrays = {name: table[name].to_numpy() for name in table.columns}
    found = np.empty((3, table.height))
    with np.errstate(all="ignore"):
        for start in range(0, table.height, BLOCK):
            block = slice(start, start + BLOCK)
            for row, numbers in zip(found, formula(**{name: a[block] for name, a in arrays.items()}), strict=True):
                row[block] = numbers
    return found
