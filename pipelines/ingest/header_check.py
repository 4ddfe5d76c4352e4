"""The columns of a submission against its contract: missing, repeated, extra, or those of another extract."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from catalogue.contracts import Contract
from pipelines.ingest.identifiers import find_in_words, names_an_identifier
from pipelines.ingest.refusal import RefusedError

EXTRA = "extra:"
EXTRA_LIMIT = 100
OTHER_DELIMITERS = (";", "\t", "|")
PLAIN_WORDS = re.compile(r"[A-Za-z][A-Za-z0-9_ ]{0,39}")


@dataclass(frozen=True)
class Columns:
    """The columns of a submission in the order sent: contract columns by name, others as `extra:<place>`."""

    sent: list[str]
    drift: tuple[str, ...]

    @property
    def extra(self) -> list[str]:
        """The columns that the contract does not know."""
        return [name for name in self.sent if name.startswith(EXTRA)]

    def place(self, name: str) -> str:
        """How a message names a column of the file."""
        return f"column {name.removeprefix(EXTRA)}" if name.startswith(EXTRA) else name


def check_columns(header: Sequence[str], contract: Contract, contracts: Mapping[str, Contract]) -> Columns:
    """The submission's columns; RefusedError where they are not those of the contract or name an identifier."""
    wanted = set(contract.names)
    check_delimiter(header, contract.names)
    others = [name for name in header if name not in wanted]
    check_missing(header, contract.names, _other_extract(header, contract, contracts))
    named = [name for name in header if name.strip()]
    if len(set(named)) < len(named):
        twice = sorted({name for name in named if name in wanted and named.count(name) > 1})
        which = f": {', '.join(twice)}" if twice else ""
        raise RefusedError(f"The header names a column twice{which}. Send each column once.")
    for place, name in enumerate(header, 1):
        if name not in wanted and (names_an_identifier(name) or find_in_words(name)):
            raise RefusedError(
                f"The header of column {place} names or holds something that identifies a person. "
                "Remove the column at its source; no submission may hold it."
            )
    if len(others) > EXTRA_LIMIT:
        raise RefusedError(f"The file has {len(others):,} columns beyond those agreed. Send only the columns agreed.")
    sent = [name if name in wanted else f"{EXTRA}{place}" for place, name in enumerate(header, 1)]
    drift = tuple(shown(name, place) for place, name in enumerate(header, 1) if name not in wanted)
    return Columns(sent, drift)


def check_delimiter(header: Sequence[str], wanted: Iterable[str]) -> None:
    """RefusedError where the header reads well with another delimiter."""
    if len(header) == 1:
        for delimiter in OTHER_DELIMITERS:
            if set(header[0].split(delimiter)) & set(wanted):
                raise RefusedError("The fields are not separated by commas. Save the file as comma-separated CSV.")


def check_missing(header: Sequence[str], wanted: Sequence[str], other: str | None = None) -> None:
    """RefusedError that lists the columns missing, or says whose columns these are."""
    missing = [name for name in wanted if name not in header]
    if missing and other:
        raise RefusedError(f"The file holds the columns of the {other} extract. Send it under that extract's name.")
    if missing:
        listed = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        raise RefusedError(
            f"The header lacks {listed}. Send every column agreed, spelt as agreed, even where it is empty."
        )


def shown(name: str, place: int) -> str:
    """How a message names an extra column: by name only where that is plain words that identify nobody."""
    return name if PLAIN_WORDS.fullmatch(name) and not find_in_words(name) else f"column {place}"


def _other_extract(header: Sequence[str], contract: Contract, contracts: Mapping[str, Contract]) -> str | None:
    held = set(header)
    others = [other.extract for other in contracts.values() if other is not contract and held >= set(other.names)]
    return others[0] if others else None
