-- One row a request from outside genetics, accepted or not: accepted as it first came, or returned or rejected.
SELECT
    request_id AS unit_id,
    person_id,
    received_date AS period_date,
    CASE WHEN first_pass_accepted = 'yes' THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_requests
WHERE referrer_specialty NOT IN ('A3', 'not_recorded') AND first_pass_accepted IN ('yes', 'no')
