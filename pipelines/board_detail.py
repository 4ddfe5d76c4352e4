"""Own-board detail: for every territorial health board one database of exact figures of its own requests, and no other.

A board's requests are those of its residents and those that it asked for itself. A file holds nothing that tells people
apart beyond the request (no person, family, ethnic group, age, sex, deprivation or test), nothing that names another
board, and no count that a request of another board entered. Specialties and tests are told of apart from the requests,
as counts of twelve months, and by name only where they stand for enough people (decision 0015).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import polars as pl

from methods.time_to_event import time_quantiles
from pipelines.kept.results import KeptResults
from pipelines.store import write_store

FOLDER = "boards"

#: Months for which ended requests stay on the work list.
ENDED_MONTHS = 12

#: Months that the counts by specialty and by test cover, and the people below whom one of these is not named.
GROUP_MONTHS, NAMED_FROM = 12, 10

#: The tables that count by a column which is not in the table of requests, and the people with a late result below whom
#: a value is not named. A test without a late result would say of a late request in the list that it is another test.
GROUPS = {"specialties": ("referrer_specialty", 0), "tests": ("test_code", 5)}

#: What is counted of a specialty or a test.
GROUP_COUNTS = ("requests", "first_pass_known", "not_accepted_first", "rejected", "due", "within_standard")

#: Columns that name a monthly count; a null category or laboratory means all of them.
KEYS = ("board_code", "side", "turnaround_category", "performing_lab", "month")

PERCENTILES = {0.5: "median_days", 0.9: "p90_days"}

#: The published measures whose definitions the monthly counts follow.
MEASURES = ("requests_received", "reported_within_standard", "overdue_backlog", "turnaround_days")

#: Every request once for each board that it belongs to; `side` says by what: the person lives there (`residence`), the
#: board asked for it (`requesting`), or both.
_BOARD_REQUESTS = """
    CREATE OR REPLACE TEMP TABLE board_requests AS
    SELECT
        ref_boards.code AS board_code,
        CASE
            WHEN ref_boards.code <> mart_requests.requesting_board THEN 'residence'
            WHEN ref_boards.code <> mart_requests.residence_board THEN 'requesting'
            ELSE 'both'
        END AS side,
        mart_requests.request_id,
        mart_requests.turnaround_category,
        mart_requests.performing_lab
    FROM mart_requests
    INNER JOIN ref_boards
        ON ref_boards.code = mart_requests.residence_board OR ref_boards.code = mart_requests.requesting_board
    WHERE ref_boards.is_territorial = 'yes'
"""

#: The work list: open requests, and those that were reported or cancelled in the last months. A request that has no row
#: in the turnaround extract has neither standard nor due date; where it is called reported, the day is not known, and
#: it is not listed.
_REQUESTS = """
    WITH listed AS (
        SELECT
            board_requests.*,
            mart_requests.receiving_lab,
            mart_requests.directory,
            mart_requests.technology,
            mart_requests.priority,
            mart_requests.received_date,
            mart_requests.judged_on,
            mart_clock.clock_start AS clock_start_date,
            mart_clock.report_date,
            mart_turnaround.due_date,
            mart_turnaround.target_days,
            mart_turnaround.day_type,
            mart_turnaround.days_used,
            mart_turnaround.paused AS paused_days,
            CASE
                WHEN mart_requests.request_status = 'cancelled' THEN 'cancelled'
                WHEN mart_clock.report_date IS NOT NULL THEN 'reported'
                WHEN mart_clock.request_id IS NOT NULL THEN 'open'
                WHEN mart_requests.request_status IN ('received', 'in_progress') THEN 'open'
            END AS status,
            CASE
                WHEN mart_requests.request_status = 'cancelled' THEN mart_clock.cancelled_date
                ELSE mart_clock.report_date
            END AS ended_date,
            CASE
                WHEN mart_clock.report_date IS NOT NULL THEN 'reported'
                WHEN mart_clock.authorised_date IS NOT NULL THEN 'authorised'
                WHEN mart_clock.analysed_date IS NOT NULL THEN 'analysed'
                WHEN mart_clock.sequenced_date IS NOT NULL THEN 'sequenced'
                WHEN mart_clock.dna_extracted_date IS NOT NULL THEN 'dna_extracted'
                ELSE 'received'
            END AS stage,
            coalesce(
                mart_clock.report_date, mart_clock.authorised_date, mart_clock.analysed_date,
                mart_clock.sequenced_date, mart_clock.dna_extracted_date, mart_requests.received_date
            ) AS stage_date
        FROM board_requests
        INNER JOIN mart_requests ON board_requests.request_id = mart_requests.request_id
        LEFT JOIN mart_clock ON board_requests.request_id = mart_clock.request_id
        LEFT JOIN mart_turnaround ON board_requests.request_id = mart_turnaround.request_id
        WHERE mart_requests.request_status NOT IN ('rejected', 'duplicate')
    )

    SELECT
        board_code,
        request_id,
        side,
        status,
        receiving_lab,
        performing_lab,
        directory,
        turnaround_category,
        technology,
        priority,
        received_date,
        clock_start_date,
        due_date,
        target_days,
        day_type,
        days_used,
        greatest(date_diff('day', due_date, coalesce(report_date, judged_on)), 0) AS days_over,
        paused_days,
        stage,
        stage_date,
        report_date,
        judged_on
    FROM listed
    WHERE status = 'open' OR ended_date >= judged_on - to_months($months)
    ORDER BY board_code, request_id
"""

#: What the monthly counts count: the units of the published measures, each with the month that it counts in.
_UNITS = """
    CREATE OR REPLACE TEMP TABLE board_units AS
    WITH units AS (
        SELECT 'requests_received' AS measure, unit_id AS request_id, period_date, 0 AS days, 1 AS met
        FROM indicator_requests_received
        UNION ALL
        SELECT 'reported_within_standard' AS measure, unit_id AS request_id, period_date, 0 AS days, numerator AS met
        FROM indicator_reported_within_standard
        UNION ALL
        SELECT 'overdue_backlog' AS measure, mart_open_requests.request_id, period_date, 0 AS days, numerator AS met
        FROM indicator_overdue_backlog
        INNER JOIN mart_open_requests ON indicator_overdue_backlog.unit_id = mart_open_requests.open_request_id
        UNION ALL
        SELECT 'turnaround_days' AS measure, unit_id AS request_id, period_date, days, is_event AS met
        FROM indicator_turnaround_days
    )

    SELECT
        board_requests.board_code,
        sides.side,
        board_requests.turnaround_category,
        board_requests.performing_lab,
        ref_periods.period_start AS month,
        units.measure,
        units.period_date,
        units.days,
        CAST(count(*) AS BIGINT) AS requests,
        CAST(sum(units.met) AS BIGINT) AS met
    FROM units
    INNER JOIN ref_days ON units.period_date = ref_days.day
    INNER JOIN ref_periods ON ref_days.month_start = ref_periods.month_start AND ref_periods.grain = 'month'
    INNER JOIN board_requests ON units.request_id = board_requests.request_id
    INNER JOIN (VALUES ('residence'), ('requesting')) AS sides (side)
        ON board_requests.side = sides.side OR board_requests.side = 'both'
    GROUP BY ALL
"""

#: Exact counts by month: for the whole board, each category, each laboratory, and each category of a laboratory.
_MONTHLY = """
    SELECT
        board_code, side, turnaround_category, performing_lab, month,
        CAST(coalesce(sum(requests) FILTER (WHERE measure = 'requests_received'), 0) AS BIGINT) AS received,
        CAST(coalesce(sum(requests) FILTER (WHERE measure = 'reported_within_standard'), 0) AS BIGINT) AS due,
        CAST(coalesce(sum(met) FILTER (WHERE measure = 'reported_within_standard'), 0) AS BIGINT) AS within_standard,
        CAST(coalesce(sum(requests) FILTER (WHERE measure = 'overdue_backlog'), 0) AS BIGINT) AS open_at_end,
        CAST(coalesce(sum(met) FILTER (WHERE measure = 'overdue_backlog'), 0) AS BIGINT) AS overdue_at_end,
        CAST(coalesce(sum(requests - met) FILTER (WHERE measure = 'turnaround_days'), 0) AS BIGINT) AS still_open
    FROM board_units
    GROUP BY GROUPING SETS (
        (board_code, side, month),
        (board_code, side, turnaround_category, month),
        (board_code, side, performing_lab, month),
        (board_code, side, turnaround_category, performing_lab, month)
    )
    ORDER BY ALL
"""

#: Days to report of what was received in a month, for the same groups: how many ended and how many still wait.
_WAITS = """
    SELECT
        board_code, side, turnaround_category, performing_lab, month, CAST(days AS DOUBLE) AS time,
        CAST(sum(met) AS BIGINT) AS events, CAST(sum(requests - met) AS BIGINT) AS censored
    FROM board_units
    WHERE measure = 'turnaround_days'
    GROUP BY GROUPING SETS (
        (board_code, side, month, days),
        (board_code, side, turnaround_category, month, days),
        (board_code, side, performing_lab, month, days),
        (board_code, side, turnaround_category, performing_lab, month, days)
    )
"""

#: Due dates that were missed, for the days between breaches; exact, so they exist here only.
_BREACHES = """
    SELECT
        board_code, side, turnaround_category, performing_lab, period_date AS due_date,
        CAST(sum(requests - met) AS BIGINT) AS breaches
    FROM board_units
    WHERE measure = 'reported_within_standard' AND met < requests
    GROUP BY ALL
    ORDER BY ALL
"""

#: Every request that was sent or fell due in the newest months, once for each side of a board, with its specialty, test
#: and person; what was sent is counted by its receipt, whatever became of it, what fell due by the published measure.
_GROUP_UNITS = """
    WITH due AS (
        SELECT unit_id AS request_id, numerator AS met
        FROM indicator_reported_within_standard
        WHERE period_date BETWEEN $first AND $last
    )

    SELECT
        board_requests.board_code,
        sides.side,
        mart_requests.referrer_specialty,
        mart_requests.test_code,
        mart_requests.person_id,
        CAST(mart_requests.received_date BETWEEN $first AND $last AS BIGINT) AS requests,
        requests * CAST(mart_requests.first_pass_accepted IN ('yes', 'no') AS BIGINT) AS first_pass_known,
        requests * CAST(mart_requests.first_pass_accepted = 'no' AS BIGINT) AS not_accepted_first,
        requests * CAST(mart_requests.request_status = 'rejected' AS BIGINT) AS rejected,
        CAST(due.request_id IS NOT NULL AS BIGINT) AS due,
        CAST(coalesce(due.met, 0) AS BIGINT) AS within_standard
    FROM board_requests
    INNER JOIN mart_requests ON board_requests.request_id = mart_requests.request_id
    LEFT JOIN due ON board_requests.request_id = due.request_id
    INNER JOIN (VALUES ('residence'), ('requesting')) AS sides (side)
        ON board_requests.side = sides.side OR board_requests.side = 'both'
    WHERE mart_requests.received_date BETWEEN $first AND $last OR due.request_id IS NOT NULL
"""


def write_boards(
    con: duckdb.DuckDBPyConnection, folder: Path, protected: Mapping[str, pl.DataFrame], kept: KeptResults
) -> None:
    """Write `boards/<code>.duckdb` for every territorial board into a release folder that is not sealed yet.

    con: the built warehouse with its marts and the indicators' tables. protected: the tables of the protected store,
    of which `release` and the months of `cells` are repeated, so that both tell of the same months. kept: what earlier
    builds worked out.
    """
    months = _months(protected["cells"])
    year = newest_year(months)
    tables = kept.of("boards", con, [str(year)], lambda con: _tables(con, year))
    boards = [code for (code,) in con.execute("SELECT code FROM ref_boards WHERE is_territorial = 'yes'").fetchall()]
    place = folder / FOLDER
    place.mkdir()
    for board in boards:
        own = {name: frame.filter(board_code=board).drop("board_code") for name, frame in tables.items()}
        write_store(place / f"{board}.duckdb", own | {"months": months, "about": _about(protected["release"], board)})


def _tables(con: duckdb.DuckDBPyConnection, year: tuple[dt.date, dt.date]) -> dict[str, pl.DataFrame]:
    """Every table of the files, of all boards together, with `board_code`. year: first and last day of the groups."""
    try:
        con.execute(_BOARD_REQUESTS)
        con.execute(_UNITS)
        requests: pl.DataFrame = con.sql(_REQUESTS, params={"months": ENDED_MONTHS}).pl()
        monthly, waits, breaches = (con.sql(query).pl() for query in (_MONTHLY, _WAITS, _BREACHES))
        units: pl.DataFrame = con.sql(_GROUP_UNITS, params=dict(zip(("first", "last"), year, strict=True))).pl()
    finally:
        for table in ("board_requests", "board_units"):
            con.execute(f"DROP TABLE IF EXISTS {table}")
    own = {"requests": requests, "monthly": _with_percentiles(monthly, waits), "breaches": breaches}
    return own | {name: counted(units, *how, year) for name, how in GROUPS.items()}


def newest_year(months: pl.DataFrame) -> tuple[dt.date, dt.date]:
    """First and last day of the newest 12 months of which every month was sent whole; of no length without any.

    months: as `_months` returns them.
    """
    sent = months.filter(pl.col("period_status") != "incomplete", measure="requests_received")["month"]
    newest = sent.max()
    if not isinstance(newest, dt.date):
        return dt.date.max, dt.date.min
    ends = pl.select(
        pl.lit(newest).dt.offset_by(f"-{GROUP_MONTHS - 1}mo").alias("first"),
        pl.lit(newest).dt.month_end().alias("last"),
    )
    return ends.row(0)


def counted(units: pl.DataFrame, column: str, late_from: int, year: tuple[dt.date, dt.date]) -> pl.DataFrame:
    """The counts of each value of a column that stands for enough people, the others added up under null.

    late_from: people with a late result that a named value needs. Where the others together are too few by the same
    rule, the smallest named ones join them, so that what is left over of a board's total is never a few people either.
    """
    sides = ["board_code", "side"]
    sizes = units.group_by(*sides, column).agg(*_people())
    parts = sizes.partition_by(sides, as_dict=True)
    own = units.partition_by(sides, as_dict=True)
    kept = [_named(own[key], part, column, late_from) for key, part in parts.items()]
    named = pl.concat(kept) if kept else sizes.select(*sides, column)
    shown = units.join(named.with_columns(is_named=True), on=[*sides, column], how="left")
    return (
        shown.with_columns(pl.when("is_named").then(column).alias(column))
        .group_by(*sides, column)
        .agg(pl.col(*GROUP_COUNTS).sum())
        .with_columns(period_start=pl.lit(year[0]), period_end=pl.lit(year[1]))
        .sort(*sides, column, nulls_last=True)
    )


def _people() -> tuple[pl.Expr, pl.Expr]:
    """How many people a group of units stands for, and how many of them had a result that was late."""
    late = pl.col("due") > pl.col("within_standard")
    person = pl.col("person_id")
    return person.n_unique().alias("people"), person.filter(late).n_unique().alias("late")


def _named(units: pl.DataFrame, sizes: pl.DataFrame, column: str, late_from: int) -> pl.DataFrame:
    """The values that are named, of one side of one board. sizes: the people of each of its values."""
    enough = (pl.col("people") >= NAMED_FROM) & (pl.col("late") >= late_from)
    order = sizes.sort(enough, "people", column, descending=[True, True, False])
    number = order.filter(enough).height
    while 0 < number < order.height:
        rest = units.join(order.tail(order.height - number), on=column, how="semi").select(*_people())
        if rest.filter(enough).height:
            break
        number -= 1
    return order.head(number).select("board_code", "side", column)


def _with_percentiles(monthly: pl.DataFrame, waits: pl.DataFrame) -> pl.DataFrame:
    """The monthly counts with median and 90th percentile of days, open requests counted as still waiting."""
    numbered = monthly.with_row_index("number")
    counts = waits.join(numbered.select("number", *KEYS), on=KEYS, nulls_equal=True)
    times = time_quantiles(counts.select("number", "time", "events", "censored"), list(PERCENTILES), ["number"])
    columns = [
        times.filter(probability=probability).select("number", pl.col("value").alias(name))
        for probability, name in PERCENTILES.items()
    ]
    for column in columns:
        numbered = numbered.join(column, on="number", how="left", maintain_order="left")
    return numbered.drop("number")


def _months(cells: pl.DataFrame) -> pl.DataFrame:
    """The months that each published measure has for Scotland, and whether they may still change; no figure of them."""
    return (
        cells.filter(pl.col("indicator").is_in(MEASURES), cube="", grain="month")
        .select(pl.col("indicator").alias("measure"), pl.col("period_start").alias("month"), "period_status")
        .unique()
        .sort("measure", "month")
    )


def _about(release: pl.DataFrame, board: str) -> pl.DataFrame:
    """Whose file this is and of which release, so that one in the wrong place is found out."""
    kept: Sequence[str] = ("release_id", "created_at", "data_from", "data_to", "is_synthetic")
    own = pl.DataFrame({"key": ["board_code"], "value": [board]})
    return pl.concat([own, release.filter(pl.col("key").is_in(kept))])
