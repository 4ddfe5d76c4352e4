"""Items of the strategy's delivery as the programme page shows them: where each stands, and where it stood before."""

from __future__ import annotations

import duckdb
import polars as pl

#: Items whose value is a number of people in one board and month, which is too small to be shown.
NOT_SHOWN = "eligible_patients"

_ITEMS = """
    SELECT
        item_id, aim, item_type, title, owner, organisation_code, staff_group, test_code, comparator,
        comparator_version, depends_on, submitted_date, assessed_date, decision, decision_date, due_date,
        completed_date, status, value, target, narrative, author, as_at
    FROM mart_programme
    WHERE is_newest AND item_type <> $not_shown
    ORDER BY aim, item_type, item_id"""

_HISTORY = """
    SELECT item_id, as_at, status, due_date, completed_date
    FROM mart_programme
    WHERE item_type <> $not_shown
    ORDER BY item_id, as_at"""


def programme_items(con: duckdb.DuckDBPyConnection) -> dict[str, pl.DataFrame]:
    """Tables `programme_items`, one row an item by its newest report, and `programme_history`, one an item and report.

    con: the built warehouse. Owners and authors are roles; nothing here is of people tested.
    """
    asked = {"not_shown": NOT_SHOWN}
    return {
        "programme_items": con.cursor().sql(_ITEMS, params=asked).pl(),
        "programme_history": con.cursor().sql(_HISTORY, params=asked).pl(),
    }
