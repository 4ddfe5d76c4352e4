"""The one shape in which a method answers: value, lower, upper, method and reason."""

from __future__ import annotations

from functools import cache

import polars as pl
from scipy.stats import norm

from methods.reasons import REASONS

#: The fields of every answer. The limits are of the stated confidence; `method` names what was done; `reason` is a code
#: of `methods.reasons` where value, lower or upper is null, else null.
FIELDS = ("value", "lower", "upper", "method", "reason")


@cache
def normal_quantile(confidence: float) -> float:
    """The two-sided standard normal quantile of a confidence level: 1.96 for 0.95.

    confidence: a share strictly between 0 and 1; ValueError otherwise.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is a share strictly between 0 and 1, not {confidence}")
    return float(norm.ppf(1 - (1 - confidence) / 2))


def estimate(value: pl.Expr, lower: pl.Expr, upper: pl.Expr, method: str | pl.Expr, reason: pl.Expr) -> pl.Expr:
    """A struct of FIELDS; value, lower and upper are null wherever there is a reason.

    A method that answers in part (a value without an upper limit) makes its struct itself.
    """
    sound = reason.is_null()
    return pl.struct(
        pl.when(sound).then(value).alias("value"),
        pl.when(sound).then(lower).alias("lower"),
        pl.when(sound).then(upper).alias("upper"),
        (pl.lit(method) if isinstance(method, str) else method).alias("method"),
        reason.alias("reason"),
    )


def insist(answers: pl.DataFrame) -> pl.DataFrame:
    """The same answers, or ValueError at the first row that cannot be answered: for those who would rather stop.

    answers: a frame with a column `reason`. A missing number is not a fault; its row stays, unanswered.
    """
    faulty = answers.with_row_index("row").filter(pl.col("reason").is_not_null() & (pl.col("reason") != "missing"))
    if faulty.height:
        row, code = faulty.row(0, named=True)["row"], faulty["reason"][0]
        raise ValueError(f"row {row}: {REASONS[code]}")
    return answers
