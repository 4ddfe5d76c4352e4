"""Public tables of residents, and of need where one is loaded, that rates and representation are worked from."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

from catalogue.contracts import read_yaml
from catalogue.reference import FOLDER, ReferenceTable
from pipelines.reference import load_table

#: Table of the protected store, and the mart that it holds.
TABLES = {
    "residents_by_ethnic_group": "mart_population_ethnicity",
    "residents_by_simd_age_sex": "mart_population_simd",
    "residents_by_urban_rural": "mart_population_urban_rural",
}

#: Table of need that a data owner may load, described in reference/optional/; none is shipped.
NEED = "cancer_incidence"


def residents(con: duckdb.DuckDBPyConnection) -> dict[str, pl.DataFrame]:
    """Residents of each board by group, as the census counted them; published figures, so nothing is protected.

    con: the built warehouse. Each table has `residence_board`, the columns that name a group, and `population`.
    """
    return {name: con.sql(f"SELECT * FROM {mart} ORDER BY ALL").pl() for name, mart in TABLES.items()}  # noqa: S608


def need(folder: Path = FOLDER / "optional") -> dict[str, pl.DataFrame]:
    """New cancers of the newest year as published, where a table of them is loaded; PipelineError for a bad row.

    Returns at most one table: `year`, `area`, `simd_quintile` (text, as in the cells), `sex`, `age_band`, `cases`.
    """
    path = folder / f"{NEED}.csv"
    if not path.exists():
        return {}
    frame = load_table(path, read_yaml(folder / f"{NEED}.yml", ReferenceTable))
    newest = frame.filter(pl.col("year") == pl.col("year").max())
    return {NEED: newest.with_columns(pl.col("simd_quintile").cast(pl.String))}
