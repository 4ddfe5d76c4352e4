"""What may be told of rows of people in the tables of quality: the rules of figures, over every count at once.

A reader of the release may take one count from another: a check's rows are those of its months, its failing rows those
of its parts, the rows of a file those in use and those returned. So all of them are rounded by key and hidden together,
until no count of 1 to 9 rows, told or left over, can be worked out to within `rules.told_within`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb
import numpy as np
import polars as pl

from catalogue.disclosure import Rules
from pipelines.disclosure.attack import Block, attack
from pipelines.disclosure.bounds import Watched, first_limits, watched
from pipelines.disclosure.counts import rounded
from pipelines.disclosure.hiding import (
    CANNOT,
    ROUNDS,
    Unreleased,
    hide_beside,
    hide_enough,
    told_by_release,
)
from pipelines.disclosure.relations import Relations
from pipelines.disclosure.secret import KEYED, Secret
from pipelines.errors import PipelineError

Tables = Mapping[str, pl.DataFrame]

FILE = ("extract", "submitter", "period")
PART = (*FILE, "board", "field")

#: Checks on fields of files and on returned rows: their parts are rows of files, which other tables tell too.
ON_FIELDS, RETURNED = "dq_fields.", "stg_returned"

#: Staging tables hold the rows of files that are in use.
STAGED = "stg_"


@dataclass
class Book:
    """Every count of rows, and which are sums of which.

    counts: frames of `key` (what is counted), `whose` (submitter and month, or board), `number`, `is_published`, and
    `least`, what everybody knows of it where it is hidden. sums: frames of `sum` (which sum), `parent` and `child`.
    """

    counts: list[pl.DataFrame] = field(default_factory=list)
    sums: list[pl.DataFrame] = field(default_factory=list)

    def count(
        self,
        rows: pl.DataFrame,
        key: pl.Expr,
        whose: pl.Expr,
        number: str,
        published: pl.Expr | None = None,
        least: int = 1,
    ) -> None:
        """Add the count of each row; nought is told as it is, so it needs no place here."""
        self.counts.append(
            rows.filter(pl.col(number) > 0).select(
                key=key,
                whose=whose,
                number=pl.col(number).cast(pl.Int64),
                is_published=pl.lit(value=True) if published is None else published,
                least=pl.lit(least, pl.Int64),
            )
        )

    def add(self, rows: pl.DataFrame, parent: pl.Expr, child: pl.Expr, together: pl.Expr | None = None) -> None:
        """Say that each row's child is a part of its parent.

        together: the parts of a parent of which this is the same make one sum; without it each child is a part by
        itself, such as the failing rows of one check among many.
        """
        name = _joined(pl.lit("part"), child) if together is None else together
        self.sums.append(rows.select(sum=_joined(name, parent), parent=parent, child=child))


def shown_rows(exact: Tables, secret: Secret, rules: Rules) -> dict[str, pl.DataFrame]:
    """The tables `checks`, `check_parts`, `check_months`, `fields`, `submissions` and `quality` as they may be shown.

    exact: those of them that there are, as `results`, `submission_states` and `grades` make them. A share is that of
    two shown counts. Raises PipelineError where a small count can be worked out whatever is hidden; nothing is
    published then.
    """
    exact, book = dict(exact), Book()
    if "checks" in exact:
        _of_checks(book, exact["checks"].filter("is_of_people"))
        _of_parts(book, exact["check_parts"].filter("is_of_people"))
        _of_months(book, exact["check_months"].filter("is_of_people"))
    if "fields" in exact:
        exact["fields"] = _with_told_rows(exact["fields"], exact.get("submissions"), rules)
        _of_fields(book, exact["fields"])
    if "submissions" in exact:
        _of_files(book, exact["submissions"], exact.get("checks"))
        _of_measures(book, exact["quality"], exact["submissions"])
    told = _told(book, secret, rules)
    as_shown = {
        "checks": _shown_checks, "check_parts": _shown_parts, "check_months": _shown_months, "fields": _shown_fields,
        "submissions": _shown_files, "quality": _shown_measures,
    }  # fmt: skip
    return {name: as_shown[name](table, told) for name, table in exact.items()}


def _joined(*parts: pl.Expr) -> pl.Expr:
    return pl.concat_str([part.cast(pl.String).fill_null("") for part in parts], separator="|")


# What is counted


WHOSE = _joined(pl.col("submitter"), pl.col("period"))
NOBODYS = pl.lit("|")
CHECK = pl.col("check_id")
#: Checks of a table that look at as many rows are taken to look at the same ones.
CHECKED = _joined(pl.lit("checked"), pl.col("table_name"), NOBODYS, pl.col("rows_checked"))
CHECKED_OF_MONTH = _joined(pl.lit("checked"), pl.col("table_name"), WHOSE, pl.col("rows_checked"))
FAILING = _joined(pl.lit("failing"), CHECK)
FAILING_OF_MONTH = _joined(pl.lit("failing of month"), CHECK, WHOSE)
FAILING_OF_PART = _joined(pl.lit("failing of part"), CHECK, *(pl.col(name) for name in PART))
UNKNOWN = _joined(pl.lit("unknown"), *(pl.col(name) for name in (*FILE, "field")))


def _file(what: str, extract: pl.Expr | None = None) -> pl.Expr:
    """A count of a file: its `rows`, and those of them that are `in_use`; `returned` ones, and `moved` by the build."""
    return _joined(pl.lit(what), pl.col("extract") if extract is None else extract, WHOSE)


#: The failing rows of a part; of a field of a file they are the rows in which it is unknown.
PART_KEY = pl.when(CHECK.str.starts_with(ON_FIELDS)).then(UNKNOWN).otherwise(FAILING_OF_PART)


def _behind(what: str) -> pl.Expr:
    """Rows of every file of some extracts, `accepted` or `returned`."""
    return _joined(pl.lit(what), pl.col("extracts").list.join("+"))


# Which counts there are, and which are sums of which


def _of_checks(book: Book, checks: pl.DataFrame) -> None:
    """The rows that a check looked at are those that fail and those that are sound."""
    book.count(checks, CHECKED, NOBODYS, "rows_checked")
    book.count(checks, FAILING, NOBODYS, "rows_failing")
    book.add(checks, CHECKED, FAILING)
    _looked_at(book, checks, CHECKED, ["table_name"])


def _of_parts(book: Book, parts: pl.DataFrame) -> None:
    """Parts make their check; those of a submitter and month make the check's month; rows returned by the build for one
    reason or another make those returned by it."""
    whose = pl.when(pl.col("board").is_null()).then(WHOSE).otherwise("board")
    book.count(parts, PART_KEY, whose, "rows_failing")
    of_rows = parts.filter(pl.col("groups_failing").is_null())
    book.add(of_rows, FAILING, PART_KEY, together=pl.lit("parts"))
    by_month = of_rows.with_columns(part=PART_KEY).with_columns(pl.col("period").dt.month_start())
    book.add(by_month, FAILING_OF_MONTH, pl.col("part"), together=pl.lit("parts"))
    book.add(parts.filter(CHECK.str.starts_with(f"{RETURNED}.")), _file("moved"), PART_KEY, together=pl.lit("reasons"))


def _of_months(book: Book, months: pl.DataFrame) -> None:
    """Months make their check, in rows that it looked at and in failing ones."""
    book.count(months, CHECKED_OF_MONTH, WHOSE, "rows_checked")
    book.count(months, FAILING_OF_MONTH, WHOSE, "rows_failing")
    book.add(months, CHECKED_OF_MONTH, FAILING_OF_MONTH)
    book.add(months, FAILING, FAILING_OF_MONTH, together=pl.lit("months"))
    once = months.with_columns(month=CHECKED_OF_MONTH).unique(["table_name", "among", "month"])
    whole = _joined(pl.lit("checked"), pl.col("table_name"), NOBODYS, pl.col("of_check"))
    book.add(once, whole, pl.col("month"), together=_joined(pl.lit("months"), pl.col("among")))
    _looked_at(book, months, CHECKED_OF_MONTH, ["table_name", "submitter", "period"])
    staged = once.filter(pl.col("table_name").str.starts_with(STAGED))
    book.add(staged, _file("in_use", pl.col("table_name").str.strip_prefix(STAGED)), pl.col("month"))


def _looked_at(book: Book, rows: pl.DataFrame, key: pl.Expr, of: list[str]) -> None:
    """A check that looks at some rows only leaves out the rest of the most that any check of the table looks at."""
    most = pl.col("rows_checked").max().over(of)
    some = rows.with_columns(child=key, most=most).filter(pl.col("rows_checked") < pl.col("most")).unique("child")
    whole = some.with_columns(rows_checked=pl.col("most")).with_columns(parent=key)
    book.add(whole, pl.col("parent"), pl.col("child"))


def _of_fields(book: Book, fields: pl.DataFrame) -> None:
    """The rows of a file are, for each field, those in which it is unknown and those in which it is known."""
    book.count(fields.unique(FILE), _file("rows"), WHOSE, "rows", published=pl.col("rows_told") == _file("rows"))
    # Where a file has few rows no share is told, so nobody knows that what is hidden is more than nought.
    book.count(fields, UNKNOWN, WHOSE, "unknown", least=0)
    book.add(fields, _file("rows"), UNKNOWN)


def _with_told_rows(fields: pl.DataFrame, files: pl.DataFrame | None, rules: Rules) -> pl.DataFrame:
    """Adds `rows_told`: which count stands for the rows of a file. Where the build returned few, it is those in use,
    which the table of files tells anyway: two numbers that differ by so few would tell how many were returned."""
    moved = pl.DataFrame(schema={**fields.select(FILE).schema, "rows_moved": pl.Int64})
    moved = moved if files is None else files.select(*FILE, "rows_moved")
    few = pl.col("rows_moved").is_between(1, rules.hidden_under - 1).fill_null(value=False)
    told = pl.when(few).then(_file("in_use")).otherwise(_file("rows"))
    joined = fields.join(moved, on=FILE, how="left", maintain_order="left")
    return joined.with_columns(rows_told=told).drop("rows_moved")


def _of_files(book: Book, files: pl.DataFrame, checks: pl.DataFrame | None) -> None:
    """The rows of a file are in use or moved, that is returned by the build; others were returned before. Files make
    the tables that hold their rows."""
    for what, name in (("in_use", "rows_loaded"), ("returned", "rows_returned"), ("typical", "typical_rows")):
        book.count(files, _file(what), WHOSE, name)
    book.count(files, _file("moved"), WHOSE, "rows_moved", published=pl.lit(value=False), least=0)
    book.add(files, _file("returned"), _file("moved"))
    book.add(files, _file("rows"), _file("in_use"), together=pl.lit("loaded"))
    book.add(files, _file("rows"), _file("moved"), together=pl.lit("loaded"))
    if checks is None:
        return
    tables = checks.filter("is_of_people").group_by("table_name").agg(pl.col("rows_checked").max())
    staged = files.with_columns(table_name=pl.format(f"{STAGED}{{}}", "extract")).join(tables, on="table_name")
    book.add(staged, CHECKED, _file("in_use"), together=pl.lit("files"))
    returned = files.join(tables.filter(table_name=RETURNED), how="cross")
    book.add(returned, CHECKED, _file("moved"), together=pl.lit("files"))


def _of_measures(book: Book, measures: pl.DataFrame, files: pl.DataFrame) -> None:
    """Files make what is behind the measures that rest on their extracts."""
    once = measures.unique("extracts")
    for what, name, of_file in (("accepted", "accepted_rows", "in_use"), ("returned", "returned_rows", "returned")):
        book.count(once, _behind(what), NOBODYS, name)
        each = once.with_columns(behind=_behind(what)).explode("extracts").rename({"extracts": "extract"})
        book.add(each.join(files, on="extract"), pl.col("behind"), _file(of_file), together=pl.lit("files"))


# What is told


def _told(book: Book, secret: Secret, rules: Rules) -> pl.DataFrame:
    """`key` and what is `told` of it, a rounded number or null, of every count."""
    counts = pl.concat(book.counts).unique("key", keep="first", maintain_order=True)
    sums, rest = _with_rest(pl.concat(book.sums).unique(["sum", "child"], maintain_order=True), counts)
    counts = _with_draws(pl.concat([counts, rest]), secret, rules).with_row_index("row")
    told = _hidden(counts, _ties(sums, counts), rules)
    shown = pl.when("is_shown").then(rounded(pl.col("number"), pl.col("draw"), rules.rounded_to))
    return told.select(key="indicator", told=shown)


def _hidden(counts: pl.DataFrame, ties: Relations, rules: Rules) -> pl.DataFrame:
    """The table of counts with `is_shown` false wherever a shown one would tell a small one: by following the sums, and
    then by attacking all of them together, until the attack finds nothing. PipelineError where that has no end."""
    number, everything = counts["number"].to_numpy().astype(np.float64), Block("rows", np.arange(counts.height))
    watch, unreleased = watched(counts, rules), Unreleased(counts, ties, rules)
    secret = Watched(np.setdiff1d(watch.rows, unreleased.told()), watch.within, watch.under)
    for _ in range(ROUNDS):
        counts = hide_enough(counts, ties, rules, unreleased=unreleased)
        first = first_limits(counts, rules)
        found = attack([everything], number, ties, first, secret, rules.attack.directions)
        told_by = told_by_release(counts, found.told_by)
        if not told_by:
            return counts
        counts = hide_beside(counts, rules, told_by)
    raise PipelineError(CANNOT)


def _with_rest(sums: pl.DataFrame, counts: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The sums of which every count is known, each with what its parts leave of it, and those rests as counts.

    A rest is told nowhere, and is a count all the same: sound rows, or rows of no known month.
    """
    number = counts.select("key", "number")
    known = sums.join(number, left_on="child", right_on="key").join(
        number.rename({"number": "whole"}), left_on="parent", right_on="key"
    )
    left = known.group_by("sum", "parent", maintain_order=True).agg(
        number=pl.col("whole").first() - pl.col("number").sum()
    )
    rest = left.filter(pl.col("number") > 0).with_columns(child=_joined(pl.lit("rest"), pl.col("sum")))
    found = rest.select(
        pl.col("child").alias("key"),
        NOBODYS.alias("whose"),
        "number",
        pl.lit(value=False).alias("is_published"),
        pl.lit(0, pl.Int64).alias("least"),
    )
    columns = ["sum", "parent", "child"]
    return pl.concat([known.select(columns), rest.select(columns)]), found


def _with_draws(counts: pl.DataFrame, secret: Secret, rules: Rules) -> pl.DataFrame:
    """The table of counts that `pipelines.disclosure` works on.

    The draw is a keyed hash of whose rows they are and of the number, not of the check: as many rows of the same file
    always get the same answer, so that no average over the checks of one table tells the count.
    """
    text = "concat('rows|', whose, '|', number)"
    with duckdb.connect() as con:
        con.register("counts", counts)
        drawn: pl.DataFrame = con.sql(
            f"""
            SELECT
                key,
                CAST(CAST(concat('0x', left({KEYED.format(text=text)}, 15)) AS UBIGINT) % $rounded_to AS INTEGER)
                    AS draw
            FROM counts""",
            params={"inner_key": secret.inner, "outer_key": secret.outer, "rounded_to": rules.rounded_to},
        ).pl()
    nothing = pl.lit(None, pl.String)
    return counts.join(drawn, on="key", maintain_order="left").select(
        pl.col("key").alias("indicator"),
        pl.lit("").alias("cube"),
        *(nothing.alias(name) for name in ("d1", "d2", "d3", "grain")),
        pl.lit(None, pl.Date).alias("period_start"),
        pl.lit("count").alias("part"),
        "number",
        pl.col("number").alias("people"),
        "draw",
        pl.lit(rules.hidden_under).alias("needs"),
        "is_published",
        (pl.col("is_published") & (pl.col("number") >= rules.hidden_under)).alias("is_shown"),
        "least",
    )


def _ties(sums: pl.DataFrame, counts: pl.DataFrame) -> Relations:
    """The sums as ties between rows of the table of counts. Where parts are more than their whole, as of rows that are
    counted twice, by how much is taken to be known."""
    row = counts.select(pl.col("row").cast(pl.Int64), key="indicator")
    pairs = (
        sums.join(row.rename({"row": "count"}), left_on="child", right_on="key")
        .join(row.rename({"row": "of"}), left_on="parent", right_on="key")
        .with_columns(tie=pl.col("sum").rank("dense").cast(pl.Int64) - 1)
    )
    whole = pairs.unique("tie").select("tie", count="of", sign=pl.lit(-1.0))
    both = pl.concat([whole, pairs.select("tie", "count", sign=pl.lit(1.0))]).sort("tie", "sign", "count")
    tie, count, sign = (both[name].to_numpy() for name in ("tie", "count", "sign"))
    number = counts["number"].to_numpy().astype(np.float64)
    over = np.bincount(tie, weights=sign * number[count], minlength=whole.height).astype(np.float64)
    return Relations(tie, count, sign, over, over)


def _shown(table: pl.DataFrame, told: pl.DataFrame, name: str, key: pl.Expr, exact: pl.Expr | None = None) -> pl.Series:
    """A column as it may be shown: what is told of each count, nought as it is, and all of it where `exact`."""
    found = table.select(number=pl.col(name), key=key, exact=pl.lit(value=False) if exact is None else exact)
    shown = found.join(told, on="key", how="left", maintain_order="left")
    as_it_is = pl.col("exact") | (pl.col("number") == 0)
    return shown.select(
        pl.when(as_it_is).then(pl.col("number").cast(pl.Int64)).otherwise("told").alias(name)
    ).to_series()


def _share(failing: str, of: str, digits: int) -> pl.Expr:
    """Of the counts shown; rounding can push failing rows past those checked by a few, and the share is then one."""
    part, whole = pl.col(failing), pl.col(of)
    return pl.when((whole > 0) & part.is_not_null()).then((pl.min_horizontal(part, whole) / whole).round(digits))


def _shown_checks(table: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    exact = ~pl.col("is_of_people")
    return (
        table.with_columns(
            _shown(table, told, "rows_checked", CHECKED, exact), _shown(table, told, "rows_failing", FAILING, exact)
        )
        .with_columns(share=_share("rows_failing", "rows_checked", 3))
        .drop("is_of_people", "among")
    )


def _shown_parts(table: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    return table.with_columns(_shown(table, told, "rows_failing", PART_KEY, ~pl.col("is_of_people"))).drop(
        "is_of_people"
    )


def _shown_months(table: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    exact = ~pl.col("is_of_people")
    return (
        table.with_columns(
            _shown(table, told, "rows_checked", CHECKED_OF_MONTH, exact),
            _shown(table, told, "rows_failing", FAILING_OF_MONTH, exact),
        )
        .with_columns(share=_share("rows_failing", "rows_checked", 3))
        .drop("is_of_people", "table_name", "among", "of_check")
    )


def _shown_fields(table: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """A share of known and unknown rows; none where either, or the whole, is hidden."""
    return (
        table.with_columns(_shown(table, told, "rows", pl.col("rows_told")), _shown(table, told, "unknown", UNKNOWN))
        .with_columns(unknown_share=_share("unknown", "rows", 2))
        .drop("unknown", "rows_told")
    )


def _shown_files(table: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    named = {"rows_loaded": "in_use", "rows_returned": "returned", "typical_rows": "typical"}
    return table.with_columns(_shown(table, told, name, _file(what)) for name, what in named.items()).drop("rows_moved")


def _shown_measures(table: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    named = {"accepted_rows": "accepted", "returned_rows": "returned"}
    return table.with_columns(_shown(table, told, name, _behind(what)) for name, what in named.items())
