"""The profile counts what was sent: by plain counting of small tables made here, and of the small record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import duckdb
import polars as pl
import pytest

from catalogue.contracts import extract_contracts
from pipelines.ingest.register import Submission
from pipelines.lake import SQL_TYPES
from pipelines.quality import profile

LABORATORIES = {"ABE", "DUN", "EDI", "GLA"}
DAY = dt.date


def month(number: int) -> str:
    """A month from January 2025 on, as periods are written."""
    return f"{2025 + number // 12}-{number % 12 + 1:02d}"


def sent(extract: str, submitter: str, period: str, rows: int, **others: Any) -> Submission:
    """A submission as the register tells it, extracted on the first day of the month after."""
    year, number = int(period[:4]), int(period[5:])
    told = {
        "submission_id": f"{extract}__{submitter}__{period}__v1__aa", "file": "one.csv", "extract": extract,
        "submitter": submitter, "period": period, "version": 1, "sha256": "aa", "bytes": 1,
        "registered_at": "2025-10-02T09:00:00+00:00",
        "state": "accepted", "rows_read": rows, "rows_loaded": rows, "rows_returned": 0, "reasons": {},
        "refused_because": None, "drift": (), "is_synthetic": True,
        "extracted_on": DAY(year + number // 12, number % 12 + 1, 1),
    }  # fmt: skip
    return Submission(**(told | others))


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse whose ranked tables are there and empty."""
    with duckdb.connect() as connection:
        for extract, contract in extract_contracts().items():
            columns = ", ".join(f"{c.name} {SQL_TYPES.get(c.type, 'VARCHAR')}" for c in contract.columns)
            connection.execute(
                f"CREATE TABLE ranked_{extract} ({columns}, source_row BIGINT, submission_id VARCHAR, place BIGINT)"
            )
        connection.execute("CREATE TABLE stg_returned (submission_id VARCHAR, source_row BIGINT, reason VARCHAR)")
        connection.execute("CREATE TABLE ref_ethnicity_codes (code VARCHAR, ethnic_category VARCHAR)")
        connection.execute("INSERT INTO ref_ethnicity_codes VALUES ('1A', 'white'), ('98', 'declined')")
        yield connection


def load(con: duckdb.DuckDBPyConnection, extract: str, submission: Submission, rows: list[dict[str, Any]]) -> None:
    """Rows of a submission, first in their keys; what is not given is blank."""
    for number, row in enumerate(rows):
        told = {"source_row": number, "submission_id": submission.submission_id, "place": 1} | row
        names, marks = ", ".join(told), ", ".join("?" * len(told))
        con.execute(f"INSERT INTO ranked_{extract} ({names}) VALUES ({marks})", list(told.values()))


def submissions(con: duckdb.DuckDBPyConnection, *in_use: Submission, ever: tuple[Submission, ...] = ()) -> pl.DataFrame:
    """What is told of the extracts that are in use."""
    found = profile.submissions(con, in_use, ever or in_use)
    return found.filter(pl.col("extract").is_in({s.extract for s in in_use}))


def one(frame: pl.DataFrame, submitter: str, period: str) -> dict[str, Any]:
    return frame.row(
        by_predicate=(pl.col("submitter") == submitter) & (pl.col("period") == DAY.fromisoformat(f"{period}-01")),
        named=True,
    )


def test_every_laboratory_is_expected_each_month_from_the_first_to_the_newest(con: duckdb.DuckDBPyConnection) -> None:
    found = submissions(con, sent("testing", "GLA", "2025-01", 9), sent("testing", "EDI", "2025-03", 9))
    assert found.height == 12
    assert set(found["submitter"]) == LABORATORIES
    assert not one(found, "GLA", "2025-01")["is_missing"]
    assert one(found, "GLA", "2025-02")["is_missing"]
    assert one(found, "EDI", "2025-01")["months_old"] == 2


def test_a_census_is_expected_of_a_site_from_its_first_one_on(con: duckdb.DuckDBPyConnection) -> None:
    early, later = sent("workforce", "GLA", "2025-03", 9), sent("workforce", "ABE", "2025-06", 9)
    found = submissions(con, early, later).filter(pl.col("submitter").is_in(["ABE", "GLA"]))
    assert [(row["submitter"], row["period"].month, row["is_missing"]) for row in found.to_dicts()] == [
        ("ABE", 6, False), ("GLA", 3, False), ("GLA", 6, True),
    ]  # fmt: skip


def test_an_extract_that_nobody_sent_is_missing_for_everybody_who_must_send_it(con: duckdb.DuckDBPyConnection) -> None:
    testing = [sent("testing", "GLA", month(n), 9) for n in range(4)]
    found = profile.submissions(con, testing, testing).filter("is_missing")
    told = found.filter(pl.col("extract") != "testing").group_by("extract").agg("submitter", "period")
    who = {row["extract"]: set(row["submitter"]) for row in told.to_dicts()}
    assert who == {
        "turnaround": LABORATORIES,
        "outcomes": LABORATORIES,
        "workforce": LABORATORIES,
        "programme": {"SGV"},
    }
    when = {row["extract"]: {day.month for day in row["period"]} for row in told.to_dicts()}
    assert when == {"turnaround": {1, 2, 3, 4}, "outcomes": {1, 2, 3, 4}, "workforce": {3}, "programme": {1, 2, 3, 4}}


def test_a_laboratory_that_never_sent_a_census_lacks_every_one_that_others_sent(con: duckdb.DuckDBPyConnection) -> None:
    found = submissions(con, sent("workforce", "GLA", "2025-03", 9), sent("workforce", "GLA", "2025-06", 9))
    assert {(row["submitter"], row["period"].month) for row in found.filter("is_missing").to_dicts()} == {
        (laboratory, number) for laboratory in LABORATORIES - {"GLA"} for number in (3, 6)
    }


def test_late_is_judged_by_the_first_version_and_not_before_a_laboratory_began(con: duckdb.DuckDBPyConnection) -> None:
    backfill = [sent("testing", "GLA", month(n), 9, extracted_on=DAY(2025, 6, 1)) for n in range(5)]
    june = sent("testing", "GLA", "2025-06", 9, extracted_on=DAY(2025, 7, 16))
    july = sent("testing", "GLA", "2025-07", 9, extracted_on=DAY(2025, 8, 15))
    again = sent("testing", "GLA", "2025-07", 9, version=2, extracted_on=DAY(2025, 9, 30))
    refused = sent("testing", "GLA", "2025-06", 9, state="refused", extracted_on=DAY(2025, 7, 1))
    in_use = (*backfill, june, again)
    found = submissions(con, *in_use, ever=(*backfill, refused, june, july, again)).filter(submitter="GLA")
    assert found.filter(pl.col("is_late"))["period"].to_list() == [DAY(2025, 6, 1)]
    assert one(found, "GLA", "2025-06")["due_on"] == DAY(2025, 7, 15)
    assert set(found["known_on"]) == {DAY(2025, 10, 2)}
    assert found.filter("is_backfill")["period"].to_list() == [DAY(2025, month, 1) for month in (1, 2, 3, 4)]


def test_the_usual_number_of_rows_is_the_median_before_or_after_a_first_month(con: duckdb.DuckDBPyConnection) -> None:
    rows = [100, 102, 104, 106, 108, 110, 112, 50]
    found = submissions(con, *[sent("testing", "GLA", month(n), count) for n, count in enumerate(rows)])
    assert one(found, "GLA", month(7))["typical_rows"] == 106
    assert one(found, "GLA", month(7))["rows_ratio"] == pytest.approx(50 / 106)
    assert one(found, "GLA", month(0))["typical_rows"] == 106
    assert one(found, "GLA", month(4))["typical_rows"] is None


def test_open_requests_and_the_age_of_their_extract_are_told(con: duckdb.DuckDBPyConnection) -> None:
    old, new = sent("turnaround", "GLA", "2025-01", 3), sent("turnaround", "GLA", "2025-02", 1)
    report = DAY(2025, 1, 20)
    load(con, "turnaround", old, [
        {"request_id": "R1", "extracted_on": DAY(2025, 2, 1)},
        {"request_id": "R2", "extracted_on": DAY(2025, 2, 1), "report_date": report},
        {"request_id": "R3", "extracted_on": DAY(2025, 2, 1), "cancelled_date": report},
    ])  # fmt: skip
    load(con, "turnaround", new, [{"request_id": "R4", "extracted_on": DAY(2025, 3, 1), "report_date": report}])
    found = submissions(con, old, new)
    assert (one(found, "GLA", "2025-01")["open_rows"], one(found, "GLA", "2025-01")["days_behind"]) == (1, 28)
    assert (one(found, "GLA", "2025-02")["open_rows"], one(found, "GLA", "2025-02")["days_behind"]) == (0, 0)
    assert found.filter("is_stale")["period"].to_list() == [DAY(2025, 1, 1)]


@pytest.mark.parametrize(("day", "is_stale"), [(8, True), (9, False)])
def test_a_month_sent_again_within_twenty_days_of_the_newest_extract_is_not_stale(
    con: duckdb.DuckDBPyConnection, day: int, is_stale: bool
) -> None:
    old, new = sent("turnaround", "GLA", "2025-01", 1), sent("turnaround", "GLA", "2025-02", 1)
    load(con, "turnaround", old, [{"request_id": "R1", "extracted_on": DAY(2025, 2, day)}])
    load(con, "turnaround", new, [{"request_id": "R2", "extracted_on": DAY(2025, 3, 1)}])
    assert one(submissions(con, old, new), "GLA", "2025-01")["is_stale"] is is_stale


def request(number: int, start: dt.date, **others: Any) -> dict[str, Any]:
    """A request that no other resembles: its genes and days tell it apart."""
    return {
        "request_id": f"R{number}", "received_date": start + dt.timedelta(days=number % 5),
        "requested_date": start - dt.timedelta(days=number % 9), "genes_tested": number,
    } | others  # fmt: skip


@pytest.mark.parametrize(("copied", "share"), [(0, 0.0), (10, 0.4), (25, 1.0)])
def test_rows_of_an_earlier_month_are_found_under_new_numbers_and_days(
    con: duckdb.DuckDBPyConnection, copied: int, share: float
) -> None:
    first, second = sent("testing", "GLA", "2025-01", 25), sent("testing", "GLA", "2025-02", 25)
    load(con, "testing", first, [request(n, DAY(2025, 1, 10)) for n in range(25)])
    moved = [request(n, DAY(2025, 2, 10), request_id=f"R{100 + n}") for n in range(copied)]
    load(con, "testing", second, moved + [request(200 + n, DAY(2025, 2, 10)) for n in range(25 - copied)])
    found = submissions(con, first, second)
    assert one(found, "GLA", "2025-02")["copied_share"] == pytest.approx(share)
    assert one(found, "GLA", "2025-02")["copied_from"] == (DAY(2025, 1, 1) if copied else None)
    assert one(found, "GLA", "2025-01")["copied_share"] == 0


def test_rows_that_look_alike_in_many_months_are_no_copies_but_repeated_requests_are(
    con: duckdb.DuckDBPyConnection,
) -> None:
    months = [sent("outcomes", "GLA", month(n), 40 + n) for n in range(5)]
    for number, one_month in enumerate(months):
        rows = [{"request_id": f"R{number}-{n}"} for n in range(40 + number)]
        load(con, "outcomes", one_month, rows)
    assert submissions(con, *months).filter(submitter="GLA")["copied_share"].to_list() == [0.0] * 5
    con.execute("UPDATE ranked_outcomes SET request_id = replace(request_id, 'R4-', 'R3-'), place = 2 "
                "WHERE submission_id LIKE '%2025-05%' AND source_row < 10")  # fmt: skip
    found = submissions(con, *months)
    assert one(found, "GLA", "2025-05")["copied_share"] == pytest.approx(10 / 44)
    assert one(found, "GLA", "2025-05")["copied_from"] == DAY(2025, 4, 1)
    assert one(found, "GLA", "2025-04")["copied_share"] == 0


def test_the_same_rows_as_a_whole_are_a_copy_though_none_tells_itself_apart(con: duckdb.DuckDBPyConnection) -> None:
    months = [sent("outcomes", "GLA", month(n), 30) for n in range(5)]
    for number, one_month in enumerate(months):
        load(con, "outcomes", one_month, [{"request_id": f"R{number}-{n}"} for n in range(30)])
    found = submissions(con, *months).filter(submitter="GLA").sort("period")
    assert found["copied_share"].to_list() == [0.0, 1.0, 1.0, 1.0, 1.0]


def test_few_rows_are_not_said_to_be_alike(con: duckdb.DuckDBPyConnection) -> None:
    months = [sent("testing", "GLA", month(n), 19) for n in range(2)]
    for one_month in months:
        load(con, "testing", one_month, [{"request_id": f"{one_month.period}{n}"} for n in range(19)])
    assert submissions(con, *months).filter(submitter="GLA")["copied_share"].to_list() == [None, None]


def test_rows_without_their_request_are_counted(con: duckdb.DuckDBPyConnection) -> None:
    only = sent("outcomes", "GLA", "2025-01", 9)
    reasons = ["orphan_key", "orphan_key", "sent_twice"]
    con.executemany("INSERT INTO stg_returned VALUES (?, 1, ?)", [[only.submission_id, reason] for reason in reasons])
    assert one(submissions(con, only), "GLA", "2025-01")["rows_without_request"] == 2


def test_requests_of_another_laboratory_are_no_sound_rows_whichever_of_the_two_is_used(
    con: duckdb.DuckDBPyConnection,
) -> None:
    theirs, copied = sent("testing", "GLA", "2025-01", 3), sent("testing", "EDI", "2025-01", 4)
    clocks = [sent("turnaround", "GLA", "2025-01", 3), sent("turnaround", "EDI", "2025-01", 2)]
    load(con, "turnaround", clocks[0], [{"request_id": f"R{n}"} for n in range(3)])
    load(con, "turnaround", clocks[1], [{"request_id": f"E{n}"} for n in range(2)])
    for first, second in ((theirs, copied), (copied, theirs)):
        con.execute("DELETE FROM ranked_testing")
        load(con, "testing", first, [{"request_id": f"R{n}", "place": 1} for n in range(3)])
        load(con, "testing", second, [{"request_id": f"R{n}", "place": 2} for n in range(3)])
        load(con, "testing", copied, [{"request_id": "E0"}])
        found = submissions(con, theirs, copied, *clocks).filter(extract="testing")
        assert one(found, "GLA", "2025-01")["rows_sound"] == 3
        assert one(found, "EDI", "2025-01")["rows_sound"] == 1


def test_where_no_other_extract_knows_a_request_it_is_of_the_one_whose_row_is_used(
    con: duckdb.DuckDBPyConnection,
) -> None:
    kept, returned = sent("testing", "GLA", "2025-01", 1), sent("testing", "EDI", "2025-01", 1)
    load(con, "testing", kept, [{"request_id": "R1"}])
    load(con, "testing", returned, [{"request_id": "R1", "place": 2}])
    found = submissions(con, kept, returned)
    assert (one(found, "GLA", "2025-01")["rows_sound"], one(found, "EDI", "2025-01")["rows_sound"]) == (1, 0)


def test_a_request_that_a_laboratory_sends_in_two_months_is_its_own_in_both(con: duckdb.DuckDBPyConnection) -> None:
    months = [sent("testing", "GLA", "2025-01", 1), sent("testing", "GLA", "2025-02", 1)]
    for place, one_month in enumerate(months, 1):
        load(con, "testing", one_month, [{"request_id": "R1", "place": place}])
    assert submissions(con, *months).filter(submitter="GLA")["rows_sound"].to_list() == [1, 1]


@pytest.mark.parametrize(("testing_rows", "sound"), [(100, 0), (40, 100)])
def test_rows_without_their_request_are_at_fault_only_beside_a_sound_testing_extract(
    con: duckdb.DuckDBPyConnection, testing_rows: int, sound: int
) -> None:
    testing = [sent("testing", "GLA", month(n), testing_rows if n == 7 else 100) for n in range(8)]
    clocks = [sent("turnaround", "GLA", month(n), 100) for n in range(8)]
    con.executemany(
        "INSERT INTO stg_returned VALUES (?, ?, 'orphan_key')", [[clocks[7].submission_id, n] for n in range(100)]
    )
    last = one(submissions(con, *testing, *clocks).filter(extract="turnaround"), "GLA", month(7))
    assert (last["rows_in_use"], last["rows_sound"], last["rows_ratio"]) == (0, sound, sound / 100)


def loaded(con: duckdb.DuckDBPyConnection, *in_use: Submission) -> None:
    profile.load_profile(con, in_use, in_use)


def test_unknown_is_blank_or_said_to_be_not_recorded_and_declined_is_neither(con: duckdb.DuckDBPyConnection) -> None:
    only = sent("testing", "GLA", "2025-01", 4)
    told = [
        {"sex": None, "consent_research": "not_recorded", "ethnicity_code": "98"},
        {"sex": "female", "consent_research": "no", "ethnicity_code": "99"},
        {"sex": "not_recorded", "consent_research": None, "ethnicity_code": None},
        {"sex": "male", "consent_research": "yes", "ethnicity_code": "1A"},
    ]
    load(con, "testing", only, told)
    loaded(con, only)
    unknown = dict(con.execute("SELECT field, unknown FROM dq_fields WHERE extract = 'testing'").fetchall())
    assert (unknown["sex"], unknown["consent_research"], unknown["ethnicity_code"]) == (2, 2, 1)
    assert "request_id" not in unknown


def test_the_usual_unknown_is_that_of_the_months_before_once_there_are_six(con: duckdb.DuckDBPyConnection) -> None:
    months = [sent("testing", "GLA", month(n), 2) for n in range(14)]
    for number, one_month in enumerate(months):
        load(con, "testing", one_month, [{"sex": "male"}, {"sex": None if number < 3 else "male"}])
    loaded(con, *months)
    usual = con.execute(
        "SELECT usual_rows, usual_unknown FROM dq_fields WHERE field = 'sex' AND extract = 'testing' ORDER BY period"
    ).fetchall()
    assert usual[5] == (None, None)
    assert usual[6] == (12, 3)
    assert usual[13] == (24, 2)


def test_values_are_counted_and_ethnic_codes_by_their_category(con: duckdb.DuckDBPyConnection) -> None:
    only = sent("testing", "GLA", "2025-01", 5)
    codes = ["1A", "1A", "98", "QQ", None]
    load(con, "testing", only, [{"ethnicity_code": code, "simd_decile": 3} for code in codes])
    loaded(con, only)
    found = con.execute("SELECT field, value, rows FROM dq_values").fetchall()
    of = {field: {value: rows for name, value, rows in found if name == field} for field, _, _ in found}
    assert of["ethnic_category"] == {"white": 2, "declined": 1, "unmapped": 1}
    assert of["ethnicity_code"] == {"1A": 2, "98": 1, "QQ": 1}
    assert of["simd_decile"] == {"3": 5}


def test_nothing_sent_makes_empty_tables(con: duckdb.DuckDBPyConnection) -> None:
    loaded(con)
    assert {name: con.execute(f"SELECT count(*) FROM {name}").fetchall() for name in profile.TABLES} == {
        name: [(0,)] for name in profile.TABLES
    }
