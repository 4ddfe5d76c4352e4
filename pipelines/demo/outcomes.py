"""What became of each reported request: the result, the variants, what was done, and what later reviews found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catalogue.reference import codes
from pipelines.demo import truth
from pipelines.demo.days import NEVER, Months
from pipelines.demo.directory import lines, offered_codes, values
from pipelines.demo.draws import Flags, Floats, Ints, chance, geometric_gap, lookup, pick, pick_by_row, stream
from pipelines.demo.people import People
from pipelines.demo.places import ETHNIC_CATEGORY, ETHNIC_GROUPS, SUBMITTERS
from pipelines.demo.requests import Requests
from pipelines.demo.turnaround import Course

RESULTS = codes("result_categories")
ACTIONS = codes("action_types")
CLASSES = codes("variant_classes")
YES, NO, NOT_RECORDED = 0, 1, 2
DEPOSITED = {"ABE": 0.45, "DUN": 0.40, "EDI": 0.62, "GLA": 0.55}
# Care is followed up at two reviews after the report: after about 3 months, then 6 months (somatic) or 12 (germline).
FIRST_REVIEW = (91, 120)
SECOND_REVIEW = {"somatic": (184, 205), "germline": (366, 395)}
# Reported variants are reviewed once a year; the last review before the regular rounds began.
REVIEW_BEFORE_BACKFILL = 60


@dataclass(frozen=True)
class Outcomes:
    """What is found out about each request, with the days on which it is; aligned with Requests."""

    result: Ints
    explains: Ints
    variants: Ints
    deposited: Ints
    management: Ints
    first_review: Ints
    second_review: Ints
    lost: Flags
    decision_to_treat: Ints
    action: Ints
    action_day: Ints
    actionable: Ints
    therapy_day: Ints
    trial_day: Ints
    relatives_eligible: Ints
    relatives_tested: Ints
    research_eligible: Ints
    research_offered: Ints
    research_consented: Ints
    reclassified: Ints
    reclassified_to: Ints
    recontacted: Ints


def draw_outcomes(
    seed: int, requests: Requests, people: People, course: Course, months: Months, backfill: int
) -> Outcomes:
    """The outcome of every request, whether or not it is reported in time to be sent.

    backfill: day number of the first extraction.
    """
    rng = stream(seed, "outcomes")
    size = requests.size
    result = _results(rng, requests, people, course)
    is_result = _result_flags(result)
    found = is_result["pathogenic"] | is_result["vus"] | is_result["actionable"]
    variants = np.where(found, 1 + geometric_gap(rng, 0.35, size), 0)
    deposited = rng.binomial(variants, deposited_share(requests, months))
    first, second, lost = _reviews(rng, requests, course)
    management = _management(rng, is_result, size)
    treat, action, action_day, therapy, trial = _actions(rng, requests, course, is_result)
    eligible, tested = _relatives(rng, requests, course, is_result["pathogenic"])
    research = _research(rng, people, requests)
    reclassified, to, recontacted = _reclassified(rng, course, is_result, months, backfill)
    return Outcomes(
        result,
        _explains(rng, is_result, size),
        variants,
        deposited,
        management,
        first,
        second,
        lost,
        treat,
        action,
        action_day,
        _actionable(requests, is_result),
        therapy,
        trial,
        eligible,
        tested,
        *research,
        reclassified,
        to,
        recontacted,
    )


def _result_flags(result: Ints) -> dict[str, Flags]:
    return {name: result == place for place, name in enumerate(RESULTS)}


def vus_share(requests: Requests, people: People) -> Floats:
    """Probability of an uncertain variant where there is no explaining one: technology, genes and ethnic category."""
    technology = values("technology")
    base = lookup(technology, truth.VUS_SHARE, 0.0)[requests.line]
    genes = np.maximum(offered_codes()[2][requests.test_code], 1)
    panel = np.array([name in ("small_panel", "large_panel") for name in technology])[requests.line]
    at_20 = truth.VUS_SHARE_AT_20_GENES / (1 - truth.VUS_SHARE_AT_20_GENES)
    odds = np.where(
        panel, at_20 * truth.VUS_ODDS_A_DOUBLING_OF_GENES ** np.log2(genes / 20), base / (1 - np.minimum(base, 0.99))
    )
    categories = [ETHNIC_CATEGORY[group] for group in ETHNIC_GROUPS]
    odds = odds * lookup(categories, truth.VUS_ODDS_BY_CATEGORY, 1.0)[people.group[requests.person]]
    return np.asarray(odds / (1 + odds))


def _results(rng: np.random.Generator, requests: Requests, people: People, course: Course) -> Ints:
    """Place in RESULTS."""
    size, line = requests.size, requests.line
    purpose, origin = np.array(values("test_purpose"))[line], np.array(values("origin"))[line]
    pathogenic = requests.latent_pathogenic
    uncertain = chance(rng, vus_share(requests, people), size)
    place = {name: RESULTS.index(name) for name in RESULTS}
    result = np.where(pathogenic, place["pathogenic"], np.where(uncertain, place["vus"], place["negative"]))
    carrier = (purpose == "diagnostic") & (result == place["negative"]) & chance(rng, 0.015, size)
    result = np.where(carrier | ((purpose == "carrier") & pathogenic), place["carrier"], result)
    familial = np.isin(purpose, ["predictive", "cascade"])
    result = np.where(familial, np.where(pathogenic, place["familial_present"], place["familial_absent"]), result)
    somatic = origin == "somatic"
    result = np.where(somatic, np.where(pathogenic, place["actionable"], place["no_actionable"]), result)
    result = np.where(purpose == "pharmacogenetic", place["genotype"], result)
    result = np.where(np.isin(purpose, ["storage", "monitoring"]), place["other"], result)
    return np.where(course.failed_for_good, place["failed"], result)


def deposited_share(requests: Requests, months: Months) -> Floats:
    """Share of reported variants deposited, by receiving laboratory, rising with time."""
    level = np.array([DEPOSITED[name] for name in SUBMITTERS])[requests.receiving]
    return np.asarray(level * (0.6 + 0.4 * requests.month / max(months.newest - months.first, 1)))


def _explains(rng: np.random.Generator, is_result: dict[str, Flags], size: int) -> Ints:
    yes = (is_result["pathogenic"] & chance(rng, 0.92, size)) | is_result["familial_present"]
    yes |= is_result["actionable"] & chance(rng, 0.8, size)
    return np.where(chance(rng, 0.06, size), NOT_RECORDED, np.where(yes, YES, NO))


def _management(rng: np.random.Generator, is_result: dict[str, Flags], size: int) -> Ints:
    """Whether care was changed; four in ten reviews leave it open."""
    share = np.full(size, 0.05)
    for name, level in {"pathogenic": 0.62, "actionable": 0.58, "familial_present": 0.70, "genotype": 0.12}.items():
        share = np.where(is_result[name], level, share)
    changed = np.where(chance(rng, share, size), YES, NO)
    return np.where(chance(rng, 0.38, size), NOT_RECORDED, changed)


def _reviews(rng: np.random.Generator, requests: Requests, course: Course) -> tuple[Ints, Ints, Flags]:
    """Days of the two reviews, and who is lost to follow-up at the first."""
    size = requests.size
    origin = np.array(values("origin"))[requests.line]
    first = course.report + rng.integers(*FIRST_REVIEW, size, endpoint=True)
    second = np.where(
        origin == "somatic",
        course.report + rng.integers(*SECOND_REVIEW["somatic"], size, endpoint=True),
        course.report + rng.integers(*SECOND_REVIEW["germline"], size, endpoint=True),
    )
    reported = (course.report < NEVER) & ~chance(rng, 0.12, size)
    return np.where(reported, first, NEVER), np.where(reported, second, NEVER), chance(rng, 0.05, size)


def _actions(
    rng: np.random.Generator, requests: Requests, course: Course, is_result: dict[str, Flags]
) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Decision to treat, first action and its day, therapy and trial start."""
    size, line = requests.size, requests.line
    reported = course.report < NEVER
    solid = np.array([item.pathway == "cancer" and item.origin == "somatic" for item in lines()])[line]
    decided = reported & solid & chance(rng, 0.62, size)
    decision = requests.day + 8 + np.round(rng.gamma(4.0, 5.0, size)).astype(np.int64)
    decision = np.where(decided, decision, NEVER)
    finding = is_result["pathogenic"] | is_result["actionable"] | is_result["familial_present"]
    acted = reported & ((finding & chance(rng, 0.78, size)) | (is_result["genotype"] & chance(rng, 0.5, size)))
    mixes = np.array(
        [[0.06, 0.40, 0.28, 0.18, 0.05, 0.03], [0.70, 0.16, 0.06, 0.02, 0.0, 0.06], [0, 0.15, 0.6, 0.2, 0.03, 0.02]]
    )
    row = np.where(is_result["actionable"] | is_result["genotype"], 1, np.where(is_result["familial_present"], 2, 0))
    action = pick_by_row(rng, mixes, row)
    wait = 2 + np.round(rng.gamma(1.4, np.where(row == 1, 14.0, 34.0), size)).astype(np.int64)
    actionable = reported & is_result["actionable"]
    therapy = np.where(actionable & chance(rng, 0.34, size), course.report + 5 + geometric_gap(rng, 45, size), NEVER)
    trial = np.where(actionable & chance(rng, 0.06, size), course.report + 10 + geometric_gap(rng, 60, size), NEVER)
    return decision, np.where(acted, action, -1), np.where(acted, course.report + wait, NEVER), therapy, trial


def _actionable(requests: Requests, is_result: dict[str, Flags]) -> Ints:
    somatic = np.array([item.origin == "somatic" and item.test_purpose != "monitoring" for item in lines()])
    return np.where(is_result["actionable"], YES, np.where(somatic[requests.line], NO, NOT_RECORDED))


def _relatives(rng: np.random.Generator, requests: Requests, course: Course, pathogenic: Flags) -> tuple[Ints, Ints]:
    """Eligible relatives, and how many had a report within twelve months of the index report; -1 where none applies."""
    index = requests.relative_of
    linked = (index >= 0) & (course.report < NEVER)
    linked &= course.report <= course.report[np.maximum(index, 0)] + 365
    tested = np.bincount(index[linked], minlength=requests.size)
    opens = np.array([line.opens_family for line in lines()])[requests.line] & pathogenic
    eligible = tested + rng.poisson(1.1, requests.size)
    return np.where(opens, np.minimum(eligible, 90), -1), np.where(opens, np.minimum(tested, 90), -1)


def _research(rng: np.random.Generator, people: People, requests: Requests) -> tuple[Ints, Ints, Ints]:
    size = requests.size
    eligible = pick(rng, [0.48, 0.42, 0.10], size)
    level = np.where(people.decile[requests.person] <= 2, truth.RESEARCH_OFFERED_MOST_DEPRIVED, 1.0)
    offered = np.where(chance(rng, truth.RESEARCH_OFFERED * level, size), YES, NO)
    offered = np.where(chance(rng, 0.12, size), NOT_RECORDED, offered)
    offered = np.where(eligible == YES, offered, np.where(eligible == NO, NO, NOT_RECORDED))
    consented = np.where(chance(rng, truth.RESEARCH_CONSENTED, size), YES, NO)
    consented = np.where(chance(rng, 0.05, size), NOT_RECORDED, consented)
    return eligible, offered, np.where(offered == YES, consented, np.where(offered == NO, NO, NOT_RECORDED))


def _reclassified(
    rng: np.random.Generator, course: Course, is_result: dict[str, Flags], months: Months, backfill: int
) -> tuple[Ints, Ints, Ints]:
    """Uncertain variants reviewed once a year: day, new class (nine in ten downgraded) and day of contact."""
    size = course.report.size
    last = min(backfill, months.end) - REVIEW_BEFORE_BACKFILL
    review = last - 365 * rng.integers(0, 5, size)
    changed = is_result["vus"] & chance(rng, 5 * truth.RECLASSIFIED, size) & (review - course.report > 270)
    day = np.where(changed, review, NEVER)
    to = pick_by_row(rng, np.array([[0.25, 0.67, 0.0, 0.06, 0.02]]), np.zeros(size, dtype=np.int64))
    contact = np.where(changed & chance(rng, 0.7, size), day + np.minimum(5 + geometric_gap(rng, 12, size), 50), NEVER)
    return day, np.where(changed, to, -1), contact
