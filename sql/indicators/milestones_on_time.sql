-- One row an action that is due by the day of the report: completed by its due date, or not.
SELECT
    report_id AS unit_id,
    as_at AS period_date,
    CASE WHEN completed_date <= due_date THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_programme
WHERE item_type = 'action' AND due_date <= as_at
