-- One row an accepted request: how many of the ten fields that measures need, and that may be left blank, are filled.
SELECT
    stg_testing.request_id AS unit_id,
    stg_testing.person_id,
    stg_testing.received_date AS period_date,
    CASE WHEN stg_testing.residence_board IS NULL THEN 0 ELSE 1 END
    + CASE WHEN stg_testing.performing_lab IS NULL THEN 0 ELSE 1 END
    + CASE WHEN stg_testing.referrer_specialty IS NULL THEN 0 ELSE 1 END
    + CASE WHEN stg_testing.sample_type IS NULL THEN 0 ELSE 1 END
    + CASE WHEN stg_testing.pathway IS NULL THEN 0 ELSE 1 END
    + CASE WHEN stg_testing.sex IS NULL THEN 0 ELSE 1 END
    + CASE WHEN stg_testing.age_band IS NULL THEN 0 ELSE 1 END
    + CASE WHEN stg_testing.simd_decile IS NULL THEN 0 ELSE 1 END
    + CASE WHEN stg_testing.urban_rural_8 IS NULL THEN 0 ELSE 1 END
    + CASE WHEN stg_testing.ethnicity_code IS NULL THEN 0 ELSE 1 END AS numerator,
    10 AS denominator
FROM stg_testing
INNER JOIN mart_requests ON stg_testing.request_id = mart_requests.request_id
WHERE mart_requests.is_accepted
