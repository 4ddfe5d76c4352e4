-- One row a result with a variant that was reclassified 60 days ago or more:
-- the person contacted within 60 days, or not.
SELECT
    mart_results.request_id AS unit_id,
    mart_results.person_id,
    last_day.day AS period_date,
    CASE WHEN mart_results.recontacted_date <= last_day.day THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_results
INNER JOIN ref_days AS changed_day ON mart_results.reclassified_date = changed_day.day
INNER JOIN ref_days AS last_day ON changed_day.day_number + 60 = last_day.day_number
WHERE last_day.day < mart_results.judged_on
