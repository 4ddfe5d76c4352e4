"""What was sent, month by month and field by field, as tables that the suites check: counts alone, no row of a person.

`dq_submissions`: one row an extract, submitter and period that was sent or expected. `dq_fields`: one row a field of
each, with how many rows are blank or not recorded. `dq_values`: one row a value of each coded field and date, of SIMD
deciles and of ethnic categories. `months_old` in each: months from the period to the newest that anyone sent of the
extract.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import duckdb
import polars as pl

from catalogue.contracts import Column, Contract, extract_contracts
from catalogue.reference import reference_rows
from expectations.dq_submissions import FEW, PARTLY
from expectations.sendings import SENT_AGAIN_WITHIN
from pipelines import settings
from pipelines.ingest.register import Submission
from pipelines.ingest.submission_name import CENSUS_MONTHS, GOVERNMENT
from pipelines.timeliness import MONTHLY, month_of

TABLES = ("dq_submissions", "dq_fields", "dq_values")

#: Earlier periods of the same submitter that say what is usual, and the fewest that can.
USUAL_PERIODS, FEWEST_PERIODS = 12, 6

#: The fewest rows whose likeness to another period's rows is more than chance.
FEWEST_ROWS_ALIKE = 20
#: A row's content tells it apart where it stands in no more than so many submissions of its submitter.
DISTINCT_WITHIN = 3

#: The other extract that knows a request, by which it is told whose it is where two submitters send it.
KNOWN_BY = {"testing": "turnaround", "turnaround": "testing", "outcomes": "testing"}

#: Whole numbers with few values, whose distribution is followed as that of codes is.
FEW_VALUES = ("simd_decile",)

SUBMISSIONS: dict[str, pl.DataType | type[pl.DataType]] = {
    "extract": pl.String,
    "submitter": pl.String,
    "period": pl.Date,
    "submission_id": pl.String,
    "first_extracted_on": pl.Date,
    "rows_read": pl.Int64,
    "rows_loaded": pl.Int64,
    "rows_returned": pl.Int64,
}


def load_profile(
    con: duckdb.DuckDBPyConnection, in_use: Sequence[Submission], register: Sequence[Submission]
) -> dict[str, pl.DataFrame]:
    """Make TABLES in the warehouse from the tables `ranked_<extract>`, which hold every row in use; the same as frames.

    in_use: the submissions that the build uses. register: every submission ever, which tells when a period was first
    sent.
    """
    found = {
        "dq_submissions": submissions(con, in_use, register),
        "dq_fields": _of_every_extract(con, _fields),
        "dq_values": _of_every_extract(con, _values),
    }
    for name, frame in found.items():
        con.register("frame", frame)
        con.execute(f"CREATE TABLE {name} AS SELECT * FROM frame")
        con.unregister("frame")
    return found


def submissions(
    con: duckdb.DuckDBPyConnection, in_use: Sequence[Submission], register: Sequence[Submission]
) -> pl.DataFrame:
    """One row an extract, submitter and period that was sent or expected, in that order.

    Columns: those of SUBMISSIONS (null where nothing is in use); `months_old`; `due_on`; `known_on` (the day on which
    the newest file of all arrived, on which what is missing is judged); `is_missing`; `is_backfill` (due before its
    submitter began, so lateness is not judged); `is_late` (first extracted after it was due); `rows_in_use` (loaded,
    less what the build returned); `rows_sound` (loaded, less what it returned for faults of this submission);
    `typical_rows` and `rows_ratio` of `rows_sound` to it; `rows_without_request` (of the rows loaded, those whose
    request is in no testing extract); `open_rows`, `days_behind` and `is_stale` (turnaround: requests still open, days
    from the extract to the submitter's newest, and whether these are too many); `copied_share` (largest share of the
    rows that also stand in one earlier period of the submitter) and `copied_from` (that period).
    """
    first = _first_extracted(register)
    rows = [
        (
            *(s.extract, s.submitter, month_of(str(s.period)), s.submission_id),
            *(first.get((s.extract, s.submitter, s.period)), s.rows_read, s.rows_loaded, s.rows_returned),
        )
        for s in in_use
    ]
    sent = pl.DataFrame(rows, schema=SUBMISSIONS, orient="row")
    known_on = max((_arrived_on(s) for s in register), default=None)
    found = (
        _expected(sent)
        .join(sent, on=["extract", "submitter", "period"], how="left")
        .sort("extract", "submitter", "period")
        .with_columns(
            due_on=due_on(pl.col("period")),
            known_on=pl.lit(known_on, dtype=pl.Date),
            is_missing=pl.col("submission_id").is_null(),
            typical_rows=_typical(),
        )
        .with_columns(
            is_backfill=(pl.col("due_on") < _began()).fill_null(False),
        )
        .with_columns(
            is_late=((pl.col("first_extracted_on") > pl.col("due_on")) & ~pl.col("is_backfill")).fill_null(False)
        )
    )
    for counted in (_returned(con), _in_two_hands(con), _open(con), _copied(con)):
        found = found.join(counted, on="submission_id", how="left")
    counts = ("rows_moved", "rows_without_request", "rows_of_others", "open_rows")
    found = found.with_columns(
        _months_old(),
        pl.col(counts).fill_null(0),
        is_stale=((pl.col("open_rows") > 0) & (pl.col("days_behind") > SENT_AGAIN_WITHIN)).fill_null(False),
    )
    return _with_sound_rows(found).drop("rows_moved", "rows_of_others")


def _arrived_on(sent: Submission) -> dt.date:
    return dt.datetime.fromisoformat(sent.registered_at).date()


def due_on(period: pl.Expr) -> pl.Expr:
    """The day by which a period, given by its month's first day, is to be sent: in the month after."""
    return period.dt.offset_by("1mo").dt.offset_by(f"{settings.SUBMISSION_DUE_DAY - 1}d")


def _first_extracted(register: Sequence[Submission]) -> dict[tuple[str | None, str | None, str | None], dt.date]:
    """When each extract, submitter and period was first extracted, refused files left out."""
    found: dict[tuple[str | None, str | None, str | None], dt.date] = {}
    for s in register:
        if s.state != "refused" and s.extracted_on:
            key = (s.extract, s.submitter, s.period)
            found[key] = min(found.get(key, s.extracted_on), s.extracted_on)
    return found


def _expected(sent: pl.DataFrame) -> pl.DataFrame:
    """What is expected: of the laboratories' monthly extracts every month from the first to the newest that any was
    sent for; of the others every period that any submitter sent, from each that had sent one by then. An extract that
    one who must send it never sent is expected of them for every period.
    """
    months = _months(sent)
    found = []
    for extract, contract in extract_contracts().items():
        own = sent.filter(pl.col("extract") == extract)
        began = own.group_by("submitter").agg(pl.col("period").min().alias("began"))
        must = pl.DataFrame({"submitter": _must_send(contract)})
        periods = months if extract in MONTHLY or own.is_empty() else own["period"].unique().sort()
        if contract.submitters == "laboratories_and_boards":
            periods = periods.filter(periods.dt.month().is_in(CENSUS_MONTHS))
        grid = (
            must.join(began, on="submitter", how="full", coalesce=True)
            .join(periods.to_frame("period"), how="cross")
            .filter((pl.col("period") >= pl.col("began")).fill_null(True) | pl.lit(extract in MONTHLY))
        )
        found.append(grid.select(pl.lit(extract).alias("extract"), "submitter", "period"))
    return pl.concat(found)


def _months(sent: pl.DataFrame) -> pl.Series:
    """Every month from the first to the newest that any laboratory sent a monthly extract for."""
    periods = sent.filter(pl.col("extract").is_in(MONTHLY))["period"]
    if periods.is_empty():
        return pl.Series("period", [], dtype=pl.Date)
    months: pl.Series = pl.select(period=pl.date_range(periods.min(), periods.max(), "1mo")).to_series()  # type: ignore[arg-type]
    return months


def _must_send(contract: Contract) -> list[str]:
    """Who must send an extract: what the laboratories may send, they must; the rest is for the Scottish Government."""
    if contract.submitters == "any":
        return [GOVERNMENT]
    return [row["code"] for row in reference_rows("laboratories") if row["is_scottish"] == "yes"]


def _began() -> pl.Expr:
    """The day on which a submitter first sent an extract: it sent older periods then, to begin with."""
    return pl.col("first_extracted_on").min().over("extract", "submitter")


def _typical() -> pl.Expr:
    """The usual number of rows: the median of the periods before it, or after it for a submitter's first ones; null
    where too few are known."""
    rows = pl.col("rows_loaded").cast(pl.Float64)
    before = rows.shift(1).rolling_median(USUAL_PERIODS, min_samples=FEWEST_PERIODS)
    after = rows.reverse().shift(1).rolling_median(USUAL_PERIODS, min_samples=FEWEST_PERIODS).reverse()
    return pl.coalesce(before, after).over("extract", "submitter", order_by="period")


def _months_old() -> pl.Expr:
    months = pl.col("period").dt.year().cast(pl.Int64) * 12 + pl.col("period").dt.month()
    return (months.max().over("extract") - months).alias("months_old")


def _returned(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """`rows_moved`: rows of each submission that the build returned; `rows_without_request`: those without their
    request."""
    found: pl.DataFrame = con.sql(
        "SELECT submission_id, count(*) AS rows_moved, "
        "count(*) FILTER (WHERE reason = 'orphan_key') AS rows_without_request FROM stg_returned GROUP BY submission_id"
    ).pl()
    return found


def _in_two_hands(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """`rows_of_others` of each submission: requests that another submitter sends too, and that are the other's.

    A request is of the one whose other extract knows it (KNOWN_BY); where nobody's does, of the one whose row is used.
    """
    frames = []
    for extract, known_by in KNOWN_BY.items():
        counted: pl.DataFrame = con.sql(f"""
            WITH shared AS (
                SELECT submission_id, request_id, place, split_part(submission_id, '__', 2) AS submitter
                FROM ranked_{extract}
                WHERE request_id IN (SELECT request_id FROM ranked_{extract} WHERE place > 1)
                QUALIFY min(submitter) OVER (PARTITION BY request_id) < max(submitter) OVER (PARTITION BY request_id)
            ),
            knowing AS (
                SELECT DISTINCT request_id, split_part(submission_id, '__', 2) AS submitter FROM ranked_{known_by}
                WHERE request_id IN (SELECT request_id FROM shared)
            )
            SELECT submission_id, count(*) AS rows_of_others FROM shared
            WHERE (request_id, submitter) NOT IN (SELECT (request_id, submitter) FROM knowing)
                AND (place > 1 OR request_id IN (SELECT request_id FROM knowing))
            GROUP BY submission_id""").pl()
        frames.append(counted)
    return pl.concat(frames)


def _with_sound_rows(sent: pl.DataFrame) -> pl.DataFrame:
    """Adds `rows_in_use`, `rows_sound` and `rows_ratio`. A row without its request is at fault only where the testing
    extract of its month has rows enough and repeats no other month; else that is."""
    in_use = pl.col("rows_loaded") - pl.col("rows_moved")
    own = pl.col("rows_loaded") - pl.col("rows_of_others")
    ratio = (own / pl.col("typical_rows")).fill_null(1.0)
    testing = sent.filter(extract="testing", is_missing=False).select(
        "submitter", "period", testing_is_sound=(ratio >= FEW) & (pl.col("copied_share").fill_null(0) < PARTLY)
    )
    at_fault = pl.when(pl.col("testing_is_sound")).then(pl.col("rows_without_request")).otherwise(0)
    return (
        sent.join(testing, on=["submitter", "period"], how="left", maintain_order="left")
        .with_columns(rows_in_use=in_use, rows_sound=(own - at_fault).clip(0))
        .with_columns(rows_ratio=pl.col("rows_sound") / pl.col("typical_rows"))
        .drop("testing_is_sound")
    )


def _open(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """`open_rows` of each submission of turnaround, and its extract's age against the submitter's newest."""
    found: pl.DataFrame = con.sql("""
        WITH sent AS (
            SELECT submission_id, max(extracted_on) AS extracted_on FROM ranked_testing GROUP BY ALL
            UNION ALL
            SELECT submission_id, max(extracted_on) AS extracted_on FROM ranked_turnaround GROUP BY ALL
        ),
        open AS (
            SELECT submission_id, count(*) AS open_rows FROM ranked_turnaround
            WHERE place = 1 AND report_date IS NULL AND cancelled_date IS NULL GROUP BY ALL
        )
        SELECT
            sent.submission_id,
            coalesce(open_rows, 0) AS open_rows,
            max(extracted_on) OVER (PARTITION BY split_part(sent.submission_id, '__', 2)) - extracted_on AS days_behind
        FROM sent LEFT JOIN open ON sent.submission_id = open.submission_id
        QUALIFY starts_with(sent.submission_id, 'turnaround__')""").pl()
    return found


def _copied(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """`copied_share` of each submission with enough rows, and `copied_from`, null where no row stands in another."""
    frames = [_alike(con, extract, contract) for extract, contract in extract_contracts().items() if _is_new(contract)]
    found: pl.DataFrame = pl.concat(frames)
    return found


def _is_new(contract: Contract) -> bool:
    """Whether each period tells of other things than the period before: items of the programme are told again."""
    return contract.submitters != "any"


def _alike(con: duckdb.DuckDBPyConnection, extract: str, contract: Contract) -> pl.DataFrame:
    """The same for one extract. A row stands in an earlier period where its request does, or where its content does
    and tells it apart; or all rows do where the whole content is the same.

    Content: all but identifiers and the extraction date, dates as days from the row's first date.
    """
    named = ["split_part(submission_id, '__', 2)", "split_part(submission_id, '__', 3)"]
    key = "request_id" if contract.key == ["request_id"] else "NULL"
    found: pl.DataFrame = con.sql(
        f"""
        WITH content AS (
            SELECT submission_id, hash({_content(contract)}) AS content, count(*) AS rows FROM ranked_{extract}
            GROUP BY ALL
        ),
        sizes AS (
            SELECT submission_id, {named[0]} AS submitter, {named[1]} AS period, sum(rows) AS rows,
                sum(content::HUGEINT * rows)::VARCHAR AS whole
            FROM content GROUP BY ALL
        ),
        shared AS (
            SELECT {named[0]} AS submitter, content FROM content GROUP BY ALL
            HAVING count(*) BETWEEN 2 AND {DISTINCT_WITHIN}
        ),
        telling AS (
            SELECT content.*, sizes.submitter, sizes.period
            FROM content INNER JOIN sizes ON content.submission_id = sizes.submission_id
            INNER JOIN shared ON sizes.submitter = shared.submitter AND content.content = shared.content
        ),
        again AS (
            SELECT submission_id, {named[0]} AS submitter, {named[1]} AS period, {key} AS key FROM ranked_{extract}
            WHERE {key} IN (SELECT {key} FROM ranked_{extract} WHERE place > 1)
        ),
        pairs AS (
            SELECT later.submission_id, earlier.period, sum(least(later.rows, earlier.rows)) AS rows
            FROM telling AS later INNER JOIN telling AS earlier
                ON later.submitter = earlier.submitter AND later.content = earlier.content
                AND later.period > earlier.period
            GROUP BY ALL
            UNION ALL
            SELECT later.submission_id, earlier.period, count(*) AS rows
            FROM again AS later INNER JOIN again AS earlier
                ON later.submitter = earlier.submitter AND later.key = earlier.key AND later.period > earlier.period
            GROUP BY ALL
            UNION ALL
            SELECT later.submission_id, earlier.period, later.rows
            FROM sizes AS later INNER JOIN sizes AS earlier
                ON later.submitter = earlier.submitter AND later.whole = earlier.whole AND later.period > earlier.period
        )
        SELECT
            sizes.submission_id,
            coalesce(max(pairs.rows), 0)::DOUBLE / any_value(sizes.rows)::DOUBLE AS copied_share,
            CAST(arg_max(pairs.period, row(pairs.rows, pairs.period)) || '-01' AS DATE) AS copied_from
        FROM sizes LEFT JOIN pairs ON sizes.submission_id = pairs.submission_id
        WHERE sizes.rows >= {FEWEST_ROWS_ALIKE}
        GROUP BY sizes.submission_id"""
    ).pl()
    return found


def _content(contract: Contract) -> str:
    dates = [c.name for c in contract.columns if c.type == "date" and c.name != contract.extracted_column]
    first = dates[0] if dates else "NULL"
    apart = [f"date_diff('day', {first}, {name})" for name in dates[1:]]
    left = [c.name for c in contract.columns if c.type not in ("id", "date")]
    return ", ".join([*left, *apart])


def _named(submission_id: pl.Expr) -> list[pl.Expr]:
    """The extract, submitter and period of a submission's id."""
    parts = submission_id.str.split("__")
    return [
        parts.list.get(0).alias("extract"),
        parts.list.get(1).alias("submitter"),
        (parts.list.get(2) + "-01").str.to_date().alias("period"),
    ]


def _of_every_extract(con: duckdb.DuckDBPyConnection, of_one: Callable[..., pl.DataFrame]) -> pl.DataFrame:
    frames = [of_one(con, extract, contract) for extract, contract in extract_contracts().items()]
    found = pl.concat(frames).with_columns(_named(pl.col("submission_id"))).with_columns(_months_old())
    return found.sort("extract", "submitter", "period", "field")


def _fields(con: duckdb.DuckDBPyConnection, extract: str, contract: Contract) -> pl.DataFrame:
    """Rows, and blanks or rows said to be unknown, of each field but keys; and the same of the periods before it
    (`usual_rows`, `usual_unknown`), null where these are too few."""
    columns = [c for c in contract.columns if c.name not in contract.key]
    counted = ", ".join(f"count(*) FILTER (WHERE {_unknown(column)}) AS {column.name}" for column in columns)
    query = f"SELECT submission_id, count(*) AS rows, {counted} FROM ranked_{extract} GROUP BY submission_id"
    known: pl.DataFrame = con.sql(f"""
        WITH tall AS (
            UNPIVOT ({query}) ON COLUMNS(* EXCLUDE (submission_id, rows)) INTO NAME field VALUE unknown
        ),
        named AS (
            SELECT *, {_period("submission_id")} AS period, split_part(submission_id, '__', 2) AS submitter FROM tall
        )
        SELECT submission_id, field, rows, unknown, {_before("rows")}, {_before("unknown")} FROM named""").pl()
    return known


def _before(name: str) -> str:
    """The sum of a column over a submitter's earlier periods of the last twelve months, null where these are few."""
    window = (
        "OVER (PARTITION BY submitter, field ORDER BY period "
        f"RANGE BETWEEN INTERVAL {USUAL_PERIODS} MONTH PRECEDING AND INTERVAL 1 MONTH PRECEDING)"
    )
    return f"CASE WHEN count(*) {window} >= {FEWEST_PERIODS} THEN (sum({name}) {window})::BIGINT END AS usual_{name}"


def _period(submission_id: str) -> str:
    return f"CAST(split_part({submission_id}, '__', 3) || '-01' AS DATE)"


def _unknown(column: Column) -> str:
    """Whether a field tells nothing: blank, or said to be not recorded."""
    blank = f"{column.name} IS NULL"
    return f"{blank} OR {column.name} = 'not_recorded'" if column.type in ("yes_no", "code") else blank


def _values(con: duckdb.DuckDBPyConnection, extract: str, contract: Contract) -> pl.DataFrame:
    """How often each value of each code and date stands in each submission; blanks are in `dq_fields`.

    `ethnic_category` tells an ethnicity code's category, or that the code is unmapped.
    """
    columns = [c.name for c in contract.columns if c.type in ("code", "yes_no", "date") or c.name in FEW_VALUES]
    queries = [
        f"SELECT submission_id, '{name}' AS field, {name}::VARCHAR AS value, count(*) AS rows "
        f"FROM ranked_{extract} WHERE {name} IS NOT NULL GROUP BY ALL"
        for name in columns
        if name != contract.extracted_column
    ]
    if "ethnicity_code" in columns:
        queries.append(
            "SELECT submission_id, 'ethnic_category' AS field, coalesce(known.ethnic_category, 'unmapped') AS value, "
            f"count(*) AS rows FROM ranked_{extract} LEFT JOIN ref_ethnicity_codes AS known "
            "ON ethnicity_code = known.code WHERE ethnicity_code IS NOT NULL GROUP BY ALL"
        )
    found: pl.DataFrame = con.sql(" UNION ALL ".join(queries)).pl()
    return found
