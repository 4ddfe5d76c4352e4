"""What looks like an identifier of a person: CHI numbers, postcodes, e-mail addresses, phone numbers, and their names.

Patterns run over whole columns in linear time; only the few values that could hold a CHI number are looked at one by
one. Nothing here keeps or returns a value: only what kind of identifier it is, and in which row.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from methods.identifiers import VALID_CHI, chi_check, holds_email, holds_postcode, holds_uk_phone

# Between the digits of a CHI number as people write it: spaces, hyphens and dashes, slashes.
GAP = r"[\s\-\u2010-\u2015\u2212/]{0,2}"
MAY_HOLD_CHI = (
    rf"[0-3]{GAP}[0-9]{GAP}[01](?:{GAP}[0-9]){{7}}"
    r"|[0-3][0-9]\.[01][0-9]\.[0-9]{2}[.\s-]?[0-9]{4}"
)
# Ten digits that stand alone or behind a short prefix (`P0611481030`), not within a longer number or a hash.
TEN_DIGITS = re.compile(
    rf"(?<![0-9A-Za-z])(?<![0-9]\.)(?:[A-Za-z]{{0,3}}|[Cc][Hh][Ii][A-Za-z]{{0,10}})(?=((?:[0-9]{GAP}){{9}}[0-9])[A-Za-z]{{0,3}}(?![0-9A-Za-z]))"
)
DOTTED = re.compile(r"(?<![0-9.])([0-9]{2}\.[0-9]{2}\.[0-9]{2}[.\s-]?[0-9]{4})(?![0-9])")
NO_DIGIT = re.compile(r"[^0-9]")
IS_CHI = chi_check(pl.col("digits")).struct.field("verdict") == VALID_CHI
# A day and an hour have ten digits too: 2026-03-14 10, 14/03/2026 10.
DAY_AND_HOUR = re.compile(r"(?:[0-9]{4}\D+[0-9]{2}\D+[0-9]{2}|[0-9]{2}\D+[0-9]{2}\D+[0-9]{4})\D+[0-9]{2}")

CHI = "a CHI number"
KINDS: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    CHI: lambda text: text.str.contains(MAY_HOLD_CHI),
    "a postcode": holds_postcode,
    "an e-mail address": holds_email,
    "a phone number": holds_uk_phone,
}
# Of those that may hold a CHI number, so many are looked at before the next.
BATCH = 500
HASH_LIKE = r"[0-9][A-Za-z]+[0-9]"
# Never taken for chance: a number behind a prefix is how an identifier is disguised.
PREFIXED_NUMBER = re.compile(r"[A-Za-z]{0,3}[0-9]{10}")

# Over a header's words in lower case, a space between them.
NAMES = re.compile(
    r"(?:fore|sur|first|last|middle|given|family|maiden|full|patient|person) ?names?\b"
    r"|date ?of ?birth|birth ?da(?:te|y)|\bdob\b|\bd o b\b|address|post ?code|postal ?code"
    r"|\bchi\b|\bchi(?:number|num|no)\b|\bupi\b|nhs ?(?:number|num|no)\b"
    r"|\be ?mail|e ?mail\b|phone|\bmobile|\btel\b|\bfax\b"
)
NAME = re.compile(r"\bnames?\b")
# The name of one of these is no person's name.
NAMED_THINGS = re.compile(
    r"\b(?:test|gene|panel|variant|lab|laboratory|board|hospital|site|service|region|area|directory|technology|method|"
    r"assay|kit|platform|software|drug|file|column)\b"
)


@dataclass(frozen=True)
class Found:
    """An identifier was found: what kind, in which column, and in which record, counted from 0."""

    kind: str
    column: str
    record: int


def is_chi(text: str) -> bool:
    """Whether ten digits are a CHI number: a real day of birth and a check digit of modulus 11 or modulus 10."""
    return _first_chi([text]) == 0


def holds_chi(text: str) -> bool:
    """Whether a text holds a CHI number, spaced or not."""
    return _first_chi(_ten_digits(text)) is not None


def _ten_digits(text: str) -> list[str]:
    """The runs of ten digits in a text that could be a CHI number, as they are written."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    found = [match[1] for pattern in (TEN_DIGITS, DOTTED) for match in pattern.finditer(text)]
    return [digits for digits in found if not DAY_AND_HOUR.fullmatch(digits)]


def _first_chi(numbers: Sequence[str]) -> int | None:
    """The place of the first number that is a CHI number, whatever stands between its digits."""
    if not numbers:
        return None
    is_valid = pl.DataFrame({"digits": [NO_DIGIT.sub("", number) for number in numbers]}).select(IS_CHI).to_series()
    return is_valid.arg_max() if is_valid.any() else None


def find_in_words(text: str) -> str | None:
    """The kind of identifier that a single text holds, if any."""
    found = find_identifiers(pl.DataFrame({"text": [text]}))
    return found.kind if found else None


def find_identifiers(values: pl.DataFrame, pseudonyms: Iterable[str] = ()) -> Found | None:
    """The first identifier in a frame of text columns.

    pseudonyms: columns of well-formed identifiers agreed by contract. Where most of such a column mixes letters and
    digits like a hash, ten digits in a row within a longer mixture are chance, and are let pass; ten digits behind
    nothing but a short prefix never are.
    """
    if not values.width or not values.height:
        return None
    text = values.with_columns(pl.all().str.normalize("NFKC")) if not _is_ascii(values) else values
    hits = text.select(
        holds(pl.col(name)).fill_null(False).alias(f"{kind}:{name}")
        for name in text.columns
        for kind, holds in KINDS.items()
    )
    any_hit = hits.select(pl.all().any()).row(0)
    hash_like = _hash_like(text.select(name for name in pseudonyms if name in text.columns))
    for flag, is_hit in zip(hits.columns, any_hit, strict=True):
        kind, name = flag.split(":", 1)
        if not is_hit or (name in hash_like and kind != CHI):
            continue
        record = _first(text[name], hits[flag], kind, only_prefixed=name in hash_like)
        if record is not None:
            return Found(kind, name, record)
    return None


def _is_ascii(values: pl.DataFrame) -> bool:
    sizes = values.select(pl.all().str.len_bytes().sum() - pl.all().str.len_chars().sum())
    return not any(sizes.row(0))


def _first(values: pl.Series, hits: pl.Series, kind: str, only_prefixed: bool) -> int | None:
    """The first record that holds an identifier of that kind, among those that may.

    only_prefixed: look only at values that are a number behind a short prefix.
    """
    records = hits.arg_true()
    if kind != CHI:
        return int(records[0])
    for batch in records.to_frame("record").with_columns(value=values.gather(records)).iter_slices(BATCH):
        candidates = [
            (record, digits)
            for record, value in batch.iter_rows()
            if not only_prefixed or PREFIXED_NUMBER.fullmatch(value)
            for digits in _ten_digits(value)
        ]
        place = _first_chi([digits for _, digits in candidates])
        if place is not None:
            return int(candidates[place][0])
    return None


def _hash_like(values: pl.DataFrame) -> set[str]:
    """The columns of which most values have letters between digits."""
    if not values.width:
        return set()
    shares = values.select(pl.all().str.contains(HASH_LIKE).mean()).row(0)
    return {name for name, share in zip(values.columns, shares, strict=True) if (share or 0) > 0.5}


def names_an_identifier(header: str) -> bool:
    """Whether a column's name says that it holds a name, birth date, address, postcode, number or contact."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", unicodedata.normalize("NFKC", header)).lower()
    words = " ".join(re.findall(r"[a-z]+", apart))
    return bool(NAMES.search(words) or (NAME.search(words) and not NAMED_THINGS.search(words)))
