"""A cited figure: from its id back to the release that it came from, and the same bytes again."""

from __future__ import annotations

import json
from dataclasses import dataclass

import duckdb
import polars as pl

from catalogue.citations import Citation, CitationError, TableCitation, parse
from catalogue.cited_files import Measure, ReleaseFacts, chosen, figure_bytes, fingerprint, table_bytes, table_rows
from pipelines import releases
from pipelines.errors import PipelineError
from pipelines.folders import Folders
from pipelines.releases import STORE, Release


@dataclass(frozen=True)
class CitedFile:
    """The bytes that an id stands for, and the release that they were read from."""

    content: bytes
    release: Release

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the bytes."""
        return fingerprint(self.content)


def cited_file(folders: Folders, text: str) -> CitedFile:
    """The bytes behind a figure's id, from the release that it names.

    Raises PipelineError where it is no id, the release is not here, its files have changed, or it holds no such figure.
    """
    try:
        cited = parse(text)
    except CitationError as problem:
        raise PipelineError(f"figure: {problem}") from problem
    release = next((r for r in releases.releases(folders) if r.release_id == cited.release), None)
    if release is None:
        raise PipelineError(f"figure: release {cited.release} is not here; restore it from the archive")
    if wrong := releases.problems(release):
        raise PipelineError("\n".join(wrong))
    try:
        with duckdb.connect(str(release.folder / STORE), read_only=True) as con:
            content = _table(con, cited) if isinstance(cited, TableCitation) else _figure(con, cited)
    except duckdb.CatalogException as problem:
        raise PipelineError(
            f"figure: release {cited.release} was made by another version of this product, with other tables; "
            f"use that version (code {release.manifest.get('code_version', 'unknown')})"
        ) from problem
    return CitedFile(content, release)


def notes(folders: Folders, cited: CitedFile) -> list[str]:
    """What to know of a cited figure beside its bytes: its release, whether that is still served, its fingerprint."""
    serving = releases.current(folders)
    made = str(cited.release.manifest["created_at"])[:10]
    line = f"From the release of {made}"
    if serving is None:
        line += "; no release is being served"
    elif serving.release_id == cited.release.release_id:
        line += ", the one being served"
    elif serving.release_id > cited.release.release_id:
        line += f", which is not the newest: {serving.release_id} is being served"
    else:
        line += f", which is no longer served: {serving.release_id} is"
    return [line, f"SHA-256 {cited.fingerprint}"]


def _figure(con: duckdb.DuckDBPyConnection, cited: Citation) -> bytes:
    cells = _frame(
        con,
        "SELECT * FROM cells WHERE indicator = $indicator AND cube = $cube AND grain = $grain",
        {"indicator": cited.indicator, "cube": cited.cube, "grain": cited.grain},
    )
    found = con.execute("SELECT entry FROM indicators WHERE id = ?", [cited.indicator]).fetchone()
    if found is None or chosen(cited, cells).is_empty():
        raise PipelineError(f"figure: release {cited.release} holds no such figure; check the id")
    entry = json.loads(found[0])
    labels: dict[str, dict[str, str]] = {}
    for dimension, code, label in con.execute("SELECT dimension, code, label FROM dimension_values").fetchall():
        labels.setdefault(dimension, {})[code] = label
    grades = _frame(con, "SELECT * FROM grades WHERE indicator = $indicator", {"indicator": cited.indicator})
    overall = con.execute("SELECT grade FROM quality WHERE indicator = ?", [cited.indicator]).fetchone()
    measure = Measure(
        entry["number"], entry["title"], entry["kind"], entry["unit"], labels, grades, overall[0] if overall else ""
    )
    return figure_bytes(cited, cells, measure, _facts(con))


def _table(con: duckdb.DuckDBPyConnection, cited: TableCitation) -> bytes:
    table: pl.DataFrame = con.table(cited.table).pl()
    if table_rows(cited, table).is_empty():
        raise PipelineError(f"figure: release {cited.release} holds no such rows; check the id")
    return table_bytes(cited, table, _facts(con))


def _facts(con: duckdb.DuckDBPyConnection) -> ReleaseFacts:
    told = dict(con.execute("SELECT key, value FROM release").fetchall())
    return ReleaseFacts(told.get("created_at", ""), told.get("data_to", ""), told.get("is_synthetic") == "true")


def _frame(con: duckdb.DuckDBPyConnection, sql: str, values: dict[str, str]) -> pl.DataFrame:
    frame: pl.DataFrame = con.sql(sql, params=values).pl()
    return frame
