-- One row a request with a standard that is open at a month's end.
SELECT
    open_request_id AS unit_id,
    person_id,
    snapshot_date AS period_date
FROM mart_open_requests
