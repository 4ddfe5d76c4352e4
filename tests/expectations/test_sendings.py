"""Each expectation on what was sent passes on sound submissions, tells of those that are not, and of nothing else."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import duckdb
import great_expectations as gx
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations import dq_fields, dq_submissions, dq_values, sendings
from expectations.domain import CountingExpectation, about
from expectations.suites import suites
from pipelines.quality.checks import Check, run_suites
from tests.expectations.checking import check

ABOUT = about("one", "plausibility", "Tests", "Because a test says so.")
DAY = dt.date
SUITES = {"dq_submissions": dq_submissions.suite, "dq_fields": dq_fields.suite, "dq_values": dq_values.suite}


def period(month: int) -> dt.date:
    """The first day of a month, counted from January 2025."""
    return DAY(2025 + month // 12, month % 12 + 1, 1)


SUBMISSION: dict[str, Any] = {
    "extract": "testing", "submitter": "GLA", "period": DAY(2026, 3, 1), "months_old": 1, "is_missing": False,
    "is_late": False, "due_on": DAY(2026, 4, 15), "known_on": DAY(2026, 6, 1), "open_rows": 5, "days_behind": 0,
    "rows_read": 100, "rows_loaded": 100, "rows_sound": 100, "rows_returned": 0, "rows_without_request": 0,
    "typical_rows": 100.0, "rows_ratio": 1.0, "copied_share": 0.0,
}  # fmt: skip


def submissions(*changes: dict[str, Any]) -> pl.DataFrame:
    schema = pl.DataFrame([SUBMISSION]).schema
    rows = [SUBMISSION | {"submitter": f"L{n}"} | change for n, change in enumerate(changes)]
    return pl.DataFrame(rows, schema=schema)


def sized(rows: int, typical: float) -> dict[str, Any]:
    return {"rows_sound": rows, "typical_rows": typical, "rows_ratio": rows / typical}


def expecting(kind: type[CountingExpectation], **fields: Any) -> CountingExpectation:
    return kind(**{"extract": "testing", "severity": "warning", "meta": ABOUT} | fields)


@pytest.mark.parametrize(
    ("kind", "fields", "sound", "faulty"),
    [
        (sendings.ExpectSubmissionsInTime, {}, {"is_late": True, "months_old": 3}, {"is_late": True, "months_old": 2}),
        (
            sendings.ExpectNoSubmissionMissing, {},
            {"is_missing": True, "known_on": DAY(2026, 4, 15)}, {"is_missing": True, "known_on": DAY(2026, 4, 16)},
        ),
        (sendings.ExpectOpenRequestsSentAgain, {}, {"days_behind": 20}, {"days_behind": 21}),
        (sendings.ExpectUsualVolume, {"at_least": 0.5}, sized(50, 100), sized(49, 100)),
        (sendings.ExpectUsualVolume, {"no_more_than": 2.0}, sized(200, 100), sized(201, 100)),
        (sendings.ExpectUsualVolume, {"at_least": 0.5}, sized(9, 20), sized(6, 20)),
        (sendings.ExpectNoCopyOfEarlierPeriod, {"share": 0.9}, {"copied_share": 0.89}, {"copied_share": 0.9}),
        (
            sendings.ExpectNoCopyOfEarlierPeriod, {"share": 0.3, "below": 0.9},
            {"copied_share": 0.9}, {"copied_share": 0.89},
        ),
        (sendings.ExpectFewRowsReturned, {"share": 0.05}, {"rows_returned": 5}, {"rows_returned": 6}),
        (
            sendings.ExpectFewRowsReturned, {"share": 0.05},
            {"rows_read": 20, "rows_returned": 2}, {"rows_returned": 3, "rows_without_request": 3},
        ),
    ],
)  # fmt: skip
def test_a_submission_is_told_of_just_beyond_the_threshold_and_not_before(
    kind: type[CountingExpectation], fields: dict[str, Any], sound: dict[str, Any], faulty: dict[str, Any]
) -> None:
    expectation = expecting(kind, **fields)
    assert check(submissions({}, sound), expectation)[0].status == "pass"
    (found,) = check(submissions({}, sound, faulty), expectation)
    assert (found.status, found.rows_failing, found.counted) == ("warn", 1, "groups")
    assert [(part.extract, part.submitter, part.period) for part in found.parts] == [("testing", "L2", DAY(2026, 3, 1))]


def test_a_submission_of_another_extract_is_not_looked_at() -> None:
    missing = expecting(sendings.ExpectNoSubmissionMissing)
    (found,) = check(submissions({"extract": "outcomes", "is_missing": True}), missing)
    assert (found.status, found.rows_checked) == ("not_applicable", 0)


def test_volume_without_a_history_is_not_judged() -> None:
    volume = expecting(sendings.ExpectUsualVolume, at_least=0.5)
    unknown = {"rows_loaded": 1, "typical_rows": None, "rows_ratio": None}
    assert check(submissions(unknown, sized(1, 19)), volume)[0].status == "not_applicable"


FIELD: dict[str, Any] = {
    "extract": "testing", "submitter": "GLA", "period": DAY(2026, 3, 1), "months_old": 0, "field": "sex", "rows": 100,
    "unknown": 0, "usual_rows": 1200, "usual_unknown": 24,
}  # fmt: skip


def fields_of(*changes: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([FIELD | change for change in changes], schema=pl.DataFrame([FIELD]).schema)


def test_a_field_may_be_unknown_as_often_as_is_stated_and_no_more() -> None:
    recorded = expecting(sendings.ExpectFieldRecorded, field="sex", unknown_at_most=0.05)
    few = {"rows": 49, "unknown": 49}
    assert check(fields_of({"unknown": 5}, few), recorded)[0].status == "pass"
    (found,) = check(fields_of({"unknown": 5}, few, {"unknown": 6, "submitter": "ABE"}), recorded)
    assert (found.rows_checked, found.rows_failing, found.parts[0].submitter) == (2, 1, "ABE")
    (part,) = found.parts
    assert (part.field, part.groups, part.failing, part.of) == ("sex", 1, 6, 100)
    assert (found.nouns, found.field) == (("file", "files"), "testing.sex")


def test_a_sudden_gap_is_ten_points_over_the_usual_and_beyond_chance() -> None:
    sudden = expecting(sendings.ExpectNoSuddenGap, fill_late=["report_date"])
    as_usual = fields_of({"unknown": 11}, {"unknown": 100, "usual_unknown": 1100}, {"rows": 29, "unknown": 29})
    assert check(as_usual, sudden)[0].status == "pass"
    assert check(fields_of({"unknown": 13}), sudden)[0].rows_failing == 1
    by_chance = {"rows": 40, "unknown": 16, "usual_rows": 400, "usual_unknown": 100}
    assert check(fields_of(by_chance), sudden)[0].status == "pass"


def test_a_field_that_fills_late_is_judged_once_it_is_old_enough() -> None:
    sudden = expecting(sendings.ExpectNoSuddenGap, fill_late=["report_date"])
    young = {"field": "report_date", "unknown": 90, "months_old": 5}
    assert check(fields_of(young), sudden)[0].status == "not_applicable"
    assert check(fields_of(young | {"months_old": 6}), sudden)[0].rows_failing == 1


def values(*months: dict[str, int], field: str = "sex") -> pl.DataFrame:
    """One table of values: each month's counts by value, from January 2025 on."""
    rows = [
        ("testing", "GLA", period(n), len(months) - 1 - n, field, value, count)
        for n, counts in enumerate(months)
        for value, count in counts.items()
        if count
    ]
    names = ["extract", "submitter", "period", "months_old", "field", "value", "rows"]
    return pl.DataFrame(rows, schema=names, orient="row")


HALVES = {"a": 500, "b": 500}
#: Shares of 1,000 rows, against halves, whose index is just under and over 0.25 beyond chance; see the next test.
UNDER, OVER = {"a": 742, "b": 258}, {"a": 746, "b": 254}


def plain_index(now: dict[str, int], before: dict[str, int]) -> tuple[float, float]:
    """The population stability index with half a row added to each value, and what chance may account for."""
    names = sorted(now.keys() | before.keys())
    size, size_before, k = sum(now.values()), sum(before.values()), len(names)
    index = 0.0
    for name in names:
        share = (now.get(name, 0) + 0.5) / (size + 0.5 * k)
        usual = (before.get(name, 0) + 0.5) / (size_before + 0.5 * k)
        index += (share - usual) * math.log(share / usual)
    return index, (k - 1 + 4 * math.sqrt(2 * (k - 1))) * (1 / size + 1 / size_before)


@pytest.mark.parametrize(("newest", "is_told"), [(HALVES, False), (UNDER, False), (OVER, True), ({"c": 1000}, True)])
def test_a_distribution_is_told_of_beyond_the_index_and_chance(newest: dict[str, int], is_told: bool) -> None:
    usual = expecting(sendings.ExpectUsualDistribution, field="sex")
    (found,) = check(values(*[HALVES] * 12, newest), usual)
    index, chance = plain_index(newest, {"a": 6000, "b": 6000})
    assert (index > 0.25 + chance) is is_told
    assert (found.rows_checked, found.is_open) == (7, is_told)
    assert [part.period for part in found.parts] == ([period(12)] if is_told else [])


@given(
    before=st.fixed_dictionaries(dict.fromkeys("abc", st.integers(1, 40))),
    now=st.fixed_dictionaries(dict.fromkeys("abcd", st.integers(0, 400))),
)
def test_the_index_is_that_of_its_definition(before: dict[str, int], now: dict[str, int]) -> None:
    expectation = expecting(sendings.ExpectUsualDistribution, field="sex", fewest_rows=1)
    filled = expectation.filled(dict(expectation))
    with duckdb.connect() as con:
        con.register("checked", values(*[before] * 6, now))
        query = expectation.by_submission(filled).format(batch="checked")
        found = con.execute(f"SELECT psi, k, noise FROM ({query}) WHERE period = ?", [period(6)]).fetchall()
    now = {value: count for value, count in now.items() if count}
    if not now:
        assert found == []
        return
    index, chance = plain_index(now, {value: 6 * count for value, count in before.items()})
    (psi, k, noise) = found[0]
    assert psi == pytest.approx(index)
    assert (k - 1 + 4 * math.sqrt(2 * (k - 1))) * noise == pytest.approx(chance)


def test_only_the_twelve_months_before_say_what_is_usual() -> None:
    usual = expecting(sendings.ExpectUsualDistribution, field="sex")
    changed_long_ago = values(*[{"a": 1000}] * 6, *[HALVES] * 18)
    told = [part.period for part in check(changed_long_ago, usual)[0].parts]
    assert period(6) in told
    assert period(18) not in told


def test_too_few_rows_or_months_are_not_judged() -> None:
    usual = expecting(sendings.ExpectUsualDistribution, field="sex")
    assert check(values(*[HALVES] * 5, {"c": 1000}), usual)[0].status == "not_applicable"
    assert check(values(*[{"a": 49}] * 8), usual)[0].status == "not_applicable"


def test_values_said_to_be_not_recorded_are_left_to_the_checks_of_fields() -> None:
    usual = expecting(sendings.ExpectUsualDistribution, field="sex")
    assert check(values(*[HALVES] * 12, HALVES | {"not_recorded": 5000}), usual)[0].status == "pass"


TENTHS = dict.fromkeys("abcdefghij", 100)


@pytest.mark.parametrize(("extra", "is_told"), [(0, False), (150, False), (250, True)])
def test_a_value_used_far_more_often_than_usual_is_told(extra: int, is_told: bool) -> None:
    heaped = expecting(sendings.ExpectNoValueHeaped, field="sex")
    newest = TENTHS | {"a": 100 + extra}
    assert check(values(*[TENTHS] * 12, newest), heaped)[0].is_open is is_told


def test_a_common_value_that_grows_a_little_is_not_heaped() -> None:
    heaped = expecting(sendings.ExpectNoValueHeaped, field="sex")
    assert check(values(*[HALVES] * 12, {"a": 800, "b": 200}), heaped)[0].status == "pass"


def days(*busiest: int) -> pl.DataFrame:
    """A month for each number: so many of 100 rows on its first day, the others on a day each."""
    months = [{"2025-01-01": top} | {f"d{n}": 1 for n in range(100 - top)} for top in busiest]
    return values(*months, field="report_date")


@pytest.mark.parametrize(("top", "is_told"), [(29, False), (30, True), (89, True), (90, False)])
def test_a_day_with_a_large_share_of_dates_is_told(top: int, is_told: bool) -> None:
    heaped = expecting(sendings.ExpectNoDayHeaped, field="report_date", share=0.3, below=0.9)
    assert check(days(*[10] * 6, top), heaped)[0].is_open is is_told


def test_a_day_as_busy_as_usual_is_not_heaped_but_one_in_all_rows_always_is() -> None:
    heaped = expecting(sendings.ExpectNoDayHeaped, field="report_date", share=0.3)
    assert [part.period for part in check(days(*[95] * 8), heaped)[0].parts] == [period(0)]
    nearly_all = expecting(sendings.ExpectNoDayHeaped, field="report_date", share=0.9, times=0.0)
    assert check(days(*[95] * 8), nearly_all)[0].rows_failing == 8


def test_a_month_with_few_dates_is_not_judged_by_its_days() -> None:
    heaped = expecting(sendings.ExpectNoDayHeaped, field="report_date", share=0.3)
    assert check(values({"2025-01-01": 29}, field="report_date"), heaped)[0].status == "not_applicable"


TABLES = {"dq_submissions": submissions({}), "dq_fields": fields_of({}), "dq_values": values(HALVES)}


def run(table: str, frame: pl.DataFrame | None) -> list[Check]:
    """The whole suite of a table on rows, or on a database without the table."""
    with duckdb.connect() as con:
        if frame is not None:
            con.register("frame", frame)
            con.execute(f"CREATE TABLE {table} AS SELECT * FROM frame")
            con.unregister("frame")
        return run_suites(con, {table: SUITES[table]()})


@pytest.mark.parametrize("table", SUITES)
def test_a_table_that_is_not_there_is_an_error_of_every_check_and_says_so(table: str) -> None:
    found = run(table, None)
    assert {one.status for one in found} == {"error"}
    assert {one.error for one in found} == {f"The table {table} is not there."}


@pytest.mark.parametrize("table", SUITES)
def test_an_empty_table_is_not_applicable(table: str) -> None:
    assert {one.status for one in run(table, TABLES[table].clear())} == {"not_applicable"}


@pytest.mark.parametrize(
    ("table", "gone"), [("dq_submissions", "is_late"), ("dq_fields", "unknown"), ("dq_values", "rows")]
)
def test_a_column_gone_is_an_error_of_the_checks_that_read_it_and_names_it(table: str, gone: str) -> None:
    found = [one for one in run(table, TABLES[table].drop(gone)) if one.status == "error"]
    assert found
    assert all(gone in str(one.error) for one in found)
    if table == "dq_submissions":
        assert {one.name.partition("_")[2] for one in found} == {"late"}


@pytest.mark.parametrize(
    ("table", "column"),
    [
        *(
            ("dq_submissions", name)
            for name in ("rows_loaded", "typical_rows", "copied_share", "is_late", "days_behind")
        ),
        *(("dq_fields", name) for name in ("unknown", "usual_rows")),
        *(("dq_values", name) for name in ("rows", "value")),
    ],
)
def test_a_column_of_nulls_alone_breaks_no_check(table: str, column: str) -> None:
    frame = TABLES[table]
    nulls = frame.with_columns(pl.lit(None, dtype=frame.schema[column]).alias(column))
    assert {one.status for one in run(table, nulls)} <= {"pass", "not_applicable"}


@pytest.mark.parametrize("table", SUITES)
def test_every_check_says_what_to_do_and_which_figures_it_touches(table: str) -> None:
    suite: gx.ExpectationSuite = suites()[table]
    for expectation in suite.expectations:
        assert expectation.meta["to_do"].endswith(".")
        assert expectation.meta["affects"] == [f"stg_{expectation.extract}"]
        assert expectation.meta["why"][:4].isdigit()
