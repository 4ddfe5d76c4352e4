-- One row a report of a pathogenic variant of the rare directory that is a year old:
-- whether it is recorded how many relatives are eligible and how many were tested.
SELECT
    mart_results.request_id AS unit_id,
    mart_results.person_id,
    year_later.day AS period_date,
    CASE
        WHEN mart_results.relatives_eligible IS NOT NULL AND mart_results.relatives_tested_12m IS NOT NULL THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator
FROM mart_results
INNER JOIN ref_days AS report_day ON mart_results.report_date = report_day.day
INNER JOIN ref_days AS year_later ON report_day.day_number + 365 = year_later.day_number
WHERE
    mart_results.directory = 'rare'
    AND mart_results.result_category = 'pathogenic'
    AND year_later.day < mart_results.judged_on
