"""Turnaround worked out request by request in plain Python, from the lake's rows and the reference files.

Nothing of sql/, methods/ or pipelines.cubes is used: only dates, loops and dictionaries.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

REFERENCE = Path(__file__).parent.parent.parent / "reference"
LEFT_OUT = {"cancelled", "rejected", "duplicate"}
DAY = dt.timedelta(days=1)

Row = dict[str, Any]
Cell = tuple[str, str, tuple[str, ...], dt.date]
#: How a cell's codes are named, once or more.
Naming = Callable[[tuple[str, ...]], Iterator[tuple[str, ...]]]


@dataclass(frozen=True)
class Request:
    """One accepted request with its clock worked out."""

    row: Row
    judged_on: dt.date
    due_date: dt.date | None
    net_days: int
    in_time: bool
    report_date: dt.date | None
    category: str
    clock: Row
    clock_start: dt.date


def reference(name: str) -> list[dict[str, str]]:
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def holidays(board: str) -> frozenset[dt.date]:
    return frozenset(
        dt.date.fromisoformat(row["date"]) for row in reference("public_holidays") if row["board_code"] == board
    )


def is_worked(board: str, day: dt.date) -> bool:
    return day.isoweekday() <= 5 and day not in holidays(board)


def working_days(board: str, start: dt.date, end: dt.date) -> int:
    """Working days after the start, up to and including the end."""
    return sum(is_worked(board, start + DAY * step) for step in range(1, (end - start).days + 1))


def due_in_working_days(board: str, start: dt.date, target: int) -> dt.date:
    day, left = start, target
    while left > 0:
        day += DAY
        left -= is_worked(board, day)
    return day


def standard_of(code: str | None, received: dt.date) -> dict[str, str] | None:
    found = [
        row
        for row in reference_standards()
        if row["code"] == code
        and row["valid_from"] <= received.isoformat()
        and (not row["valid_to"] or received.isoformat() < row["valid_to"])
    ]
    assert len(found) <= 1
    return found[0] if found else None


@cache
def reference_standards() -> list[dict[str, str]]:
    return reference("turnaround_standards")


def newest(files: Iterable[Path]) -> dict[str, Row]:
    """The newest row of each request over the files in use."""
    found: dict[str, Row] = {}
    for file in files:
        for row in pq.read_table(file, partitioning=None).to_pylist():
            known = found.get(row["request_id"])
            rank = (row["extracted_on"], row["submission_id"])
            if known is None or rank > (known["extracted_on"], known["submission_id"]):
                found[row["request_id"]] = row
    return found


def requests(testing_files: Iterable[Path], turnaround_files: Iterable[Path]) -> list[Request]:
    testing, turnaround = newest(testing_files), newest(turnaround_files)
    judged: dict[str, dt.date] = {}
    for request_id, row in testing.items():
        lab = row["receiving_lab"]
        for known in (row, turnaround.get(request_id, row)):
            judged[lab] = max(judged.get(lab, dt.date.min), known["extracted_on"])
    hosts = {row["code"]: row["host_board"] for row in reference("laboratories")}
    found = []
    for request_id, row in testing.items():
        clock = turnaround.get(request_id)
        if clock is None or row["request_status"] in LEFT_OUT or clock["cancelled_date"]:
            continue
        found.append(one_request(row, clock, judged[row["receiving_lab"]], hosts))
    return found


def one_request(row: Row, clock: Row, judged_on: dt.date, hosts: dict[str, str]) -> Request:
    board = hosts.get(row["performing_lab"] or "") or hosts[row["receiving_lab"]]
    standard = standard_of(clock["standard_code"], clock["received_date"])
    event = standard["clock_start_event"] if standard else "received"
    start = {"collected": clock["collected_date"], "dna_extracted": clock["dna_extracted_date"]}.get(event)
    start = start or clock["received_date"]
    paused, report = clock["paused_days"] or 0, clock["report_date"]
    end = report or judged_on
    days = (end - start).days
    works = standard is not None and standard["day_type"] == "working"
    due, in_time = None, False
    if standard:
        target = int(standard["target_days"])
        if works:
            due = due_in_working_days(board, start, target + paused)
            used = max(working_days(board, start, end) - paused, 0)
        else:
            due = start + DAY * (target + paused)
            used = max(days - paused, 0)
        in_time = report is not None and used <= target
    return Request(
        row=row,
        judged_on=judged_on,
        due_date=due,
        net_days=max(days - (0 if works else paused), 0),
        in_time=in_time,
        report_date=report,
        category=standard["turnaround_category"] if standard else "none",
        clock=clock,
        clock_start=start,
    )


def period(grain: str, day: dt.date, first: dt.date, newest_month: dt.date) -> dt.date | None:
    """First day of the period of a grain to which a day belongs; None where the record does not cover it whole."""
    month = day.replace(day=1)
    if not first <= month <= newest_month:
        return None
    if grain == "month":
        return month
    size = {"quarter": 3, "year": 12}[grain]
    if grain == "quarter":
        start = month.replace(month=(month.month - 1) // 3 * 3 + 1)
    else:
        ago = (newest_month.year - month.year) * 12 + newest_month.month - month.month
        start = add_months(newest_month, -(ago // 12 * 12 + 11))
    return start if first <= start and add_months(start, size - 1) <= newest_month else None


def add_months(month: dt.date, count: int) -> dt.date:
    total = month.year * 12 + month.month - 1 + count
    return dt.date(total // 12, total % 12 + 1, 1)


def dimension(request: Request, name: str) -> str:
    if name == "turnaround_category":
        return request.category
    return str(request.row[name] or "not_recorded")


#: Orkney, Shetland and Western Isles: apart where boards stand alone, together where they are crossed.
ISLANDS = ("S08000025", "S08000026", "S08000028")


def with_islands_together(codes: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The codes of a cell as releases name it: a crossed one with the islands together, one of a board both ways."""
    together = tuple("island_boards" if code in ISLANDS else code for code in codes)
    if len(codes) < 2:
        yield codes
    if len(codes) > 1 or together != codes:
        yield together


def as_they_are(codes: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The codes of a cell as a board's own file names it: every board apart."""
    yield codes


def cells(
    request: Request,
    day: dt.date,
    cubes: Iterable[tuple[str, ...]],
    grains: Iterable[str],
    first: dt.date,
    last: dt.date,
    named: Naming = with_islands_together,
) -> Iterator[Cell]:
    for grain in grains:
        start = period(grain, day, first, last)
        if start is not None:
            for cube in cubes:
                for codes in named(tuple(dimension(request, name) for name in cube)):
                    yield grain, "+".join(cube), codes, start


def within_standard(
    found: list[Request],
    cubes: list[tuple[str, ...]],
    grains: list[str],
    first: dt.date,
    last: dt.date,
    named: Naming = with_islands_together,
) -> dict[Cell, tuple[int, int]]:
    """Requests in time, and due, by cell (2.1)."""
    counted: dict[Cell, list[int]] = defaultdict(lambda: [0, 0])
    for request in found:
        if request.due_date is not None and request.due_date < request.judged_on:
            for cell in cells(request, request.due_date, cubes, grains, first, last, named):
                counted[cell][0] += request.in_time
                counted[cell][1] += 1
    return {cell: (met, due) for cell, (met, due) in counted.items()}


def backlog(
    found: list[Request],
    cubes: list[tuple[str, ...]],
    first: dt.date,
    last: dt.date,
    named: Naming = with_islands_together,
) -> dict[Cell, tuple[int, int]]:
    """Requests past due, and open, at each month's end, by cell (2.2)."""
    counted: dict[Cell, list[int]] = defaultdict(lambda: [0, 0])
    month = first
    while month <= last:
        end = add_months(month, 1) - DAY
        for request in found:
            received = request.row["received_date"]
            is_open = received <= end < request.judged_on and (request.report_date is None or request.report_date > end)
            if is_open and request.due_date is not None:
                for cell in cells(request, end, cubes, ["month"], first, last, named):
                    counted[cell][0] += request.due_date < end
                    counted[cell][1] += 1
        month = add_months(month, 1)
    return {cell: (overdue, total) for cell, (overdue, total) in counted.items()}


def waits(
    found: list[Request],
    cubes: list[tuple[str, ...]],
    grains: list[str],
    first: dt.date,
    last: dt.date,
    named: Naming = with_islands_together,
) -> dict[Cell, list[tuple[int, bool]]]:
    """Days and whether reported, of every request received, by cell (V2)."""
    gathered: dict[Cell, list[tuple[int, bool]]] = defaultdict(list)
    for request in found:
        for cell in cells(request, request.row["received_date"], cubes, grains, first, last, named):
            gathered[cell].append((request.net_days, request.report_date is not None))
    return gathered


def quantile(times: list[tuple[int, bool]], probability: float) -> float | None:
    """First day by which a share has been reported, by the product-limit method; a flat piece gives its middle."""
    surviving, at_risk, reached = 1.0, len(times), None
    on_day: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for time, reported in times:
        on_day[time][0] += reported
        on_day[time][1] += 1
    for day in sorted(on_day):
        events, leaving = on_day[day]
        if reached is not None and events:
            return (reached + day) / 2
        surviving *= 1 - events / at_risk
        at_risk -= leaving
        if events and surviving < 1 - probability - 1.5e-8:
            return float(day)
        if events and abs(surviving - (1 - probability)) <= 1.5e-8:
            reached = day
    return None if reached is None else (reached + max(time for time, _ in times)) / 2


def reported_share(
    found: list[Request], cubes: list[tuple[str, ...]], grains: list[str], first: dt.date, last: dt.date
) -> dict[Cell, tuple[int, int]]:
    """Requests in time, and reported, of those due, by cell (2.1a)."""
    counted: dict[Cell, list[int]] = defaultdict(lambda: [0, 0])
    for request in found:
        is_due = request.due_date is not None and request.due_date < request.judged_on
        if is_due and request.report_date is not None:
            assert request.due_date is not None
            for cell in cells(request, request.due_date, cubes, grains, first, last):
                counted[cell][0] += request.in_time
                counted[cell][1] += 1
    return {cell: (met, reported) for cell, (met, reported) in counted.items()}


def by_todays_standard(
    found: list[Request], cubes: list[tuple[str, ...]], grains: list[str], first: dt.date, last: dt.date
) -> dict[Cell, tuple[int, int]]:
    """Requests in time, and due, by the version of each standard that is valid on the record's last day (2.1b)."""
    end = add_months(last, 1) - DAY
    counted: dict[Cell, list[int]] = defaultdict(lambda: [0, 0])
    for request in found:
        standard = standard_of(request.clock["standard_code"], end)
        if standard is None:
            continue
        event = standard["clock_start_event"]
        start = {"collected": request.clock["collected_date"], "dna_extracted": request.clock["dna_extracted_date"]}
        begun = start.get(event) or request.clock["received_date"]
        allowed = int(standard["target_days"]) + (request.clock["paused_days"] or 0)
        assert standard["day_type"] == "calendar", "no standard of today counts working days"
        due = begun + DAY * allowed
        if due < request.judged_on:
            for cell in cells(request, due, cubes, grains, first, last):
                counted[cell][0] += request.report_date is not None and request.report_date <= due
                counted[cell][1] += 1
    return {cell: (met, due) for cell, (met, due) in counted.items()}


def gross_waits(
    found: list[Request], cubes: list[tuple[str, ...]], grains: list[str], first: dt.date, last: dt.date
) -> dict[Cell, list[tuple[int, bool]]]:
    """Days with pauses left in, and whether reported, of every request received, by cell (V2a)."""
    gathered: dict[Cell, list[tuple[int, bool]]] = defaultdict(list)
    for request in found:
        days = ((request.report_date or request.judged_on) - request.clock_start).days
        for cell in cells(request, request.row["received_date"], cubes, grains, first, last):
            gathered[cell].append((days, request.report_date is not None))
    return gathered


#: The days of a path in their order; a stage lies between each and the next.
PATH = (
    ("collected_date", ""),
    ("dispatched_date", "collection"),
    ("received_date", "transport"),
    ("dna_extracted_date", "extraction"),
    ("sequenced_date", "sequencing"),
    ("analysed_date", "analysis"),
    ("authorised_date", "authorisation"),
    ("report_date", "reporting"),
    ("report_visible_date", "visible"),
)


def stages_of(request: Request) -> Iterator[tuple[str, int, bool]]:
    """Each stage that a request has entered, with its days, so far where it is open, and whether it is over."""
    days = [request.clock[name] for name, _ in PATH]
    for place, (_, stage) in enumerate(PATH[1:], 1):
        begun, ended = days[place - 1], days[place]
        if begun is None:
            continue
        if ended is not None:
            if begun <= ended:
                yield stage, (ended - begun).days, True
        elif not any(days[place + 1 :]) and begun <= request.judged_on:
            yield stage, (request.judged_on - begun).days, False


def stage_waits(
    found: list[Request], cubes: list[tuple[str, ...]], grains: list[str], first: dt.date, last: dt.date
) -> dict[Cell, list[tuple[int, bool]]]:
    """Days in each stage and whether it is over, of every request received, by cell (V2b)."""
    gathered: dict[Cell, list[tuple[int, bool]]] = defaultdict(list)
    for request in found:
        for stage, days, is_over in stages_of(request):
            for cube in cubes:
                named = tuple(stage if name == "stage" else dimension(request, name) for name in cube)
                for grain in grains:
                    start = period(grain, request.row["received_date"], first, last)
                    if start is not None:
                        gathered[grain, "+".join(cube), named, start].append((days, is_over))
    return gathered


def stage_shares(
    found: list[Request], name: str, first: dt.date, last: dt.date, needs: int
) -> dict[tuple[str, dt.date, str], int | None]:
    """Whole per cent of all days by place, 12 months and stage, of requests reported; None where a stage has few.

    name: the dimension of the places; empty for Scotland.
    """
    days: dict[tuple[str, dt.date], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    people: dict[tuple[str, dt.date, str], set[str]] = defaultdict(set)
    for request in found:
        start = period("year", request.row["received_date"], first, last)
        if start is None or request.report_date is None:
            continue
        at = dimension(request, name) if name else ""
        for stage, spent, is_over in stages_of(request):
            if is_over:
                days[at, start][stage] += spent
                people[at, start, stage].add(request.row["person_id"])
    shares: dict[tuple[str, dt.date, str], int | None] = {}
    for (at, start), spent_in in days.items():
        whole = sum(spent_in.values())
        enough = all(len(people[at, start, stage]) >= needs for _, stage in PATH[1:])
        for _, stage in PATH[1:]:
            shares[at, start, stage] = int(100 * spent_in[stage] / whole + 0.5) if enough else None
    return shares


def expected_late(found: list[Request], name: str, first: dt.date, last: dt.date) -> dict[str, float]:
    """Late requests expected in each place of a dimension in the newest 12 months, at Scotland's share late of the same
    category, technology and month of due date."""
    newest = period("year", last, first, last)
    everywhere: dict[tuple[object, ...], list[int]] = defaultdict(lambda: [0, 0])
    due = [r for r in found if r.due_date is not None and r.due_date < r.judged_on]
    due = [r for r in due if r.due_date and period("year", r.due_date, first, last) == newest]

    def stratum(request: Request) -> tuple[object, ...]:
        assert request.due_date is not None
        return request.category, request.row["technology"], request.due_date.replace(day=1)

    for request in due:
        everywhere[stratum(request)][0] += not request.in_time
        everywhere[stratum(request)][1] += 1
    expected: dict[str, float] = defaultdict(float)
    for request in due:
        late, requests_of_it = everywhere[stratum(request)]
        expected[dimension(request, name)] += late / requests_of_it
    return expected
