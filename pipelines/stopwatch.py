"""Seconds of each piece of work, added up by its name while somebody wants to know."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_SECONDS: ContextVar[dict[str, float] | None] = ContextVar("seconds of each piece of work", default=None)


@contextmanager
def timed() -> Iterator[dict[str, float]]:
    """The seconds of each piece of work inside the block, by its name, as they become known."""
    seconds: dict[str, float] = {}
    before = _SECONDS.set(seconds)
    try:
        yield seconds
    finally:
        _SECONDS.reset(before)


@contextmanager
def counting(name: str) -> Iterator[None]:
    """Add the seconds of the block to a piece of work, where `timed` asks for them."""
    begun = time.monotonic()
    try:
        yield
    finally:
        if (seconds := _SECONDS.get()) is not None:
            seconds[name] = seconds.get(name, 0.0) + time.monotonic() - begun
