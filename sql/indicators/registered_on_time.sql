-- One row a site's trainees and census: registered within twelve months of their planned end, of those due.
SELECT
    mart_workforce.post_id AS unit_id,
    mart_workforce.census_date AS period_date,
    mart_workforce.trainees_registered_12m AS numerator,
    mart_workforce.trainees_due_to_register AS denominator
FROM mart_workforce
WHERE mart_workforce.trainees_due_to_register > 0 AND mart_workforce.trainees_registered_12m IS NOT NULL
