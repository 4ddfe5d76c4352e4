"""Days taken and the dates along the way, with troubled laboratories, weekends, pauses, failures and cancellations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy.stats import norm

from catalogue.reference import codes, reference_rows
from pipelines.demo import truth
from pipelines.demo.days import NEVER, Months, WorkingDays, calendar_month, day_number
from pipelines.demo.directory import lines, values
from pipelines.demo.draws import Flags, Floats, Ints, chance, geometric_gap, pick, stream
from pipelines.demo.people import People
from pipelines.demo.places import ALL_BOARDS, ISLANDS, LABORATORIES
from pipelines.demo.requests import SAMPLE_TYPES, Requests

CATEGORIES = tuple(truth.WITHIN_STANDARD)
CLOCK_EVENTS = codes("clock_start_events")
LABORATORY_LOG_ODDS = {"ABE": 0.05, "DUN": -0.05, "EDI": 0.05, "GLA": 0.0, "OUT": -0.15}
WORKING_TO_CALENDAR = 7 / 5


@dataclass(frozen=True)
class Course:
    """Day numbers along each request's way, NEVER where there is none; aligned with Requests."""

    requested: Ints
    collected: Ints
    pathology_released: Ints
    dispatched: Ints
    dna_extracted: Ints
    sequenced: Ints
    analysed: Ints
    authorised: Ints
    report: Ints
    visible: Ints
    cancelled: Ints
    clock_event: Ints
    paused_days: Ints
    pause_reason: Ints
    pause_known: Ints
    failed_event: Flags
    failed_for_good: Flags


def draw_course(seed: int, requests: Requests, people: People, months: Months, working: WorkingDays) -> Course:
    """The whole course of every request, as it will have been once all is over."""
    rng = stream(seed, "turnaround")
    size, received, laboratory = requests.size, requests.day, requests.performing
    requested, collected, released, dispatched = _before_receipt(stream(seed, "before receipt"), requests)
    failed = chance(rng, _failed_share()[requests.sample_type], size) & ~_is_storage()[requests.line]
    for_good = failed & chance(rng, truth.FAILED_FOR_GOOD, size)
    paused = chance(rng, truth.PAUSED, size)
    paused_days = np.where(paused, 1 + geometric_gap(rng, 11, size), 0)
    days = _days_taken(seed, requests, people, months, failed & ~for_good)
    event = np.array([CLOCK_EVENTS.index(_clock_starts()[line.standard]) for line in lines()])[requests.line]
    lead = np.minimum(1 + geometric_gap(rng, 2.5, size), 14)
    from_dna = event == CLOCK_EVENTS.index("dna_extracted")
    ready = working.next(laboratory, received + lead)
    clock = np.where(from_dna, ready, np.where(event == CLOCK_EVENTS.index("collected"), collected, received))
    due = clock + targets(requests) + paused_days
    report = np.maximum(clock + days + paused_days, received + paused_days + np.where(from_dna, lead + 3, 1))
    report = _on_a_working_day(rng, working, laboratory, report, due, received)
    stages = _stages(rng, working, laboratory, received, report, np.where(from_dna, ready, -1), paused_days)
    cancelled = np.where(
        chance(rng, truth.CANCELLED, size),
        received + 1 + (rng.random(size) * np.maximum(report - received - 1, 0)).astype(np.int64),
        NEVER,
    )
    report = np.where(cancelled < NEVER, NEVER, report)
    dates = [np.where(day >= np.minimum(cancelled, NEVER), NEVER, day) for day in stages]
    reason = np.where(paused, pick(rng, [0.30, 0.42, 0.18, 0.10], size), -1)
    reason = np.where(paused & failed, 0, reason)
    known = np.where(paused, np.minimum(received + lead + paused_days, np.minimum(report, cancelled)), NEVER)
    collected = np.where(chance(rng, 0.01, size), NEVER, collected)
    return Course(
        requested,
        collected,
        released,
        dispatched,
        dates[0],
        dates[1],
        dates[2],
        np.where(report < NEVER, dates[3], NEVER),
        report,
        _visible(rng, requests, report),
        cancelled,
        event,
        paused_days,
        reason,
        known,
        failed,
        for_good,
    )


def _clock_starts() -> dict[str, str]:
    return {row["code"]: row["clock_start_event"] for row in reference_rows("turnaround_standards")}


def _is_storage() -> Flags:
    return np.array([purpose == "storage" for purpose in values("test_purpose")])


def _failed_share() -> Floats:
    return np.array([truth.FAILED_EVENTS[name] for name in SAMPLE_TYPES])


def _before_receipt(rng: np.random.Generator, requests: Requests) -> tuple[Ints, Ints, Ints, Ints]:
    """Requested, collected, released by pathology (tissue only) and dispatched."""
    size = requests.size
    islands = np.isin(requests.requesting_board, [ALL_BOARDS.index(board) for board in ISLANDS])
    tissue = requests.sample_type == SAMPLE_TYPES.index("ffpe")
    dispatched = requests.day - np.minimum(geometric_gap(rng, 0.8, size), 6) - islands
    released = dispatched - np.minimum(geometric_gap(rng, 0.7, size), 5)
    collected = np.where(
        tissue, released - 1 - np.minimum(geometric_gap(rng, 2.0, size), 12), dispatched - chance(rng, 0.3, size)
    )
    signed = collected - np.minimum(geometric_gap(rng, 2.5, size), 30)
    requested = np.where(tissue, np.minimum(collected + 1 + geometric_gap(rng, 1.5, size), dispatched), signed)
    return requested, collected, np.where(tissue, released, NEVER), dispatched


def targets(requests: Requests) -> Ints:
    """Target days of the version in force at receipt, working days as calendar days."""
    found = np.zeros(requests.size, dtype=np.int64)
    standard = np.array(values("standard"))
    for row in reference_rows("turnaround_standards"):
        days = round(int(row["target_days"]) * (WORKING_TO_CALENDAR if row["day_type"] == "working" else 1))
        start = day_number(date.fromisoformat(row["valid_from"]))
        end = day_number(date.fromisoformat(row["valid_to"])) if row["valid_to"] else NEVER
        inside = (standard == row["code"])[requests.line] & (requests.day >= start) & (requests.day < end)
        found = np.where(inside, days, found)
    return found


def _worked_to(requests: Requests) -> Floats:
    """The target that laboratories work to: after a change they move to the new one over a year."""
    target = targets(requests).astype(np.float64)
    for category, (before, after) in {"rare_complex": (84.0, 42.0), "familial_targeted": (28.0, 38.0)}.items():
        changed = np.array([name == category for name in values("category")])[requests.line]
        since = (requests.day - day_number(date(2023, 4, 1))) / truth.STANDARDS_CHANGE_ADAPTED_DAYS
        # Before the change laboratories had already come down some way from the longer target.
        aim = before + (after - before) * np.clip(0.35 + 0.65 * since, 0 if category != "rare_complex" else 0.2, 1)
        target = np.where(changed, aim, target)
    return target


@dataclass(frozen=True)
class Pace:
    """How fast each request would go: the days taken are `scale` times the exponential of `spread` times a standard
    normal deviate less `within`."""

    within: Floats
    spread: Floats
    scale: Floats

    def share_by(self, days: Floats | Ints) -> Floats:
        """Probability that a request has taken at most so many whole days."""
        logarithm = np.log(np.maximum(days, 1e-9) / self.scale)
        return np.asarray(norm.cdf(logarithm / self.spread + self.within))


def pace(rng: np.random.Generator, requests: Requests, people: People, months: Months, again: Flags) -> Pace:
    """The pace of each request; shocks are the first that is drawn.

    again: whether a sample failed and another was taken.
    """
    category = np.array([CATEGORIES.index(name) for name in values("category")])[requests.line]
    share = np.array([truth.WITHIN_STANDARD[name][0] for name in CATEGORIES])
    spread = np.array([truth.WITHIN_STANDARD[name][1] for name in CATEGORIES])[category]
    within = norm.ppf(share)[category]
    within += np.array([LABORATORY_LOG_ODDS[name] for name in LABORATORIES])[requests.performing]
    within -= np.isin(calendar_month(requests.day), [11]) * 0.10
    within += _shocks(rng, months)[requests.performing, category, requests.month]
    rare = np.array([line.is_rare_germline and line.priority == "routine" for line in lines()])[requests.line]
    slow = np.where(rare & people.interpreter[requests.person], truth.INTERPRETER_DELAY, 1.0)
    slow = slow * np.where(again, truth.FAILED_DELAY, 1.0) * trouble_factor(requests, category)
    return Pace(within, spread, _worked_to(requests) * slow)


def _days_taken(seed: int, requests: Requests, people: People, months: Months, again: Flags) -> Ints:
    """Days from the clock's start to the report, pauses apart."""
    rng = stream(seed, "days taken")
    going = pace(rng, requests, people, months, again)
    deviate = np.clip(rng.standard_normal(requests.size), -4, 4)
    days = np.minimum(np.exp(going.spread * (deviate - going.within)), truth.LONGEST) * going.scale
    return np.asarray(np.maximum(np.ceil(days), 1).astype(np.int64))


def _shocks(rng: np.random.Generator, months: Months) -> Floats:
    """What all requests of a laboratory, category and month share, correlated from month to month."""
    count = months.newest - months.first + 1
    fresh = rng.standard_normal((len(LABORATORIES), len(CATEGORIES), count))
    shocks = fresh.copy()
    keep = truth.COMMON_SHOCK_CORRELATION
    for month in range(1, count):
        shocks[..., month] = keep * shocks[..., month - 1] + np.sqrt(1 - keep**2) * fresh[..., month]
    return np.asarray(shocks * truth.COMMON_SHOCK_SD)


def trouble_factor(requests: Requests, category: Ints) -> Floats:
    """Factor on days taken for each request, 1 where no laboratory is in trouble."""
    factor = np.ones(requests.size)
    for trouble in truth.TROUBLES:
        dates = (trouble.start, trouble.worst_from, trouble.worst_to, trouble.end)
        knots = [day_number(day) + gap for day, gap in zip(dates, range(4), strict=True)]
        level = np.interp(requests.day, knots, [1.0, trouble.factor, trouble.factor, 1.0])
        here = requests.performing == LABORATORIES.index(trouble.laboratory)
        here &= np.isin(category, [CATEGORIES.index(name) for name in trouble.categories])
        factor = np.where(here, factor * level, factor)
    return factor


def _on_a_working_day(
    rng: np.random.Generator, working: WorkingDays, laboratory: Ints, report: Ints, due: Ints, received: Ints
) -> Ints:
    """Reports are rarely issued at weekends: half are brought forward, and those that would else miss the standard."""
    free = ~working.is_working(laboratory, report) & ~chance(rng, truth.WEEKEND_REPORTS, report.size)
    before, after = working.previous(laboratory, report), working.next(laboratory, report)
    early = (((report <= due) & (after > due)) | chance(rng, 0.5, report.size)) & (before > received)
    return np.where(free, np.where(early, before, after), report)


def _stages(
    rng: np.random.Generator,
    working: WorkingDays,
    laboratory: Ints,
    received: Ints,
    report: Ints,
    ready: Ints,
    paused_days: Ints,
) -> list[Ints]:
    """Nucleic acid extracted, assay finished, analysed, authorised: in order, on working days, within the course."""
    span = (report - received).astype(np.float64)
    weights = np.stack([rng.gamma(shape, 1.0, received.size) for shape in (0.8, 3.0, 3.5, 1.0, 0.3)])
    parts = np.cumsum(weights, axis=0) / weights.sum(axis=0)
    extracted = received + np.minimum(parts[0] * (span - paused_days), 6).astype(np.int64)
    extracted = np.where(ready >= 0, np.minimum(ready, report), extracted)
    days = [extracted]
    left = (report - extracted).astype(np.float64)
    done = (parts[1:4] - parts[0]) / np.maximum(1 - parts[0], 1e-9)
    days += [extracted + (part * left).astype(np.int64) for part in done]
    # The previous working day is a monotone function, so the order stays.
    return [np.maximum(working.previous(laboratory, day), received) for day in days]


def _visible(rng: np.random.Generator, requests: Requests, report: Ints) -> Ints:
    """Day on which the report can be seen; sooner once the laboratory is on the new system."""
    live = np.array([day_number(truth.LIMS_LIVE[name]) if name in truth.LIMS_LIVE else NEVER for name in LABORATORIES])
    on_system = report >= live[requests.receiving]
    soon = np.where(on_system, truth.VISIBLE_NEXT_DAY_AFTER_LIMS, truth.VISIBLE_NEXT_DAY_BEFORE_LIMS)
    quick = chance(rng, soon, report.size)
    late = 2 + np.minimum(geometric_gap(rng, 2.0, report.size), 20)
    gap = np.where(quick, chance(rng, 0.22, report.size), late)
    seen = ~chance(rng, 0.008, report.size)
    return np.where((report < NEVER) & seen, report + gap, NEVER)
