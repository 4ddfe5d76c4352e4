"""Whether the app can serve: what GET /health answers to whoever watches it, from a query on the current release."""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from streamlit import config

from ui import audit, data, identity
from ui.access import AccessFileError
from ui.guard import NOT_SET_UP
from ui.sessions import SessionsError

PATH = "/health"

#: An answer that takes longer than this is no answer: readers would be waiting too.
SECONDS = 5.0

#: Who asks again sooner gets the last answer, so that asking costs the readers nothing.
KEPT_SECONDS = 1.0

#: Under this much free disk a record of the audit trail may not be written, and a page without its record is not shown.
ROOM_BYTES = 1_000_000

REAL_WITHOUT_SIGN_IN = "The release holds real figures, and sign-in is not configured."
STANDS_IN = "The newest release cannot be read; readers are shown the one before it."
NO_ROOM = "The disk is full: no page can be recorded in the audit trail, so none is shown."
TOO_SLOW = f"A query on the release had no answer within {SECONDS:g} seconds."


@dataclass(frozen=True)
class Health:
    """An answer: the status of HTTP (200 or 503) and what is told, without figures and without counts."""

    status: int
    told: Mapping[str, Any]

    @property
    def is_serving(self) -> bool:
        """Whether readers get pages."""
        return self.status == 200


def failing(reason: str) -> Health:
    """Readers get no page, and why."""
    return Health(503, {"status": "failing", "reason": reason})


def is_asked(path: str) -> bool:
    """Whether a path is that of the health check, below the base path where there is one."""
    base = str(config.get_option("server.baseUrlPath")).strip("/")
    return path == (f"/{base}{PATH}" if base else PATH)


def look(folder: Path | None = None, now: dt.datetime | None = None) -> Health:
    """Open the release being served as a page does, ask it for its newest month, and say how old it is.

    folder: the data folder, of the environment by default. now: the time, with a zone. `age_seconds` is counted from
    when the release was made. Status 200 where readers get pages: `ok`, or `degraded` with notes where only a part is
    missing; 503 and a reason where they get none.
    """
    place = folder or data.data_folder()
    try:
        release, is_stand_in = data.served_release(place)
    except data.StoreError as problem:
        return failing(str(problem))
    is_signed_in = identity.is_configured()
    if not is_signed_in and not release.is_synthetic:
        return failing(REAL_WITHOUT_SIGN_IN)
    if is_signed_in and (shut := _shut_out(place)):
        return failing(shut)
    notes = ([STANDS_IN] if is_stand_in else []) + _notes(place)
    age = ((now or dt.datetime.now(dt.UTC)) - release.created_at).total_seconds() if release.created_at else None
    return Health(
        200,
        {
            "status": "degraded" if notes else "ok",
            "release": release.id,
            "data_to": release.data_to.isoformat() if release.data_to else None,
            "age_seconds": None if age is None else int(age),
            **({"notes": notes} if notes else {}),
        },
    )


def _shut_out(place: Path) -> str | None:
    """Why nobody who signs in would get in, or a page; None where nothing stands in the way."""
    try:
        identity.sessions().check_writable()
    except (AccessFileError, SessionsError):
        return NOT_SET_UP
    return NO_ROOM if shutil.disk_usage(place).free < ROOM_BYTES else None


def _notes(place: Path) -> list[str]:
    """What does not work while the pages of everybody do."""
    notes = []
    try:
        data.insist_on_register(place)
    except data.StoreError as problem:
        notes.append(str(problem))
    if audit.missed():
        notes.append("Records of the audit trail could not be written since the last that could.")
    return notes


class Watch:
    """Answers in bounded time, one look at a time: a disk that hangs ties up one thread, however often it is asked."""

    def __init__(self, look: Callable[[], Health] = look, seconds: float = SECONDS, kept: float = KEPT_SECONDS) -> None:
        self._look, self._seconds, self._kept = look, seconds, kept
        self._running: asyncio.Task[Health] | None = None
        self._last: Health | None = None
        self._answered_at = 0.0

    async def answer(self) -> Health:
        """How the app is, as of now or at most a second ago."""
        if self._last is not None and time.monotonic() - self._answered_at < self._kept:
            return self._last
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._once())
        done, _ = await asyncio.wait({self._running}, timeout=self._seconds)
        return self._running.result() if done else failing(TOO_SLOW)

    async def _once(self) -> Health:
        found = await run_in_threadpool(self._look)
        self._last, self._answered_at = found, time.monotonic()
        return found
