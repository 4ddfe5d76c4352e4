"""What a control chart says, as two icons and in plain words: how the figures move, and whether a target is met."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from methods.estimates import FIELDS
from methods.groundwork.frames import require_columns
from methods.reasons import REASON

#: Which way is better.
BETTER = ("higher", "lower", "neither")

#: What a manager should think of how the figures move, by the code of the variation icon.
VARIATION = {
    "common_cause": "The latest figure is in line with those before it and needs no explanation.",
    "improvement_high": "The figures have gone up by more than chance would explain, and up is better: find out what "
    "is working and keep it.",
    "improvement_low": "The figures have gone down by more than chance would explain, and down is better: find out "
    "what is working and keep it.",
    "concern_high": "The figures have gone up by more than chance would explain, and up is worse: find out why "
    "and act.",
    "concern_low": "The figures have gone down by more than chance would explain, and down is worse: find out why and "
    "act.",
    "neutral_high": "The figures have gone up by more than chance would explain: find out why.",
    "neutral_low": "The figures have gone down by more than chance would explain: find out why.",
    "unusually_steady": "The figures vary less than chance would explain: check how they are recorded, or whether the "
    "limits are out of date.",
}

#: What a manager should think of the target, by the code of the assurance icon.
ASSURANCE = {
    "pass": "Unless something changes, the target will be met every time.",
    "fail": "Unless something changes, the target will not be met.",
    "inconsistent": "Unless something changes, the target will be met at some times and missed at others, by chance.",
}

#: What to bear in mind where the chart gives a caution.
CAUTION = {
    "too_few_points": "There are few points yet, so this may change.",
    "too_many_unchanged": "Most figures equal the one before, so take this with care.",
}

WORDS = {"variation": VARIATION, "assurance": ASSURANCE, "caution": CAUTION}


def variation(special_cause: pl.Expr, direction: pl.Expr, better: str | pl.Expr) -> pl.Expr:
    """Whether a point is common cause, improvement, concern, or neither good nor bad: a code of VARIATION.

    special_cause, direction: columns of `methods.special_causes.special_causes`. better: higher, lower or neither, or
    a column of these; null gives null.
    Returns a column of Enum. High and low say which way the figures went: a falling trend is low, wherever it lies. A
    point that is special only for lying close to the centre is unusually_steady.

    Source: NHS England, Making Data Count, icons; colours by rule as NHSRplotthedots 0.2.2.
    """
    side = pl.when(direction > 0).then(pl.lit("high")).otherwise(pl.lit("low"))
    good = direction == _sign(better)
    kind = pl.when(_sign(better) == 0).then(pl.lit("neutral")).when(good).then(pl.lit("improvement"))
    code = (
        pl.when(_sign(better).is_null())
        .then(None)
        .when(special_cause.is_null())
        .then(pl.lit("common_cause"))
        .when(direction == 0)
        .then(pl.lit("unusually_steady"))
        .otherwise(pl.concat_str(kind.otherwise(pl.lit("concern")), pl.lit("_"), side))
    )
    return code.cast(pl.Enum(list(VARIATION)))


def assurance(lower: pl.Expr, upper: pl.Expr, target: float | pl.Expr | None, better: str | pl.Expr) -> pl.Expr:
    """Whether a process within these limits will meet its target: a code of ASSURANCE.

    lower, upper: process limits. target: a number or a column. better: higher, lower or neither, or a column of these.
    Returns a column of Enum: pass or fail where the target lies beyond a limit, inconsistent on or between them; null
    without a limit, a target or a better side. A target of none is not a verdict, and neither is a chart without
    limits: NHSRplotthedots says inconsistent there.

    Source: NHS England, Making Data Count, icons.
    """
    aim = (target if isinstance(target, pl.Expr) else pl.lit(target, pl.Float64)).cast(pl.Float64).fill_nan(None)
    sign = _sign(better)
    found = (
        pl.when(pl.any_horizontal(aim.is_null(), lower.is_null(), upper.is_null(), sign.is_null(), sign == 0))
        .then(None)
        .when(((aim > upper) & (sign > 0)) | ((aim < lower) & (sign < 0)))
        .then(pl.lit("fail"))
        .when((aim > upper) | (aim < lower))
        .then(pl.lit("pass"))
        .otherwise(pl.lit("inconsistent"))
    )
    return found.cast(pl.Enum(list(ASSURANCE)))


def spc_icons(
    points: pl.DataFrame,
    by: Sequence[str] = (),
    better: str | pl.Expr = "higher",
    target: float | pl.Expr | None = None,
) -> pl.DataFrame:
    """What the latest point of each chart says: variation icon, assurance icon, and a sentence for each.

    points: as `methods.special_causes.special_causes` returns them, from a chart with limits. better: higher, lower or
    neither, or a column of these. target: a number or a column; null for none.
    Returns one row a group, sorted by `by`: `by`, `period`, `value`, `lower`, `upper`, `method`, `reason` of the latest
    point that has a value, `variation`, `assurance`, `caution` (of the chart, if it has one), `variation_sentence`,
    `assurance_sentence`, and `sentence`: both, and a word of caution. Null where there is no such point; without limits
    there is no assurance, and variation only where a special cause shows without them or all points are the same.

    Reasons: those of the chart, and missing where a group has no point with a value.
    Source: NHS England, Making Data Count, icons; the words are ours.
    """
    made = [*WORDS, *(f"{name}_sentence" for name in WORDS), "sentence"]
    require_columns(points, by, ["period", *FIELDS, "special_cause", "direction"], made)
    cause, lower = pl.col("special_cause"), pl.col("lower")
    # Without limits only a special cause that needs none says anything, or that all points are the same.
    judged = pl.when(cause.is_not_null() | lower.is_not_null() | (pl.col("reason") == "no_variation"))
    icons = points.with_columns(
        pl.lit(0).alias("_all"),
        pl.col("value").fill_nan(None),
        variation=judged.then(variation(cause, pl.col("direction"), better)),
        assurance=assurance(lower, pl.col("upper"), target, better),
        caution=pl.col("caution") if "caution" in points.columns else pl.lit(None, REASON),
    ).sort([*by, "period"], nulls_last=True, maintain_order=True)
    known = pl.col("value").is_not_null() & pl.col("period").is_not_null()
    latest = ["period", "value", "lower", "upper", "variation", "assurance", "caution"]
    why = pl.when(known.any()).then(pl.col("reason").filter(known).last()).otherwise(pl.col("reason").last())
    last = icons.group_by(list(by) or ["_all"], maintain_order=True).agg(
        pl.col(latest).filter(known).last(), pl.col("method").last(), why
    )
    return last.select(
        *by,
        "period",
        *FIELDS,
        *("variation", "assurance", "caution"),
        variation_sentence=_words("variation"),
        assurance_sentence=_words("assurance"),
        sentence=pl.when(pl.col("variation").is_not_null()).then(
            pl.concat_str([_words(name) for name in WORDS], separator=" ", ignore_nulls=True)
        ),
    )


def _words(icon: str) -> pl.Expr:
    return pl.col(icon).cast(pl.String).replace_strict(WORDS[icon], default=None, return_dtype=pl.String)


def _sign(better: str | pl.Expr) -> pl.Expr:
    """1 where higher is better, -1 where lower is, 0 for neither, null for anything else."""
    if isinstance(better, str):
        if better not in BETTER:
            raise ValueError(f"better is one of {', '.join(BETTER)}, not {better}")
        better = pl.lit(better)
    return better.cast(pl.String).replace_strict(
        {"higher": 1, "lower": -1, "neither": 0}, default=None, return_dtype=pl.Int8
    )
