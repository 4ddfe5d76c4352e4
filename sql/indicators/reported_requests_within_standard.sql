-- One row a request that fell due and has been reported: within its standard, or not.
-- It stands beside 2.1 and never in its place: this share rises when old requests are left unreported.
SELECT
    request_id AS unit_id,
    person_id,
    due_date AS period_date,
    CASE WHEN days_used <= target_days THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_turnaround
WHERE due_date < judged_on AND is_reported
