"""What the manifests say of the releases that are held, for those who look after the dashboard."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class HeldRelease:
    """A release folder and what its manifest says; `is_readable` is false where that cannot be told."""

    id: str
    is_current: bool
    is_readable: bool = False
    is_synthetic: bool = False
    created_at: dt.datetime | None = None
    checks: Mapping[str, int] = field(default_factory=dict)
    set_aside: int = 0
    disclosure: Any = None

    @property
    def is_real(self) -> bool:
        """Whether its manifest says that its figures are no synthetic ones."""
        return self.is_readable and not self.is_synthetic


def held(folder: Path) -> tuple[HeldRelease, ...]:
    """The releases in a folder, the newest first; work of builds that did not finish is left out."""
    if not folder.is_dir():
        return ()
    try:
        current = (folder / "current").read_text(encoding="utf-8").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        current = ""
    names = (path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    return tuple(_one(folder / name, name == current) for name in sorted(names, reverse=True))


def _one(folder: Path, is_current: bool) -> HeldRelease:
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        return HeldRelease(
            id=folder.name,
            is_current=is_current,
            is_readable=True,
            is_synthetic=manifest["is_synthetic"] is True,
            created_at=dt.datetime.fromisoformat(manifest["created_at"]),
            checks={str(status): int(number) for status, number in manifest.get("checks", {}).items()},
            set_aside=len(manifest.get("set_aside", ())),
            disclosure=manifest.get("disclosure"),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return HeldRelease(folder.name, is_current)
