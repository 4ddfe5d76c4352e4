"""The requests: which test, when, for whom, asked by which board, received and analysed where, and in what order."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np

from catalogue.reference import codes
from pipelines.demo import truth
from pipelines.demo.days import Months, WorkingDays, calendar_month, day_number, weekday
from pipelines.demo.directory import SAMPLES, flags, lines, numbers, offered_codes, performing_shares, values
from pipelines.demo.draws import Flags, Ints, chance, pick, pick_by_row, stream
from pipelines.demo.people import (
    DAYS_A_YEAR,
    PROFILES,
    Ethnicity,
    People,
    draw_board,
    draw_people,
    needs_interpreter,
    record_ethnicity,
    residence_code,
)
from pipelines.demo.places import ALL_BOARDS, BOARDS, SUBMITTERS, centre_of_board, receiving_shares

SAMPLE_TYPES = codes("sample_types")
REJECTION_REASONS = codes("rejection_reasons")
ACCEPTED, REJECTED, DUPLICATE = 0, 1, 2
GENETICS = "A3"
SPECIALTIES: dict[str, dict[str, float]] = {
    "prenatal": {"F31": 0.55, "F3": 0.30, "T2": 0.15},
    "neonatal": {"AF": 0.8, "CC": 0.1, "F32": 0.1},
    "acute_child": {"AF": 0.75, "CC": 0.25},
    "child": {"AF": 0.55, "AFA": 0.30, "G2": 0.05, "AH": 0.10},
    "adult": {"A2": 0.18, "AH": 0.22, "AG": 0.08, "C7": 0.08, "A81": 0.10, "A9": 0.12, "E1": 0.12, "F2": 0.10},
    "inherited_cancer": {"C1": 0.45, "AD": 0.30, "F2": 0.15, "A9": 0.10},
    "relative": {"A2": 0.5, "E1": 0.2, "C1": 0.3},
    "solid": {"AD": 0.42, "J1": 0.33, "H2": 0.10, "AQ": 0.10, "C1": 0.05},
    "haem": {"J4": 0.95, "E1": 0.05},
    "childhood_cancer": {"AF": 0.6, "J4": 0.4},
    "stroke": {"A1": 0.45, "AB": 0.30, "AH": 0.25},
}
WITH_GENETICS = ("child", "adult", "inherited_cancer", "relative", "acute_child", "prenatal")
SPECIALTY_CODES = (GENETICS, *sorted({code for mix in SPECIALTIES.values() for code in mix}))
DAYS_TO_NEXT_REQUEST = 140.0
DAYS_TO_RELATIVE = 150.0


@dataclass(frozen=True)
class Requests:
    """One element a request, in the order in which files hold them: laboratory, month, request number."""

    number: Ints
    line: Ints
    day: Ints
    month: Ints
    person: Ints
    family: Ints
    relative_of: Ints
    requesting_board: Ints
    residence_board: Ints
    receiving: Ints
    performing: Ints
    specialty: Ints
    disposition: Ints
    rejection_reason: Ints
    first_pass: Ints
    sample_type: Ints
    test_code: Ints
    latent_pathogenic: Flags

    @property
    def size(self) -> int:
        """How many requests."""
        return self.line.size

    @property
    def accepted(self) -> Flags:
        """Which requests were accepted."""
        return np.asarray(self.disposition == ACCEPTED)


Arrays = TypeVar("Arrays")


def reorder(arrays: Arrays, order: Ints | Flags) -> Arrays:
    """The same dataclass of arrays with its elements in another order, or only some of them."""
    return replace(arrays, **{f.name: getattr(arrays, f.name)[order] for f in fields(arrays)})  # type: ignore[type-var, arg-type]


def draw_requests(seed: int, size: int, months: Months, working: WorkingDays) -> tuple[Requests, People, Ethnicity]:
    """Every request with the people tested; elements of Requests.person are places in People."""
    rng = stream(seed, "requests")
    line, day = _tests_and_days(rng, size, months)
    profile = np.array([PROFILES.index(name) for name in values("profile")])[line]
    board = draw_board(rng, profile)
    root = _earlier_request(stream(seed, "again"), line, day, profile, board)
    is_root = root == np.arange(size)
    person = (np.cumsum(is_root) - 1)[root]
    people = draw_people(seed, profile[is_root], board[is_root], day[is_root])
    pathogenic = chance(stream(seed, "pathogenic"), numbers("yield_share")[line], size)
    index = _index_case(stream(seed, "families"), line, day, board, pathogenic)
    people = _relatives_share(people, person, index, is_root)
    people = replace(people, interpreter=needs_interpreter(seed, people.group, people.decile))
    requesting = _requesting_board(stream(seed, "boards"), people, person, board, line)
    receiving = pick_by_row(stream(seed, "laboratories"), receiving_shares(), requesting)
    day = _working_day_of_receipt(working, receiving, day, months)
    shares = performing_shares().reshape(-1, performing_shares().shape[2])
    performing = pick_by_row(stream(seed, "forwarding"), shares, line * len(SUBMITTERS) + receiving)
    specialty = _specialty(stream(seed, "specialties"), line, profile, day, months)
    disposition, reason, first_pass = _acceptance(stream(seed, "acceptance"), specialty)
    opens = flags("opens_family")[line]
    family = np.where(
        index >= 0, person[np.maximum(index, 0)], np.where(opens | flags("is_for_relatives")[line], person, -1)
    )
    first_test, variants = offered_codes()[1], numbers("variants").astype(np.int64)
    requests = Requests(
        number=_numbers(stream(seed, "request numbers"), size, 100_000_000, 899_999_999),
        line=line,
        day=day,
        month=months.of(day),
        person=person,
        family=family,
        relative_of=index,
        requesting_board=requesting,
        residence_board=residence_code(people, person),
        receiving=receiving,
        performing=performing,
        specialty=specialty,
        disposition=disposition,
        rejection_reason=reason,
        first_pass=first_pass,
        sample_type=_sample_type(stream(seed, "samples"), line),
        test_code=first_test[line] + _variant(stream(seed, "variants"), variants[line]),
        latent_pathogenic=pathogenic,
    )
    first_laboratory, first_day = receiving[is_root], day[is_root]
    ethnicity = record_ethnicity(seed, people, first_day, months.end, first_laboratory)
    order = np.lexsort((requests.number, requests.month, requests.receiving)).astype(np.int64)
    place = np.empty(size, dtype=np.int64)
    place[order] = np.arange(size)
    moved = replace(requests, relative_of=np.where(index >= 0, place[np.maximum(index, 0)], -1))
    return reorder(moved, order), people, ethnicity


def _tests_and_days(rng: np.random.Generator, size: int, months: Months) -> tuple[Ints, Ints]:
    """Line and day of each request: shares, growth, season, weekday, pandemic and the start of CYP2C19 testing."""
    days = months.days
    years = (days - days.mean()) / DAYS_A_YEAR
    common = np.array(truth.WEEKDAYS)[weekday(days)] * np.array(truth.SEASON)[calendar_month(days)]
    since = days - day_number(truth.PANDEMIC_END)
    recovered = np.clip(since / truth.PANDEMIC_RECOVERY_DAYS, 0, 1)
    pandemic = truth.PANDEMIC_FACTOR + (1 - truth.PANDEMIC_FACTOR) * recovered
    weights = numbers("share")[:, None] * (1 + numbers("growth"))[:, None] ** years[None, :] * common * pandemic
    ramp = np.clip((days - day_number(truth.CYP2C19_START)) / truth.CYP2C19_RAMP_DAYS, 0, 1)
    stroke = np.array([line.pathway == "stroke" for line in lines()])
    weights = np.where(stroke[:, None], weights * ramp, weights)
    cell = pick(rng, weights.ravel(), size)
    cell.sort()
    return cell // days.size, days[cell % days.size]


def _earlier_request(rng: np.random.Generator, line: Ints, day: Ints, profile: Ints, board: Ints) -> Ints:
    """The first request of each request's person: itself, or an earlier one of the same profile and board."""
    size = line.size
    key = profile * len(BOARDS) + board
    order = np.lexsort((day, key))
    counts = np.bincount(key, minlength=len(PROFILES) * len(BOARDS))
    start = np.concatenate([[0], np.cumsum(counts)[:-1]])[key[order]]
    span = max(int(day.max() - day.min()), 1)
    a_day = counts[key[order]] / span
    lag = 1 + (rng.exponential(DAYS_TO_NEXT_REQUEST, size) * a_day).astype(np.int64)
    place = np.arange(size, dtype=np.int64)
    earlier = place - lag
    again = chance(rng, numbers("again")[line[order]], size) & (earlier >= start)
    root = np.where(again, earlier, place)
    while True:
        further = root[root]
        if np.array_equal(further, root):
            break
        root = further
    found = np.empty(size, dtype=np.int64)
    found[order] = order[root]
    return found


def _index_case(rng: np.random.Generator, line: Ints, day: Ints, board: Ints, pathogenic: Flags) -> Ints:
    """The request that found the variant for which a relative is tested; -1 for others and for older findings."""
    found = np.flatnonzero(pathogenic & flags("opens_family")[line])
    relative = np.flatnonzero(flags("is_for_relatives")[line])
    index = np.full(line.size, -1, dtype=np.int64)
    if not found.size or not relative.size:
        return index
    span = int(day.max()) + 2_000
    key = board[found] * span + day[found]
    order = np.argsort(key, kind="stable")
    key, found = key[order], found[order]
    wait = 45 + rng.exponential(DAYS_TO_RELATIVE, relative.size).astype(np.int64)
    wanted = board[relative] * span + day[relative] - wait
    place = np.searchsorted(key, wanted, side="right") - 1
    valid = (place >= 0) & (board[found[np.maximum(place, 0)]] == board[relative])
    index[relative[valid]] = found[place[valid]]
    return index


def _relatives_share(people: People, person: Ints, index: Ints, is_root: Flags) -> People:
    """Relatives have the ethnic group of the person in whom the variant was found."""
    relatives = np.flatnonzero((index >= 0) & is_root)
    group = people.group.copy()
    group[person[relatives]] = people.group[person[index[relatives]]]
    return replace(people, group=group)


def _requesting_board(rng: np.random.Generator, people: People, person: Ints, board: Ints, line: Ints) -> Ints:
    """Mostly the board of residence; else the region's centre, Golden Jubilee for hearts, or outside Scotland."""
    home = np.array([ALL_BOARDS.index(name) for name in BOARDS])[board]
    centre = np.array(centre_of_board())[board]
    elsewhere = chance(rng, truth.REQUESTED_ELSEWHERE, person.size)
    found = np.where(elsewhere, centre, home)
    west = centre == ALL_BOARDS.index("S08000031")
    heart = np.array([name == "cardiology" for name in values("clinical_group")])[line]
    found = np.where(heart & west & chance(rng, 0.12, person.size), ALL_BOARDS.index("SB0801"), found)
    outside = (people.residence[person] == 2) & chance(rng, 0.25, person.size)
    return np.where(outside, ALL_BOARDS.index("OUTSIDE"), found)


def _working_day_of_receipt(working: WorkingDays, receiving: Ints, day: Ints, months: Months) -> Ints:
    """Nothing is received on a public holiday: it is booked in on the next working day."""
    holiday = ~working.is_working(receiving, day) & (weekday(day) < 5)
    later = working.next(receiving, day)
    later = np.where(later > months.end, working.previous(receiving, day), later)
    return np.where(holiday, np.maximum(later, months.start), day)


def _specialty(rng: np.random.Generator, line: Ints, profile: Ints, day: Ints, months: Months) -> Ints:
    """Place in SPECIALTY_CODES; -1 where the form did not say."""
    mixes = np.zeros((len(PROFILES), len(SPECIALTY_CODES)))
    for row, name in enumerate(PROFILES):
        for code, share in SPECIALTIES[name].items():
            mixes[row, SPECIALTY_CODES.index(code)] = share
    found = pick_by_row(rng, mixes, profile)
    years = (day - months.start) / DAYS_A_YEAR
    mainstream = np.clip(truth.MAINSTREAM_FIRST_YEAR + truth.MAINSTREAM_A_YEAR * years, 0, 0.9)
    genetics = np.isin(profile, [PROFILES.index(name) for name in WITH_GENETICS])
    genetics &= ~np.array([pathway == "cancer" for pathway in values("pathway")])[line]
    found = np.where(genetics & ~chance(rng, mainstream, line.size), 0, found)
    return np.where(chance(rng, 0.012, line.size), -1, found)


def _acceptance(rng: np.random.Generator, specialty: Ints) -> tuple[Ints, Ints, Ints]:
    """Disposition, rejection reason (-1: none) and first pass (0 yes, 1 no, 2 not recorded)."""
    size = specialty.size
    genetics = specialty == 0
    others = max(float((~genetics).mean()), 0.01)
    share_others = (truth.REJECTED - truth.REJECTED_FROM_GENETICS * (1 - others)) / others
    rejected = chance(rng, np.where(genetics, truth.REJECTED_FROM_GENETICS, share_others), size)
    duplicate = ~rejected & chance(rng, truth.DUPLICATE, size)
    reason = np.where(rejected, pick(rng, [0.14, 0.27, 0.26, 0.12, 0.09, 0.12], size), -1)
    returned = rejected | chance(rng, truth.RETURNED_AT_FIRST, size)
    first_pass = np.where(returned, 1, np.where(chance(rng, 0.015, size), 2, 0))
    return np.where(rejected, REJECTED, np.where(duplicate, DUPLICATE, ACCEPTED)), reason, first_pass


def _sample_type(rng: np.random.Generator, line: Ints) -> Ints:
    """Place in SAMPLE_TYPES."""
    mixes = np.array([[SAMPLES[name].get(kind, 0.0) for kind in SAMPLE_TYPES] for name in values("samples")])
    return pick_by_row(rng, mixes, line)


def _variant(rng: np.random.Generator, variants: Ints) -> Ints:
    """Which test of its line: the first is the most common."""
    return np.asarray((rng.random(variants.size) ** 1.6 * variants).astype(np.int64))


def _numbers(rng: np.random.Generator, size: int, lowest: int, highest: int) -> Ints:
    """Different numbers without order or meaning between two bounds."""
    step = (highest - lowest) // size
    return np.asarray(lowest + rng.permutation(size) * step + rng.integers(0, step, size))


def pseudonyms(seed: int, name: str, size: int) -> Ints:
    """Numbers of eight digits, all different, for people or families."""
    return _numbers(stream(seed, f"{name} numbers"), max(size, 1), 10_000_000, 99_999_999)
