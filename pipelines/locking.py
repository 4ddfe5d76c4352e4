"""One writer at a time: a lock on the data folder that the operating system lets go of when its holder dies."""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.errors import PipelineError
from pipelines.folders import Folders

LOCK = ".lock"


class _Held(threading.local):
    """The data folders that this thread holds."""

    def __init__(self) -> None:
        self.places: set[Path] = set()


_HELD = _Held()


@contextmanager
def locked(folders: Folders) -> Iterator[None]:
    """Hold the data folder for writing; PipelineError where another command, or another thread, holds it.

    Whoever holds it may ask again, so that a refresh holds it once around all of its steps and nothing comes between.
    """
    folders.data.mkdir(parents=True, exist_ok=True)
    place = folders.data.resolve()
    if place in _HELD.places:
        yield
        return
    with (place / LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PipelineError(
                f"{place.name}/: another ingest, build or publish is at work here; wait until it has finished"
            ) from error
        _HELD.places.add(place)
        try:
            yield
        finally:
            _HELD.places.discard(place)
