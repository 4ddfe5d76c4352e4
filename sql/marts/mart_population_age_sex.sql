-- One row a board, sex and age band: residents at the newest mid-year estimate.
WITH newest AS (
    SELECT max(year) AS year FROM ref_population_age_sex
)

SELECT
    ref_population_age_sex.year,
    ref_population_age_sex.board_code AS residence_board,
    ref_population_age_sex.sex,
    ref_population_age_sex.age_band,
    ref_population_age_sex.population
FROM ref_population_age_sex
INNER JOIN newest ON ref_population_age_sex.year = newest.year
