-- One row an actionable report followed for 90 days or more: days to the first action, or so far without one.
SELECT
    mart_results.request_id AS unit_id,
    mart_results.person_id,
    mart_results.report_date AS period_date,
    greatest(ended.day_number - report_day.day_number, 0) AS days,
    CASE WHEN mart_results.first_action_date IS NOT NULL THEN 1 ELSE 0 END AS is_event
FROM mart_results
INNER JOIN ref_days AS report_day ON mart_results.report_date = report_day.day
INNER JOIN ref_days AS followed ON mart_results.followed_to_date = followed.day
INNER JOIN ref_days AS ended ON coalesce(mart_results.first_action_date, mart_results.followed_to_date) = ended.day
WHERE
    mart_results.result_category IN ('pathogenic', 'actionable', 'familial_present')
    AND followed.day_number - report_day.day_number >= 90
