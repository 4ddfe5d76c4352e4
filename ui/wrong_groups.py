"""What wrong recording of ethnic groups would do to shares and gaps, under rates of recording that a reader assumes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import polars as pl

from methods.misclassified_groups import corrected_event_shares

#: How those who are recorded wrongly are recorded: all in the group compared with (and its own people in the others,
#: as these are recorded), or each in all other groups as these are recorded.
Way = Literal["compared_with", "spread"]

#: Of 100 people of a group, how many are recorded in it, unless a reader says otherwise. From a study of linked records
#: in Scotland: 12.5 to 69.1 in 100 people of minority groups were recorded in another group, and 5.1 in 100 White
#: Scottish people, by finer groups than these six; it does not say how many of the latter were recorded as other than
#: White, so none is taken to be.
RIGHT_OF_OTHERS, RIGHT_OF_COMPARED = 87.5, 100.0

#: The fewest recorded rightly that may be assumed: below half, groups cannot be told apart.
LEAST_RIGHT = 55.0


def usual(groups: Sequence[str], compared_with: str) -> dict[str, float]:
    """Of 100 people of each group, how many are recorded in it, by the study."""
    return {group: RIGHT_OF_COMPARED if group == compared_with else RIGHT_OF_OTHERS for group in groups}


def matrix(right: Mapping[str, float], recorded: Mapping[str, int], compared_with: str, way: Way) -> pl.DataFrame:
    """The chance that somebody of a group is recorded in each: `group`, `recorded`, `probability`.

    right: of 100 people of a group, how many are recorded in it. recorded: people recorded in each group, by which
    those recorded wrongly are spread where they are.
    """
    rows = []
    for group, share in right.items():
        others = [other for other in right if other != group]
        if way == "compared_with" and group != compared_with:
            others = [compared_with]
        total = sum(recorded[other] for other in others)
        for other in others:
            rows.append((group, other, (1 - share / 100) * recorded[other] / total))
        rows.append((group, group, share / 100))
    return pl.DataFrame(
        rows, schema={"group": pl.String, "recorded": pl.String, "probability": pl.Float64}, orient="row"
    )


def corrected(counts: pl.DataFrame, errors: pl.DataFrame, compared_with: str) -> pl.DataFrame | None:
    """Shares and gaps as recorded and as they would be, a row a group: `group`, `share`, `corrected`, `gap`,
    `corrected_gap`; null where the rates do not fit what is recorded. None where groups cannot be told apart at all.

    counts: `group`, `events`, `people` of every group of `errors`.
    """
    try:
        found = corrected_event_shares(counts, errors).select("group", corrected="value")
    except ValueError:
        return None
    rows = counts.select("group", share=pl.col("events") / pl.col("people")).join(
        found, on="group", how="left", maintain_order="left"
    )
    own = pl.col("group") == compared_with
    return rows.with_columns(
        gap=pl.col("share") - pl.col("share").filter(own).first(),
        corrected_gap=pl.col("corrected") - pl.col("corrected").filter(own).first(),
    )
