"""What the checks of a build found, as tables of the protected store: now, by whom, by month, and over releases.

Counts of rows of people follow the disclosure rules: 1 to 9 are left out, others are rounded to 5, a share is that of
the counts shown, and where under 10 rows are sound all are said to fail, so that those few cannot be told. Groups of
rows (laboratories, months, boards), submissions and reference rows are no people: their counts are exact.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import polars as pl

from catalogue.indicators import Indicator
from pipelines.errors import PipelineError
from pipelines.models import Model
from pipelines.protect import HIDDEN_UNDER, rounded
from pipelines.quality import profile
from pipelines.quality.blame import rows_by_submitter_and_month
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
    "rows_checked": pl.Int64,
    "rows_failing": pl.Int64,
    "at_most": pl.Float64,
    "indicators": pl.List(pl.String),
    "is_of_people": pl.Boolean,
}
PARTS: dict[str, PolarsType] = {
    "check_id": pl.String,
    "extract": pl.String,
    "submitter": pl.String,
    "period": pl.Date,
    "board": pl.String,
    "rows_failing": pl.Int64,
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
    """The table `checks`: one row a check, what it says about itself, its status, counts as they may be shown, and the
    `indicators` that it touches."""
    rows = [
        (
            *(check.id, check.table, check.name, check.expectation, check.column, check.sentence, check.severity),
            *(check.dimension, check.owner, check.why, check.to_do, check.status, check.counted),
            *(check.rows_checked, _failing(check), check.at_most),
            indicators_touched(check, models, entries),
            check.counted == "rows" and is_of_people(check.table, models),
        )
        for check in checks
    ]
    names = [name for name in CHECKS if name != "is_of_people"]
    names.insert(names.index("at_most"), "share")
    return _as_shown(pl.DataFrame(rows, schema=CHECKS, orient="row")).select(names)


def _failing(check: Check) -> int | None:
    """A check of a whole table counts no failing rows; where it passes there are none."""
    return 0 if check.rows_failing is None and check.status == "pass" else check.rows_failing


def check_parts(checks: Sequence[Check], models: Sequence[Model]) -> pl.DataFrame:
    """The table `check_parts`: failing rows of each check by extract, submitter, month of receipt and board."""
    rows = [
        (
            check.id,
            part.extract,
            part.submitter,
            part.period,
            part.board,
            part.failing,
            is_of_people(check.table, models),
        )
        for check in checks
        for part in check.parts
    ]
    failing, hidden = pl.col("rows_failing"), pl.col("rows_failing").is_between(1, HIDDEN_UNDER - 1)
    shown = pl.when(~pl.col("is_of_people")).then(failing).when(~hidden).then(rounded(failing))
    return pl.DataFrame(rows, schema=PARTS, orient="row").with_columns(rows_failing=shown).drop("is_of_people")


def check_months(con: duckdb.DuckDBPyConnection, checks: Sequence[Check], models: Sequence[Model]) -> pl.DataFrame:
    """The table `check_months`: for each check of rows of which any fail, rows checked and failing and their share by
    submitter and month of receipt; months without a failing row are there with 0."""
    chosen = [check for check in checks if check.counted == "rows" and check.rows_failing and check.parts]
    looked_at = {
        key: rows_by_submitter_and_month(con, *key) for key in dict.fromkeys((c.table, c.among) for c in chosen)
    }
    frames = [
        _months_of(check, looked_at[check.table, check.among], is_of_people(check.table, models)) for check in chosen
    ]
    schema = {name: PARTS[name] for name in ("check_id", "submitter", "period")}
    empty = pl.DataFrame(schema=schema | {"rows_checked": pl.Int64, "rows_failing": pl.Int64, "share": pl.Float64})
    return pl.concat([empty, *frames])


def _months_of(check: Check, looked_at: pl.DataFrame, of_people: bool) -> pl.DataFrame:
    parts = [(part.submitter, part.period, part.failing) for part in check.parts]
    schema = {"submitter": pl.String, "period": pl.Date, "rows_failing": pl.Int64}
    failing = pl.DataFrame(parts, schema=schema, orient="row").with_columns(pl.col("period").dt.month_start())
    counted = looked_at.join(
        failing.group_by("submitter", "period").agg(pl.col("rows_failing").sum()),
        on=["submitter", "period"],
        how="left",
    )
    found = counted.select(
        pl.lit(check.id).alias("check_id"),
        "submitter",
        "period",
        pl.col("rows").alias("rows_checked"),
        pl.col("rows_failing").fill_null(0),
        pl.lit(of_people).alias("is_of_people"),
    )
    return _as_shown(found).drop("is_of_people").sort("submitter", "period")


def _as_shown(counts: pl.DataFrame) -> pl.DataFrame:
    """Columns `rows_checked` and `rows_failing`, exact, as they may be shown, with their `share` to three decimals;
    rounded and hidden where `is_of_people`."""
    checked, failing, exact = pl.col("rows_checked"), pl.col("rows_failing"), ~pl.col("is_of_people")
    few, few_sound = (part.is_between(1, HIDDEN_UNDER - 1) for part in (failing, checked - failing))
    shown = pl.when(exact).then(failing).when(~few).then(rounded(pl.when(few_sound).then(checked).otherwise(failing)))
    few_checked = checked.is_between(1, HIDDEN_UNDER - 1)
    return counts.with_columns(
        rows_checked=pl.when(exact).then(checked).when(~few_checked).then(rounded(checked)), rows_failing=shown
    ).with_columns(share=_share())


def _share() -> pl.Expr:
    """Of the counts shown; rounding can push the failing past those checked by a few, and the share is then one."""
    checked, failing = pl.col("rows_checked"), pl.col("rows_failing")
    return pl.when((checked > 0) & failing.is_not_null()).then((pl.min_horizontal(failing, checked) / checked).round(3))


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
    found = pl.concat([_history_in(before) if before else pl.DataFrame(schema=HISTORY), now])
    kept = found.select("created_at", "release_id").unique().sort("created_at", "release_id").tail(HISTORY_RELEASES)
    return found.join(kept, on=["created_at", "release_id"], how="semi").sort("created_at", "release_id", "check_id")


def _history_in(store: Path) -> pl.DataFrame:
    """What an earlier store carries; nothing where it was made before history was kept."""
    try:
        with duckdb.connect(str(store), read_only=True) as con:
            there = con.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'check_history'").fetchall()
            if not there:
                return pl.DataFrame(schema=HISTORY)
            held: pl.DataFrame = con.sql(f"SELECT {', '.join(HISTORY)} FROM check_history").pl()
    except duckdb.Error as error:
        raise PipelineError(
            f"build: the history of checks in release {store.parent.name} cannot be read; "
            "restore the release from a backup, or publish another one"
        ) from error
    return held


def field_rows(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """The table `fields`: `rows` of each field of each submission and the share that is blank or said to be unknown."""
    few = (pl.col(name).is_between(1, HIDDEN_UNDER - 1) for name in ("rows", "unknown", "known"))
    unknown, known = rounded(pl.col("unknown")), rounded(pl.col("known"))
    counted: pl.DataFrame = con.sql("SELECT extract, submitter, period, field, rows, unknown FROM dq_fields").pl()
    return (
        counted.with_columns(known=pl.col("rows") - pl.col("unknown"))
        .with_columns(
            unknown_share=pl.when(~pl.any_horizontal(*few)).then((unknown / (unknown + known)).round(2)),
            rows=pl.when(pl.col("rows") >= HIDDEN_UNDER).then(rounded(pl.col("rows"))),
        )
        .select("extract", "submitter", "period", "field", "rows", "unknown_share")
        .sort("extract", "submitter", "period", "field")
    )


def tables(
    con: duckdb.DuckDBPyConnection, checks: Sequence[Check], models: Sequence[Model], entries: dict[str, Indicator]
) -> Mapping[str, pl.DataFrame]:
    """Every table of this build's results but the history, by name."""
    return {
        "checks": check_rows(checks, models, entries),
        "check_parts": check_parts(checks, models),
        "check_months": check_months(con, checks, models),
        "fields": field_rows(con),
    }
