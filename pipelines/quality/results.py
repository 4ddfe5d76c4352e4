"""What the checks of a build found, as tables of the protected store: now, by whom, by month, and over releases.

Counts are exact here, for the build side: `pipelines.quality.rows_shown` says what may be shown of them. Groups of rows
(laboratories, months, boards), submissions and reference rows are no people, and stay exact.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import polars as pl

from catalogue.disclosure import rules
from catalogue.indicators import Indicator
from pipelines.errors import PipelineError
from pipelines.models import Model
from pipelines.quality import profile
from pipelines.quality.blame import Part, rows_by_submitter_and_month
from pipelines.quality.checks import Check
from pipelines.quality.grades import indicators_touched, read_by

PolarsType = pl.DataType | type[pl.DataType]

#: Releases whose results a release carries on, itself included: five years of monthly ones.
HISTORY_RELEASES = 60

#: Extracts with a row a person's request; the others tell of posts and of the programme.
OF_PEOPLE = ("testing", "turnaround", "outcomes")

CHECKS: dict[str, PolarsType] = {
    "check_id": pl.String,
    "table_name": pl.String,
    "name": pl.String,
    "expectation": pl.String,
    "column_name": pl.String,
    "sentence": pl.String,
    "severity": pl.String,
    "dimension": pl.String,
    "owner": pl.String,
    "why": pl.String,
    "to_do": pl.String,
    "status": pl.String,
    "counted": pl.String,
    "noun": pl.String,
    "nouns": pl.String,
    "rows_checked": pl.Int64,
    "rows_failing": pl.Int64,
    "at_most": pl.Float64,
    "indicators": pl.List(pl.String),
    "among": pl.String,
    "is_of_people": pl.Boolean,
}
PARTS: dict[str, PolarsType] = {
    "check_id": pl.String,
    "extract": pl.String,
    "submitter": pl.String,
    "period": pl.Date,
    "board": pl.String,
    "field": pl.String,
    "groups_failing": pl.Int64,
    "rows_failing": pl.Int64,
    "is_of_people": pl.Boolean,
}
#: What tells one part of a check from another.
PART = ("check_id", "extract", "submitter", "period", "board", "field")
MONTHS: dict[str, PolarsType] = {
    "check_id": pl.String,
    "submitter": pl.String,
    "period": pl.Date,
    "rows_checked": pl.Int64,
    "rows_failing": pl.Int64,
    "table_name": pl.String,
    "among": pl.String,
    "of_check": pl.Int64,
    "is_of_people": pl.Boolean,
}
HISTORY: dict[str, PolarsType] = {
    "release_id": pl.String,
    "created_at": pl.String,
    "check_id": pl.String,
    "status": pl.String,
    "rows_checked": pl.Int64,
    "rows_failing": pl.Int64,
    "share": pl.Float64,
}


def check_rows(checks: Sequence[Check], models: Sequence[Model], entries: dict[str, Indicator]) -> pl.DataFrame:
    """The table `checks`: one row a check, what it says about itself, its status, its counts, the `indicators` that it
    touches, and, for the build side, among which rows it looked and whether they are of people."""
    rows = [
        (
            *(check.id, check.table, check.name, check.expectation, check.column, check.sentence, check.severity),
            *(check.dimension, check.owner, check.why, check.to_do, check.status, check.counted, *check.nouns),
            *(check.rows_checked, _failing(check), check.at_most),
            *(indicators_touched(check, models, entries), check.among),
            check.counted == "rows" and is_of_people(check.table, models),
        )
        for check in checks
    ]
    return pl.DataFrame(rows, schema=CHECKS, orient="row")


def _failing(check: Check) -> int | None:
    """A check of a whole table counts no failing rows; where it passes there are none."""
    return 0 if check.rows_failing is None and check.status == "pass" else check.rows_failing


def check_parts(checks: Sequence[Check], models: Sequence[Model]) -> pl.DataFrame:
    """The table `check_parts`: what fails of each check by PART; null where it is not told.

    `groups_failing`: failing groups, such as files, of a check that counts groups; null where it counts rows.
    `rows_failing`: rows that fail, or the failing rows of these groups; null where they are not told. Few failing rows
    in many parts are told by submitter only, since each is known to be one at least.
    """
    rows = [
        (
            *(check.id, part.extract, part.submitter, part.period, part.board, part.field, part.groups),
            *(part.failing, _part_is_of_people(check, part, models)),
        )
        for check in checks
        for part in check.parts
    ]
    parts = pl.DataFrame(rows, schema=PARTS, orient="row")
    spread = [check.id for check in checks if _is_spread(check, models)]
    by_submitter = (
        parts.filter(pl.col("check_id").is_in(spread))
        .group_by("check_id", "extract", "submitter", "is_of_people", maintain_order=True)
        .agg(pl.col("rows_failing").sum())
    )
    apart = parts.filter(~pl.col("check_id").is_in(spread))
    return pl.concat([apart, by_submitter], how="diagonal").sort("check_id", maintain_order=True)


def _is_spread(check: Check, models: Sequence[Model]) -> bool:
    """Whether so few rows of people fail in so many parts that the parts would tell of each other."""
    few = check.counted == "rows" and 1 <= (check.rows_failing or 0) < rules().hidden_under
    tells = rules().hidden_under - 1 - len(check.parts) < rules().told_within
    return few and tells and is_of_people(check.table, models)


def _part_is_of_people(check: Check, part: Part, models: Sequence[Model]) -> bool:
    """Whether the rows behind a part stand for people; of a submission, by its extract."""
    return part.extract in OF_PEOPLE if check.table in profile.TABLES else is_of_people(check.table, models)


def with_since(parts: pl.DataFrame, made_at: dt.datetime, before: Path | None) -> pl.DataFrame:
    """The table `check_parts` with `since`: the day of the first of the releases, one after another up to this one, in
    which the part failed; as far back as releases are known.

    before: the protected store of the release being served; None where there is none.
    """
    schema = {name: PARTS[name] for name in PART} | {"since": pl.Date}
    earlier = pl.DataFrame(schema=schema)
    if before is not None:
        earlier = _held(before, "check_parts", schema)
    return parts.join(earlier, on=PART, how="left", nulls_equal=True, maintain_order="left").with_columns(
        pl.col("since").fill_null(made_at.date())
    )


def check_months(con: duckdb.DuckDBPyConnection, checks: Sequence[Check], models: Sequence[Model]) -> pl.DataFrame:
    """The table `check_months`: for each check of rows of which any fail, rows checked and failing by submitter and
    month of receipt; months without a failing row are there with 0. Few rows, or few failing rows in many parts, have
    none.

    For the build side it tells the table, among which of its rows the check looked, how many these are, and whether
    they are of people.
    """
    chosen = [
        check
        for check in checks
        if check.counted == "rows" and check.rows_failing and check.parts and not _has_few(check, models)
    ]
    looked_at = {
        key: rows_by_submitter_and_month(con, *key) for key in dict.fromkeys((c.table, c.among) for c in chosen)
    }
    frames = [
        _months_of(check, looked_at[check.table, check.among], is_of_people(check.table, models)) for check in chosen
    ]
    return pl.concat([pl.DataFrame(schema=MONTHS), *frames])


def _months_of(check: Check, looked_at: pl.DataFrame, of_people: bool) -> pl.DataFrame:
    parts = [(part.submitter, part.period, part.failing) for part in check.parts]
    schema = {"submitter": pl.String, "period": pl.Date, "rows_failing": pl.Int64}
    failing = pl.DataFrame(parts, schema=schema, orient="row").with_columns(pl.col("period").dt.month_start())
    counted = looked_at.join(
        failing.group_by("submitter", "period").agg(pl.col("rows_failing").sum()),
        on=["submitter", "period"],
        how="left",
    )
    return counted.select(
        pl.lit(check.id).alias("check_id"),
        "submitter",
        "period",
        pl.col("rows").alias("rows_checked"),
        pl.col("rows_failing").fill_null(0),
        pl.lit(check.table).alias("table_name"),
        pl.lit(check.among).alias("among"),
        pl.lit(check.rows_checked, pl.Int64).alias("of_check"),
        pl.lit(of_people).alias("is_of_people"),
    ).sort("submitter", "period")


def _has_few(check: Check, models: Sequence[Model]) -> bool:
    """Whether its months would tell too much: each has one row at least, and there are few in all."""
    few = check.rows_checked < rules().hidden_under and is_of_people(check.table, models)
    return few or _is_spread(check, models)


def is_of_people(table: str, models: Sequence[Model]) -> bool:
    """Whether a row of a checked table stands for a person; a table that nothing is known of is taken to be so."""
    if table in profile.TABLES or table.startswith("ref_"):
        return False
    known = table in {model.name for model in models}
    return not known or bool(read_by(models, table) & {f"lake_{name}" for name in OF_PEOPLE})


def check_history(checks: pl.DataFrame, release_id: str, made_at: dt.datetime, before: Path | None) -> pl.DataFrame:
    """The table `check_history`: the results of this release after those that the release before carries.

    checks: the table `checks` of this release. before: the protected store of the release being served, the only
    earlier thing that is read; None where there is none.
    """
    now = checks.select(
        pl.lit(release_id).alias("release_id"),
        pl.lit(made_at.isoformat(timespec="seconds")).alias("created_at"),
        *(pl.col(name) for name in HISTORY if name not in ("release_id", "created_at")),
    )
    found = pl.concat([_held(before, "check_history", HISTORY) if before else pl.DataFrame(schema=HISTORY), now])
    kept = found.select("release_id").unique().sort("release_id").tail(HISTORY_RELEASES)  # ids are in order of making
    return found.join(kept, on="release_id", how="semi").sort("release_id", "check_id")


def _held(store: Path, table: str, schema: Mapping[str, PolarsType]) -> pl.DataFrame:
    """A table of an earlier store; empty where it was made before these columns were kept."""
    try:
        with duckdb.connect(str(store), read_only=True) as con:
            there = con.execute("SELECT column_name FROM duckdb_columns() WHERE table_name = ?", [table]).fetchall()
            if not schema.keys() <= {name for (name,) in there}:
                return pl.DataFrame(schema=schema)
            held: pl.DataFrame = con.sql(f"SELECT {', '.join(schema)} FROM {table}").pl()
    except duckdb.Error as error:
        raise PipelineError(
            f"build: the history of checks in release {store.parent.name} cannot be read; "
            "restore the release from a backup, or publish another one"
        ) from error
    return held


def field_rows(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """The table `fields`: `rows` of each field of each submission, and in how many it is blank or not recorded."""
    counted: pl.DataFrame = con.sql(
        "SELECT extract, submitter, period, field, rows, unknown FROM dq_fields ORDER BY ALL"
    ).pl()
    return counted


def tables(
    con: duckdb.DuckDBPyConnection, checks: Sequence[Check], models: Sequence[Model], entries: dict[str, Indicator]
) -> Mapping[str, pl.DataFrame]:
    """Every table of this build's results but the history, by name; counts are exact."""
    return {
        "checks": check_rows(checks, models, entries),
        "check_parts": check_parts(checks, models),
        "check_months": check_months(con, checks, models),
        "fields": field_rows(con),
    }
