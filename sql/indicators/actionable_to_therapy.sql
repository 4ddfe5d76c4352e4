-- One row a cancer report with an actionable variant that is 183 days old: therapy or trial begun by then, or not.
SELECT
    mart_results.request_id AS unit_id,
    mart_results.person_id,
    half_year.day AS period_date,
    CASE
        WHEN
            mart_results.matched_therapy_date <= half_year.day OR mart_results.trial_enrolment_date <= half_year.day
            THEN 1
        ELSE 0
    END AS numerator,
    1 AS denominator
FROM mart_results
INNER JOIN ref_days AS report_day ON mart_results.report_date = report_day.day
INNER JOIN ref_days AS half_year ON report_day.day_number + 183 = half_year.day_number
WHERE
    mart_results.directory = 'cancer'
    AND mart_results.actionable_variant = 'yes'
    AND half_year.day < mart_results.judged_on
