"""Sessions of signed-in readers, held by the server: begun at a sign-in, ended by sign-out, limits or revocation.

Streamlit's own cookie lives for 30 days, survives signing out and is not checked against the token's end. So a cookie
is worth something only while this table says so. What is not in the table is refused: a lost table signs everybody out.
The table holds hashes and times; no token, name or e-mail address.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ui.access import Limits, NotAllowedError, Reason, reader_key

TABLE = "sessions.sqlite"
REVOKED = "revoked.txt"
READER_KEY = re.compile(r"[0-9a-f]{16}")

#: A session row is of no use once every limit that the rules allow has passed.
KEPT_SECONDS = 2 * 24 * 3600

#: Added by Streamlit to the claims of a token, not by the sign-in itself.
NOT_CLAIMS = {"is_logged_in", "tokens", "origin"}

WHY: Mapping[Reason, str] = {
    "signed_out": "You are not signed in.",
    "unknown_session": "This sign-in is not known here any more.",
    "ended": "You have signed out.",
    "idle": "You were signed out because nothing was clicked for a while.",
    "too_long": "You were signed out because a sign-in lasts for a working day at most.",
    "token_expired": "Your sign-in has come to its end.",
    "revoked": "Your access has been withdrawn.",
}

CREATE = """
CREATE TABLE IF NOT EXISTS sessions (
    session TEXT PRIMARY KEY, reader TEXT NOT NULL, began REAL NOT NULL, seen REAL NOT NULL, ended TEXT
) WITHOUT ROWID
"""


class SessionsError(Exception):
    """The sessions cannot be read or written, so nobody can be let in; the message is for the log."""


def session_of(claims: Mapping[str, object]) -> str:
    """What names a sign-in: a hash of all claims of its token, equal for every copy of the cookie.

    The claims hold a nonce of their own sign-in, so that no two sign-ins share it.
    """
    own = {name: value for name, value in claims.items() if name not in NOT_CLAIMS}
    return hashlib.sha256(json.dumps(own, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True)
class Sessions:
    """The sessions of a data folder."""

    data: Path
    limits: Limits

    @property
    def folder(self) -> Path:
        """The folder that the app may write."""
        return self.data / "audit"

    def begin(self, claims: Mapping[str, object], now: float | None = None) -> None:
        """A sign-in has just succeeded: its session begins. A session that was there before is not begun again."""
        now = time.time() if now is None else now
        with self._table(durable=True) as table:
            table.execute("DELETE FROM sessions WHERE began < ?", (now - KEPT_SECONDS,))
            table.execute(
                "INSERT INTO sessions VALUES (?, ?, ?, ?, NULL) ON CONFLICT DO NOTHING",
                (session_of(claims), reader_key(claims), now, now),
            )

    def insist(self, claims: Mapping[str, object], *, is_click: bool, now: float | None = None) -> None:
        """Raises NotAllowedError where the session of these claims is not alive; a click keeps it from being idle."""
        now = time.time() if now is None else now
        session = session_of(claims)
        with self._table() as table:
            rows = table.execute("SELECT began, seen, ended FROM sessions WHERE session = ?", (session,)).fetchall()
            if not rows:
                raise NotAllowedError(WHY["unknown_session"], "unknown_session")
            began, seen, ended = rows[0]
            why = cast("Reason | None", ended) or self._past(claims, began, seen, now)
            if why is not None:
                table.execute("UPDATE sessions SET ended = ? WHERE session = ? AND ended IS NULL", (why, session))
                raise NotAllowedError(WHY[why], why)
            if is_click:
                table.execute("UPDATE sessions SET seen = max(seen, ?) WHERE session = ?", (now, session))

    def end(self, claims: Mapping[str, object]) -> bool:
        """Signs out: every copy of the cookie is worthless from now on. Says whether the session was alive."""
        with self._table(durable=True) as table:
            ended = table.execute(
                "UPDATE sessions SET ended = 'ended' WHERE session = ? AND ended IS NULL", (session_of(claims),)
            )
            return ended.rowcount > 0

    def check_writable(self) -> None:
        """Raises SessionsError where no session could be kept, or the file of withdrawn access is unclear."""
        self._revoked()
        with self._table(durable=True) as table:
            table.execute("UPDATE sessions SET ended = ended WHERE false")

    def _past(self, claims: Mapping[str, object], began: float, seen: float, now: float) -> Reason | None:
        """Why a session that nobody ended is over all the same."""
        until = claims.get("exp")
        if isinstance(until, bool) or not isinstance(until, int | float) or not now < until:
            return "token_expired"
        if now - began >= self.limits.absolute_seconds:
            return "too_long"
        if now - seen >= self.limits.idle_seconds:
            return "idle"
        return "revoked" if reader_key(claims) in self._revoked() else None

    def _revoked(self) -> frozenset[str]:
        """Readers whose access is withdrawn: keys in a file that an operator edits, one a line, `#` begins a remark.

        A line that is no key might be a reader who should be shut out: nobody gets in until it is mended.
        """
        path = self.folder / REVOKED
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return frozenset()
        except (OSError, UnicodeDecodeError):
            raise SessionsError(f"{REVOKED}: cannot be read") from None
        keys = [(number, line.partition("#")[0].strip()) for number, line in enumerate(lines, 1)]
        for number, key in keys:
            if key and not READER_KEY.fullmatch(key):
                raise SessionsError(f"{REVOKED}, line {number}: not a reader's key (16 digits, 0-9 and a-f)")
        return frozenset(key for _, key in keys if key)

    @contextmanager
    def _table(self, durable: bool = False) -> Iterator[sqlite3.Connection]:
        """The table, each statement at once in force; SessionsError where it cannot be used.

        durable: what is written must outlast a power cut, so that no sign-out is undone by one.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            table = sqlite3.connect(self.folder / TABLE, timeout=5, isolation_level=None)
            try:
                table.execute("PRAGMA journal_mode = WAL")
                table.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                table.execute(CREATE)
                yield table
            finally:
                table.close()
        except (sqlite3.Error, OSError) as problem:
            raise SessionsError(f"{TABLE}: {problem}") from problem
