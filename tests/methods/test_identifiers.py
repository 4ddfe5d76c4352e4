"""Check digits and written forms of identifiers; every number here is invented or set aside for tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import product

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.identifiers import (
    CHECKS,
    CHI_VERDICTS,
    NHS_VERDICTS,
    VALID_CHI,
    chi_check,
    chi_pad,
    health_number_issuer,
    holds_email,
    holds_postcode,
    holds_uk_phone,
    looks_like_email,
    looks_like_postcode,
    looks_like_uk_phone,
    nhs_number_check,
)

Question = Callable[[pl.Expr], pl.Expr]
TEXT = pl.col("text")


def ask(question: pl.Expr, *texts: str | None) -> list[object]:
    return (
        pl.DataFrame({"text": texts}, schema={"text": pl.String}).select(question.alias("answer"))["answer"].to_list()
    )


def verdicts(*texts: str | None, **switches: bool) -> list[object]:
    return ask(chi_check(TEXT, **switches).struct.field("verdict"), *texts)


def checks(*texts: str | None) -> list[object]:
    return ask(chi_check(TEXT).struct.field("check"), *texts)


def plain_verdict(text: str) -> str:
    """The same rules, one digit at a time."""
    digits = [int(letter) for letter in text]
    if not plain_day(text[:6]):
        return "Invalid date"
    eleven = sum((10 - place) * digit for place, digit in enumerate(digits)) % 11 == 0
    ten = sum(sum(map(int, str(digit * (2 - place % 2)))) for place, digit in enumerate(digits)) % 10 == 0
    return VALID_CHI if eleven or ten else "Invalid checksum"


def plain_day(text: str) -> bool:
    for century in (1900, 2000):
        try:
            date(century + int(text[4:]), int(text[2:4]), int(text[:2]))
        except ValueError:
            continue
        return True
    return False


def test_a_check_digit_by_hand() -> None:
    """061148103: 0*10 + 6*9 + 1*8 + 1*7 + 4*6 + 8*5 + 1*4 + 0*3 + 3*2 = 143 = 13*11, so the modulus 11 digit is 0.

    030158428: doubled every other from the first 0 3 0 1 1+0 8 8 2 1+6 = 30, so the modulus 10 digit is 0.
    """
    assert checks("0611481030", "0301584280") == ["modulus 11", "modulus 10"]
    assert verdicts("0611481030", "0301584280") == [VALID_CHI, VALID_CHI]


@given(st.lists(st.from_regex(r"\A[0-9]{10}\Z"), min_size=1, max_size=50))
def test_ten_digits_are_judged_as_one_digit_at_a_time(numbers: list[str]) -> None:
    assert verdicts(*numbers) == [plain_verdict(number) for number in numbers]


def test_every_six_digits_are_a_day_exactly_where_the_calendar_has_one() -> None:
    days = [f"{day:02}{month:02}{year:02}" for day, month, year in product(range(33), range(14), range(100))]
    found = [verdict != "Invalid date" for verdict in verdicts(*(f"{day}0000" for day in days))]
    assert found == [plain_day(day) for day in days]


def test_a_verdict_has_the_switches_and_the_check_has_not() -> None:
    numbers = ("0611481030", "0301584280", "0611481033")
    assert verdicts(*numbers, modulus_10=False) == [VALID_CHI, "Invalid checksum", "Invalid checksum"]
    assert verdicts(*numbers, modulus_11=False) == ["Invalid checksum", VALID_CHI, "Invalid checksum"]
    for switches in ({}, {"modulus_10": False}, {"modulus_11": False}):
        found = ask(chi_check(TEXT, **switches).struct.field("check"), *numbers)
        assert found == ["modulus 11", "modulus 10", "neither"]
    with pytest.raises(ValueError, match="no test is left"):
        chi_check(TEXT, modulus_11=False, modulus_10=False)


def test_of_all_last_digits_one_passes_modulus_10_and_at_most_one_modulus_11() -> None:
    stems = [f"010170{serial:03}" for serial in range(1000)]
    found = pl.DataFrame({"stem": stems}).join(pl.DataFrame({"last": [str(digit) for digit in range(10)]}), how="cross")
    found = found.with_columns(chi_check(pl.col("stem") + pl.col("last")).struct.field("check"))
    passed = found.group_by("stem").agg(
        ten=pl.col("check").is_in(["modulus 10", "both"]).sum(),
        eleven=pl.col("check").is_in(["modulus 11", "both"]).sum(),
    )
    assert passed["ten"].unique().to_list() == [1]
    assert sorted(passed["eleven"].unique()) == [0, 1]
    # Chance passes 9% under one test, 10% under the other, 18% under either.
    shares = found["check"].value_counts(normalize=True)
    either = shares.filter(pl.col("check") != "neither")["proportion"].sum()
    assert 0.17 < either < 0.19


@given(st.from_regex(r"\A[0-9]{10}\Z"), st.integers(0, 9), st.integers(0, 9))
def test_one_wrong_digit_never_passes_the_test_that_the_right_one_passes(number: str, place: int, digit: int) -> None:
    wrong = number[:place] + str(digit) + number[place + 1 :]
    if wrong == number:
        return
    (before, after), names = checks(number, wrong), {"modulus 11": "modulus 10", "modulus 10": "modulus 11"}
    if before in names and after is not None:
        assert after in ("neither", names[before])
    assert (before, after) != ("both", "both")


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (None, "Missing (NA)"),
        ("", "Missing (Blank)"),
        ("  ", "Missing (Blank)"),
        ("061148103", "Too few characters"),
        ("A", "Too few characters"),
        ("06114810301", "Too many characters"),
        ("0611481030\n", "Too many characters"),
        (" 611481030", "Invalid character(s) present"),
        ("06-1148103", "Invalid character(s) present"),
        ("061148103\u0660", "Invalid character(s) present"),
        ("\uff10611481030", "Invalid character(s) present"),
        ("0013481030", "Invalid date"),
        ("0000000000", "Invalid date"),
        ("0611481033", "Invalid checksum"),
    ],
)
def test_the_first_fault_is_named(text: str | None, verdict: str) -> None:
    beside = "0611481030"
    assert verdicts(beside, text, beside) == [VALID_CHI, verdict, VALID_CHI]
    assert checks(text) == ["neither" if verdict == "Invalid checksum" else None]


def test_an_empty_column_and_lazy_frames_and_groups_are_answered() -> None:
    empty = pl.DataFrame(schema={"text": pl.String}).select(chi_check(TEXT).alias("chi")).unnest("chi")
    assert empty.schema == {"verdict": pl.Enum(CHI_VERDICTS), "check": pl.Enum(CHECKS)}
    rows = pl.DataFrame({"lab": [1, 1, None], "text": ["0611481030", None, "0301584280"]})
    verdict = chi_check(TEXT).struct.field("verdict")
    assert rows.lazy().filter(verdict == VALID_CHI).collect(engine="streaming").height == 2
    assert rows.group_by("lab", maintain_order=True).agg((verdict == VALID_CHI).sum())["verdict"].to_list() == [1, 1]


def test_a_number_without_its_leading_nought_is_padded_and_nothing_else_is() -> None:
    texts = ("611481030", "0611481030", "61148103", "61148103A", "", None)
    assert ask(chi_pad(TEXT), *texts) == ["0611481030", *texts[1:]]
    numbers = pl.DataFrame({"text": [611481030, 3105647171, None]})
    padded = numbers.select(chi_check(chi_pad(TEXT)).struct.field("verdict")).to_series()
    assert padded.to_list() == [VALID_CHI, VALID_CHI, "Missing (NA)"]


def test_an_nhs_number_by_hand() -> None:
    """999000001: 9*10 + 9*9 + 9*8 + 1*2 = 245, 245 modulo 11 is 3, so the digit is 8. 999 is set aside for tests."""
    assert ask(nhs_number_check(TEXT), "9990000018", "9990000019") == ["Valid number", "Invalid checksum"]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (None, "Missing (NA)"),
        ("", "Missing (Blank)"),
        ("999 000 0018", "Too many characters"),
        ("99900000", "Too few characters"),
        ("999000001X", "Invalid character(s) present"),
    ],
)
def test_what_is_no_nhs_number_says_why(text: str | None, verdict: str) -> None:
    assert ask(nhs_number_check(TEXT), text) == [verdict]
    assert verdict in NHS_VERDICTS


@given(st.from_regex(r"\A[0-9]{10}\Z"))
def test_an_nhs_number_passes_where_a_chi_number_passes_modulus_11(number: str) -> None:
    digits = [int(letter) for letter in number]
    passes = sum((10 - place) * digit for place, digit in enumerate(digits)) % 11 == 0
    assert ask(nhs_number_check(TEXT), number) == ["Valid number" if passes else "Invalid checksum"]


def test_the_issuer_is_known_by_the_range() -> None:
    edges = {
        "0101009999": "none known",
        "0101010000": "Scotland",
        "3112999999": "Scotland",
        "3200000009": "England, Wales and Isle of Man",
        "3200000010": "Northern Ireland",
        "3999999999": "Northern Ireland",
        "4000000000": "England, Wales and Isle of Man",
        "5000000000": "none known",
        "7999999999": "England, Wales and Isle of Man",
        "9990000018": "none known",
        "400": None,
    }
    assert ask(health_number_issuer(TEXT), *edges, None) == [*edges.values(), None]


@pytest.mark.parametrize(
    ("looks_like", "right", "wrong"),
    [
        (
            looks_like_postcode,
            ["EH16 4SB", "eh164sb", "G12 8QQ", "g1  1aa", "W1A 1AA", "EC1A 1BB", "M1 1AE", "ZE1 0AA", "JE2 3AB"],
            ["EH16", "XX1 1AA", "EH16 4CB", "EH16 44B", "see EH16 4SB", "EH164 SB", "E16 4S", ""],
        ),
        (
            looks_like_email,
            ["jean.smith@nhs.scot", "a+b@lab.nhs.uk", "O'Neil@x-y.org"],
            ["@nhs.scot", "a@b", "a@.org", "a b@c.org", "a@b.org.", "a@@b.org", ""],
        ),
        (
            looks_like_uk_phone,
            [
                "0131 496 0000",
                "07700900123",
                "(01632) 960 001",
                "+44 131 496 0000",
                "0044 (0)20 7946 0018",
                "0163296000",
            ],
            ["0131", "131 496 0000", "+1 212 555 0100", "01314960000123", "0431 496 0000", "0131 496 0000 x", ""],
        ),
    ],
)
def test_a_written_form_is_known(looks_like: Question, right: list[str], wrong: list[str]) -> None:
    assert ask(looks_like(TEXT), *right) == [True] * len(right)
    assert ask(looks_like(TEXT), *wrong) == [False] * len(wrong)
    assert ask(looks_like(TEXT), None) == [None]


@pytest.mark.parametrize(
    ("holds", "text"),
    [(holds_postcode, "EH16 4SB"), (holds_email, "jean.smith@nhs.scot"), (holds_uk_phone, "0131 496 0000")],
)
def test_a_form_is_found_within_words_and_not_within_a_longer_one(holds: Question, text: str) -> None:
    found = ask(holds(TEXT), text, f"({text})", f"see {text}, please", text.replace(" ", ""), "see nothing", "", None)
    assert found == [True] * 4 + [False, False, None]
    if holds is not holds_email:
        assert ask(holds(TEXT), f"9{text}", f"{text}9", f"A{text}A") == [False] * 3
