-- One row an accepted request that holds an ethnic group where the linked record of the person holds one too.
-- The machinery counts its people once a period. Null rules the person out: one request that differs is enough.
SELECT
    request_id AS unit_id,
    person_id,
    received_date AS period_date,
    CASE WHEN ethnic_category = linked_ethnic_category THEN 1 END AS numerator,
    1 AS denominator
FROM mart_requests
WHERE
    is_accepted
    AND has_ethnic_group
    AND linked_ethnic_category NOT IN ('declined', 'not_known', 'not_recorded', 'unmapped')
