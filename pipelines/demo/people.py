"""The people tested: where they live, age, sex, ethnic group, language, and what is recorded of their ethnic group."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from catalogue.reference import reference_rows
from pipelines.demo import truth
from pipelines.demo.draws import Flags, Floats, Ints, chance, lookup, pick, pick_by_row, stream
from pipelines.demo.places import (
    AGE_BANDS,
    ALL_BOARDS,
    BOARDS,
    ETHNIC_CATEGORY,
    ETHNIC_GROUPS,
    ISLANDS,
    SEXES,
    SUBMITTERS,
    populations,
)

PROFILES = (
    "prenatal",
    "neonatal",
    "acute_child",
    "child",
    "adult",
    "inherited_cancer",
    "relative",
    "solid",
    "haem",
    "childhood_cancer",
    "stroke",
)
WITH_GAPS = ("child", "adult", "inherited_cancer", "relative")
DAYS_A_YEAR = 365.25

# How often a resident of each five-year age band is tested, by profile: women, then men where they differ.
_AGES: dict[str, tuple[list[float], list[float] | None]] = {
    "prenatal": ([0, 0, 0, 0.3, 0.8, 1.5, 2.0, 1.6, 0.6, 0.05, *([0] * 9)], [0] * 19),
    "neonatal": ([1, *([0] * 18)], None),
    "acute_child": ([10, 2, 1, *([0] * 16)], None),
    "child": ([10, 6, 3.5, 2, 0.6, 0.4, 0.4, 0.3, 0.3, 0.2, 0.2, 0.1, *([0] * 7)], None),
    "adult": (
        [1, 0.8, 0.9, 1.2, 1.7, 2.2, 2.5, 2.4, 2.2, 2, 2, 1.8, 1.6, 1.3, 1, 0.7, 0.4, 0.2, 0.1],
        [1.2, 0.9, 0.9, 1.1, 1.4, 1.6, 1.8, 1.9, 1.9, 2, 2, 1.9, 1.7, 1.4, 1.1, 0.7, 0.4, 0.2, 0.1],
    ),
    "inherited_cancer": (
        [0, 0, 0, 0.1, 0.8, 1.6, 2.4, 3.2, 3.8, 4, 4, 3.6, 3, 2.6, 2, 1.2, 0.6, 0.2, 0.1],
        [0, 0, 0, 0.1, 0.3, 0.4, 0.5, 0.7, 0.8, 1, 1.2, 1.4, 1.4, 1.2, 1, 0.6, 0.3, 0.1, 0],
    ),
    "relative": (
        [0.2, 0.3, 0.5, 1.2, 2.2, 2.8, 2.8, 2.6, 2.3, 2, 1.8, 1.5, 1.2, 0.9, 0.6, 0.3, 0.1, 0, 0],
        [0.2, 0.3, 0.5, 0.9, 1.4, 1.8, 1.9, 1.8, 1.7, 1.5, 1.4, 1.2, 1, 0.7, 0.5, 0.3, 0.1, 0, 0],
    ),
    "solid": (
        [0, 0, 0, 0.1, 0.2, 0.3, 0.5, 0.9, 1.4, 2.2, 3.4, 4.6, 6, 7.5, 8.5, 8.5, 6, 3, 1],
        [0, 0, 0, 0.1, 0.2, 0.3, 0.4, 0.6, 1, 1.7, 3, 4.8, 6.8, 8.8, 10, 10, 7, 3.4, 1],
    ),
    "haem": (
        [0.6, 0.4, 0.3, 0.4, 0.4, 0.5, 0.7, 0.9, 1.2, 1.6, 2.2, 3, 4, 5.2, 6.4, 7, 6, 4, 2],
        [0.7, 0.5, 0.4, 0.5, 0.5, 0.6, 0.8, 1, 1.4, 2, 3, 4, 5.6, 7.2, 9, 10, 8.4, 5, 2.4],
    ),
    "childhood_cancer": ([5, 3.5, 3, 3, *([0] * 15)], None),
    "stroke": (
        [0, 0, 0, 0, 0, 0.1, 0.2, 0.4, 0.7, 1.2, 2, 3.2, 4.6, 6.6, 9, 12, 14, 14, 10],
        [0, 0, 0, 0, 0, 0.1, 0.2, 0.5, 1, 1.7, 2.8, 4.2, 6, 8.2, 11, 13, 14, 13, 9],
    ),
}


@dataclass(frozen=True)
class People:
    """One element a person: places in the lists of places.py, or -1 where not known."""

    board: Ints  # BOARDS
    sex: Ints  # 0 female, 1 male, 2 other, 3 not recorded
    birth_day: Ints
    decile: Ints  # 1 to 10
    urban_rural: Ints  # 1 to 8
    group: Ints  # ETHNIC_GROUPS: the truth, which no extract carries
    interpreter: Flags
    residence: Ints  # 0 recorded, 1 not recorded, 2 outside Scotland


@cache
def _age_weights() -> Floats:
    """Profile, sex, age band."""
    return np.array([[women, women if men is None else men] for women, men in (_AGES[name] for name in PROFILES)])


@cache
def _simd_rates() -> Floats:
    """Rate of each decile's quintile, relative to the least deprived."""
    steps = 4 - np.arange(10) // 2
    return np.asarray(truth.RARE_RATE_MOST_DEPRIVED ** (steps / 4))


def _urban_rural_rates() -> Floats:
    return np.where(np.arange(1, 9) >= 7, truth.RARE_RATE_REMOTE, 1.0)


def _group_rates() -> Floats:
    return lookup(ETHNIC_GROUPS, truth.RARE_RATE_BY_GROUP, 1.0)


@cache
def board_weights() -> Floats:
    """How many people of each profile (PROFILES) are tested by board (BOARDS), gaps in access included."""
    people = populations()
    weights = np.einsum("psa,bsa->pb", _age_weights(), people.age_sex)
    shares = people.deciles / people.deciles.sum(axis=1, keepdims=True)
    by_decile = np.repeat(people.ethnic @ _group_rates(), 2, axis=1)
    reached = (shares * _simd_rates() * by_decile).sum(axis=1)
    rural = (people.urban_rural @ _urban_rural_rates()) / people.urban_rural.sum(axis=1)
    islands = np.array([truth.RARE_RATE_ISLANDS if board in ISLANDS else 1.0 for board in BOARDS])
    gaps = np.array([profile in WITH_GAPS for profile in PROFILES])
    return np.asarray(np.where(gaps[:, None], weights * reached * rural * islands, weights))


def draw_people(seed: int, profile: Ints, board: Ints, first_day: Ints) -> People:
    """People for these profiles (PROFILES) and boards (BOARDS), first tested on these days."""
    rng = stream(seed, "people")
    known = populations()
    size = board.size
    gaps = np.isin(profile, [PROFILES.index(name) for name in WITH_GAPS])
    row = np.where(gaps, board, board + len(BOARDS))
    by_decile = np.repeat(known.ethnic @ _group_rates(), 2, axis=1)
    deciles = np.vstack([known.deciles * _simd_rates() * by_decile, known.deciles])
    decile = pick_by_row(rng, deciles, row) + 1
    urban_rural = pick_by_row(rng, np.vstack([known.urban_rural * _urban_rural_rates(), known.urban_rural]), row) + 1
    ethnic = known.ethnic.reshape(-1, len(ETHNIC_GROUPS))
    ethnic_row = board * 5 + (decile - 1) // 2
    group = pick_by_row(
        rng, np.vstack([ethnic * _group_rates(), ethnic]), np.where(gaps, ethnic_row, ethnic_row + len(ethnic))
    )
    sex, age_days = _sex_and_age(rng, profile, board)
    residence = pick(
        rng,
        [
            1 - truth.RESIDENCE_NOT_RECORDED - truth.RESIDENT_OUTSIDE,
            truth.RESIDENCE_NOT_RECORDED,
            truth.RESIDENT_OUTSIDE,
        ],
        size,
    )
    return People(
        board, sex, first_day - age_days, decile, urban_rural, group, np.zeros(size, dtype=np.bool_), residence
    )


def _sex_and_age(rng: np.random.Generator, profile: Ints, board: Ints) -> tuple[Ints, Ints]:
    """Sex as recorded and age in days."""
    table = np.einsum("psa,bsa->pbsa", _age_weights(), populations().age_sex)
    table = table.reshape(len(PROFILES) * len(BOARDS), -1)
    cell = pick_by_row(rng, table, profile * len(BOARDS) + board)
    sex, band = cell // len(AGE_BANDS), cell % len(AGE_BANDS)
    span = np.where(profile == PROFILES.index("neonatal"), 0.1, 5.0)
    age_days = ((band * 5 + rng.random(board.size) * span) * DAYS_A_YEAR).astype(np.int64)
    recorded = pick(rng, [0.996, 0.001, 0.003], board.size)
    prenatal = profile == PROFILES.index("prenatal")
    sex = np.where((recorded == 0) | prenatal, sex, recorded + len(SEXES) - 1)
    return sex, age_days


def needs_interpreter(seed: int, group: Ints, decile: Ints) -> Flags:
    """Whether each person needs an interpreter, by true group and deprivation."""
    share = lookup(ETHNIC_GROUPS, truth.INTERPRETER_BY_GROUP, truth.INTERPRETER_OTHERS)[group]
    share = share * np.where(decile <= 2, truth.INTERPRETER_MOST_DEPRIVED, 1.0)
    return chance(stream(seed, "interpreter"), share, group.size)


def age_band(birth_day: Ints, day: Ints) -> Ints:
    """Place in AGE_BANDS of the age on a day."""
    years = np.maximum(day - birth_day, 0) / DAYS_A_YEAR
    return np.asarray(np.minimum((years // 5).astype(np.int64), len(AGE_BANDS) - 1))


@dataclass(frozen=True)
class Ethnicity:
    """Recorded and linked code of each person as places in `codes`; place 0 is blank."""

    codes: tuple[str, ...]
    recorded: Ints
    linked: Ints
    source: Ints  # 0 self, 1 staff, 2 linked, 3 not known, -1 blank


def record_ethnicity(seed: int, people: People, first_day: Ints, last_day: int, laboratory: Ints) -> Ethnicity:
    """What was recorded of each person's group: whether, with which code, and what another source holds."""
    rng = stream(seed, "ethnicity")
    size = people.group.size
    valid = sorted({*_current().values(), *(code for retired in _retired().values() for code in retired)})
    names = ("", *(value for value in truth.ETHNICITY_MISSING_AS if value), *valid)
    current = np.array([names.index(_current()[group]) for group in ETHNIC_GROUPS])
    wrong = lookup(ETHNIC_GROUPS, truth.ETHNICITY_LINKED_WRONG, truth.ETHNICITY_LINKED_WRONG_OTHERS)[people.group]
    code = current[_mistaken(rng, people.group, wrong * truth.ETHNICITY_RECORDED_WRONG_FACTOR)]
    old_share = np.array([truth.ETHNICITY_RETIRED_SHARE[name] for name in SUBMITTERS])[laboratory]
    code = np.where(chance(rng, old_share, size), _retired_places(names)[code], code)
    missing_as = np.array([names.index(value) for value in truth.ETHNICITY_MISSING_AS])
    why = missing_as[pick(rng, list(truth.ETHNICITY_MISSING_AS.values()), size)]
    recorded = np.where(chance(rng, _recorded_share(people, first_day, last_day), size), code, why)
    linked = current[_mistaken(rng, people.group, wrong)]
    linked = np.where(chance(rng, truth.ETHNICITY_LINKED_PRESENT, size), linked, 0)
    source = pick(rng, [0.62, 0.20, 0.18], size)
    source = np.where(recorded == 0, -1, np.where(recorded == names.index("99"), 3, source))
    source = np.where(recorded == names.index("98"), 0, source)
    return Ethnicity(names, recorded, linked, source)


@cache
def _current() -> dict[str, str]:
    """The code in use for each ethnic group."""
    return {r["ethnic_group"]: r["code"] for r in reference_rows("ethnicity_codes") if r["status"] == "current"}


@cache
def _retired() -> dict[str, list[str]]:
    """The retired codes of each ethnic group that has any."""
    found: dict[str, list[str]] = {}
    for row in reference_rows("ethnicity_codes"):
        if row["status"] == "legacy":
            found.setdefault(row["ethnic_group"], []).append(row["code"])
    return found


def _retired_places(names: tuple[str, ...]) -> Ints:
    """For each place in names, the place of the group's first retired code, or itself."""
    group_of = {code: group for group, code in _current().items()}
    return np.array(
        [
            names.index(_retired()[group_of[name]][0]) if group_of.get(name) in _retired() else place
            for place, name in enumerate(names)
        ]
    )


def _mistaken(rng: np.random.Generator, group: Ints, wrong: Floats) -> Ints:
    """The group written down: the true one, or another, mostly of the same category."""
    whole = populations().ethnic.mean(axis=(0, 1))
    category = np.array([ETHNIC_CATEGORY[name] for name in ETHNIC_GROUPS])
    other = 1 - np.eye(len(ETHNIC_GROUPS))
    same = (category[:, None] == category[None, :]) * other
    within = np.where(same.sum(axis=1, keepdims=True) > 0, same, other) * np.sqrt(whole)
    table = np.vstack([within, other * np.sqrt(whole)])
    stays = chance(rng, truth.ETHNICITY_WRONG_WITHIN_CATEGORY, group.size)
    row = np.where(stays, group, group + len(ETHNIC_GROUPS))
    return np.where(chance(rng, wrong, group.size), pick_by_row(rng, table, row), group)


def _recorded_share(people: People, first_day: Ints, last_day: int) -> Floats:
    """Probability of a valid code: the board's stated share in the last year, with odds by group and deprivation."""
    odds = lookup(ETHNIC_GROUPS, truth.ETHNICITY_MISSING_ODDS, 1.0)[people.group]
    odds = np.where(people.decile <= 2, odds * truth.ETHNICITY_MISSING_ODDS_MOST_DEPRIVED, odds)
    base = _solve_missing(people.board, odds)
    years = np.maximum(last_day - 182 - first_day, 0) / DAYS_A_YEAR
    missing = base[people.board] * odds * np.exp(truth.ETHNICITY_LOG_ODDS_A_YEAR * years)
    return np.asarray(1 / (1 + missing))


def _solve_missing(board: Ints, odds: Floats) -> Floats:
    """Odds of no valid code in the reference group, by board, such that the board's mean share is the stated one."""
    levels, place = np.unique(odds, return_inverse=True)
    counts = np.zeros((len(BOARDS), levels.size))
    np.add.at(counts, (board, place), 1.0)
    counts = np.where(counts.sum(axis=1, keepdims=True) > 0, counts, 1.0)
    share = counts / counts.sum(axis=1, keepdims=True)
    wanted = np.array([truth.ETHNICITY_RECORDED[name] for name in BOARDS])
    low, high = np.full(len(BOARDS), -12.0), np.full(len(BOARDS), 12.0)
    for _ in range(60):
        middle = (low + high) / 2
        found = (share / (1 + np.exp(middle)[:, None] * levels)).sum(axis=1)
        low, high = np.where(found > wanted, middle, low), np.where(found > wanted, high, middle)
    return np.asarray(np.exp((low + high) / 2))


def residence_code(people: People, person: Ints) -> Ints:
    """Place in ALL_BOARDS of each request's board of residence, -1 where not recorded."""
    home = np.array([ALL_BOARDS.index(board) for board in BOARDS])[people.board]
    code = np.where(people.residence == 1, -1, np.where(people.residence == 2, ALL_BOARDS.index("OUTSIDE"), home))
    return np.asarray(code[person])


def draw_board(rng: np.random.Generator, profile: Ints) -> Ints:
    """Board of residence (BOARDS) for each request's profile."""
    return pick_by_row(rng, board_weights(), profile)
