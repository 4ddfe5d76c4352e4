-- One row a report that is 180 days old and says whether care was changed because of it: changed, or not.
-- Its period is that of care_change_recorded, so that what is not recorded can stand beside both.
SELECT
    mart_results.request_id AS unit_id,
    mart_results.person_id,
    follow_up_day.day AS period_date,
    CASE WHEN mart_results.management_changed = 'yes' THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_results
INNER JOIN ref_days AS report_day ON mart_results.report_date = report_day.day
INNER JOIN ref_days AS follow_up_day ON report_day.day_number + 180 = follow_up_day.day_number
WHERE follow_up_day.day < mart_results.judged_on AND mart_results.management_changed IN ('yes', 'no')
