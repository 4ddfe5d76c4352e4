"""The lake as tables: one view an extract over the submissions in use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from catalogue.contracts import Contract, extract_contracts
from pipelines.folders import Folders
from pipelines.hashes import sha256_of

if TYPE_CHECKING:  # ingest puts its rows into the lake, and so rests on this module
    from pipelines.ingest.register import Submission

SQL_TYPES = {"date": "DATE", "integer": "BIGINT", "decimal": "DOUBLE"}


def lake_file(folders: Folders, submission: Submission) -> Path:
    """Where the accepted rows of a submission lie."""
    return file_by_id(folders, submission.submission_id)


def file_by_id(folders: Folders, submission_id: str) -> Path:
    """The same by the submission's id, which begins with its extract."""
    return folders.lake / submission_id.partition("__")[0] / submission_id / "rows.parquet"


def damaged(folders: Folders, submissions: Sequence[Submission], known: Mapping[str, str]) -> list[Submission]:
    """Those whose rows are missing, or are no longer the bytes that ingest wrote.

    known: SHA-256 of the file of each submission by its id, as the register has it; one that is not in it is only
    looked for.
    """
    return [one for one in submissions if not _is_whole(lake_file(folders, one), known.get(one.submission_id))]


def _is_whole(path: Path, expected: str | None) -> bool:
    return path.is_file() and expected in (None, sha256_of(path) if expected else None)


def lake_views(con: duckdb.DuckDBPyConnection, folders: Folders, in_use: Sequence[Submission]) -> None:
    """A view `lake_<extract>` over the rows in use of each extract; an extract that nobody sent is an empty table."""
    for name, contract in extract_contracts().items():
        files = [str(lake_file(folders, s)) for s in in_use if s.extract == name]
        if files:
            con.read_parquet(files).create_view(f"lake_{name}")
        else:
            con.execute(f"CREATE TABLE lake_{name} ({_columns(contract)})")


def _columns(contract: Contract) -> str:
    typed = [f"{column.name} {SQL_TYPES.get(column.type, 'VARCHAR')}" for column in contract.columns]
    return ", ".join([*typed, "source_row BIGINT", "submission_id VARCHAR"])
