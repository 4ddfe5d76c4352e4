"""Which measures a reader looks for: by words anywhere in their definition, by aim, dimension, mark, kind and state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import polars as pl

from catalogue.indicators import STATUS, Indicator
from catalogue.reference import labels
from ui import words
from ui.data import Snapshot
from ui.figure import statistics_of
from ui.made_once import made_once

State = Literal["shown", "poor", "by_group", "hidden", "awaited"]

#: What the release has of a measure, in the order in which it is asked.
STATES: Mapping[str, str] = {
    "shown": "Has a figure of Scotland",
    "poor": "Has a figure, of poor data quality",
    "by_group": "Shown by place or group only",
    "hidden": "No figure can be shown",
    "awaited": "No usable data yet",
}

#: What each kind of measure is, for the reader.
KINDS: Mapping[str, str] = {
    "share": "Share",
    "snapshot": "Share at a month's end",
    "count": "Count",
    "time_to_event": "Days until something happens",
    "value": "Figure of posts, items or sites",
    "derived": "Worked from other measures",
    "awaited": "Awaits a return",
}

RE_AIM: Mapping[str, str] = {name: name.capitalize() for name in get_args(Indicator.model_fields["re_aim"].annotation)}
MARKS: Mapping[str, str] = {name: words.STATUS_MARK[name] for name in STATUS}


@dataclass(frozen=True)
class Asked:
    """What a reader looks for; what is empty is not asked. words: all of them must stand somewhere in a definition."""

    words: str = ""
    aim: str = ""
    re_aim: str = ""
    status: str = ""
    kind: str = ""
    state: str = ""


def found(snapshot: Snapshot, asked: Asked) -> list[Indicator]:
    """The measures that answer to all that is asked, by number."""
    states, wanted = states_of(snapshot), asked.words.casefold().split()
    return [
        entry
        for entry in snapshot.facts.indicators.values()
        if (not asked.aim or int(asked.aim) in entry.aims)
        and asked.re_aim in ("", entry.re_aim)
        and asked.status in ("", entry.status)
        and asked.kind in ("", entry.kind)
        and asked.state in ("", states[entry.id])
        and all(word in searched(entry) for word in wanted)
    ]


def searched(entry: Indicator) -> str:
    """Every word of a definition, for searching."""
    aims = [labels("aims")[str(aim)] for aim in entry.aims]
    told = [entry.number, entry.id, entry.title, entry.question, entry.numerator, entry.denominator, entry.unit]
    return " ".join([*told, entry.source, entry.owner, entry.awaits or "", *entry.caveats, *aims]).casefold()


def states_of(snapshot: Snapshot) -> Mapping[str, State]:
    """What the release has of each measure."""
    return _states_of(snapshot.key, snapshot)


@made_once(6)
def _states_of(key: str, _snapshot: Snapshot) -> dict[str, State]:  # noqa: ARG001 - key: the release
    cells = _snapshot.of_scotland().filter(pl.col("state") == "shown", pl.col("period_status") != "incomplete")
    shown = set(cells.select("indicator", "statistic").unique().iter_rows())
    return {entry.id: _state(_snapshot, entry, shown) for entry in _snapshot.facts.indicators.values()}


def _state(snapshot: Snapshot, entry: Indicator, shown: set[tuple[str, ...]]) -> State:
    if entry.kind == "awaited":
        return "awaited"
    if not entry.has_cube(()):
        return "by_group"
    if (entry.id, statistics_of(entry)[0]) not in shown:
        return "hidden"
    quality = snapshot.facts.quality.get(entry.id)
    return "poor" if quality is not None and quality.grade == "poor" else "shown"
