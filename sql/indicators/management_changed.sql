-- One row a report for which it is recorded whether care was changed because of it.
-- What is not recorded is never counted as no.
SELECT
    request_id AS unit_id,
    person_id,
    report_date AS period_date,
    CASE WHEN management_changed = 'yes' THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_results
WHERE management_changed IN ('yes', 'no')
