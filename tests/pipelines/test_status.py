"""What status tells of the submissions: what is in use, what a release set aside, and what was refused."""

from __future__ import annotations

from typing import Any

from pipelines.status import set_aside_lines, summary


def row(version: int, state: str, rows: int) -> dict[str, Any]:
    return {
        "file": f"testing__GLA__2026-08__v{version}.csv", "extract": "testing", "submitter": "GLA", "period": "2026-08",
        "state": state, "rows_loaded": rows, "rows_returned": 0, "refused_because": "The file is empty.",
    }  # fmt: skip


def entry(version: int, instead: int | None) -> dict[str, Any]:
    return {
        "file": f"testing__GLA__2026-08__v{version}.csv",
        "because": "Not met: It is so.",
        "to_do": "Send it again.",
        "used_instead": f"testing__GLA__2026-08__v{instead}.csv" if instead else None,
    }


ROWS = [row(1, "superseded", 110), row(2, "superseded", 120), row(3, "accepted", 130), row(4, "refused", 0)]


def test_rows_in_use_are_those_of_the_accepted_versions() -> None:
    assert summary(ROWS) == [
        "testing     GLA           1 periods to 2026-08         130 rows in use        0 returned",
        "refused: testing__GLA__2026-08__v4.csv: The file is empty.",
    ]


def test_rows_in_use_are_those_of_the_version_that_took_the_place_of_one_set_aside() -> None:
    used, told, _ = summary(ROWS, [entry(3, 2)])
    assert "120 rows in use" in used
    assert told == (
        "set aside: testing__GLA__2026-08__v3.csv: Not met: It is so. testing__GLA__2026-08__v2.csv is used instead. "
        "To do: Send it again."
    )


def test_a_version_that_took_a_place_and_was_set_aside_too_is_not_in_use() -> None:
    lines = summary(ROWS, [entry(3, 2), entry(2, None)])
    assert not any("rows in use" in line for line in lines)
    assert "Nothing is used for this month." in lines[1]


def test_nothing_set_aside_is_told_by_no_line() -> None:
    assert set_aside_lines([]) == []
