"""The bytes of a CSV file."""

from __future__ import annotations

import csv
import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.ingest import file_check
from pipelines.ingest.file_check import MARK, Records, check_records, read_header
from pipelines.ingest.refusal import RefusedError


def checked(content: bytes) -> Records:
    return check_records(content, read_header(content))


@pytest.mark.parametrize(
    ("content", "count"),
    [
        (b"a,b\n1,2\n", 1),
        (b"a,b\r\n1,2\r\n3,4\r\n", 2),
        (b"a,b\n1,2", 1),
        (b"a,b\n", 0),
        (b"a,b", 0),
        (MARK + b"a,b\n1,2\n", 1),
        (b'a,b\n"1,\n""x""",2\n3,4\n', 2),
        (b'"a","b"\n"",""\n', 1),
        ("a,b\nÓ,日本\n".encode(), 1),
        (b"a,b\n1\t,2\n", 1),
    ],
)
def test_records_are_counted(content: bytes, count: int) -> None:
    assert checked(content).count == count


def test_a_missing_last_line_end_is_noticed() -> None:
    assert checked(b"a,b\n1,2\n").ends_with_line_end
    assert not checked(b"a,b\n1,2").ends_with_line_end


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty"),
        (b" \r\n\n", "empty"),
        (MARK, "empty"),
        (b"a,b\n1,2\n3\n", "Row 3 has 1 fields where the header has 2"),
        (b"a,b\n1,2,3\n", "Row 2 has 3 fields"),
        (b"a,b\n1,2\n\n3,4\n", "Row 3 has 1 fields"),
        (b"a,b\n1,2\n3", "cut off in row 3"),
        (b'a,b\n1,2\n3,"4\n', "begins in row 3 is never closed"),
        (b'a,b\n1,x"y\n', "Row 2 has broken quoting"),
        (b'a,b\n1,"x"y\n', "Row 2 has broken quoting"),
        (b'a,b\n1,2\n1,"x" "y"\n', "Row 3 has broken quoting"),
        (b"a,b\n1,\xe9\n", "not UTF-8"),
        (b"\xff\xfea\x00,\x00b\x00\n\x00", "not UTF-8"),
        (b"a,\xe9\n1,2\n", "header is not UTF-8"),
        (b"a,b\n1,\x00\n", "Row 2 holds a control"),
        (b"a,b\n1,2\n1,\x1b[0m\n", "Row 3 holds a control"),
        (b"a,b\n1,\x7f\n", "Line 2 holds a control"),
        ("a,b\n1,\u202e2\n".encode(), "control or invisible"),
        ("a,b\n1,\u200b2\n".encode(), "control or invisible"),
        (b"a,b\r1,2\r", "header holds a control"),
        (b"a,b\n1,2\r3,4\n", "Row 2"),
        (b"a\x00,b\n1,2\n", "header holds a control"),
        (b'a,"b\n1,2\n', "header has broken quoting"),
    ],
)
def test_what_breaks_the_dialect_is_refused_with_its_row(content: bytes, problem: str) -> None:
    with pytest.raises(RefusedError, match=problem):
        checked(content)


FIELD = st.text(st.sampled_from('ab,"\n é'), max_size=5)


@given(rows=st.lists(st.lists(FIELD, min_size=3, max_size=3), max_size=12), chunk=st.integers(1, 9))
def test_whatever_a_csv_writer_writes_is_in_order_at_any_chunk_size(rows: list[list[str]], chunk: int) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([["x", "y", "z"], *rows])
    whole = file_check.CHUNK
    try:
        file_check.CHUNK = chunk
        assert checked(text.getvalue().encode()).count == len(rows)
    finally:
        file_check.CHUNK = whole


@given(rows=st.lists(st.lists(FIELD, min_size=2, max_size=4), min_size=1, max_size=8), chunk=st.integers(1, 9))
def test_rows_of_another_width_are_found_at_any_chunk_size(rows: list[list[str]], chunk: int) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([["x", "y", "z"], *rows])
    wrong = [number for number, row in enumerate(rows, 2) if len(row) != 3]
    whole = file_check.CHUNK
    try:
        file_check.CHUNK = chunk
        if wrong:
            with pytest.raises(RefusedError, match=f"Row {wrong[0]} has"):
                checked(text.getvalue().encode())
        else:
            assert checked(text.getvalue().encode()).count == len(rows)
    finally:
        file_check.CHUNK = whole


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n1," + b"x" * 10_000_000 + b"\n",
        b'a,b\n1,"' + b"x\n" * 5_000_000 + b'"\n',
        b",".join(b"c%d" % number for number in range(1_000_000)) + b"\n",
        b"a" * 10_000_000,
        b'a,b\n1,"' + b'""' * 5_000_000 + b'"\n',
    ],
)
def test_ten_megabyte_fields_and_a_million_columns_are_refused_in_bounded_time(content: bytes) -> None:
    started = time.monotonic()
    with pytest.raises(RefusedError):
        checked(content)
    assert time.monotonic() - started < 5


def test_too_many_fields_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_check, "CELL_LIMIT", 100)
    with pytest.raises(RefusedError, match="far more fields"):
        checked(b"a,b\n" + b",\n" * 60)
