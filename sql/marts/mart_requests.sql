-- One row a request received, accepted or not, with every dimension conformed; other marts join to it by request_id.
-- Ethnic group follows Census 2022; declined, not known, not recorded and unrecognised codes stay four things.
SELECT
    stg_testing.request_id,
    stg_testing.person_id,
    stg_testing.family_id,
    stg_testing.received_date,
    stg_testing.extracted_on,
    stg_extracted.judged_on,
    stg_testing.request_status,
    stg_testing.request_status NOT IN ('cancelled', 'rejected', 'duplicate') AS is_accepted,
    stg_testing.directory,
    stg_testing.clinical_group,
    stg_testing.test_code,
    stg_testing.technology,
    stg_testing.test_purpose,
    coalesce(stg_testing.pathway, 'not_recorded') AS pathway,
    stg_testing.priority,
    stg_testing.origin,
    coalesce(stg_testing.residence_board, 'not_recorded') AS residence_board,
    stg_testing.requesting_board,
    stg_testing.receiving_lab,
    coalesce(stg_testing.performing_lab, 'not_recorded') AS performing_lab,
    coalesce(stg_testing.referrer_specialty, 'not_recorded') AS referrer_specialty,
    stg_testing.first_pass_accepted,
    coalesce(stg_testing.sample_type, 'not_recorded') AS sample_type,
    stg_testing.sample_outcome,
    stg_testing.sample_count,
    stg_testing.failed_sample_count,
    stg_testing.is_proband,
    stg_testing.genes_tested,
    CASE
        WHEN stg_testing.genes_tested IS NULL THEN 'none'
        WHEN stg_testing.genes_tested <= 10 THEN 'to_10'
        WHEN stg_testing.genes_tested <= 50 THEN 'to_50'
        WHEN stg_testing.genes_tested <= 200 THEN 'to_200'
        ELSE 'over_200'
    END AS panel_size,
    coalesce(stg_testing.age_band, 'not_recorded') AS age_band,
    coalesce(ref_age_groups.age_group, 'not_recorded') AS age_group,
    coalesce(stg_testing.sex, 'not_recorded') AS sex,
    CASE
        WHEN stg_testing.ethnicity_code IS NULL THEN 'not_recorded'
        ELSE coalesce(ref_ethnicity_codes.ethnic_group, 'unmapped')
    END AS ethnic_group,
    CASE
        WHEN stg_testing.ethnicity_code IS NULL THEN 'not_recorded'
        ELSE coalesce(ref_ethnicity_codes.ethnic_category, 'unmapped')
    END AS ethnic_category,
    coalesce(ref_ethnic_categories.is_recorded, 'no') = 'yes' AS has_ethnic_group,
    coalesce(ref_ethnicity_codes.status, '') = 'legacy' AS has_retired_ethnicity_code,
    CASE
        WHEN stg_testing.ethnicity_code_linked IS NULL THEN 'not_recorded'
        ELSE coalesce(linked_codes.ethnic_group, 'unmapped')
    END AS linked_ethnic_group,
    CASE
        WHEN stg_testing.ethnicity_code_linked IS NULL THEN 'not_recorded'
        ELSE coalesce(linked_codes.ethnic_category, 'unmapped')
    END AS linked_ethnic_category,
    stg_testing.interpreter_needed,
    coalesce(cast((stg_testing.simd_decile + 1) // 2 AS VARCHAR), 'not_recorded') AS simd_quintile,
    coalesce(cast(ref_urban_rural_classes.urban_rural_6 AS VARCHAR), 'not_recorded') AS urban_rural,
    coalesce(mart_clock.turnaround_category, 'none') AS turnaround_category,
    mart_clock.request_id IS NOT NULL AS has_turnaround,
    CASE
        WHEN coalesce(mart_clock.paused_days, 0) > 0 THEN coalesce(mart_clock.pause_reason, 'not_recorded')
        ELSE 'none'
    END AS pause_reason,
    ref_days.month_start AS received_month
FROM stg_testing
INNER JOIN stg_extracted ON stg_testing.receiving_lab = stg_extracted.submitter
LEFT JOIN ref_age_groups ON stg_testing.age_band = ref_age_groups.code
LEFT JOIN ref_ethnicity_codes ON stg_testing.ethnicity_code = ref_ethnicity_codes.code
LEFT JOIN ref_ethnicity_codes AS linked_codes ON stg_testing.ethnicity_code_linked = linked_codes.code
LEFT JOIN ref_ethnic_categories ON ref_ethnicity_codes.ethnic_category = ref_ethnic_categories.code
LEFT JOIN ref_urban_rural_classes ON stg_testing.urban_rural_8 = ref_urban_rural_classes.code
LEFT JOIN mart_clock ON stg_testing.request_id = mart_clock.request_id
LEFT JOIN ref_days ON stg_testing.received_date = ref_days.day
