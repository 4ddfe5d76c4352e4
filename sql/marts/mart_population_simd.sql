-- One row a board, SIMD quintile (population weighted), sex and age band to 85+: residents on census day 2022.
SELECT
    board_code AS residence_board,
    cast(simd_quintile AS VARCHAR) AS simd_quintile,
    sex,
    age_band,
    population
FROM ref_population_simd_age_sex
