-- One row a request that fell due: reported within its standard, or not.
-- A request that falls due on the day of extraction still has that day to go, so it is not yet judged.
SELECT
    request_id AS unit_id,
    person_id,
    due_date AS period_date,
    CASE WHEN is_reported AND days_used <= target_days THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_turnaround
WHERE due_date < judged_on
