"""The name of a submission's file."""

from __future__ import annotations

from datetime import date

import pytest

from catalogue.contracts import extract_contracts
from pipelines.ingest.refusal import RefusedError
from pipelines.ingest.submission_name import SubmissionName, read_name

CONTRACTS = extract_contracts()


def test_a_name_says_extract_submitter_period_version_and_format() -> None:
    name = read_name("testing__EDI__2026-02__v12.csv.gz", CONTRACTS)
    assert name == SubmissionName("testing", "EDI", "2026-02", 12, "csv.gz")
    assert name.stem == "testing__EDI__2026-02__v12"
    assert (name.first_day, name.last_day) == (date(2026, 2, 1), date(2026, 2, 28))


@pytest.mark.parametrize(
    "file",
    [
        "workforce__S08000020__2026-03__v1.csv",
        "programme__SGV__2026-11__v1.parquet",
        "programme__S08000020__2026-11__v1.csv",
        "outcomes__GLA__2026-12__v1.csv",
    ],
)
def test_each_extract_has_its_own_submitters(file: str) -> None:
    assert read_name(file, CONTRACTS).stem in file


@pytest.mark.parametrize(
    ("file", "word"),
    [
        ("testing_EDI_2026-03_v1.csv", "name is not"),
        ("testing__EDI__2026-03__v1.xlsx", "name is not"),
        ("testing__EDI__2026-03__v0.csv", "name is not"),
        ("testing__EDI__2026-03__v01.csv", "name is not"),
        ("testing__edi__2026-03__v1.csv", "name is not"),
        ("testing__EDI__2026-03__v1.csv\n", "name is not"),
        ("tests__EDI__2026-03__v1.csv", "no known extract"),
        ("testing__S08000020__2026-03__v1.csv", "submitter"),
        ("testing__SGV__2026-03__v1.csv", "submitter"),
        ("testing__OUT__2026-03__v1.csv", "submitter"),
        ("workforce__SGV__2026-03__v1.csv", "submitter"),
        ("testing__EDI__2026-13__v1.csv", "no month"),
        ("testing__EDI__2026-00__v1.csv", "no month"),
        ("workforce__EDI__2026-04__v1.csv", "census quarter"),
    ],
)
def test_a_wrong_name_is_refused_with_the_part_that_is_wrong(file: str, word: str) -> None:
    with pytest.raises(RefusedError, match=word):
        read_name(file, CONTRACTS)
