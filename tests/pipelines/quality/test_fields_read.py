"""Which fields an indicator rests on, as its SQL tells."""

from __future__ import annotations

import pytest

from catalogue.indicators import indicators
from pipelines.models import read_models
from pipelines.quality.fields_read import known_fields, of_dimension, of_rows

MODELS, ENTRIES = read_models(), indicators()


@pytest.mark.parametrize(
    ("field", "read_by", "not_read_by"),
    [
        ("testing.ethnicity_code", "ethnicity_recorded", "reported_within_standard"),
        ("testing.sample_outcome", "failed_samples", "ethnicity_recorded"),
        ("testing.pathway", "prenatal_qfpcr_in_3_days", "reported_within_standard"),
        # The standard decides when a request is due; that a request has one at all is no part of the others.
        ("turnaround.standard_code", "overdue_backlog", "requests_received"),
        ("turnaround.report_date", "turnaround_days", "failed_samples"),
        ("testing.request_status", "technology_growth", "nothing"),
    ],
)
def test_a_field_is_read_by_those_whose_rows_it_decides_and_by_no_other(
    field: str, read_by: str, not_read_by: str
) -> None:
    assert field in of_rows(MODELS, ENTRIES[read_by])
    assert not_read_by not in ENTRIES or field not in of_rows(MODELS, ENTRIES[not_read_by])


@pytest.mark.parametrize(
    ("indicator", "dimension", "fields"),
    [
        ("requests_received", "residence_board", {"testing.residence_board"}),
        ("overdue_backlog", "residence_board", {"testing.residence_board"}),
        ("requests_received", "simd_quintile", {"testing.simd_decile"}),
        ("requests_received", "turnaround_category", {"turnaround.standard_code", "turnaround.received_date"}),
    ],
)
def test_a_dimension_rests_on_the_field_that_its_value_comes_from(
    indicator: str, dimension: str, fields: set[str]
) -> None:
    assert of_dimension(MODELS, ENTRIES[indicator], dimension) == fields


def test_every_field_read_is_of_a_contract_or_tells_of_the_submission() -> None:
    for entry in ENTRIES.values():
        unknown = {name.partition(".")[2] for name in of_rows(MODELS, entry) - known_fields()}
        assert unknown <= {"submission_id", "source_row"}
