"""The columns of a submission against its contract."""

from __future__ import annotations

import pytest

from catalogue.contracts import extract_contracts
from pipelines.ingest.header_check import check_columns
from pipelines.ingest.refusal import RefusedError

CONTRACTS = extract_contracts()
TESTING = CONTRACTS["testing"]


def check(header: list[str]) -> tuple[list[str], tuple[str, ...]]:
    columns = check_columns(header, TESTING, CONTRACTS)
    return columns.sent, columns.drift


def test_columns_may_come_in_any_order() -> None:
    backwards = TESTING.names[::-1]
    assert check(backwards) == (backwards, ())


def test_an_extra_column_is_drift_and_gets_a_neutral_name() -> None:
    sent, drift = check(["lab_comment", *TESTING.names, "", "<odd>"])
    assert sent == ["extra:1", *TESTING.names, f"extra:{len(sent) - 1}", f"extra:{len(sent)}"]
    assert drift == ("lab_comment", f"column {len(sent) - 1}", f"column {len(sent)}")


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ([";".join(TESTING.names)], "not separated by commas"),
        (["\t".join(TESTING.names)], "not separated by commas"),
        (["|".join(TESTING.names)], "not separated by commas"),
        (TESTING.names[1:], "lacks request_id"),
        (TESTING.names[9:], "and 4 more"),
        ([name.upper() for name in TESTING.names], "lacks request_id"),
        (CONTRACTS["turnaround"].names, "columns of the turnaround extract"),
        ([*TESTING.names, "sex"], "a column twice: sex"),
        ([*TESTING.names, "note", "note"], "a column twice"),
        ([*TESTING.names, *(f"c{n}" for n in range(101))], "101 columns beyond"),
        ([*TESTING.names, "Patient Name"], f"column {len(TESTING.names) + 1} names or holds"),
        ([*TESTING.names, "0611481030"], f"column {len(TESTING.names) + 1} names or holds"),
    ],
)
def test_wrong_columns_are_refused(header: list[str], problem: str) -> None:
    with pytest.raises(RefusedError, match=problem) as refused:
        check(header)
    assert "0611481030" not in str(refused.value)
    assert "Patient" not in str(refused.value)
