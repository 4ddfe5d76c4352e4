-- One row a request with a standard that was reported.
SELECT
    request_id AS unit_id,
    person_id,
    report_date AS period_date
FROM mart_turnaround
WHERE is_reported
