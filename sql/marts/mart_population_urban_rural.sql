-- One row a board and six-fold urban rural class: residents on census day 2022.
SELECT
    ref_population_urban_rural.board_code AS residence_board,
    cast(ref_urban_rural_classes.urban_rural_6 AS VARCHAR) AS urban_rural,
    cast(sum(ref_population_urban_rural.population) AS BIGINT) AS population
FROM ref_population_urban_rural
INNER JOIN ref_urban_rural_classes ON ref_population_urban_rural.urban_rural_8 = ref_urban_rural_classes.code
GROUP BY ref_population_urban_rural.board_code, ref_urban_rural_classes.urban_rural_6
