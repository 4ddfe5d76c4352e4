"""The quality grade beside each figure, why, and what to do about it: one rule, decision 11.

For every published indicator, for Scotland and each health board and laboratory, and every period: which share of the
requests received does each trouble bear on? A figure is poor where the share of one head is above its poor limit, fair
where it is above its fair limit, and good otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import duckdb
import polars as pl

from catalogue.contracts import extract_contracts
from catalogue.indicators import Indicator
from pipelines import settings
from pipelines.models import INDICATOR, Model, Models, as_key
from pipelines.protect import HIDDEN_UNDER
from pipelines.quality import fields_read, troubles
from pipelines.quality.checks import Check
from pipelines.timeliness import MONTHLY

GRADES = ("good", "fair", "poor")

#: Kinds of unit that have grades of their own, apart from Scotland.
DIMENSIONS = ("requesting_board", "residence_board", "performing_lab", "receiving_lab")

#: Shares above which a head makes a figure fair, and poor.
LIMITS = {
    "completeness": (settings.MISSING_FAIR, settings.MISSING_POOR),
    "timeliness": (settings.LATE_FAIR, settings.LATE_POOR),
    "validity": (settings.RETURNED_FAIR, settings.RETURNED_POOR),
    "open_issues": (settings.ISSUES_FAIR, settings.ISSUES_POOR),
}

#: Heads in which a month counts once, however many extracts of it are missing or late: they are the same requests.
ONCE = ("completeness", "timeliness")

#: Kinds of unit that are laboratories: what is missing from one of them says nothing of another.
LABORATORIES = ("performing_lab", "receiving_lab")

#: Shares at which the words for a share change; no finer share is told, since counts could be worked out from it.
BANDS = (0.01, 0.05, 0.10, 0.20)

UNIT = ("dimension", "code")
PERIOD = ("grain", "period_start")

#: More months than this are counted, not named.
NAMED_MONTHS = 3

HOW_GRADES_ARE_MADE = (
    "Each grade asks which share of the requests received in that place and period each kind of trouble bears on. "
    "A month from a laboratory weighs as much as that laboratory's share of the place's requests, once for all of its "
    f"extracts. Completeness: rows not sent or set aside (fair above {settings.MISSING_FAIR:.0%}, poor above "
    f"{settings.MISSING_POOR:.0%}). Timeliness: open requests not sent again, and months that came late, which weigh "
    f"{settings.LATE_WEIGHS:.0%} once they are there (fair above {settings.LATE_FAIR:.0%}, poor above "
    f"{settings.LATE_POOR:.0%}). Validity: rows returned as unusable (fair above {settings.RETURNED_FAIR:.0%}, "
    f"poor above {settings.RETURNED_POOR:.0%}). Open issues: rows that fail a check, those that fail several checks of "
    f"one field once (fair above {settings.ISSUES_FAIR:.0%}, poor above {settings.ISSUES_POOR:.0%}). The worst of the "
    "four is the grade. Where a laboratory has never sent a testing extract, nobody knows how much is missing, and "
    "completeness is poor for Scotland and every board. A good "
    "grade can carry a reason: something is wrong, and it bears on too little to matter here."
)


def read_by(models: Sequence[Model], name: str) -> frozenset[str]:
    """Every table that a model reads, directly or through others, itself included."""
    return _read_by(as_key(models), name)


@cache
def _read_by(models: Models, name: str) -> frozenset[str]:
    needs = {model.name: model.needs for model in models}
    found, ahead = set(), [name]
    while ahead:
        table = ahead.pop()
        if table not in found:
            found.add(table)
            ahead.extend(needs.get(table, ()))
    return frozenset(found)


def indicators_touched(check: Check, models: Sequence[Model], entries: dict[str, Indicator]) -> list[str]:
    """Ids of the published indicators that a check's failure touches: those it names, or that read a table it names; of
    a check of fields, those whose own rows, or a dimension that they are shown by, rest on a field that fails."""
    fields = [_contract_field(check, told) for told in troubles.fields_of(check)]
    return [
        entry.id
        for entry in entries.values()
        if entry.published and any(_is_touched(entry, check, field, _dimensions(entry), models) for field in fields)
    ]


def _contract_field(check: Check, told: str | None) -> str | None:
    """The name of a field that a check found failing or, where it tells none, looks at; None where no contract has it,
    as of what is made of a field."""
    extract = next((part.extract for part in check.parts if part.field == told), None)
    name = fields_read.field_name(str(extract), told) if told else check.field
    return name if name in fields_read.known_fields() else None


def _dimensions(entry: Indicator) -> list[str]:
    """Every dimension that an indicator is shown by."""
    return list(dict.fromkeys(name for cube in entry.cubes for name in cube))


def _is_touched(
    entry: Indicator, check: Check, field: str | None, dimensions: Sequence[str], models: Sequence[Model]
) -> bool:
    """Whether a check touches an indicator, as it is shown by some dimensions."""
    if field is None:
        return _is_named(check, entry, models)
    return field in fields_read.of_rows(models, entry) or any(
        field in fields_read.of_dimension(models, entry, name) for name in dimensions
    )


def _is_named(check: Check, entry: Indicator, models: Sequence[Model]) -> bool:
    named = set(check.affects or (check.table,))
    return entry.id in named or bool(named & read_by(models, _root(entry)))


def grades(
    con: duckdb.DuckDBPyConnection,
    entries: dict[str, Indicator],
    models: Sequence[Model],
    checks: Sequence[Check],
    submissions: pl.DataFrame,
) -> pl.DataFrame:
    """The table `grades`: one row an indicator, `dimension`, `code`, `grain` and `period_start`, with the `grade`, its
    `reasons` and what `to_do`, each a list of sentences.

    con: the warehouse with `mart_requests`, `ref_periods`, `dq_submissions` and `stg_returned`. submissions: the table
    `submissions` of the protected store.
    """
    requests = _requests(con)
    of_residents = requests.group_by(pl.col("residence_board").alias("board"), "submitter", "period").agg(
        pl.col("requests").sum()
    )
    found = pl.concat(
        [troubles.of_submissions(con, submissions, requests), troubles.of_checks(con, checks, of_residents)]
    )
    periods = con.sql("SELECT grain, month_start AS period, period_start FROM ref_periods").pl()
    weights, boards = usual_weights(requests), _shares_of_boards(requests)
    whole = weights.join(periods, on="period").group_by(*UNIT, *PERIOD).agg(pl.col("weight").sum().alias("whole"))
    cells = _cells(found, weights, boards)
    by_source = _touched_by_source(entries, models, checks)
    touched = _touched(cells, periods).join(whole, on=[*UNIT, *PERIOD])
    graded = grade_of(_with_words(touched, found), by_source, _once(cells, by_source, periods, whole))
    return _for_every_cell(
        graded, _asked(entries), whole, con.sql("SELECT min(period_start) FROM ref_periods").pl().item()
    )


def _requests(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Requests received, by every dimension of units, `submitter` and `period` (month of receipt)."""
    found: pl.DataFrame = con.sql(
        f"SELECT {', '.join(DIMENSIONS)}, receiving_lab AS submitter, received_month AS period, count(*) AS requests "
        "FROM mart_requests GROUP BY ALL ORDER BY ALL"
    ).pl()
    return found


def usual_weights(requests: pl.DataFrame) -> pl.DataFrame:
    """`weight`: the requests of each unit (UNIT) that each `submitter` received in each `period`, for every month.

    Where under 10 are known, the monthly average of the months in which the submitter sent any stands in: a month that
    was not sent weighs what is usual, and no count of under 10 can be worked out from a grade.
    """
    counted = pl.concat(
        requests.group_by(pl.lit(name).alias("dimension"), code.alias("code"), "submitter", "period").agg(
            pl.col("requests").sum()
        )
        for name, code in [("", pl.lit("")), *((name, pl.col(name)) for name in DIMENSIONS)]
    )
    months = requests.group_by("submitter").agg(pl.col("period").n_unique().alias("months"))
    usual = (
        counted.group_by(*UNIT, "submitter")
        .agg(pl.col("requests").sum())
        .join(months, on="submitter")
        .select(*UNIT, "submitter", usual=pl.col("requests") / pl.col("months"))
    )
    return (
        usual.join(requests.select("period").unique(), how="cross")
        .join(counted, on=[*UNIT, "submitter", "period"], how="left")
        .select(
            *UNIT,
            "submitter",
            "period",
            weight=pl.when(pl.col("requests") >= HIDDEN_UNDER).then(pl.col("requests")).otherwise(pl.col("usual")),
        )
    )


def _shares_of_boards(requests: pl.DataFrame) -> pl.DataFrame:
    """`share`: of each unit's requests in the whole record, those from residents of each `board`."""
    counted = pl.concat(
        requests.group_by(
            pl.lit(name).alias("dimension"), code.alias("code"), pl.col("residence_board").alias("board")
        ).agg(pl.col("requests").sum())
        for name, code in [("", pl.lit("")), *((name, pl.col(name)) for name in DIMENSIONS)]
    )
    return counted.select(*UNIT, "board", share=pl.col("requests") / pl.col("requests").sum().over(UNIT))


def _cells(found: pl.DataFrame, weights: pl.DataFrame, boards: pl.DataFrame) -> pl.DataFrame:
    """How many requests (`touched`) each trouble bears on of each unit's requests, by month, submitter and, where it is
    told, board; `told` numbers what the trouble tells of the three."""
    parts = []
    for number, (told, condition) in enumerate(troubles.patterns()):
        some = found.filter(condition).drop({"submitter", "period", "board"} - set(told))
        by = [name for name in told if name != "board"]
        joined = some.join(weights, on=by) if by else some.join(weights, how="cross")
        if "board" in told:
            joined = joined.join(boards, on=[*UNIT, "board"])
        share = pl.col("share") if "board" in told else pl.lit(1.0)
        parts.append(
            joined.select(
                "source",
                "head",
                "key",
                "same_rows",
                "who",
                "is_weighed",
                *UNIT,
                "submitter",
                "period",
                (pl.col("board") if "board" in told else pl.lit(None, pl.String)).alias("board"),
                told=pl.lit(number),
                touched=pl.col("weight") * pl.col("fraction") * share,
            )
        )
    concerns = pl.col("is_weighed") | ~pl.col("dimension").is_in(LABORATORIES)
    return pl.concat(parts).filter((pl.col("touched") > 0) & concerns)


def _touched(cells: pl.DataFrame, periods: pl.DataFrame) -> pl.DataFrame:
    """How many requests (`touched`) of each unit and period each `key` bears on, and in which `months`."""
    return (
        cells.join(periods, on="period")
        .group_by("source", "head", "key", "same_rows", "is_weighed", *UNIT, *PERIOD)
        .agg(
            pl.col("touched").sum(),
            pl.col("period").unique().sort().alias("months"),
            pl.col("who").drop_nulls().unique().sort(),
        )
    )


def _once(cells: pl.DataFrame, by_source: pl.DataFrame, periods: pl.DataFrame, whole: pl.DataFrame) -> pl.DataFrame:
    """The share (`once`) of each `indicator`'s requests, by unit and period, on which troubles of the same rows bear.

    Of troubles that tell the same of whose the rows are, the heaviest counts for each; then, of those that look at the
    same rows in different ways, the way that finds most. It is no more than their union can be, and no less than any.
    """
    shared = cells.filter(pl.col("same_rows").is_not_null()).join(by_source, on=["source", "dimension"])
    by = ["indicator", "same_rows", "told", *UNIT]
    each = shared.group_by(*by, "submitter", "period", "board").agg(pl.col("touched").max())
    ways = each.join(periods, on="period").group_by(*by, *PERIOD).agg(pl.col("touched").sum())
    heaviest = ways.group_by("indicator", "same_rows", *UNIT, *PERIOD).agg(pl.col("touched").max())
    return (
        heaviest.join(whole, on=[*UNIT, *PERIOD])
        .group_by("indicator", *UNIT, *PERIOD)
        .agg(pl.min_horizontal(pl.col("touched") / pl.col("whole"), 1.0).sum().alias("once"))
    )


def _with_words(touched: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Adds `share` of the unit's requests, `reason` and `to_do`, as sentences."""
    share = pl.min_horizontal(pl.col("touched") / pl.col("whole"), 1.0)
    words = found.unique("key").select("key", "says", "to_do")
    months = pl.col("months").list.eval(pl.element().dt.strftime("%B %Y"))
    many = pl.col("months").list.len() > NAMED_MONTHS
    in_months = pl.when(many).then(pl.format("{} months", pl.col("months").list.len())).otherwise(_joined(months))
    head = pl.col("head").replace_strict(troubles.HEADS)
    band = pl.when("is_weighed").then(_band(pl.col("share"))).otherwise(pl.lit("an unknown share"))
    return (
        touched.join(words, on="key")
        .with_columns(share=share, in_months=in_months, names=_joined(pl.col("who")))
        .with_columns(_filled(name) for name in ("says", "to_do"))
        .with_columns(reason=pl.format("{} ({} of requests): {}.", head, band, pl.col("says")))
        .drop("says", "in_months", "names", "months", "who", "is_weighed")
    )


def _joined(names: pl.Expr) -> pl.Expr:
    """Names in a sentence: `A`, `A and B`, `A, B and C`; nothing where there is none."""
    last, rest = names.list.last().fill_null(""), names.list.head(names.list.len().clip(1) - 1).list.join(", ")
    return pl.when(names.list.len() <= 1).then(last).otherwise(pl.format("{} and {}", rest, last))


def _filled(name: str) -> pl.Expr:
    """A line with the months and names in their places."""
    return (
        pl.col(name)
        .str.replace(troubles.MONTHS, pl.col("in_months"), literal=True)
        .str.replace(troubles.WHO, pl.col("names"), literal=True)
    )


def _band(share: pl.Expr) -> pl.Expr:
    """A share in words no finer than BANDS."""
    text = pl.lit(f"over {BANDS[-1]:.0%}")
    for low, high in reversed(list(pairwise(BANDS))):
        text = pl.when(share < high).then(pl.lit(f"{low:.0%} to {high:.0%}")).otherwise(text)
    return pl.when(share < BANDS[0]).then(pl.lit(f"under {BANDS[0]:.0%}")).otherwise(text)


def _touched_by_source(entries: dict[str, Indicator], models: Sequence[Model], checks: Sequence[Check]) -> pl.DataFrame:
    """`source` (extract, check or its field), `dimension` and `indicator` of every published indicator that it touches
    where it is shown by units of that dimension."""
    published = [entry for entry in entries.values() if entry.published]
    graded = ("", *DIMENSIONS)
    rows = [(extract, name, e.id) for e in published for extract in extracts_of(e, models) for name in graded]
    for check in (check for check in checks if check.is_open):
        for told in troubles.fields_of(check):
            field = _contract_field(check, told)
            rows += [
                (troubles.source_of(check, told), name, e.id)
                for e in published
                for name in graded
                if _is_touched(e, check, field, [name] if name else [], models)
            ]
    schema = {"source": pl.String, "dimension": pl.String, "indicator": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def extracts_of(entry: Indicator, models: Sequence[Model]) -> list[str]:
    """The monthly extracts that an indicator rests on."""
    return [extract for extract in _read_from(models, _root(entry)) if extract in MONTHLY]


def every_extract_of(entry: Indicator, models: Sequence[Model]) -> list[str]:
    """Every extract that an indicator rests on, those of staff and of the programme too; of a ratio, those of both."""
    to = entry.formula.to if entry.formula else None
    return sorted({*_read_from(models, _root(entry)), *(_read_from(models, f"{INDICATOR}{to}") if to else ())})


def _read_from(models: Sequence[Model], table: str) -> list[str]:
    read = read_by(models, table)
    return [extract for extract in sorted(extract_contracts()) if f"lake_{extract}" in read]


def grade_of(worded: pl.DataFrame, touched: pl.DataFrame, once: pl.DataFrame) -> pl.DataFrame:
    """One row an `indicator`, unit and period with any trouble: `grade`, `reasons` and `to_do`, the heaviest first.

    worded: `source`, `head`, `share`, `same_rows`, `reason`, `to_do` by unit and period. touched: `source`, `dimension`
    and `indicator`. once: what troubles of the same rows add to open issues, in place of their shares.
    """
    cell = ["indicator", *UNIT, *PERIOD]
    order = {head: place for place, head in enumerate(LIMITS)}
    fair, poor = (
        pl.col("head").replace_strict({head: limits[level] for head, limits in LIMITS.items()}, return_dtype=pl.Float64)
        for level in (0, 1)
    )
    by_itself = pl.when(pl.col("same_rows").is_null()).then("share").otherwise(0.0)
    ranked = (
        worded.join(touched, on=["source", "dimension"])
        .join(once, on=cell, how="left")
        .with_columns(
            of_source=pl.col("share").sum().over([*cell, "head", "source"]),
            place=pl.col("head").replace_strict(order, return_dtype=pl.Int64),
        )
        .with_columns(
            of_head=pl.when(pl.col("head").is_in(ONCE))
            .then(pl.col("of_source").max().over([*cell, "head"]))
            .when(pl.col("head") == "open_issues")
            .then(by_itself.sum().over([*cell, "head"]) + pl.col("once").fill_null(0))
            .otherwise(pl.col("share").sum().over([*cell, "head"]))
        )
        .with_columns(level=(pl.col("of_head") > fair).cast(pl.Int64) + (pl.col("of_head") > poor).cast(pl.Int64))
        .filter((pl.col("head") != "validity") | (pl.col("level") > 0))
        .sort([*cell, "level", "place", "share", "reason"], descending=[False] * len(cell) + [True, False, True, False])
    )
    return ranked.group_by(cell, maintain_order=True).agg(
        grade=pl.col("level").max().replace_strict(dict(enumerate(GRADES)), return_dtype=pl.String),
        reasons=pl.col("reason"),
        to_do=pl.col("to_do").filter(pl.col("to_do") != "").unique(maintain_order=True),
    )


def _asked(entries: dict[str, Indicator]) -> pl.DataFrame:
    """`indicator`, `dimension` and `grain` of everything that is graded, and the months that a measure runs in."""
    rows = [
        (entry.id, dimension, grain, entry.run_in_months)
        for entry in entries.values()
        if entry.published
        for dimension in ("", *DIMENSIONS)
        if entry.has_cube((dimension,) if dimension else ()) or not dimension
        for grain in entry.grains
    ]
    schema = {"indicator": pl.String, "dimension": pl.String, "grain": pl.String, "run_in": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _for_every_cell(graded: pl.DataFrame, asked: pl.DataFrame, whole: pl.DataFrame, first: object) -> pl.DataFrame:
    """A row for everything asked, good where no trouble is known; first: first day of the record."""
    none = pl.lit([], dtype=pl.List(pl.String))
    begins = pl.lit(first).dt.offset_by(pl.format("{}mo", pl.col("run_in")))
    return (
        asked.join(whole.select(*UNIT, *PERIOD), on=["dimension", "grain"])
        .filter(pl.col("period_start") >= begins)
        .join(graded, on=["indicator", *UNIT, *PERIOD], how="left")
        .select(
            "indicator",
            *UNIT,
            *PERIOD,
            pl.col("grade").fill_null(GRADES[0]),
            pl.col("reasons").fill_null(none),
            pl.col("to_do").fill_null(none),
        )
        .sort("indicator", *UNIT, *PERIOD)
    )


def of_indicators(
    graded: pl.DataFrame, entries: dict[str, Indicator], models: Sequence[Model], rows: dict[str, tuple[int, int]]
) -> pl.DataFrame:
    """The table `quality`: one row a published indicator, its `grade` and `reasons` for Scotland in the newest period
    of its longest grain, `accepted_rows` and `returned_rows` behind it, and the `extracts` whose rows these are.

    rows: accepted and returned rows by extract. Counts are exact, for the build side: `pipelines.quality.rows_shown`
    says what may be shown of them.
    """
    lengths = {"month": 0, "quarter": 1, "year": 2}
    newest = (
        graded.filter(pl.col("dimension") == "")
        .sort(pl.col("grain").replace_strict(lengths, return_dtype=pl.Int64), "period_start")
        .group_by("indicator", maintain_order=True)
        .last()
        .select("indicator", "grade", "reasons")
    )
    counted = []
    for entry in entries.values():
        if entry.published:
            extracts = every_extract_of(entry, models)
            accepted, returned = (sum(rows.get(extract, (0, 0))[part] for extract in extracts) for part in (0, 1))
            counted.append((entry.id, accepted, returned, extracts))
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "indicator": pl.String,
        "accepted_rows": pl.Int64,
        "returned_rows": pl.Int64,
        "extracts": pl.List(pl.String),
    }
    behind = pl.DataFrame(counted, schema=schema, orient="row")
    return behind.join(newest, on="indicator", how="left", maintain_order="left").select(
        "indicator", "grade", "reasons", "accepted_rows", "returned_rows", "extracts"
    )


def _root(entry: Indicator) -> str:
    return f"{INDICATOR}{entry.formula.of if entry.formula else entry.id}"
