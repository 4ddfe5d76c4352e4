"""What stands in a release beside its cells and is worked from rows or from shown cells: gaps, the outlook, stages."""

from __future__ import annotations

from collections.abc import Callable, Collection

import duckdb
import polars as pl

from catalogue.disclosure import rules
from catalogue.indicators import Indicator
from pipelines import case_mix
from pipelines.disclosure.secret import Secret
from pipelines.equity.families import going_together
from pipelines.equity.gaps import scan
from pipelines.kept.results import KeptResults
from pipelines.outlook import demand, shares
from pipelines.outlook.protected import breach_tables
from pipelines.outlook.queue import record, requests
from pipelines.stage_shares import stage_shares
from pipelines.stopwatch import counting

Frames = dict[str, pl.DataFrame]


def beside_cells(
    con: duckdb.DuckDBPyConnection,
    cells: pl.DataFrame,
    published: Collection[Indicator],
    secret: Secret,
    kept: KeptResults,
) -> Frames:
    """`gaps`, `gaps_by_chance`, `going_together`, `adjusted`, `stage_shares`, and the tables of the outlook:
    `breach_forecast`, `breach_forecast_past`, `breach_forecast_scores`, `share_forecast`, `share_forecast_scores`,
    `demand_forecast`, `demand_past`.

    con: the built warehouse. cells: the protected cells, with their status. kept: what earlier builds worked out. Each
    piece of work gets only the cells that it may rest on, so that others cannot change it.
    """
    allowed = rules().model_dump_json()
    entries = [entry.model_dump_json() for entry in published]

    def of(*measures: str) -> pl.DataFrame:
        return cells.filter(pl.col("indicator").is_in(measures))

    compared = of(*(entry.id for entry in published if entry.compared_within))
    requested, within = of(demand.INDICATOR), of(shares.INDICATOR)
    adjusted_of = of(case_mix.MEASURE)

    def gaps(con: duckdb.DuckDBPyConnection) -> Frames:
        scanned = scan(con, compared, published, rules())
        return {"gaps": scanned.gaps, "gaps_by_chance": scanned.by_chance}

    def breaches(con: duckdb.DuckDBPyConnection) -> Frames:
        return breach_tables(con, record(requests(con)), secret, rules())

    def stages(con: duckdb.DuckDBPyConnection) -> Frames:
        return {"stage_shares": stage_shares(con, rules())}

    def mix(con: duckdb.DuckDBPyConnection) -> Frames:
        return {"adjusted": case_mix.adjusted(con, adjusted_of)}

    def families(con: duckdb.DuckDBPyConnection) -> Frames:
        return {"going_together": going_together(con, published)}

    work: list[tuple[str, str, list[str | pl.DataFrame], Callable[[duckdb.DuckDBPyConnection], Frames]]] = [
        ("Gaps", "gaps", [compared, *entries, allowed], gaps),
        ("Gaps", "families", [*entries], families),
        ("Outlook", "breaches", [secret.fingerprint, allowed], breaches),
        ("Outlook", "shares", [within], lambda _: shares.tables(within)),
        ("Outlook", "demand", [requested, allowed], lambda _: demand.tables(requested, rules().rounded_to)),
        ("Stages", "stages", [allowed], stages),
        ("Stages", "case mix", [adjusted_of], mix),
    ]
    found: Frames = {}
    for piece, name, given, make in work:
        with counting(piece):
            found |= kept.of(name, con, given, make)
    return found
