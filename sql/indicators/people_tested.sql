-- One row an accepted request received; the machinery counts its people once a period.
SELECT
    request_id AS unit_id,
    person_id,
    received_date AS period_date
FROM mart_requests
WHERE is_accepted
