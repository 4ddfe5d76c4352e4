-- One row an accepted request received; the machinery counts its people once a period.
-- Null rules the person out: this request tells more of the ethnic group than left blank.
SELECT
    request_id AS unit_id,
    person_id,
    received_date AS period_date,
    CASE WHEN ethnic_category = 'not_recorded' THEN 1 END AS numerator,
    1 AS denominator
FROM mart_requests
WHERE is_accepted
