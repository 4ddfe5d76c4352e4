"""Return files: the rows that a submitter has to correct, each with where and why it failed and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from catalogue.contracts import Column
from pipelines.folders import Folders, whole_file
from pipelines.ingest.expected import expected
from pipelines.ingest.row_rules import WHAT_TO_DO, Rule
from pipelines.ingest.submission_name import SubmissionName

BETWEEN = "; "

#: The ending of the files of rows that the build returns, and what to do about them.
BUILD_ENDING = "__build.csv"
BUILD_ADVICE = {
    "orphan_key": "Send the request in a testing extract, or take the row out; it is used once its request is known.",
    "sent_twice": "Another submission holds this key too, newer or from its owner; send each key in one submission.",
}

STARTS_FORMULA = r"^[=+\-@\t\r]"
IS_NUMBER = r"^[+-]?[0-9]+(?:\.[0-9]+)?$"


def returns_file(folders: Folders, name: SubmissionName) -> Path:
    """Where the returned rows of a submission stand."""
    return folders.returns / name.submitter / f"{name.stem}.csv"


def returned_rows(
    as_sent: pl.DataFrame,
    flags: pl.DataFrame,
    rules: Sequence[Rule],
    row_numbers: pl.Series,
    columns: Sequence[Column],
) -> pl.DataFrame:
    """The rows that break a rule: row_number, fields, reasons, expected, what_to_do, then the columns as sent.

    as_sent: their text. flags: one column a rule broken, named by the rule's place in `rules`. row_numbers: as a
    spreadsheet shows them. All three are aligned. columns: those of the contract. Fields, reasons and what is expected
    correspond one to one, in the rules' order.
    """
    broken = [(pl.col(name), rules[int(name)]) for name in flags.columns]
    described = flags.select(
        row_numbers.alias("row_number"),
        _listed([pl.when(flag).then(pl.lit(", ".join(rule.fields))) for flag, rule in broken]).alias("fields"),
        _listed([pl.when(flag).then(pl.lit(rule.reason)) for flag, rule in broken]).alias("reasons"),
        _listed([pl.when(flag).then(pl.lit(expected(rule, columns))) for flag, rule in broken]).alias("expected"),
        pl.concat_list([pl.when(flag).then(pl.lit(WHAT_TO_DO[rule.reason])) for flag, rule in broken])
        .list.drop_nulls()
        .list.unique(maintain_order=True)
        .list.join(" ")
        .alias("what_to_do"),
    )
    return described.hstack(as_sent.select(harmless(pl.col(name)).alias(name) for name in as_sent.columns))


def _listed(parts: Sequence[pl.Expr]) -> pl.Expr:
    return pl.concat_str(parts, separator=BETWEEN, ignore_nulls=True)


def harmless(text: pl.Expr) -> pl.Expr:
    """The text with an apostrophe before what a spreadsheet would run as a formula; plain numbers stay."""
    is_formula = text.str.contains(STARTS_FORMULA) & ~text.str.contains(IS_NUMBER)
    return pl.when(is_formula).then(pl.concat_str(pl.lit("'"), text)).otherwise(text)


def count_reasons(flags: pl.DataFrame, rules: Sequence[Rule]) -> dict[str, int]:
    """Rows by reason code, each row once a reason, the commonest first."""
    by_reason: dict[str, list[str]] = {}
    for name in flags.columns:
        by_reason.setdefault(rules[int(name)].reason, []).append(name)
    counts = {reason: flags.select(pl.any_horizontal(names).sum()).item() for reason, names in by_reason.items()}
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def write_returns(path: Path, rows: pl.DataFrame) -> None:
    """Write returned rows as CSV, whole or not at all."""
    with whole_file(path) as partial:
        rows.write_csv(partial)
