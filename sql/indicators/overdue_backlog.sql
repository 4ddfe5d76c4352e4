-- One row a request open at a month's end: past its due date, or not yet.
SELECT
    open_request_id AS unit_id,
    person_id,
    snapshot_date AS period_date,
    CASE WHEN is_overdue THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_open_requests
