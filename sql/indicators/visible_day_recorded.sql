-- One row a report that is two days old: whether a day is recorded on which it became visible in the record.
SELECT
    mart_clock.request_id AS unit_id,
    mart_clock.person_id,
    mart_clock.report_date AS period_date,
    CASE WHEN mart_clock.report_visible_date IS NOT NULL THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_clock
INNER JOIN mart_requests ON mart_clock.request_id = mart_requests.request_id
INNER JOIN ref_days AS report_day ON mart_clock.report_date = report_day.day
INNER JOIN ref_days AS judged_day ON mart_clock.judged_on = judged_day.day
WHERE mart_requests.is_accepted AND judged_day.day_number - report_day.day_number >= 2
