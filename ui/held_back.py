"""Why newer submissions are in no release: what the last build left where it stopped, for every reader."""

from __future__ import annotations

import datetime as dt
import json
import logging
from dataclasses import dataclass
from pathlib import Path

from ui import words

LOG = logging.getLogger(__name__)

NAME = "held_back.json"

#: As many of those to blame are named before the rest is counted.
NAMED = 6


@dataclass(frozen=True)
class HeldBack:
    """When the build stopped, why, and who is to blame; without counts. No reason: the note cannot be read."""

    stopped_at: dt.datetime | None
    reason: str
    to_blame: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """When, why and by whom, to be read after a heading."""
        when = f"On {words.long_date(self.stopped_at.date())} no" if self.stopped_at else "No"
        because = f": {self.reason}" if self.reason else ""
        named = "; ".join(self.to_blame[:NAMED])
        more = f"; and {len(self.to_blame) - NAMED} more" if len(self.to_blame) > NAMED else ""
        whose = f" To be corrected: {named}{more}." if self.to_blame else ""
        return f"{when} release could be made of what was sent{because}.{whose}"


def held_back(folder: Path) -> HeldBack | None:
    """What the last build in a data folder left; None where it went through."""
    try:
        told = json.loads((folder / "releases" / NAME).read_text(encoding="utf-8"))
        blamed = [whose for fault in told["faults"] for whose in fault["to_blame"]]
        return HeldBack(
            dt.datetime.fromisoformat(told["stopped_at"]), str(told["reason"]), tuple(dict.fromkeys(blamed))
        )
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError):
        LOG.exception("the note of a stopped build cannot be read")
        return HeldBack(None, "", ())
