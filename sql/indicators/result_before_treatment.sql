-- One row a cancer report with a day of the decision to treat 180 days ago or more: reported by that day, or later.
-- Before then those reported late, and those not followed up yet, are missing, and the rest looks better than it is.
SELECT
    mart_results.request_id AS unit_id,
    mart_results.person_id,
    half_year.day AS period_date,
    CASE WHEN mart_results.report_date <= mart_results.decision_to_treat_date THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_results
INNER JOIN ref_days AS decision_day ON mart_results.decision_to_treat_date = decision_day.day
INNER JOIN ref_days AS half_year ON decision_day.day_number + 180 = half_year.day_number
WHERE mart_results.directory = 'cancer' AND half_year.day < mart_results.judged_on
