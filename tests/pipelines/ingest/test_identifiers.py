"""What looks like an identifier of a person."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.contracts import extract_contracts
from pipelines.ingest.identifiers import find_identifiers, find_in_words, holds_chi, is_chi, names_an_identifier

GOLDEN = Path(__file__).parents[2] / "golden" / "chi_number_check.json"
CHI_NUMBERS = [
    (chi, verdict == "Valid CHI")
    for case in json.loads(GOLDEN.read_text())["cases"]
    for chi, verdict in zip(case["input"]["chi"], case["expected"]["mod11_or_mod10"], strict=True)
    if chi is not None
]


@pytest.mark.parametrize(("chi", "is_valid"), CHI_NUMBERS)
def test_chi_numbers_agree_with_the_golden_cases(chi: str, is_valid: bool) -> None:
    assert holds_chi(chi) == is_valid


def test_a_day_that_exists_in_one_century_only_is_a_day() -> None:
    assert any(is_chi(f"290200000{digit}") for digit in range(10))
    assert not any(is_chi(f"290201000{digit}") for digit in range(10))


@pytest.mark.parametrize(
    "text",
    [
        "0611481030",
        "061148 1030",
        "061148-1030",
        "06 11 48 1030",
        "06-11-48-1030",
        "06/11/48 1030",
        "06.11.48.1030",
        "061 148 1030",
        "0 6 1 1 4 8 1 0 3 0",
        "061148\u00a01030",
        "061148\u20131030",
        "\uff10\uff16\uff11\uff11\uff14\uff18\uff11\uff10\uff13\uff10",
        "P0611481030",
        "CHI0611481030",
        "chi:0611481030.",
        "seen 12 061148 1030 77 times",
        "12 0611481030",
        "(0611481030)",
        "x" * 100_000 + " 0611481030",
    ],
)
def test_a_chi_number_is_found_in_any_guise(text: str) -> None:
    assert find_in_words(text) == "a CHI number"


@pytest.mark.parametrize(
    "text",
    [
        "0611481031",
        "10611481030",
        "06114810301",
        "3202481030",
        "2012-03-14 10:30:00",
        "06/11/2014 10:30",
        "0.0611481030",
        "a3f0611481030b7c9",
        "S08000020",
        "R210.1",
        "NM_000059.4:c.5946del",
        "5.2e-05",
        "2026-03-14",
        "90%",
        "score 4/10, 12 of 30",
        "phase S1 2nd quarter",
        "M5 3 of 20",
        "@ 90% of target",
        "2019-20 to 2023-24",
        "",
    ],
)
def test_ordinary_values_raise_no_alarm(text: str) -> None:
    assert find_in_words(text) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("EH16 4SB", "a postcode"),
        ("eh164sb", "a postcode"),
        ("lives at G12 8QQ now", "a postcode"),
        ("IV2 3UJ.", "a postcode"),
        ("g12 8qq", "a postcode"),
        ("jean.smith@nhs.scot", "an e-mail address"),
        ("<a@b.org>", "an e-mail address"),
        ("0131 536 1000", "a phone number"),
        ("07700900123", "a phone number"),
        ("(01382) 660111", "a phone number"),
        ("+44 131 536 1000", "a phone number"),
        ("0044 (0)131 536 1000", "a phone number"),
        ("ring 020 7946 0018 after six", "a phone number"),
    ],
)
def test_contacts_are_found(text: str, kind: str) -> None:
    assert find_in_words(text) == kind


def test_the_place_is_told_and_the_value_is_not() -> None:
    found = find_identifiers(pl.DataFrame({"a": ["x", None, "y"], "b": ["x", "y", "EH16 4SB"]}))
    assert found is not None
    assert (found.kind, found.column, found.record) == ("a postcode", "b", 2)
    assert "4SB" not in repr(found)


@pytest.mark.parametrize("record", [0, 499, 500, 1_100])
def test_the_first_number_that_is_one_is_told_however_many_are_not(record: int) -> None:
    values = ["0611481033"] * 1_200
    values[record] = values[-1] = "0611481030"
    found = find_identifiers(pl.DataFrame({"a": values}))
    assert found is not None
    assert found.record == record


def test_an_empty_table_holds_none() -> None:
    assert find_identifiers(pl.DataFrame()) is None
    assert find_identifiers(pl.DataFrame({"a": []}, schema={"a": pl.String})) is None
    assert find_identifiers(pl.DataFrame({"a": [None]}, schema={"a": pl.String})) is None


def test_ten_digits_by_chance_in_a_column_of_hashes_pass_and_elsewhere_do_not() -> None:
    hashes = ["P3F2A9C01B4E", "P77D0E1A2C3A", "P0611481030A"]
    serials = ["P0000000001", "P0000000002", "P0611481030"]
    assert find_identifiers(pl.DataFrame({"person_id": hashes}), ["person_id"]) is None
    assert find_identifiers(pl.DataFrame({"person_id": serials}), ["person_id"]) is not None
    assert find_identifiers(pl.DataFrame({"person_id": hashes})) is not None
    disguised = [*hashes[:2], "P0611481030"]
    assert find_identifiers(pl.DataFrame({"person_id": disguised}), ["person_id"]) is not None


@given(st.from_regex(r"\A[0-9]{10}\Z"))
def test_a_number_is_judged_alike_alone_spaced_and_prefixed(digits: str) -> None:
    guises = [digits, f"{digits[:6]} {digits[6:]}", f"P{digits}", f"see {digits[:2]}-{digits[2:]}!"]
    assert {holds_chi(text) for text in guises} == {is_chi(digits)}


@pytest.mark.slow
def test_a_million_candidates_are_judged_in_bounded_time() -> None:
    draw = random.Random(1)
    wrong = [
        text
        for text in (f"{draw.randrange(10, 29)}0785{draw.randrange(10_000):04d}" for _ in range(2000))
        if not is_chi(text)
    ]
    values = pl.Series(wrong).sample(1_000_000, with_replacement=True, seed=1)
    started = time.monotonic()
    assert find_identifiers(pl.DataFrame({"a": values})) is None
    assert time.monotonic() - started < 30


@pytest.mark.parametrize(
    "text", ["a" * 1_000_000, "0" * 1_000_000, "0 " * 500_000, "a@" * 500_000, "06114810" * 100_000]
)
def test_long_texts_are_judged_in_bounded_time(text: str) -> None:
    started = time.monotonic()
    find_in_words(text)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "header",
    [
        "name",
        "Name",
        "patient_name",
        "Forename",
        "first name",
        "SURNAME",
        "lastName",
        "date_of_birth",
        "DateOfBirth",
        "DOB",
        "d.o.b.",
        "birth_date",
        "address",
        "Address Line 1",
        "postcode",
        "Post Code",
        "chi",
        "CHI number",
        "chi_no",
        "nhs_number",
        "NHSNumber",
        "NHS No.",
        "email",
        "e-mail",
        "E_Mail_Address",
        "phone",
        "telephone_no",
        "mobile1",
    ],
)
def test_a_header_that_names_an_identifier_is_known(header: str) -> None:
    assert names_an_identifier(header)


@pytest.mark.parametrize(
    "header", ["lab_comment", "test_name", "gene names", "child_age", "nhs_not_recorded", "tech_in_order"]
)
def test_a_header_that_names_none_passes(header: str) -> None:
    assert not names_an_identifier(header)


def test_no_column_of_a_contract_names_an_identifier_but_one() -> None:
    names = {name for contract in extract_contracts().values() for name in contract.names if names_an_identifier(name)}
    assert names == {"chi_linked"}
