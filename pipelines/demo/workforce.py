"""Staff of each laboratory at each quarterly census: posts, vacancies, leavers, absence, trainees."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from catalogue.contracts import extract_contracts
from catalogue.reference import reference_rows
from pipelines.demo import truth
from pipelines.demo.days import Months, as_date, day_number, month_start
from pipelines.demo.draws import Floats, chance, stream
from pipelines.demo.places import SUBMITTERS
from pipelines.demo.submissions import Sending

FILE = Path(__file__).with_name("workforce_posts.csv")
# Posts follow the work: the requests that a laboratory performs, at the minutes of reference/minutes_per_test.csv.
SIZES = {"ABE": 0.37, "DUN": 0.175, "EDI": 0.71, "GLA": 1.42}
GROWTH_A_QUARTER = 0.004
# Roles whose establishment grows faster than the rest, a quarter.
FASTER = {"bioinformatician": 0.02, "data_scientist": 0.02, "genetic_counsellor": 0.01}
REGISTERED_IN_TIME = 0.82
RETAINED = 0.80


@dataclass(frozen=True)
class Post:
    """One role and band at the reference size."""

    role: str
    band: str
    wte: float
    vacancy: float
    leavers: float
    aged_55: float


@cache
def posts() -> tuple[Post, ...]:
    """Every role and band, in the file's order."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Post(
                row["role"],
                row["afc_band"],
                float(row["wte"]),
                float(row["vacancy"]),
                float(row["leavers"]),
                float(row["aged_55"]),
            )
            for row in csv.DictReader(file)
        )


def send_workforce(months: Months, seed: int) -> Iterator[Sending]:
    """One file a laboratory and census quarter."""
    quarters = [month for month in range(months.first, months.newest + 1) if month % 3 == 2]
    for submitter in SUBMITTERS:
        rng = stream(seed, f"workforce {submitter}")
        base = np.array([post.wte for post in posts()]) * SIZES[submitter] * rng.uniform(0.9, 1.1, len(posts()))
        vacancy = np.zeros(len(posts()))
        for place, month in enumerate(quarters):
            vacancy = 0.7 * vacancy + rng.normal(0, 0.025, len(posts()))
            census = as_date(day_number(month_start(month + 1)) - 1)
            rows = _census(rng, submitter, census, place, base, vacancy)
            yield Sending("workforce", submitter, month, 1, rows)


def full_time_hours(day: date) -> float:
    """Hours of a full-time week on a day."""
    return [hours for start, hours in truth.FULL_TIME_HOURS if start <= day][-1]


def _census(
    rng: np.random.Generator, submitter: str, census: date, quarter: int, base: Floats, drift: Floats
) -> pl.DataFrame:
    """Rows of one laboratory at one census."""
    roles = [post.role for post in posts()]
    growth = np.array([FASTER.get(role, GROWTH_A_QUARTER) for role in roles])
    funded = np.maximum(np.round(base * (1 + growth) ** quarter * 5) / 5, 0.4)
    rate = np.clip(_vacancy_rate(submitter, census) + drift, 0, 0.5)
    vacant = np.minimum(np.round(funded * rate * 5) / 5, funded)
    in_post = np.round(funded - vacant, 2)
    headcount = np.where(in_post > 0, np.ceil(in_post * 1.12), 0).astype(np.int64)
    long = np.round(vacant * rng.beta(2.5, 3.0, vacant.size), 2)
    leavers = np.round(np.minimum(rng.gamma(4, 1, in_post.size) / 4 * in_post * _field("leavers"), in_post), 2)
    retired = np.round(leavers * rng.beta(2, 4, leavers.size), 2)
    moved = np.round((leavers - retired) * rng.beta(2, 3, leavers.size), 2)
    board = {row["code"]: row["host_board"] for row in reference_rows("laboratories")}[submitter]
    size = len(roles)
    columns = {
        "census_date": [census] * size,
        "site_code": [submitter] * size,
        "board_code": [board] * size,
        "role": roles,
        "afc_band": [post.band for post in posts()],
        "full_time_hours": [full_time_hours(census)] * size,
        "establishment_wte": np.round(in_post + vacant, 2),
        "in_post_wte": in_post,
        "in_post_headcount": headcount,
        "headcount_55_plus": rng.binomial(headcount, _field("aged_55")),
        "vacant_wte": np.round(vacant, 2),
        "vacant_3_months_wte": np.minimum(long, vacant),
        "leavers_wte_12m": leavers,
        "leavers_retired_wte_12m": retired,
        "leavers_to_nhs_wte_12m": moved,
        "absence_rate": np.round(np.clip(rng.normal(0.055, 0.018, size), 0, 0.25), 3),
        **_trainees(rng, roles, SIZES[submitter]),
    }
    return pl.DataFrame(columns).select(extract_contracts()["workforce"].names)


def _field(name: str) -> Floats:
    return np.array([float(getattr(post, name)) for post in posts()])


def _vacancy_rate(submitter: str, census: date) -> Floats:
    """Usual vacancy rate by post, raised where a shortage is stated."""
    rate = _field("vacancy")
    stated = {
        ("DUN", "genetic_technologist"): truth.VACANCY_DUNDEE_TECHNOLOGISTS,
        ("GLA", "clinical_scientist"): truth.VACANCY_GLASGOW_SCIENTISTS,
    }
    for (laboratory, role), (start, end, level) in stated.items():
        if submitter == laboratory and start <= census <= end:
            rate = np.where([post.role == role for post in posts()], level, rate)
    return rate


def _trainees(rng: np.random.Generator, roles: list[str], size: float) -> dict[str, list[int | None]]:
    """Counts of trainees and registrants, on the rows of trainee scientists only."""
    total = sum(SIZES.values())
    starts = int(rng.poisson(truth.TRAINEE_STARTS_A_YEAR * size / total))
    due, ago = (int(n) for n in rng.poisson(truth.TRAINEE_STARTS_A_YEAR * size / total, 2))
    registered = int(chance(rng, REGISTERED_IN_TIME, due).sum())
    retained = int(chance(rng, RETAINED, ago).sum())
    counts: dict[str, int] = {
        "trainee_starts": starts,
        "trainees_due_to_register": due,
        "trainees_registered_12m": registered,
        "registrants_24_months_ago": ago,
        "registrants_retained_24m": retained,
    }
    return {name: [count if role == "trainee_scientist" else None for role in roles] for name, count in counts.items()}
