-- One row a reported request: linked to hospital, cancer or prescribing records, or to none of them.
-- Where none is linked and one is not recorded, it cannot be told, and the request is left out.
SELECT
    stg_testing.request_id AS unit_id,
    stg_testing.person_id,
    mart_clock.report_date AS period_date,
    CASE
        WHEN 'yes' IN (stg_testing.linked_smr, stg_testing.linked_cancer_registry, stg_testing.linked_prescribing)
            THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator
FROM stg_testing
INNER JOIN mart_requests ON stg_testing.request_id = mart_requests.request_id
INNER JOIN mart_clock ON stg_testing.request_id = mart_clock.request_id
WHERE
    mart_requests.is_accepted
    AND mart_clock.report_date IS NOT NULL
    AND (
        'yes' IN (stg_testing.linked_smr, stg_testing.linked_cancer_registry, stg_testing.linked_prescribing)
        OR 'not_recorded' NOT IN (
            stg_testing.linked_smr, stg_testing.linked_cancer_registry, stg_testing.linked_prescribing
        )
    )
