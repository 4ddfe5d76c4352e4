"""Rows of the testing, turnaround and outcomes extracts as a laboratory would send them on a given day."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import polars as pl

from catalogue.contracts import extract_contracts
from catalogue.reference import codes
from pipelines.demo.days import NEVER
from pipelines.demo.directory import lines, offered_codes, values
from pipelines.demo.draws import Flags, Floats, Ints, chance, pick, pick_by_row, stream
from pipelines.demo.outcomes import ACTIONS, CLASSES, RESULTS, Outcomes
from pipelines.demo.people import Ethnicity, People, age_band
from pipelines.demo.places import AGE_BANDS, ALL_BOARDS, LABORATORIES, SUBMITTERS
from pipelines.demo.requests import (
    DUPLICATE,
    REJECTED,
    REJECTION_REASONS,
    SAMPLE_TYPES,
    SPECIALTY_CODES,
    Requests,
    pseudonyms,
)
from pipelines.demo.turnaround import CLOCK_EVENTS, Course

YES_NO = ("yes", "no", "not_recorded")
STATUSES = codes("request_statuses")
SAMPLE_OUTCOMES = codes("sample_outcomes")
FOLLOW_UP = codes("follow_up_statuses")
PAUSE_REASONS = codes("pause_reasons")
CONSENT_RECORDED = {"ABE": 0.80, "DUN": 0.66, "EDI": 0.73, "GLA": 0.56}
DATES = (
    "collected",
    "pathology_released",
    "dispatched",
    "dna_extracted",
    "sequenced",
    "analysed",
    "authorised",
    "report",
    "visible",
    "cancelled",
)


def as_codes(places: Ints, names: Sequence[str]) -> pl.Series:
    """Places as codes of an Enum; -1 is empty."""
    wide = pl.UInt8 if len(names) < 255 else pl.UInt16
    return _or_empty(pl.Series(places, dtype=pl.Int64), places < 0).cast(wide).cat.to(pl.Enum(names))


def _or_empty(series: pl.Series, empty: Flags) -> pl.Series:
    """The series with nothing where `empty` says so."""
    return pl.select(pl.when(pl.lit(pl.Series(~empty))).then(series)).to_series() if empty.any() else series


def as_ids(letter: str, numbers: Ints, width: int) -> pl.Series:
    """Numbers as lettered pseudonyms of fixed width; -1 is empty."""
    text = pl.Series(numbers, dtype=pl.Int64).cast(pl.String).str.zfill(width)
    ids = pl.select(pl.lit(letter) + text).to_series()
    return _or_empty(ids, numbers < 0)


def _whole(numbers: Ints) -> pl.Series:
    """Whole numbers; -1 is empty."""
    return _or_empty(pl.Series(numbers.astype(np.int32)), numbers < 0)


def build_facts(
    seed: int, requests: Requests, people: People, ethnicity: Ethnicity, course: Course, outcomes: Outcomes
) -> pl.DataFrame:
    """Every request with all that will be known of it; days are day numbers and names beginning _ are not sent."""
    static = _testing_columns(seed, requests, people, ethnicity, course)
    course_days = {f"_{name}": pl.Series(getattr(course, name).astype(np.int32)) for name in DATES}
    rest = {
        "_received": pl.Series(requests.day.astype(np.int32)),
        "_disposition": pl.Series(requests.disposition.astype(np.int8)),
        "_performing": as_codes(requests.performing, LABORATORIES),
        "_forwarded": pl.Series(requests.performing != requests.receiving),
        "_paused_days": pl.Series(course.paused_days.astype(np.int32)),
        "_pause_reason": as_codes(course.pause_reason, PAUSE_REASONS),
        "_pause_known": pl.Series(course.pause_known.astype(np.int32)),
        "standard_code": _by_line(requests, "standard"),
        "clock_start_event": as_codes(course.clock_event, CLOCK_EVENTS),
    }
    return pl.DataFrame({**static, **course_days, **rest, **_outcome_columns(outcomes)})


def _by_line(requests: Requests, field: str) -> pl.Series:
    """A field of each request's line of the directory."""
    texts = values(field)
    names = sorted(set(texts))
    return as_codes(np.array([names.index(text) for text in texts])[requests.line], names)


def _testing_columns(
    seed: int, requests: Requests, people: People, ethnicity: Ethnicity, course: Course
) -> dict[str, pl.Series]:
    """Columns of the testing extract that do not change from one sending to the next."""
    rng = stream(seed, "extracts")
    size, person = requests.size, requests.person
    test_names, _, genes = offered_codes()
    lives_here = requests.residence_board >= 0
    lives_here &= requests.residence_board != ALL_BOARDS.index("OUTSIDE")
    numbers = pseudonyms(seed, "people", people.board.size)
    families = pseudonyms(seed, "families", people.board.size)
    fields = ("directory", "clinical_group", "technology", "test_purpose", "pathway", "priority", "origin")
    requested = np.where(chance(rng, 0.03, size), NEVER, course.requested)
    known_group = ethnicity.codes[1:]
    return {
        "request_id": as_ids("R", requests.number, 9),
        "person_id": as_ids("P", numbers[person], 8),
        "family_id": as_ids("F", np.where(requests.family >= 0, families[np.maximum(requests.family, 0)], -1), 8),
        "requested_date": _dates(requested),
        "received_date": _dates(requests.day),
        **{field: _by_line(requests, field) for field in fields},
        "test_code": as_codes(requests.test_code, test_names),
        "residence_board": as_codes(requests.residence_board, ALL_BOARDS),
        "requesting_board": as_codes(requests.requesting_board, ALL_BOARDS),
        "receiving_lab": as_codes(requests.receiving, SUBMITTERS),
        "referrer_specialty": as_codes(requests.specialty, SPECIALTY_CODES),
        "rejection_reason": as_codes(requests.rejection_reason, REJECTION_REASONS),
        "first_pass_accepted": as_codes(requests.first_pass, YES_NO),
        "sample_type": as_codes(requests.sample_type, SAMPLE_TYPES),
        "_samples": _whole(_sample_count(rng, requests)),
        "_failed_event": pl.Series(course.failed_event),
        "_outcome": _sample_outcome(rng, requests, course),
        "is_proband": as_codes(np.where(_relative(requests), 1, np.where(chance(rng, 0.015, size), 2, 0)), YES_NO),
        "genes_tested": _whole(genes[requests.test_code]),
        "age_band": as_codes(age_band(people.birth_day[person], requests.day), AGE_BANDS),
        "sex": as_codes(people.sex[person], codes("sexes")),
        "ethnicity_code": as_codes(ethnicity.recorded[person] - 1, known_group),
        "ethnicity_source": as_codes(ethnicity.source[person], codes("ethnicity_sources")),
        "ethnicity_code_linked": as_codes(ethnicity.linked[person] - 1, known_group),
        "interpreter_needed": as_codes(_interpreter(seed, people)[person], YES_NO),
        "simd_decile": _whole(np.where(lives_here, people.decile[person], -1)),
        "urban_rural_8": _whole(np.where(lives_here, people.urban_rural[person], -1)),
        **_links_and_consents(rng, requests, people),
    }


def _dates(days: Ints) -> pl.Series:
    """Day numbers as dates; NEVER is empty."""
    return _or_empty(pl.Series(days.astype(np.int32)), days >= NEVER).cast(pl.Date)


def _relative(requests: Requests) -> Flags:
    return np.array([line.is_for_relatives for line in lines()])[requests.line]


def _interpreter(seed: int, people: People) -> Ints:
    """As recorded: one in twenty is not asked."""
    asked = ~chance(stream(seed, "interpreter asked"), 0.05, people.board.size)
    return np.where(people.interpreter, 0, np.where(asked, 1, 2))


def _sample_count(rng: np.random.Generator, requests: Requests) -> Ints:
    """Samples received at first: parents are tested with the child in trios."""
    trio = np.array(
        [line.technology == "trio_wes" or (line.technology == "wgs" and line.origin == "germline") for line in lines()]
    )
    table = np.array([[0.93, 0.06, 0.01], [0.07, 0.11, 0.82]])
    return pick_by_row(rng, table, trio[requests.line].astype(np.int64)) + 1


def _sample_outcome(rng: np.random.Generator, requests: Requests, course: Course) -> pl.Series:
    """What becomes of the index sample in the end."""
    places = {name: SAMPLE_OUTCOMES.index(name) for name in SAMPLE_OUTCOMES}
    failed = np.where(chance(rng, 0.6, requests.size), places["failed"], places["insufficient"])
    storage = np.array([line.test_purpose == "storage" for line in lines()])[requests.line]
    done = np.where(storage, places["not_analysed"], places["completed"])
    return as_codes(np.where(course.failed_for_good, failed, done), SAMPLE_OUTCOMES)


def _links_and_consents(rng: np.random.Generator, requests: Requests, people: People) -> dict[str, pl.Series]:
    """Linkage flags, consents and information, yes, no or not recorded."""
    size, line = requests.size, requests.line
    somatic = np.array([item.origin == "somatic" for item in lines()])[line].astype(np.int64)
    away = people.residence[requests.person] == 2
    chi = chance(rng, np.where(away, 0.10, 0.988), size)
    found = {
        "chi_linked": np.where(chi, 0, 1),
        "linked_smr": np.where(chi, pick(rng, [0.92, 0.05, 0.03], size), 1),
        "linked_cancer_registry": np.where(chi & (somatic == 1), pick(rng, [0.84, 0.12, 0.04], size), 1),
        "linked_prescribing": np.where(chi, pick(rng, [0.86, 0.09, 0.05], size), 1),
    }
    level: Floats = np.array([CONSENT_RECORDED[name] for name in SUBMITTERS])[requests.receiving]
    for purpose, gap in {"teaching": 0.06, "audit": 0.02, "research": 0.0}.items():
        agreed = np.where(chance(rng, 0.86, size), 0, 1)
        found[f"consent_{purpose}"] = np.where(chance(rng, level - gap, size), agreed, 2)
    found["information_offered"] = pick_by_row(rng, np.array([[0.78, 0.07, 0.15], [0.32, 0.06, 0.62]]), somatic)
    return {name: as_codes(places, YES_NO) for name, places in found.items()}


def _outcome_columns(outcomes: Outcomes) -> dict[str, pl.Series]:
    """What is found out, under names beginning _ where a day decides whether it is known."""
    yes_no = {
        "explains_referral": outcomes.explains,
        "_management": outcomes.management,
        "actionable_variant": outcomes.actionable,
        "research_eligible": outcomes.research_eligible,
        "research_offered": outcomes.research_offered,
        "research_consented": outcomes.research_consented,
    }
    reviews = ("first_review", "second_review", "reclassified", "recontacted")
    actions = ("decision_to_treat", "action_day", "therapy_day", "trial_day")
    return {
        "result_category": as_codes(outcomes.result, RESULTS),
        **{name: as_codes(places, YES_NO) for name, places in yes_no.items()},
        "variants_reported": _whole(outcomes.variants),
        "variants_deposited": _whole(outcomes.deposited),
        "_lost": pl.Series(outcomes.lost),
        "_action": as_codes(outcomes.action, ACTIONS),
        "_relatives_eligible": _whole(outcomes.relatives_eligible),
        "_relatives_tested": _whole(outcomes.relatives_tested),
        "_reclassified_to": as_codes(outcomes.reclassified_to, CLASSES),
        **{f"_{name}": pl.Series(getattr(outcomes, name).astype(np.int32)) for name in (*reviews, *actions)},
    }


@cache
def _columns(extract: str) -> list[str]:
    return extract_contracts()[extract].names


def _known(day: str, by: pl.Expr | int) -> pl.Expr:
    """A day's date where it lies no later than `by`."""
    return pl.when(pl.col(day) <= by).then(pl.col(day)).cast(pl.Date)


def _enum(name: str, names: Sequence[str]) -> pl.Expr:
    return pl.lit(name, dtype=pl.Enum(names))


def testing_rows(facts: pl.DataFrame, on: int) -> pl.DataFrame:
    """Rows of the testing extract as seen on a day number."""
    started, assayed = pl.col("_dna_extracted") <= on, pl.col("_sequenced") <= on
    refused = pl.col("_disposition") > 0
    status = (
        pl.when(pl.col("_disposition") == REJECTED)
        .then(_enum("rejected", STATUSES))
        .when(pl.col("_disposition") == DUPLICATE)
        .then(_enum("duplicate", STATUSES))
        .when(pl.col("_cancelled") <= on)
        .then(_enum("cancelled", STATUSES))
        .when(pl.col("_report") <= on)
        .then(_enum("reported", STATUSES))
        .when(started)
        .then(_enum("in_progress", STATUSES))
        .otherwise(_enum("received", STATUSES))
    )
    outcome = (
        pl.when(refused | ((pl.col("_cancelled") <= on) & ~assayed))
        .then(_enum("not_analysed", SAMPLE_OUTCOMES))
        .when(assayed)
        .then(pl.col("_outcome"))
        .otherwise(_enum("pending", SAMPLE_OUTCOMES))
    )
    failed = (assayed & ~refused & pl.col("_failed_event")).cast(pl.Int32)
    again = (failed == 1) & (pl.col("_outcome") == "completed")
    return (
        facts.lazy()
        .with_columns(
            extracted_on=pl.lit(on, dtype=pl.Int32).cast(pl.Date),
            performing_lab=pl.when(refused | (pl.col("_forwarded") & ~started))
            .then(None)
            .otherwise(pl.col("_performing")),
            request_status=status,
            sample_outcome=outcome,
            sample_count=pl.col("_samples") + again.cast(pl.Int32),
            failed_sample_count=failed,
        )
        .select(_columns("testing"))
        .collect()
    )


def turnaround_rows(facts: pl.DataFrame, on: int) -> pl.DataFrame:
    """Rows of the turnaround extract as seen on a day number."""
    paused = pl.col("_pause_known") <= on
    clock = (
        pl.when(pl.col("clock_start_event") == "dna_extracted")
        .then(pl.col("_dna_extracted"))
        .when(pl.col("clock_start_event") == "collected")
        .then(pl.col("_collected"))
        .otherwise(pl.col("_received"))
    )
    closed = (pl.col("_report") <= on) | (pl.col("_cancelled") <= on)
    sent = {"report": "report_date", "visible": "report_visible_date"}
    return (
        facts.lazy()
        .filter(pl.col("_disposition") == 0)
        .with_columns(_clock=clock)
        .with_columns(
            *(_known(f"_{name}", on).alias(sent.get(name, f"{name}_date")) for name in DATES),
            _known("_clock", on).alias("clock_start_date"),
            extracted_on=pl.lit(on, dtype=pl.Int32).cast(pl.Date),
            paused_days=pl.when(paused).then(pl.col("_paused_days")).when(closed).then(pl.lit(0, dtype=pl.Int32)),
            pause_reason=pl.when(paused).then(pl.col("_pause_reason")),
        )
        .select(_columns("turnaround"))
        .collect()
    )


def outcome_rows(facts: pl.DataFrame, on: int) -> pl.DataFrame:
    """Rows of the outcomes extract as seen on a day number: reported requests, followed up to the newest review."""
    reviewed = pl.col("_first_review") <= on
    again = (pl.col("_second_review") <= on) & ~pl.col("_lost")
    horizon = pl.when(again).then(pl.col("_second_review")).when(reviewed).then(pl.col("_first_review"))
    status = (
        pl.when(pl.col("_first_review") >= NEVER)
        .then(_enum("not_recorded", FOLLOW_UP))
        .when(reviewed & pl.col("_lost"))
        .then(_enum("lost", FOLLOW_UP))
        .when(reviewed)
        .then(_enum("followed", FOLLOW_UP))
        .otherwise(_enum("pending", FOLLOW_UP))
    )
    by = pl.col("_horizon")
    return (
        facts.lazy()
        .filter((pl.col("_disposition") == 0) & (pl.col("_report") <= on))
        .with_columns(_horizon=horizon)
        .with_columns(
            extracted_on=pl.lit(on, dtype=pl.Int32).cast(pl.Date),
            followed_to_date=by.cast(pl.Date),
            management_changed=pl.when(reviewed).then(pl.col("_management")).otherwise(_enum("not_recorded", YES_NO)),
            follow_up_status=status,
            decision_to_treat_date=_known("_decision_to_treat", by),
            first_action_type=pl.when(pl.col("_action_day") <= by).then(pl.col("_action")),
            first_action_date=_known("_action_day", by),
            matched_therapy_date=_known("_therapy_day", by),
            trial_enrolment_date=_known("_trial_day", by),
            relatives_eligible=pl.when(reviewed).then(pl.col("_relatives_eligible")),
            relatives_tested_12m=pl.when(again).then(pl.col("_relatives_tested")),
            reclassified_date=_known("_reclassified", on),
            reclassified_to=pl.when(pl.col("_reclassified") <= on).then(pl.col("_reclassified_to")),
            recontacted_date=_known("_recontacted", on),
        )
        .select(_columns("outcomes"))
        .collect()
    )


ROWS = {"testing": testing_rows, "turnaround": turnaround_rows, "outcomes": outcome_rows}
CHANGES = {
    "testing": ("_dna_extracted", "_sequenced", "_report", "_cancelled"),
    "turnaround": (*(f"_{name}" for name in DATES), "_pause_known"),
    "outcomes": ("_report", "_first_review", "_second_review"),
}
