"""What a made-up release says of its data: checks with parts, months and history, submissions, fields and grades."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import duckdb
import polars as pl

from catalogue.dimensions import dimensions
from catalogue.indicators import indicators
from catalogue.reference import labels, reference_rows

SCHEMA = """
CREATE TABLE checks (
    check_id VARCHAR, table_name VARCHAR, name VARCHAR, expectation VARCHAR, column_name VARCHAR, sentence VARCHAR,
    severity VARCHAR, dimension VARCHAR, owner VARCHAR, why VARCHAR, to_do VARCHAR, status VARCHAR, counted VARCHAR,
    rows_checked BIGINT, rows_failing BIGINT, share DOUBLE, at_most DOUBLE, indicators VARCHAR[]
);
CREATE TABLE check_parts (
    check_id VARCHAR, extract VARCHAR, submitter VARCHAR, period DATE, board VARCHAR, rows_failing BIGINT
);
CREATE TABLE check_months (
    check_id VARCHAR, submitter VARCHAR, period DATE, rows_checked BIGINT, rows_failing BIGINT, share DOUBLE
);
CREATE TABLE check_history (
    release_id VARCHAR, created_at VARCHAR, check_id VARCHAR, status VARCHAR, rows_checked BIGINT, rows_failing BIGINT,
    share DOUBLE
);
CREATE TABLE submissions (
    extract VARCHAR, submitter VARCHAR, label VARCHAR, period DATE, state VARCHAR, version BIGINT,
    first_extracted_on DATE, due_on DATE, rows_loaded BIGINT, rows_returned BIGINT, typical_rows BIGINT, reason VARCHAR
);
CREATE TABLE fields (
    extract VARCHAR, submitter VARCHAR, period DATE, field VARCHAR, rows BIGINT, unknown_share DOUBLE
);
CREATE TABLE grades (
    indicator VARCHAR, dimension VARCHAR, code VARCHAR, grain VARCHAR, period_start DATE, grade VARCHAR,
    reasons VARCHAR[], to_do VARCHAR[]
);
"""

LABS = {"ABE": 700, "DUN": 350, "EDI": 1300, "GLA": 2600}
MONTHLY = ("testing", "turnaround", "outcomes")
DIMENSIONS = ("requesting_board", "residence_board", "performing_lab")
TURNAROUND = ("reported_within_standard", "overdue_backlog", "open_requests", "turnaround_days")

#: Health boards whose recording of ethnic group is under the share below which no gap is shown.
POORLY_RECORDED = ("S08000016", "S08000017", "S08000019", "S08000030")

#: A check: table, name, column, sentence, severity, dimension, owner, status, counted, rows checked, rows failing.
CHECKS = (
    ("mart_requests", "any_rows", None, "There is at least one request.", "critical", "completeness",
     "Data pipeline", "pass", "rows", 326_455, 0),
    ("mart_requests", "key", "request_id", "Every request stands once.", "critical", "uniqueness",
     "Data pipeline", "pass", "rows", 326_455, 0),
    ("mart_requests", "ethnic_group_recorded", None,
     "Ethnic group is recorded for at least 70% of rows in every residence board.", "warning", "completeness",
     "Health boards' equity leads", "warn", "groups", 14, 4),
    ("mart_requests", "turnaround_row_there", None,
     "A turnaround row is there for at least 98% of rows in every laboratory's month.", "warning", "completeness",
     "Laboratory data stewards", "warn", "rows", 326_455, 1_240),
    ("mart_turnaround", "under_two_years", "gross_days", "No request takes longer than two years.", "warning",
     "plausibility", "Laboratory data stewards", "warn", "rows", 310_220, 365),
    ("mart_turnaround", "two_ways_agree", None,
     "Reported within the standard and reported by the due date agree.", "critical", "consistency",
     "Data pipeline", "pass", "rows", 310_220, 0),
    ("stg_turnaround", "report_after_receipt", "report_date", "No report comes before receipt.", "warning",
     "plausibility", "Laboratory data stewards", "warn", "rows", 310_220, 7),
    ("stg_testing", "specialty_in_force", "specialty_code", "Every specialty code was in force.", "warning",
     "conformance", "Laboratory data stewards", "pass", "rows", 326_455, 0),
    ("stg_outcomes", "same_person_same_ethnicity", "ethnic_group",
     "Requests of one person agree on the ethnic group.", "warning", "agreement", "Health boards' equity leads",
     "warn", "rows", 88_300, 2_115),
    ("dq_submissions", "on_time", None, "Every extract came by its deadline.", "warning", "timeliness",
     "Laboratory data stewards", "pass", "rows", 790, 0),
    ("dq_submissions", "volume_as_usual", None, "The number of rows is as usual.", "warning", "consistency",
     "Laboratory data stewards", "not_applicable", "rows", 0, None),
    ("stg_programme", "population_known", None, "The population of every group is known.", "warning", "completeness",
     "Data pipeline", "error", "rows", 0, None),
)  # fmt: skip

#: Checks of rows with failing rows: the laboratory that most of them are of, and the month since when.
BLAMED = {
    "mart_requests.turnaround_row_there": ("turnaround", "DUN", dt.date(2026, 6, 1)),
    "mart_turnaround.under_two_years": ("turnaround", "GLA", dt.date(2024, 1, 1)),
    "stg_turnaround.report_after_receipt": ("turnaround", "EDI", dt.date(2026, 9, 1)),
    "stg_outcomes.same_person_same_ethnicity": ("outcomes", "GLA", dt.date(2025, 4, 1)),
}


def fill_quality(con: duckdb.DuckDBPyConnection, variant: str, release: str, periods: pl.DataFrame) -> None:
    """Makes the tables of SCHEMA and fills them; variant `empty` leaves them empty.

    periods: `grain` and `period_start` of every period of the record.
    """
    con.execute(SCHEMA)
    if variant == "empty":
        return
    months = periods.filter(pl.col("grain") == "month")["period_start"].sort()
    made = _checks(), _parts(months), _months(months)
    tables = {
        **dict(zip(("checks", "check_parts", "check_months"), made, strict=True)),
        "check_history": _history(made[0], release, months),
        "submissions": _submissions(months, variant == "late"),
        "fields": _fields(months),
        "grades": _grades(periods, months, variant == "late"),
    }
    for name, frame in (_hidden(tables) if variant == "hidden" else tables).items():
        con.register("incoming", frame.to_arrow())
        con.execute(f"INSERT INTO {name} BY NAME SELECT * FROM incoming")
        con.unregister("incoming")


def _hidden(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Every count of failing rows of people is hidden, and so is every share; there is no count but nought."""
    hidden = dict(tables)
    for name in ("checks", "check_parts", "check_months", "check_history"):
        frame, failing = tables[name], pl.col("rows_failing")
        is_groups = pl.col("counted") == "groups" if "counted" in frame.columns else pl.lit(False)
        kept = is_groups | (failing == 0)
        lost = {n: pl.when(kept).then(pl.col(n)) for n in ("rows_failing", "share") if n in frame.columns}
        hidden[name] = frame.with_columns(**lost)
    few = ("rows_loaded", "rows_returned", "typical_rows")
    hidden["submissions"] = tables["submissions"].with_columns(pl.lit(None, pl.Int64).alias(name) for name in few)
    hidden["fields"] = tables["fields"].with_columns(unknown_share=pl.lit(None, pl.Float64))
    return hidden


def _rounded(count: pl.Expr) -> pl.Expr:
    return ((count + 2) // 5 * 5).cast(pl.Int64)


def _shown(failing: pl.Expr) -> pl.Expr:
    return pl.when((failing >= 10) | (failing == 0)).then(_rounded(failing))


def _checks() -> pl.DataFrame:
    names = ("table_name", "name", "column_name", "sentence", "severity", "dimension", "owner", "status", "counted")
    rows = pl.DataFrame(list(CHECKS), schema=[*names, "checked", "failing"], orient="row")
    failing, groups = pl.col("failing"), pl.col("counted") == "groups"
    touched = {
        "mart_requests.ethnic_group_recorded": ["ethnicity_recorded"],
        "mart_requests.turnaround_row_there": list(TURNAROUND),
        "mart_turnaround.under_two_years": list(TURNAROUND),
        "stg_turnaround.report_after_receipt": list(TURNAROUND),
        "stg_outcomes.same_person_same_ethnicity": ["ethnicity_recorded"],
    }
    rows = rows.with_columns(check_id=pl.concat_str("table_name", pl.lit("."), "name"))
    named = [touched.get(check_id, ["requests_received"]) for check_id in rows["check_id"]]
    return rows.with_columns(
        expectation=pl.lit("expect_no_rows"),
        why=pl.lit("2026-11-21: a figure rests on it."),
        to_do=pl.when(pl.col("status").is_in(["warn", "error"]))
        .then(pl.lit("Correct the rows in the return file and send the month again as a higher version."))
        .otherwise(pl.lit("")),
        rows_checked=pl.when(groups).then("checked").otherwise(_rounded(pl.col("checked"))),
        rows_failing=pl.when(groups).then("failing").otherwise(_shown(failing)),
        at_most=pl.when(pl.col("name") == "turnaround_row_there").then(0.02).otherwise(0.0),
        indicators=pl.Series(named, dtype=pl.List(pl.String)),
    ).with_columns(share=(pl.col("rows_failing") / pl.col("rows_checked")).round(3)).with_columns(
        share=pl.when(pl.col("rows_checked") > 0).then("share")
    ).drop("checked", "failing")  # fmt: skip


def _months(months: pl.Series) -> pl.DataFrame:
    """A check's rows by laboratory and month: few at first, many since the month in BLAMED."""
    labs = pl.DataFrame({"submitter": list(LABS), "usual": list(LABS.values())})
    blamed = pl.DataFrame(
        [(check, *whose) for check, whose in BLAMED.items()],
        schema={"check_id": pl.String, "extract": pl.String, "whose": pl.String, "since": pl.Date},
        orient="row",
    )
    few = pl.col("check_id") == "stg_turnaround.report_after_receipt"
    is_since = (pl.col("submitter") == pl.col("whose")) & (pl.col("period") >= pl.col("since"))
    wave = pl.col("period").dt.month() % 4
    failing = pl.when(few).then(is_since.cast(pl.Int64) * 4).when(is_since).then(pl.col("usual") // 12 + wave * 3)
    return (
        labs.join(months.alias("period").to_frame(), how="cross")
        .join(blamed, how="cross")
        .with_columns(failing=failing.otherwise(pl.when(wave == 0).then(pl.col("usual") // 100).otherwise(0)))
        .select(
            "check_id",
            "submitter",
            "period",
            _rounded(pl.col("usual") + wave * 20).alias("rows_checked"),
            _shown(pl.col("failing")).alias("rows_failing"),
        )
        .with_columns(share=(pl.col("rows_failing") / pl.col("rows_checked")).round(3))
        .sort("check_id", "submitter", "period")
    )


def _parts(months: pl.Series) -> pl.DataFrame:
    by_lab = (
        _months(months)
        .filter(pl.col("rows_failing").is_null() | (pl.col("rows_failing") > 0))
        .with_columns(
            extract=pl.col("check_id").replace_strict({check: whose[0] for check, whose in BLAMED.items()}),
            board=pl.lit(None, pl.String),
        )
    )
    names = ("check_id", "extract", "submitter", "period", "board", "rows_failing")
    by_board = pl.DataFrame({"board": list(POORLY_RECORDED), "rows_failing": [9_450, 4_185, 5_020, None]})
    return pl.concat([
        by_lab.select(names),
        by_board.with_columns(
            check_id=pl.lit("mart_requests.ethnic_group_recorded"),
            extract=pl.lit(None, pl.String),
            submitter=pl.lit(None, pl.String),
            period=pl.lit(None, pl.Date),
        ).select(names),
    ])  # fmt: skip


def _history(checks: pl.DataFrame, release: str, months: pl.Series) -> pl.DataFrame:
    """This release and one a month before it: fewer rows failed then, and what counts groups was as it is."""
    earlier = [f"{month:%Y%m}15T080000Z-{place:08x}" for place, month in enumerate(months[-11:])]
    made_on = [f"{month:%Y-%m}-15T08:00:00+00:00" for month in months[-11:]]
    releases = pl.DataFrame(
        {
            "release_id": [*earlier, release],
            "created_at": [*made_on, "2026-11-15T08:00:00+00:00"],
            "part": [min(1.0, 0.5 + 0.05 * place) for place in range(11)] + [1.0],
        }
    )
    is_rows = pl.col("counted") == "rows"
    then = (pl.col("rows_failing") * pl.col("part")).cast(pl.Int64)
    return (
        releases.join(checks, how="cross")
        .with_columns(rows_failing=pl.when(is_rows).then(_shown(then)).otherwise("rows_failing"))
        .with_columns(share=pl.when(pl.col("rows_checked") > 0).then(pl.col("rows_failing") / pl.col("rows_checked")))
        .with_columns(pl.col("share").round(3))
        .select("release_id", "created_at", "check_id", "status", "rows_checked", "rows_failing", "share")
    )


def _submissions(months: pl.Series, late: bool) -> pl.DataFrame:
    """Every month of each laboratory: one came late, one is stale, one was set aside; `late`: Dundee lacks two."""
    labs = pl.DataFrame({"submitter": list(LABS), "usual": list(LABS.values())})
    extracts = pl.DataFrame({"extract": list(MONTHLY)})
    newest = months.max()
    lab, period, extract = pl.col("submitter"), pl.col("period"), pl.col("extract")
    set_aside = (lab == "GLA") & (extract == "turnaround") & (period == months[-5])
    stale = (lab == "EDI") & (extract == "turnaround") & (period == months[-3])
    was_late = (lab == "ABE") & (extract == "testing") & (period == months[-2])
    missing = pl.lit(late) & (lab == "DUN") & (extract != "outcomes") & (period >= months[-2])
    state = (
        pl.when(missing).then(pl.lit("missing")).when(set_aside).then(pl.lit("set_aside"))
        .when(stale).then(pl.lit("stale")).when(was_late).then(pl.lit("late")).otherwise(pl.lit("loaded"))
    )  # fmt: skip
    why = {
        "missing": "Not sent, though it was due.",
        "set_aside": "Set aside: nearly every report date is the same day. Send it again as a higher version.",
        "stale": "Has open requests and was not sent again with the newest extract.",
        "late": "Came 6 days after the deadline.",
        "loaded": "",
    }
    wave = period.dt.month() % 5
    loaded = pl.when(pl.col("state").is_in(["missing", "set_aside"])).then(0).otherwise(_rounded(
        pl.col("usual") + wave * 15
    ))  # fmt: skip
    is_sent = pl.col("state") != "missing"
    extracted = pl.when(was_late).then(period.dt.offset_by("1mo20d")).otherwise(period.dt.offset_by("1mo4d"))
    return (
        labs.join(months.alias("period").to_frame(), how="cross")
        .join(extracts, how="cross")
        .with_columns(state=state)
        .select(
            "extract",
            "submitter",
            lab.replace_strict(labels("laboratories"), default=lab).alias("label"),
            "period",
            "state",
            pl.when(is_sent).then(1 + (period > pl.lit(newest).dt.offset_by("-12mo")).cast(pl.Int64)).alias("version"),
            pl.when(is_sent).then(extracted).alias("first_extracted_on"),
            period.dt.offset_by("1mo14d").alias("due_on"),
            loaded.alias("rows_loaded"),
            _shown(pl.when(is_sent).then(wave * 6)).alias("rows_returned"),
            _rounded(pl.col("usual") + 30).alias("typical_rows"),
            pl.col("state").replace_strict(why).alias("reason"),
        )
        .sort("extract", "submitter", "period")
    )


def _fields(months: pl.Series) -> pl.DataFrame:
    """Fields of the testing extract; ethnicity is the least often filled in, most of all in Glasgow."""
    unknown = {"ethnicity_code": 0.31, "postcode_sector": 0.04, "priority": 0.01, "received_date": 0.0}
    fields = pl.DataFrame({"field": list(unknown), "base": list(unknown.values())})
    labs = pl.DataFrame({"submitter": list(LABS), "usual": list(LABS.values())})
    more = pl.when((pl.col("submitter") == "GLA") & (pl.col("field") == "ethnicity_code")).then(0.12).otherwise(0.0)
    return (
        labs.join(months.alias("period").to_frame(), how="cross")
        .join(fields, how="cross")
        .select(
            pl.lit("testing").alias("extract"),
            "submitter",
            "period",
            "field",
            _rounded(pl.col("usual")).alias("rows"),
            (pl.col("base") + more).round(2).alias("unknown_share"),
        )
    )


def _grades(periods: pl.DataFrame, months: pl.Series, late: bool) -> pl.DataFrame:
    """Good but for: turnaround where Dundee's rows are not there, and ethnicity recording in four health boards."""
    entries = [
        (entry.id, dimension, grain)
        for entry in indicators().values()
        for dimension in ("", *DIMENSIONS)
        for grain in entry.grains
        if entry.has_cube((dimension,) if dimension else ())
    ]
    asked = pl.DataFrame(entries, schema=["indicator", "dimension", "grain"], orient="row")
    codes = [("", "")] + [(name, code) for name in DIMENSIONS for code in dimensions()[name].labels]
    units = pl.DataFrame(codes, schema=["dimension", "code"], orient="row")
    since = months[-2] if late else BLAMED["mart_requests.turnaround_row_there"][2]
    tayside = next(row["code"] for row in reference_rows("boards") if row["label"] == "Tayside")
    of_dundee = pl.col("code").is_in(["DUN", tayside]) & (pl.col("dimension") != "")
    is_recent = pl.col("period_start") >= since
    turnaround = pl.col("indicator").is_in(list(TURNAROUND))
    ethnicity = pl.col("indicator") == "ethnicity_recorded"
    poorly = pl.col("code").is_in(list(POORLY_RECORDED)) & (pl.col("dimension") == "residence_board")
    trouble = (
        pl.when(ethnicity & poorly).then(pl.lit("recording_poor"))
        .when(ethnicity & (pl.col("code") == "")).then(pl.lit("recording"))
        .when(turnaround & of_dundee & is_recent).then(pl.lit("missing_poor" if late else "rows"))
        .when(turnaround & (pl.col("code") == "") & is_recent).then(pl.lit("missing" if late else "touched"))
        .otherwise(pl.lit("none"))
    )  # fmt: skip
    return (
        asked.join(units, on="dimension")
        .join(periods.select("grain", "period_start").unique(), on="grain")
        .with_columns(trouble=trouble)
        .join(_troubles(), on="trouble")
        .drop("trouble")
        .sort("indicator", "dimension", "code", "grain", "period_start")
    )


def _troubles() -> pl.DataFrame:
    recorded = "falls short of this aim: ethnic group is recorded for at least 70% of rows in every residence board"
    record = "Record the ethnic group at request, with declined and not known kept apart."
    row_there = (
        "falls short of this aim: a turnaround row is there for at least 98% of rows in every laboratory's month"
    )
    missing_rows = "Dundee: send the missing rows."
    lacks = "the turnaround extract from Dundee is missing for September 2026 and October 2026"
    send = "Dundee: send the turnaround extract for September 2026 and October 2026."
    rows = [
        ("none", "good", [], []),
        ("recording_poor", "poor", [f"Open issues (over 20% of requests): {recorded}."], [record]),
        ("recording", "fair", [f"Open issues (1% to 5% of requests): {recorded}."], [record]),
        ("rows", "fair", [f"Open issues (1% to 5% of requests): {row_there}."], [missing_rows]),
        ("touched", "good", [f"Open issues (under 1% of requests): {row_there}."], [missing_rows]),
        ("missing_poor", "poor", [f"Completeness (over 20% of requests): {lacks}."], [send]),
        ("missing", "fair", [f"Completeness (5% to 10% of requests): {lacks}."], [send]),
    ]  # fmt: skip
    schema = {"trouble": pl.String, "grade": pl.String, "reasons": pl.List(pl.String), "to_do": pl.List(pl.String)}
    return pl.DataFrame(rows, schema=schema, orient="row")
