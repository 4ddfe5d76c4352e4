"""The queue of past month-ends and its chances, worked out request by request in plain Python from the lake's rows.

Nothing of sql/, methods/ or pipelines.outlook is used: only dates, loops and dictionaries.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.second import plain
from tests.second.plain import DAY


@dataclass(frozen=True)
class Waiting:
    """One request with a standard, its due dates without and with pauses, and the day it ended, if it did."""

    request_id: str
    lab: str
    received: dt.date
    ended: dt.date | None
    judged_on: dt.date
    first_due: dt.date
    due: dt.date
    target: int
    category: tuple[str, str, str]
    own: tuple[str, str, str, str]

    @property
    def is_late(self) -> bool:
        return self.ended is None or self.ended > self.due


def everybody(testing_files: Iterable[Path], turnaround_files: Iterable[Path]) -> list[Waiting]:
    testing, turnaround = plain.newest(testing_files), plain.newest(turnaround_files)
    judged: dict[str, dt.date] = {}
    for request_id, row in testing.items():
        for known in (row, turnaround.get(request_id, row)):
            judged[row["receiving_lab"]] = max(judged.get(row["receiving_lab"], dt.date.min), known["extracted_on"])
    hosts = {row["code"]: row["host_board"] for row in plain.reference("laboratories")}
    found = []
    for request_id, row in testing.items():
        clock, status = turnaround.get(request_id), row["request_status"]
        if clock is None or status in ("rejected", "duplicate"):
            continue
        if status == "cancelled" and not clock["cancelled_date"]:
            continue
        standard = plain.standard_of(clock["standard_code"], clock["received_date"])
        if standard is None:
            continue
        board = hosts.get(row["performing_lab"] or "") or hosts[row["receiving_lab"]]
        other = {"collected": clock["collected_date"], "dna_extracted": clock["dna_extracted_date"]}
        start = other.get(standard["clock_start_event"]) or clock["received_date"]
        target, paused = int(standard["target_days"]), clock["paused_days"] or 0
        if standard["day_type"] == "working":
            first, last = (plain.due_in_working_days(board, start, days) for days in (target, target + paused))
        else:
            first, last = start + DAY * target, start + DAY * (target + paused)
        lab = row["performing_lab"] or row["receiving_lab"]
        category = (standard["turnaround_category"], standard["target_days"], standard["day_type"])
        ended = clock["cancelled_date"] if status == "cancelled" else clock["report_date"]
        found.append(
            Waiting(
                request_id,
                lab,
                clock["received_date"],
                ended,
                judged[row["receiving_lab"]],
                first,
                last,
                target,
                category,
                (*category, lab),
            )
        )
    return found


def queue(all_of_them: list[Waiting], day: dt.date, ahead: int) -> list[Waiting]:
    """Open at the end of a past day, first due in the days after it."""
    return [
        one
        for one in all_of_them
        if one.received <= day and (one.ended is None or one.ended > day) and day < one.first_due <= day + DAY * ahead
    ]


def chances(all_of_them: list[Waiting], day: dt.date, asked: list[Waiting]) -> list[float]:
    """The chance of each to end later than its due date, by going through the history again for each."""
    history = [one for one in all_of_them if day - DAY * 365 < one.due <= day and one.due < one.judged_on]
    weight = {one.request_id: 0.5 ** ((day - one.due).days / 30) for one in history}
    groups: dict[object, list[Waiting]] = defaultdict(list)
    for one in history:
        groups["all"].append(one)
        groups[one.category].append(one)
        groups[one.own].append(one)

    def lead(one: Waiting) -> int:
        return -1 if one.ended is None else max(-1, min(200, (one.first_due - one.ended).days))

    found = []
    for one in asked:
        left = (one.first_due - day).days
        late = sum(weight[other.request_id] for other in groups["all"] if other.is_late)
        still = sum(
            weight[other.request_id]
            for other in groups["all"]
            if math.floor(10 * lead(other) / other.target) < math.ceil(10 * left / one.target)
        )
        chance = (late + 0.5) / (still + 1)
        for key in (one.category, one.own):
            late = sum(weight[other.request_id] for other in groups[key] if other.is_late)
            still = sum(weight[other.request_id] for other in groups[key] if lead(other) < left)
            chance = (late + 10 * chance) / (still + 10)
        found.append(chance)
    return found
