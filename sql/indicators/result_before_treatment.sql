-- One row a cancer report with a recorded day of the decision to treat: reported by that day, or later.
SELECT
    request_id AS unit_id,
    person_id,
    decision_to_treat_date AS period_date,
    CASE WHEN report_date <= decision_to_treat_date THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_results
WHERE directory = 'cancer' AND decision_to_treat_date IS NOT NULL
