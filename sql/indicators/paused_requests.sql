-- One row an accepted request received: its clock was stopped for at least a day, or not.
SELECT
    request_id AS unit_id,
    person_id,
    received_date AS period_date,
    CASE WHEN paused > 0 THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_turnaround
