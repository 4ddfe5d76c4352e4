-- One row a staff group and quarter, as its newest report tells it: clinicians trained, of those eligible.
SELECT
    report_id AS unit_id,
    due_date AS period_date,
    value AS numerator,
    target AS denominator
FROM mart_programme
WHERE item_type = 'learning' AND is_newest AND value IS NOT NULL AND target > 0
