-- One row a request that fell due by the standard in force at the record's end: reported within that standard, or not.
SELECT
    request_id AS unit_id,
    person_id,
    due_date AS period_date,
    CASE WHEN is_reported AND days_used <= target_days THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_todays_standard
WHERE due_date < judged_on
