"""Faults for the checks written by hand: each breaks one thing in a sound warehouse for its check."""

from __future__ import annotations

from dataclasses import dataclass

LABORATORY, MONTH = "EDI", "2026-03"


@dataclass(frozen=True)
class Fault:
    """A change of a table, in SQL after UPDATE or as INSERT or DELETE, and the check that must open by it.

    {here} stands for the rows of one laboratory's month. `extract` is the extract that must be blamed, if any.
    """

    check: str
    change: str
    extract: str | None = None


def _set(check: str, assignment: str, where: str = "TRUE", extract: str | None = None) -> Fault:
    table = check.split(".")[0]
    blamed = extract or table.removeprefix("stg_")
    return Fault(check, f"UPDATE {table} SET {assignment} WHERE {{here}} AND {where}", blamed)


def _all(check: str, assignment: str, where: str = "TRUE") -> Fault:
    return Fault(check, f"UPDATE {check.split('.')[0]} SET {assignment} WHERE {where}")


TESTING = (
    _set("stg_testing.no_identifiers", "family_id = '0101501234'"),
    _set("stg_testing.no_identifiers", "ethnicity_code_linked = 'EH1 1AA'"),
    _set("stg_testing.days_to_receipt", "requested_date = received_date - 121"),
    _set("stg_testing.rejection_reason", "rejection_reason = 'other'", "request_status = 'reported'"),
    _set("stg_testing.rejected_not_accepted", "first_pass_accepted = 'yes'", "request_status = 'rejected'"),
    _set(
        "stg_testing.test_code_directory", "directory = CASE directory WHEN 'rare' THEN 'cancer' ELSE 'rare' END"
    ),
    _all("stg_testing.test_code_technology", "technology = 'other'", "receiving_lab = 'EDI'"),
    _set("stg_testing.origin_of_directory", "origin = 'somatic', directory = 'rare'"),
    _set("stg_testing.genes_of_large_tests", "technology = 'wgs', genes_tested = 99"),
    _set("stg_testing.genes_of_targeted_tests", "technology = 'sanger', genes_tested = 21"),
    _set("stg_testing.failed_sample_counted", "sample_outcome = 'failed', failed_sample_count = 0"),
    _set("stg_testing.completed_not_failed", "failed_sample_count = sample_count", "sample_outcome = 'completed'"),
    _set("stg_testing.reported_not_pending", "sample_outcome = 'pending'", "request_status = 'reported'"),
    _all("stg_testing.sex_of_person", "sex = 'male'", "receiving_lab = 'EDI' AND month(received_date) % 2 = 0"),
    _set("stg_testing.sex_in_prenatal", "pathway = 'prenatal', sex = 'male'"),
    _set("stg_testing.age_in_prenatal", "pathway = 'prenatal', age_band = '0-4'"),
    _set("stg_testing.age_in_childhood", "pathway = 'neonatal', age_band = '30-34'"),
    _set("stg_testing.linked_by_chi", "chi_linked = 'no', linked_smr = 'yes'"),
    _set("stg_testing.chi_linked", "chi_linked = 'not_recorded'"),
    _all("stg_testing.ethnicity_agrees_by_receiving_lab", "ethnicity_code = '3F'", "receiving_lab = 'EDI'"),
    _all("stg_testing.ethnicity_agrees_by_residence_board", "ethnicity_code = '3F'", "residence_board = 'S08000024'"),
    _all("stg_testing.ethnicity_code_current", "ethnicity_code = '1H'", "receiving_lab = 'EDI'"),
    _all("stg_testing.ethnicity_source_told", "ethnicity_source = NULL", "receiving_lab = 'EDI'"),
    _set("stg_testing.ethnicity_source_consistent", "ethnicity_code = '1A', ethnicity_source = 'not_known'"),
)  # fmt: skip

TURNAROUND = (
    _set("stg_turnaround.no_identifiers", "request_id = 'name@example.org'"),
    *(
        _set(f"stg_turnaround.{earlier}_to_{later}", f"{earlier} = {later} + 1")
        for earlier, later in (
            ("collected_date", "dispatched_date"),
            ("collected_date", "pathology_released_date"),
            ("dna_extracted_date", "extracted_on"),
            ("sequenced_date", "extracted_on"),
            ("analysed_date", "extracted_on"),
            ("authorised_date", "extracted_on"),
            ("report_visible_date", "extracted_on"),
        )
    ),
    *(
        _set(f"stg_turnaround.received_date_to_{later}", f"{later} = received_date - 1")
        for later in ("sequenced_date", "analysed_date", "authorised_date", "report_visible_date")
    ),
    _all(
        "stg_turnaround.days_collected_to_received", "collected_date = received_date - 121", "month(received_date) = 3"
    ),
    *(
        _set(f"stg_turnaround.days_{start}_to_{end}", f"{start}_date = {end}_date - {most + 1}")
        for start, end, most in (
            ("dispatched", "received", 30),
            ("received", "dna_extracted", 60),
            ("dna_extracted", "sequenced", 270),
            ("sequenced", "analysed", 270),
            ("analysed", "authorised", 180),
            ("authorised", "report", 180),
            ("report", "report_visible", 60),
        )
    ),
    _all(
        "stg_turnaround.not_too_quick",
        "report_date = received_date + 2",
        "request_id IN (SELECT request_id FROM stg_testing WHERE technology = 'wgs') AND report_date IS NOT NULL",
    ),
    _set("stg_turnaround.paused_within_wait", "paused_days = 900"),
    _set("stg_turnaround.pause_reason", "paused_days = 3, pause_reason = NULL"),
    _set("stg_turnaround.few_pauses", "paused_days = 1"),
    _set("stg_turnaround.standard_in_force", "standard_code = 'WGS', received_date = DATE '2018-03-01'"),
    *(
        _set(
            f"stg_turnaround.clock_starts_when_{event}",
            f"clock_start_event = '{event}', clock_start_date = {event}_date + 1",
        )
        for event in ("received", "collected", "dna_extracted")
    ),
    _set("stg_turnaround.received_date_agrees", "received_date = received_date + 1"),
    _set("stg_turnaround.visible_only_if_reported", "report_date = NULL", "report_visible_date IS NOT NULL"),
    _set("stg_turnaround.few_sunday_reports", "report_date = DATE '2026-05-10'", "report_date IS NOT NULL"),
    _set("stg_turnaround.few_holiday_reports", "report_date = DATE '2026-12-25'", "report_date IS NOT NULL"),
)  # fmt: skip

OUTCOMES = (
    _set("stg_outcomes.no_identifiers", "request_id = '01 01 50 1234'"),
    _set("stg_outcomes.report_there", "request_id = request_id || 'X'"),
    _set("stg_outcomes.failed_agrees", "result_category = 'failed'"),
    *(
        _set(
            f"stg_outcomes.report_to_{day}",
            f"{day} = (SELECT t.report_date FROM stg_turnaround AS t WHERE t.request_id = stg_outcomes.request_id) - 1",
        )
        for day in (
            "first_action_date", "matched_therapy_date", "trial_enrolment_date", "reclassified_date",
            "followed_to_date",
        )
    ),
    *(
        _set(f"stg_outcomes.{day}_to_extracted_on", f"{day} = extracted_on + 1")
        for day in ("first_action_date", "decision_to_treat_date", "matched_therapy_date", "trial_enrolment_date")
    ),
    _set(
        "stg_outcomes.days_decision_to_therapy",
        "decision_to_treat_date = DATE '2020-01-01', matched_therapy_date = DATE '2026-06-01'",
    ),
    _set("stg_outcomes.variants_of_result", "result_category = 'vus', variants_reported = 0"),
    _set("stg_outcomes.no_variants_of_negative", "result_category = 'negative', variants_reported = 1"),
    _set("stg_outcomes.explained_by_result", "result_category = 'negative', explains_referral = 'yes'"),
    _set("stg_outcomes.actionable_agrees", "result_category = 'actionable', actionable_variant = 'no'"),
    _set("stg_outcomes.therapy_for_actionable", "matched_therapy_date = extracted_on, actionable_variant = 'no'"),
    _set("stg_outcomes.offered_if_eligible", "research_offered = 'yes', research_eligible = 'no'"),
    _set("stg_outcomes.consented_if_offered", "research_consented = 'yes', research_offered = 'no'"),
    _set("stg_outcomes.reclassified_whole", "reclassified_date = extracted_on, reclassified_to = NULL"),
    _set("stg_outcomes.action_whole", "first_action_date = NULL, first_action_type = 'surgery'"),
    _set("stg_outcomes.followed_tells_day", "follow_up_status = 'followed', followed_to_date = NULL"),
)  # fmt: skip

WORKFORCE = (
    _set("stg_workforce.vacant_within_establishment", "vacant_wte = establishment_wte + 0.1"),
    _set("stg_workforce.posts_add_up", "vacant_wte = establishment_wte + 1.1"),
    _set("stg_workforce.wte_within_headcount", "in_post_wte = in_post_headcount + 0.1"),
    _set("stg_workforce.people_for_wte", "in_post_headcount = 0", "in_post_wte > 0"),
    _set("stg_workforce.wte_per_person", "in_post_headcount = 100, in_post_wte = 29"),
    _set("stg_workforce.absence_plausible", "absence_rate = 0.31"),
    _set("stg_workforce.leavers_add_up", "leavers_wte_12m = 0, leavers_retired_wte_12m = 1"),
    _set("stg_workforce.trainees_add_up", "trainees_registered_12m = 2, trainees_due_to_register = 1"),
    _set("stg_workforce.end_of_quarter", "census_date = census_date - 1"),
    _set("stg_workforce.hours_in_force", "full_time_hours = 37.5"),
    _set("stg_workforce.host_board", "board_code = 'S08000031'"),
    _set("stg_workforce.in_post_wte_steady", "in_post_wte = in_post_wte * 1.3"),
    _set("stg_workforce.establishment_wte_steady", "establishment_wte = establishment_wte * 0.7"),
    _set("stg_workforce.in_post_headcount_steady", "in_post_headcount = in_post_headcount * 2"),
)  # fmt: skip

PROGRAMME = (
    _all("stg_programme.no_identifiers", "narrative = 'Ring the patient, 0101501234, on Monday.'"),
    _all("stg_programme.assessed_date_to_decision_date", "decision_date = assessed_date - 1"),
    *(
        _all(f"stg_programme.{day}_to_as_at", f"{day} = as_at + 1")
        for day in ("submitted_date", "assessed_date", "decision_date", "completed_date")
    ),
    _all("stg_programme.completed_tells_day", "completed_date = NULL", "status = 'complete'"),
    _all("stg_programme.day_of_completed_only", "completed_date = as_at", "status = 'in_progress'"),
    _all("stg_programme.decision_whole", "decision_date = NULL"),
    _all("stg_programme.withdrawn_agrees", "decision = 'withdrawn'", "status = 'complete'"),
    _all("stg_programme.not_its_own_cause", "depends_on = item_id"),
    _all("stg_programme.depends_on_known", "depends_on = 'NOWHERE.1'"),
    _all("stg_programme.test_code_known", "test_code = 'NOWHERE.1'"),
)

_SENT = "testing__EDI__2026-03__v1__0"

RETURNED = (
    Fault("stg_returned.key", f"INSERT INTO stg_returned SELECT '{_SENT}', 1, 'orphan_key' FROM range(2)"),
    Fault("stg_returned.reason_code", f"INSERT INTO stg_returned VALUES ('{_SENT}', 1, 'because')"),
    *(
        Fault(
            f"stg_returned.{reason}_{extract}",
            f"INSERT INTO stg_returned SELECT submission_id, -source_row, '{reason}' FROM ranked_{extract} "
            "WHERE {here} QUALIFY row_number() OVER () % 10 = 0",
            extract,
        )
        for extract, reason in (
            ("turnaround", "orphan_key"), ("outcomes", "orphan_key"), ("testing", "sent_twice"),
            ("turnaround", "sent_twice"), ("outcomes", "sent_twice"),
        )
    ),
    Fault("stg_extracted.key", "INSERT INTO stg_extracted SELECT submitter, judged_on FROM stg_extracted"),
    Fault("stg_extracted.laboratories_covered", "DELETE FROM stg_extracted WHERE submitter = 'DUN'"),
)  # fmt: skip

REQUESTS = (
    Fault("mart_requests.any_rows", "DELETE FROM mart_requests"),
    Fault("mart_requests.key", "INSERT INTO mart_requests SELECT * FROM mart_requests LIMIT 1"),
    *(
        _all(f"mart_requests.ethnic_group_recorded_by_{group}", "has_ethnic_group = FALSE", where)
        for group, where in (
            ("residence_board", "residence_board = 'S08000031'"), ("receiving_lab", "receiving_lab = 'GLA'"),
            ("directory", "directory = 'rare'"), ("referrer_specialty", "TRUE"),
        )
    ),
    *(
        _all(f"mart_requests.ethnicity_{category}_by_{group}", f"ethnic_category = '{category}'", where)
        for category in ("not_recorded", "not_known", "declined", "unmapped")
        for group, where in (
            ("residence_board", "residence_board = 'S08000031'"), ("receiving_lab", "receiving_lab = 'GLA'"),
            ("directory", "directory = 'rare'"), ("referrer_specialty", "TRUE"),
        )
    ),
    _all("mart_requests.ethnicity_of_person", "ethnic_category = 'asian'", "month(received_date) % 2 = 0"),
    *(
        _all(f"mart_requests.groups_represented_in_{what}", "ethnic_category = 'asian'")
        for what in ("people_tested", "variant_deposits", "research_consents")
    ),
    _all("mart_requests.diverse_groups_by_residence_board", "ethnic_group = 'white_scottish'"),
    _all("mart_requests.diverse_groups_by_receiving_lab", "ethnic_group = 'white_scottish'"),
    Fault(
        "mart_requests.turnaround_row_there",
        "UPDATE mart_requests SET has_turnaround = FALSE WHERE receiving_lab = 'EDI' AND received_month = '2026-03-01'",
        "turnaround",
    ),
    Fault(
        "mart_requests.outcome_row_there",
        "UPDATE mart_requests SET request_id = request_id || 'X' "
        "WHERE receiving_lab = 'EDI' AND received_month = '2026-03-01'",
        "outcomes",
    ),
)  # fmt: skip

CLOCKS = (
    Fault("mart_clock.key", "INSERT INTO mart_clock SELECT * FROM mart_clock LIMIT 1"),
    _set("mart_clock.standard_event", "standard_event = 'decision'", extract="turnaround"),
    _set("mart_clock.none_lost", "request_id = request_id || 'X'", extract="turnaround"),
    _all("mart_clock.clock_as_standard", "clock_start_event = 'collected'", "standard_event = 'received'"),
    _set("mart_clock.reported_has_date", "report_date = NULL", "request_status = 'reported'", extract="turnaround"),
    _set("mart_clock.date_means_reported", "request_status = 'in_progress'", extract="turnaround"),
    _set("mart_clock.cancelled_not_reported", "request_status = 'cancelled'", extract="turnaround"),
    _set("mart_clock.cancelled_has_date", "request_status = 'cancelled'", extract="turnaround"),
    _set("mart_clock.date_means_cancelled", "cancelled_date = extracted_on", extract="turnaround"),
    _set("mart_clock.turned_away_not_worked", "request_status = 'rejected'", extract="turnaround"),
)

WAITS = (
    Fault("mart_turnaround.any_rows", "DELETE FROM mart_turnaround"),
    Fault("mart_turnaround.key", "INSERT INTO mart_turnaround SELECT * FROM mart_turnaround LIMIT 1"),
    _all("mart_turnaround.request_known", "request_id = request_id || 'X'"),
    _set("mart_turnaround.report_by_extraction", "report_date = judged_on + 1", extract="turnaround"),
    _set("mart_turnaround.days_not_negative", "gross_days = -1", extract="turnaround"),
    _set("mart_turnaround.due_after_start", "due_date = clock_start - 1", extract="turnaround"),
    _set("mart_turnaround.due_date_there", "due_date = NULL", extract="turnaround"),
    _set("mart_turnaround.paused_within_days", "paused = gross_days + 1", extract="turnaround"),
    _set(
        "mart_turnaround.two_ways_agree",
        "days_used = target_days + 1",
        "report_date <= due_date",
        extract="turnaround",
    ),
    _set("mart_turnaround.under_two_years", "gross_days = 731", extract="turnaround"),
    _all("mart_turnaround.standard_named", "target_days = NULL", "receiving_lab = 'GLA'"),
    Fault("mart_open_requests.key", "INSERT INTO mart_open_requests SELECT * FROM mart_open_requests LIMIT 1"),
    _all("mart_open_requests.request_known", "request_id = request_id || 'X'"),
    _all("mart_open_requests.days_not_negative", "open_days = -1"),
    _all("mart_open_requests.month_ends", "snapshot_date = snapshot_date - 1"),
    _all("mart_open_requests.overdue_or_not", "is_overdue = NULL"),
    _all("mart_open_requests.open_under_two_years", "open_days = 731"),
    Fault("mart_stages.key", "INSERT INTO mart_stages SELECT * FROM mart_stages LIMIT 1"),
    _all("mart_stages.request_known", "request_id = request_id || 'X'"),
    _all("mart_stages.days_not_negative", "days = -1"),
    Fault("mart_results.key", "INSERT INTO mart_results SELECT * FROM mart_results LIMIT 1"),
    _all("mart_results.request_known", "request_id = request_id || 'X'"),
    _all("mart_results.reported_by_extract", "report_date = judged_on + 1"),
    Fault("mart_programme.key", "INSERT INTO mart_programme SELECT * FROM mart_programme LIMIT 1"),
    _all("mart_programme.completed_by_report", "completed_date = as_at + 1"),
    Fault("mart_workforce.key", "INSERT INTO mart_workforce SELECT * FROM mart_workforce LIMIT 1"),
    _all("mart_workforce.heads_cover_wte", "in_post_wte = in_post_headcount + 1"),
    Fault("mart_todays_standard.key", "INSERT INTO mart_todays_standard SELECT * FROM mart_todays_standard LIMIT 1"),
    _all("mart_todays_standard.request_known", "request_id = request_id || 'X'"),
    _all("mart_todays_standard.due_date_there", "due_date = NULL"),
    Fault("mart_working_days.key", "INSERT INTO mart_working_days SELECT * FROM mart_working_days LIMIT 1"),
    _all("mart_working_days.worked_or_not", "is_worked = 2", "day = DATE '2026-03-03'"),
    _all("mart_working_days.weekends_off", "is_worked = 1", "day = DATE '2026-03-01'"),
    Fault("mart_working_days.no_gap", "DELETE FROM mart_working_days WHERE day = DATE '2026-03-03'"),
    Fault("mart_working_days.hosts_covered", "DELETE FROM mart_working_days WHERE board_code = 'S08000030'"),
    Fault("mart_working_days.holidays_known", "DELETE FROM ref_public_holidays WHERE year(date) = 2026"),
)

POPULATIONS = tuple(
    fault
    for by, columns in {
        "age_sex": ("residence_board", "sex", "age_band"),
        "ethnicity": ("residence_board", "ethnic_category"),
        "simd": ("residence_board", "simd_quintile", "sex", "age_band"),
        "urban_rural": ("residence_board", "urban_rural"),
    }.items()
    for table in (f"mart_population_{by}",)
    for fault in (
        Fault(f"{table}.any_rows", f"DELETE FROM {table}"),
        Fault(f"{table}.key", f"INSERT INTO {table} SELECT * FROM {table} LIMIT 1"),
        _all(f"{table}.population_there", "population = NULL", "residence_board = 'S08000015'"),
        _all(f"{table}.adds_up", "population = population * 1.1", "residence_board = 'S08000015'"),
        *(_all(f"{table}.{column}_code", f"{column} = 'no such code'") for column in columns),
        *(_all(f"{table}.{column}_covered", f"{column} = 'no such code'") for column in columns),
    )
)

FAULTS = (
    *TESTING, *TURNAROUND, *OUTCOMES, *WORKFORCE, *PROGRAMME, *RETURNED, *REQUESTS, *CLOCKS, *WAITS, *POPULATIONS,
)  # fmt: skip
