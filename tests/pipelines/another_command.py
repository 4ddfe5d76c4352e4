"""Another command at work on a data folder, as any other process meets it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.folders import Folders


@contextmanager
def another_command(folders: Folders) -> Iterator[None]:
    """Holds the data folder's lock by itself, not through `pipelines.locking`, whose holder may ask again."""
    folders.data.mkdir(parents=True, exist_ok=True)
    with (folders.data / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
