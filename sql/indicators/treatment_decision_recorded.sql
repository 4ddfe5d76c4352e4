-- One row a cancer report: whether a day of the decision to treat is recorded.
SELECT
    request_id AS unit_id,
    person_id,
    report_date AS period_date,
    CASE WHEN decision_to_treat_date IS NOT NULL THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_results
WHERE directory = 'cancer'
