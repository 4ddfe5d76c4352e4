"""What is wrong with the data behind the figures, as rows that say whom it concerns and how much of theirs it touches.

A trouble is of one of four heads: rows that are missing, rows that came late or are outdated, rows returned as
unusable, and checks that fail.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import duckdb
import polars as pl

from catalogue.reference import labels
from pipelines import settings
from pipelines.quality.blame import Part, rows_by_submitter_and_month
from pipelines.quality.checks import Check
from pipelines.timeliness import MONTHLY

HEADS = {
    "completeness": "Completeness",
    "timeliness": "Timeliness",
    "validity": "Validity",
    "open_issues": "Open issues",
}

#: `source`: the extract, the check, or a field of it. `fraction`: the share touched of the requests that a submitter
#: received in a period from residents of a board; where one of the three is null, of all. `is_weighed`: whether it is
#: known how much the trouble bears on. `same_rows`: a name shared by troubles of the same rows. `key`, `says`, `to_do`:
#: one line a key, in which MONTHS and WHO stand for the months and for the names of those who sent them.
TROUBLES: dict[str, pl.DataType | type[pl.DataType]] = {
    "source": pl.String,
    "head": pl.String,
    "key": pl.String,
    "same_rows": pl.String,
    "says": pl.String,
    "to_do": pl.String,
    "submitter": pl.String,
    "who": pl.String,
    "period": pl.Date,
    "board": pl.String,
    "fraction": pl.Float64,
    "is_weighed": pl.Boolean,
}

#: Suites on what was sent: a failing row of theirs is a whole submission, or a field of one with the rows that lack it.
ON_SUBMISSIONS = "dq_"

#: What stands in a line for the months, and for those who sent them.
MONTHS, WHO = "{months}", "{who}"


def of_submissions(con: duckdb.DuckDBPyConnection, submissions: pl.DataFrame, requests: pl.DataFrame) -> pl.DataFrame:
    """TROUBLES of the monthly extracts: months missing, set aside, late or outdated, and rows returned.

    con: the warehouse with `dq_submissions` and `stg_returned`. submissions: `extract`, `submitter`, `period`, `state`
    as the protected store has them. requests: those received, by `submitter`; how much a month bears on that lacks from
    one without any is not known.
    """
    sent = _sent(con).join(
        submissions.select("extract", "submitter", "period", "state"), on=["extract", "submitter", "period"], how="left"
    )
    extract, name = pl.col("extract"), pl.col("label")
    set_aside, not_due = ((pl.col("state") == state).fill_null(value=False) for state in ("set_aside", "not_due"))
    known = pl.col("submitter").is_in(requests["submitter"].unique().to_list())
    whole = pl.lit(1.0)
    return pl.concat([
        _rows(
            sent.filter(pl.col("is_missing") & ~known), "completeness", "unknown", whole,
            pl.format("the {} extract from {}, of which no request is known, is missing for {}", extract, name,
                      pl.lit(MONTHS)),
            pl.format("{}: send the {} extract for {}.", name, extract, pl.lit(MONTHS)),
        ).with_columns(submitter=pl.lit(None, pl.String), is_weighed=pl.lit(value=False)),
        _rows(
            sent.filter(pl.col("is_missing") & known & not_due), "completeness", "not_due", whole,
            pl.format("the {} extract from {} is not there yet for {}", extract, name, pl.lit(MONTHS)),
            pl.format("{}: send the {} extract for {}.", name, extract, pl.lit(MONTHS)),
        ),
        _rows(
            sent.filter(pl.col("is_missing") & known & ~set_aside & ~not_due), "completeness", "missing", whole,
            pl.format("the {} extract from {} is missing for {}", extract, name, pl.lit(MONTHS)),
            pl.format("{}: send the {} extract for {}.", name, extract, pl.lit(MONTHS)),
        ),
        _rows(
            sent.filter(pl.col("is_missing") & known & set_aside), "completeness", "set_aside", whole,
            pl.format("the {} extract from {} was set aside as unusable for {}", extract, name, pl.lit(MONTHS)),
            pl.format("{}: correct the {} extract for {} and send it again.", name, extract, pl.lit(MONTHS)),
        ),
        _rows(
            sent.filter(~pl.col("is_missing") & set_aside), "open_issues", "earlier", pl.lit(settings.DOUBT_WEIGHS),
            pl.format("an earlier version stands in for the {} extract from {} for {}", extract, name, pl.lit(MONTHS)),
            pl.format("{}: correct the {} extract for {} and send it again.", name, extract, pl.lit(MONTHS)),
        ),
        _rows(
            sent.filter("is_late"), "timeliness", "late", pl.lit(settings.LATE_WEIGHS),
            pl.format("the {} extract from {} came after its deadline for {}", extract, name, pl.lit(MONTHS)),
            pl.lit(""),
        ),
        _rows(
            sent.filter("is_stale"), "timeliness", "stale",
            pl.col("open_rows") / pl.col("rows_loaded"),
            pl.format("open requests in the {} extract from {} were not sent again for {}", extract, name,
                      pl.lit(MONTHS)),
            pl.format("{}: send the {} extract for {} again, as it is now.", name, extract, pl.lit(MONTHS)),
        ),
        _rows(
            sent.filter(pl.col("returned") > 0), "validity", "returned", pl.col("returned") / pl.col("rows_read"),
            pl.format("rows of the {} extract from {} were returned as unusable", extract, pl.lit(WHO)),
            pl.format("{}: correct the rows in the return files of the {} extract, and send them again.", pl.lit(WHO),
                      extract),
            own_key=False,
        ),
    ])  # fmt: skip


def of_checks(con: duckdb.DuckDBPyConnection, checks: Sequence[Check], requests: pl.DataFrame) -> pl.DataFrame:
    """TROUBLES of the open checks; late and missing months are told by `of_submissions` and left out here.

    con: the warehouse, which tells the months that a check looked at where it looked at some of the rows only.
    requests: the requests received by `board` of residence, `submitter` and `period`, of which failing rows are a
    share. What cannot be told apart touches all alike; a check that could not be made is a doubt about all.
    """
    told = [check for check in checks if check.is_open and not _is_told(check)]
    rows = [
        (*_says(check, own[0].field if own else None), *whose)
        for check in told
        for own in _by_field(check)
        for whose in _whose(con, check, own, requests)
    ]
    names = {
        "source": pl.String, "same_rows": pl.String, "says": pl.String, "to_do": pl.String, "submitter": pl.String,
        "period": pl.Date,
    }  # fmt: skip
    schema = {**names, "board": pl.String, "failing": pl.Int64, "fraction": pl.Float64}
    parts = pl.DataFrame(rows, schema=schema, orient="row").with_row_index("part")
    known = parts.filter(pl.col("fraction").is_null()).drop("fraction")
    of = pl.concat([_received(known.filter(told), names, requests) for names, told in patterns()])
    shares = known.join(of, on="part").with_columns(
        fraction=pl.when(pl.col("received") > 0)
        .then(pl.min_horizontal(pl.col("failing") / pl.col("received"), 1.0))
        .otherwise(1.0)
    )
    return pl.concat([shares.drop("received"), parts.filter(pl.col("fraction").is_not_null())], how="diagonal").select(
        "source",
        pl.lit("open_issues").alias("head"),
        pl.col("source").alias("key"),
        "same_rows",
        "says",
        "to_do",
        "submitter",
        pl.col("submitter").replace(labels("laboratories")).alias("who"),
        "period",
        "board",
        "fraction",
        pl.lit(value=True).alias("is_weighed"),
    )


def source_of(check: Check, field: str | None) -> str:
    """The name of what troubles: a check, or one field of those that it judges."""
    return f"{check.id}:{field}" if field else check.id


def fields_of(check: Check) -> list[str | None]:
    """The fields in which a check found something; None alone where it tells none."""
    return sorted({part.field for part in check.parts}, key=str) or [None]


def _by_field(check: Check) -> list[tuple[Part, ...]]:
    """The check's parts, apart for each field; none where it has no parts."""
    return [tuple(part for part in check.parts if part.field == field) for field in fields_of(check)]


def patterns() -> list[tuple[list[str], pl.Expr]]:
    """Every choice among submitter, period and board that a trouble may tell, with the condition that it does."""
    names = ("submitter", "period", "board")
    found = []
    for bits in range(8):
        told = [name for place, name in enumerate(names) if bits >> place & 1]
        conditions = [pl.col(name).is_not_null() == (name in told) for name in names]
        found.append((told, pl.all_horizontal(conditions)))
    return found


def _sent(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """The monthly extracts of `dq_submissions`, with `returned` by ingest and build together and the `label`."""
    sent: pl.DataFrame = con.sql(
        """
        WITH moved AS (SELECT submission_id, count(*) AS moved FROM stg_returned GROUP BY submission_id)

        SELECT dq_submissions.*, rows_returned + coalesce(moved.moved, 0) AS returned
        FROM dq_submissions LEFT JOIN moved ON dq_submissions.submission_id = moved.submission_id
        WHERE list_contains($extracts, extract)
        ORDER BY extract, submitter, period""",
        params={"extracts": list(MONTHLY)},
    ).pl()
    return sent.with_columns(label=pl.col("submitter").replace(labels("laboratories")))


def _rows(
    sent: pl.DataFrame, head: str, kind: str, fraction: pl.Expr, says: pl.Expr, to_do: pl.Expr, own_key: bool = True
) -> pl.DataFrame:
    """TROUBLES of one kind, a row a row of `sent`; own_key: a line for each who sent it, or one for all of them."""
    key = [pl.lit(kind), pl.col("extract"), *([pl.col("submitter")] if own_key else [])]
    return sent.select(
        pl.col("extract").alias("source"),
        pl.lit(head).alias("head"),
        pl.concat_str(key, separator=":").alias("key"),
        pl.lit(None, pl.String).alias("same_rows"),
        says.alias("says"),
        to_do.alias("to_do"),
        "submitter",
        pl.col("label").alias("who"),
        "period",
        pl.lit(None, pl.String).alias("board"),
        fraction.cast(pl.Float64).alias("fraction"),
        pl.lit(value=True).alias("is_weighed"),
    )


def _is_told(check: Check) -> bool:
    return check.table == "dq_submissions" and check.dimension == "timeliness"


def _says(check: Check, field: str | None) -> tuple[str, str | None, str, str]:
    """Source, same rows, what is wrong and what to do, of a check or of one of its fields."""
    source, extract = source_of(check, field), next((part.extract for part in check.parts), None)
    same_rows = check.same_rows or (f"{extract}.{field}" if field else None)
    if check.status == "error":
        return (
            source,
            same_rows,
            f"this could not be checked: {check.sentence.rstrip('.')}",
            check.to_do or f"{check.owner}: mend the check.",
        )
    to_do = check.to_do or "look into the rows that fail this check."
    if field:
        whose, who = f"{field} in the {extract} extract from {WHO} for {MONTHS} ", f"{WHO}, {field}"
    else:
        whose, who = "", check.owner
    says = f"{whose}falls short of this aim: {_lower_first(check.sentence.rstrip('.'))}"
    return source, same_rows, says, f"{who}: {_lower_first(to_do)}"


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


Whose = tuple[str | None, dt.date | None, str | None, int, float | None]


def _whose(con: duckdb.DuckDBPyConnection, check: Check, parts: Sequence[Part], requests: pl.DataFrame) -> list[Whose]:
    """Submitter, period, board, failing rows and, where it does not follow from these, the fraction, of each part."""
    if not parts:
        if check.status == "error" or check.counted != "rows" or not check.rows_failing:
            return [(None, None, None, 0, settings.DOUBT_WEIGHS)]
        return [(None, None, None, check.rows_failing, check.rows_failing / max(check.rows_checked, 1))]
    if check.table.startswith(ON_SUBMISSIONS):
        return [(part.submitter, part.period, None, 0, _share(part)) for part in parts]
    timeless = [part for part in parts if part.period is None]
    months = _months_looked_at(con, check) if timeless else []
    found: list[Whose] = [
        (part.submitter, part.period, part.board, part.failing or 0, _doubt(part))
        for part in parts
        if part.period is not None or not months
    ]
    for part in timeless if months else []:
        told = {"submitter": part.submitter, "board": part.board}
        own = [pl.col(name) == value for name, value in told.items() if value is not None]
        of = int(requests.filter(pl.col("period").is_in(months), *own)["requests"].sum())
        doubt = _doubt(part)
        fraction = min((part.failing or 0) / max(of, 1), 1.0) if doubt is None else doubt
        found += [(part.submitter, month, part.board, 0, fraction) for month in months]
    return found


def _share(part: Part) -> float:
    """Of a part's own rows, how many fail; where it does not tell, it is a doubt."""
    return part.failing / part.of if part.failing is not None and part.of else settings.DOUBT_WEIGHS


def _doubt(part: Part) -> float | None:
    """What a group weighs that does not tell how many of its rows fail; None where it does."""
    return settings.DOUBT_WEIGHS if part.failing is None else None


def _months_looked_at(con: duckdb.DuckDBPyConnection, check: Check) -> list[dt.date]:
    """The months of receipt of the rows that a check looked at; empty where it looked at all, or none is told."""
    if check.among == "TRUE":
        return []
    months: list[dt.date] = (
        rows_by_submitter_and_month(con, check.table, check.among)["period"].unique().sort().to_list()
    )
    return months


def _received(parts: pl.DataFrame, told: list[str], requests: pl.DataFrame) -> pl.DataFrame:
    """How many requests each `part` is a share of: those received from whom it tells."""
    if not told:
        return parts.select("part", pl.lit(requests["requests"].sum()).alias("received").cast(pl.Int64))
    of = requests.group_by(told).agg(pl.col("requests").sum().alias("received"))
    return parts.join(of, on=told, how="left").select("part", pl.col("received").fill_null(0).cast(pl.Int64))
