-- One row a proband's diagnostic result of the rare directory: explained by a pathogenic variant, or not.
-- Carrier, cascade, predictive, prenatal and repeat analyses are left out, and what does not say whether it explains.
SELECT
    request_id AS unit_id,
    person_id,
    report_date AS period_date,
    CASE WHEN result_category = 'pathogenic' AND explains_referral = 'yes' THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_results
WHERE
    directory = 'rare'
    AND test_purpose = 'diagnostic'
    AND is_proband = 'yes'
    AND result_category <> 'failed'
    AND explains_referral IN ('yes', 'no')
