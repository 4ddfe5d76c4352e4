"""Reference tables, loaded and checked like any other input: typed as their descriptions say, every row by rule."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from catalogue.reference import FOLDER, ReferenceTable, reference_tables
from pipelines.errors import PipelineError
from pipelines.ingest.file_check import check_records, read_header
from pipelines.ingest.header_check import check_missing
from pipelines.ingest.parse import as_typed, csv_text, with_typed
from pipelines.ingest.refusal import RefusedError
from pipelines.ingest.row_rules import WHAT_TO_DO, broken, column_rules, with_repeated_keys


def load_reference(folder: Path = FOLDER) -> dict[str, pl.DataFrame]:
    """Every reference table by name, its columns typed; PipelineError names file, row, field and what to do."""
    return {name: load_table(folder / f"{name}.csv", table) for name, table in reference_tables(folder).items()}


def load_table(path: Path, table: ReferenceTable) -> pl.DataFrame:
    """One reference table, typed; PipelineError for the first row that breaks a rule."""
    try:
        text = _read_text(path.read_bytes(), table)
    except RefusedError as refusal:
        raise PipelineError(f"reference/{path.name}: {refusal}") from None
    parsed = with_typed(text, table.columns)
    rules = column_rules(table.columns)
    flags, rules = with_repeated_keys(broken(parsed, rules), rules, text, table.key, table.names)
    for name in flags.columns:
        rule, row = rules[int(name)], int(flags[name].arg_true()[0]) + 2
        raise PipelineError(
            f"reference/{path.name}, row {row}, {', '.join(rule.fields)}: {rule.reason}. {WHAT_TO_DO[rule.reason]}"
        )
    return as_typed(parsed, table.columns)


def _read_text(content: bytes, table: ReferenceTable) -> pl.DataFrame:
    header = read_header(content)
    check_missing(header.fields, table.names)
    if len(header.fields) > len(table.names):
        raise RefusedError("The header has columns that the description lacks. Describe each in the .yml beside it.")
    return csv_text(content, header.fields, check_records(content, header))
