"""Who may see what: the roles, a reader, and the one file that says which claims of a sign-in give which role."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from catalogue.contracts import CatalogueError, Strict, read_yaml
from catalogue.reference import reference_rows

ENVIRONMENT = "GENOMICS_ACCESS"
DEFAULT = Path(__file__).with_name("access.yml")

#: The key of every reader where no sign-in is configured.
DEMONSTRATION = "demonstration"

#: The Scottish Government sends the programme's returns; the code is that of reference/code_lists.csv.
GOVERNMENT = "SGV"

LONGEST_NAME = 60

Reason = Literal[
    "signed_out",
    "unknown_session",
    "ended",
    "idle",
    "too_long",
    "token_expired",
    "revoked",
    "unknown_issuer",
    "unknown_audience",
    "unclear_claim",
    "unverified_email",
    "no_role",
    "unknown_board",
    "unknown_submitter",
    "wrong_role",
    "wrong_board",
    "wrong_submitter",
    "not_offered",
]


class Role(StrEnum):
    """What a reader may open; every role includes that of a viewer."""

    VIEWER = "viewer"
    BOARD_MANAGER = "board_manager"
    PLANNER = "planner"
    STEWARD = "steward"
    ADMINISTRATOR = "administrator"


#: Roles in the words of the screens.
ROLE_WORDS: Mapping[Role, str] = {
    Role.VIEWER: "Viewer",
    Role.BOARD_MANAGER: "Board manager",
    Role.PLANNER: "Planner",
    Role.STEWARD: "Data steward",
    Role.ADMINISTRATOR: "Administrator",
}


class NotAllowedError(Exception):
    """A reader asked for what is not theirs; the message is fit for a reader and holds no value, `reason` is a code."""

    def __init__(self, message: str, reason: Reason = "wrong_role") -> None:
        super().__init__(message)
        self.reason: Reason = reason


@dataclass(frozen=True)
class Reader:
    """Who is looking: a key that stands for the person, a name for the sidebar only, and what the roles reach.

    The name may be empty; it is neither stored nor recorded.
    """

    key: str
    name: str
    roles: frozenset[Role]
    boards: frozenset[str] = frozenset()
    submitters: frozenset[str] = frozenset()

    @property
    def is_demonstration(self) -> bool:
        """Whether nobody signed in, since no sign-in is configured."""
        return self.key == DEMONSTRATION

    def may(self, role: Role, *, board: str | None = None, submitter: str | None = None) -> bool:
        """Whether the reader has the role and, where they are named, the board and the submitter."""
        return self._refusal(role, board, submitter) is None

    def insist(self, role: Role, *, board: str | None = None, submitter: str | None = None) -> None:
        """Raises NotAllowedError where `may` says no."""
        refusal = self._refusal(role, board, submitter)
        if refusal is not None:
            raise refusal

    def _refusal(self, role: Role, board: str | None, submitter: str | None) -> NotAllowedError | None:
        if role not in self.roles:
            return NotAllowedError(f"This needs the role {ROLE_WORDS[role].lower()}, which you do not have.")
        if board is not None and (role is not Role.BOARD_MANAGER or board not in self.boards):
            return NotAllowedError("This belongs to a health board that is not yours.", "wrong_board")
        if submitter is not None and (role is not Role.STEWARD or submitter not in self.submitters):
            return NotAllowedError("This belongs to a submitter that is not yours.", "wrong_submitter")
        return None


def demonstration(role: Role = Role.VIEWER, *, board: str | None = None, submitter: str | None = None) -> Reader:
    """The reader of a demonstration in a chosen role; for a synthetic release without sign-in, and for tests."""
    return Reader(
        key=DEMONSTRATION,
        name="Demonstration",
        roles=frozenset({Role.VIEWER, role}),
        boards=frozenset(code for code in boards() if code == board) if role is Role.BOARD_MANAGER else frozenset(),
        submitters=frozenset(code for code in submitters() if code == submitter)
        if role is Role.STEWARD
        else frozenset(),
    )


@cache
def boards() -> frozenset[str]:
    """The codes of the territorial health boards: those that have exact detail of their own."""
    return frozenset(row["code"] for row in reference_rows("boards") if row["is_territorial"] == "yes")


@cache
def submitters() -> frozenset[str]:
    """The codes of all who send extracts: the Scottish laboratories, the health boards and the Scottish Government."""
    laboratories = {row["code"] for row in reference_rows("laboratories") if row["is_scottish"] == "yes"}
    return frozenset(laboratories | {row["code"] for row in reference_rows("boards")} - {"OUTSIDE"} | {GOVERNMENT})


Text = Annotated[str, Field(min_length=1, max_length=300)]


class Claims(Strict):
    """The names of the claims that are read; the others of a sign-in are not looked at."""

    roles: Text
    board: Text
    submitter: Text
    name: Text


class Limits(Strict):
    """How long a sign-in lasts: without a click, and at all."""

    idle_minutes: Annotated[float, Field(gt=0, le=24 * 60)]
    absolute_hours: Annotated[float, Field(gt=0, le=24)]

    @property
    def idle_seconds(self) -> float:
        """The longest time between two clicks."""
        return self.idle_minutes * 60

    @property
    def absolute_seconds(self) -> float:
        """The longest time from signing in to the last click."""
        return self.absolute_hours * 3600


class Rules(Strict):
    """The file that maps claims to roles; what it does not name gives nothing."""

    issuers: dict[Text, Annotated[list[Text], Field(min_length=1)]]
    claims: Claims
    roles: dict[Text, Role]
    limits: Limits
    ask: Annotated[str, Field(min_length=3, max_length=200)]


class AccessFileError(Exception):
    """The file that maps claims to roles cannot be used; the message names the file and the field."""


def rules() -> Rules:
    """The rules in force: GENOMICS_ACCESS names a deployment's own file. A change is in force at the next click."""
    path = Path(os.environ.get(ENVIRONMENT) or DEFAULT)
    try:
        stamp = path.stat()
    except OSError:
        raise AccessFileError(f"{path.name}: the file that {ENVIRONMENT} names cannot be read") from None
    return _read(path, stamp.st_mtime_ns, stamp.st_size)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int, size: int) -> Rules:  # noqa: ARG001 - parts of the cache's key
    try:
        return read_yaml(path, Rules)
    except (OSError, UnicodeDecodeError, TypeError):
        raise AccessFileError(f"{path.name}: cannot be read as YAML with keys at its top") from None
    except CatalogueError as problem:
        raise AccessFileError(str(problem)) from None


def reader_key(claims: Mapping[str, object]) -> str:
    """What stands for a person in sessions and the audit trail: from issuer and subject, the same at every sign-in."""
    return hashlib.sha256(f"{claims.get('iss')}|{claims.get('sub')}".encode()).hexdigest()[:16]


def reader_of(claims: Mapping[str, object], given: Rules) -> Reader:
    """The reader that a sign-in's claims make; NotAllowedError where they do not clearly give a role.

    claims: those of an ID token whose signature the sign-in has checked.
    """
    _insist_on_source(claims, given)
    names = given.claims
    roles = {given.roles[value] for value in _texts(claims, names.roles) if value in given.roles}
    if not roles:
        raise NotAllowedError("Your sign-in gives you no role in this dashboard.", "no_role")
    own_boards: frozenset[str] = frozenset()
    own_submitters: frozenset[str] = frozenset()
    if Role.BOARD_MANAGER in roles:
        own_boards = frozenset(_texts(claims, names.board))
        if not own_boards or not own_boards <= boards():
            raise NotAllowedError("Your sign-in names no health board that this dashboard knows.", "unknown_board")
    if Role.STEWARD in roles:
        own_submitters = frozenset(_texts(claims, names.submitter))
        if not own_submitters or not own_submitters <= submitters():
            raise NotAllowedError("Your sign-in names no submitter that this dashboard knows.", "unknown_submitter")
    return Reader(
        reader_key(claims), _name(claims, names), frozenset({Role.VIEWER} | roles), own_boards, own_submitters
    )


def _insist_on_source(claims: Mapping[str, object], given: Rules) -> None:
    issuer, subject = claims.get("iss"), claims.get("sub")
    if not isinstance(issuer, str) or issuer not in given.issuers:
        raise NotAllowedError("Your sign-in comes from a service that is not accepted here.", "unknown_issuer")
    if not isinstance(subject, str) or not subject:
        raise NotAllowedError("Your sign-in does not say who you are.", "unclear_claim")
    meant_for = _texts(claims, "aud")
    if not meant_for or not set(meant_for) <= set(given.issuers[issuer]):
        raise NotAllowedError("Your sign-in was made for another service.", "unknown_audience")


def _texts(claims: Mapping[str, object], name: str) -> tuple[str, ...]:
    """A claim that is one text or a list of texts, none of them empty; nothing where it is absent or null."""
    value = claims.get(name)
    if value is None:
        return ()
    if name == "email" and claims.get("email_verified") is not True:
        raise NotAllowedError("Your sign-in gives an e-mail address that has not been verified.", "unverified_email")
    texts = tuple(value) if isinstance(value, list) else (value,)
    if not all(isinstance(text, str) and text for text in texts):
        raise NotAllowedError("Your sign-in is not clear about your role.", "unclear_claim")
    return texts


def _name(claims: Mapping[str, object], names: Claims) -> str:
    value = claims.get(names.name)
    shown = "".join(letter for letter in value if letter.isprintable()) if isinstance(value, str) else ""
    return shown[:LONGEST_NAME].strip()
