-- One row a report that is 180 days old: whether it is recorded by now if care was changed because of it.
SELECT
    mart_results.request_id AS unit_id,
    mart_results.person_id,
    follow_up_day.day AS period_date,
    CASE WHEN mart_results.management_changed IN ('yes', 'no') THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_results
INNER JOIN ref_days AS report_day ON mart_results.report_date = report_day.day
INNER JOIN ref_days AS follow_up_day ON report_day.day_number + 180 = follow_up_day.day_number
WHERE follow_up_day.day < mart_results.judged_on
