"""Whether a text is, or holds, an identifier of a person: check digits and written forms used in the United Kingdom.

Nothing here says that a number was issued, or to whom: a check digit catches slips of the pen. Of ten digits at random
that begin with a real day, 9% pass the modulus 11 test, 10% the modulus 10 test, and 18% one or both.
"""

from __future__ import annotations

import polars as pl

VALID_CHI = "Valid CHI"
#: What is found of a CHI number, in the words that Public Health Scotland's analysts know.
CHI_VERDICTS = (
    "Missing (NA)",
    "Missing (Blank)",
    "Too few characters",
    "Too many characters",
    "Invalid character(s) present",
    "Invalid date",
    "Invalid checksum",
    VALID_CHI,
)
#: What is found of an NHS number or a Health and Care number.
NHS_VERDICTS = (*CHI_VERDICTS[:5], "Invalid checksum", "Valid number")
#: Which test the last digit passes.
CHECKS = ("neither", "modulus 11", "modulus 10", "both")
#: Who issues a number of ten digits.
ISSUERS = ("Scotland", "Northern Ireland", "England, Wales and Isle of Man", "none known")
# Ten digits compare as text as they do as numbers.
ISSUED = (
    ("0101010000", "3112999999", "Scotland"),
    ("3113000000", "3200000009", "England, Wales and Isle of Man"),
    ("3200000010", "3999999999", "Northern Ireland"),
    ("4000000000", "4999999999", "England, Wales and Isle of Man"),
    ("6000000000", "7999999999", "England, Wales and Isle of Man"),
)

#: Pairs of what may be wrong and its words, the gravest first.
Faults = list[tuple[pl.Expr, str]]

TEN_DIGITS = "^[0-9]{10}$"
# A day as DDMMYY. Of 1900 and 2000 only the latter has a 29 February; every other year is as its namesake.
DAY = (
    "(?:(?:0[1-9]|[12][0-9]|3[01])(?:0[13578]|1[02])[0-9]{2}"
    "|(?:0[1-9]|[12][0-9]|30)(?:0[469]|11)[0-9]{2}"
    "|(?:0[1-9]|1[0-9]|2[0-8])02[0-9]{2}"
    "|2902(?:[02468][048]|[13579][26]))"
)

SINGLE = "B|E|G|L|M|N|S|W"
DOUBLE = (
    "AB|AL|BA|BB|BD|BH|BL|BN|BR|BS|BT|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|DH|DL|DN|DT|DY|EC|EH|EN|EX|FK|FY|GL|"
    "GU|GY|HA|HD|HG|HP|HR|HS|HU|HX|IG|IM|IP|IV|JE|KA|KT|KW|KY|LA|LD|LE|LL|LN|LS|LU|ME|MK|ML|NE|NG|NN|NP|NR|NW|OL|OX|"
    "PA|PE|PH|PL|PO|PR|RG|RH|RM|SA|SE|SG|SK|SL|SM|SN|SO|SP|SR|SS|ST|SW|SY|TA|TD|TF|TN|TQ|TR|TS|TW|UB|WA|WC|WD|WF|WN|"
    "WR|WS|WV|YO|ZE"
)
DISTRICT, INWARD = r"[0-9][0-9A-Z]?\s{0,2}", "[0-9][ABD-HJLNP-UW-Z]{2}"
EMAIL_DOMAIN = r"@[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*\.[A-Za-z]{2,}"
# The country or a nought, then nine or ten digits, of which the first is one in use.
PHONE = (
    r"(?:(?:\+|00)\s?44[\s-]?(?:\(0\)\s?|0)?|\(?0)[1-35789][0-9]"
    r"(?:[\s()\-]{0,2}[0-9]){7,8}"
)
EDGE, END = r"(?:^|[^0-9A-Za-z])", r"(?:$|[^0-9A-Za-z])"
# `S1 2nd` is no postcode: one letter of the area in capitals asks for capitals at the end.
POSTCODE_WITHIN = (
    rf"{EDGE}(?:(?:{SINGLE}){DISTRICT}{INWARD}"
    rf"|(?i:(?:{DOUBLE}){DISTRICT}{INWARD})"
    rf"|(?:{SINGLE.lower()})[0-9][0-9a-z]?\s{{0,2}}{INWARD.lower()}){END}"
)


def chi_check(text: pl.Expr, modulus_11: bool = True, modulus_10: bool = True) -> pl.Expr:
    """Whether a text is a CHI number: ten digits, DDMMYY of a real day, three more, and a check digit.

    text: strings or whole numbers. modulus_11, modulus_10: which tests of the check digit count; where both do, passing
    either is enough. Numbers of the newer kind, given where a day of birth has no modulus 11 numbers left, carry a
    modulus 10 (Luhn) digit.
    Returns a struct of `verdict` (an Enum of CHI_VERDICTS; the first fault in that order) and `check` (an Enum of
    CHECKS: which tests the number passes, whichever count; null unless it is ten digits that begin with a day), so
    that numbers that rest on one test alone can be counted.

    The century is not known from two digits: a day that is real in either is taken, which is only to say that
    29 February of year 00 passes; the package, which reads 00 to 68 as 2000 to 2068, says the same of every day.

    Source: Public Health Scotland, phsmethods 1.1.0 `chi_check` and its branch feature/mod10 (July 2026), of which the
    order of faults; Luhn 1960, US patent 2950048.
    """
    if not (modulus_11 or modulus_10):
        raise ValueError("no test is left: one of modulus_11 and modulus_10 must be true")
    text = text.cast(pl.String)
    digits = _digits(text)
    passes_11, passes_10 = _passes_modulus_11(digits).cast(pl.UInt8), _passes_modulus_10(digits).cast(pl.UInt8)
    faults = [*_faults_of_ten_digits(text), (~text.str.contains(f"^{DAY}"), "Invalid date")]
    counts = (False, modulus_11, modulus_10, True)
    outcomes = pl.DataFrame(
        {
            "verdict": [word for _, word in faults] + [VALID_CHI if valid else "Invalid checksum" for valid in counts],
            "check": [None] * len(faults) + list(CHECKS),
        },
        schema={"verdict": pl.Enum(CHI_VERDICTS), "check": pl.Enum(CHECKS)},
    )
    return _outcome(faults, len(faults) + passes_11 + 2 * passes_10, outcomes.to_struct("chi"))


def chi_pad(text: pl.Expr) -> pl.Expr:
    """The text with its leading nought where it is nine digits, as when a spreadsheet took a CHI number for a number.

    text: strings or whole numbers. Returns strings; whatever is not nine digits is returned as it is.

    Source: Public Health Scotland, phsmethods 1.1.0 `chi_pad`.
    """
    text = text.cast(pl.String)
    return pl.when(text.str.contains("^[0-9]{9}$")).then("0" + text).otherwise(text)


def nhs_number_check(text: pl.Expr) -> pl.Expr:
    """Whether a text is ten digits of which the last is the modulus 11 check digit of the nine before it.

    So it is for NHS numbers of England, Wales and the Isle of Man and for Health and Care numbers of Northern Ireland;
    which of them a number can be is for `health_number_issuer` to say. Most CHI numbers pass too.
    text: strings or whole numbers, without spaces.
    Returns an Enum of NHS_VERDICTS, the first fault in that order.

    Source: NHS Data Model and Dictionary, NHS Number (data element and check digit algorithm).
    """
    text = text.cast(pl.String)
    faults = [*_faults_of_ten_digits(text), (~_passes_modulus_11(_digits(text)), "Invalid checksum")]
    outcomes = pl.Series([*(word for _, word in faults), "Valid number"], dtype=pl.Enum(NHS_VERDICTS))
    return _outcome(faults, pl.lit(len(faults), pl.UInt8), outcomes)


def health_number_issuer(text: pl.Expr) -> pl.Expr:
    """Which part of the United Kingdom issues numbers in the range of a number of ten digits.

    text: strings or whole numbers, without spaces; neither the check digit nor the day in a CHI number is looked at.
    Returns an Enum of ISSUERS; null where the text is not ten digits. "none known" holds the ranges of test numbers,
    such as those that begin with 999, and any range that was opened since.

    Source: NHS Data Model and Dictionary, NHS Number; ranges as Wikipedia, NHS number, lists them in 2026.
    """
    text = text.cast(pl.String)
    issuers = pl.Enum(ISSUERS)
    found = pl.lit("none known", issuers)
    for lowest, highest, issuer in ISSUED:
        found = pl.when(text.is_between(pl.lit(lowest), pl.lit(highest))).then(pl.lit(issuer, issuers)).otherwise(found)
    return pl.when(text.str.contains(TEN_DIGITS)).then(found)


def looks_like_postcode(text: pl.Expr) -> pl.Expr:
    """Whether a text is written as a postcode of the United Kingdom or the Crown Dependencies, in an area that exists.

    Capitals or not, a space or two or none. Areas that are no place, such as BX of large organisations, are left out.
    Whether the postcode exists takes a directory to say.

    Source: British Standard BS 7666; Royal Mail, Programmers' Guide to PAF, edition 7.
    """
    return text.str.contains(rf"^(?i:(?:{SINGLE}|{DOUBLE}){DISTRICT}{INWARD})$")


def holds_postcode(text: pl.Expr) -> pl.Expr:
    """Whether a postcode stands somewhere in a text, apart from other letters and digits.

    Stricter than `looks_like_postcode` where words could be taken for one: an area of one letter is found only where
    all its letters are capitals, or none.

    Source: as for `looks_like_postcode`.
    """
    return text.str.contains(POSTCODE_WITHIN)


def looks_like_email(text: pl.Expr) -> pl.Expr:
    """Whether a text is written as an e-mail address with a domain that has a dot.

    Source: WHATWG, HTML Living Standard, valid e-mail address, which leaves out the quotes and comments of RFC 5322.
    """
    return text.str.contains(rf"^[0-9A-Za-z.!#$%&'*+/=?^_`{{|}}~-]+{EMAIL_DOMAIN}$")


def holds_email(text: pl.Expr) -> pl.Expr:
    """Whether an e-mail address stands somewhere in a text.

    Source: as for `looks_like_email`.
    """
    return text.str.contains(rf"[0-9A-Za-z.!#$%&'*+/=?^_`{{|}}~-]{EMAIL_DOMAIN}")


def looks_like_uk_phone(text: pl.Expr) -> pl.Expr:
    """Whether a text is written as a telephone number of the United Kingdom: +44, 0044 or 0, and nine or ten digits.

    Spaces, hyphens and brackets may stand between the digits; the number begins as numbers in use do (1, 2, 3, 5, 7, 8
    or 9 after the nought).

    Source: Ofcom, The National Telephone Numbering Plan.
    """
    return text.str.contains(f"^{PHONE}$")


def holds_uk_phone(text: pl.Expr) -> pl.Expr:
    """Whether a telephone number of the United Kingdom stands somewhere in a text, not within a longer number.

    Source: as for `looks_like_uk_phone`.
    """
    return text.str.contains(rf"(?:^|[^0-9A-Za-z.]){PHONE}{END}")


def _faults_of_ten_digits(text: pl.Expr) -> Faults:
    """What keeps a text from being ten digits, in the order in which it is said."""
    length = text.str.len_chars()
    return [
        (text.is_null(), "Missing (NA)"),
        (text.str.contains(r"^\s*$"), "Missing (Blank)"),
        (length < 10, "Too few characters"),
        (length > 10, "Too many characters"),
        (~text.str.contains(TEN_DIGITS), "Invalid character(s) present"),
    ]


def _outcome(faults: Faults, otherwise: pl.Expr, outcomes: pl.Series) -> pl.Expr:
    """What stands in `outcomes` at the place of the first fault that holds, or where none does at place `otherwise`.

    One look-up, so that no test is made twice where an outcome has several fields.
    """
    place = otherwise
    for at, (fault, _) in reversed(list(enumerate(faults))):
        place = pl.when(fault).then(pl.lit(at, pl.UInt8)).otherwise(place)
    return pl.lit(outcomes).gather(place)


def _digits(text: pl.Expr) -> pl.Expr:
    """The digits of a text of ten, as an array; null or without meaning for any other text."""
    ten = pl.when(text.str.len_bytes() == 10).then(text)
    return ten.cast(pl.Binary).bin.reinterpret(dtype=pl.Array(pl.UInt8, 10)) - ord("0")


def _passes_modulus_11(digits: pl.Expr) -> pl.Expr:
    """Whether the digits, weighted 10, 9 ... 1, add up to a multiple of 11: no check digit of 10 can be written."""
    weights = pl.lit([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], pl.Array(pl.UInt16, 10))
    return (digits * weights).arr.sum() % 11 == 0


def _passes_modulus_10(digits: pl.Expr) -> pl.Expr:
    """Whether the digits, every other one doubled and its own two digits added, add up to a multiple of 10."""
    doubled = digits * pl.lit([2, 1] * 5, pl.Array(pl.UInt8, 10))
    # Modulo 10, the digits of 16 add up as 16 and 1 do.
    return (doubled + doubled // 10).arr.sum() % 10 == 0
