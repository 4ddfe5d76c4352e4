-- One row a published year of pregnancy screening: uptake in percent.
SELECT
    report_id AS unit_id,
    completed_date AS period_date,
    100 * value AS numerator,
    100 AS denominator
FROM mart_programme
WHERE item_type = 'screening_context' AND is_newest AND value IS NOT NULL
