"""The log of runs: one JSON line a command that writes or verifies; counts of submissions, and no value of a row."""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
import secrets
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from pipelines.folders import Folders
from pipelines.stopwatch import timed

NAME = "runs.jsonl"

#: Commands that only read, write nowhere in the data folder but the inbox, put a folder back as it was, or keep a log
#: of their own (`prune`); every other leaves a line.
NOT_LOGGED = frozenset(
    {"audit", "demo", "figure", "health", "metrics", "prune", "releases", "restore", "secret", "status"}
    | {"verify-backup"}
)

#: Commands that the app's user runs too, who has no part in the log; a run of that user leaves none.
ALSO_OF_THE_APP = frozenset({"backup"})

#: A file is put aside when it has grown to this, and so many that were put aside are kept: some 20,000 runs.
FULL_BYTES, KEPT_FILES = 2_000_000, 5

#: Why each was refused may quote the header of its file, so the log does not repeat it.
REFUSED = "Some of what was new was refused; `python -m pipelines status` says what and why."

#: Characters kept of a reason.
MOST_REASON = 600


@contextmanager
def recorded(ctx: click.Context, told: Callable[[Exception], str]) -> Iterator[None]:
    """Leave a line in the log of runs for the command that runs inside, and metrics anew, whatever becomes of it.

    told: what a user is told of an error. Where the line or the metrics cannot be written, stderr says so in a line and
    the command's own outcome stands. A command that found nothing to do names the release served as `at_rest` in its
    settings: it leaves a short line, and metrics to the timer that makes them, so that it ends at once.
    """
    begun, clock = dt.datetime.now(dt.UTC), time.monotonic()
    outcome, reason = "done", ""
    with timed() as seconds:
        try:
            yield
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            outcome = ""  # wrong usage or --help: nothing was run
            raise
        except SystemExit as end:
            outcome, reason = ("refused", REFUSED) if end.code else ("done", "")
            raise
        except Exception as error:
            outcome, reason = "failed", _without_counts(error, told)
            raise
        except BaseException:
            outcome = "stopped"
            raise
        finally:
            settings = ctx.obj or {}
            command = ctx.invoked_subcommand
            if outcome and command and "folders" in settings and _is_logged(command, settings["folders"]):
                if "problem" in settings:  # `start` serves on after an error
                    outcome, reason = "failed", _without_counts(settings["problem"], told)
                steps = {"whole": time.monotonic() - clock, **seconds}
                if outcome == "done" and (serving := settings.get("at_rest")):
                    _leave_short(settings["folders"], command, begun, steps, serving)
                else:
                    _leave(settings["folders"], command, begun, steps, outcome, reason)


def _is_logged(command: str, folders: Folders) -> bool:
    if command in ALSO_OF_THE_APP:
        place = folders.log if folders.log.exists() else folders.data
        return os.access(place, os.W_OK | os.X_OK)
    return command not in NOT_LOGGED


def runs(folders: Folders) -> list[dict[str, Any]]:
    """Every run that is still in the log, oldest first; a line that a crash left torn is passed over."""
    found = []
    for path in reversed(
        [folders.log / NAME, *(_put_aside(folders.log, number) for number in range(1, KEPT_FILES + 1))]
    ):
        if path.exists():
            found += [run for line in path.read_bytes().splitlines() if (run := _parsed(line)) is not None]
    return found


def append(folder: Path, line: Mapping[str, Any]) -> None:
    """Add a line to the log in a folder, after putting a full file aside; OSError where it cannot be written."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        path = folder / NAME
        if path.exists() and path.stat().st_size >= FULL_BYTES:
            for number in range(KEPT_FILES - 1, 0, -1):
                if _put_aside(folder, number).exists():
                    _put_aside(folder, number).replace(_put_aside(folder, number + 1))
            path.replace(_put_aside(folder, 1))
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=True) + "\n")
    finally:
        os.close(handle)


def _leave(
    folders: Folders, command: str, begun: dt.datetime, steps: Mapping[str, float], outcome: str, reason: str
) -> None:
    """The line, and the metrics that follow from it."""
    with _whatever_comes():
        from pipelines.operations.metrics import metrics_file, write_metrics

        append(folders.log, _line(folders, command, begun, steps, outcome, reason))
        write_metrics(folders, metrics_file(folders))


def _leave_short(folders: Folders, command: str, begun: dt.datetime, steps: Mapping[str, float], serving: str) -> None:
    """The line of a run that found nothing to do: what it would tell of submissions and code stands in the last one."""
    with _whatever_comes():
        append(folders.log, {**_begun(command, begun, steps), "outcome": "done", "reason": "", "serving": serving})


@contextmanager
def _whatever_comes() -> Iterator[None]:
    """Say in a line that the log cannot be written, and go on."""
    try:
        yield
    except Exception as problem:  # noqa: BLE001 - the run itself is over, and what it came to must stand
        why = (isinstance(problem, OSError) and problem.strerror) or type(problem).__name__
        click.echo(f"The log of runs or its metrics cannot be written: {why}", err=True)


def _begun(command: str, begun: dt.datetime, steps: Mapping[str, float]) -> dict[str, Any]:
    return {
        "time": begun.isoformat(timespec="seconds"),
        "command": command,
        "run": secrets.token_hex(8),
        "seconds": {name: round(value, 3) for name, value in steps.items()},
    }


def _line(
    folders: Folders, command: str, begun: dt.datetime, steps: Mapping[str, float], outcome: str, reason: str
) -> dict[str, Any]:
    """What is told of a run."""
    from pipelines.hashes import code_version
    from pipelines.operations.state import served, submissions

    held = submissions(folders)
    since = begun.isoformat(timespec="seconds")
    serving = served(folders)
    return {
        **_begun(command, begun, steps),
        "code": code_version(),
        "outcome": outcome,
        "reason": reason[:MOST_REASON],
        # None: the register cannot be read, which is another's to say.
        "submissions": None if held is None else dict(Counter(entry.state for entry in held)),
        "new": None if held is None else dict(Counter(e.state for e in held if e.registered_at >= since)),
        "serving": serving.release_id if serving else None,
    }


def _without_counts(error: Exception, told: Callable[[Exception], str]) -> str:
    """What an error is told as; of a stopped build the reason and the checks' own sentences, which hold no counts."""
    gate = sys.modules.get("pipelines.quality.gate")  # slow to load, and loaded where a build was stopped by it
    if gate is not None and isinstance(error, gate.StoppedError):
        return " ".join([f"{error.reason}.", *(f"Not met: {fault.sentence}" for fault in error.faults)])
    return " ".join(told(error).split()) if isinstance(error, Exception) else ""


def _put_aside(folder: Path, number: int) -> Path:
    return folder / f"runs.{number}.jsonl"


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        run = json.loads(line)
    except ValueError:
        return None
    return run if isinstance(run, dict) and {"time", "command", "outcome"} <= run.keys() else None
