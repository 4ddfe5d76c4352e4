-- One row an accepted request received: calendar days from clock start to report, pauses left in; open ones count.
SELECT
    request_id AS unit_id,
    person_id,
    received_date AS period_date,
    gross_days AS days,
    CASE WHEN is_reported THEN 1 ELSE 0 END AS is_event
FROM mart_turnaround
