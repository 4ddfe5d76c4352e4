-- One row an accepted request received; the machinery counts its people once a period.
-- A person counts as recorded when any of the period's requests carries a valid code of an ethnic group.
SELECT
    request_id AS unit_id,
    person_id,
    received_date AS period_date,
    CASE WHEN has_ethnic_group THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_requests
WHERE is_accepted
