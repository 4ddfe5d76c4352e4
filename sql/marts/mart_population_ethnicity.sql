-- One row a board and census category: residents on census day 2022, summed from the census groups.
SELECT
    ref_population_ethnicity.board_code AS residence_board,
    ref_ethnic_groups.ethnic_category,
    cast(sum(ref_population_ethnicity.population) AS BIGINT) AS population
FROM ref_population_ethnicity
INNER JOIN ref_ethnic_groups ON ref_population_ethnicity.ethnic_group = ref_ethnic_groups.code
GROUP BY ref_population_ethnicity.board_code, ref_ethnic_groups.ethnic_category
