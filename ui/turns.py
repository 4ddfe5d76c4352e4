"""Pages are made a few at a time; who comes meanwhile waits for a turn.

Python runs one thread at a time. Where forty pages are made at once, each is ready only when nearly all are, and the
thread that sends them gets a fortieth of the time; one after another, half of them are ready in half the time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

#: So many at once: while one waits for the database or for Polars, another goes on.
AT_ONCE = 2

#: Seconds after which a page is made without a turn, so that one that hangs does not hold up all others.
LONGEST = 10.0

_TURNS = threading.BoundedSemaphore(AT_ONCE)

#: How many pages are being made or wait for their turn, and when that last changed.
_CHANGED = threading.Condition()
_PAGES = 0
_LAST = 0.0
_OF_THREAD = threading.local()


@contextmanager
def turn() -> Iterator[None]:
    """The block runs when it is its turn, or without one after LONGEST seconds."""
    _count(1)
    try:
        _OF_THREAD.has_turn = _TURNS.acquire(timeout=LONGEST)
        yield
    finally:
        if _OF_THREAD.has_turn:
            _OF_THREAD.has_turn = False
            _TURNS.release()
        _count(-1)


def _count(more: int) -> None:
    """One page more, or one less, that is being made or waits for its turn."""
    global _PAGES, _LAST
    with _CHANGED:
        _PAGES += more
        _LAST = time.monotonic()
        _CHANGED.notify_all()


def wait_till_idle(quiet: float, longest: float) -> bool:
    """Wait until for so many seconds no page is made or waits for a turn, `longest` at most; whether it is so."""
    until = time.monotonic() + longest
    with _CHANGED:
        while (now := time.monotonic()) < until:
            if not _PAGES and now - _LAST >= quiet:
                return True
            _CHANGED.wait(until - now if _PAGES else min(until, _LAST + quiet) - now)
    return False


@contextmanager
def stepped_aside() -> Iterator[None]:
    """Within a turn: the block waits for something else, and lets others have the turn."""
    had_turn = getattr(_OF_THREAD, "has_turn", False)
    if had_turn:
        _OF_THREAD.has_turn = False
        _TURNS.release()
    try:
        yield
    finally:
        if had_turn:
            _OF_THREAD.has_turn = _TURNS.acquire(timeout=LONGEST)
