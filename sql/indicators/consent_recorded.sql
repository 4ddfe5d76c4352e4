-- One row an accepted germline request: whether consent for teaching, audit and research is each recorded.
SELECT
    stg_testing.request_id AS unit_id,
    stg_testing.person_id,
    stg_testing.received_date AS period_date,
    CASE
        WHEN
            'not_recorded' IN (stg_testing.consent_teaching, stg_testing.consent_audit, stg_testing.consent_research)
            THEN 0
        ELSE 1
    END AS numerator,
    1 AS denominator
FROM stg_testing
INNER JOIN mart_requests ON stg_testing.request_id = mart_requests.request_id
WHERE mart_requests.is_accepted AND mart_requests.origin = 'germline'
