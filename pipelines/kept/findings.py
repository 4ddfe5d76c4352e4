"""What the attack on a release found, kept for the next build: a block whose problem is the same to the last bit is not
attacked again.

A finding is kept under a hash of all that the attack works from (`pipelines.disclosure.attack.Problem`), and holds
places within a block, without a count or a name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, MutableMapping

from pipelines.disclosure.attack import Finding
from pipelines.folders import Folders
from pipelines.kept.sealed import read_sealed, write_sealed

#: The file of findings.
FILE = "findings"


class Findings(MutableMapping[str, Finding]):
    """Findings by their problem's key, with those of earlier builds that the last build, or this one, asked for."""

    def __init__(self, folders: Folders) -> None:
        """What the last build kept; nothing where that is damaged."""
        self._path = folders.kept / FILE
        content = read_sealed(self._path)
        kept = json.loads(content) if content is not None else {}
        self._found = {key: _read(held["found"]) for key, held in kept.items()}
        self._idle = {key for key, held in kept.items() if held["is_idle"]}
        self._asked_for: set[str] = set()

    def __getitem__(self, key: str) -> Finding:
        found = self._found[key]
        self._asked_for.add(key)
        return found

    def __setitem__(self, key: str, found: Finding) -> None:
        self._found[key] = found
        self._asked_for.add(key)

    def __delitem__(self, key: str) -> None:
        del self._found[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def keep(self) -> None:
        """Write down what this build asked for or found, and what it did not ask for but the last one did; where it
        attacked nothing, what there was stands."""
        if not self._asked_for:
            return
        kept = {
            key: {"is_idle": key not in self._asked_for, "found": _written(found)}
            for key, found in self._found.items()
            if key in self._asked_for or key not in self._idle
        }
        write_sealed(self._path, json.dumps(kept).encode())


def _written(found: Finding) -> dict[str, object]:
    told_by = {str(place): list(holding) for place, holding in found.told_by.items()}
    return {
        "told_by": told_by,
        "narrowest": found.narrowest,
        "one_by_one": found.one_by_one,
        "work": found.work,
    }


def _read(held: dict[str, object]) -> Finding:
    told_by = held["told_by"]
    assert isinstance(told_by, dict)
    return Finding(
        {int(place): tuple(holding) for place, holding in told_by.items()},
        float(str(held["narrowest"])),
        int(str(held["one_by_one"])),
        int(str(held["work"])),
    )
