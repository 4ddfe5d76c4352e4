-- One row a territorial board and report: the national data sharing agreement signed, or not.
SELECT
    report_id AS unit_id,
    as_at AS period_date,
    CASE WHEN completed_date <= as_at THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_programme
WHERE item_type = 'agreement'
