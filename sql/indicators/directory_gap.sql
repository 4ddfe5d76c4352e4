-- One row an indication of another directory and report: without a Scottish test that answers it, or with one.
SELECT
    report_id AS unit_id,
    as_at AS period_date,
    CASE WHEN test_code IS NULL THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_programme
WHERE item_type = 'directory_mapping'
