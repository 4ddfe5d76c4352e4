-- One row a monthly return that is due by its newest report: received by its due date, or not.
SELECT
    report_id AS unit_id,
    due_date AS period_date,
    CASE WHEN completed_date <= due_date THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_programme
WHERE item_type = 'return_due' AND is_newest AND due_date <= as_at
