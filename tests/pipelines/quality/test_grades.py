"""Which indicators a failing check touches, and the grade that follows from what is wrong with the data."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.indicators import indicators
from expectations.suites import suites
from pipelines import settings
from pipelines.calendar import periods
from pipelines.models import read_models
from pipelines.quality import grades as rule
from pipelines.quality.blame import Part
from pipelines.quality.checks import Check
from pipelines.quality.grades import GRADES, HOW_GRADES_ARE_MADE, grades, indicators_touched, of_indicators

MONTHS = [dt.date(year, month, 1) for year in (2025, 2026) for month in range(1, 13)]
MODELS = read_models()
FIFE, LOTHIAN = "S08000029", "S08000024"
WITHIN = "reported_within_standard"


def touched(*affects: str, table: str = "mart_requests") -> set[str]:
    said = ("It is so.", "warning", "completeness", "Owner", "Why.", "")
    check = Check(table, "one", "expect", None, *said, affects, "warn", "rows", 9, 1, 0.0, None)
    return set(indicators_touched(check, MODELS, indicators()))


def test_a_check_that_names_none_touches_all_that_read_its_table() -> None:
    assert touched(table="mart_open_requests") == {"overdue_backlog", "open_requests"}


def test_a_check_can_name_an_indicator_or_all_that_read_another_table() -> None:
    assert touched("ethnicity_recorded") == {"ethnicity_recorded"}
    by_table = touched("mart_turnaround")
    assert {"reported_within_standard", "overdue_backlog", "turnaround_days", "prenatal_qfpcr_in_3_days"} <= by_table
    assert not {"requests_received", "technology_growth", "ethnicity_recorded"} & by_table


@pytest.mark.parametrize("derived", ["technology_share", "technology_growth"])
def test_a_derived_indicator_is_touched_through_the_one_that_it_rests_on(derived: str) -> None:
    assert derived in touched(table="mart_requests")


def warehouse(**wrong: pl.Expr) -> duckdb.DuckDBPyConnection:
    """Two years of a made-up Scotland: 80 requests a month of Lothian's in Edinburgh; of Fife's 60 there, 40 in Dundee.

    wrong: columns of dq_submissions that are not as in a sound record.
    """
    requests = [(LOTHIAN, "EDI", 80), (FIFE, "EDI", 60), (FIFE, "DUN", 40)]
    rows = [(board, lab, month) for month in MONTHS for board, lab, count in requests for _ in range(count)]
    mart = pl.DataFrame(rows, schema=["residence_board", "receiving_lab", "received_month"], orient="row")
    mart = mart.with_columns(requesting_board="residence_board", performing_lab="receiving_lab")
    labs = pl.DataFrame({"submitter": ["EDI", "DUN"], "rows_loaded": [140, 40]})
    sent = (
        labs.join(pl.DataFrame({"period": MONTHS}), how="cross")
        .join(pl.DataFrame({"extract": ["testing", "turnaround", "outcomes"]}), how="cross")
        .with_columns(
            pl.concat_str("extract", "submitter", pl.col("period").dt.strftime("%Y-%m"), separator="__").alias(
                "submission_id"
            ),
            pl.col("rows_loaded").alias("rows_read"),
            rows_returned=pl.lit(0, pl.Int64),
            is_missing=pl.lit(value=False),
            is_late=pl.lit(value=False),
            days_behind=pl.lit(0),
            open_rows=pl.lit(0),
        )
        .with_columns(**wrong)
        .with_columns(is_stale=(pl.col("open_rows") > 0) & (pl.col("days_behind") > 0))
    )
    con = duckdb.connect()
    returned = {"submission_id": pl.String, "source_row": pl.Int64, "reason": pl.String}
    frames = {"mart_requests": mart, "ref_periods": periods(MONTHS[0], MONTHS[-1]), "dq_submissions": sent}
    for name, frame in {**frames, "stg_returned": pl.DataFrame(schema=returned)}.items():
        con.register("frame", frame)
        con.execute(f"CREATE TABLE {name} AS SELECT * FROM frame")
    return con


def states(*set_aside: tuple[str, str, dt.date]) -> pl.DataFrame:
    schema = {"extract": pl.String, "submitter": pl.String, "period": pl.Date, "state": pl.String}
    return pl.DataFrame([(*one, "set_aside") for one in set_aside], schema=schema, orient="row")


def graded(*checks: Check, aside: pl.DataFrame | None = None, **wrong: pl.Expr) -> pl.DataFrame:
    return grades(warehouse(**wrong), indicators(), MODELS, checks, states() if aside is None else aside)


def one(
    found: pl.DataFrame, dimension: str = "", code: str = "", grain: str = "month", month: int = 5
) -> dict[str, object]:
    """The grade of turnaround within standard."""
    rows = found.filter(
        indicator=WITHIN, dimension=dimension, code=code, grain=grain, period_start=dt.date(2026, month, 1)
    )
    return rows.row(0, named=True)


def where(submitter: str, extract: str = "turnaround", month: int = 5) -> pl.Expr:
    day = dt.date(2026, month, 1)
    return (pl.col("submitter") == submitter) & (pl.col("extract") == extract) & (pl.col("period") == day)


def a_check(*parts: Part, status: str = "warn", table: str = "stg_turnaround", failing: int = 0) -> Check:
    said = ("No wait is too long.", "warning", "plausibility", "Stewards", "Why.", "Look at the dates.")
    count = failing or sum(part.failing for part in parts)
    return Check(table, "waits", "expect", None, *said, (), status, "rows", 2_000, count, 0.0, None, parts)


def test_sound_data_are_good_everywhere_and_carry_no_reason() -> None:
    found = graded()
    assert set(found["grade"]) == {"good"}
    assert found["reasons"].list.len().sum() == 0
    assert set(found["grain"]) == {"month", "quarter", "year"}
    assert {FIFE, LOTHIAN, "EDI", "DUN", ""} == set(found["code"])


def test_a_missing_month_weighs_what_the_laboratory_is_of_each_place() -> None:
    found = graded(is_missing=where("DUN"))
    reason = "the turnaround extract from Dundee is missing for May 2026."
    # Dundee has 40 of Scotland's 180 requests, 40 of Fife's 100, none of Lothian's, all of its own.
    assert one(found)["grade"] == "poor"
    assert one(found)["reasons"] == [f"Completeness (over 20% of requests): {reason}"]
    assert one(found, "residence_board", FIFE)["grade"] == "poor"
    assert one(found, "residence_board", LOTHIAN)["grade"] == "good"
    assert one(found, "residence_board", LOTHIAN)["reasons"] == []
    assert one(found, "performing_lab", "DUN")["to_do"] == ["Dundee: send the turnaround extract for May 2026."]
    # Of the year it is 40 of 2,160 requests: 1.9%; of the quarter 40 of 540: 7.4%.
    assert one(found, grain="year", month=1)["grade"] == "fair"
    assert one(found, grain="quarter", month=4)["reasons"] == [f"Completeness (5% to 10% of requests): {reason}"]
    assert one(found, month=6)["grade"] == "good"


def test_a_missing_testing_month_weighs_what_is_usual() -> None:
    con = warehouse(is_missing=where("DUN", "testing"))
    con.execute("DELETE FROM mart_requests WHERE receiving_lab = 'DUN' AND received_month = '2026-05-01'")
    found = grades(con, indicators(), MODELS, (), states())
    assert one(found, "residence_board", FIFE)["grade"] == "poor"
    assert "over 20%" in str(one(found)["reasons"])


def test_an_extract_that_a_measure_does_not_rest_on_does_not_touch_it() -> None:
    assert one(graded(is_missing=where("DUN", "outcomes")))["grade"] == "good"


def test_what_was_set_aside_counts_as_missing_and_is_named_so() -> None:
    aside = states(("turnaround", "DUN", dt.date(2026, 5, 1)))
    found = one(graded(aside=aside, is_missing=where("DUN")), "performing_lab", "DUN")
    assert found["grade"] == "poor"
    assert "was set aside as unusable for May 2026" in str(found["reasons"])


def test_late_months_alone_never_make_a_figure_poor() -> None:
    monthly = [name for name, entry in indicators().items() if entry.counts_people]
    found = graded(is_late=pl.lit(value=True)).filter(pl.col("indicator").is_in(monthly))
    assert set(found["grade"]) == {"fair"}


def test_a_month_that_is_missing_in_two_extracts_counts_once() -> None:
    lab = (pl.col("submitter") == "DUN") & (pl.col("period") == dt.date(2026, 5, 1))
    assert one(graded(is_missing=where("DUN")), grain="quarter", month=4)["grade"] == "fair"
    assert one(graded(is_missing=lab), grain="quarter", month=4)["grade"] == "fair"


def test_open_requests_that_were_not_sent_again_weigh_by_their_number() -> None:
    few = graded(days_behind=pl.lit(30), open_rows=pl.when(where("EDI")).then(8).otherwise(0))
    assert one(few, "performing_lab", "EDI")["grade"] == "fair"
    many = graded(days_behind=pl.lit(30), open_rows=pl.when(where("EDI")).then(40).otherwise(0))
    assert one(many, "performing_lab", "EDI")["grade"] == "poor"


@pytest.mark.parametrize(("returned", "grade"), [(1, "good"), (2, "fair"), (7, "fair"), (8, "poor")])
def test_returned_rows_are_judged_by_their_share(returned: int, grade: str) -> None:
    found = graded(rows_returned=pl.when(where("EDI")).then(returned).otherwise(0))
    row = one(found, "performing_lab", "EDI")
    assert row["grade"] == grade
    assert bool(row["reasons"]) == (grade != "good")


@pytest.mark.parametrize(("failing", "grade"), [(2, "good"), (3, "fair"), (14, "fair"), (15, "poor")])
def test_failing_rows_are_judged_by_their_share_and_always_named(failing: int, grade: str) -> None:
    part = Part("turnaround", "EDI", dt.date(2026, 5, 1), None, failing)
    row = one(graded(a_check(part)), "performing_lab", "EDI")
    assert row["grade"] == grade
    assert "falls short of this aim: no wait is too long." in str(row["reasons"])
    assert row["to_do"] == ["Stewards: look at the dates."]


def test_a_check_of_a_board_touches_that_board_and_what_it_is_of_others() -> None:
    found = graded(a_check(Part(None, None, None, FIFE, 1_200), table="mart_turnaround"))
    assert one(found, "residence_board", FIFE)["grade"] == "poor"
    assert one(found, "residence_board", LOTHIAN)["grade"] == "good"
    assert one(found, "performing_lab", "DUN")["grade"] == "poor"


def test_a_check_that_could_not_be_made_is_a_doubt_about_all() -> None:
    found = graded(a_check(status="error"))
    assert set(found.filter(indicator=WITHIN)["grade"]) == {"fair"}
    assert "this could not be checked" in str(one(found)["reasons"])


def test_a_doubt_about_a_submission_makes_it_fair_and_not_poor() -> None:
    part = Part("turnaround", "EDI", dt.date(2026, 5, 1), None, 1)
    check = replace(a_check(part, table="dq_submissions"), affects=("stg_turnaround",))
    assert one(graded(check), "performing_lab", "EDI")["grade"] == "fair"


def field_check(name: str, field: str, share: float, to: str = "EDI", extract: str = "testing") -> Check:
    part = Part(extract, to, dt.date(2026, 5, 1), None, round(1_000 * share), field, 1, 1_000)
    check = replace(a_check(table="dq_fields"), name=name, counted="groups", rows_failing=1, parts=(part,))
    return replace(check, affects=(f"stg_{extract}",))


def of(
    found: pl.DataFrame, indicator: str, dimension: str = "", code: str = "", grain: str = "month"
) -> dict[str, object]:
    rows = found.filter(
        indicator=indicator, dimension=dimension, code=code, grain=grain, period_start=dt.date(2026, 5, 1)
    )
    return rows.row(0, named=True)


def test_a_blank_field_weighs_by_the_rows_that_lack_it_and_is_named() -> None:
    found = graded(field_check("gaps", "report_date", 1.0, extract="turnaround"))
    row = of(found, WITHIN, "performing_lab", "EDI")
    assert row["grade"] == "poor"
    assert "over 20% of requests): report_date in the turnaround extract from Edinburgh for May 2026" in str(row)
    assert str(row["to_do"]).startswith("['Edinburgh, report_date: ")
    few = graded(field_check("gaps", "report_date", 0.05, extract="turnaround"))
    assert of(few, WITHIN, "performing_lab", "EDI")["grade"] == "fair"
    assert of(few, WITHIN, "performing_lab", "DUN")["grade"] == "good"


def test_a_blank_field_touches_those_that_read_it_and_no_other() -> None:
    check = field_check("gaps", "ethnicity_code", 1.0)
    found = graded(check)
    assert of(found, "ethnicity_recorded")["grade"] == "poor"
    assert "ethnicity_declined" in indicators_touched(check, MODELS, indicators())
    for other in (WITHIN, "failed_samples", "requests_received"):
        assert of(found, other)["reasons"] == []
    assert WITHIN not in indicators_touched(field_check("gaps", "ethnicity_source", 1.0), MODELS, indicators())


def test_a_blank_board_touches_every_figure_by_that_kind_of_board_alone() -> None:
    found = graded(field_check("gaps", "residence_board", 1.0))
    assert of(found, "requests_received", "residence_board", FIFE)["grade"] == "poor"
    assert of(found, "requests_received", "performing_lab", "EDI")["grade"] == "good"
    assert of(found, "requests_received")["grade"] == "good"


def test_two_checks_of_one_blank_field_count_once() -> None:
    one_check, other = (
        field_check("recorded", "report_date", 0.08, extract="turnaround"),
        field_check("gaps", "report_date", 0.07, extract="turnaround"),
    )
    row = of(graded(one_check, other), WITHIN, "performing_lab", "EDI")
    assert (row["grade"], len(row["reasons"])) == ("fair", 2)  # type: ignore[arg-type]
    apart = field_check("gaps", "received_date", 0.07, extract="turnaround")
    assert of(graded(one_check, apart), WITHIN, "performing_lab", "EDI")["grade"] == "poor"


def test_the_same_rows_seen_by_board_and_by_laboratory_count_once() -> None:
    def seen(name: str, part: Part) -> Check:
        check = replace(a_check(part, table="mart_requests"), name=name, counted="groups")
        return replace(check, affects=("ethnicity_recorded",), same_rows="testing.ethnicity_code")

    # 350 of 4,320 requests in two years, 8.1%, seen in two ways.
    by_lab = seen("by_lab", Part(None, "EDI", None, None, 350, groups=1))
    by_board = seen("by_board", Part(None, None, None, FIFE, 350, groups=1))
    assert of(graded(by_lab), "ethnicity_recorded")["grade"] == "fair"
    both = of(graded(by_lab, by_board), "ethnicity_recorded")
    assert (both["grade"], len(both["reasons"])) == ("fair", 2)  # type: ignore[arg-type]
    apart = replace(by_board, same_rows="")
    assert of(graded(by_lab, apart), "ethnicity_recorded")["grade"] == "poor"


def test_a_laboratory_that_never_sent_makes_completeness_poor_for_scotland_and_every_board() -> None:
    con = warehouse()
    con.execute(
        "INSERT INTO dq_submissions BY NAME SELECT DISTINCT extract, 'ABE' AS submitter, period, TRUE AS is_missing, "
        "FALSE AS is_late, FALSE AS is_stale FROM dq_submissions"
    )
    found = grades(con, indicators(), MODELS, (), states())
    for dimension, code in (("", ""), ("residence_board", FIFE), ("residence_board", LOTHIAN)):
        row = one(found, dimension, code)
        assert row["grade"] == "poor"
        assert "(an unknown share of requests): the turnaround extract from Aberdeen" in str(row["reasons"])
    assert one(found, "performing_lab", "EDI")["grade"] == "good"
    assert one(found, "", "", "year", 1)["to_do"] == [
        "Aberdeen: send the testing extract for 12 months.", "Aberdeen: send the turnaround extract for 12 months.",
    ]  # fmt: skip


def test_a_month_that_is_not_due_yet_is_told_so() -> None:
    sent = pl.DataFrame([("turnaround", "DUN", dt.date(2026, 5, 1), "not_due")], schema=states().schema, orient="row")
    found = one(graded(aside=sent, is_missing=where("DUN")), "performing_lab", "DUN")
    assert found["grade"] == "poor"
    assert "is not there yet for May 2026" in str(found["reasons"])


def test_many_months_are_counted_and_few_are_named() -> None:
    missing = (pl.col("submitter") == "DUN") & (pl.col("extract") == "turnaround")
    two = graded(is_missing=missing & (pl.col("period").is_in([dt.date(2026, 1, 1), dt.date(2026, 2, 1)])))
    assert "missing for January 2026 and February 2026." in str(one(two, grain="year", month=1)["reasons"])
    assert "missing for 12 months." in str(one(graded(is_missing=missing), grain="year", month=1)["reasons"])


def test_no_count_of_under_ten_moves_a_weight() -> None:
    con = warehouse(is_missing=where("DUN"))
    before = grades(con, indicators(), MODELS, (), states())
    board = "S08000026"
    con.execute(
        f"INSERT INTO mart_requests SELECT '{board}', 'DUN', received_month, '{board}', 'DUN' FROM mart_requests "
        "WHERE received_month = '2026-05-01' LIMIT 4"
    )
    con.execute(
        f"INSERT INTO mart_requests SELECT '{board}', 'EDI', received_month, '{board}', 'EDI' FROM mart_requests "
        "WHERE received_month = '2026-06-01' LIMIT 4"
    )
    after = grades(con, indicators(), MODELS, (), states())
    # In May four went to Dundee and none to Edinburgh, in June the other way round: the grade tells neither.
    found = {month: one(after, "residence_board", board, month=month)["reasons"] for month in (5, 6)}
    assert "over 20%" in str(found[5])
    weights = rule.usual_weights(rule._requests(con)).filter(dimension="residence_board", code=board)
    assert weights["weight"].n_unique() == 1
    assert before.height < after.height


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["EDI", "DUN"]),
            st.integers(1, 12),
            st.sampled_from(["is_missing", "is_late", "rows_returned", "open_rows", "check", "field"]),
            st.integers(1, 40),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_more_trouble_never_gives_a_better_grade(found: list[tuple[str, int, str, int]]) -> None:
    def of(some: list[tuple[str, int, str, int]]) -> pl.DataFrame:
        wrong = {
            "is_missing": pl.lit(value=False), "is_late": pl.lit(value=False),
            "rows_returned": pl.lit(0), "open_rows": pl.lit(0),
        }  # fmt: skip
        parts = []
        for lab, month, kind, count in some:
            if kind in ("check", "field"):
                field, of = ("report_date", 40) if kind == "field" else (None, None)
                parts.append(Part("turnaround", lab, dt.date(2026, month, 1), None, count, field, None, of))
            elif kind.startswith("is_"):
                wrong[kind] = wrong[kind] | where(lab, month=month)
            else:
                more = pl.when(where(lab, month=month)).then(count).otherwise(0)
                wrong[kind] = pl.max_horizontal(wrong[kind], more)
        checks = [
            replace(a_check(part, table="dq_fields" if part.field else "stg_turnaround"), name=f"waits_{place}")
            for place, part in enumerate(parts)
        ]
        level = pl.col("grade").replace_strict(
            {name: place for place, name in enumerate(GRADES)}, return_dtype=pl.Int64
        )
        return graded(*checks, days_behind=pl.lit(30), **wrong).with_columns(level=level)

    cell = ["indicator", "dimension", "code", "grain", "period_start"]
    both = of(found[:-1]).join(of(found), on=cell, suffix="_more", validate="1:1")
    assert both.filter(pl.col("level_more") < pl.col("level")).is_empty()


def test_the_paragraph_that_readers_see_names_every_limit() -> None:
    for fair, poor in rule.LIMITS.values():
        assert f"(fair above {fair:.0%}, poor above {poor:.0%})" in HOW_GRADES_ARE_MADE


def test_a_doubt_is_more_than_fair_and_less_than_poor_by_itself() -> None:
    assert settings.ISSUES_FAIR < settings.DOUBT_WEIGHS < settings.ISSUES_POOR
    assert settings.LATE_FAIR < settings.LATE_WEIGHS < settings.LATE_POOR


def test_the_grade_of_a_measure_is_that_of_scotland_in_its_newest_longest_period() -> None:
    found = graded(is_missing=where("DUN"))
    quality = of_indicators(found, indicators(), MODELS, {"testing": (1_003, 4), "turnaround": (998, 17)})
    row = quality.row(by_predicate=pl.col("indicator") == WITHIN, named=True)
    assert (row["grade"], row["extracts"]) == ("fair", ["testing", "turnaround"])
    assert (row["accepted_rows"], row["returned_rows"]) == (2_001, 21)
    assert quality.row(by_predicate=pl.col("indicator") == "overdue_backlog", named=True)["grade"] == "good"


def test_every_measure_names_the_extracts_behind_it_and_their_rows_whoever_sends_them() -> None:
    rows = {"testing": (1_003, 4), "turnaround": (998, 17), "workforce": (2_112, 3), "programme": (120, 0)}
    quality = of_indicators(graded(), indicators(), MODELS, rows).rows_by_key("indicator", named=True, unique=True)
    staff, of_two = quality["vacancy_rate"], quality["stroke_genotype_uptake"]
    assert (staff["extracts"], staff["accepted_rows"], staff["returned_rows"]) == (["workforce"], 2_112, 3)
    assert (of_two["extracts"], of_two["accepted_rows"]) == (["programme", "testing", "turnaround"], 2_121)
    awaited = {name for name, entry in indicators().items() if entry.published and entry.kind == "awaited"}
    assert {name for name, row in quality.items() if not row["extracts"]} == awaited


def test_the_share_under_which_no_gap_is_shown_is_one_number_wherever_it_stands() -> None:
    target = indicators()["ethnicity_recorded"].target
    assert target is not None
    assert target.value / 100 == settings.GAPS_NEED_RECORDED
    recorded = [e for e in suites()["mart_requests"].expectations if "ethnic_group_recorded" in e.meta["name"]]
    assert {expectation.at_least for expectation in recorded} == {settings.GAPS_NEED_RECORDED}
