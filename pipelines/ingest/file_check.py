"""The bytes of a CSV file: encoding, line ends, quoting and the same number of fields in every record.

The dialect is stated, never sniffed: UTF-8 (a byte order mark is dropped), comma, double quotes, one header row, line
ends LF or CRLF. A CSV reader mends or skips what breaks these rules; here it refuses the file, with the row.
"""

from __future__ import annotations

import codecs
import csv
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.ingest.refusal import RefusedError

MARK = codecs.BOM_UTF8
CHUNK = 1 << 20
HEADER_LIMIT = 1 << 16
RECORD_LIMIT = 1 << 20
CELL_LIMIT = 100_000_000
LF, CR, TAB, COMMA, QUOTE, SPACE = 10, 13, 9, 44, 34, 32

# Characters that cannot be seen can hide an identifier from a reader and from a check.
INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
CONTROL = "holds a control or invisible character. Remove it and send the file again."
QUOTING = "has broken quoting: write a quote within a field twice, and close every quoted field."

Positions = NDArray[np.int64]


@dataclass(frozen=True)
class Header:
    """The first line: its fields as sent, and where the records begin."""

    fields: list[str]
    records_at: int


@dataclass(frozen=True)
class Records:
    """What was found of the records of a CSV file."""

    count: int
    has_quotes: bool
    ends_with_line_end: bool
    is_ascii: bool


def row_of(record: int) -> int:
    """The row number that a spreadsheet shows for a record counted from 0: the header is row 1."""
    return record + 2


def read_header(content: bytes) -> Header:
    """The header's fields; RefusedError for an empty file, or where the first line is no header of a CSV file."""
    begin = len(MARK) if content.startswith(MARK) else 0
    if not content[begin : begin + 1024].strip():
        raise RefusedError("The file is empty. Send the header and the rows of the period.")
    end = content.find(b"\n", begin, begin + HEADER_LIMIT)
    if end < 0:
        if len(content) - begin > HEADER_LIMIT:
            raise RefusedError(
                "The first line is far longer than a header. Send one header row, with the columns agreed."
            )
        end = len(content)
    try:
        line = content[begin:end].decode("utf-8").removesuffix("\r")
    except UnicodeDecodeError:
        raise RefusedError("The header is not UTF-8. Save the file as CSV UTF-8 and send it again.") from None
    if INVISIBLE.search(line.replace("\r", "\x00")):
        raise RefusedError(f"The header {CONTROL}")
    try:
        fields = next(csv.reader([line], strict=True), [])
    except csv.Error:
        raise RefusedError(f"The header {QUOTING}") from None
    return Header(fields, min(end + 1, len(content)))


def check_records(content: bytes, header: Header) -> Records:
    """Check every record after the header; RefusedError names the first row that is wrong and what is wrong with it."""
    is_ascii = _check_encoding(content)
    has_quotes = content.find(b'"', header.records_at) >= 0
    scan = _Scan(content, header, has_quotes)
    for begin in range(header.records_at, len(content), CHUNK):
        scan.read(begin, min(begin + CHUNK, len(content)))
    return Records(scan.finish(), has_quotes, scan.ends_with_line_end, is_ascii)


def _check_encoding(content: bytes) -> bool:
    """Whether the file is plain ASCII; RefusedError where it is not UTF-8 or holds what cannot be seen."""
    if content.isascii():
        if (at := content.find(b"\x7f")) >= 0:
            raise RefusedError(f"Line {_line(content, at)} {CONTROL}")
        return True
    decoder = codecs.getincrementaldecoder("utf-8")()
    begin = len(MARK) if content.startswith(MARK) else 0
    try:
        for at in range(begin, len(content), CHUNK):
            if INVISIBLE.search(decoder.decode(content[at : at + CHUNK])):
                raise RefusedError(f"Line {_line(content, at)} or one soon after {CONTROL}")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise RefusedError(
            f"Line {_line(content, at)} or one soon after is not UTF-8. Save the file as CSV UTF-8 and send it again."
        ) from None
    return False


def _line(content: bytes, at: int) -> int:
    return content.count(b"\n", 0, at) + 1


class _Scan:
    """Walks through the bytes chunk by chunk and remembers what a record or a quoted field carries across."""

    def __init__(self, content: bytes, header: Header, has_quotes: bool) -> None:
        self._bytes = np.frombuffer(content, np.uint8)
        self._fields = len(header.fields)
        self._has_quotes = has_quotes
        self._record_begins = header.records_at
        self._records = 0
        self._commas = 0
        self._is_quoted = False
        self.ends_with_line_end = True

    def read(self, begin: int, end: int) -> None:
        chunk = self._bytes[begin:end]
        low = np.flatnonzero(chunk < SPACE)
        ends = low[chunk[low] == LF]
        commas = np.flatnonzero(chunk == COMMA)
        if self._has_quotes:
            quotes = np.flatnonzero(chunk == QUOTE)
            was_quoted = self._is_quoted
            ends, commas = (self._outside(where, quotes, was_quoted) for where in (ends, commas))
            self._check_quotes(quotes + begin, ends + begin)
            self._is_quoted = bool((was_quoted + quotes.size) % 2)
        self._check_control(low + begin, ends + begin)
        self._count_fields(begin, end, ends, commas)

    def _outside(self, where: Positions, quotes: Positions, was_quoted: bool) -> Positions:
        """Those positions that do not lie within a quoted field."""
        kept: Positions = where[(np.searchsorted(quotes, where) + was_quoted) % 2 == 0]
        return kept

    def _check_quotes(self, quotes: Positions, ends: Positions) -> None:
        """A quote opens only at the start of a field and closes only at its end; a doubled one closes and opens."""
        opens = (np.arange(quotes.size) + self._is_quoted) % 2 == 0
        before = self._bytes[quotes - 1]
        after = self._bytes[np.minimum(quotes + 1, self._bytes.size - 1)]
        opens_well = np.isin(before, (COMMA, LF, QUOTE))
        closes_well = np.isin(after, (COMMA, LF, CR, QUOTE)) | (quotes == self._bytes.size - 1)
        wrong = quotes[~np.where(opens, opens_well, closes_well)]
        if wrong.size:
            self._refuse(int(np.searchsorted(ends, wrong[0])), QUOTING)

    def _check_control(self, low: Positions, ends: Positions) -> None:
        kinds = self._bytes[low]
        after = self._bytes[np.minimum(low + 1, self._bytes.size - 1)]
        allowed = (kinds == LF) | (kinds == TAB) | ((kinds == CR) & (after == LF))
        if not allowed.all():
            self._refuse(int(np.searchsorted(ends, low[~allowed][0])), CONTROL)

    def _count_fields(self, begin: int, end: int, ends: Positions, commas: Positions) -> None:
        upto = np.searchsorted(commas, ends)
        if ends.size:
            counts = np.diff(upto, prepend=0)
            counts[0] += self._commas
            wrong = np.flatnonzero(counts != self._fields - 1)
            if wrong.size:
                self._refuse(int(wrong[0]), self._ragged(int(counts[wrong[0]])))
            lengths = np.diff(ends + begin, prepend=self._record_begins)
            if lengths.max() > RECORD_LIMIT:
                self._refuse(int(lengths.argmax()), self._too_long())
            self._records += ends.size
            self._record_begins = int(ends[-1]) + begin + 1
            self._commas = 0
        self._commas += commas.size - (int(upto[-1]) if ends.size else 0)
        if end - self._record_begins > RECORD_LIMIT:
            self._refuse(0, self._too_long())
        if self._records * self._fields > CELL_LIMIT:
            raise RefusedError(
                "The file holds far more fields than a submission does. Send only the rows of its period."
            )

    def finish(self) -> int:
        """The number of records; RefusedError where the last one is cut off."""
        if self._is_quoted:
            raise RefusedError(
                f"A quoted field that begins in row {row_of(self._records)} is never closed: the quoting is broken or "
                "the file is cut off. Send it again."
            )
        if self._record_begins < self._bytes.size:
            self.ends_with_line_end = False
            if self._commas != self._fields - 1:
                raise RefusedError(f"The file is cut off in row {row_of(self._records)}. Send it again, complete.")
            self._records += 1
        return self._records

    def _refuse(self, records_on: int, problem: str) -> None:
        raise RefusedError(f"Row {row_of(self._records + records_on)} {problem}")

    def _ragged(self, commas: int) -> str:
        return (
            f"has {commas + 1:,} fields where the header has {self._fields:,}. Correct the row and send the file again."
        )

    def _too_long(self) -> str:
        return f"is longer than {RECORD_LIMIT // 1024:,} KiB. Send only the columns agreed."
