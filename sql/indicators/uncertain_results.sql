-- One row a proband's panel, exome or genome result of the rare directory, tested for a diagnosis:
-- an uncertain variant and no pathogenic one, or not.
SELECT
    request_id AS unit_id,
    person_id,
    report_date AS period_date,
    CASE WHEN result_category = 'vus' THEN 1 ELSE 0 END AS numerator,
    1 AS denominator
FROM mart_results
WHERE
    directory = 'rare'
    AND test_purpose = 'diagnostic'
    AND is_proband = 'yes'
    AND technology IN ('small_panel', 'large_panel', 'clinical_exome', 'trio_wes', 'wgs')
    AND result_category <> 'failed'
