"""Progress of long work: what is being done, how much of it, and how long it will still take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from pipelines.stopwatch import counting

CONSOLE = Console(stderr=True)


class Steps:
    """Counts the steps of one piece of work; the caller says what each step is."""

    def __init__(self, progress: Progress, name: str, total: int) -> None:
        self._progress = progress
        self._name = name
        self._task = progress.add_task(name, total=total)

    def doing(self, what: str) -> None:
        """Name what is being done now, without counting it."""
        self._progress.update(self._task, description=f"{self._name}: {what}" if what else self._name)

    def done(self, count: int = 1) -> None:
        """Count steps as finished."""
        self._progress.advance(self._task, count)


@contextmanager
def steps(name: str, total: int, quiet: bool = False) -> Iterator[Steps]:
    """A progress bar on stderr while the block runs; where stderr is no terminal, one line at the end."""
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=CONSOLE,
        disable=quiet,
    )
    with counting(name), progress:
        yield Steps(progress, name, total)
