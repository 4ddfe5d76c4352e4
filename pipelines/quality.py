"""The quality grade beside each figure, and why.

Good: every check that touches the figure passes and every laboratory has sent its months. Fair: a warning fails, a
laboratory is late or lacks a month, a month is stale, or more than 1% of rows were returned. Poor: a laboratory lacks
two months or more, or more than 5% of rows were returned.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from catalogue.indicators import Indicator
from pipelines import settings
from pipelines.checks import Check
from pipelines.models import INDICATOR, Model
from pipelines.protect import HIDDEN_UNDER, rounded

GRADES = ("good", "fair", "poor")


def read_by(models: Sequence[Model], name: str) -> set[str]:
    """Every table that a model reads, directly or through others, itself included."""
    needs = {model.name: model.needs for model in models}
    found, ahead = set(), [name]
    while ahead:
        table = ahead.pop()
        if table not in found:
            found.add(table)
            ahead.extend(needs.get(table, ()))
    return found


def indicators_touched(check: Check, models: Sequence[Model], entries: dict[str, Indicator]) -> list[str]:
    """Ids of the published indicators that a check's failure touches: those it names, or that read a table it names."""
    named = set(check.affects or (check.table,))
    return [
        entry.id
        for entry in entries.values()
        if entry.published and (entry.id in named or named & read_by(models, _root(entry)))
    ]


def grades(
    entries: dict[str, Indicator],
    models: Sequence[Model],
    checks: Sequence[Check],
    submitters: pl.DataFrame,
    rows: dict[str, tuple[int, int]],
) -> pl.DataFrame:
    """One row a published indicator: `indicator`, `grade`, `reasons`, `accepted_rows`, `returned_rows`, and the
    `extracts` whose rows these are.

    rows: accepted and returned rows by extract, exact; they come out rounded, and null where under 10.
    """
    touched = {id(check): set(indicators_touched(check, models, entries)) for check in checks}
    found = []
    for entry in entries.values():
        if not entry.published:
            continue
        extracts = sorted(name.removeprefix("lake_") for name in read_by(models, _root(entry)) if name in _lakes())
        reasons = [
            (1, f"Not met: {check.sentence}")
            for check in checks
            if check.status in ("fail", "error") and entry.id in touched[id(check)]
        ]
        reasons += _of_submitters(submitters.filter(pl.col("extract").is_in(extracts)))
        accepted = sum(rows.get(extract, (0, 0))[0] for extract in extracts)
        returned = sum(rows.get(extract, (0, 0))[1] for extract in extracts)
        reasons += _of_returns(accepted, returned)
        grade = GRADES[max((level for level, _ in reasons), default=0)]
        found.append((entry.id, grade, [text for _, text in reasons], accepted, returned, extracts))
    frame = pl.DataFrame(
        found,
        schema={
            "indicator": pl.String,
            "grade": pl.String,
            "reasons": pl.List(pl.String),
            "accepted_rows": pl.Int64,
            "returned_rows": pl.Int64,
            "extracts": pl.List(pl.String),
        },
        orient="row",
    )
    return frame.with_columns(_shown("accepted_rows"), _shown("returned_rows"))


def _root(entry: Indicator) -> str:
    return f"{INDICATOR}{entry.formula.of if entry.formula else entry.id}"


def _lakes() -> set[str]:
    return {f"lake_{name}" for name in ("testing", "turnaround", "outcomes", "workforce", "programme")}


def _of_submitters(rows: pl.DataFrame) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for row in rows.iter_rows(named=True):
        if row["newest_period"] is None:
            found.append((2, f"{row['label']} has sent no {row['extract']} extract."))
        elif row["is_late"]:
            found.append(
                (1, f"{row['label']} is late with its {row['extract']} extract, sent to {row['newest_period']}.")
            )
        if row["newest_period"] is not None and row["periods_missing"] >= 2:
            found.append((2, f"{row['label']} lacks {row['periods_missing']} months of its {row['extract']} extract."))
        elif row["newest_period"] is not None and row["periods_missing"] and not row["is_late"]:
            found.append((1, f"{row['label']} lacks a month of its {row['extract']} extract."))
        if row["stale_periods"]:
            found.append((1, f"{row['label']} did not send again {row['stale_periods']} months with open requests."))
    return found


def _of_returns(accepted: int, returned: int) -> list[tuple[int, str]]:
    share = returned / (accepted + returned) if accepted + returned else 0.0
    if share > settings.RETURNED_POOR:
        return [(2, "More than 5% of the rows behind this figure were returned as unusable.")]
    if share > settings.RETURNED_FAIR:
        return [(1, "More than 1% of the rows behind this figure were returned as unusable.")]
    return []


def _shown(name: str) -> pl.Expr:
    return pl.when(pl.col(name) >= HIDDEN_UNDER).then(rounded(pl.col(name))).alias(name)
