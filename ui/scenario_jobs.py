"""Long work that goes on when its page is left: one thing at a time, its result kept by name, its progress told."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import Any

LOG = logging.getLogger(__name__)

#: So many results are kept; what has been asked for longest ago goes first.
MOST_KEPT = 120

#: So much work may wait; more is refused, so that nobody can fill the queue.
MOST_WAITING = 24

Progress = Callable[[float], None]


class QueueFullError(RuntimeError):
    """So much work waits that no more is taken on."""


@dataclass
class Job:
    """A piece of work. done: from 0 to 1. problem: what it ended with where it failed."""

    name: str
    done: float = 0.0
    result: Any = None
    problem: Exception | None = None
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def is_ended(self) -> bool:
        """Whether there is a result, or none will come."""
        return self.ended.is_set()


class Jobs:
    """Work by name: what is asked for twice is done once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="scenario")

    def get(self, name: str) -> Job | None:
        """The work of that name where it has been asked for."""
        with self._lock:
            if name in self._jobs:
                self._jobs.move_to_end(name)
            return self._jobs.get(name)

    def start(self, name: str, work: Callable[[Progress], Any]) -> Job:
        """Takes work on, unless it was: it is told how to say its progress."""
        with self._lock:
            if name in self._jobs and self._jobs[name].problem is None:
                self._jobs.move_to_end(name)
                return self._jobs[name]
            if sum(not job.is_ended for job in self._jobs.values()) >= MOST_WAITING:
                raise QueueFullError
            job = self._jobs[name] = Job(name)
            for old in [key for key, one in self._jobs.items() if one.is_ended][: max(len(self._jobs) - MOST_KEPT, 0)]:
                del self._jobs[old]
        self._worker.submit(self._run, job, work)
        return job

    def _run(self, job: Job, work: Callable[[Progress], Any]) -> None:
        def progress(share: float) -> None:
            job.done = share

        try:
            job.result = work(progress)
            job.done = 1.0
        # Whatever went wrong is shown by the page that waits for it.
        except Exception as problem:
            LOG.exception("a scenario could not be worked out")
            job.problem = problem
        finally:
            job.ended.set()


@cache
def jobs() -> Jobs:
    """The work of this server, each piece by a hash of all that it rests on, so that no reader's is another's."""
    return Jobs()
