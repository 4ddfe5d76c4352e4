"""Own-board detail: exact and whole for the board, and nothing of a person, of another board or of Scotland."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from catalogue.reference import reference_rows
from pipelines import releases
from pipelines.board_detail import FOLDER
from pipelines.build import WAREHOUSE
from tests.conftest import Published
from tests.second import plain
from tests.ui.board_store import make_board

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("small")]

BOARDS = [row["code"] for row in reference_rows("boards") if row["is_territorial"] == "yes"]
OTHERS = {row["code"] for row in reference_rows("boards")}
TABLES = {"requests", "monthly", "breaches", "months", "specialties", "tests", "about"}

#: The columns that count by what the requests do not tell, each in a table of its own.
COUNTED_BY = {("specialties", "referrer_specialty"), ("tests", "test_code")}
COUNTED = ("requests", "first_pass_known", "not_accepted_first", "rejected", "due", "within_standard")
SIDES = {"residence": "residence_board", "requesting": "requesting_board"}
FIRST, LAST = dt.date(2024, 5, 1), dt.date(2026, 10, 1)

#: Parts of a name of a column that would tell people apart or say more of them than a manager needs.
TELLING = re.compile(
    r"person|family|ethnic|linked|\bage|age_band|sex|simd|urban|specialty|test_code|clinical|gene|sample|interpreter|"
    r"proband|consent|origin|pathway|board|result|variant"
)


@contextmanager
def opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database, for reading only."""
    with duckdb.connect(str(path), read_only=True) as con:
        yield con


def table(small: Published, board: str, name: str) -> pl.DataFrame:
    with opened(small.release.folder / FOLDER / f"{board}.duckdb") as con:
        found: pl.DataFrame = con.sql(f'SELECT * FROM "{name}"').pl()
    return found


@pytest.fixture(scope="module")
def warehouse(small: Published) -> Iterator[duckdb.DuckDBPyConnection]:
    with opened(small.folders.build / WAREHOUSE) as con:
        yield con


def of_board(warehouse: duckdb.DuckDBPyConnection, columns: str = "*") -> pl.DataFrame:
    found: pl.DataFrame = warehouse.sql(f"SELECT {columns} FROM mart_requests").pl()
    return found


def test_every_territorial_board_has_a_file_whose_hash_the_manifest_holds(small: Published) -> None:
    held = {path.name for path in (small.release.folder / FOLDER).iterdir()}
    assert held == {f"{board}.duckdb" for board in BOARDS}
    assert {f"{FOLDER}/{name}" for name in held} <= set(small.release.manifest["files"])
    assert releases.problems(small.release) == []


def test_an_altered_file_of_a_board_is_found(small: Published, tmp_path: Path) -> None:
    release = releases.Release(tmp_path / small.release.release_id, small.release.manifest)
    shutil.copytree(small.release.folder, release.folder)
    path = release.folder / FOLDER / f"{BOARDS[0]}.duckdb"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert [f"{FOLDER}/{BOARDS[0]}.duckdb" in problem for problem in releases.problems(release)] == [True]


@pytest.mark.parametrize("board", BOARDS)
def test_no_table_has_a_column_that_tells_people_apart(small: Published, board: str) -> None:
    with opened(small.release.folder / FOLDER / f"{board}.duckdb") as con:
        columns = con.execute("SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal").fetchall()
    assert {name for name, _ in columns} == TABLES
    assert {(name, column) for name, column in columns if TELLING.search(column)} == COUNTED_BY


@pytest.mark.parametrize("board", BOARDS)
def test_no_value_names_a_person_a_family_or_another_board(
    small: Published, warehouse: duckdb.DuckDBPyConnection, board: str
) -> None:
    known = of_board(warehouse, "person_id, family_id")
    forbidden = {*known["person_id"], *known["family_id"].drop_nulls(), *(OTHERS - {board})}
    for name in TABLES:
        frame = table(small, board, name)
        texts = {value for column in frame.select(pl.col(pl.String)) for value in column.drop_nulls()}
        assert not texts & forbidden, name


@pytest.mark.parametrize("board", BOARDS)
def test_every_request_listed_is_of_a_resident_or_from_a_requester_of_the_board(
    small: Published, warehouse: duckdb.DuckDBPyConnection, board: str
) -> None:
    requests = table(small, board, "requests")
    assert requests["request_id"].is_unique().all()
    joined = requests.join(of_board(warehouse, "request_id, residence_board, requesting_board"), on="request_id")
    assert joined.height == requests.height > 0
    side = (
        pl.when((pl.col("residence_board") == board) & (pl.col("requesting_board") == board))
        .then(pl.lit("both"))
        .when(pl.col("residence_board") == board)
        .then(pl.lit("residence"))
        .when(pl.col("requesting_board") == board)
        .then(pl.lit("requesting"))
    )
    assert joined.select((side == pl.col("side")).fill_null(value=False).all()).item()


@pytest.mark.parametrize("board", BOARDS)
def test_every_open_request_of_the_board_is_listed_and_ended_ones_of_twelve_months(
    small: Published, plain_requests: list[plain.Request], board: str
) -> None:
    listed = {row["request_id"]: row for row in table(small, board, "requests").to_dicts()}
    for request in plain_requests:
        row = request.row
        own = board in (row["residence_board"], row["requesting_board"])
        newer = request.report_date is not None and request.report_date >= a_year_before(request.judged_on)
        should = own and (request.report_date is None or newer)
        assert (row["request_id"] in listed) == should, row["request_id"]
        if should:
            held = listed[row["request_id"]]
            assert held["status"] == ("open" if request.report_date is None else "reported")
            assert (held["due_date"], held["report_date"]) == (request.due_date, request.report_date)
            assert held["turnaround_category"] == request.category
            end = request.report_date or request.judged_on
            assert held["days_over"] == (max((end - request.due_date).days, 0) if request.due_date else None)
    assert {row["status"] for row in listed.values()} <= {"open", "reported", "cancelled"}


def a_year_before(day: dt.date) -> dt.date:
    return day.replace(year=day.year - 1)


@pytest.fixture(scope="module")
def counted(plain_requests: list[plain.Request]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Every monthly count of every board, worked out request by request in plain Python."""
    found: dict[tuple[Any, ...], dict[str, Any]] = defaultdict(dict)
    for side, dimension in SIDES.items():
        rest = [(), ("turnaround_category",), ("performing_lab",), ("turnaround_category", "performing_lab")]
        cubes = [(dimension, *names) for names in rest]

        def key(cell: plain.Cell, side: str = side, dimension: str = dimension) -> tuple[Any, ...]:
            values = dict(zip(cell[1].split("+"), cell[2], strict=True))
            return (
                values[dimension], side, values.get("turnaround_category"), values.get("performing_lab"), cell[3],
            )  # fmt: skip

        for cell, (met, due) in plain.within_standard(
            plain_requests, cubes, ["month"], FIRST, LAST, plain.as_they_are
        ).items():
            found[key(cell)] |= {"due": due, "within_standard": met}
        for cell, (overdue, total) in plain.backlog(plain_requests, cubes, FIRST, LAST, plain.as_they_are).items():
            found[key(cell)] |= {"overdue_at_end": overdue, "open_at_end": total}
        for cell, times in plain.waits(plain_requests, cubes, ["month"], FIRST, LAST, plain.as_they_are).items():
            found[key(cell)] |= {
                "still_open": sum(not reported for _, reported in times),
                "median_days": plain.quantile(times, 0.5),
                "p90_days": plain.quantile(times, 0.9),
            }
    return found


@pytest.mark.parametrize("board", BOARDS)
def test_monthly_counts_equal_a_slow_plain_count(
    small: Published, counted: dict[tuple[Any, ...], dict[str, Any]], board: str
) -> None:
    monthly = table(small, board, "monthly")
    keys = ("side", "turnaround_category", "performing_lab", "month")
    held = {(board, *(row[name] for name in keys)): row for row in monthly.to_dicts()}
    assert len(held) == monthly.height
    expected = {key: row for key, row in counted.items() if key[0] == board}
    assert set(expected) <= set(held)
    for key, row in held.items():
        plain_row = {"due": 0, "within_standard": 0, "overdue_at_end": 0, "open_at_end": 0, "still_open": 0}
        plain_row |= {"median_days": None, "p90_days": None} | expected.get(key, {})
        assert {name: row[name] for name in plain_row} == plain_row, key


@pytest.mark.parametrize("board", BOARDS)
def test_requests_received_equal_a_count_of_the_accepted_rows(
    small: Published, warehouse: duckdb.DuckDBPyConnection, board: str
) -> None:
    monthly = table(small, board, "monthly")
    rows = of_board(warehouse).filter("is_accepted").with_columns(month=pl.col("received_date").dt.month_start())
    for side, dimension in SIDES.items():
        expected = dict(rows.filter(pl.col(dimension) == board).group_by("month").len().iter_rows())
        whole = monthly.filter(
            pl.col("side") == side, pl.col("turnaround_category").is_null(), pl.col("performing_lab").is_null()
        )
        assert {month: count for month, count in whole.select("month", "received").iter_rows() if count} == expected


@pytest.mark.parametrize("board", BOARDS)
def test_no_count_of_scotland_stands_in_the_file(
    small: Published, warehouse: duckdb.DuckDBPyConnection, board: str
) -> None:
    months = table(small, board, "months")
    assert months.columns == ["measure", "month", "period_status"]
    assert not [kind for kind in months.dtypes if kind.is_numeric()]
    assert set(table(small, board, "about")["key"]) == {
        "board_code", "release_id", "created_at", "data_from", "data_to", "is_synthetic",
    }  # fmt: skip
    rows = of_board(warehouse).with_columns(month=pl.col("received_date").dt.month_start())
    whole = rows.filter("is_accepted").group_by("month").len(name="scotland")
    own = rows.filter(
        pl.col("is_accepted"), (pl.col("residence_board") == board) | (pl.col("requesting_board") == board)
    )
    bound = whole.join(own.group_by("month").len(name="own"), on="month")
    monthly = table(small, board, "monthly").join(bound, on="month")
    assert monthly.filter(pl.col("received") > pl.col("own")).is_empty()
    assert monthly.filter(pl.col("received") >= pl.col("scotland")).is_empty()


def test_due_dates_missed_are_those_of_the_monthly_counts(small: Published) -> None:
    for board in BOARDS:
        late = table(small, board, "monthly").filter(
            pl.col("turnaround_category").is_null(), pl.col("performing_lab").is_null()
        )
        late = late.select("side", "month", missed=pl.col("due") - pl.col("within_standard")).filter(
            pl.col("missed") > 0
        )
        breaches = table(small, board, "breaches").group_by("side", pl.col("due_date").dt.month_start().alias("month"))
        told = breaches.agg(pl.col("breaches").sum().alias("missed"))
        assert sorted(late.rows()) == sorted(told.rows())


def test_the_protected_store_holds_nothing_of_a_board_s_file(small: Published) -> None:
    with opened(small.store) as con:
        names = {name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        columns = {
            name for (name,) in con.execute("SELECT column_name FROM duckdb_columns() WHERE NOT internal").fetchall()
        }
    assert not names & {"requests", "monthly", "breaches"}
    assert not columns & {"request_id", "days_over", "stage_date", "overdue_at_end"}
    listed = {value for board in BOARDS for value in table(small, board, "requests")["request_id"].head(200)}
    pages = [path for path in (small.release.folder / "quality").rglob("*") if path.is_file()]
    assert pages
    text = "".join(path.read_text(encoding="utf-8", errors="ignore") for path in pages)
    assert not [value for value in listed if value in text]


def test_the_small_store_of_the_screens_tests_has_the_same_tables_and_types(small: Published, tmp_path: Path) -> None:
    def described(path: Path) -> list[tuple[str, str, str]]:
        with opened(path) as con:
            found: list[tuple[str, str, str]] = con.execute(
                "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal ORDER BY ALL"
            ).fetchall()
        return found

    made = make_board(tmp_path, BOARDS[0])
    assert described(made) == described(small.release.folder / FOLDER / f"{BOARDS[0]}.duckdb")


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize(
    ("name", "column", "late_from"), [("specialties", "referrer_specialty", 0), ("tests", "test_code", 5)]
)
def test_specialties_and_tests_equal_a_plain_count_and_nobody_few_is_named_or_left_over(
    small: Published, warehouse: duckdb.DuckDBPyConnection, plain_requests: list[plain.Request], board: str, name: str,
    column: str, late_from: int,
) -> None:  # fmt: skip
    held = table(small, board, name)
    first, last = dt.date(2025, 11, 1), dt.date(2026, 10, 31)
    assert set(held.select("period_start", "period_end").rows()) == {(first, last)}
    due = {
        request.row["request_id"]: request.report_date is not None and request.report_date <= request.due_date
        for request in plain_requests
        if request.due_date is not None and first <= request.due_date <= last
    }
    for side, dimension in SIDES.items():
        rows = {row[column]: row for row in held.filter(side=side).to_dicts()}
        plainly: dict[str | None, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COUNTED, 0))
        people: dict[str | None, set[str]] = defaultdict(set)
        late: dict[str | None, set[str]] = defaultdict(set)
        for row in of_board(warehouse).filter(pl.col(dimension) == board).to_dicts():
            sent, is_due = first <= row["received_date"] <= last, row["request_id"] in due
            if not sent and not is_due:
                continue
            value = row[column] if row[column] in rows else None
            people[value].add(row["person_id"])
            counts = plainly[value]
            if sent:
                counts["requests"] += 1
                counts["first_pass_known"] += row["first_pass_accepted"] != "not_recorded"
                counts["not_accepted_first"] += row["first_pass_accepted"] == "no"
                counts["rejected"] += row["request_status"] == "rejected"
            if is_due:
                counts["due"] += 1
                counts["within_standard"] += due[row["request_id"]]
                if not due[row["request_id"]]:
                    late[value].add(row["person_id"])
        assert {value: {key: row[key] for key in COUNTED} for value, row in rows.items()} == plainly
        named = [value for value in rows if value is not None]
        assert all(len(people[value]) >= 10 and len(late[value]) >= late_from for value in rows if named)
