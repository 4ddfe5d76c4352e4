"""How a formula on arrays answers rows of columns."""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from methods.groundwork.arrays import BLOCK, Array, answer_rows

X = pl.col("x")


def third(x: Array, y: Array) -> tuple[Array, Array, Array]:
    return x / y, x - 1, np.where(x > 5, np.nan, x + 1)


def answer(frame: pl.DataFrame) -> pl.DataFrame:
    columns = {"x": pl.col("a"), "y": pl.col("b")}
    asked = answer_rows(third, columns, "Third", [(X < 0, "negative_count")], [(X > 5, "no_limits")])
    return frame.select(asked.struct.unnest())


def test_a_row_with_a_fault_has_no_numbers_and_one_with_a_gap_has_the_others() -> None:
    found = answer(pl.DataFrame({"a": [1.0, None, math.nan, math.inf, -1.0, 6.0, -math.inf], "b": [3] * 7}))
    assert found["reason"].to_list() == [
        *(None, "missing", "missing", "not_finite", "negative_count", "no_limits", "not_finite"),
    ]
    assert found["value"].to_list() == [1 / 3, None, None, None, None, 2, None]
    assert found["lower"].to_list() == [0, None, None, None, None, 5, None]
    assert found["upper"].to_list() == [2, *[None] * 6]
    assert set(found["method"]) == {"Third"}


def test_more_rows_than_a_block_are_answered_like_few() -> None:
    rows = 2 * BLOCK + 3
    frame = pl.DataFrame({"a": np.arange(rows) % 7, "b": np.arange(rows) % 11 + 1})
    assert answer(frame)[BLOCK - 2 : BLOCK + 5].equals(answer(frame[BLOCK - 2 : BLOCK + 5]))


def test_constants_and_columns_go_together() -> None:
    frame = pl.DataFrame({"a": [1, 2]})
    found = frame.select(answer_rows(third, {"x": pl.lit(3), "y": pl.col("a")}, "Third", []).struct.unnest())
    assert found["value"].to_list() == [3, 1.5]
