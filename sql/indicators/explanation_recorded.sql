-- One row a proband's diagnostic result of the rare directory: whether it says if it explains the referral.
SELECT
    request_id AS unit_id,
    person_id,
    report_date AS period_date,
    CASE WHEN explains_referral IN ('yes', 'no') THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_results
WHERE
    directory = 'rare'
    AND test_purpose = 'diagnostic'
    AND is_proband = 'yes'
    AND result_category <> 'failed'
