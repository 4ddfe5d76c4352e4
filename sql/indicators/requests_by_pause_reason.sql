-- One row an accepted request received; why its clock was stopped, if it was, is a dimension of the request.
SELECT
    request_id AS unit_id,
    person_id,
    received_date AS period_date
FROM mart_turnaround
