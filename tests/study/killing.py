"""Refreshes that kill themselves: at a numbered step of their work on the disk, or after a time.

`python -m tests.study.killing` reads one order a line from its input and answers with one line, both JSON. It loads
what is slow to load once, and forks a process for each order. Nothing that starts threads of Polars may be loaded
before that, since a forked process has none of them: so the modules of the work itself are loaded by each.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

#: What takes most of the time of loading, and starts no threads of Polars.
SLOW_TO_LOAD = ("great_expectations", "expectations.suites", "duckdb", "sqlglot")
#: Steps on the disk that Python announces; those of DuckDB, Polars and SQLite fall between them, and are met by time.
STEPS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.truncate"}


class Work:
    """What a refresh has done so far: the phase of each step."""

    def __init__(self, data: Path, kill_at: int | None) -> None:
        self.phase = "ingest"
        self.steps: list[str] = []
        self._data, self._kill_at = str(data), kill_at

    def seen(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Called by Python before each of its steps."""
        if event not in STEPS or self._data not in str(arguments[0]):
            return
        if event == "open" and not (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            return
        self.step()

    def step(self) -> None:
        """Counts one, or is the end of the process."""
        if len(self.steps) == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.steps.append(self.phase)

    def within(self, phase: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with what it does counted to a phase."""

        def run(*arguments: Any, **named: Any) -> Any:
            self.phase = phase
            return function(*arguments, **named)

        return run


def refresh(order: dict[str, Any], answers: int) -> None:
    """The refresh that an order asks for, in this process, which ends with it."""
    import pipelines.build
    import pipelines.cli
    import pipelines.releases
    import tests.few_measures as few

    few.CHECKED = ("dq_submissions",)  # one suite suffices to have the build pass through all of its work
    few.few_entries = _readable(few.few_entries())
    work = Work(Path(order["data"]), order.get("kill_at"))
    if (after := order.get("kill_after")) is not None:
        killer = threading.Timer(after, os.kill, (os.getpid(), signal.SIGKILL))
        killer.daemon = True
        killer.start()
    fsync = os.fsync

    def synced(handle: int) -> None:
        work.step()
        fsync(handle)

    sys.addaudithook(work.seen)
    started = time.monotonic()
    with (
        mock.patch("os.fsync", synced),
        mock.patch("pipelines.build.build", work.within("build", pipelines.build.build)),
        mock.patch("pipelines.releases.publish", work.within("publish", pipelines.releases.publish)),
        few.few_measures(),
    ):
        code = pipelines.cli.main(
            ["--quiet", "--verbose", "--data", order["data"], "refresh", order["inbox"]], standalone_mode=False
        )
    seconds = time.monotonic() - started
    os.write(answers, json.dumps({"code": code or 0, "steps": work.steps, "seconds": seconds}).encode())


def _readable(entries: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    """The few measures as the app can read them: one without a cube of few dimensions keeps its first."""
    from catalogue.indicators import indicators

    readable = {
        name: entry if entry.cubes else entry.model_copy(update={"cubes": indicators()[name].cubes[:1]})
        for name, entry in entries.items()
    }
    return lambda: readable


def _said(error: BaseException) -> str:
    """What the command line would say of it."""
    from pipelines import cli

    return cli._problem(error) if isinstance(error, Exception) else repr(error)


def answer(order: dict[str, Any]) -> dict[str, Any]:
    """What came of an order: its exit code, steps and seconds, or what it said, or that it was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        try:
            refresh(order, writing)
        except BaseException as error:  # noqa: BLE001 - told to whoever gave the order, who fails by it
            os.write(writing, json.dumps({"code": 1, "said": _said(error)}).encode())
        os._exit(0)
    os.close(writing)
    told = b""
    while part := os.read(reading, 1 << 16):
        told += part
    os.close(reading)
    _, status = os.waitpid(child, 0)
    return {"killed": os.WIFSIGNALED(status), **(json.loads(told) if told else {})}


if __name__ == "__main__":
    for name in SLOW_TO_LOAD:
        importlib.import_module(name)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)  # noqa: T201 - the answer
