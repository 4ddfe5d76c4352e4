"""What a stopped build leaves: why newer submissions are in no release, for `status` and for the readers of the app."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pipelines.errors import PipelineError
from pipelines.folders import Folders, to_disk, whole_file

if TYPE_CHECKING:  # the suites' library is slow to load, and `status` needs none of it
    from pipelines.quality.gate import StoppedError


def note(folders: Folders, stop: StoppedError) -> None:
    """Write down when and why the build stopped; it replaces what an earlier one left, and holds no count."""
    told = {
        "stopped_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "reason": stop.reason,
        "faults": [asdict(fault) for fault in stop.faults],
    }
    with whole_file(folders.held_back) as path:
        path.write_text(json.dumps(told, indent=2), encoding="utf-8")


def clear(folders: Folders) -> None:
    """A build went through: nothing is held back any more."""
    if folders.held_back.exists():
        folders.held_back.unlink()
        to_disk(folders.releases)


def held_back(folders: Folders) -> dict[str, Any] | None:
    """`stopped_at`, `reason` and `faults` (`sentence`, `to_blame`, `to_do`) of the last build; None if it went through.

    PipelineError where the note cannot be read.
    """
    try:
        told: dict[str, Any] = json.loads(folders.held_back.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise PipelineError(f"{folders.held_back.name} cannot be read; `python -m pipelines build` mends it") from error
    return told


def lines(told: dict[str, Any]) -> list[str]:
    """The note in lines for people: why, and for each fault who is to blame and what to do."""
    found = [f"held back: the build of {told['stopped_at']} stopped: {told['reason']}"]
    for fault in told["faults"]:
        whose = "; ".join(fault["to_blame"]) or "whose rows these are is not told"
        found.append(f"held back: not met: {fault['sentence']} To blame: {whose}. To do: {fault['to_do']}")
    return found
