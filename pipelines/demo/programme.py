"""Items of the strategy's delivery: what was planned, proposed, agreed and returned, as told on each reporting day."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from catalogue.contracts import extract_contracts
from catalogue.reference import labels
from pipelines.demo import truth
from pipelines.demo.days import Months, as_date, day_number, month_name, month_start
from pipelines.demo.directory import lines, offered_codes
from pipelines.demo.draws import stream
from pipelines.demo.people import PROFILES, board_weights
from pipelines.demo.places import BOARDS, SUBMITTERS
from pipelines.demo.submissions import Rounds, Sending

ACTIONS = Path(__file__).with_name("programme_actions.csv")
STRATEGY_START = date(2024, 4, 15)
PROPOSALS_FROM = date(2021, 1, 11)
PROPOSALS_EVERY_DAYS = 30
PLANNED_LIMS = {
    "EDI": date(2024, 10, 31),
    "GLA": date(2025, 6, 30),
    "ABE": date(2026, 12, 31),
    "DUN": date(2027, 3, 31),
}
AGREEMENT_DUE = date(2025, 12, 31)
COMPARATORS = {
    "england": ("2025-10", 120, 0.24),
    "wales": ("2025-04", 70, 0.17),
    "northern_ireland": ("2025-04", 60, 0.12),
}
STROKES_A_YEAR = 12_500
SCREENED = {2022: 0.77, 2023: 0.78, 2024: 0.77, 2025: 0.79, 2026: 0.80}
LEARNERS = {
    "medical": 5200,
    "nursing": 9400,
    "ahp": 3100,
    "pharmacy": 1500,
    "primary_care": 4600,
    "science": 1200,
}
DATA_ITEMS = (
    "request identifier",
    "person pseudonym",
    "family identifier",
    "date of request",
    "date of receipt",
    "date of report",
    "test code",
    "technology",
    "test purpose",
    "pathway",
    "priority",
    "board of residence",
    "requesting board",
    "performing laboratory",
    "referrer",
    "sample type",
    "sample outcome",
    "age band",
    "sex",
    "ethnic group",
    "language need",
    "deprivation",
    "urban rural class",
    "result category",
    "variant class",
    "consent for research",
    "consent for teaching",
    "consent for audit",
    "action taken",
    "follow-up",
)

Item = dict[str, Any]


def send_programme(months: Months, seed: int, requests_per_year: int) -> Iterator[Sending]:
    """One file a quarter until the regular rounds began, then one a month."""
    items = _items(months, seed, requests_per_year)
    backfill = Rounds(months).newest[0]
    for month in range(months.first, months.newest + 1):
        if month % 3 == 2 or month >= backfill:
            as_at = as_date(day_number(month_start(month + 1)) - 1)
            yield Sending("programme", "SGV", month, 1, rows_as_at(items, as_at))


def _items(months: Months, seed: int, requests_per_year: int) -> pl.DataFrame:
    """Every item with all that will be known of it; `known` is the day from which it is reported."""
    rows = [
        *_actions(),
        *_proposals(seed, months),
        *_mappings(seed),
        *_agreements(seed),
        *_data_standards(seed),
        *_sites(),
        *_returns(seed, months),
        *_learning(seed, months),
        *_accreditation(seed),
        *_eligible(months, requests_per_year),
        *_screening(),
    ]
    text = ("owner", "organisation_code", "staff_group", "test_code", "comparator", "comparator_version", "depends_on")
    days = ("known", "begun", "submitted_date", "assessed_date", "decision_date", "due_date", "completed_date")
    kinds: dict[str, type[pl.DataType]] = dict.fromkeys(
        ("item_id", "aim", "item_type", "title", *text, "decision", "author"), pl.String
    )
    kinds |= dict.fromkeys(days, pl.Date) | dict.fromkeys(("value", "target"), pl.Float64)
    return pl.DataFrame(rows, schema=kinds)


def rows_as_at(items: pl.DataFrame, as_at: date) -> pl.DataFrame:
    """The items reported on a day, with nothing later than that day."""
    happened = ("submitted_date", "assessed_date", "decision_date", "completed_date")
    told = items.filter(pl.col("known") <= as_at).with_columns(
        *(pl.when(pl.col(name) <= as_at).then(pl.col(name)).alias(name) for name in happened)
    )
    waits = (pl.col("item_type") == "test_proposal") & pl.col("decision_date").is_null()
    status = (
        pl.when(pl.col("decision_date").is_not_null() & (pl.col("decision") == "withdrawn"))
        .then(pl.lit("withdrawn"))
        .when(pl.col("decision_date").is_not_null() & (pl.col("decision") != "approved"))
        .then(pl.lit("complete"))
        .when(pl.col("completed_date").is_not_null())
        .then(pl.lit("complete"))
        .when(waits & (pl.lit(as_at) >= truth.EVALUATION_PAUSED))
        .then(pl.lit("paused"))
        .when((pl.col("begun") > as_at) | pl.col("begun").is_null())
        .then(pl.lit("not_started"))
        .otherwise(pl.lit("in_progress"))
    )
    return (
        told.with_columns(
            decision=pl.when(pl.col("decision_date").is_not_null()).then(pl.col("decision")),
            status=status,
            as_at=pl.lit(as_at),
        )
        .with_columns(narrative=_narrative(as_at))
        .sort("item_id")
        .select(extract_contracts()["programme"].names)
    )


def _narrative(as_at: date) -> pl.Expr:
    """A sentence on actions, from their status and due date."""
    late = (pl.col("due_date") < as_at) & (pl.col("status") != "complete")
    words = (
        pl.when(pl.col("status") == "complete")
        .then(pl.lit("Done; now part of routine work."))
        .when(late)
        .then(pl.lit("Behind plan; a new date is being agreed with those concerned."))
        .when(pl.col("status") == "in_progress")
        .then(pl.lit("Under way and expected by the due date."))
        .otherwise(pl.lit("Not begun."))
    )
    return pl.when(pl.col("item_type") == "action").then(words)


@cache
def _action_rows() -> tuple[dict[str, str], ...]:
    with ACTIONS.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _actions() -> Iterator[Item]:
    for row in _action_rows():
        yield {
            "item_id": row["item_id"],
            "aim": row["aim"],
            "item_type": "action",
            "title": row["title"],
            "owner": row["owner"],
            "organisation_code": row["organisation_code"],
            "depends_on": row["depends_on"] or None,
            "known": STRATEGY_START,
            "begun": _day(row["start"]),
            "due_date": _day(row["due"]),
            "completed_date": _day(row["finished"]),
            "author": "Programme manager",
        }


def _proposals(seed: int, months: Months) -> Iterator[Item]:
    """Proposals of new tests; from the pause on none is decided."""
    rng = stream(seed, "proposals")
    end = as_date(months.end)
    count = max((end - PROPOSALS_FROM).days // PROPOSALS_EVERY_DAYS, 0)
    technology, group = labels("technologies"), labels("clinical_groups")
    new = [line for line in lines() if line.growth >= 0.05]
    for number in range(count):
        line = new[int(rng.integers(len(new)))]
        submitted = PROPOSALS_FROM + timedelta(days=number * PROPOSALS_EVERY_DAYS + int(rng.integers(0, 25)))
        assessed = submitted + timedelta(days=int(rng.integers(45, 150)))
        decided: date | None = assessed + timedelta(days=int(rng.integers(40, 210)))
        decision = ("approved", "declined", "deferred", "withdrawn")[int(rng.choice(4, p=[0.68, 0.14, 0.12, 0.06]))]
        wait = int(rng.integers(50, 330))
        if decided is not None and decided >= truth.EVALUATION_PAUSED:
            decided = None
        live = decided + timedelta(days=wait) if decided and decision == "approved" else None
        yield {
            "item_id": f"PROP-{number + 1:03d}",
            "aim": "1",
            "item_type": "test_proposal",
            "title": f"{technology[line.technology]} for {group[line.clinical_group].lower()}",
            "owner": "Proposing laboratory",
            "organisation_code": SUBMITTERS[int(rng.integers(4))],
            "test_code": line.code,
            "known": submitted,
            "begun": submitted,
            "submitted_date": submitted,
            "assessed_date": assessed if assessed < truth.EVALUATION_PAUSED else None,
            "decision": decision if decided else None,
            "decision_date": decided,
            "due_date": decided + timedelta(days=180) if live and decided else None,
            "completed_date": live,
            "author": "Network manager",
        }


def _mappings(seed: int) -> Iterator[Item]:
    """Indications of the other directories: mapped, declared without a Scottish entry, or still to be looked at."""
    rng = stream(seed, "mappings")
    names = offered_codes()[0]
    known = date(2024, 9, 1)
    for comparator, (version, count, gap) in COMPARATORS.items():
        for number in range(count):
            looked_at = known + timedelta(days=int(rng.integers(20, 800)))
            mapped = rng.random() >= gap
            yield {
                "item_id": f"MAP-{comparator[:2].upper()}-{number + 1:03d}",
                "aim": "2",
                "item_type": "directory_mapping",
                "title": f"Indication {number + 1} of the directory compared with",
                "owner": "Directory lead",
                "organisation_code": "NSD",
                "test_code": names[int(rng.integers(len(names)))] if mapped else None,
                "comparator": comparator,
                "comparator_version": version,
                "known": known,
                "begun": known,
                "decision": "approved" if mapped else "declined",
                "decision_date": looked_at,
                "due_date": date(2026, 6, 30),
                "completed_date": looked_at,
                "author": "Directory lead",
            }


def _agreements(seed: int) -> Iterator[Item]:
    rng = stream(seed, "agreements")
    for place, board in enumerate(BOARDS):
        signed = date(2025, 6, 1) + timedelta(days=int(rng.integers(0, 640)))
        yield {
            "item_id": f"AGR-{board}",
            "aim": "10",
            "item_type": "agreement",
            "title": "Board signs the national data sharing agreement",
            "owner": "Information governance lead",
            "organisation_code": board,
            "known": date(2024, 6, 30),
            "begun": date(2025, 1, 10) + timedelta(days=7 * place),
            "due_date": AGREEMENT_DUE,
            "completed_date": signed,
            "author": "Information governance lead",
        }


def _data_standards(seed: int) -> Iterator[Item]:
    rng = stream(seed, "data standards")
    for number, item in enumerate(DATA_ITEMS):
        begun = date(2025, 3, 1) + timedelta(days=int(rng.integers(0, 400)))
        yield {
            "item_id": f"STD-{number + 1:02d}",
            "aim": "8",
            "item_type": "data_standard",
            "title": f"National standard for {item}",
            "owner": "Data lead",
            "organisation_code": "PHS",
            "known": date(2025, 3, 1),
            "begun": begun,
            "due_date": date(2026, 12, 31),
            "completed_date": begun + timedelta(days=int(rng.integers(90, 700))),
            "author": "Data lead",
        }


def _sites() -> Iterator[Item]:
    for laboratory, due in PLANNED_LIMS.items():
        yield {
            "item_id": f"LIVE-{laboratory}",
            "aim": "9",
            "item_type": "site_live",
            "title": "Genomics module of the laboratory system live",
            "owner": "Digital lead",
            "organisation_code": laboratory,
            "depends_on": "A09.2",
            "known": STRATEGY_START,
            "begun": due - timedelta(days=300),
            "due_date": due,
            "completed_date": truth.LIMS_LIVE.get(laboratory),
            "author": "Digital lead",
        }


def _returns(seed: int, months: Months) -> Iterator[Item]:
    """Returns due since the regular rounds began: one a laboratory and month, one in eight late."""
    rng = stream(seed, "returns due")
    for month in Rounds(months).newest[:-1]:
        for laboratory in SUBMITTERS:
            due = month_start(month + 1) + timedelta(days=14)
            late = rng.random() < 0.125
            gap = int(rng.integers(1, 20)) if late else -int(rng.integers(0, 13))
            yield {
                "item_id": f"RET-{laboratory}-{month_name(month)}",
                "aim": "11",
                "item_type": "return_due",
                "title": f"Laboratory return for {month_name(month)}",
                "owner": "Laboratory data steward",
                "organisation_code": laboratory,
                "known": month_start(month + 1),
                "begun": month_start(month + 1),
                "due_date": due,
                "completed_date": due + timedelta(days=gap),
                "author": "Data lead",
            }


def _learning(seed: int, months: Months) -> Iterator[Item]:
    """Staff outside genetics who finished a module in the 24 months before each quarter's end."""
    rng = stream(seed, "learning")
    for staff, eligible in LEARNERS.items():
        ceiling = rng.uniform(0.10, 0.22)
        for month in range(months.first, months.newest + 1):
            end = month_start(month + 1) - timedelta(days=1)
            if month % 3 != 2 or end < STRATEGY_START:
                continue
            years = (end - STRATEGY_START).days / 365.25
            yield {
                "item_id": f"LRN-{staff.upper().replace('_', '.')}-{month_name(month)}",
                "aim": "12",
                "item_type": "learning",
                "title": f"Genomics module finished in 24 months to {month_name(month)}",
                "owner": "Education lead",
                "organisation_code": "NES",
                "staff_group": staff,
                "known": end,
                "begun": end,
                "due_date": end,
                "completed_date": end,
                "value": float(round(eligible * ceiling * (1 - np.exp(-years / 1.5)))),
                "target": float(eligible),
                "author": "Education lead",
            }


def _accreditation(seed: int) -> Iterator[Item]:
    """Directory tests inside the accredited scope: nine in ten, the rest applied for."""
    rng = stream(seed, "accreditation")
    in_scotland = {line.code: line.outside < 1 for line in lines()}
    names, first, _ = offered_codes()
    for place, line in enumerate(lines()):
        for name in names[first[place] : first[place] + line.variants]:
            accredited = rng.random() < 0.9
            if not in_scotland[line.code]:
                continue
            yield {
                "item_id": f"ACC-{name}",
                "aim": "2",
                "item_type": "accreditation",
                "title": "Test inside the accredited scope",
                "owner": "Quality manager",
                "organisation_code": line.performed_at[0] if line.performed_at else "GLA",
                "test_code": name,
                "known": date(2021, 1, 1),
                "begun": date(2021, 1, 1),
                "due_date": date(2026, 12, 31),
                "completed_date": date(2020, 12, 1) + timedelta(days=int(rng.integers(0, 900))) if accredited else None,
                "author": "Quality manager",
            }


def _eligible(months: Months, requests_per_year: int) -> Iterator[Item]:
    """People with a stroke or a warning stroke by board and month, as boards return them."""
    weights = board_weights()[PROFILES.index("stroke")]
    shares = weights / weights.sum()
    scale = requests_per_year / 60_000
    start = truth.CYP2C19_START.year * 12 + truth.CYP2C19_START.month - 1
    for month in range(max(start, months.first), months.newest + 1):
        end = month_start(month + 1) - timedelta(days=1)
        for board, share in zip(BOARDS, shares, strict=True):
            yield {
                "item_id": f"ELI-{board}-{month_name(month)}",
                "aim": "13",
                "item_type": "eligible_patients",
                "title": f"People with stroke eligible for CYP2C19 testing in {month_name(month)}",
                "owner": "Stroke lead",
                "organisation_code": board,
                "test_code": "RD.PGX.020",
                "known": end,
                "begun": end,
                "due_date": end,
                "completed_date": end,
                "value": float(max(round(STROKES_A_YEAR / 12 * share * scale), 1)),
                "author": "Stroke lead",
            }


def _screening() -> Iterator[Item]:
    for year, share in SCREENED.items():
        yield {
            "item_id": f"SCR-{year}",
            "aim": "3",
            "item_type": "screening_context",
            "title": f"Pregnancy screening taken up in the year to March {year}",
            "owner": "Screening lead",
            "organisation_code": "PHS",
            "known": date(year, 11, 1),
            "begun": date(year, 11, 1),
            "completed_date": date(year, 11, 1),
            "value": share,
            "author": "Screening lead",
        }
