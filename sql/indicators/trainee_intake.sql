-- One row a census: trainee clinical scientists started in the twelve months before, of the planning need a year.
SELECT
    min(mart_workforce.post_id) AS unit_id,
    mart_workforce.census_date AS period_date,
    cast(sum(mart_workforce.trainee_starts) AS BIGINT) AS numerator,
    min(ref_planning_needs.need) AS denominator
FROM mart_workforce
INNER JOIN ref_planning_needs ON ref_planning_needs.code = 'trainee_scientists_a_year'
WHERE mart_workforce.trainee_starts IS NOT NULL
GROUP BY mart_workforce.census_date
