"""Contracts hold every column that was agreed, and say clearly what is wrong with one that does not fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalogue.contracts import CatalogueError, Contract, Tolerance, extract_contracts, read_yaml
from catalogue.dictionary import PAGE, dictionary
from catalogue.reference import codes, reference_rows, reference_tables

AGREED = {
    "testing": "request_id person_id family_id extracted_on requested_date received_date directory clinical_group "
    "test_code technology test_purpose pathway priority origin residence_board requesting_board receiving_lab "
    "performing_lab referrer_specialty request_status rejection_reason first_pass_accepted sample_type sample_outcome "
    "sample_count failed_sample_count is_proband genes_tested age_band sex ethnicity_code ethnicity_source "
    "ethnicity_code_linked interpreter_needed simd_decile urban_rural_8 chi_linked linked_smr linked_cancer_registry "
    "linked_prescribing consent_teaching consent_audit consent_research information_offered",
    "turnaround": "request_id extracted_on standard_code clock_start_event clock_start_date collected_date "
    "pathology_released_date dispatched_date received_date dna_extracted_date sequenced_date analysed_date "
    "authorised_date report_date report_visible_date cancelled_date paused_days pause_reason",
    "outcomes": "request_id extracted_on followed_to_date result_category explains_referral variants_reported "
    "variants_deposited management_changed follow_up_status decision_to_treat_date first_action_type first_action_date "
    "actionable_variant matched_therapy_date trial_enrolment_date relatives_eligible relatives_tested_12m "
    "research_eligible research_offered research_consented reclassified_date reclassified_to recontacted_date",
    "workforce": "census_date site_code board_code role afc_band full_time_hours establishment_wte in_post_wte "
    "in_post_headcount headcount_55_plus vacant_wte vacant_3_months_wte leavers_wte_12m leavers_retired_wte_12m "
    "leavers_to_nhs_wte_12m absence_rate trainee_starts trainees_due_to_register trainees_registered_12m "
    "registrants_24_months_ago registrants_retained_24m",
    "programme": "item_id aim item_type title owner organisation_code staff_group test_code comparator "
    "comparator_version depends_on submitted_date assessed_date decision decision_date due_date completed_date status "
    "value target narrative author as_at",
}


@pytest.mark.parametrize("extract", AGREED)
def test_an_extract_has_the_agreed_columns_in_order(extract: str) -> None:
    assert extract_contracts()[extract].names == AGREED[extract].split()


def test_every_code_list_that_a_contract_names_exists() -> None:
    for contract in extract_contracts().values():
        for column in contract.columns:
            if column.codes:
                assert codes(column.codes)


def test_the_data_dictionary_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == dictionary(), "run python -m catalogue.dictionary"


@pytest.mark.parametrize("table", reference_tables())
def test_a_reference_table_holds_the_columns_that_it_describes(table: str) -> None:
    assert list(reference_rows(table)[0]) == reference_tables()[table].names


GOOD = """
extract: x
title: An extract
grain: One row a thing
period: A month
submitters: laboratories
key: [a]
extracted_column: b
columns:
  - {name: a, type: id, pattern: '^A$', meaning: A key}
  - {name: b, type: date, meaning: A day}
"""


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("key: [a]", "key: [c]"), "columns named but not described: c"),
        (("name: b", "name: a"), "columns repeated: a"),
        (("type: date", "type: integer"), "a number needs a unit"),
        (("type: date", "type: code"), "names the reference list"),
        (("pattern: '^A$', ", ""), "an identifier needs a pattern"),
        (("meaning: A day", "meaning: A day, colour: red"), "columns.1.colour"),
        (("title: An extract", "title: ["), "not valid YAML"),
    ],
)
def test_a_wrong_contract_is_told_with_file_and_field(tmp_path: Path, change: tuple[str, str], says: str) -> None:
    path = tmp_path / "x.yml"
    path.write_text(GOOD.replace(*change))
    with pytest.raises(CatalogueError, match=r"x\.yml") as error:
        read_yaml(path, Contract)
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("returned", "read", "refused"),
    [(0, 0, False), (20, 100, False), (21, 100, True), (2, 4, False), (3, 4, True), (10, 49, False), (10, 50, False)],
)
def test_too_many_bad_rows_refuse_a_file(returned: int, read: int, refused: bool) -> None:
    assert Tolerance().refuses(returned, read) is refused
