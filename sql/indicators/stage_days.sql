-- One row an accepted request received and a stage that it has entered: calendar days in it; open stages still count.
SELECT
    stage_id AS unit_id,
    person_id,
    received_date AS period_date,
    days,
    CASE WHEN is_over THEN 1 ELSE 0 END AS is_event
FROM mart_stages
