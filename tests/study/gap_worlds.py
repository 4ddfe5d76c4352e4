"""The demonstration service as rows that gaps are worked from, with what chance each row had: no files, no build.

A row has what happened (`events` of `units`), the chance that it had to happen, the groups of people as recorded, the
true ethnic category, and what makes requests alike. Late sending, bad rows, hidden counts and rounding are left out, so
the study is of the gaps and not of disclosure control.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
import pytest

from catalogue.indicators import indicators
from catalogue.reference import reference_rows
from pipelines.demo import Drawn, draw, truth
from pipelines.demo.days import NEVER, Months, WorkingDays, day_number, month_start
from pipelines.demo.directory import flags, numbers, offered_codes, values
from pipelines.demo.draws import Flags, Floats, Ints, stream
from pipelines.demo.extracts import SAMPLE_TYPES
from pipelines.demo.measured import judge
from pipelines.demo.outcomes import NOT_RECORDED, RESULTS, YES, deposited_share, vus_share
from pipelines.demo.people import age_band
from pipelines.demo.places import AGE_BANDS, ETHNIC_CATEGORY, ETHNIC_GROUPS
from pipelines.demo.turnaround import pace, targets
from pipelines.equity.strata import SCOTLAND, Alike

#: A year and a half to October 2026, of which the newest twelve months are looked at.
MONTHS = Months(2026 * 12 + 9 - 17, 2026 * 12 + 9)
YEAR_FROM = MONTHS.newest - 11
#: The place of the band 85 to 89, which stands for all from 85: residents by deprivation have no older one.
OPEN_BAND = 17

#: No gap between groups of people is planted, and records of ethnic group are missing alike.
NOTHING_PLANTED: Mapping[str, object] = {
    "VUS_ODDS_BY_CATEGORY": {},
    "INTERPRETER_DELAY": 1.0,
    "RESEARCH_OFFERED_MOST_DEPRIVED": 1.0,
}


@dataclass(frozen=True)
class World:
    """One simulated data set: rows of every measure that is compared, and the people tested for rare disease.

    reached: a row a person with `simd_quintile`, `sex`, `age_band` and `ethnic_category`, as recorded, and `family`.
    """

    measures: dict[str, pl.DataFrame]
    reached: pl.DataFrame

    def happened(self, measure: str) -> Alike:
        """The rows of a measure as the build would count them."""
        return Alike(indicators()[measure], self.measures[measure])

    def expected(self, measure: str) -> Alike:
        """The same with what was to be expected in place of what happened."""
        rows = self.measures[measure]
        return Alike(indicators()[measure], rows.with_columns(events=pl.col("chance") * pl.col("units")))


def world(seed: int, requests_per_year: int = 60_000, planted: bool = True) -> World:
    """The data set of a seed; without `planted`, with no gap between groups."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {} if planted else NOTHING_PLANTED.items():
            patch.setattr(truth, name, value)
        drawn = draw(seed, requests_per_year * 3 // 2, MONTHS)
        return World(dict(_measures(seed, drawn)), _reached(drawn))


@cache
def _categories() -> dict[str, str]:
    return {row["code"]: row["ethnic_category"] for row in reference_rows("ethnicity_codes")}


def _people(drawn: Drawn) -> dict[str, pl.Series]:
    """The groups that each request's person belongs to, as they are recorded."""
    requests, people, ethnicity = drawn.requests, drawn.people, drawn.ethnicity
    person = requests.person
    recorded = ["not_recorded" if not name else _categories().get(name, "unmapped") for name in ethnicity.codes]
    true = [ETHNIC_CATEGORY[group] for group in ETHNIC_GROUPS]
    band = age_band(people.birth_day[person], requests.day)
    broad = np.where(band < 3, "under_15", np.where(band < 13, "15_to_64", "65_and_over"))
    rural = np.array([int(row["urban_rural_6"]) for row in reference_rows("urban_rural_classes")])
    return {
        "ethnic_category": pl.Series(np.array(recorded)[ethnicity.recorded[person]]),
        "true_category": pl.Series(np.array(true)[people.group[person]]),
        "simd_quintile": pl.Series(((people.decile[person] + 1) // 2).astype(str)),
        "urban_rural": pl.Series(rural[people.urban_rural[person] - 1].astype(str)),
        "sex": pl.Series(np.array(["female", "male", "other", "not_recorded"])[people.sex[person]]),
        "age_group": pl.Series(broad),
        "interpreter_needed": pl.Series(np.where(people.interpreter[person], "yes", "no")),
    }


def _reached(drawn: Drawn) -> pl.DataFrame:
    """People who live in Scotland with an accepted routine germline request of the rare directory in the newest year,
    each once."""
    requests, people, line = drawn.requests, drawn.people, drawn.requests.line
    counted = requests.accepted & (drawn.course.cancelled >= NEVER) & (people.residence[requests.person] == 0)
    counted &= (requests.day >= day_number(month_start(YEAR_FROM))) & (requests.day <= MONTHS.end)
    for field, value in (("directory", "rare"), ("origin", "germline"), ("pathway", "routine")):
        counted &= (np.array(values(field)) == value)[line]
    band = np.array(AGE_BANDS)[np.minimum(age_band(people.birth_day[requests.person], requests.day), OPEN_BAND)]
    groups = pl.DataFrame(_people(drawn)).with_columns(person=pl.Series(requests.person), age_band=pl.Series(band))
    family = np.where(requests.family >= 0, requests.family, -1 - requests.person)
    groups = groups.with_columns(family=pl.Series(family))
    kept = groups.filter(pl.Series(counted)).unique("person", keep="first", maintain_order=True)
    return kept.select("simd_quintile", "sex", "age_band", "ethnic_category", "family")


def _alike(drawn: Drawn, names: list[str], day: Ints) -> pl.DataFrame:
    """What requests are alike in; the month is that of the day that decides the period."""
    requests, line = drawn.requests, drawn.requests.line
    columns = {
        "turnaround_category": lambda: _numbered("category")[line],
        "technology": lambda: _numbered("technology")[line],
        "test_purpose": lambda: _numbered("test_purpose")[line],
        "performing_lab": lambda: requests.performing,
        "receiving_lab": lambda: requests.receiving,
        "sample_type": lambda: requests.sample_type,
        "panel_size": lambda: np.searchsorted([0, 10, 50, 200], offered_codes()[2][requests.test_code]),
        "month_start": lambda: day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64),
    }
    return pl.DataFrame({name: columns[name]() for name in names})


@cache
def _numbered(field: str) -> Ints:
    """A number for each value that lines of tests have in a field."""
    return np.unique(values(field), return_inverse=True)[1]


def _in_time(seed: int, drawn: Drawn) -> tuple[Ints, Flags, Flags, Floats]:
    """Day due, which requests are counted, which were reported in time, and what chance each had.

    A report that falls on a free day just after the due day is brought forward half the time.
    """
    requests, course = drawn.requests, drawn.course
    counted, met = judge(requests, course, MONTHS)
    again = course.failed_event & ~course.failed_for_good
    going = pace(stream(seed, "days taken"), requests, drawn.people, MONTHS, again)
    starts = np.where(course.clock_event == 0, np.minimum(course.collected, requests.day), requests.day)
    starts = np.where(course.clock_event == 2, course.dna_extracted, starts)
    target = targets(requests)
    due = starts + target + course.paused_days
    working, free = WorkingDays(MONTHS), np.zeros(due.size, dtype=np.int64)
    still = np.ones(due.size, dtype=bool)
    for ahead in range(1, 6):
        still &= ~working.is_working(requests.performing, np.minimum(due + ahead, MONTHS.end + 60))
        free += still
    by_due, by_free = going.share_by(target), going.share_by(target + free)
    return due, counted, met, by_due + 0.5 * (1 - truth.WEEKEND_REPORTS) * (by_free - by_due)


def _measures(seed: int, drawn: Drawn) -> Iterator[tuple[str, pl.DataFrame]]:
    requests, course, outcomes = drawn.requests, drawn.course, drawn.outcomes
    line, people = requests.line, _people(drawn)
    first = day_number(month_start(YEAR_FROM))
    accepted = requests.accepted & (course.cancelled >= NEVER)
    failed_share = np.array([truth.FAILED_EVENTS[name] for name in SAMPLE_TYPES])[requests.sample_type]

    def rows(
        measure: str, day: Ints, counted: Flags, events: Ints, chance: Floats, units: int | Floats
    ) -> tuple[str, pl.DataFrame]:
        entry = indicators()[measure]
        within = counted & (day >= first) & (day <= MONTHS.end)
        alike = _alike(drawn, entry.compared_within, day)
        whole = pl.DataFrame(
            {**people, "events": events, "chance": chance, "units": np.broadcast_to(units, day.shape)}
        ).with_columns(
            alike.select(stratum=pl.struct(pl.all()).rank("dense").cast(pl.UInt32)).to_series(), area=pl.lit(SCOTLAND)
        )
        return measure, whole.filter(pl.Series(within))

    due, judged, met, in_time = _in_time(seed, drawn)
    yield rows("within_standard_by_group", due, judged, met.astype(np.int64), in_time, 1)
    stored = np.array([purpose == "storage" for purpose in values("test_purpose")])[line]
    failed = course.failed_event.astype(np.int64)
    yield rows("failed_samples_by_group", requests.day, accepted & ~stored, failed, failed_share, 1)

    reported = accepted & (course.report < NEVER)
    report = np.where(reported, course.report, MONTHS.end + 1)
    purpose, directory = np.array(values("test_purpose"))[line], np.array(values("directory"))[line]
    proband = (directory == "rare") & (purpose == "diagnostic") & ~flags("is_for_relatives")[line]
    result = np.array(RESULTS)[outcomes.result]
    found, uncertain = numbers("yield_share")[line], vus_share(requests, drawn.people)
    answered = reported & proband & ~course.failed_for_good
    explained = ((result == "pathogenic") & (outcomes.explains == YES)).astype(np.int64)
    says = answered & (outcomes.explains != NOT_RECORDED)
    yield rows("diagnostic_yield", report, says, explained, 0.92 * found, 1)
    wide = np.isin(
        np.array(values("technology"))[line], ["small_panel", "large_panel", "clinical_exome", "trio_wes", "wgs"]
    )
    is_vus = (result == "vus").astype(np.int64)
    yield rows("uncertain_results", report, answered & wide, is_vus, (1 - found) * uncertain, 1)

    eligible = reported & (outcomes.research_eligible == YES) & (outcomes.research_offered != NOT_RECORDED)
    poorest = drawn.people.decile[requests.person] <= 2
    offer = truth.RESEARCH_OFFERED * np.where(poorest, truth.RESEARCH_OFFERED_MOST_DEPRIVED, 1.0)
    offered = outcomes.research_offered == YES
    yield rows("research_offered", report, eligible, offered.astype(np.int64), offer, 1)
    known = offered & reported & (outcomes.research_consented != NOT_RECORDED)
    consented = (outcomes.research_consented == YES).astype(np.int64)
    yield rows("research_consented", report, known, consented, np.full(report.size, truth.RESEARCH_CONSENTED), 1)
    share = deposited_share(requests, MONTHS)
    with_variants = reported & (outcomes.variants > 0)
    yield rows("variants_deposited", report, with_variants, outcomes.deposited, share, outcomes.variants)
