-- One row a report of an urgent test of a newborn or acutely unwell child: whether it says if care was changed by it.
SELECT
    request_id AS unit_id,
    person_id,
    report_date AS period_date,
    CASE WHEN management_changed IN ('yes', 'no') THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_results
WHERE pathway IN ('neonatal', 'paediatric_acute') AND priority IN ('urgent', 'rapid')
