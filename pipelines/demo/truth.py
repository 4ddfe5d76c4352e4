"""What the demonstration data are made to show: every size, date and bias, drawn from here and told in truth.json."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from pipelines.demo.directory import lines

# Volume -------------------------------------------------------------------------------------------------------------
PANDEMIC_END = date(2021, 8, 9)
PANDEMIC_FACTOR = 0.78
PANDEMIC_RECOVERY_DAYS = 60
SEASON = (1.03, 1.00, 1.05, 0.97, 1.00, 1.02, 0.93, 0.95, 1.03, 1.05, 1.06, 0.85)
WEEKDAYS = (0.220, 0.205, 0.205, 0.195, 0.165, 0.008, 0.002)
CYP2C19_START = date(2025, 4, 1)
CYP2C19_RAMP_DAYS = 365

# Requests -----------------------------------------------------------------------------------------------------------
REJECTED = 0.030
REJECTED_FROM_GENETICS = 0.012
DUPLICATE = 0.003
CANCELLED = 0.025
PAUSED = 0.040
RETURNED_AT_FIRST = 0.045
RESIDENCE_NOT_RECORDED = 0.005
RESIDENT_OUTSIDE = 0.007
REQUESTED_ELSEWHERE = 0.10
MAINSTREAM_FIRST_YEAR = 0.46
MAINSTREAM_A_YEAR = 0.025

# Who is reached: germline rare-disease and inherited-cancer tests ---------------------------------------------------
RARE_RATE_MOST_DEPRIVED = 0.78
RARE_RATE_BY_GROUP = {
    "asian_pakistani": 0.70,
    "african": 0.75,
    "african_other": 0.75,
    "white_polish": 0.80,
    "white_gypsy_traveller": 0.50,
}
RARE_RATE_ISLANDS = 0.85
RARE_RATE_REMOTE = 0.85
CANCER_NEED_MOST_DEPRIVED = 1.30

# Ethnicity recording ------------------------------------------------------------------------------------------------
ETHNICITY_RECORDED = {
    "S08000015": 0.987,
    "S08000016": 0.74,
    "S08000017": 0.83,
    "S08000029": 0.81,
    "S08000019": 0.77,
    "S08000020": 0.72,
    "S08000031": 0.80,
    "S08000022": 0.66,
    "S08000032": 0.84,
    "S08000024": 0.78,
    "S08000025": 0.58,
    "S08000026": 0.63,
    "S08000030": 0.86,
    "S08000028": 0.314,
}
ETHNICITY_LOG_ODDS_A_YEAR = 0.10
ETHNICITY_MISSING_ODDS = {
    "white_other_british": 1.9,
    "white_polish": 1.3,
    "african": 1.2,
    "african_other": 1.2,
    "asian_chinese": 1.2,
    "white_gypsy_traveller": 1.8,
    "asian_pakistani": 0.65,
    "asian_indian": 0.85,
}
ETHNICITY_MISSING_ODDS_MOST_DEPRIVED = 1.25
ETHNICITY_MISSING_AS = {"": 0.62, "99": 0.22, "98": 0.14, "ZZ": 0.012, "7X": 0.008}
ETHNICITY_RETIRED_SHARE = {"ABE": 0.03, "DUN": 0.04, "EDI": 0.05, "GLA": 0.10}
ETHNICITY_LINKED_PRESENT = 0.85
ETHNICITY_LINKED_WRONG = {"white_scottish": 0.051, "white_gypsy_traveller": 0.691}
ETHNICITY_LINKED_WRONG_OTHERS = 0.20
ETHNICITY_WRONG_WITHIN_CATEGORY = 0.80
ETHNICITY_RECORDED_WRONG_FACTOR = 0.30

# Interpreters and waiting -------------------------------------------------------------------------------------------
INTERPRETER_BY_GROUP = {
    "white_polish": 0.14,
    "white_other": 0.07,
    "asian_pakistani": 0.12,
    "asian_bangladeshi": 0.15,
    "asian_chinese": 0.16,
    "asian_other": 0.10,
    "african": 0.08,
    "african_other": 0.08,
    "other_arab": 0.20,
    "other_ethnic_group": 0.08,
}
INTERPRETER_OTHERS = 0.003
INTERPRETER_MOST_DEPRIVED = 1.8
INTERPRETER_DELAY = 1.30

# Results ------------------------------------------------------------------------------------------------------------
VUS_ODDS_BY_CATEGORY = {"african": 1.8, "caribbean_black": 1.8, "asian": 1.5, "mixed": 1.2, "other": 1.3}
VUS_ODDS_A_DOUBLING_OF_GENES = 1.25
VUS_SHARE_AT_20_GENES = 0.16
VUS_SHARE = {"clinical_exome": 0.22, "trio_wes": 0.15, "wgs": 0.18, "array": 0.08, "sanger": 0.04}
FAILED_EVENTS = {
    "ffpe": 0.080,
    "plasma": 0.050,
    "cvs": 0.030,
    "amniotic_fluid": 0.025,
    "bone_marrow": 0.025,
    "fresh_tissue": 0.040,
    "saliva": 0.040,
    "blood_heparin": 0.015,
    "blood_edta": 0.010,
    "dna": 0.015,
}
FAILED_FOR_GOOD = 0.45
FAILED_DELAY = 1.35
RESEARCH_OFFERED = 0.42
RESEARCH_OFFERED_MOST_DEPRIVED = 0.80
RESEARCH_CONSENTED = 0.62
VISIBLE_NEXT_DAY_BEFORE_LIMS = 0.86
VISIBLE_NEXT_DAY_AFTER_LIMS = 0.97
LIMS_LIVE = {"EDI": date(2024, 11, 18), "GLA": date(2025, 9, 15)}
RECLASSIFIED = 0.07

# Turnaround ---------------------------------------------------------------------------------------------------------
# Share of requests that would be reported within the standard when a laboratory has no trouble, and the spread of the
# logarithm of the days taken.
WITHIN_STANDARD = {
    "prenatal_rapid": (0.955, 0.30),
    "prenatal_molecular": (0.92, 0.30),
    "prenatal_culture": (0.95, 0.18),
    "nipt": (0.96, 0.22),
    "acute_child": (0.86, 0.28),
    "urgent_array": (0.92, 0.28),
    "urgent_panel": (0.86, 0.28),
    "urgent_haemonc": (0.92, 0.30),
    "cancer_lung": (0.66, 0.25),
    "cancer_standard": (0.89, 0.40),
    "pharmacogenetic": (0.93, 0.30),
    "predictive": (0.89, 0.33),
    "familial_targeted": (0.92, 0.34),
    "rare_standard": (0.87, 0.42),
    "rare_complex": (0.82, 0.38),
    "whole_genome": (0.79, 0.25),
}
STANDARDS_CHANGE_ADAPTED_DAYS = 365
COMMON_SHOCK_SD = 0.12
COMMON_SHOCK_CORRELATION = 0.5
WEEKEND_REPORTS = 0.03
LONGEST = 2.6


@dataclass(frozen=True)
class Trouble:
    """A laboratory that is slow with some categories for a while: days taken are multiplied, by date of receipt."""

    name: str
    laboratory: str
    categories: tuple[str, ...]
    start: date
    worst_from: date
    worst_to: date
    end: date
    factor: float


TROUBLES = (
    Trouble(
        "dundee_cancer",
        "DUN",
        ("cancer_standard",),
        date(2024, 3, 1),
        date(2024, 3, 20),
        date(2024, 9, 10),
        date(2024, 9, 30),
        1.50,
    ),
    Trouble(
        "glasgow_rare_backlog",
        "GLA",
        ("rare_standard", "rare_complex"),
        date(2025, 1, 1),
        date(2025, 11, 1),
        date(2026, 1, 31),
        date(2026, 6, 1),
        1.60,
    ),
    Trouble(
        "edinburgh_genomes",
        "EDI",
        ("whole_genome",),
        date(2024, 6, 1),
        date(2024, 9, 1),
        date(2099, 12, 31),
        date(2099, 12, 31),
        1.20,
    ),
)

# Workforce and programme --------------------------------------------------------------------------------------------
FULL_TIME_HOURS = ((date(2000, 1, 1), 37.5), (date(2024, 4, 1), 37.0), (date(2026, 4, 1), 36.0))
VACANCY_DUNDEE_TECHNOLOGISTS = (date(2023, 12, 31), date(2024, 9, 30), 0.22)
VACANCY_GLASGOW_SCIENTISTS = (date(2024, 12, 31), date(2026, 3, 31), 0.19)
TRAINEE_STARTS_A_YEAR = 7
EVALUATION_PAUSED = date(2024, 10, 14)

# Sending ------------------------------------------------------------------------------------------------------------
ROUNDS = 6
BAD_ROW_SHARE = 0.0005


@dataclass(frozen=True)
class Effect:
    """One stated truth: what it is called, how large, in what measure, when, and where a reader should look for it."""

    name: str
    size: Any
    measure: str
    where: str
    start: str | None = None
    end: str | None = None


def effects() -> list[dict[str, Any]]:
    """Every stated effect, as plain values."""
    return [
        asdict(effect)
        for effect in (*_volume(), *_tests(), *_access(), *_recording(), *_results(), *_turnaround(), *_rest())
    ]


def _volume() -> tuple[Effect, ...]:
    return (
        Effect(
            "pandemic_dip",
            PANDEMIC_FACTOR,
            "factor on daily requests",
            "testing.received_date",
            None,
            PANDEMIC_END.isoformat(),
        ),
        Effect("season", SEASON, "factor on daily requests by calendar month", "testing.received_date"),
        Effect("weekdays", WEEKDAYS, "share of a week's requests, Monday first", "testing.received_date"),
        Effect(
            "cyp2c19",
            CYP2C19_RAMP_DAYS,
            "days to reach full volume after the start",
            "testing.pathway = stroke",
            CYP2C19_START.isoformat(),
        ),
        Effect("rejected", REJECTED, "share of requests", "testing.request_status"),
        Effect("cancelled", CANCELLED, "share of requests neither rejected nor duplicate", "testing.request_status"),
        Effect("duplicate", DUPLICATE, "share of requests", "testing.request_status"),
        Effect("paused", PAUSED, "share of accepted requests", "turnaround.paused_days"),
        Effect(
            "mainstream_ordering",
            {"first_year": MAINSTREAM_FIRST_YEAR, "a_year": MAINSTREAM_A_YEAR},
            "share of germline rare-disease requests from outside genetics, and its rise a year",
            "testing.referrer_specialty",
        ),
    )


def _tests() -> tuple[Effect, ...]:
    return (
        Effect(
            "growth",
            {line.code: line.growth for line in lines()},
            "growth a year of each line of tests; a test code's last digit may differ from its line's",
            "testing.test_code",
        ),
        Effect(
            "yield",
            {line.code: line.yield_share for line in lines() if line.yield_share},
            "share of results that explain the referral, are actionable, or show the familial variant",
            "outcomes.result_category, failed samples apart",
        ),
        Effect(
            "performed_outside",
            {line.code: line.outside for line in lines() if line.outside},
            "share of requests analysed outside Scotland",
            "testing.performing_lab = OUT",
        ),
        Effect(
            "reclassified",
            RECLASSIFIED,
            "share of uncertain variants reclassified a year, the last time before the regular rounds began",
            "outcomes.reclassified_date",
        ),
        Effect(
            "rejected_from_genetics",
            REJECTED_FROM_GENETICS,
            "share of requests from clinical genetics; the rest are rejected more often",
            "testing.request_status",
        ),
    )


def _access() -> tuple[Effect, ...]:
    rare = "testing: germline tests of the rare directory, routine pathway, people tested a resident"
    return (
        Effect(
            "rare_rate_most_deprived",
            RARE_RATE_MOST_DEPRIVED,
            "rate ratio, most deprived quintile to least, geometric between",
            rare,
        ),
        Effect("rare_rate_by_group", RARE_RATE_BY_GROUP, "rate ratio to all other groups, by true group", rare),
        Effect("rare_rate_islands", RARE_RATE_ISLANDS, "rate ratio, island boards to mainland", rare),
        Effect("rare_rate_remote", RARE_RATE_REMOTE, "rate ratio, urban_rural_8 of 7 or 8 to 1 to 6", rare),
        Effect(
            "cancer_rate_by_deprivation",
            1.0,
            f"rate ratio, most deprived to least; need is {CANCER_NEED_MOST_DEPRIVED}, so equal testing is too little",
            "testing: directory cancer",
        ),
    )


def _recording() -> tuple[Effect, ...]:
    return (
        Effect(
            "ethnicity_recorded",
            ETHNICITY_RECORDED,
            "share of people with a valid code by board of residence, in the last twelve months",
            "testing.ethnicity_code",
        ),
        Effect(
            "ethnicity_improves",
            ETHNICITY_LOG_ODDS_A_YEAR,
            "rise of the log odds of a valid code a year",
            "testing.ethnicity_code",
        ),
        Effect(
            "ethnicity_missing_by_group",
            ETHNICITY_MISSING_ODDS,
            "odds ratio of no valid code, to the groups not named, by true group",
            "testing.ethnicity_code against ethnicity_code_linked",
        ),
        Effect(
            "ethnicity_missing_most_deprived",
            ETHNICITY_MISSING_ODDS_MOST_DEPRIVED,
            "odds ratio of no valid code, most deprived quintile to the others",
            "testing.ethnicity_code",
        ),
        Effect(
            "ethnicity_missing_as",
            {code or "blank": share for code, share in ETHNICITY_MISSING_AS.items()},
            "share of the codes that are not valid",
            "testing.ethnicity_code",
        ),
        Effect(
            "ethnicity_retired",
            ETHNICITY_RETIRED_SHARE,
            "share of valid codes written with a retired code where there is one, by receiving laboratory",
            "testing.ethnicity_code",
        ),
        Effect(
            "ethnicity_linked_wrong",
            ETHNICITY_LINKED_WRONG | {"all other groups": ETHNICITY_LINKED_WRONG_OTHERS},
            "share of linked codes that name another group than the true one",
            "testing.ethnicity_code_linked",
        ),
        Effect(
            "ethnicity_recorded_wrong",
            ETHNICITY_RECORDED_WRONG_FACTOR,
            "the recorded code's share of wrong groups, as a part of the linked code's",
            "testing.ethnicity_code",
        ),
    )


def _results() -> tuple[Effect, ...]:
    return (
        Effect(
            "vus_by_category",
            VUS_ODDS_BY_CATEGORY,
            "odds ratio of an uncertain variant and no explaining one, to white, within technology and genes",
            "outcomes.result_category; testing.is_proband; panels, exomes and genomes",
        ),
        Effect(
            "vus_by_genes",
            VUS_ODDS_A_DOUBLING_OF_GENES,
            f"odds ratio a doubling of genes, from {VUS_SHARE_AT_20_GENES} at 20 genes, where none is pathogenic",
            "outcomes.result_category; testing.genes_tested; small_panel and large_panel",
        ),
        Effect(
            "failed_samples",
            FAILED_EVENTS,
            "share of analysed requests with a failed or insufficient sample",
            "testing.failed_sample_count >= 1 by sample_type",
        ),
        Effect("failed_for_good", FAILED_FOR_GOOD, "share of those that never gave a result", "testing.sample_outcome"),
        Effect(
            "research_offered_most_deprived",
            RESEARCH_OFFERED_MOST_DEPRIVED,
            f"ratio of the share offered, most deprived quintile to the others ({RESEARCH_OFFERED})",
            "outcomes.research_offered",
        ),
        Effect(
            "visible_after_lims",
            {"before": VISIBLE_NEXT_DAY_BEFORE_LIMS, "after": VISIBLE_NEXT_DAY_AFTER_LIMS}
            | {laboratory: day.isoformat() for laboratory, day in LIMS_LIVE.items()},
            "share of reports visible the same or the next day, and the day each laboratory went live",
            "turnaround.report_visible_date",
        ),
    )


def _turnaround() -> tuple[Effect, ...]:
    return (
        Effect(
            "within_standard",
            {category: share for category, (share, _) in WITHIN_STANDARD.items()},
            "share within the standard before troubles, shocks, weekends and failed samples",
            "turnaround, by turnaround category",
        ),
        Effect(
            "standards_change",
            STANDARDS_CHANGE_ADAPTED_DAYS,
            "days over which laboratories adapt to the target of the later edition: shares dip, then recover",
            "turnaround.standard_code = RARE_COMPLEX",
            "2023-04-01",
            "2024-04-01",
        ),
        Effect(
            "interpreter_delay",
            INTERPRETER_DELAY,
            "factor on days taken, germline tests of the rare directory without urgency",
            "testing.interpreter_needed = yes",
        ),
        Effect(
            "interpreter_by_group",
            INTERPRETER_BY_GROUP | {"all other groups": INTERPRETER_OTHERS},
            f"share of people, times {INTERPRETER_MOST_DEPRIVED} in the most deprived quintile",
            "testing.interpreter_needed",
        ),
        *(
            Effect(
                trouble.name,
                trouble.factor,
                f"factor on days taken at its worst ({trouble.worst_from} to {trouble.worst_to}), by day of receipt",
                f"turnaround, performing laboratory {trouble.laboratory}, {', '.join(trouble.categories)}",
                trouble.start.isoformat(),
                trouble.end.isoformat(),
            )
            for trouble in TROUBLES
        ),
    )


def _rest() -> tuple[Effect, ...]:
    return (
        Effect(
            "full_time_hours",
            {start.isoformat(): hours for start, hours in FULL_TIME_HOURS},
            "hours of a full-time week from that day",
            "workforce.full_time_hours",
        ),
        Effect(
            "vacancies_dundee",
            VACANCY_DUNDEE_TECHNOLOGISTS[2],
            "vacancy rate at its worst",
            "workforce, DUN, genetic_technologist",
            VACANCY_DUNDEE_TECHNOLOGISTS[0].isoformat(),
            VACANCY_DUNDEE_TECHNOLOGISTS[1].isoformat(),
        ),
        Effect(
            "vacancies_glasgow",
            VACANCY_GLASGOW_SCIENTISTS[2],
            "vacancy rate at its worst",
            "workforce, GLA, clinical_scientist",
            VACANCY_GLASGOW_SCIENTISTS[0].isoformat(),
            VACANCY_GLASGOW_SCIENTISTS[1].isoformat(),
        ),
        Effect(
            "trainee_starts",
            TRAINEE_STARTS_A_YEAR,
            "trainee scientists started in twelve months, all laboratories, on average",
            "workforce.trainee_starts",
        ),
        Effect(
            "evaluation_paused",
            0,
            "proposals decided after the start",
            "programme, item_type test_proposal",
            EVALUATION_PAUSED.isoformat(),
        ),
    )
