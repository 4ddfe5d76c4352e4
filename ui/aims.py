"""The thirteen aims of a release: measures, actions, state by the rule with its reasons, any judgement beside it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from catalogue.aim_judgements import Judgement, aim_judgements
from catalogue.indicators import Indicator
from catalogue.reference import reference_rows
from ui import milestones
from ui.aim_measures import Told, tell
from ui.aim_state import NAMES, Actions, Judged, State, judge
from ui.data import Snapshot
from ui.made_once import made_once
from ui.milestones import Action

#: The measure that counts the strategy's actions: they speak for themselves, so it does not judge an aim once more.
MILESTONES = "milestones_on_time"

#: The number of a measure that stands for itself; a letter behind it marks one that only explains another.
OWN_NUMBER = re.compile(r"E?\d+(\.\d+)?")


@dataclass(frozen=True)
class Aim:
    """One aim as a release tells it.

    judging: the measures that its state rests on. beside: entries that bear on it and do not judge it. on_time: measure
    1.4 of this aim. actions: its actions; None where the release was made before items were told.
    """

    code: str
    label: str
    meaning: str
    judging: tuple[Told, ...]
    beside: tuple[Indicator, ...]
    on_time: Told | None
    actions: tuple[Action, ...] | None
    summed: Actions
    judged: Judged
    judgement: Judgement | None = None

    @property
    def name(self) -> str:
        """Number and name, as in lists of aims and in the address of a page."""
        return f"{self.code} {self.label}"

    @property
    def usable(self) -> list[Told]:
        """The measures that have a figure that can be used."""
        return [told for told in self.judging if told.unusable is None]

    @property
    def missing(self) -> list[Told]:
        """The measures that have none."""
        return [told for told in self.judging if told.unusable is not None]


@dataclass(frozen=True)
class Aims:
    """All aims of a release. items: the programme's items; None in an older release. reported_on: their day."""

    aims: tuple[Aim, ...]
    items: pl.DataFrame | None
    reported_on: dt.date | None

    @property
    def actions(self) -> list[Action]:
        """Every action, by aim and due date."""
        return [action for aim in self.aims for action in aim.actions or ()]

    def of(self, code: str) -> Aim:
        """One aim by its number."""
        return next(aim for aim in self.aims if aim.code == code)

    def in_state(self, state: State) -> list[Aim]:
        """The aims in a state, by number."""
        return [aim for aim in self.aims if aim.judged.state == state]

    @property
    def counts(self) -> dict[State, int]:
        """How many aims are in each state, none left out."""
        return {state: len(self.in_state(state)) for state in NAMES}


def judges(entry: Indicator) -> bool:
    """Whether a measure may judge an aim: one with a number of its own and a better side, not made to compare groups.

    The measure of actions on time is left out, since the actions themselves are judged.
    """
    is_own = OWN_NUMBER.fullmatch(entry.number) is not None
    return is_own and entry.better != "context" and not _compares(entry) and entry.id != MILESTONES


def _is_own(entry: Indicator, aim: str) -> bool:
    return entry.number.partition(".")[0] == aim


def _compares(entry: Indicator) -> bool:
    """Whether a measure exists to compare groups of people: the lettered series, whose level says nothing of an aim."""
    return entry.number.startswith("E") and bool(entry.compared_within)


def all_aims(snapshot: Snapshot) -> Aims:
    """Every aim, made once for a release."""
    return _aims(snapshot.key, snapshot)


@made_once(6)
def _aims(key: str, _snapshot: Snapshot) -> Aims:  # noqa: ARG001 - key: the release
    items = _snapshot.built_table("programme_items")
    if items is not None and items.is_empty():
        items = None
    history = _snapshot.built_table("programme_history")
    first = {} if history is None else milestones.first_due(history)
    actions = None if items is None else milestones.actions(items, first)
    today = None if items is None else milestones.reported_on(items)
    rows, judged = reference_rows("aims"), aim_judgements()
    return Aims(tuple(_aim(_snapshot, row, actions, today, judged) for row in rows), items, today)


def _aim(
    snapshot: Snapshot,
    row: Mapping[str, str],
    actions: Sequence[Action] | None,
    today: dt.date | None,
    judged: Mapping[str, Judgement],
) -> Aim:
    code = row["code"]
    entries = [entry for entry in snapshot.facts.indicators.values() if int(code) in entry.aims and entry.published]
    found = [tell(snapshot, entry.id) for entry in entries if judges(entry)]
    # Those numbered for the aim come first; the others serve several aims.
    own_first = sorted((told for told in found if told is not None), key=lambda told: not _is_own(told.entry, code))
    judging = tuple(own_first)
    own = None if actions is None else tuple(action for action in actions if action.aim == code)
    summed = milestones.summed(own, today) if own is not None and today is not None else Actions()
    return Aim(
        code,
        row["label"],
        row["meaning"],
        judging,
        tuple(entry for entry in entries if not judges(entry) and entry.id != MILESTONES),
        tell(snapshot, MILESTONES, (("aim", code),)),
        own,
        summed,
        judge([told.measured for told in judging], summed),
        judged.get(code),
    )
