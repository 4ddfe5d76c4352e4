"""Rows that only the whole of what was sent shows to be wrong go back to their submitters, like those of ingest."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl

from catalogue.contracts import Contract, extract_contracts
from pipelines.folders import Folders
from pipelines.ingest.register import Register, Submission
from pipelines.ingest.returns import BUILD_ADVICE, BUILD_ENDING, harmless, write_returns
from pipelines.lake import lake_file


def record_build_returns(con: duckdb.DuckDBPyConnection, folders: Folders, in_use: Sequence[Submission]) -> None:
    """Write the return files of the build and their counts in the register; those of earlier builds go.

    con: the warehouse with `stg_returned` (`submission_id`, `source_row`, `reason`).
    """
    rows = con.sql("SELECT submission_id, source_row, reason FROM stg_returned").pl()
    known = {s.submission_id: s for s in in_use}
    written = set()
    for (submission_id,), part in rows.group_by("submission_id"):
        submission = known[str(submission_id)]
        path = folders.returns / str(submission.submitter) / f"{str(submission_id).rpartition('__')[0]}{BUILD_ENDING}"
        write_returns(path, _as_sent(lake_file(folders, submission), submission, part))
        written.add(path)
    for old in set(folders.returns.glob(f"*/*{BUILD_ENDING}")) - written:
        old.unlink()
    counts: dict[str, dict[str, int]] = {}
    for submission_id, reason, count in rows.group_by("submission_id", "reason").len().sort("reason").iter_rows():
        counts.setdefault(submission_id, {})[reason] = count
    with Register(folders.register) as register:
        register.record_build_returns(counts)


def _expected(contract: Contract) -> dict[str, str]:
    """What is expected of a returned row's key, by reason."""
    key = ", ".join(contract.key)
    return {
        "orphan_key": f"{key}: the key of a request in an accepted testing extract",
        "sent_twice": f"{key}: each key in one submission",
    }


def _as_sent(lake: Path, submission: Submission, returned: pl.DataFrame) -> pl.DataFrame:
    """The returned rows with where they stand, why, what is expected, what to do, and their columns as text."""
    contract = extract_contracts()[str(submission.extract)]
    columns = [harmless(pl.col(name).cast(pl.String)).alias(name) for name in contract.names]
    return (
        pl.read_parquet(lake)
        .join(returned, on="source_row")
        .sort("source_row")
        .select(
            pl.col("source_row").alias("row_number"),
            pl.lit(", ".join(contract.key)).alias("fields"),
            pl.col("reason").alias("reasons"),
            pl.col("reason").replace_strict(_expected(contract)).alias("expected"),
            pl.col("reason").replace_strict(BUILD_ADVICE).alias("what_to_do"),
            *columns,
        )
    )
