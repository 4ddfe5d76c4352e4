-- One row a cancer report that is 180 days old: whether a day of the decision to treat is recorded by now.
SELECT
    mart_results.request_id AS unit_id,
    mart_results.person_id,
    half_year.day AS period_date,
    CASE WHEN mart_results.decision_to_treat_date IS NOT NULL THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_results
INNER JOIN ref_days AS report_day ON mart_results.report_date = report_day.day
INNER JOIN ref_days AS half_year ON report_day.day_number + 180 = half_year.day_number
WHERE mart_results.directory = 'cancer' AND half_year.day < mart_results.judged_on
