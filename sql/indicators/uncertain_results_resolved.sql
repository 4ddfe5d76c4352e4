-- One row an uncertain result that is two years old: reclassified within that time, or not.
SELECT
    mart_results.request_id AS unit_id,
    mart_results.person_id,
    two_years.day AS period_date,
    CASE WHEN mart_results.reclassified_date <= two_years.day THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_results
INNER JOIN ref_days AS report_day ON mart_results.report_date = report_day.day
INNER JOIN ref_days AS two_years ON report_day.day_number + 730 = two_years.day_number
WHERE
    mart_results.result_category = 'vus'
    AND two_years.day < mart_results.judged_on
