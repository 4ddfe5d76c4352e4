-- One row an actionable report followed for 90 days or more: a first action recorded by day 90, or none by then.
-- The same reports as report_to_action_days; an action before the report counts as on its day.
SELECT
    mart_results.request_id AS unit_id,
    mart_results.person_id,
    mart_results.report_date AS period_date,
    CASE WHEN acted.day_number - report_day.day_number <= 90 THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_results
INNER JOIN ref_days AS report_day ON mart_results.report_date = report_day.day
INNER JOIN ref_days AS followed ON mart_results.followed_to_date = followed.day
LEFT JOIN ref_days AS acted ON mart_results.first_action_date = acted.day
WHERE
    mart_results.result_category IN ('pathogenic', 'actionable', 'familial_present')
    AND followed.day_number - report_day.day_number >= 90
