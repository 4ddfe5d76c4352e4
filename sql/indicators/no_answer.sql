-- One row a proband's diagnostic report of the rare directory: nothing found or the sample failed, or an answer.
SELECT
    request_id AS unit_id,
    person_id,
    report_date AS period_date,
    CASE WHEN result_category IN ('negative', 'failed') THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_results
WHERE
    directory = 'rare'
    AND test_purpose = 'diagnostic'
    AND is_proband = 'yes'
