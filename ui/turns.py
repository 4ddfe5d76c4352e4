"""Pages are made a few at a time; who comes meanwhile waits for a turn.

Python runs one thread at a time. Where forty pages are made at once, each is ready only when nearly all are, and the
thread that sends them gets a fortieth of the time; one after another, half of them are ready in half the time.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

#: So many at once: while one waits for the database or for Polars, another goes on.
AT_ONCE = 2

#: Seconds after which a page is made without a turn, so that one that hangs does not hold up all others.
LONGEST = 10.0

_TURNS = threading.BoundedSemaphore(AT_ONCE)
_OF_THREAD = threading.local()


@contextmanager
def turn() -> Iterator[None]:
    """The block runs when it is its turn, or without one after LONGEST seconds."""
    _OF_THREAD.has_turn = _TURNS.acquire(timeout=LONGEST)
    try:
        yield
    finally:
        if _OF_THREAD.has_turn:
            _OF_THREAD.has_turn = False
            _TURNS.release()


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
