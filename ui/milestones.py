"""The strategy's actions as the programme return has them: which are due, done and late, what each holds up. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from catalogue.reference import labels
from ui.aim_state import Actions

Standing = Literal["done_on_time", "done_late", "done", "late", "due_soon", "later", "withdrawn"]

#: An action due within so many months is due soon.
SOON_MONTHS = 6

STANDINGS: dict[Standing, str] = {
    "late": "Overdue",
    "due_soon": f"Due in the next {SOON_MONTHS} months",
    "later": "Due later",
    "done_on_time": "Done on time",
    "done_late": "Done late",
    "done": "Done; whether on time is not told",
    "withdrawn": "Withdrawn",
}


@dataclass(frozen=True)
class Action:
    """One action of the strategy on the day of the newest report.

    days_over: days overdue, or by which it was late when done; 0 otherwise. reported_on: the day of its own newest
    report, earlier than the newest of all where it was left out of that. first_due: the due date first given, where it
    was moved.
    """

    item_id: str
    aim: str
    title: str
    owner: str
    organisation: str
    due: dt.date | None
    completed: dt.date | None
    standing: Standing
    days_over: int
    depends_on: str | None
    narrative: str
    reported_on: dt.date
    first_due: dt.date | None = None

    @property
    def is_done(self) -> bool:
        """Whether it is done, whenever that was."""
        return self.standing in ("done_on_time", "done_late", "done")


@dataclass(frozen=True)
class Waiting:
    """An item that cannot be finished before another: itself, and the items that must be finished first."""

    item_id: str
    title: str
    aim: str
    is_done: bool


def reported_on(items: pl.DataFrame) -> dt.date:
    """The day that the newest report describes: what is due and late is judged on it, for every item."""
    day: dt.date = items["as_at"].max()  # type: ignore[assignment]
    return day


def first_due(history: pl.DataFrame) -> dict[str, dt.date]:
    """Each item whose due date was moved, with the one that was first reported: a new date hides no delay.

    history: every report of each item, columns `item_id`, `as_at` and `due_date`.
    """
    dated = history.filter(pl.col("due_date").is_not_null()).sort("as_at").group_by("item_id")
    found = dated.agg(first=pl.col("due_date").first(), last=pl.col("due_date").last())
    moved = found.filter(pl.col("first") != pl.col("last"))
    return dict(moved.select("item_id", "first").iter_rows())


def actions(items: pl.DataFrame, first: Mapping[str, dt.date] | None = None) -> tuple[Action, ...]:
    """Every action, by aim and due date, as it stands on the day of the newest report.

    first: the due date first given of those that were moved.
    """
    if items.is_empty():
        return ()
    today = reported_on(items)
    soon: dt.date = pl.Series([today]).dt.offset_by(f"{SOON_MONTHS}mo")[0]
    found = [
        _action(row, today, soon, (first or {}).get(row["item_id"]))
        for row in items.filter(item_type="action").to_dicts()
    ]
    return tuple(sorted(found, key=lambda action: (int(action.aim), action.due or dt.date.max, action.item_id)))


def _action(row: Mapping[str, Any], today: dt.date, soon: dt.date, first: dt.date | None) -> Action:
    due, done = row["due_date"], _is_done(row, today)
    standing: Standing
    over = 0
    if done:
        ended = row["completed_date"]
        over = max((ended - due).days, 0) if ended and due else 0
        standing = "done" if ended is None or due is None else "done_late" if over else "done_on_time"
    elif row["status"] == "withdrawn":
        standing = "withdrawn"
    elif due is not None and due <= today:
        standing, over = "late", (today - due).days
    else:
        standing = "due_soon" if due is not None and due <= soon else "later"
    return Action(
        row["item_id"], row["aim"], row["title"], row["owner"] or "no owner named", row["organisation_code"], due,
        row["completed_date"] if done else None, standing, over, row["depends_on"], row["narrative"] or "",
        row["as_at"], first,
    )  # fmt: skip


def _is_done(row: Mapping[str, Any], today: dt.date) -> bool:
    """Done by the day; an item told as complete without a day is done too."""
    if row["completed_date"] is None:
        return bool(row["status"] == "complete")
    return bool(row["completed_date"] <= today)


def due(found: Sequence[Action], today: dt.date) -> list[Action]:
    """The actions due by a day; one that was withdrawn stays among them, as in measure 1.4."""
    return [action for action in found if action.due is not None and action.due <= today]


def summed(found: Sequence[Action], today: dt.date) -> Actions:
    """What the rule of an aim's state asks of its actions."""
    fallen = due(found, today)
    over = [action.days_over for action in fallen if action.standing == "late"]
    return Actions(len(fallen), sum(action.is_done for action in fallen), max(over, default=0))


def held_up(items: pl.DataFrame, item_id: str) -> tuple[Waiting, ...]:
    """Every item not done that waits for this one, at once or through others, in the order of the chain."""
    today = reported_on(items)
    waiting = items.filter(pl.col("depends_on").is_not_null()).to_dicts()
    found: dict[str, Waiting] = {}
    ahead = [item_id]
    while ahead:
        first = ahead.pop(0)
        for row in waiting:
            if row["depends_on"] == first and row["item_id"] not in found and row["item_id"] != item_id:
                ahead.append(row["item_id"])
                found[row["item_id"]] = _waiting(row, today)
    return tuple(item for item in found.values() if not item.is_done)


def waits_for(items: pl.DataFrame, action: Action) -> Waiting | None:
    """The item that must be finished before an action; None where it waits for none, or for one that is not told."""
    rows = items.filter(item_id=action.depends_on or "").to_dicts()
    today = reported_on(items)
    return _waiting(rows[0], today) if rows else None


def _waiting(row: Mapping[str, Any], today: dt.date) -> Waiting:
    """An item by its title; one of several places under one title is told with its place."""
    place = labels("organisations").get(row["organisation_code"] or "", "")
    title = row["title"] if row["item_type"] == "action" or not place else f"{row['title']}, {place}"
    return Waiting(row["item_id"], title, row["aim"], _is_done(row, today))
