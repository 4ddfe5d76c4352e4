"""A scenario: what a planner supposes about demand, staff and work, by name, as JSON and as a link that others open.

    scenario = presets(start)["more_10"]
    with_demand(demand, scenario)                # what a workload takes, with more requests and work having moved
    with_scenario(plan, scenario, assumptions)   # the plan of a laboratory with the staff supposed

Drivers of demand are those of `capacity.demand_drivers`; assumptions are set by their ids, as on the page Assumptions.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import polars as pl

from capacity.assumptions import AssumptionError, Assumptions
from capacity.demand import CATEGORY, TECHNOLOGY
from capacity.demand_drivers import Driver, Growth, Mainstreaming, NewTest, Switch
from capacity.laboratory_plan import Plan, Role, Staff, with_change
from capacity.workload import TRAINING_YEARS, full_time_hours
from catalogue.reference import codes, reference_rows

#: Of the layout of JSON and links.
VERSION = 1

#: What a name may hold: nothing that a page could take for markup.
NAME = re.compile(r"[^\W_](?:[^\W_]|[ ,.()%+'/:-]){0,79}")

#: So many rows of each kind, and a link so long, are more than a planner writes.
MOST_ROWS, MOST_OVERRIDES, LONGEST_LINK = 40, 60, 16_000

#: Days that a scenario may name, and WTE that one row may add or take.
FIRST_DAY, LAST_DAY, MOST_WTE = dt.date(2020, 1, 1), dt.date(2040, 12, 31), 200.0

#: A week of fewer hours than these, or more, is a slip of the pen.
SHORTEST_WEEK, LONGEST_WEEK = 20.0, 48.0

SCIENTIST = "clinical_scientist"


class ScenarioError(ValueError):
    """A scenario, or a link or file of one, that cannot be used; the message says what is wrong, in plain words."""


@dataclass(frozen=True)
class StaffChange:
    """WTE of a role that a laboratory gains from a day on, or loses where below nought."""

    site: str
    role: str
    start: dt.date
    wte: float


@dataclass(frozen=True)
class Trainees:
    """Trainee clinical scientists more a year: so many start on a day, and on the same day of the years after it.

    until: the last day on which some may start.
    """

    site: str
    a_year: float
    start: dt.date
    until: dt.date


@dataclass(frozen=True)
class More:
    """So many requests more than forecast from a day on, of a category or of all where it is empty: 0.1 is 10% more."""

    more: float
    start: dt.date
    category: str = ""


@dataclass(frozen=True)
class Move:
    """A share of a category's requests, or of all where it is empty, that another laboratory does from a day on."""

    from_site: str
    to_site: str
    share: float
    start: dt.date
    category: str = ""


@dataclass(frozen=True)
class Week:
    """The hours of the full-time week from a day on, in place of those agreed."""

    hours: float
    start: dt.date


@dataclass(frozen=True)
class Scenario:
    """All that is supposed, under a name. What it does not name stays as planned."""

    name: str
    drivers: tuple[Driver, ...] = ()
    staff: tuple[StaffChange, ...] = ()
    trainees: tuple[Trainees, ...] = ()
    moves: tuple[Move, ...] = ()
    more: tuple[More, ...] = ()
    week: Week | None = None
    overrides: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        _insist(bool(NAME.fullmatch(self.name)), "A name has 1 to 80 letters, digits, spaces and ,.()%+'/:-")
        for rows in (self.drivers, self.staff, self.trainees, self.moves, self.more):
            _insist(len(rows) <= MOST_ROWS, f"A scenario has at most {MOST_ROWS} rows of a kind.")
        _insist(len(self.overrides) <= MOST_OVERRIDES, f"A scenario sets at most {MOST_OVERRIDES} assumptions.")
        keys = [key for key, _ in self.overrides]
        _insist(all(a < b for a, b in pairwise(keys)), "Assumptions stand by their id, each once.")
        week = (self.week,) if self.week else ()
        for row in (*self.drivers, *self.staff, *self.trainees, *self.moves, *self.more, *week):
            _check_row(row)

    @property
    def is_as_planned(self) -> bool:
        """Whether nothing is supposed."""
        return replace(self, name="x") == Scenario("x")

    @cached_property
    def hash(self) -> str:
        """What names this scenario whatever it is called: the same suppositions, the same hash on any machine."""
        told = {key: value for key, value in _told(self).items() if key != "name"}
        return hashlib.sha256(_text(told).encode()).hexdigest()[:12]


def to_json(scenario: Scenario) -> str:
    """A scenario as JSON, the same text for the same scenario."""
    return _text(_told(scenario))


def from_json(text: str) -> Scenario:
    """The scenario of a text; ScenarioError says in plain words what is wrong with it."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise ScenarioError("This is not a scenario: it cannot be read as JSON.") from problem
    _insist(isinstance(told, dict), "This is not a scenario: it holds no named fields.")
    _insist(
        told.get("version") == VERSION, f"This scenario is not of version {VERSION}, which is all that can be read."
    )
    known = {"version", *(field.name for field in fields(Scenario))}
    _insist(set(told) <= known, f"A scenario has no field {_shown(next(iter(set(told) - known), ''))}.")
    week, overrides = told.get("week"), told.get("overrides", {})
    _insist(isinstance(overrides, dict), "Assumptions are given as an id with a number each.")
    return Scenario(
        name=_value("str", told.get("name", ""), "name"),
        drivers=tuple(_driver(row) for row in _rows(told, "drivers")),
        staff=tuple(_built(StaffChange, row) for row in _rows(told, "staff")),
        trainees=tuple(_built(Trainees, row) for row in _rows(told, "trainees")),
        moves=tuple(_built(Move, row) for row in _rows(told, "moves")),
        more=tuple(_built(More, row) for row in _rows(told, "more")),
        week=None if week is None else _built(Week, week),
        overrides=tuple(sorted((key, _value("float", number, key)) for key, number in overrides.items())),
    )


def to_link(scenario: Scenario) -> str:
    """A scenario as the part of an address: what tells damage, a dot, and the JSON in letters that addresses allow."""
    data = to_json(scenario).encode()
    return f"{_sum(data)}.{base64.urlsafe_b64encode(data).decode().rstrip('=')}"


def from_link(text: str) -> Scenario:
    """The scenario of a link; ScenarioError where it is damaged, or does not hold a scenario that can be."""
    _insist(len(text) <= LONGEST_LINK, "This link is longer than that of any scenario.")
    check, _, body = text.partition(".")
    try:
        data = base64.b64decode(body.encode("ascii") + b"=" * (-len(body) % 4), altchars=b"-_", validate=True)
        written = data.decode()
    except (binascii.Error, ValueError) as problem:
        raise ScenarioError("This link is damaged: copy the whole of it, and open it again.") from problem
    _insist(check == _sum(data), "This link is damaged: copy the whole of it, and open it again.")
    return from_json(written)


def applied(assumptions: Assumptions, scenario: Scenario) -> Assumptions:
    """The assumptions with those that a scenario sets; ScenarioError names one that does not exist or cannot be."""
    try:
        return assumptions.overridden(dict(scenario.overrides))
    except AssumptionError as problem:
        raise ScenarioError(f"An assumption of this scenario cannot be used. {problem}.") from problem


def run_hash(
    scenario: Scenario, assumptions: Assumptions, seed: int, replications: int, release: str, code: str
) -> str:
    """What names a run: all that its figures rest on, in one short text.

    code: the version of the code that simulates, as `capacity.code_version` has it.
    """
    told = [scenario.hash, applied(assumptions, scenario).hash, seed, replications, release, code]
    return hashlib.sha256(_text(told).encode()).hexdigest()[:12]


def with_demand(demand: pl.DataFrame, scenario: Scenario) -> pl.DataFrame:
    """Requests by `site`, `category` and `period_start` under a scenario: first more of them, then moved.

    Drivers are no part of this: they act on the forecast from which the table is made.
    """
    for row in scenario.more:
        rises = pl.col("period_start") >= row.start.replace(day=1)
        if row.category:
            rises &= pl.col("category") == row.category
        factor = pl.when(rises).then(1 + row.more).otherwise(1.0)
        demand = demand.with_columns(pl.col(name) * factor for name in _numbers(demand))
    return moved(demand, scenario.moves)


def _numbers(demand: pl.DataFrame) -> list[str]:
    return [name for name, kind in demand.schema.items() if kind.is_numeric()]


def moved(demand: pl.DataFrame, moves: Sequence[Move]) -> pl.DataFrame:
    """Requests by `site`, `category` and `period_start`, shares of them done elsewhere, one move after the other.

    All other columns of numbers (limits of ranges) move in the same share. What a site loses another gains.
    """
    keys = ["site", "category", "period_start"]
    numbers = _numbers(demand)
    for move in moves:
        goes = (pl.col("site") == move.from_site) & (pl.col("period_start") >= move.start.replace(day=1))
        if move.category:
            goes &= pl.col("category") == move.category
        gone = demand.filter(goes).with_columns(
            pl.lit(move.to_site).alias("site"), *(pl.col(name) * move.share for name in numbers)
        )
        left = demand.with_columns(
            pl.when(goes).then(pl.col(name) * (1 - move.share)).otherwise(name) for name in numbers
        )
        both = pl.concat([left, gone.select(left.columns)])
        others = [name for name in demand.columns if name not in (*keys, *numbers)]
        demand = (
            both.group_by(keys, maintain_order=True)
            .agg(*(pl.col(name).sum() for name in numbers), *(pl.col(name).first() for name in others))
            .select(demand.columns)
        )
    return demand


def with_scenario(plan: Plan, scenario: Scenario, assumptions: Assumptions) -> Plan:
    """The plan of a laboratory with the staff, trainees and week of a scenario; arrivals stay as they are.

    A change from before the plan's start counts from its start. PlanError where more leave than there are;
    ScenarioError where work moves to a laboratory where nobody is in post for a part of it.
    """
    _insist_on_hands(plan, scenario, assumptions)
    changes = [change for change in scenario.staff if change.site == plan.site]
    for trainees in scenario.trainees:
        if trainees.site == plan.site:
            changes += staff_of_trainees(trainees, assumptions)
    roles = {role.code: role for role in plan.roles}
    for change in sorted(changes, key=lambda one: one.start):
        if change.role not in roles:
            raise ScenarioError(f"The simulation of {plan.site} has no work for the role {change.role}.")
        roles[change.role] = with_change(roles[change.role], max(change.start, plan.start), change.wte)
    if scenario.week is not None:
        roles = {code: with_week(role, scenario.week) for code, role in roles.items()}
    return replace(plan, roles=tuple(roles[role.code] for role in plan.roles))


def _insist_on_hands(plan: Plan, scenario: Scenario, assumptions: Assumptions) -> None:
    there = {role.code for role in plan.roles}
    for move in scenario.moves:
        if move.to_site != plan.site or not move.share:
            continue
        minutes = assumptions.minutes()
        asked = minutes.filter(category=move.category) if move.category else minutes
        missing = sorted(set(asked.filter(pl.col("minutes") > 0)["role"]) - there)
        _insist(
            not missing,
            f"Work cannot move to {plan.site}: nobody is in post there as {', '.join(missing).replace('_', ' ')}, "
            "so a part of it would be done by none.",
        )


def staff_of_trainees(trainees: Trainees, assumptions: Assumptions) -> list[StaffChange]:
    """What trainees add to scientists, in WTE: their work less the supervision that they take, then those who stay."""
    length = round(assumptions.value("training_years"))
    worth = [
        assumptions.value("trainee_productivity", year) - assumptions.value("supervision", year)
        for year in (TRAINING_YEARS[min(place, len(TRAINING_YEARS) - 1)] for place in range(length))
    ]
    worth.append(assumptions.value("training_completed") * assumptions.value("training_kept"))
    changes = []
    start = trainees.start
    while start <= trainees.until:
        before = 0.0
        for place, each in enumerate(worth):
            more = trainees.a_year * (each - before)
            if more:
                changes.append(StaffChange(trainees.site, SCIENTIST, _years_on(start, place), more))
            before = each
        start = _years_on(start, 1)
    return changes


def with_week(role: Role, week: Week) -> Role:
    """The role with the minutes that a week of other hours leaves of each day, from a day on."""
    days = {row.from_date for row in role.staff}
    if week.start > role.staff[0].from_date:
        days.add(week.start)
    rows = []
    for day in sorted(days):
        standing = [row for row in role.staff if row.from_date <= day][-1]
        part = week.hours / full_time_hours(day) if day >= week.start else 1.0
        rows.append(Staff(day, standing.wte, standing.minutes * part))
    return Role(role.code, tuple(rows))


@dataclass(frozen=True)
class Preset:
    """A scenario that answers a question of planners, and what it supposes in a sentence."""

    scenario: Scenario
    says: str


def presets(start: dt.date) -> dict[str, Preset]:
    """The scenarios for the questions of planners, from the first day of a plan on."""
    april = dt.date(start.year + (start >= dt.date(start.year, 4, 1)), 4, 1)
    autumn = dt.date(start.year + (start > dt.date(start.year, 9, 1)), 9, 1)
    found = {"as_planned": Preset(Scenario("As planned"), "Demand as forecast, staff and week as they are.")}
    for rate in (5, 10, 15):
        found[f"more_{rate}"] = Preset(
            Scenario(f"{rate}% more requests a year", more=(More(rate / 100, start),)),
            f"From the start, {rate}% more requests of every category come each year than is forecast.",
        )
    switch = Switch(0.5, april, 12, from_category="rare_complex", to_category="whole_genome")
    found["panels_to_genomes"] = Preset(
        Scenario("Half of large panels done as genomes", drivers=(switch,)),
        "Over 12 months from April, half of the requests for a large panel or exome for rare disease become requests "
        "for a whole genome, with its minutes and its standard.",
    )
    shares = {"ABE": 1.0, "DUN": 1.0, "EDI": 1.0, "GLA": 2.0}
    until = dt.date(autumn.year + 4, 9, 1)
    found["trainees_5"] = Preset(
        Scenario(
            "Five more trainees a year", trainees=tuple(Trainees(site, n, autumn, until) for site, n in shares.items())
        ),
        "Five more trainee clinical scientists start every September, two of them at Glasgow, one at each other "
        "laboratory. They cost time first, and count as scientists after three years.",
    )
    week = dt.date(april.year + 1, 4, 1)
    found["week_35"] = Preset(
        Scenario("A week of 35 hours", week=Week(35.0, week)),
        f"The full-time week falls from 36 to 35 hours on 1 April {week.year}, with no more posts.",
    )
    found["work_moves"] = Preset(
        Scenario("A fifth of Glasgow's work at Edinburgh", moves=(Move("GLA", "EDI", 0.2, april),)),
        "From April, Edinburgh does a fifth of the requests of every category that Glasgow would have done.",
    )
    return found


def _years_on(day: dt.date, years: int) -> dt.date:
    """The same day some years on; 28 February for the 29th where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


KINDS: Mapping[str, type[Any]] = {
    "growth": Growth,
    "new_test": NewTest,
    "switch": Switch,
    "mainstreaming": Mainstreaming,
}


def _told(scenario: Scenario) -> dict[str, Any]:
    kinds = {kind: name for name, kind in KINDS.items()}
    return {
        "version": VERSION,
        "name": scenario.name,
        "drivers": [{"kind": kinds[type(driver)], **_plain(driver)} for driver in scenario.drivers],
        "staff": [_plain(row) for row in scenario.staff],
        "trainees": [_plain(row) for row in scenario.trainees],
        "moves": [_plain(row) for row in scenario.moves],
        "more": [_plain(row) for row in scenario.more],
        "week": _plain(scenario.week) if scenario.week else None,
        "overrides": dict(scenario.overrides),
    }


def _plain(row: Any) -> dict[str, Any]:
    found = {field.name: getattr(row, field.name) for field in fields(row)}
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in found.items()}


def _text(told: object) -> str:
    return json.dumps(told, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _sum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:8]


def _rows(told: Mapping[str, Any], name: str) -> list[Any]:
    rows = told.get(name, [])
    _insist(isinstance(rows, list), f"{name} is a list of rows.")
    _insist(len(rows) <= MOST_ROWS, f"A scenario has at most {MOST_ROWS} rows of a kind.")
    found: list[Any] = rows
    return found


def _driver(row: Any) -> Driver:
    _insist(isinstance(row, dict), "A driver of demand is named fields.")
    kind = row.get("kind")
    _insist(isinstance(kind, str) and kind in KINDS, f"There is no driver of demand {_shown(kind)}.")
    driver: Driver = _built(KINDS[kind], {name: value for name, value in row.items() if name != "kind"})
    return driver


def _built(kind: type[Any], row: Any) -> Any:
    """A row from its named fields, each of its type."""
    _insist(isinstance(row, dict), f"A row of {kind.__name__} is named fields.")
    known = {field.name: field for field in fields(kind)}
    _insist(set(row) <= set(known), f"{kind.__name__} has no field {_shown(next(iter(set(row) - set(known)), ''))}.")
    missing = [name for name, field in known.items() if field.default is MISSING and name not in row]
    _insist(not missing, f"{kind.__name__} needs the field {missing[0] if missing else ''}.")
    return kind(**{name: _value(str(known[name].type), value, name) for name, value in row.items()})


def _value(kind: str, value: Any, name: str) -> Any:
    """A value of a type, as it was written; ScenarioError names the field."""
    wrong = f"{_shown(name)} cannot be {_shown(value)}."
    if kind == "bool":
        _insist(isinstance(value, bool), wrong)
        return value
    if kind in ("float", "int"):
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        _insist(is_number and abs(value) <= 1e9 and (kind == "float" or value == int(value)), wrong)
        return float(value) if kind == "float" else int(value)
    _insist(isinstance(value, str) and len(value) <= 80, wrong)
    if kind != "dt.date":
        return value
    try:
        return dt.date.fromisoformat(value)
    except ValueError as problem:
        raise ScenarioError(wrong) from problem


def _shown(value: Any) -> str:
    """A value from outside, short and harmless."""
    return re.sub(r"[^\w .:/+-]", "", str(value))[:40] or "(nothing)"


def _insist(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ScenarioError(otherwise)


def sites() -> tuple[str, ...]:
    """Laboratories of Scotland by their code."""
    return tuple(row["code"] for row in reference_rows("laboratories") if row["is_scottish"] == "yes")


def _check_row(row: Any) -> None:
    """Refuse codes that are on no list, days far away and numbers that make no sense."""
    for name, value in ((field.name, getattr(row, field.name)) for field in fields(row)):
        if isinstance(value, float):
            _insist(math.isfinite(value), f"{name} is no number.")
        if isinstance(value, dt.date):
            _insist(FIRST_DAY <= value <= LAST_DAY, f"{name} is from {FIRST_DAY} to {LAST_DAY}, not {value}.")
        if name in LISTS and (value or name in MUST):
            _insist(value in LISTS[name](), f"There is no {name.replace('_', ' ')} {_shown(value)}.")
        if name == "share":
            _insist(0 <= value <= 1, f"A share is from 0 to 1, not {value}.")
        if name in BETWEEN:
            low, high = BETWEEN[name]
            _insist(low <= value <= high, f"{name.replace('_', ' ')} is from {low:g} to {high:g}, not {value:g}.")
    if isinstance(row, (Growth, Mainstreaming)) and row.dimension:
        listed = {CATEGORY: LISTS["category"], TECHNOLOGY: LISTS["technology"]}
        known = listed.get(row.dimension)
        _insist(known is not None and row.code in known(), f"Nothing is known of {_shown(row.code)}.")
    if isinstance(row, Move):
        _insist(row.from_site != row.to_site, "Work moves from one laboratory to another.")
    if isinstance(row, Trainees):
        _insist(row.start <= row.until, "Trainees start before the last day on which they may.")


LISTS: Mapping[str, Callable[[], Sequence[str]]] = {
    "site": sites,
    "from_site": sites,
    "to_site": sites,
    "role": lambda: codes("roles"),
    **dict.fromkeys(("category", "from_category", "to_category"), lambda: codes("turnaround_categories")),
    **dict.fromkeys(("technology", "from_technology", "to_technology"), lambda: codes("technologies")),
}
MUST = ("site", "from_site", "to_site", "role")

BETWEEN: Mapping[str, tuple[float, float]] = {
    "more": (-0.9, 3.0),
    "wte": (-MOST_WTE, MOST_WTE),
    "a_year": (0.0, 100.0),
    "hours": (SHORTEST_WEEK, LONGEST_WEEK),
    "rate": (-0.5, 1.0),
    "requests_a_year": (0.0, 100_000.0),
    "added": (0.0, 10.0),
    "ramp_months": (0, 120),
}
