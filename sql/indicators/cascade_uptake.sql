-- One row a report with eligible relatives that is a year old: how many of them were tested within twelve months.
SELECT
    mart_results.request_id AS unit_id,
    mart_results.person_id,
    year_later.day AS period_date,
    mart_results.relatives_tested_12m AS numerator,
    mart_results.relatives_eligible AS denominator
FROM mart_results
INNER JOIN ref_days AS report_day ON mart_results.report_date = report_day.day
INNER JOIN ref_days AS year_later ON report_day.day_number + 365 = year_later.day_number
WHERE
    mart_results.relatives_eligible > 0
    AND mart_results.relatives_tested_12m IS NOT NULL
    AND year_later.day < mart_results.judged_on
