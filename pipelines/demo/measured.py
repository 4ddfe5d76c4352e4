"""What the drawn data show of the stated truths, before any file is cut: the figures that pages should come near."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from pipelines.demo import truth
from pipelines.demo.days import NEVER, Months, day_number
from pipelines.demo.directory import lines, values
from pipelines.demo.draws import Flags, Ints
from pipelines.demo.outcomes import RESULTS, Outcomes
from pipelines.demo.people import Ethnicity, People
from pipelines.demo.places import BOARDS, ETHNIC_CATEGORY, ETHNIC_GROUPS, LABORATORIES, populations
from pipelines.demo.requests import DUPLICATE, REJECTED, SAMPLE_TYPES, Requests
from pipelines.demo.turnaround import CATEGORIES, Course, targets

VALID_FROM = 1 + len([code for code in truth.ETHNICITY_MISSING_AS if code])


def measure(
    requests: Requests, people: People, ethnicity: Ethnicity, course: Course, outcomes: Outcomes, months: Months
) -> dict[str, Any]:
    """Shares and ratios as drawn; every share with the number of requests or people below it."""
    accepted = requests.accepted
    forwarded = requests.performing != requests.receiving
    outside = requests.performing == LABORATORIES.index("OUT")
    last_year = requests.day > months.end - 365
    return {
        "requests_by_year": _by_year(requests),
        "requests_a_person": round(requests.size / people.board.size, 3),
        "rejected": _share(requests.disposition == REJECTED),
        "duplicate": _share(requests.disposition == DUPLICATE),
        "cancelled": _share((course.cancelled < NEVER)[accepted]),
        "paused": _share((course.paused_days > 0)[accepted]),
        "forwarded_in_scotland": _share((forwarded & ~outside)[accepted]),
        "performed_outside": _share(outside[accepted]),
        "reported_within_standard": _within(requests, course, months),
        "failed_samples": _failed(requests, course),
        "ethnicity_recorded": _recorded(requests, people, ethnicity, last_year),
        "rare_rate_by_quintile": _rare_rates(requests, people),
        "vus_by_category": _vus(requests, people, outcomes),
        "interpreter_within_standard": _interpreter(requests, people, course, months),
    }


def _share(what: Flags) -> dict[str, float | int]:
    return {"share": round(float(what.mean()), 4) if what.size else 0.0, "of": int(what.size)}


def _by_year(requests: Requests) -> dict[str, int]:
    year = requests.day.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    return {str(one): int((year == one).sum()) for one in np.unique(year)}


def judge(requests: Requests, course: Course, months: Months) -> tuple[Flags, Flags]:
    """Which requests fell due by the last extraction, and which were reported within the standard, pauses taken off.

    Working-day standards are judged in calendar days here, so that figure is close, not exact.
    """
    starts = np.where(course.clock_event == 0, np.minimum(course.collected, requests.day), requests.day)
    starts = np.where(course.clock_event == 2, course.dna_extracted, starts)
    due = starts + targets(requests) + course.paused_days
    judged = requests.accepted & (course.cancelled >= NEVER) & (due <= months.end + 1)
    return judged, course.report <= due


def _within(requests: Requests, course: Course, months: Months) -> dict[str, Any]:
    judged, met = judge(requests, course, months)
    category = np.array(values("category"))[requests.line]
    found: dict[str, Any] = {"all": _share(met[judged])}
    found |= {name: _share(met[judged & (category == name)]) for name in CATEGORIES}
    for trouble in truth.TROUBLES:
        here = judged & (requests.performing == LABORATORIES.index(trouble.laboratory))
        here &= np.isin(category, trouble.categories)
        inside = (requests.day >= _day(trouble.worst_from)) & (requests.day <= _day(trouble.worst_to))
        outside = (requests.day < _day(trouble.start)) & (requests.day > _day(trouble.start) - 365)
        found[f"{trouble.name}: at its worst"] = _share(met[here & inside])
        found[f"{trouble.name}: year before"] = _share(met[here & outside])
    return found


def _day(day: date) -> int:
    return day_number(day)


def _failed(requests: Requests, course: Course) -> dict[str, Any]:
    analysed = requests.accepted & (course.sequenced < NEVER)
    return {
        name: _share(course.failed_event[analysed & (requests.sample_type == place)])
        for place, name in enumerate(SAMPLE_TYPES)
    }


def _people_of(requests: Requests, chosen: Flags) -> Ints:
    return np.unique(requests.person[chosen & requests.accepted])


def _recorded(requests: Requests, people: People, ethnicity: Ethnicity, last_year: Flags) -> dict[str, Any]:
    """People tested in the last twelve months with a valid code, by board of residence."""
    tested = _people_of(requests, last_year)
    tested = tested[people.residence[tested] == 0]
    valid = ethnicity.recorded[tested] >= VALID_FROM
    board = people.board[tested]
    return {"all": _share(valid)} | {name: _share(valid[board == place]) for place, name in enumerate(BOARDS)}


def _rare_rates(requests: Requests, people: People) -> dict[str, Any]:
    """People with a germline rare-disease test per 1,000 residents, by true quintile."""
    rare = np.array([line.is_rare_germline and line.pathway == "routine" for line in lines()])[requests.line]
    tested = _people_of(requests, rare)
    residents = populations().deciles.sum(axis=0).reshape(5, 2).sum(axis=1)
    counts = np.bincount((people.decile[tested] - 1) // 2, minlength=5)
    return {str(place + 1): round(float(1000 * counts[place] / residents[place]), 2) for place in range(5)}


def _vus(requests: Requests, people: People, outcomes: Outcomes) -> dict[str, Any]:
    """Uncertain variants among panel, exome and genome results without an explaining one, by true category."""
    kinds = ("small_panel", "large_panel", "clinical_exome", "trio_wes", "wgs")
    wanted = np.array([x.technology in kinds and x.origin == "germline" for x in lines()])[requests.line]
    wanted &= np.isin(outcomes.result, [RESULTS.index("vus"), RESULTS.index("negative")]) & requests.accepted
    category = np.array([ETHNIC_CATEGORY[name] for name in ETHNIC_GROUPS])[people.group[requests.person]]
    uncertain = outcomes.result == RESULTS.index("vus")
    return {str(name): _share(uncertain[wanted & (category == name)]) for name in np.unique(category)}


def _interpreter(requests: Requests, people: People, course: Course, months: Months) -> dict[str, Any]:
    judged, met = judge(requests, course, months)
    rare = np.array([line.is_rare_germline and line.priority == "routine" for line in lines()])[requests.line]
    needed = people.interpreter[requests.person]
    return {"needed": _share(met[judged & rare & needed]), "not needed": _share(met[judged & rare & ~needed])}
