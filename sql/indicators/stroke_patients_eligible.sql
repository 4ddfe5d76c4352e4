-- One row a board and month, as its newest report tells it: people with a stroke who were eligible for CYP2C19 testing.
SELECT
    report_id AS unit_id,
    due_date AS period_date,
    value AS numerator,
    NULL AS denominator
FROM mart_programme
WHERE item_type = 'eligible_patients' AND is_newest AND value IS NOT NULL
