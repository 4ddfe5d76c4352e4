"""Public tables of residents, and of need where one is loaded, that rates and representation are worked from."""

from __future__ import annotations

import duckdb
import polars as pl

#: Table of the protected store, and the mart that it holds.
TABLES = {
    "residents_by_ethnic_group": "mart_population_ethnicity",
    "residents_by_simd_age_sex": "mart_population_simd",
    "residents_by_urban_rural": "mart_population_urban_rural",
}


def residents(con: duckdb.DuckDBPyConnection) -> dict[str, pl.DataFrame]:
    """Residents of each board by group, as the census counted them; published figures, so nothing is protected.

    con: the built warehouse. Each table has `residence_board`, the columns that name a group, and `population`.
    """
    return {name: con.sql(f"SELECT * FROM {mart} ORDER BY ALL").pl() for name, mart in TABLES.items()}  # noqa: S608
