-- One row a report that is two days old: visible in the record on its day or the next, or later or never.
SELECT
    mart_clock.request_id AS unit_id,
    mart_clock.person_id,
    mart_clock.report_date AS period_date,
    CASE WHEN seen_day.day_number - report_day.day_number <= 1 THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_clock
INNER JOIN mart_requests ON mart_clock.request_id = mart_requests.request_id
INNER JOIN ref_days AS report_day ON mart_clock.report_date = report_day.day
INNER JOIN ref_days AS judged_day ON mart_clock.judged_on = judged_day.day
LEFT JOIN ref_days AS seen_day ON mart_clock.report_visible_date = seen_day.day
WHERE mart_requests.is_accepted AND judged_day.day_number - report_day.day_number >= 2
