-- One row an accepted germline request for which it is recorded whether information or counselling was offered.
SELECT
    stg_testing.request_id AS unit_id,
    stg_testing.person_id,
    stg_testing.received_date AS period_date,
    CASE WHEN stg_testing.information_offered = 'yes' THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM stg_testing
INNER JOIN mart_requests ON stg_testing.request_id = mart_requests.request_id
WHERE
    mart_requests.is_accepted
    AND mart_requests.origin = 'germline'
    AND stg_testing.information_offered IN ('yes', 'no')
