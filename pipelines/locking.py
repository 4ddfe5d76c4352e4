"""One writer at a time: a lock on the data folder that the operating system lets go of when its holder dies."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.errors import PipelineError
from pipelines.folders import Folders


@contextmanager
def locked(folders: Folders) -> Iterator[None]:
    """Hold the data folder for writing; PipelineError where another command holds it."""
    folders.data.mkdir(parents=True, exist_ok=True)
    with (folders.data / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PipelineError(
                f"{folders.data.name}/: another ingest or build is at work here; wait until it has finished"
            ) from error
        yield
